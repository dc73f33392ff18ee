//! Pitch estimation from the harmonic ripple of the spectrum between 94 and 1500 Hz.
//!
//! Dividing each bin by the mean of its neighborhood removes the spectral envelope and leaves the ripple. A cosine transform of
//! the ripple gives the autocorrelation at each lag; the lag of its maximum is the pitch period.
#![forbid(unsafe_code)]

use super::argmax::{IndexTable, LANES, index_of_max};
use super::features::MAGNITUDES;
use crate::detect::stft::{BIN_HZ, WINDOW};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u32x16};
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// Bins of the ripple.
const FROM: usize = 3;
const TO: usize = 48;
/// Bins of a neighborhood on either side.
const NEIGHBORS: usize = 5;

/// Minimum lag in samples: 400 Hz.
const MIN_LAG: usize = 20;
/// Distance of the lags in samples.
const LAG_STEP: usize = 2;
/// Number of lags, down to 73 Hz.
const LAGS: usize = 46;
/// The same, padded to whole vectors.
const PADDED: usize = LAGS.next_multiple_of(LANES);

/// The lags that have a neighbor on either side.
static INNER: IndexTable<PADDED> = IndexTable::new(1, LAGS - 1);

/// 1 for the bins of the ripple, 0 for the padding.
const MASK: [f32; PADDED] = {
    let (mut mask, mut k) = ([0.0; PADDED], 0);
    while k < TO - FROM {
        mask[k] = 1.0;
        k += 1;
    }
    mask
};

/// 1 divided by the size of each neighborhood, which ends at 0 Hz.
const MEAN_WEIGHT: [f32; PADDED] = {
    let (mut weight, mut k) = ([0.0; PADDED], 0);
    while k < PADDED {
        weight[k] = 1.0 / (k + FROM + NEIGHBORS + 1 - (k + FROM).saturating_sub(NEIGHBORS)) as f32;
        k += 1;
    }
    weight
};

/// Aligned to cache lines.
#[repr(align(64))]
struct Cosines([[f32; PADDED]; PADDED]);

/// Cosines by bin and lag.
static COSINES: Lazy<Cosines> = Lazy::new(|| {
    Cosines(std::array::from_fn(|k| {
        std::array::from_fn(|t| {
            let lag = if t < LAGS { MIN_LAG + LAG_STEP * t } else { 64 };
            (2.0 * PI * ((k + FROM) * lag) as f64 / WINDOW as f64).cos() as f32
        })
    }))
});

/// Estimates the periodicity, 0 to 1, and the pitch in Hz of a sound with these magnitudes.
#[inline(always)]
pub fn estimate<S: Simd>(simd: S, magnitude: &[f32; MAGNITUDES]) -> (f32, f32) {
    let (ripple, total) = ripple(simd, magnitude);
    let correlation = autocorrelation(simd, &ripple);
    let best = best_lag(simd, &correlation);
    let (a, b, c) = (
        correlation[best - 1],
        correlation[best],
        correlation[best + 1],
    );
    let curvature = a - 2.0 * b + c;
    let shift = if curvature < -1e-6 {
        (0.5 * (a - c) / curvature).clamp(-1.0, 1.0)
    } else {
        0.0
    };
    let lag = MIN_LAG as f32 + LAG_STEP as f32 * (best as f32 + shift);
    let voiced = (b / total).clamp(0.0, 1.0);
    (voiced, BIN_HZ * WINDOW as f32 / lag)
}

/// The ripple of each bin, and the sum of their absolute values.
#[inline(always)]
fn ripple<S: Simd>(simd: S, magnitude: &[f32; MAGNITUDES]) -> ([f32; PADDED], f32) {
    // From `NEIGHBORS` bins below the first. Bins below 0 Hz are zero.
    let mut padded = [0f32; PADDED + 2 * NEIGHBORS];
    padded[NEIGHBORS - FROM..].copy_from_slice(&magnitude[..PADDED + NEIGHBORS + FROM]);
    let mut ripples = [0f32; PADDED];
    let mut total = f32x16::splat(simd, 0.0);
    for at in (0..PADDED).step_by(LANES) {
        let mut sum = f32x16::from_slice(simd, &padded[at..][..LANES]);
        for i in 1..=2 * NEIGHBORS {
            sum += f32x16::from_slice(simd, &padded[at + i..][..LANES]);
        }
        let mean = sum * f32x16::from_slice(simd, &MEAN_WEIGHT[at..][..LANES]);
        let bin = f32x16::from_slice(simd, &magnitude[FROM + at..][..LANES]);
        let scale = f32x16::splat(simd, 1.0) / (mean + 0.5);
        // A strong bin counts at most four times its neighborhood.
        let ripple = (bin * scale).min(4.0) - mean * scale;
        let ripple = ripple * f32x16::from_slice(simd, &MASK[at..][..LANES]);
        total += ripple.abs();
        ripple.store_slice(&mut ripples[at..][..LANES]);
    }
    (ripples, 1e-3 + total.reduce_sum())
}

/// The cosine transform of the ripple: the autocorrelation at each lag.
#[inline(always)]
fn autocorrelation<S: Simd>(simd: S, ripples: &[f32; PADDED]) -> [f32; PADDED] {
    const { assert!(PADDED == 3 * LANES) };
    // Two sums in turn, so that neither addition waits for the previous one.
    let mut sums = [[f32x16::splat(simd, 0.0); 3]; 2];
    let rows = COSINES.0.as_chunks::<2>().0;
    for (ripples, rows) in ripples.as_chunks::<2>().0.iter().zip(rows) {
        for ((sums, ripple), row) in sums.iter_mut().zip(ripples).zip(rows) {
            let ripple = f32x16::splat(simd, *ripple);
            for (sum, at) in sums.iter_mut().zip((0..PADDED).step_by(LANES)) {
                *sum = ripple.mul_add(f32x16::from_slice(simd, &row[at..][..LANES]), *sum);
            }
        }
    }
    let mut all = [0.0; PADDED];
    for (i, at) in (0..PADDED).step_by(LANES).enumerate() {
        (sums[0][i] + sums[1][i]).store_slice(&mut all[at..][..LANES]);
    }
    all
}

/// Index of the largest correlation that has a neighbor on either side; the first one if none is above 0.
#[inline(always)]
fn best_lag<S: Simd>(simd: S, correlation: &[f32; PADDED]) -> usize {
    let mut max = u32x16::splat(simd, 1);
    for at in (0..PADDED).step_by(LANES) {
        let values = f32x16::from_slice(simd, &correlation[at..][..LANES]);
        max = max.max(INNER.pack(simd, values, at));
    }
    index_of_max(max)
}
