//! The preamble of a fax machine: HDLC flags by V.21, 300 bit/s on 1650 and 1850 Hz (T.30).
//!
//! Three flags are 80 ms, eight hops, and a whole number of cycles: what is seen comes again after eight hops.
#![forbid(unsafe_code)]

use super::peaks::total;
use crate::detect::fact::Fax;
use crate::detect::stft::{HOP, Spectrum};
use crate::time::Samples;
use crate::types::FaxTone;

/// The bins of ones (1650 Hz), of zeros (1850 Hz), and of both with their sidebands.
const ONES: std::ops::RangeInclusive<usize> = 51..=54;
const ZEROS: std::ops::RangeInclusive<usize> = 57..=61;
const BAND: std::ops::RangeInclusive<usize> = 49..=63;

/// Hops of three flags.
const PERIOD: usize = 8;

/// Of the sound, the band has at least this part: as much as in noise of its own power, less the noise's chance.
const SHARE: f32 = 0.45;

/// The zeros' part of the band comes again within this.
const AGAIN: f32 = 0.13;

/// A flag is a quarter zeros: the mean of their part, and how much it goes up and down.
const MEAN: std::ops::RangeInclusive<f32> = 0.1..=0.45;
const SWING: f32 = 0.15;

/// Hops that must have come again: with the three flags before them, seven flags.
const SURE: u32 = 11;

/// -48 dBm0, as a mean square (amplitude 90).
const LEAST: f32 = 4000.0;

/// Looks for the preamble.
#[derive(Clone, Debug, Default)]
pub(super) struct Preamble {
    parts: [f32; PERIOD],
    at: usize,
    /// Hops in the band one after the other, and those of them that came again.
    count: u32,
    again: u32,
    missed: u32,
    told: bool,
}

impl Preamble {
    /// Sees a hop: the preamble, once it is sure.
    pub fn see(&mut self, spectrum: &Spectrum) -> Option<Fax> {
        let power = &spectrum.power;
        let band: f32 = power[BAND].iter().sum();
        // The sum of a tone's bins is three times its mean square.
        if spectrum.energy < LEAST || band < SHARE * spectrum.energy || band < SHARE * total(power)
        {
            (self.count, self.again) = (0, 0);
            return None;
        }
        let zeros: f32 = power[ZEROS].iter().sum();
        let ones: f32 = power[ONES].iter().sum();
        let part = zeros / (zeros + ones);
        self.at = (self.at + 1) % PERIOD;
        let before = std::mem::replace(&mut self.parts[self.at], part);
        self.count += 1;
        if self.count <= PERIOD as u32 {
            return None;
        }
        if (part - before).abs() < AGAIN {
            self.again += 1;
            self.missed = 0;
        } else {
            self.missed += 1;
            if self.missed > 1 {
                self.again = 0;
            }
        }
        if self.told || !self.is_there() || self.again < SURE {
            return None;
        }
        self.told = true;
        let now = spectrum.at + HOP as Samples;
        Some(Fax {
            tone: FaxTone::V21,
            start: self.since(now),
            at: now,
        })
    }

    fn since(&self, now: Samples) -> Samples {
        now.saturating_sub(u64::from(self.again + PERIOD as u32) * HOP as Samples)
    }

    fn is_there(&self) -> bool {
        let mean = self.parts.iter().sum::<f32>() / PERIOD as f32;
        let swing = self.parts.iter().map(|p| (p - mean).abs()).sum::<f32>() / PERIOD as f32;
        MEAN.contains(&mean) && swing > SWING * mean
    }

    /// Since when the flags sound, if they do.
    pub fn sounds(&self, now: Samples) -> Option<Samples> {
        (self.again >= 4 && self.is_there()).then(|| self.since(now))
    }
}
