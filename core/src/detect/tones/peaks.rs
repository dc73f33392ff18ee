//! Spectral peaks of one hop that may be tones: the strongest, a second one, and their share of the total power.
#![forbid(unsafe_code)]

use super::hum::Hum;
use crate::detect::stft::{BIN_HZ, BINS, Spectrum};

/// Bins searched for tones: 250 to 2720 Hz.
const MIN_BIN: usize = 8;
const MAX_BIN: usize = 88;

/// Bins of the total power: 156 to 3970 Hz.
const TOTAL_MIN_BIN: usize = 5;
const TOTAL_MAX_BIN: usize = BINS - 1;

/// Power of a tone's peak bin and its two neighbors, relative to its squared amplitude (Hann window).
pub(super) const LOBE: f32 = 1.5;

/// Minimum share of the peaks in the total power: that of a tone in noise of the same power, minus its random variation.
const MIN_SHARE: f32 = 0.36;

/// Minimum power of a second tone, relative to the first: -10 dB.
const MIN_TWIST: f32 = 0.1;

/// Minimum distance of two peaks in bins: 350 and 440 Hz are 2.9 apart.
const MIN_DISTANCE: usize = 3;

/// Highest harmonic of a square wave that is added to its power.
const MAX_HARMONIC: usize = 7;

/// The peaks of a hop that may be tones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peaks {
    /// Bin of the strongest peak, and of the second one if it is strong enough to be a tone.
    pub bin: usize,
    pub second: Option<usize>,
    /// Power of both peaks with their neighbors, and total power.
    pub lobes: f32,
    pub total: f32,
}

/// Power of a bin and its two neighbors.
pub(super) fn lobe(power: &[f32; BINS], bin: usize) -> f32 {
    power[bin - 1] + power[bin] + power[bin + 1]
}

/// Total power between 156 and 3970 Hz.
pub(super) fn total(power: &[f32; BINS]) -> f32 {
    let mut sums = [0.0f32; 8];
    for chunk in power[MIN_BIN..TOTAL_MAX_BIN].chunks_exact(8) {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += x;
        }
    }
    sums.iter().sum::<f32>() + power[TOTAL_MIN_BIN..MIN_BIN].iter().sum::<f32>()
}

/// Power of the harmonics of `bin`, each with two neighbors on either side.
pub(super) fn harmonics(power: &[f32; BINS], bin: usize) -> f32 {
    (2..=MAX_HARMONIC)
        .map(|n| n * bin)
        .take_while(|&b| b + 2 < BINS)
        .map(|b| power[b - 2..=b + 2].iter().sum::<f32>())
        .sum()
}

/// Power of the second harmonic of a tone at `hz`; 0 beyond the spectrum.
pub(super) fn second_harmonic(power: &[f32; BINS], hz: f32) -> f32 {
    let bin = (2.0 * hz / BIN_HZ).round() as usize;
    if bin + 1 < BINS {
        lobe(power, bin)
    } else {
        0.0
    }
}

/// Whether `bin` belongs to a harmonic of `fundamental`.
fn is_harmonic(bin: usize, fundamental: usize) -> bool {
    let order = (bin + fundamental / 2) / fundamental;
    order >= 2 && bin.abs_diff(order * fundamental) <= order.div_ceil(2) + 1
}

/// Power of the strongest bin that belongs neither to the two peaks nor to a harmonic of the first.
pub(super) fn strongest_other(power: &[f32; BINS], first: usize, second: usize) -> f32 {
    let other = |b: usize| {
        b.abs_diff(first) >= MIN_DISTANCE
            && b.abs_diff(second) >= MIN_DISTANCE
            && !is_harmonic(b, first)
    };
    GroupMaxima::new(power)
        .strongest(power, other)
        .map_or(0.0, |b| power[b])
}

/// The maximum of each group of eight bins, which speeds up several searches of one spectrum.
struct GroupMaxima([f32; (MAX_BIN - MIN_BIN) / 8]);

impl GroupMaxima {
    fn new(power: &[f32; BINS]) -> Self {
        let mut maxima = [0.0f32; (MAX_BIN - MIN_BIN) / 8];
        for (max, chunk) in maxima
            .iter_mut()
            .zip(power[MIN_BIN..MAX_BIN].chunks_exact(8))
        {
            let pair = |a: f32, b: f32| if a > b { a } else { b };
            let four: [f32; 4] = std::array::from_fn(|i| pair(chunk[i], chunk[i + 4]));
            *max = pair(pair(four[0], four[1]), pair(four[2], four[3]));
        }
        Self(maxima)
    }

    /// The strongest bin that satisfies `accept`; `None` if none has power.
    fn strongest(&self, power: &[f32; BINS], accept: impl Fn(usize) -> bool) -> Option<usize> {
        let (mut best, mut max_power) = (None, 0.0);
        for (i, &max) in self.0.iter().enumerate() {
            if max <= max_power {
                continue;
            }
            let from = MIN_BIN + 8 * i;
            for (bin, &power) in (from..).zip(&power[from..from + 8]) {
                if power > max_power && accept(bin) {
                    (best, max_power) = (Some(bin), power);
                }
            }
        }
        best
    }
}

impl Peaks {
    /// Finds the peaks of a hop. Returns `None` if none may be a tone. `min_lobe`: minimum power of a peak with its neighbors.
    pub fn find(spectrum: &Spectrum, hum: &Hum, min_lobe: f32) -> Option<Self> {
        let power = &spectrum.power;
        let maxima = GroupMaxima::new(power);
        // Neither hum nor the slope of a lower tone is a peak.
        let is_peak = |bin: usize| {
            !hum.fills(bin, power[bin]) && (bin > MIN_BIN || power[bin - 1] <= power[bin])
        };
        let bin = maxima.strongest(power, is_peak)?;
        let main = lobe(power, bin);
        if main < min_lobe {
            return None;
        }
        let total = total(power) - hum.total();
        if main < MIN_SHARE / 2.0 * total {
            return None;
        }
        let other = maxima.strongest(power, |b| b.abs_diff(bin) >= MIN_DISTANCE && is_peak(b))?;
        let mut peaks = Self {
            bin,
            second: None,
            lobes: main,
            total,
        };
        if power[other] >= MIN_TWIST * power[bin] {
            peaks.lobes += lobe(power, other);
            peaks.second = Some(other);
        }
        if peaks.lobes < MIN_SHARE * total {
            return None;
        }
        if peaks.lobes < 0.95 * total {
            peaks.add_harmonics(power);
        }
        Some(peaks)
    }

    /// Counts the harmonics of a buzzer (square wave) as part of its tone.
    fn add_harmonics(&mut self, power: &[f32; BINS]) {
        let harmonics = harmonics(power, self.bin);
        if self.second.is_some_and(|s| is_harmonic(s, self.bin)) {
            self.lobes = lobe(power, self.bin);
            self.second = None;
        }
        if harmonics > 0.05 * self.total {
            self.lobes += harmonics;
        }
    }
}
