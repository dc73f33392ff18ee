//! The onset of a tone: its power rises until the window is full. The start of the tone is interpolated from the rise.
#![forbid(unsafe_code)]

use super::peaks::Peaks;
use super::tone::Tone;
use crate::detect::stft::{HOP, Spectrum};
use crate::dsp::bank::Complex;
use crate::time::Samples;

/// Hops kept while the power rises.
const HISTORY: usize = 8;

/// The rising part of a tone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Onset {
    /// Peaks of the latest hop.
    pub peaks: Peaks,
    /// Middle of the window at the first hop.
    pub first: Samples,
    /// Power of the peaks at each hop.
    lobes: [f32; HISTORY],
    count: usize,
    /// Values around both peaks at the latest hop.
    neighborhoods: [Neighborhood; 2],
}

/// The values of five adjacent bins; `bin` is the middle one.
#[derive(Clone, Copy, Debug, Default)]
struct Neighborhood {
    bin: usize,
    values: [Complex; 5],
}

impl Neighborhood {
    fn new(bin: usize, spectrum: &Spectrum) -> Self {
        Self {
            bin,
            values: std::array::from_fn(|i| spectrum.bins[bin + i - 2]),
        }
    }

    /// The value of `bin`; `None` if it is out of range.
    fn value(&self, bin: usize) -> Option<Complex> {
        self.values.get((bin + 2).checked_sub(self.bin)?).copied()
    }
}

impl Onset {
    /// Starts with the peaks of a first hop.
    pub fn new(peaks: Peaks, middle: Samples) -> Self {
        let mut lobes = [0.0; HISTORY];
        lobes[0] = peaks.lobes;
        Self {
            peaks,
            first: middle,
            lobes,
            count: 1,
            ..Self::default()
        }
    }

    /// Stores the values around the peaks.
    pub fn store(&mut self, spectrum: &Spectrum) {
        self.neighborhoods[0] = Neighborhood::new(self.peaks.bin, spectrum);
        self.neighborhoods[1] =
            Neighborhood::new(self.peaks.second.unwrap_or(self.peaks.bin), spectrum);
    }

    /// The tone of a bin, starting at the latest hop; `None` if the bin is near no peak.
    pub fn tone(&self, bin: usize) -> Option<Tone> {
        let value = self
            .neighborhoods
            .iter()
            .find_map(|neighborhood| neighborhood.value(bin));
        value.map(|value| Tone::new(bin, value))
    }

    /// Adds the next hop. Returns false if its peaks belong to another tone.
    pub fn extend(&mut self, peaks: &Peaks) -> bool {
        let near = |bin: usize| bin.abs_diff(self.peaks.bin) <= 2;
        if !(near(peaks.bin) || peaks.second.is_some_and(near)) {
            return false;
        }
        if self.count == HISTORY {
            self.lobes.copy_within(1.., 0);
            self.first += HOP as Samples;
            self.count -= 1;
        }
        self.lobes[self.count] = peaks.lobes;
        self.count += 1;
        self.peaks = *peaks;
        true
    }

    /// Whether the rise is complete: the window is full of the tone.
    pub fn is_complete(&self) -> bool {
        self.count >= 3 && self.lobes[self.count - 1] < 1.3 * self.lobes[self.count - 2]
    }

    /// First sample of the tone, interpolated: a window that the tone fills by half shows half of its amplitude. `full_power`:
    /// power of the peaks in a full window.
    pub fn start(&self, full_power: f32) -> Samples {
        let half = full_power.sqrt() / 2.0;
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
