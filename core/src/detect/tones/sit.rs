//! Special information tone, SIT (E.180): three rising tones before an announcement.
#![forbid(unsafe_code)]

use super::burst::Burst;
use crate::detect::fact::Network;
use crate::time::{Samples, from_ms};
use crate::types::NetworkTone;

/// E.180: 950, 1400 and 1800 Hz, +-50 Hz each, which includes North America. The tolerance includes the measurement error.
const TONES_HZ: [f32; 3] = [950.0, 1400.0, 1800.0];
const TOLERANCE_HZ: f32 = 54.0;

/// Length of each tone. E.180: 330 +-70 ms; North America: 276 or 380 ms.
const TONE_MS: std::ops::RangeInclusive<u64> = 215..=440;

/// Maximum gap between two tones. E.180: 30 ms; the limit includes the measurement error.
const MAX_GAP_MS: u64 = 55;

/// The SIT detector of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SitDetector {
    /// Start and frequency of the first tone, end of the latest one, and the number of tones so far.
    start: Samples,
    end: Samples,
    hz: f32,
    count: usize,
}

impl SitDetector {
    /// Evaluates a burst that has ended. Returns SIT after its third tone.
    pub fn burst_ended(&mut self, burst: &Burst) -> Option<Network> {
        let is_tone = |n: usize| {
            (burst.hz - TONES_HZ[n]).abs() <= TOLERANCE_HZ
                && burst.hz2 == 0.0
                && TONE_MS.contains(&(burst.length() / from_ms(1)))
        };
        if self.count > 0 && is_tone(self.count) && burst.start < self.end + from_ms(MAX_GAP_MS) {
            self.count += 1;
        } else if is_tone(0) {
            (self.start, self.hz, self.count) = (burst.start, burst.hz, 1);
        } else {
            self.count = 0;
        }
        self.end = burst.end;
        if self.count < TONES_HZ.len() {
            return None;
        }
        self.count = 0;
        Some(Network {
            tone: NetworkTone::Sit,
            start: self.start,
            end: self.end,
            hz: self.hz,
            hz2: 0.0,
        })
    }
}
