//! What one look at the spectrum says: levels by band, and how much of it is a few steady lines.
#![forbid(unsafe_code)]

use crate::detect::ear::{BINS, Sight};

/// Bands of a look.
pub const BANDS: usize = 19;

/// The first bin of each band, and one behind the last: narrow at first, wider above; 31.25 Hz a bin.
const EDGES: [usize; BANDS + 1] = [
    0, 3, 5, 7, 9, 11, 13, 16, 19, 23, 27, 32, 38, 45, 53, 63, 75, 90, 108, 129,
];

/// The first band of speech on a telephone (156 Hz), and one behind the last (3375 Hz).
const SPEECH: std::ops::Range<usize> = 2..18;

/// A band's power has at least this much: a band of digital silence is as quiet as -90 dBm0.
const LEAST: f32 = 1e-1;

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// log2 of each band's mean square.
    pub bands: [f32; BANDS],
    /// log2 of the mean square of all bands of speech.
    pub level: f32,
    /// The share of the strongest line in the bands of speech, and of the strongest two.
    pub line: f32,
    /// See `line`.
    pub lines: f32,
    /// The bin of the strongest line.
    pub peak: usize,
}

/// log2, to 0.005: the exponent, and a parabola for the rest.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let m = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
    exponent as f32 + (m - 1.0) * (1.346_55 - 0.346_55 * (m - 1.0))
}

impl Look {
    /// Looks.
    #[inline(always)]
    pub fn new(sight: &Sight) -> Self {
        let mut sums = [0f32; BANDS];
        for (sum, edge) in sums.iter_mut().zip(EDGES.windows(2)) {
            // A sine's power is in three bins, 1.5 times its square, which is twice its mean square.
            *sum = sight.power[edge[0]..edge[1]].iter().sum::<f32>() / 3.0;
        }
        let total: f32 = sums[SPEECH].iter().sum();
        let (from, to) = (EDGES[SPEECH.start], EDGES[SPEECH.end]);
        let (peak, first) = strongest(&sight.power, from, to, usize::MAX);
        let (_, second) = strongest(&sight.power, from, to, peak);
        let all = 3.0 * total + 1.0;
        Self {
            bands: sums.map(|s| log2(s + LEAST)),
            level: log2(total + LEAST),
            line: first / all,
            lines: (first + second) / all,
            peak,
        }
    }
}

/// The strongest line but for that at `not`, and the power in its bins.
#[inline(always)]
fn strongest(power: &[f32; BINS], from: usize, to: usize, not: usize) -> (usize, f32) {
    let mut best = (from, 0f32);
    for k in from..to {
        if power[k] > best.1 && k.abs_diff(not) > 3 {
            best = (k, power[k]);
        }
    }
    let around = best.0.saturating_sub(2).max(from)..(best.0 + 3).min(to);
    (best.0, power[around].iter().sum())
}
