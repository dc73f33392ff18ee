//! One bin's values, hop after hop: what a longer window would see near it.
#![forbid(unsafe_code)]

use crate::detect::stft::BIN_HZ;
use crate::dsp::bank::Complex;
use once_cell::sync::Lazy;
use std::f32::consts::{PI, TAU};

/// Hops that are remembered.
const LENGTH: usize = 48;

/// Hops a second.
const HOPS_HZ: f32 = 100.0;

/// Pairs of tones that 32 ms do not keep apart, in Hz: North America, Britain, Australia, the Philippines.
const PAIRS: [(f32, f32); 4] = [
    (440.0, 480.0),
    (400.0, 450.0),
    (400.0, 425.0),
    (425.0, 480.0),
];

/// What a hop turns each pair by: the sum of both turns, and their product.
static TURNS: Lazy<[(Complex, Complex); PAIRS.len()]> = Lazy::new(|| {
    let unit = |hz: f32| Complex::unit(f64::from(TAU * hz / HOPS_HZ));
    PAIRS.map(|(a, b)| (unit(a).plus(unit(b)), unit(a + b)))
});

/// The bins in which such a pair is strongest.
const PAIR_BINS: std::ops::RangeInclusive<usize> = 12..=16;

/// What a pair leaves unexplained of its power, noise of its own power included.
const PAIR_LEFT: f32 = 0.25;

/// One line of a fine spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Peak {
    pub hz: f32,
    pub power: f32,
}

/// The values of one bin.
#[derive(Clone, Debug)]
pub(super) struct BinHistory {
    values: [Complex; LENGTH],
    count: usize,
    left: [f32; PAIRS.len()],
    there: f32,
}

impl Default for BinHistory {
    fn default() -> Self {
        Self {
            values: [Complex::default(); LENGTH],
            count: 0,
            left: [0.0; PAIRS.len()],
            there: 0.0,
        }
    }
}

impl BinHistory {
    pub fn push(&mut self, value: Complex) {
        self.values[self.count % LENGTH] = value;
        self.count += 1;
    }

    /// The value of so many hops ago.
    fn ago(&self, hops: usize) -> Complex {
        self.values[(self.count - 1 - hops) % LENGTH]
    }

    /// Whether the last hops are a pair of tones that beat.
    pub fn is_pair(&mut self, bin: usize) -> bool {
        if !PAIR_BINS.contains(&bin) || self.count < 3 {
            return false;
        }
        let [x, y, z] = [0, 1, 2].map(|n| self.ago(n));
        self.there = 0.8 * self.there + x.power().max(y.power());
        let mut is_pair = false;
        for (left, &(sum, product)) in self.left.iter_mut().zip(TURNS.iter()) {
            // x - (a + b) y + a b z is nothing if x is made of these two.
            let (sum, product) = (y.turned(sum), z.turned(product));
            let rest = Complex {
                re: x.re - sum.re + product.re,
                im: x.im - sum.im + product.im,
            };
            *left = 0.8 * *left + rest.power();
            is_pair |= *left < PAIR_LEFT * self.there;
        }
        is_pair && self.count >= 6
    }

    /// Whether the phase has turned round within the last 60 ms, and is steady before and after.
    pub fn turned(&self, hz: f32) -> bool {
        const APART: usize = 6;
        if self.count < APART + 3 {
            return false;
        }
        let turn = |from: usize, hops: usize| {
            let off = self.ago(from).against(self.ago(from + hops)).phase()
                - TAU * (hz * hops as f32 / HOPS_HZ).fract();
            (off + PI).rem_euclid(TAU) - PI
        };
        let powers = [0, 1, APART, APART + 1].map(|n| self.ago(n).power());
        let most = powers.iter().fold(0.0, |a: f32, &b| a.max(b));
        powers.iter().all(|&p| p > most / 3.0)
            && turn(0, APART).abs() > 2.3
            && turn(1, APART).abs() > 2.3
            && turn(0, 1).abs() < 0.5
            && turn(APART, 1).abs() < 0.5
    }

