//! Pitch: after which time a sound repeats itself, from the ripple of its spectrum between 94 and 1500 Hz.
//!
//! Each bin is held against its neighbourhood, so that the ripple counts and not where the sound is strong. The ripple's own
//! spectrum is the sound's likeness to itself some time later.
#![forbid(unsafe_code)]

use super::bands::place;
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

/// One by the bins of each neighbourhood.
const SHARE: [f32; WIDE] = {
    let (mut share, mut k) = ([0.0; WIDE], 0);
    while k < WIDE {
        share[k] = 1.0 / (k + FROM + AROUND + 1 - (k + FROM).saturating_sub(AROUND)) as f32;
        k += 1;
    }
    share
};

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
        // From `AROUND` bins below the first: what would be below 0 Hz is nothing.
        let mut around = [0f32; WIDE + 2 * AROUND];
        around[AROUND - FROM..].copy_from_slice(&magnitude[..WIDE + AROUND + FROM]);
        let mut sums = [0f32; WIDE];
        for i in 0..=2 * AROUND {
            for (sum, x) in sums.iter_mut().zip(&around[i..i + WIDE]) {
                *sum += x;
            }
        }
        let lines = &magnitude[FROM..FROM + WIDE];
        let mut ripples = [0f32; WIDE];
        for (((ripple, line), sum), share) in ripples.iter_mut().zip(lines).zip(&sums).zip(&SHARE) {
            let mean = sum * share;
            let scale = 1.0 / (mean + 0.5);
            // The loudest lines count no more than four times their neighbourhood.
            let line = line * scale;
            *ripple = if line < 4.0 { line } else { 4.0 } - mean * scale;
        }
        let (mut likeness, mut total) = ([0f32; WIDE], 1e-3f32);
        for (ripple, cosines) in ripples.iter().zip(COSINES.iter()) {
            total += ripple.abs();
            for (sum, cosine) in likeness.iter_mut().zip(cosines) {
                *sum += ripple * cosine;
            }
        }
        let best = largest(&likeness);
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

/// The time of the largest likeness that has a neighbour on either side.
#[inline(always)]
fn largest(likeness: &[f32; WIDE]) -> usize {
    const LANES: usize = 4;
    let among = &likeness[1..TIMES - 1];
    let mut most = [f32::NEG_INFINITY; LANES];
    for chunk in among.as_chunks::<LANES>().0 {
        for (most, &x) in most.iter_mut().zip(chunk) {
            *most = if x > *most { x } else { *most };
        }
    }
    let most = most.into_iter().fold(f32::NEG_INFINITY, f32::max);
    1 + place(among, most)
}
