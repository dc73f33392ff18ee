//! All that is heard besides digits: one ear, and behind it the detectors of voice and of tones.
#![forbid(unsafe_code)]

use super::ear::{Ear, HOP};
use super::heard::Heard;
use super::tones::Tones;
use super::voice::Voice;
use crate::time::Samples;

/// One stream's ears, 8 kHz.
#[derive(Clone, Debug, Default)]
pub struct Ears {
    ear: Ear,
    tones: Tones,
    voice: Voice,
    /// A digit's tone sounds, since.
    digit: Option<Samples>,
}

impl Ears {
    /// Ears that begin to hear at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            ear: Ear::new(now),
            ..Self::default()
        }
    }

    /// Hears samples in chunks of any size; what was heard is appended, in the time that the ears were given.
    pub fn process(&mut self, samples: &[i16], heard: &mut Vec<Heard>) {
        let Self {
            ear,
            tones,
            voice,
            digit,
        } = self;
        ear.hear(samples, |sight| {
            let tone = tones.see(sight, heard);
            let since = [tone, *digit].into_iter().flatten().min();
            voice.see(sight, since, heard);
        });
    }

    /// Hears that so many samples were lost or never sent: as silence.
    pub fn gap(&mut self, count: Samples, heard: &mut Vec<Heard>) {
        let mut left = count;
        while left > 0 {
            let piece = left.min(HOP as Samples);
            self.process(&[0; HOP][..piece as usize], heard);
            left -= piece;
        }
    }

    /// The digits' own detector hears a tone since then, or none any more.
    pub fn digit(&mut self, since: Option<Samples>) {
        self.digit = since;
    }

    /// The stream is over: what lasts is ended.
    pub fn finish(&mut self, heard: &mut Vec<Heard>) {
        let now = self.ear.now();
        self.tones.finish(now, heard);
        self.voice.finish(now, heard);
    }

    /// Everything that began or ended before has been told.
    pub fn told_until(&self) -> Samples {
        self.voice.told_until().min(self.ear.now())
    }
}
