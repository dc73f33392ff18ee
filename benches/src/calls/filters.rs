//! Filters of second order.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// A filter of second order. Source of the coefficients: R. Bristow-Johnson, Audio EQ Cookbook.
pub struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
}

impl Biquad {
    /// A Butterworth high-pass filter with its corner at `hz`.
    pub fn high_pass(hz: f64) -> Self {
        Self::new(hz, |cos| [(1.0 + cos) / 2.0, -1.0 - cos, (1.0 + cos) / 2.0])
    }

    /// A Butterworth low-pass filter with its corner at `hz`.
    pub fn low_pass(hz: f64) -> Self {
        Self::new(hz, |cos| [(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0])
    }

    fn new(hz: f64, numerator: impl Fn(f64) -> [f64; 3]) -> Self {
        let w = TAU * hz / earwig_signals::RATE_HZ;
        let alpha = w.sin() * FRAC_1_SQRT_2;
        Self {
            b: numerator(w.cos()).map(|b| b / (1.0 + alpha)),
            a: [
                -2.0 * w.cos() / (1.0 + alpha),
                (1.0 - alpha) / (1.0 + alpha),
            ],
        }
    }

    /// A resonance at `hz` whose ringing falls by the factor `r` each sample.
    pub fn resonance(hz: f64, r: f64) -> Self {
        Self {
            b: [1.0, 0.0, 0.0],
            a: [-2.0 * r * (TAU * hz / earwig_signals::RATE_HZ).cos(), r * r],
        }
    }

    /// Filters a whole signal, from rest.
    pub fn apply(&self, signal: &mut [f64]) {
        let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
        for x in signal {
            let y =
                self.b[0] * *x + self.b[1] * x1 + self.b[2] * x2 - self.a[0] * y1 - self.a[1] * y2;
            (x2, x1, y2, y1) = (x1, *x, y1, y);
            *x = y;
        }
    }
}
