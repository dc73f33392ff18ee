//! Voice activity detection: the likelihood of voice every 10 ms, the segments of voice, and the features that the adaptive
//! strategy of machine detection uses.
//!
//! `features` computes the features of each hop, among them the pitch (`pitch`); `noise_floor` estimates the noise of the line.
//! A small recurrent network (`gru`) estimates the likelihood of voice with a lookahead of 30 ms, and `segments` turns the
//! likelihoods into segments.
#![forbid(unsafe_code)]

mod argmax;
mod features;
mod gru;
mod noise_floor;
mod pitch;
mod segments;
#[cfg(test)]
mod tests;
mod weights;

use self::features::{FeatureExtractor, Features, INPUTS, MIN_VOICE_LEVEL};
use self::gru::{Gru, LOOKAHEAD_HOPS};
use self::noise_floor::NoiseFloor;
use self::segments::{Hop, Segmenter};
use super::fact::{Fact, Frame};
use super::stft::{HOP, Spectrum, Stft};
use crate::dsp::LEVEL;
use crate::dsp::level::FULL_SCALE_DBM0;
use crate::time::Samples;
use fearless_simd::{Simd, dispatch};

/// Level below which the likelihood of voice is 0. It rises to its full value over the next 6 dB.
const MIN_VOICE_DBM0: f32 = -54.0;
const FADE_IN_DB: f32 = 6.0;

/// Faint hops (500 ms) after which the network is idle until a hop is louder: its state would not change any more.
const IDLE_HOPS: u32 = 50;

/// A hop whose likelihood is not known yet, because of the network's lookahead.
#[derive(Clone, Copy, Debug, Default)]
struct PendingHop {
    at: Samples,
    features: Features,
    floor: f32,
    tone: bool,
}

/// The voice detector of one stream.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    now: Samples,
    extractor: FeatureExtractor,
    /// Consecutive faint hops.
    faint_hops: u32,
    floor: NoiseFloor,
    gru: Gru,
    /// A ring of the pending hops, and the number of hops so far.
    pending: [PendingHop; LOOKAHEAD_HOPS + 1],
    hops: usize,
    segmenter: Segmenter,
}

impl Voice {
    /// Processes one hop and appends the facts found. `tone`: start of the tone that lasts, if one does.
    pub fn process(&mut self, spectrum: &Spectrum, tone: Option<Samples>, facts: &mut Vec<Fact>) {
        self.now = spectrum.at + HOP as Samples;
        let voice = dispatch!(*LEVEL, simd => self.analyze(simd, spectrum));
        if let Some(since) = tone {
            for hop in &mut self.pending {
                hop.tone |= hop.at >= since;
            }
        }
        self.hops += 1;
        if self.hops > LOOKAHEAD_HOPS {
            self.report(voice, facts);
        }
    }

    /// Adds a hop to the pending ones. Returns the likelihood of voice of the oldest.
    #[inline(always)]
    fn analyze<S: Simd>(&mut self, simd: S, spectrum: &Spectrum) -> f32 {
        let idle = self.faint_hops >= IDLE_HOPS;
        let features = self.extractor.process(simd, spectrum, idle);
        self.floor.update(features.level);
        let floor = self.floor.level();
        self.pending[self.hops % (LOOKAHEAD_HOPS + 1)] = PendingHop {
            at: spectrum.at,
            features,
            floor,
            tone: false,
        };
        if features.level >= MIN_VOICE_LEVEL {
            self.faint_hops = 0;
        } else if idle {
            return 0.0;
        } else {
            self.faint_hops += 1;
        }
        self.gru
            .step(simd, &features.inputs(features.level - floor))
    }

    /// Reports the oldest pending hop.
    fn report(&mut self, voice: f32, facts: &mut Vec<Fact>) {
        let PendingHop {
            at,
            features,
            floor,
            tone,
        } = self.pending[self.hops % (LOOKAHEAD_HOPS + 1)];
        // Inaudible voice does not count.
        let audible = ((dbm0(features.level) - MIN_VOICE_DBM0) / FADE_IN_DB).clamp(0.0, 1.0);
        let voice = if tone { 0.0 } else { voice * audible };
        facts.push(Fact::Frame(Frame {
            at,
            level_dbm0: dbm0(features.level),
            floor_dbm0: dbm0(floor),
            voice,
            tone,
            blank: features.blank,
            voiced: features.voiced,
            pitch_hz: features.pitch_hz,
            bands: features.bands,
        }));
        let hop = Hop {
            at,
            voice,
            level: features.level,
            floor,
        };
        self.segmenter.process(hop, facts);
    }

    /// Ends the stream at `now` and with it the segment that lasts.
    pub fn finish(&mut self, now: Samples, facts: &mut Vec<Fact>) {
        self.now = now;
        self.segmenter.finish(now, facts);
    }

    /// Whether no segment lasts, and none can begin in the hops so far: none of those that are not complete is audible.
    pub fn is_quiet(&self) -> bool {
        let pending = self.pending.iter();
        self.segmenter.is_quiet()
            && pending
                .map(|hop| (hop.features.level, hop.floor))
                .all(segments::is_quiet)
    }

    /// Time before which the start and end of every segment have been reported.
    pub fn complete_until(&self) -> Samples {
        let hops = (LOOKAHEAD_HOPS * HOP) as Samples;
        self.segmenter.complete_until(self.now.saturating_sub(hops))
    }
}

/// The inputs of the network for each hop of `samples` at 8 kHz. The training of its weights uses them.
pub fn inputs(samples: &[i16]) -> Vec<[f32; INPUTS]> {
    let (mut extractor, mut floor) = (FeatureExtractor::default(), NoiseFloor::default());
    let mut inputs = Vec::new();
    Stft::default().process(samples, |spectrum| {
        let features = dispatch!(*LEVEL, simd => extractor.process(simd, spectrum, false));
        floor.update(features.level);
        inputs.push(features.inputs(features.level - floor.level()));
    });
    inputs
}

/// Converts log2 of a mean square to dBm0.
fn dbm0(level: f32) -> f32 {
    // A sine of full scale has a mean square of 2^29.
    (level - 29.0) * std::f32::consts::LOG10_2 * 10.0 + FULL_SCALE_DBM0
}
