//! One tone of a burst: its frequency by the turn of its phase from hop to hop.
#![forbid(unsafe_code)]

use super::peaks::LOBE;
use crate::detect::stft::{BIN_HZ, Spectrum};
use crate::dsp::bank::Complex;
use std::f32::consts::{PI, TAU};

/// Hops a second.
const HOPS_HZ: f32 = 100.0;

/// One tone of a burst.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tone {
    pub bin: usize,
    last: Complex,
    /// Of late.
    pub hz: f32,
    turns: Complex,
    powers: f32,
    /// Hops.
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

    /// How far a turn of this many radians a hop is from the bin's own.
    fn hz_of(&self, turn: f32) -> f32 {
        let own = TAU * (self.bin as f32 * BIN_HZ / HOPS_HZ).fract();
        let off = (turn - own + PI).rem_euclid(TAU) - PI;
        self.bin as f32 * BIN_HZ + off / TAU * HOPS_HZ
    }

    /// Its frequency at this hop.
    pub fn turn(&mut self, spectrum: &Spectrum) -> (Complex, f32) {
        let turn = spectrum.bins[self.bin].against(self.last);
        self.last = spectrum.bins[self.bin];
        (turn, self.hz_of(turn.phase()))
    }

    pub fn add(&mut self, turn: Complex, hz: f32, power: f32) {
        self.turns = self.turns.plus(turn);
        self.powers += power;
        self.count += 1;
        // The first may come from a window that was not full yet.
        let gain = if self.count <= 2 { 1.0 } else { 0.3 };
        self.hz += gain * (hz - self.hz);
    }

    pub fn mean_hz(&self) -> f32 {
        if self.count == 0 {
            return self.hz;
        }
        self.hz_of(self.turns.phase())
    }

    pub fn mean_power(&self) -> f32 {
        self.powers / self.count.max(1) as f32 / LOBE
    }
}
