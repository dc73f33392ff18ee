//! One tone of a burst. Its frequency follows from the phase advance of its bin from hop to hop.
#![forbid(unsafe_code)]

use super::peaks::LOBE;
use crate::detect::stft::{BIN_HZ, Spectrum};
use crate::dsp::bank::Complex;
use std::f32::consts::{PI, TAU};

/// Hops per second.
const HOPS_HZ: f32 = 100.0;

/// One tone of a burst.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tone {
    pub bin: usize,
    /// Value of the bin at the last hop.
    last: Complex,
    /// Recent frequency, smoothed.
    pub hz: f32,
    rotation_sum: Complex,
    power_sum: f32,
    /// Hops added.
    pub count: u32,
}

impl Tone {
    pub fn new(bin: usize, last: Complex) -> Self {
        Self {
            bin,
            last,
            hz: bin as f32 * BIN_HZ,
            ..Self::default()
        }
    }

    /// Frequency of a tone near the bin whose phase advances by `phase` radians per hop.
    fn hz_from_phase(&self, phase: f32) -> f32 {
        let own = TAU * (self.bin as f32 * BIN_HZ / HOPS_HZ).fract();
        let off = (phase - own + PI).rem_euclid(TAU) - PI;
        self.bin as f32 * BIN_HZ + off / TAU * HOPS_HZ
    }

    /// Moves to the next hop. Returns the rotation of the bin since the last hop, and the frequency in Hz.
    pub fn advance(&mut self, spectrum: &Spectrum) -> (Complex, f32) {
        let rotation = spectrum.bins[self.bin].mul_conj(self.last);
        self.last = spectrum.bins[self.bin];
        (rotation, self.hz_from_phase(rotation.phase()))
    }

    /// Adds a hop to the means. `power`: of the peak with its neighbours.
    pub fn add(&mut self, rotation: Complex, hz: f32, power: f32) {
        self.rotation_sum = self.rotation_sum.plus(rotation);
        self.power_sum += power;
        self.count += 1;
        // The window of the first hop may hold only part of the tone.
        let gain = if self.count <= 2 { 1.0 } else { 0.3 };
        self.hz += gain * (hz - self.hz);
    }

    /// Mean frequency.
    pub fn mean_hz(&self) -> f32 {
        if self.count == 0 {
            return self.hz;
        }
        self.hz_from_phase(self.rotation_sum.phase())
    }

    /// Mean squared amplitude.
    pub fn mean_power(&self) -> f32 {
        self.power_sum / self.count.max(1) as f32 / LOBE
    }
}
