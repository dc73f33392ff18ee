//! The front end: a discrete Fourier transform at chosen frequencies, every 5 ms, in integers.
//!
//! A recurrence such as Goertzel's waits for its own last step; a dot product with a table does not. The window is a Hann
//! window of 10 ms, two hops, and it is symmetric about its middle, so a sum and a difference of mirrored samples halve
//! the work: the cosine of the middle's phase needs the sums alone, the sine the differences. Compilers turn the inner
//! loop into 16-bit multiply-adds. Everything that is specific to a processor would go into [`dot`].
#![forbid(unsafe_code)]

use crate::time::RATE_HZ;
use std::f64::consts::PI;

/// Samples of a hop: 5 ms.
pub const HOP: usize = 40;

/// Scale of the tables. The largest sum, a full-scale square wave in step with a bin, stays in 32 bits.
const SCALE: f64 = 4096.0;

/// A sine of amplitude A at a bin's frequency gives a spectrum of magnitude `A * GAIN`: the fold halves the samples, and a
/// Hann window of 80 has a sum of 40.
pub const GAIN: f32 = (SCALE / 2.0 * 40.0 / 2.0) as f32;

/// A complex value of a bin; its phase is that of the tone in the window's middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex {
    /// Cosine part.
    pub re: f32,
    /// Sine part.
    pub im: f32,
}

impl Complex {
    /// Squared magnitude.
    pub fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    /// `self` times the conjugate of `other`: the phase between them.
    pub fn against(self, other: Self) -> Self {
        Self {
            re: self.re * other.re + self.im * other.im,
            im: self.im * other.re - self.re * other.im,
        }
    }

    /// Turned by a unit vector.
    pub fn turned(self, by: Self) -> Self {
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

    /// Phase in radians.
    pub fn phase(self) -> f32 {
        self.im.atan2(self.re)
    }

    /// The unit vector of a phase.
    pub fn unit(phase: f64) -> Self {
        Self {
            re: phase.cos() as f32,
            im: phase.sin() as f32,
        }
    }
}

/// The tables of a set of bins.
#[derive(Debug)]
pub struct Bank<const N: usize> {
    cos: [[i16; HOP]; N],
    sin: [[i16; HOP]; N],
}

impl<const N: usize> Bank<N> {
    /// The tables of bins at `hz`.
    pub fn new(hz: [f64; N]) -> Self {
        let table = |k: usize, f: fn(f64) -> f64| {
            std::array::from_fn(|i| {
                let from_middle = i as f64 + 0.5;
                let hann = 0.5 + 0.5 * (PI * from_middle / HOP as f64).cos();
                (SCALE * hann * f(2.0 * PI * hz[k] * from_middle / f64::from(RATE_HZ))).round()
                    as i16
            })
        };
        Self {
            cos: std::array::from_fn(|k| table(k, f64::cos)),
            sin: std::array::from_fn(|k| table(k, f64::sin)),
        }
    }

    /// The spectrum of a window.
    pub fn spectrum(&self, fold: &Fold) -> [Complex; N] {
        std::array::from_fn(|k| Complex {
            re: dot(&fold.sum, &self.cos[k]) as f32,
            im: -dot(&fold.difference, &self.sin[k]) as f32,
        })
    }
}

/// A window of two hops, folded about its middle: halves, so that they stay in 16 bits.
#[derive(Clone, Debug)]
pub struct Fold {
    sum: [i16; HOP],
    difference: [i16; HOP],
}

impl Fold {
    /// The window of two hops; the earlier one is given backwards.
    pub fn new(earlier_backwards: &[i16; HOP], later: &[i16; HOP]) -> Self {
        let half = |f: fn(i32, i32) -> i32| {
            std::array::from_fn(|i| {
                (f(i32::from(later[i]), i32::from(earlier_backwards[i])) >> 1) as i16
            })
        };
        Self {
            sum: half(|a, b| a + b),
            difference: half(|a, b| a - b),
        }
    }
}

/// The one loop that all time is spent in.
#[inline]
fn dot(a: &[i16; HOP], b: &[i16; HOP]) -> i32 {
    a.iter().zip(b).fold(0i32, |sum, (&a, &b)| {
        sum.wrapping_add(i32::from(a) * i32::from(b))
    })
}

/// Sum of the squares of a hop.
pub fn energy(hop: &[i16; HOP]) -> f32 {
    // Eight squares of 2^30 fit 33 bits; a shift by 6 keeps 40 of them in 32, and costs nothing above -80 dBm0.
    hop.iter()
        .fold(0i32, |sum, &x| sum + ((i32::from(x) * i32::from(x)) >> 6)) as f32
        * 64.0
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
    fn a_tone_gives_its_amplitude_and_its_phase() {
        let bank = Bank::new([697.0, 1633.0]);
        for (k, hz) in [697.0, 1633.0].into_iter().enumerate() {
            for phase in [-3.0, -1.0, 0.0, 0.5, 2.0] {
                let bin = bank.spectrum(&window(hz, 8000.0, phase))[k];
                let amplitude = bin.power().sqrt() / GAIN;
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
    fn the_loudest_signal_stays_in_32_bits() {
        // From 200 to 3800 Hz, as far as any bank here goes: beyond, the table hardly changes its sign.
        let hz: [f64; 73] = std::array::from_fn(|k| 200.0 + 50.0 * k as f64);
        let bank = Bank::new(hz);
        for k in 0..hz.len() {
            for table in [&bank.cos[k], &bank.sin[k]] {
                let worst: i64 = table.iter().map(|&t| i64::from(t).abs() * 32768).sum();
                assert!(worst <= i64::from(i32::MAX), "bin {k}: {worst}");
            }
        }
    }

    #[test]
    fn energy_is_the_sum_of_squares() {
        let loud = [i16::MIN; HOP];
        assert!((energy(&loud) / (40.0 * 32768.0 * 32768.0) - 1.0).abs() < 1e-6);
        assert_eq!(energy(&[0; HOP]), 0.0);
    }
}
