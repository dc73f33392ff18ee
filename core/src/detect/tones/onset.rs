//! A tone that begins: it is none before the window is full of it, and began before that.
#![forbid(unsafe_code)]

use super::peaks::PeakFinder;
use super::tone::Tone;
use crate::detect::stft::{HOP, Spectrum};
use crate::dsp::bank::Complex;
use crate::time::Samples;

/// Looks that are remembered until the tone has risen.
const RISE: usize = 8;

/// Looks at a tone that begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Onset {
    pub look: PeakFinder,
    /// The window's middle at the first look.
    pub first: Samples,
    lobes: [f32; RISE],
    count: usize,
    /// The latest look's values about its peaks.
    around: [Around; 2],
}

/// A few bins' values.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    bin: usize,
    values: [Complex; 5],
}

impl Around {
    fn new(bin: usize, spectrum: &Spectrum) -> Self {
        Self {
            bin,
            values: std::array::from_fn(|i| spectrum.bins[bin + i - 2]),
        }
    }

    fn value(&self, bin: usize) -> Option<Complex> {
        self.values.get((bin + 2).checked_sub(self.bin)?).copied()
    }
}

impl Onset {
    pub fn begin(look: PeakFinder, middle: Samples) -> Self {
        let mut lobes = [0.0; RISE];
        lobes[0] = look.lobes;
        Self {
            look,
            first: middle,
            lobes,
            count: 1,
            ..Self::default()
        }
    }

    pub fn keep(&mut self, spectrum: &Spectrum) {
        self.around[0] = Around::new(self.look.bin, spectrum);
        self.around[1] = Around::new(self.look.second.unwrap_or(self.look.bin), spectrum);
    }

    /// The tone of a bin, from the latest look on.
    pub fn tone(&self, bin: usize) -> Option<Tone> {
        let value = self.around.iter().find_map(|around| around.value(bin));
        value.map(|value| Tone::new(bin, value))
    }

    /// The next look: whether it is still the same that rises.
    pub fn goes_on(&mut self, look: &PeakFinder) -> bool {
        let near = |bin: usize| bin.abs_diff(self.look.bin) <= 2;
        if !(near(look.bin) || look.second.is_some_and(near)) {
            return false;
        }
        if self.count == RISE {
            self.lobes.copy_within(1.., 0);
            self.first += HOP as Samples;
            self.count -= 1;
        }
        self.lobes[self.count] = look.lobes;
        self.count += 1;
        self.look = *look;
        true
    }

    /// It has risen: the window is full of it.
    pub fn has_risen(&self) -> bool {
        self.count >= 3 && self.lobes[self.count - 1] < 1.3 * self.lobes[self.count - 2]
    }

    /// Where it began: a window that it fills by half shows half of its amplitude.
    pub fn start(&self, full: f32) -> Samples {
        let half = full.sqrt() / 2.0;
        let amplitude = |i: usize| self.lobes[i].sqrt();
        let above = (0..self.count)
            .find(|&i| amplitude(i) >= half)
            .unwrap_or(self.count - 1);
        let below = if above == 0 {
            0.0
        } else {
            amplitude(above - 1)
        };
        let back = (amplitude(above) - half) / (amplitude(above) - below).max(half);
        let at = back.clamp(0.0, 1.0) * HOP as f32;
        (self.first + (above * HOP) as Samples).saturating_sub(at as Samples)
    }
}
