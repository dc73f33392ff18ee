//! The pipeline: one short-time spectrum, shared by the tone detector and the voice detector.
#![forbid(unsafe_code)]

use super::fact::Fact;
use super::stft::{HOP, Stft};
use super::tones::Tones;
use super::voice::Voice;
use crate::time::Samples;

/// What the detectors would report about the audio so far if no audio followed.
#[derive(Debug, Default)]
pub struct Preview {
    /// The facts. Voice that lasts ends; a tone that lasts gives none.
    pub facts: Vec<Fact>,
    /// Nothing audible and no tone that may still be reported: audio that follows adds no fact about the audio so far.
    pub quiet: bool,
}

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
            let tone = tones.process(spectrum, dtmf_since.is_some(), facts);
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

    /// The preview at this moment; the pipeline does not change.
    pub fn preview(&self) -> Preview {
        let now = self.stft.now();
        let mut pipeline = self.clone();
        let mut facts = Vec::new();
        // Completes the hop.
        pipeline.gap(self.stft.to_next_hop(), &mut facts);
        let quiet = pipeline.tones.is_idle() && pipeline.voice.is_quiet();
        pipeline.tones.finish_ended(&mut facts);
        pipeline.voice.finish(now, &mut facts);
        Preview { facts, quiet }
    }

    /// Time before which all facts have been reported.
    pub fn complete_until(&self) -> Samples {
        self.voice.complete_until().min(self.stft.now())
    }
}
