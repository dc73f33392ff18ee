//! What one look at the spectrum says: levels by band, how much of it is a few steady lines, and how much of it repeats itself
//! as a voice does.
#![forbid(unsafe_code)]

use super::argmax::{LANES, Places, largest};
use super::pitch::PitchComb;
use crate::detect::fact::BANDS;
use crate::detect::stft::{BINS, Spectrum};
use crate::dsp::level::FULL_SCALE_DBM0;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u32x16};

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
    before: [[f32; KEPT]; APART],
    oldest: usize,
}

impl Default for Looker {
    fn default() -> Self {
        Self {
            before: [[0.0; KEPT]; APART],
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
    pub fn look<S: Simd>(&mut self, simd: S, spectrum: &Spectrum, asleep: bool) -> Look {
        if spectrum.silent {
            self.before[self.oldest] = [0.0; KEPT];
            self.oldest = (self.oldest + 1) % APART;
            return Look::default();
        }
        // A sine's power is in three bins, 1.5 times its square, which is twice its mean square.
        let sums = sums(&spectrum.power).map(|sum| sum / 3.0);
        let total: f32 = sums[SPEECH].iter().sum();
        let (first, second) = strongest(simd, &spectrum.power);
        let all = 3.0 * total + 1.0;
        let bands = sums.map(|s| log2(s + LEAST));
        let level = log2(total + LEAST);
        let mean = bands[SPEECH].iter().sum::<f32>() / SPEECH.len() as f32;

        let magnitude = &mut self.before[self.oldest];
        let same = likeness(simd, magnitude, &spectrum.power);
        let (voiced, pitch_hz) = match asleep && level < FAINTEST {
            true => (0.0, 0.0),
            false => PitchComb::of(simd, magnitude),
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
            blank: spectrum.blank,
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

/// The bins of speech, filled up to whole lanes.
const WIDE: usize = (TO - FROM).next_multiple_of(LANES);

/// The bins whose magnitudes are remembered: up to the last whole lanes within speech.
pub const KEPT: usize = FROM + (TO - FROM) / LANES * LANES;

static PLACES: Places<WIDE> = Places::new(0, TO - FROM);

/// The power in the bins of the strongest line, and in those of the strongest besides.
#[inline(always)]
fn strongest<S: Simd>(simd: S, power: &[f32; BINS]) -> (f32, f32) {
    let none = u32x16::splat(simd, 0);
    let mut keys = [none; WIDE / LANES];
    let mut most = none;
    for (key, at) in keys.iter_mut().zip((0..).step_by(LANES)) {
        let values = f32x16::from_slice(simd, &power[FROM + at..][..LANES]);
        *key = PLACES.keys(simd, values, at);
        most = most.max(*key);
    }
    let first = largest(most);
    let mut most = none;
    for (key, at) in keys.iter().zip((0..).step_by(LANES)) {
        // How far it is from three bins before the first: 6 at most, if it is one of that line's.
        let far = PLACES.place(simd, at) + 3 - first as u32;
        most = most.max(far.simd_gt(6).select(*key, none));
    }
    (around(power, first), around(power, largest(most)))
}

/// The power in a bin of speech and in two on either side.
#[inline(always)]
fn around(power: &[f32; BINS], place: usize) -> f32 {
    let (from, to) = (place.saturating_sub(2), (place + 3).min(TO - FROM));
    power[FROM + from..FROM + to].iter().sum()
}

/// Puts the magnitudes in the place of those before, and answers the cosine of the angle between the two.
#[inline(always)]
fn likeness<S: Simd>(simd: S, magnitude: &mut [f32; KEPT], power: &[f32; BINS]) -> f32 {
    for (magnitude, power) in magnitude[..FROM].iter_mut().zip(power) {
        *magnitude = power.sqrt();
    }
    let nothing = f32x16::splat(simd, 0.0);
    let (mut ab, mut aa, mut bb) = (nothing, nothing, nothing);
    for at in (FROM..KEPT).step_by(LANES) {
        let square = f32x16::from_slice(simd, &power[at..][..LANES]);
        let a = square.sqrt();
        let b = f32x16::from_slice(simd, &magnitude[at..][..LANES]);
        ab = a.mul_add(b, ab);
        aa += square;
        bb = b.mul_add(b, bb);
        a.store_slice(&mut magnitude[at..][..LANES]);
    }
    let (ab, aa, bb) = (ab.reduce_sum(), aa.reduce_sum(), bb.reduce_sum());
    ab / (aa * bb + 1.0).sqrt()
}
