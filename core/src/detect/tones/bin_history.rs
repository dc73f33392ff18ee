//! The values of one bin over the last hops, which resolve frequencies closer than the bins of the spectrum.
#![forbid(unsafe_code)]

use crate::detect::stft::BIN_HZ;
use crate::dsp::bank::Complex;
use once_cell::sync::Lazy;
use std::f32::consts::{PI, TAU};

/// Hops kept: 480 ms.
const HISTORY: usize = 48;

/// Hops per second.
const HOPS_HZ: f32 = 100.0;

/// Ringback pairs in Hz that a window of 32 ms does not resolve: North America, Britain, Australia, the Philippines.
const PAIRS: [(f32, f32); 4] = [
    (440.0, 480.0),
    (400.0, 450.0),
    (400.0, 425.0),
    (425.0, 480.0),
];

/// For each pair, the rotations a and b of its tones over one hop: a + b and a b.
static PAIR_ROTATIONS: Lazy<[(Complex, Complex); PAIRS.len()]> = Lazy::new(|| {
    let unit = |hz: f32| Complex::unit(f64::from(TAU * hz / HOPS_HZ));
    PAIRS.map(|(a, b)| (unit(a).plus(unit(b)), unit(a + b)))
});

/// Bins in which these pairs are strongest.
const PAIR_BINS: std::ops::RangeInclusive<usize> = 12..=16;

/// Maximum residual of a pair relative to its power, in noise of the same power.
const MAX_PAIR_RESIDUAL: f32 = 0.25;

/// A peak of the fine spectrum around a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FinePeak {
    pub hz: f32,
    pub power: f32,
}

/// The values of one bin over the last hops.
#[derive(Clone, Debug)]
pub(super) struct BinHistory {
    /// A ring.
    values: [Complex; HISTORY],
    /// Values in all.
    count: usize,
    /// For each pair, the recent power that it does not explain.
    residuals: [f32; PAIRS.len()],
    /// The recent power.
    recent_power: f32,
}

impl Default for BinHistory {
    fn default() -> Self {
        Self {
            values: [Complex::default(); HISTORY],
            count: 0,
            residuals: [0.0; PAIRS.len()],
            recent_power: 0.0,
        }
    }
}

impl BinHistory {
    pub fn push(&mut self, value: Complex) {
        self.values[self.count % HISTORY] = value;
        self.count += 1;
    }

    /// The value `hops` hops ago.
    fn value(&self, hops: usize) -> Complex {
        self.values[(self.count - 1 - hops) % HISTORY]
    }

    /// Whether the last hops are one of the beating pairs. Call it once for each hop.
    pub fn is_pair(&mut self, bin: usize) -> bool {
        if !PAIR_BINS.contains(&bin) || self.count < 3 {
            return false;
        }
        let [x, y, z] = [0, 1, 2].map(|n| self.value(n));
        self.recent_power = 0.8 * self.recent_power + x.power().max(y.power());
        let mut is_pair = false;
        for (residual, &(sum, product)) in self.residuals.iter_mut().zip(PAIR_ROTATIONS.iter()) {
            // x - (a + b) y + a b z is 0 if x consists of these two tones.
            let (sum, product) = (y.rotated(sum), z.rotated(product));
            let rest = Complex {
                re: x.re - sum.re + product.re,
                im: x.im - sum.im + product.im,
            };
            *residual = 0.8 * *residual + rest.power();
            is_pair |= *residual < MAX_PAIR_RESIDUAL * self.recent_power;
        }
        is_pair && self.count >= 6
    }

    /// Whether the phase of a tone at `hz` was reversed within the last 60 ms, and is steady before and after.
    pub fn is_reversed(&self, hz: f32) -> bool {
        const DISTANCE: usize = 6;
        if self.count < DISTANCE + 3 {
            return false;
        }
        let advance = |from: usize, hops: usize| {
            let off = self.value(from).mul_conj(self.value(from + hops)).phase()
                - TAU * (hz * hops as f32 / HOPS_HZ).fract();
            (off + PI).rem_euclid(TAU) - PI
        };
        let powers = [0, 1, DISTANCE, DISTANCE + 1].map(|n| self.value(n).power());
        let max = powers.iter().fold(0.0, |a: f32, &b| a.max(b));
        powers.iter().all(|&p| p > max / 3.0)
            && advance(0, DISTANCE).abs() > 2.3
            && advance(1, DISTANCE).abs() > 2.3
            && advance(0, 1).abs() < 0.5
            && advance(DISTANCE, 1).abs() < 0.5
    }

