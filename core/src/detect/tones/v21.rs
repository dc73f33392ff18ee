//! The V.21 preamble of a fax machine (T.30): HDLC flags at 300 bit/s on 1650 and 1850 Hz.
//!
//! Three flags take 80 ms, which is eight hops and a whole number of cycles: the spectrum repeats every eight hops.
#![forbid(unsafe_code)]

use super::peaks::total;
use crate::detect::fact::Fax;
use crate::detect::stft::{HOP, Spectrum};
use crate::time::Samples;
use crate::types::FaxTone;

/// Bins of the ones (1650 Hz), of the zeros (1850 Hz), and of both with their sidebands.
const ONES: std::ops::RangeInclusive<usize> = 51..=54;
const ZEROS: std::ops::RangeInclusive<usize> = 57..=61;
const BAND: std::ops::RangeInclusive<usize> = 49..=63;

/// Hops of three flags.
const PERIOD: usize = 8;

/// Minimum share of the band in the total power: that in noise of the same power, minus its random variation.
const MIN_SHARE: f32 = 0.45;

/// Maximum change of the zeros' share in the band over one period.
const MAX_CHANGE: f32 = 0.13;

/// Mean of the zeros' share over one period (a quarter of the bits of a flag are zeros), and its minimum relative deviation.
const MEAN: std::ops::RangeInclusive<f32> = 0.1..=0.45;
const MIN_DEVIATION: f32 = 0.15;

/// Repeated hops that confirm the preamble: with the period before them, seven flags.
const CONFIRM_HOPS: u32 = 11;

/// Repeated hops after which the signal is not voice.
const NOT_VOICE_HOPS: u32 = 4;

/// Minimum mean square: -48 dBm0 (amplitude 90).
const MIN_ENERGY: f32 = 4000.0;

/// The preamble detector of one stream.
#[derive(Clone, Debug, Default)]
pub(super) struct V21Detector {
    /// Share of the zeros in the last hops, a ring, and the index of the newest.
    zero_shares: [f32; PERIOD],
    latest: usize,
    /// Consecutive hops in the band, and those of them that repeat the previous period.
    count: u32,
    repeated: u32,
    /// Hops since the last that repeated.
    missed: u32,
    reported: bool,
}

impl V21Detector {
    /// Processes a hop. Returns the preamble once, when it is confirmed.
    pub fn process(&mut self, spectrum: &Spectrum) -> Option<Fax> {
        let power = &spectrum.power;
        let band: f32 = power[BAND].iter().sum();
        // The power of a tone's bins adds up to three times its mean square.
        if spectrum.energy < MIN_ENERGY
            || band < MIN_SHARE * spectrum.energy
            || band < MIN_SHARE * total(power)
        {
            (self.count, self.repeated) = (0, 0);
            return None;
        }
        let zeros: f32 = power[ZEROS].iter().sum();
        let ones: f32 = power[ONES].iter().sum();
        let zero_share = zeros / (zeros + ones);
        self.latest = (self.latest + 1) % PERIOD;
        let previous = std::mem::replace(&mut self.zero_shares[self.latest], zero_share);
        self.count += 1;
        if self.count <= PERIOD as u32 {
            return None;
        }
        if (zero_share - previous).abs() < MAX_CHANGE {
            self.repeated += 1;
            self.missed = 0;
        } else {
            self.missed += 1;
            if self.missed > 1 {
                self.repeated = 0;
            }
        }
        if self.reported || !self.is_flags() || self.repeated < CONFIRM_HOPS {
            return None;
        }
        self.reported = true;
        let now = spectrum.at + HOP as Samples;
        Some(Fax {
            tone: FaxTone::V21,
            start: self.since(now),
            at: now,
        })
    }

    /// Start of the flags.
    fn since(&self, now: Samples) -> Samples {
        now.saturating_sub(u64::from(self.repeated + PERIOD as u32) * HOP as Samples)
    }

    /// Whether the shares of one period are those of flags.
    fn is_flags(&self) -> bool {
        let mean = self.zero_shares.iter().sum::<f32>() / PERIOD as f32;
        let deviation = self
            .zero_shares
            .iter()
            .map(|p| (p - mean).abs())
            .sum::<f32>()
            / PERIOD as f32;
        MEAN.contains(&mean) && deviation > MIN_DEVIATION * mean
    }

    /// Start of the flags that last, if they do.
    pub fn flags_since(&self, now: Samples) -> Option<Samples> {
        (self.repeated >= NOT_VOICE_HOPS && self.is_flags()).then(|| self.since(now))
    }
}
