//! A bank of bins: the discrete Fourier transform at chosen frequencies, every 5 ms, in integer arithmetic.
//!
//! Each bin is a dot product with a table: unlike Goertzel's recurrence, no step depends on the one before. The Hann window of
//! 10 ms (two hops) is symmetric about its middle, so folding it halves the work: the cosine tables need only the sums of
//! mirrored samples, the sine tables only the differences. Eight 16-bit products are one instruction on SSE2 and NEON.
//! Processor-specific code, if ever needed, belongs into `dots`.
#![forbid(unsafe_code)]

use crate::time::RATE_HZ;
use std::f64::consts::PI;
use wide::{f32x4, i16x8};

/// Samples of a hop: 5 ms.
pub const HOP: usize = 40;

/// Scale of the tables. The largest sum, a full-scale square wave in phase with a bin, fits 32 bits.
const SCALE: f64 = 4096.0;

/// A sine of amplitude A at a bin's frequency gives a spectrum of magnitude `A * GAIN`: the fold halves the samples, and a
/// Hann window of 80 has a sum of 40.
pub const GAIN: f32 = (SCALE / 2.0 * 40.0 / 2.0) as f32;

/// A complex number: the value of a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex {
    /// Real part.
    pub re: f32,
    /// Imaginary part.
    pub im: f32,
}

impl Complex {
    /// Squared magnitude.
    pub fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    /// `self` times the conjugate of `other`. Its phase is the phase of `self` relative to `other`.
    pub fn mul_conj(self, other: Self) -> Self {
        Self {
            re: self.re * other.re + self.im * other.im,
            im: self.im * other.re - self.re * other.im,
        }
    }

    /// `self` times `by`, which rotates it if `by` is a unit vector.
    pub fn rotated(self, by: Self) -> Self {
        Self {
            re: self.re * by.re - self.im * by.im,
            im: self.re * by.im + self.im * by.re,
        }
    }

    /// Sum.
    pub fn plus(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }

    /// Phase in radians, -pi to pi.
    pub fn phase(self) -> f32 {
        self.im.atan2(self.re)
    }

    /// The unit vector with this phase in radians.
    pub fn unit(phase: f64) -> Self {
        Self {
            re: phase.cos() as f32,
            im: phase.sin() as f32,
        }
    }
}

/// One hop as vectors of eight samples.
type Half = [i16x8; HOP / 8];

/// The tables of `N` bins.
#[derive(Debug)]
pub struct Bank<const N: usize> {
    cos: [Half; N],
    sin: [Half; N],
}

impl<const N: usize> Bank<N> {
    /// Computes the tables of bins at `hz`.
    pub fn new(hz: [f64; N]) -> Self {
        let table = |k: usize, f: fn(f64) -> f64| {
            half(&std::array::from_fn(|i| {
                let from_middle = i as f64 + 0.5;
                let hann = 0.5 + 0.5 * (PI * from_middle / HOP as f64).cos();
                (SCALE * hann * f(2.0 * PI * hz[k] * from_middle / f64::from(RATE_HZ))).round()
                    as i16
            }))
        };
        Self {
            cos: std::array::from_fn(|k| table(k, f64::cos)),
            sin: std::array::from_fn(|k| table(k, f64::sin)),
        }
    }

    /// The spectrum of a window. `N` must be a multiple of four, the number of bins computed at once.
    pub fn spectrum(&self, fold: &Fold) -> Spectrum<N> {
        const { assert!(N.is_multiple_of(4)) };
        let mut spectrum = Spectrum {
            re: [0.0; N],
            im: [0.0; N],
        };
        let parts = spectrum
            .re
            .chunks_exact_mut(4)
            .zip(spectrum.im.chunks_exact_mut(4));
        let tables = self.cos.chunks_exact(4).zip(self.sin.chunks_exact(4));
        for ((re, im), (cos, sin)) in parts.zip(tables) {
            re.copy_from_slice(&dots(&fold.sum, cos));
            im.copy_from_slice(&dots(&fold.difference, sin));
        }
        spectrum
    }
}

/// The bins of a window. Phases refer to the middle of the window.
#[derive(Clone, Copy, Debug)]
pub struct Spectrum<const N: usize> {
    re: [f32; N],
    im: [f32; N],
}

impl<const N: usize> Default for Spectrum<N> {
    fn default() -> Self {
        Self {
            re: [0.0; N],
            im: [0.0; N],
        }
    }
}

impl<const N: usize> Spectrum<N> {
    /// The complex value of bin `k`.
    pub fn bin(&self, k: usize) -> Complex {
        Complex {
            re: self.re[k],
            im: -self.im[k],
        }
    }

    /// Squared amplitudes of the sines at the bins.
    pub fn squared_amplitudes(&self) -> [f32; N] {
        std::array::from_fn(|k| {
            (self.re[k] * self.re[k] + self.im[k] * self.im[k]) * (1.0 / (GAIN * GAIN))
        })
    }

    /// Squared amplitude of the sine at bin `k`.
    pub fn squared_amplitude(&self, k: usize) -> f32 {
        self.bin(k).power() / (GAIN * GAIN)
    }
}