    /// The three strongest peaks within 45 Hz of the bin, strongest first. The last `skip` hops are left out. All zero if fewer
    /// than eight hops remain.
    pub fn fine_peaks(&self, bin: usize, skip: usize) -> [FinePeak; 3] {
        const GRID: usize = 64;
        const FROM_HZ: f32 = -46.0;
        const STEP_HZ: f32 = 92.0 / (GRID - 1) as f32;
        let mut peaks = [FinePeak::default(); 3];
        let n = self.count.min(HISTORY).saturating_sub(skip);
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
                let x = self.value(skip + n - 1 - i);
                let weighted = Complex {
                    re: x.re * hann,
                    im: x.im * hann,
                };
                sum = sum.plus(weighted.rotated(unit));
                unit = unit.rotated(step);
            }
            *out = sum.power() / (n * n) as f32 / hann_response(hz / BIN_HZ);
        }
        for g in 1..GRID - 1 {
            let power = spectrum[g];
            if power >= spectrum[g - 1] && power > spectrum[g + 1] && power > peaks[2].power {
                peaks[2] = FinePeak {
                    hz: middle + FROM_HZ + g as f32 * STEP_HZ,
                    power,
                };
                peaks.sort_by(|a, b| b.power.total_cmp(&a.power));
            }
        }
        peaks
    }

    /// Depth of the amplitude modulation at `modulation_hz`, 0 to 1. The last `skip` hops are left out.
    pub fn modulation(&self, modulation_hz: f32, skip: usize) -> f32 {
        let n = self.count.min(HISTORY).saturating_sub(skip);
        if n < 8 {
            return 0.0;
        }
        let amplitude = |i: usize| self.value(skip + i).power().sqrt();
        let mean = (0..n).map(amplitude).sum::<f32>() / n as f32;
        let (mut sum, mut weights) = (Complex::default(), 0.0);
        for i in 0..n {
            let hann = 1.0 - (TAU * (i as f32 + 0.5) / n as f32).cos();
            // The dip of a phase reversal is not modulation.
            let off = amplitude(i) / mean.max(1e-6) - 1.0;
            let off = if off < -0.4 { 0.0 } else { off };
            let unit = Complex::unit(f64::from(TAU * modulation_hz * i as f32 / HOPS_HZ));
            sum = sum.plus(Complex {
                re: unit.re * off * hann,
                im: unit.im * off * hann,
            });
            weights += hann;
        }
        2.0 * sum.power().sqrt() / weights / hann_response(modulation_hz / BIN_HZ).sqrt()
    }
}

/// Power in a bin of a tone `bins` bins away (Hann window).
fn hann_response(bins: f32) -> f32 {
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

    /// The history of a bin that passes all tones with the same gain.
    fn history(tones: &[f32], hops: usize) -> BinHistory {
        let mut history = BinHistory::default();
        for n in 0..hops {
            let value = |hz: &f32| Complex::unit(f64::from(TAU * hz * n as f32 / HOPS_HZ));
            let sum = tones
                .iter()
                .map(value)
                .fold(Complex::default(), Complex::plus);
            history.push(sum);
        }
        history
    }

    #[test]
    fn two_beating_tones_are_two_fine_peaks() {
        let peaks = history(&[440.0, 480.0], 40).fine_peaks(15, 0);
        let (low, high) = (peaks[0].hz.min(peaks[1].hz), peaks[0].hz.max(peaks[1].hz));
        assert!(
            (low - 440.0).abs() < 1.5 && (high - 480.0).abs() < 1.5,
            "{peaks:?}"
        );
    }

    #[test]
    fn only_the_known_pairs_are_pairs() {
        let is_pair = |tones: &[f32]| {
            let mut history = history(tones, 0);
            let mut is_pair = false;
            for n in 0..30 {
                let value = |hz: &f32| Complex::unit(f64::from(TAU * hz * n as f32 / HOPS_HZ));
                history.push(
                    tones
                        .iter()
                        .map(value)
                        .fold(Complex::default(), Complex::plus),
                );
                is_pair = history.is_pair(14);
            }
            is_pair
        };
        assert!(is_pair(&[440.0, 480.0]) && is_pair(&[400.0, 450.0]));
        assert!(!is_pair(&[415.0, 465.0]) && !is_pair(&[460.0]));
    }

    #[test]
    fn a_phase_reversal_is_detected_and_a_steady_phase_is_not() {
        let mut reversed = history(&[2100.0], 20);
        assert!(!reversed.is_reversed(2100.0));
        for n in 20..25 {
            let phase = TAU * 2100.0 * n as f32 / HOPS_HZ + PI;
            reversed.push(Complex::unit(f64::from(phase)));
        }
        assert!(reversed.is_reversed(2100.0));
    }
}
