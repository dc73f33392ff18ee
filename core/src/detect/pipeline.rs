//! The pipeline: one short-time spectrum, shared by the tone detector and the voice detector.
#![forbid(unsafe_code)]

use super::fact::Fact;
use super::stft::{HOP, Stft};
use super::tones::Tones;
use super::voice::Voice;
use crate::time::Samples;

/// All detectors of one stream at 8 kHz, other than DTMF and silence.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    stft: Stft,
    tones: Tones,
    voice: Voice,
    /// Start of the DTMF tone that lasts, if one does.
    dtmf_since: Option<Samples>,
}

impl Pipeline {
    /// A pipeline whose first sample is at time `now`.
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

    /// Sets the start of the DTMF tone that lasts, from the DTMF detector; `None` once it has ended. It is not voice.
    pub fn set_dtmf_tone(&mut self, since: Option<Samples>) {
        self.dtmf_since = since;
    }

    /// Ends the stream and with it the voice segment and the tones that last.
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
