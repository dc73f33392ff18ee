//! Special information tones (E.180): three rising tones before an announcement.
#![forbid(unsafe_code)]

use super::burst::Burst;
use crate::detect::fact::Network;
use crate::time::{Samples, from_ms};
use crate::types::NetworkTone;

/// E.180: 950, 1400, 1800 Hz, +-50 Hz each; North America's are within. And the measure's error.
const HZ: [f32; 3] = [950.0, 1400.0, 1800.0];
const OFF_HZ: f32 = 54.0;

/// E.180: 330 +-70 ms; North America 276 or 380 ms.
const MS: std::ops::RangeInclusive<u64> = 215..=440;

/// E.180: up to 30 ms between them, and the measure's error.
const GAP_MS: u64 = 55;

/// Gathers the three tones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sits {
    start: Samples,
    end: Samples,
    hz: f32,
    count: usize,
}

impl Sits {
    /// A burst is over; three make a SIT.
    pub fn add(&mut self, burst: &Burst) -> Option<Network> {
        let is = |n: usize| {
            (burst.hz - HZ[n]).abs() <= OFF_HZ
                && burst.hz2 == 0.0
                && MS.contains(&(burst.length() / from_ms(1)))
        };
        if self.count > 0 && is(self.count) && burst.start < self.end + from_ms(GAP_MS) {
            self.count += 1;
        } else if is(0) {
            (self.start, self.hz, self.count) = (burst.start, burst.hz, 1);
        } else {
            self.count = 0;
        }
        self.end = burst.end;
        if self.count < HZ.len() {
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
