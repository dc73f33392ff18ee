//! Voice: bursts of it, and what the adaptive strategy judges by.
#![forbid(unsafe_code)]

use super::ear::Sight;
use super::heard::Heard;
use crate::time::Samples;

/// Ten milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its first sample.
    pub at: Samples,
    /// Level.
    pub level_dbm0: f32,
    /// The line's own noise.
    pub floor_dbm0: f32,
    /// How much like voice it is: 0 to 1.
    pub voice: f32,
    /// A tone sounds.
    pub tone: bool,
    /// Pitch; 0 if there is none.
    pub pitch_hz: f32,
}

/// One stream's detector of voice.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    now: Samples,
}

impl Voice {
    /// Sees one hop; `tone`: since when what sounds now is a tone, if it is.
    pub fn see(&mut self, sight: &Sight, _tone: Option<Samples>, _heard: &mut Vec<Heard>) {
        self.now = sight.at;
    }

    /// The stream is over: a burst that lasts is ended.
    pub fn finish(&mut self, now: Samples, _heard: &mut Vec<Heard>) {
        self.now = now;
    }

    /// Everything that began or ended before has been told.
    pub fn told_until(&self) -> Samples {
        self.now
    }
}
