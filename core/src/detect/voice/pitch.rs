//! Pitch: after which time a sound repeats itself, from the ripple of its spectrum between 94 and 1500 Hz.
//!
//! Each bin is held against its neighbourhood, so that the ripple counts and not where the sound is strong. The ripple's own
//! spectrum is the sound's likeness to itself some time later.
#![forbid(unsafe_code)]

use super::argmax::{self, LANES, Places};
use super::features::KEPT;
use crate::detect::stft::{BIN_HZ, WINDOW};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u32x16};
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
/// Filled up to whole lanes.
const WIDE: usize = TIMES.next_multiple_of(LANES);

/// Those with a neighbour on either side.
static INNER: Places<WIDE> = Places::new(1, TIMES - 1);

/// One for the bins that are looked at.
const WITHIN: [f32; WIDE] = {
    let (mut within, mut k) = ([0.0; WIDE], 0);
    while k < TO - FROM {
        within[k] = 1.0;
        k += 1;
    }
    within
};

/// One by the bins of each neighbourhood.
const SHARE: [f32; WIDE] = {
    let (mut share, mut k) = ([0.0; WIDE], 0);
    while k < WIDE {
        share[k] = 1.0 / (k + FROM + AROUND + 1 - (k + FROM).saturating_sub(AROUND)) as f32;
        k += 1;
    }
    share
};

/// They lie as lines of the cache do.
#[repr(align(64))]
struct Cosines([[f32; WIDE]; WIDE]);

/// Cosines by bin and time.
static COSINES: Lazy<Cosines> = Lazy::new(|| {
    Cosines(std::array::from_fn(|k| {
        std::array::from_fn(|t| {
            let time = if t < TIMES { SHORTEST + STEP * t } else { 64 };
            (2.0 * PI * ((k + FROM) * time) as f64 / WINDOW as f64).cos() as f32
        })
    }))
});

/// Finds pitch.
pub struct PitchComb;

impl PitchComb {
    /// How much a sound with these magnitudes repeats itself, 0 to 1, and how often a second.
    #[inline(always)]
    pub fn of<S: Simd>(simd: S, magnitude: &[f32; KEPT]) -> (f32, f32) {
        let (ripples, total) = ripples(simd, magnitude);
        let likeness = spectrum(simd, &ripples);
        let best = largest(simd, &likeness);
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

/// How much each bin stands out of its neighbourhood, and the sum of that.
#[inline(always)]
fn ripples<S: Simd>(simd: S, magnitude: &[f32; KEPT]) -> ([f32; WIDE], f32) {
    // From `AROUND` bins below the first: what would be below 0 Hz is nothing.
    let mut around = [0f32; WIDE + 2 * AROUND];
    around[AROUND - FROM..].copy_from_slice(&magnitude[..WIDE + AROUND + FROM]);
    let mut ripples = [0f32; WIDE];
    let mut total = f32x16::splat(simd, 0.0);
    for at in (0..WIDE).step_by(LANES) {
        let mut sum = f32x16::from_slice(simd, &around[at..][..LANES]);
        for i in 1..=2 * AROUND {
            sum += f32x16::from_slice(simd, &around[at + i..][..LANES]);
        }
        let mean = sum * f32x16::from_slice(simd, &SHARE[at..][..LANES]);
        let line = f32x16::from_slice(simd, &magnitude[FROM + at..][..LANES]);
        let scale = f32x16::splat(simd, 1.0) / (mean + 0.5);
        // The loudest lines count no more than four times their neighbourhood.
        let ripple = (line * scale).min(4.0) - mean * scale;
        let ripple = ripple * f32x16::from_slice(simd, &WITHIN[at..][..LANES]);
        total += ripple.abs();
        ripple.store_slice(&mut ripples[at..][..LANES]);
    }
    (ripples, 1e-3 + total.reduce_sum())
}

/// The ripple's own spectrum.
#[inline(always)]
fn spectrum<S: Simd>(simd: S, ripples: &[f32; WIDE]) -> [f32; WIDE] {
    const { assert!(WIDE == 3 * LANES) };
    // By turns: neither waits for its own last sum.
    let mut sums = [[f32x16::splat(simd, 0.0); 3]; 2];
    let rows = COSINES.0.as_chunks::<2>().0;
    for (ripples, rows) in ripples.as_chunks::<2>().0.iter().zip(rows) {
        for ((sums, ripple), row) in sums.iter_mut().zip(ripples).zip(rows) {
            let ripple = f32x16::splat(simd, *ripple);
            for (sum, at) in sums.iter_mut().zip((0..WIDE).step_by(LANES)) {
                *sum = ripple.mul_add(f32x16::from_slice(simd, &row[at..][..LANES]), *sum);
            }
        }
    }
    let mut all = [0.0; WIDE];
    for (i, at) in (0..WIDE).step_by(LANES).enumerate() {
        (sums[0][i] + sums[1][i]).store_slice(&mut all[at..][..LANES]);
    }
    all
}

/// The time of the largest likeness that has a neighbour on either side; the first if none is above 0.
#[inline(always)]
fn largest<S: Simd>(simd: S, likeness: &[f32; WIDE]) -> usize {
    let mut most = u32x16::splat(simd, 1);
    for at in (0..WIDE).step_by(LANES) {
        let values = f32x16::from_slice(simd, &likeness[at..][..LANES]);
        most = most.max(INNER.keys(simd, values, at));
    }
    argmax::largest(most)
}