/// A window of two hops, folded about its middle. Sums and differences are halved to fit 16 bits.
#[derive(Clone, Debug)]
pub struct Fold {
    sum: Half,
    difference: Half,
}

impl Fold {
    /// Folds the window of two hops. The earlier one is passed last sample first.
    pub fn new(earlier_reversed: &[i16; HOP], later: &[i16; HOP]) -> Self {
        let (a, b) = (half(later), half(earlier_reversed));
        // (a + b) / 2 and (a - b) / 2, rounded down, without a 17th bit.
        Self {
            sum: std::array::from_fn(|i| (a[i] & b[i]) + ((a[i] ^ b[i]) >> 1)),
            difference: std::array::from_fn(|i| ((a[i] ^ b[i]) >> 1) - (!a[i] & b[i])),
        }
    }
}

fn half(samples: &[i16; HOP]) -> Half {
    std::array::from_fn(|i| i16x8::new(std::array::from_fn(|k| samples[8 * i + k])))
}

/// Four dot products. The DTMF detector spends most of its time here.
#[inline]
fn dots(a: &Half, b: &[Half]) -> [f32; 4] {
    let sums: [f32x4; 4] = std::array::from_fn(|k| {
        let b = &b[k];
        f32x4::from_i32x4(
            a[0].dot(b[0]) + a[1].dot(b[1]) + a[2].dot(b[2]) + a[3].dot(b[3]) + a[4].dot(b[4]),
        )
    });
    let [a, b, c, d] = f32x4::transpose(sums);
    ((a + b) + (c + d)).to_array()
}

/// Sum of the squares of a hop.
pub fn energy(hop: &[i16; HOP]) -> f32 {
    // The sum of two squares fits 31 bits unless both samples are -32768.
    let square = |x: i16x8| {
        f32x4::from_i32x4(
            x.max(i16x8::splat(-i16::MAX))
                .dot(x.max(i16x8::splat(-i16::MAX))),
        )
    };
    half(hop)
        .into_iter()
        .fold(f32x4::ZERO, |sum, x| sum + square(x))
        .reduce_add()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(hz: f64, amplitude: f64, phase: f64) -> Fold {
        let sample =
            |n: f64| (amplitude * (2.0 * PI * hz * n / 8000.0 + phase).cos()).round() as i16;
        let later = std::array::from_fn(|i| sample(i as f64 + 0.5));
        let earlier = std::array::from_fn(|i| sample(-(i as f64) - 0.5));
        Fold::new(&earlier, &later)
    }

    #[test]
    fn a_bin_shows_amplitude_and_phase_of_its_sine() {
        let bank = Bank::new([697.0, 1633.0, 0.0, 0.0]);
        for (k, hz) in [697.0, 1633.0].into_iter().enumerate() {
            for phase in [-3.0, -1.0, 0.0, 0.5, 2.0] {
                let spectrum = bank.spectrum(&window(hz, 8000.0, phase));
                let (bin, amplitude) = (spectrum.bin(k), spectrum.squared_amplitude(k).sqrt());
                assert!(
                    (amplitude - 8000.0).abs() < 40.0,
                    "{hz} Hz {phase}: {amplitude}"
                );
                assert!(
                    (bin.phase() - phase as f32).abs() < 0.01,
                    "{hz} Hz {phase}: {}",
                    bin.phase()
                );
            }
        }
    }

    #[test]
    fn the_loudest_signal_fits_32_bits() {
        // 200 to 3800 Hz, the range of all banks in use. Outside, the tables hardly change their sign and a sum may overflow.
        let hz: [f64; 73] = std::array::from_fn(|k| 200.0 + 50.0 * k as f64);
        let bank = Bank::new(hz);
        for k in 0..hz.len() {
            for table in [&bank.cos[k], &bank.sin[k]] {
                let taps = table.iter().flat_map(|t| t.to_array());
                let worst: i64 = taps.map(|t| i64::from(t).abs() * 32768).sum();
                assert!(worst <= i64::from(i32::MAX), "bin {k}: {worst}");
            }
        }
    }

    #[test]
    fn a_fold_is_halved_without_overflow() {
        for (a, b) in [
            (i16::MAX, i16::MAX),
            (i16::MIN, i16::MIN),
            (i16::MAX, i16::MIN),
            (i16::MIN, i16::MAX),
            (7, -4),
            (-7, 4),
        ] {
            let fold = Fold::new(&[b; HOP], &[a; HOP]);
            assert_eq!(
                i32::from(fold.sum[0].to_array()[0]),
                (i32::from(a) + i32::from(b)) >> 1
            );
            assert_eq!(
                i32::from(fold.difference[4].to_array()[7]),
                (i32::from(a) - i32::from(b)) >> 1
            );
        }
    }

    #[test]
    fn energy_is_the_sum_of_squares() {
        let loud = [i16::MIN; HOP];
        assert!((energy(&loud) / (40.0 * 32768.0 * 32768.0) - 1.0).abs() < 1e-4);
        assert_eq!(energy(&[0; HOP]), 0.0);
    }
}
