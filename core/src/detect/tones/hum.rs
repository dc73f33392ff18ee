//! Hum of the mains: the steady power of the lowest bins. It is neither part of a tone nor of the noise that a tone is compared to.
#![forbid(unsafe_code)]

use crate::detect::stft::Spectrum;

/// First bin and number of bins, 156 to 313 Hz: the harmonics of 50 and 60 Hz that a tone would be compared to.
const FIRST_BIN: usize = 5;
const BINS: usize = 6;

/// Hops of a block, 1 s. The hum is the minimum power of the current block and the previous one: music seldom holds a note as long.
const BLOCK_HOPS: u32 = 100;

/// Hops whose window begins before the stream.
const WARMUP_HOPS: u32 = 4;

/// Maximum of the hum relative to its minimum: two harmonics in one bin beat.
const VARIATION: f32 = 4.0;

/// The hum of one stream.
#[derive(Clone, Debug)]
pub(super) struct Hum {
    /// Minimum power of each bin in the current block and in the previous one.
    current: [f32; BINS],
    previous: [f32; BINS],
    /// Hops of the current block.
    hops: u32,
    /// Hops of the stream, up to `WARMUP_HOPS`.
    warmup: u32,
    /// Power of each bin at the latest hop that is hum.
    power: [f32; BINS],
    total: f32,
}

impl Default for Hum {
    fn default() -> Self {
        Self {
            current: [f32::MAX; BINS],
            previous: [f32::MAX; BINS],
            hops: 0,
            warmup: 0,
            power: [0.0; BINS],
            total: 0.0,
        }
    }
}

impl Hum {
    /// Processes a hop.
    pub fn process(&mut self, spectrum: &Spectrum) {
        if self.warmup < WARMUP_HOPS {
            self.warmup += 1;
            return;
        }
        let power = &spectrum.power[FIRST_BIN..FIRST_BIN + BINS];
        self.total = 0.0;
        for (i, &power) in power.iter().enumerate() {
            self.current[i] = self.current[i].min(power);
            let min = self.current[i].min(self.previous[i]);
            self.power[i] = power.min(VARIATION * min);
            self.total += self.power[i];
        }
        self.hops += 1;
        if self.hops == BLOCK_HOPS {
            (self.previous, self.current, self.hops) = (self.current, [f32::MAX; BINS], 0);
        }
    }

    /// Power of the hum in all bins at the latest hop.
    pub fn total(&self) -> f32 {
        self.total
    }

    /// Whether a bin has no more than the hum at the latest hop.
    pub fn fills(&self, bin: usize, power: f32) -> bool {
        self.power
            .get(bin.wrapping_sub(FIRST_BIN))
            .is_some_and(|hum| power <= *hum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::stft::Stft;
    use std::f64::consts::TAU;

    /// The hum at the end of steady tones of these frequencies and amplitudes.
    fn hum(tones: &[(f64, f64)]) -> (Hum, f32) {
        let pcm: Vec<i16> = (0..24_000)
            .map(|n| {
                let sine = |&(hz, amplitude): &(f64, f64)| {
                    amplitude * (TAU * hz * f64::from(n) / 8000.0).sin()
                };
                tones.iter().map(sine).sum::<f64>() as i16
            })
            .collect();
        let (mut hum, mut low) = (Hum::default(), 0.0);
        Stft::default().process(&pcm, |spectrum| {
            hum.process(spectrum);
            low = spectrum.power[FIRST_BIN..FIRST_BIN + BINS].iter().sum();
        });
        (hum, low)
    }

    #[test]
    fn harmonics_of_the_mains_are_hum() {
        for base in [50.0, 60.0] {
            let (hum, low) = hum(&[(base, 2000.0), (3.0 * base, 3000.0), (5.0 * base, 500.0)]);
            assert!(
                hum.total() > 0.9 * low && low > 1e6,
                "{} {low}",
                hum.total()
            );
        }
    }

    #[test]
    fn a_tone_that_begins_is_no_hum() {
        let mut hum = Hum::default();
        let mut pcm = vec![0i16; 4000];
        pcm.extend(
            (0..1600).map(|n| (3000.0 * (TAU * 250.0 * f64::from(n) / 8000.0).sin()) as i16),
        );
        Stft::default().process(&pcm, |spectrum| hum.process(spectrum));
        assert_eq!(hum.total(), 0.0);
    }
}
