//! A voicemail's beep: a steady tone that ends in silence.
#![forbid(unsafe_code)]

use super::burst::Burst;
use super::context::Context;
use super::steadiness;
use crate::detect::fact::Beep;
use crate::detect::stft::Spectrum;
use crate::dsp::level::amplitude_to_dbm0;
use crate::time::{Samples, from_ms};

/// Beeps are found from 80 ms (less the measure's error) to 2500 ms, 350 to 2500 Hz.
const LEAST_MS: u64 = 66;
const MOST_MS: u64 = 2600;
const LOW_HZ: f32 = 344.0;
const HIGH_HZ: f32 = 2530.0;

/// 6 dB above the noise, the noise's chance included.
const LEAST_SHARE: f32 = 0.7;

/// Its frequency changes from hop to hop by no more than that, in noise too.
const MOST_JITTER_HZ: f32 = 2.3;

/// -38 dBm0, as a squared amplitude.
const LEAST_POWER: f32 = 285.0 * 285.0;

/// Quiet that follows a beep: 120 ms, and of the beep's power at most a tenth, or the line's noise.
const QUIET: u32 = 12;
const QUIET_PART: f32 = 0.1;
const QUIET_NOISE: f32 = 2.5;

/// Hops of sound that are let pass meanwhile: an echo, a click.
const LOUD: u32 = 4;

/// A tone that the network uses too is a beep if it has not come again after this.
const NETWORK_MS: u64 = 650;

/// Where the network's single tones are.
const NETWORK_HZ: std::ops::RangeInclusive<f32> = 385.0..=500.0;

/// Another tone so close before is a melody, or a SIT.
const NEXT_MS: u64 = 250;

/// One frequency: within 2 %.
const SAME: f32 = 0.02;

/// A beep that waits for its silence.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    burst: Burst,
    quiet: u32,
    loud: u32,
}

/// Looks for beeps.
#[derive(Clone, Debug, Default)]
pub(super) struct Beeps {
    waiting: Option<Waiting>,
    /// Frequency and end of the tone before.
    note: (f32, Samples),
}

impl Beeps {
    /// A burst is over that is nothing else that is known.
    pub fn add(&mut self, burst: Burst, scene: &Context, melody: bool) {
        if burst.length() < from_ms(LEAST_MS) || !steadiness::is_steady(&burst, scene.noise()) {
            return;
        }
        let (hz, end) = std::mem::replace(&mut self.note, (burst.hz, burst.end));
        let melody = melody
            || hz > 0.0
                && (burst.hz / hz - 1.0).abs() > SAME
                && burst.start < end + from_ms(NEXT_MS);
        let fits = (LEAST_MS..=MOST_MS).contains(&(burst.length() / from_ms(1)))
            && (LOW_HZ..HIGH_HZ).contains(&burst.hz)
            && (burst.hz2 == 0.0 || burst.hz2 > LOW_HZ)
            && burst.share > LEAST_SHARE
            && burst.jitter_hz < MOST_JITTER_HZ
            && burst.power + burst.power2 > LEAST_POWER
            && burst.bad <= burst.good / 3
            && !steadiness::is_digit(&burst);
        if melody || !fits {
            self.waiting = None;
            return;
        }
        self.waiting = Some(Waiting {
            burst,
            quiet: 0,
            loud: 0,
        });
    }

    /// A tone sounds for sure.
    pub fn sounds(&mut self, live: &Burst) {
        if let Some(waiting) = &self.waiting {
            let same = (live.hz / waiting.burst.hz - 1.0).abs() < SAME;
            let echo = same && live.power < waiting.burst.power / 4.0;
            if !echo {
                self.waiting = None;
            }
        }
    }

    /// A hop after it.
    pub fn see(&mut self, spectrum: &Spectrum, scene: &Context) -> Option<Beep> {
        let waiting = self.waiting.as_mut()?;
        let burst = &waiting.burst;
        if spectrum.at < burst.end + from_ms(10) {
            return None;
        }
        let limit = (QUIET_PART * burst.energy).max(QUIET_NOISE * scene.noise());
        if spectrum.energy > limit {
            waiting.loud += 1;
            if waiting.loud > LOUD {
                self.waiting = None;
            }
            return None;
        }
        waiting.quiet += 1;
        let network = NETWORK_HZ.contains(&burst.hz) && burst.hz2 == 0.0;
        if waiting.quiet < QUIET || (network && spectrum.at < burst.end + from_ms(NETWORK_MS)) {
            return None;
        }
        self.tell()
    }

    /// The stream is over.
    pub fn finish(&mut self) -> Option<Beep> {
        self.tell()
    }

    fn tell(&mut self) -> Option<Beep> {
        let burst = self.waiting.take()?.burst;
        Some(Beep {
            start: burst.start,
            end: burst.end,
            hz: burst.hz,
            hz2: burst.hz2,
            level_dbm0: amplitude_to_dbm0((burst.power + burst.power2).sqrt()),
        })
    }
}
