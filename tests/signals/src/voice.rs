//! A synthetic voice.

use crate::{amplitude, samples};
use std::f64::consts::PI;

/// A synthetic voice: pulses of a varying pitch through three moving formants.
pub fn voice(ms: usize, pitch_hz: f64, dbm0: f64) -> Vec<f64> {
    let n = samples(ms as f64);
    let mut phase = 0.0;
    let mut x: Vec<f64> = (0..n)
        .map(|i| {
            let t = i as f64 / 8000.0;
            phase += pitch_hz * (1.0 + 0.12 * (2.0 * PI * 1.3 * t).sin()) / 8000.0;
            let pulse = phase >= 1.0;
            phase %= 1.0;
            f64::from(u8::from(pulse))
        })
        .collect();
    for (k, (hz, width)) in [(600.0, 90.0), (1300.0, 110.0), (2500.0, 170.0)]
        .into_iter()
        .enumerate()
    {
        let r = (-PI * width / 8000.0f64).exp();
        let (mut y1, mut y2) = (0.0, 0.0);
        for (i, x) in x.iter_mut().enumerate() {
            let t = i as f64 / 8000.0;
            let moved = hz * (1.0 + 0.25 * (2.0 * PI * (2.1 + k as f64) * t + k as f64).sin());
            let y = *x * (1.0 - r) + 2.0 * r * (2.0 * PI * moved / 8000.0).cos() * y1 - r * r * y2;
            (y1, y2) = (y, y1);
            *x = y;
        }
    }
    scaled(x, dbm0)
}

/// Scales the whole signal to a level.
pub fn scaled(x: Vec<f64>, dbm0: f64) -> Vec<f64> {
    let rms = (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt();
    let scale = amplitude(dbm0) / 2f64.sqrt() / rms.max(1e-9);
    x.into_iter().map(|x| x * scale).collect()
}
