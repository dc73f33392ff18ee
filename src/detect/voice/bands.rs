//! What one look at the spectrum says: levels by band, how much of it is a few steady lines, and how much of it repeats itself
//! as a voice does.
#![forbid(unsafe_code)]

use super::comb::Comb;
use crate::detect::ear::{BINS, Sight};

/// Bands of a look.
pub const BANDS: usize = 19;

/// What the network hears of a look.
pub const INPUTS: usize = 28;

/// The first bin of each band, and one behind the last: narrow at first, wider above; 31.25 Hz a bin.
const EDGES: [usize; BANDS + 1] = [
    0, 3, 5, 7, 9, 11, 13, 16, 19, 23, 27, 32, 38, 45, 53, 63, 75, 90, 108, BINS,
];

/// The first band of speech on a telephone (156 Hz), and one behind the last (3375 Hz).
const SPEECH: std::ops::Range<usize> = 2..18;
const FROM: usize = EDGES[SPEECH.start];
const TO: usize = EDGES[SPEECH.end];

/// A band's mean square has at least this much: so quiet is a band of digital silence.
const LEAST: f32 = 0.1;

/// Hops between the two spectra that are compared.
const APART: usize = 4;

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// log2 of each band's mean square.
    pub bands: [f32; BANDS],
    /// log2 of the mean square of all bands of speech.
    pub level: f32,
    /// The share of the strongest line in the bands of speech.
    pub line: f32,
    /// The share of the two strongest.
    pub lines: f32,
    /// How much the spectrum is that of 40 ms ago: 1 if it is the same.
    pub same: f32,
    /// How flat the bands are: the mean of their logarithms less that of the mean.
    pub flat: f32,
    /// How much it repeats itself after a time as that of a voice's pitch: 0 to 1.
    pub voiced: f32,
    /// The pitch; it means something where it is voiced.
    pub pitch_hz: f32,
    /// Digital silence.
    pub blank: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            bands: [log2(LEAST); BANDS],
            level: log2(LEAST),
            line: 0.0,
            lines: 0.0,
            same: 0.0,
            flat: 0.0,
            voiced: 0.0,
            pitch_hz: 0.0,
            blank: true,
        }
    }
}

/// What has to be remembered from look to look.
#[derive(Clone, Debug)]
pub struct Looker {
    /// The magnitudes of the last hops.
    before: [[f32; BINS]; APART],
    oldest: usize,
}

impl Default for Looker {
    fn default() -> Self {
        Self {
            before: [[0.0; BINS]; APART],
            oldest: 0,
        }
    }
}

/// log2, to 0.01: the exponent, and a parabola for the rest.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let rest = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000) - 1.0;
    exponent as f32 + rest * (1.346_55 - 0.346_55 * rest)
}

impl Looker {
    /// Looks.
    #[inline(always)]
    pub fn look(&mut self, sight: &Sight) -> Look {
        let mut sums = [0f32; BANDS];
        for (sum, edge) in sums.iter_mut().zip(EDGES.windows(2)) {
            // A sine's power is in three bins, 1.5 times its square, which is twice its mean square.
            *sum = sight.power[edge[0]..edge[1]].iter().sum::<f32>() / 3.0;
        }
        let total: f32 = sums[SPEECH].iter().sum();
        let (peak, first) = strongest(&sight.power, usize::MAX);
        let (_, second) = strongest(&sight.power, peak);
        let all = 3.0 * total + 1.0;
        let bands = sums.map(|s| log2(s + LEAST));
        let level = log2(total + LEAST);
        let mean = bands[SPEECH].iter().sum::<f32>() / SPEECH.len() as f32;

        let mut magnitude = [0f32; BINS];
        for (m, p) in magnitude.iter_mut().zip(&sight.power) {
            *m = p.sqrt();
        }
        let before = &mut self.before[self.oldest];
        let same = likeness(&magnitude, before);
        let (voiced, pitch_hz) = Comb::of(&magnitude);
        *before = magnitude;
        self.oldest = (self.oldest + 1) % APART;
        Look {
            bands,
            level,
            line: first / all,
            lines: (first + second) / all,
            same,
            flat: mean - level,
            voiced,
            pitch_hz,
            blank: sight.blank,
        }
    }
}

impl Look {
    /// What the network hears; `above`: the level above the line's noise, log2.
    #[inline(always)]
    pub fn inputs(&self, above: f32) -> [f32; INPUTS] {
        let mut inputs = [0f32; INPUTS];
        for (x, band) in inputs.iter_mut().zip(self.bands) {
            *x = (band - 12.0) * 0.2;
        }
        let rest = [
            (self.level - 14.0) * 0.2,
            self.line,
            self.lines,
            self.same,
            (self.flat + 6.0) * 0.3,
            self.voiced * 2.0,
            (above - 3.0) * 0.25,
            f32::from(u8::from(self.blank)),
        ];
        inputs[BANDS..BANDS + rest.len()].copy_from_slice(&rest);
        inputs
    }
}

/// The strongest line but for that at `not`, and the power in its bins.
#[inline(always)]
fn strongest(power: &[f32; BINS], not: usize) -> (usize, f32) {
    let mut best = (FROM, 0f32);
    for (k, &p) in power.iter().enumerate().take(TO).skip(FROM) {
        if p > best.1 && k.abs_diff(not) > 3 {
            best = (k, p);
        }
    }
    let around = (best.0 - 2).max(FROM)..(best.0 + 3).min(TO);
    (best.0, power[around].iter().sum())
}

/// The cosine of the angle between two spectra.
#[inline(always)]
fn likeness(a: &[f32; BINS], b: &[f32; BINS]) -> f32 {
    const LANES: usize = 8;
    let mut sums = [[0f32; LANES]; 3];
    for (a, b) in a[FROM..TO]
        .chunks_exact(LANES)
        .zip(b[FROM..TO].chunks_exact(LANES))
    {
        for i in 0..LANES {
            sums[0][i] += a[i] * b[i];
            sums[1][i] += a[i] * a[i];
            sums[2][i] += b[i] * b[i];
        }
    }
    let [ab, aa, bb] = sums.map(|s| s.iter().sum::<f32>());
    ab / (aa * bb + 1.0).sqrt()
}
