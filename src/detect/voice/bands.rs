//! What one look at the spectrum says: levels by band, how much of it is a few steady lines, and how much of it repeats itself
//! as a voice does.
#![forbid(unsafe_code)]

use super::comb::Comb;
use crate::detect::ear::{BINS, Sight};
use crate::dsp::level::FULL_SCALE_DBM0;

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

/// Fainter than this, log2 of the mean square, is no voice: -58 dBm0.
pub const FAINTEST: f32 = 29.0 - (58.0 + FULL_SCALE_DBM0) / 10.0 / std::f32::consts::LOG10_2;

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
    /// Looks; for no pitch in what is faint, if the listener is asleep.
    #[inline(always)]
    pub fn look(&mut self, sight: &Sight, asleep: bool) -> Look {
        if sight.silent {
            self.before[self.oldest] = [0.0; BINS];
            self.oldest = (self.oldest + 1) % APART;
            return Look::default();
        }
        // A sine's power is in three bins, 1.5 times its square, which is twice its mean square.
        let sums = sums(&sight.power).map(|sum| sum / 3.0);
        let total: f32 = sums[SPEECH].iter().sum();
        let (first, second) = strongest(&sight.power);
        let all = 3.0 * total + 1.0;
        let bands = sums.map(|s| log2(s + LEAST));
        let level = log2(total + LEAST);
        let mean = bands[SPEECH].iter().sum::<f32>() / SPEECH.len() as f32;

        let magnitude = &mut self.before[self.oldest];
        let same = likeness(magnitude, &sight.power);
        let (voiced, pitch_hz) = match asleep && level < FAINTEST {
            true => (0.0, 0.0),
            false => Comb::of(magnitude),
        };
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

/// The power in each band.
#[inline(always)]
fn sums(power: &[f32; BINS]) -> [f32; BANDS] {
    // Written out, so that the compiler knows each band's width.
    macro_rules! bands {
        ($($band:literal)*) => {
            [$(power[EDGES[$band]..EDGES[$band + 1]].iter().sum(),)*]
        };
    }
    bands!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18)
}

/// Bins at a time in the loops below.
const LANES: usize = 8;

/// The bands of speech, filled up to whole lanes; and without what fills none.
const WIDE: usize = (TO - FROM).next_multiple_of(LANES);
const LIKE: usize = (TO - FROM) / LANES * LANES;

/// The power in the bins of the strongest line, and in those of the strongest besides.
#[inline(always)]
fn strongest(power: &[f32; BINS]) -> (f32, f32) {
    let mut lines = [0f32; WIDE];
    lines[..TO - FROM].copy_from_slice(&power[FROM..TO]);
    let around = |at: usize| {
        let (from, to) = (at.saturating_sub(2), (at + 3).min(TO - FROM));
        power[FROM + from..FROM + to].iter().sum::<f32>()
    };
    let first = largest(&lines);
    lines[first.saturating_sub(3)..(first + 4).min(WIDE)].fill(0.0);
    (around(first), around(largest(&lines)))
}

/// The place of the first of the largest.
#[inline(always)]
fn largest(lines: &[f32; WIDE]) -> usize {
    let mut most = [0f32; LANES];
    for chunk in lines.as_chunks::<LANES>().0 {
        for (most, &x) in most.iter_mut().zip(chunk) {
            *most = if x > *most { x } else { *most };
        }
    }
    place(lines, most.into_iter().fold(0.0, f32::max))
}

/// The first place of a value; whole lanes are looked at until one has it.
#[inline(always)]
pub fn place(lines: &[f32], value: f32) -> usize {
    let has = |lane: &[f32; LANES]| lane.iter().fold(false, |has, &x| has | (x == value));
    let lanes = lines.as_chunks::<LANES>().0;
    let before = lanes.iter().position(has).unwrap_or(lanes.len()) * LANES;
    let rest = lines[before..].iter().position(|&x| x == value);
    rest.map_or(0, |at| before + at)
}

/// Puts the magnitudes in the place of those before, and answers the cosine of the angle between the two.
#[inline(always)]
fn likeness(magnitude: &mut [f32; BINS], power: &[f32; BINS]) -> f32 {
    let (mut ab, mut aa, mut bb) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
    for outside in [0..FROM, FROM + LIKE..BINS] {
        for (m, p) in magnitude[outside.clone()].iter_mut().zip(&power[outside]) {
            *m = p.sqrt();
        }
    }
    let old = magnitude[FROM..FROM + LIKE].as_chunks_mut::<LANES>().0;
    let new = power[FROM..FROM + LIKE].as_chunks::<LANES>().0;
    for (old, new) in old.iter_mut().zip(new) {
        for i in 0..LANES {
            let (a, b) = (new[i].sqrt(), old[i]);
            ab[i] += a * b;
            aa[i] += new[i];
            bb[i] += b * b;
            old[i] = a;
        }
    }
    let [ab, aa, bb] = [ab, aa, bb].map(|s| s.iter().sum::<f32>());
    ab / (aa * bb + 1.0).sqrt()
}
