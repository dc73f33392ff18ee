//! All detectors besides DTMF: one spectrum, and the detectors of tones and voice that read it.
#![forbid(unsafe_code)]

use super::fact::Fact;
use super::stft::{HOP, Stft};
use super::tones::Tones;
use super::voice::Voice;
use crate::time::Samples;

/// The detectors of one stream at 8 kHz.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    stft: Stft,
    tones: Tones,
    voice: Voice,
    /// Start of the DTMF tone that sounds.
    dtmf_since: Option<Samples>,
}

impl Pipeline {
    /// A pipeline whose first sample is at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            stft: Stft::new(now),
            ..Self::default()
        }
    }

    /// Processes samples in chunks of any size and appends the facts found.
    pub fn process(&mut self, samples: &[i16], facts: &mut Vec<Fact>) {
        let Self {
            stft,
            tones,
            voice,
            dtmf_since,
        } = self;
        stft.process(samples, |spectrum| {
            let tone = tones.process(spectrum, facts);
            let since = [tone, *dtmf_since].into_iter().flatten().min();
            voice.process(spectrum, since, facts);
        });
    }

    /// Processes `count` missing samples as silence.
    pub fn gap(&mut self, count: Samples, facts: &mut Vec<Fact>) {
        let mut left = count;
        while left > 0 {
            let piece = left.min(HOP as Samples);
            self.process(&[0; HOP][..piece as usize], facts);
            left -= piece;
        }
    }

    /// Start of the DTMF tone that sounds now, by the DTMF detector; `None` when it is over.
    pub fn dtmf_tone(&mut self, since: Option<Samples>) {
        self.dtmf_since = since;
    }

    /// Ends voice and tones that last: the stream is over.
    pub fn finish(&mut self, facts: &mut Vec<Fact>) {
        let now = self.stft.now();
        self.tones.finish(now, facts);
        self.voice.finish(now, facts);
    }

    /// Time before which all facts have been reported.
    pub fn complete_until(&self) -> Samples {
        self.voice.complete_until().min(self.stft.now())
    }
}
