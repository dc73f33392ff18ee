//! What could be a tone in one spectrum: its strongest peak, the next one, and how much is left beside them.
#![forbid(unsafe_code)]

use crate::detect::stft::{BINS, Spectrum};

/// Where tones are looked for: 250 to 2720 Hz.
const LOW: usize = 8;
const HIGH: usize = 88;

/// What counts as sound: 156 to 3970 Hz, without hum.
const HEARD_LOW: usize = 5;
const HEARD_HIGH: usize = BINS - 1;

/// A tone's peak and its two neighbours have this times the squared amplitude: Hann.
pub(super) const LOBE: f32 = 1.5;

/// Of the sound, the peaks must have this share: as much as a tone has in noise of its own power, less the noise's chance.
const LEAST_SHARE: f32 = 0.36;

/// A second tone is at most so much weaker: 10 dB.
const TWIST: f32 = 0.1;

/// Bins from a peak to the next: 350 and 440 Hz are 2.9 apart.
const APART: usize = 3;

/// A square wave's harmonics are looked at up to this one.
const HARMONICS: usize = 7;

/// One hop with a peak that could be a tone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PeakFinder {
    /// Bin of the strongest peak, and of the second if it is strong enough to be a tone too.
    pub bin: usize,
    pub second: Option<usize>,
    /// Power of both with their neighbours, and of all that is facts.
    pub lobes: f32,
    pub total: f32,
}

/// Power of a peak and its neighbours.
pub(super) fn lobe(power: &[f32; BINS], bin: usize) -> f32 {
    power[bin - 1] + power[bin] + power[bin + 1]
}

/// All that is facts.
pub(super) fn total(power: &[f32; BINS]) -> f32 {
    let mut sums = [0.0f32; 8];
    for chunk in power[LOW..HEARD_HIGH].chunks_exact(8) {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += x;
        }
    }
    sums.iter().sum::<f32>() + power[HEARD_LOW..LOW].iter().sum::<f32>()
}

/// Power of the harmonics of this bin, with their neighbours.
pub(super) fn harmonics(power: &[f32; BINS], bin: usize) -> f32 {
    (2..=HARMONICS)
        .map(|n| n * bin)
        .take_while(|&b| b + 2 < BINS)
        .map(|b| power[b - 2..=b + 2].iter().sum::<f32>())
        .sum()
}

/// Whether the bin is one of a harmonic.
fn is_harmonic(bin: usize, of: usize) -> bool {
    let order = (bin + of / 2) / of;
    order >= 2 && bin.abs_diff(order * of) <= order.div_ceil(2) + 1
}

/// Power of the strongest bin that belongs neither to these nor to a harmonic of the first.
pub(super) fn strongest_other(power: &[f32; BINS], first: usize, second: usize) -> f32 {
    let other = |b: usize| {
        b.abs_diff(first) >= APART && b.abs_diff(second) >= APART && !is_harmonic(b, first)
    };
    Maxima::new(power)
        .strongest(power, other)
        .map_or(0.0, |b| power[b])
}

/// The strongest of each eight bins.
struct Maxima([f32; (HIGH - LOW) / 8]);

impl Maxima {
    fn new(power: &[f32; BINS]) -> Self {
        let mut maxima = [0.0f32; (HIGH - LOW) / 8];
        for (max, chunk) in maxima.iter_mut().zip(power[LOW..HIGH].chunks_exact(8)) {
            let pair = |a: f32, b: f32| if a > b { a } else { b };
            let four: [f32; 4] = std::array::from_fn(|i| pair(chunk[i], chunk[i + 4]));
            *max = pair(pair(four[0], four[1]), pair(four[2], four[3]));
        }
        Self(maxima)
    }

    /// The strongest bin among those that may be.
    fn strongest(&self, power: &[f32; BINS], may_be: impl Fn(usize) -> bool) -> Option<usize> {
        let (mut best, mut most) = (None, 0.0);
        for (i, &max) in self.0.iter().enumerate() {
            if max <= most {
                continue;
            }
            let from = LOW + 8 * i;
            for (bin, &power) in (from..).zip(&power[from..from + 8]) {
                if power > most && may_be(bin) {
                    (best, most) = (Some(bin), power);
                }
            }
        }
        best
    }
}

impl PeakFinder {
    /// `None` if there is no peak that could be a tone. `least`: power of the weakest lobe that is one.
    pub fn new(spectrum: &Spectrum, least: f32) -> Option<Self> {
        let power = &spectrum.power;
        let maxima = Maxima::new(power);
        let bin = maxima.strongest(power, |_| true)?;
        let main = lobe(power, bin);
        if main < least {
            return None;
        }
        let total = total(power);
        if main < LEAST_SHARE / 2.0 * total {
            return None;
        }
        let other = maxima.strongest(power, |b| b.abs_diff(bin) >= APART)?;
        let mut look = Self {
            bin,
            second: None,
            lobes: main,
            total,
        };
        if power[other] >= TWIST * power[bin] {
            look.lobes += lobe(power, other);
            look.second = Some(other);
        }
        if look.lobes < LEAST_SHARE * total {
            return None;
        }
        if look.lobes < 0.95 * total {
            look.forgive_harmonics(power);
        }
        Some(look)
    }

    /// A buzzer's harmonics are its own.
    fn forgive_harmonics(&mut self, power: &[f32; BINS]) {
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
