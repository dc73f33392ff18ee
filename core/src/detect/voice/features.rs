//! Features of one hop: levels by band, tonality, spectral change, flatness and periodicity.
#![forbid(unsafe_code)]

use super::argmax::{IndexTable, LANES, index_of_max};
use super::pitch;
use crate::detect::fact::BANDS;
use crate::detect::stft::{BINS, Spectrum};
use crate::dsp::level::FULL_SCALE_DBM0;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u32x16};

/// Inputs of the network: `BANDS` levels, 8 other features and a padding of zero.
pub const INPUTS: usize = 28;

/// First bin of each band, and the end of the last one. The width grows with the frequency; a bin has 31.25 Hz.
const EDGES: [usize; BANDS + 1] = [
    0, 3, 5, 7, 9, 11, 13, 16, 19, 23, 27, 32, 38, 45, 53, 63, 75, 90, 108, BINS,
];

/// Bands of speech on a telephone: 156 to 3375 Hz.
const SPEECH: std::ops::Range<usize> = 2..18;
/// The same in bins.
const FROM: usize = EDGES[SPEECH.start];
const TO: usize = EDGES[SPEECH.end];

/// Mean square added to each level: the level of digital silence.
const SILENCE: f32 = 0.1;

/// Minimum level of voice, log2 of the mean square: -58 dBm0.
pub const MIN_VOICE_LEVEL: f32 = 29.0 - (58.0 + FULL_SCALE_DBM0) / 10.0 / std::f32::consts::LOG10_2;

/// Hops between the two spectra whose similarity is measured.
const SIMILARITY_HOPS: usize = 4;

/// The features of one hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// log2 of the mean square in each band.
    pub bands: [f32; BANDS],
    /// log2 of the mean square in all bands of speech.
    pub level: f32,
    /// Share of the strongest spectral peak in the power of speech.
    pub peak_share: f32,
    /// Share of the two strongest peaks.
    pub two_peaks_share: f32,
    /// Cosine similarity of the spectrum and that of 40 ms ago: 1 if they are equal.
    pub similarity: f32,
    /// Spectral flatness: mean of the log2 levels of the bands minus `level`.
    pub flatness: f32,
    /// Periodicity at a voice's pitch, 0 to 1.
    pub voiced: f32,
    /// Pitch in Hz. Meaningful only if `voiced` is high.
    pub pitch_hz: f32,
    /// All samples are zero.
    pub blank: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            bands: [log2(SILENCE); BANDS],
            level: log2(SILENCE),
            peak_share: 0.0,
            two_peaks_share: 0.0,
            similarity: 0.0,
            flatness: 0.0,
            voiced: 0.0,
            pitch_hz: 0.0,
            blank: true,
        }
    }
}

/// The feature extractor of one stream.
#[derive(Clone, Debug)]
pub struct FeatureExtractor {
    /// Magnitudes of the last hops, a ring.
    magnitudes: [[f32; MAGNITUDES]; SIMILARITY_HOPS],
    oldest: usize,
}

impl Default for FeatureExtractor {
    fn default() -> Self {
        Self {
            magnitudes: [[0.0; MAGNITUDES]; SIMILARITY_HOPS],
            oldest: 0,
        }
    }
}

/// log2 with an error below 0.01: the exponent, and a parabola for the mantissa.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let fraction = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000) - 1.0;
    exponent as f32 + fraction * (1.346_55 - 0.346_55 * fraction)
}

impl FeatureExtractor {
    /// Computes the features of a hop. `idle`: the pitch of faint hops is not needed.
    #[inline(always)]
    pub fn process<S: Simd>(&mut self, simd: S, spectrum: &Spectrum, idle: bool) -> Features {
        if spectrum.silent {
            self.magnitudes[self.oldest] = [0.0; MAGNITUDES];
            self.oldest = (self.oldest + 1) % SIMILARITY_HOPS;
            return Features::default();
        }
        // The power of a sine is in three bins, 1.5 times its squared amplitude, which is three times its mean square.
        let mean_squares = band_powers(&spectrum.power).map(|sum| sum / 3.0);
        let total: f32 = mean_squares[SPEECH].iter().sum();
        let (first, second) = peak_powers(simd, &spectrum.power);
        let total_power = 3.0 * total + 1.0;
        let bands = mean_squares.map(|s| log2(s + SILENCE));
        let level = log2(total + SILENCE);
        let mean = bands[SPEECH].iter().sum::<f32>() / SPEECH.len() as f32;

        let magnitude = &mut self.magnitudes[self.oldest];
        let similarity = similarity(simd, magnitude, &spectrum.power);
        let (voiced, pitch_hz) = match idle && level < MIN_VOICE_LEVEL {
            true => (0.0, 0.0),
            false => pitch::estimate(simd, magnitude),
        };
        self.oldest = (self.oldest + 1) % SIMILARITY_HOPS;
        Features {
            bands,
            level,
            peak_share: first / total_power,
            two_peaks_share: (first + second) / total_power,
            similarity,
            flatness: mean - level,
            voiced,
            pitch_hz,
            blank: spectrum.blank,
        }
    }
}

