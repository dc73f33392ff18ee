//! Signals for tests and benchmarks, after the procedures of Q.24, ES 201 235-3 and the Mitel tape.
//!
//! Levels are in dBm0: a full-scale sine has +3.14 (G.711). All random choices follow from a seed, so each run has the same
//! signals.
#![forbid(unsafe_code)]

pub mod corpus;
pub mod csv;
pub mod disturb;
pub mod dtmf;
pub mod g711;
pub mod score;
pub mod tones;
pub mod voice;

use std::f64::consts::TAU;

/// Sample rate.
pub const RATE_HZ: f64 = 8000.0;

/// Converts milliseconds to samples.
pub fn samples(ms: f64) -> usize {
    (ms * RATE_HZ / 1000.0).round() as usize
}

/// Level of a full-scale sine (G.711), dBm0.
#[allow(clippy::approx_constant)]
pub const FULL_SCALE_DBM0: f64 = 3.14;

/// Amplitude of a sine of this level; 32,768 is full scale.
pub fn amplitude(dbm0: f64) -> f64 {
    32768.0 * 10f64.powf((dbm0 - FULL_SCALE_DBM0) / 20.0)
}

/// Adds a sine to `signal`.
pub fn add_sine(signal: &mut [f64], hz: f64, dbm0: f64, phase: f64) {
    let amplitude = amplitude(dbm0);
    for (n, x) in signal.iter_mut().enumerate() {
        *x += amplitude * (TAU * hz * n as f64 / RATE_HZ + phase).sin();
    }
}

/// Gaussian noise of unit variance.
pub fn gauss(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * rng.f64().max(1e-300).ln()).sqrt() * (TAU * rng.f64()).cos()
}

/// Converts to 16 bits, with rounding and clipping.
pub fn to_pcm(signal: &[f64]) -> Vec<i16> {
    signal
        .iter()
        .map(|x| x.round().clamp(-32768.0, 32767.0) as i16)
        .collect()
}