    /// The lines of a fine spectrum within 45 Hz of the bin, strongest first; `skip` hops at the end do not count.
    pub fn peaks(&self, bin: usize, skip: usize) -> [Peak; 3] {
        const GRID: usize = 64;
        const FROM_HZ: f32 = -46.0;
        const STEP_HZ: f32 = 92.0 / (GRID - 1) as f32;
        let mut peaks = [Peak::default(); 3];
        let n = self.count.min(LENGTH).saturating_sub(skip);
        if n < 8 {
            return peaks;
        }
        let middle = bin as f32 * BIN_HZ;
        let mut spectrum = [0.0f32; GRID];
        for (g, out) in spectrum.iter_mut().enumerate() {
            let hz = FROM_HZ + g as f32 * STEP_HZ;
            let step = Complex::unit(f64::from(-TAU * (middle + hz) / HOPS_HZ));
            let (mut sum, mut unit) = (Complex::default(), Complex::unit(0.0));
            for i in 0..n {
                let hann = 1.0 - (TAU * (i as f32 + 0.5) / n as f32).cos();
                let x = self.ago(skip + n - 1 - i);
                let weighted = Complex {
                    re: x.re * hann,
                    im: x.im * hann,
                };
                sum = sum.plus(weighted.turned(unit));
                unit = unit.turned(step);
            }
            *out = sum.power() / (n * n) as f32 / response(hz / BIN_HZ);
        }
        for g in 1..GRID - 1 {
            let power = spectrum[g];
            if power >= spectrum[g - 1] && power > spectrum[g + 1] && power > peaks[2].power {
                peaks[2] = Peak {
                    hz: middle + FROM_HZ + g as f32 * STEP_HZ,
                    power,
                };
                peaks.sort_by(|a, b| b.power.total_cmp(&a.power));
            }
        }
        peaks
    }

    /// Depth of an amplitude modulation of this frequency.
    pub fn modulation(&self, modulation_hz: f32, skip: usize) -> f32 {
        let n = self.count.min(LENGTH).saturating_sub(skip);
        if n < 8 {
            return 0.0;
        }
        let value = |i: usize| self.ago(skip + i).power().sqrt();
        let mean = (0..n).map(value).sum::<f32>() / n as f32;
        let (mut sum, mut weights) = (Complex::default(), 0.0);
        for i in 0..n {
            let hann = 1.0 - (TAU * (i as f32 + 0.5) / n as f32).cos();
            // A reversal's dip is no modulation.
            let off = value(i) / mean.max(1e-6) - 1.0;
            let off = if off < -0.4 { 0.0 } else { off };
            let unit = Complex::unit(f64::from(TAU * modulation_hz * i as f32 / HOPS_HZ));
            sum = sum.plus(Complex {
                re: unit.re * off * hann,
                im: unit.im * off * hann,
            });
            weights += hann;
        }
        2.0 * sum.power().sqrt() / weights / response(modulation_hz / BIN_HZ).sqrt()
    }
}

/// Power that a tone so many bins off has in the bin: Hann.
fn response(bins: f32) -> f32 {
    let x = bins.abs().max(1e-3);
    let sinc = (PI * x).sin() / (PI * x);
    if (x - 1.0).abs() < 1e-2 {
        return 0.25;
    }
    (sinc / (1.0 - x * x)).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hops of these tones in a bin, as if the window let both through alike.
    fn line(tones: &[f32], hops: usize) -> BinHistory {
        let mut line = BinHistory::default();
        for n in 0..hops {
            let turn = |hz: &f32| Complex::unit(f64::from(TAU * hz * n as f32 / HOPS_HZ));
            let sum = tones
                .iter()
                .map(turn)
                .fold(Complex::default(), Complex::plus);
            line.push(sum);
        }
        line
    }

    #[test]
    fn two_tones_that_beat_are_two_peaks() {
        let peaks = line(&[440.0, 480.0], 40).peaks(15, 0);
        let (low, high) = (peaks[0].hz.min(peaks[1].hz), peaks[0].hz.max(peaks[1].hz));
        assert!(
            (low - 440.0).abs() < 1.5 && (high - 480.0).abs() < 1.5,
            "{peaks:?}"
        );
    }

    #[test]
    fn a_known_pair_is_one_and_a_wandering_tone_is_none() {
        let is_pair = |tones: &[f32]| {
            let mut line = line(tones, 0);
            let mut is_pair = false;
            for n in 0..30 {
                let turn = |hz: &f32| Complex::unit(f64::from(TAU * hz * n as f32 / HOPS_HZ));
                line.push(
                    tones
                        .iter()
                        .map(turn)
                        .fold(Complex::default(), Complex::plus),
                );
                is_pair = line.is_pair(14);
            }
            is_pair
        };
        assert!(is_pair(&[440.0, 480.0]) && is_pair(&[400.0, 450.0]));
        assert!(!is_pair(&[415.0, 465.0]) && !is_pair(&[460.0]));
    }

    #[test]
    fn a_turn_of_the_phase_is_seen_and_a_steady_phase_has_none() {
        let mut turned = line(&[2100.0], 20);
        assert!(!turned.turned(2100.0));
        for n in 20..25 {
            let phase = TAU * 2100.0 * n as f32 / HOPS_HZ + PI;
            turned.push(Complex::unit(f64::from(phase)));
        }
        assert!(turned.turned(2100.0));
    }
}