impl Features {
    /// The inputs of the network. `above_floor`: log2 of the ratio of the level to the noise floor.
    #[inline(always)]
    pub fn inputs(&self, above_floor: f32) -> [f32; INPUTS] {
        let mut inputs = [0f32; INPUTS];
        for (x, band) in inputs.iter_mut().zip(self.bands) {
            *x = (band - 12.0) * 0.2;
        }
        let others = [
            (self.level - 14.0) * 0.2,
            self.peak_share,
            self.two_peaks_share,
            self.similarity,
            (self.flatness + 6.0) * 0.3,
            self.voiced * 2.0,
            (above_floor - 3.0) * 0.25,
            f32::from(u8::from(self.blank)),
        ];
        inputs[BANDS..BANDS + others.len()].copy_from_slice(&others);
        inputs
    }
}

/// Power in each band.
#[inline(always)]
fn band_powers(power: &[f32; BINS]) -> [f32; BANDS] {
    // Unrolled, so that the width of each band is a constant.
    macro_rules! bands {
        ($($band:literal)*) => {
            [$(power[EDGES[$band]..EDGES[$band + 1]].iter().sum(),)*]
        };
    }
    bands!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18)
}

/// The bins of speech, padded to whole vectors.
const PADDED_BINS: usize = (TO - FROM).next_multiple_of(LANES);

/// Bins whose magnitudes are kept: up to the last whole vector within speech.
pub const MAGNITUDES: usize = FROM + (TO - FROM) / LANES * LANES;

static INDICES: IndexTable<PADDED_BINS> = IndexTable::new(0, TO - FROM);

/// Power of the strongest peak in the bins of speech, and of the strongest one apart from it.
#[inline(always)]
fn peak_powers<S: Simd>(simd: S, power: &[f32; BINS]) -> (f32, f32) {
    let zero = u32x16::splat(simd, 0);
    let mut keys = [zero; PADDED_BINS / LANES];
    let mut max = zero;
    for (key, at) in keys.iter_mut().zip((0..).step_by(LANES)) {
        let values = f32x16::from_slice(simd, &power[FROM + at..][..LANES]);
        *key = INDICES.pack(simd, values, at);
        max = max.max(*key);
    }
    let first = index_of_max(max);
    let mut max = zero;
    for (key, at) in keys.iter().zip((0..).step_by(LANES)) {
        // Distance from the third bin below the first peak: 0 to 6 for the bins of that peak.
        let distance = INDICES.indices(simd, at) + 3 - first as u32;
        max = max.max(distance.simd_gt(6).select(*key, zero));
    }
    (
        peak_power(power, first),
        peak_power(power, index_of_max(max)),
    )
}

/// Power of a bin of speech and of two bins on either side. `index` counts from the first bin of speech.
#[inline(always)]
fn peak_power(power: &[f32; BINS], index: usize) -> f32 {
    let (from, to) = (index.saturating_sub(2), (index + 3).min(TO - FROM));
    power[FROM + from..FROM + to].iter().sum()
}

/// Replaces the older magnitudes by the new ones. Returns the cosine similarity of both.
#[inline(always)]
fn similarity<S: Simd>(simd: S, magnitude: &mut [f32; MAGNITUDES], power: &[f32; BINS]) -> f32 {
    for (magnitude, power) in magnitude[..FROM].iter_mut().zip(power) {
        *magnitude = power.sqrt();
    }
    let zero = f32x16::splat(simd, 0.0);
    let (mut ab, mut aa, mut bb) = (zero, zero, zero);
    for at in (FROM..MAGNITUDES).step_by(LANES) {
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
