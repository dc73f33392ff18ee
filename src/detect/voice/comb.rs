//! Pitch: after which time a sound repeats itself, from the ripple of its spectrum between 94 and 1500 Hz.
//!
//! Each bin is held against its neighbourhood, so that the ripple counts and not where the sound is strong. The ripple's own
//! spectrum is the sound's likeness to itself some time later.
#![forbid(unsafe_code)]

use crate::detect::ear::{BIN_HZ, BINS, WINDOW};
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// The bins that are looked at.
const FROM: usize = 3;
const TO: usize = 48;
/// A neighbourhood: so many bins to either side.
const AROUND: usize = 5;

/// The shortest time, in samples: 400 Hz; and how far apart those that are tried.
const SHORTEST: usize = 20;
const STEP: usize = 2;
/// Times that are tried: down to 73 Hz.
const TIMES: usize = 46;
/// A multiple of eight.
const WIDE: usize = 48;

/// Cosines by bin and time.
static COSINES: Lazy<[[f32; WIDE]; TO - FROM]> = Lazy::new(|| {
    std::array::from_fn(|k| {
        std::array::from_fn(|t| {
            let time = if t < TIMES { SHORTEST + STEP * t } else { 64 };
            (2.0 * PI * ((k + FROM) * time) as f64 / WINDOW as f64).cos() as f32
        })
    })
});

/// Finds pitch.
pub struct Comb;

impl Comb {
    /// How much a sound with these magnitudes repeats itself, 0 to 1, and how often a second.
    #[inline(always)]
    pub fn of(magnitude: &[f32; BINS]) -> (f32, f32) {
        let mut around: f32 = magnitude[..=FROM + AROUND].iter().sum();
        let mut likeness = [0f32; WIDE];
        let mut total = 1e-3f32;
        for (k, cosines) in (FROM..TO).zip(COSINES.iter()) {
            let width = (k + AROUND).min(BINS - 1) + 1 - k.saturating_sub(AROUND);
            let mean = around / width as f32;
            // The loudest lines count no more than four times their neighbourhood.
            let ripple = (magnitude[k] / (mean + 0.5)).min(4.0) - mean / (mean + 0.5);
            total += ripple.abs();
            for (sum, cosine) in likeness.iter_mut().zip(cosines) {
                *sum += ripple * cosine;
            }
            around += magnitude[k + AROUND + 1];
            if k >= AROUND {
                around -= magnitude[k - AROUND];
            }
        }
        let mut best = 1;
        for t in 2..TIMES - 1 {
            if likeness[t] > likeness[best] {
                best = t;
            }
        }
        let (a, b, c) = (likeness[best - 1], likeness[best], likeness[best + 1]);
        let bend = a - 2.0 * b + c;
        let shift = if bend < -1e-6 {
            (0.5 * (a - c) / bend).clamp(-1.0, 1.0)
        } else {
            0.0
        };
        let time = SHORTEST as f32 + STEP as f32 * (best as f32 + shift);
        let voiced = (b / total).clamp(0.0, 1.0);
        (voiced, BIN_HZ * WINDOW as f32 / time)
    }
}
