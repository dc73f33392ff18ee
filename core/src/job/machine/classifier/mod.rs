//! The classifier of `strategy=adaptive`: estimates from the first seconds of a call whether a human or a machine answered.
//!
//! A forest of decision trees maps the [`features`] to the log-odds of a machine, a second one to those of a voice against noise.
//! `decision` says when they are enough for a verdict, and how certain that verdict is.
#![forbid(unsafe_code)]

mod decision;
pub mod features;
mod forest;
mod model;
#[cfg(test)]
mod tests;

use crate::detect::fact::Fact;
use crate::time::Samples;
use features::{FEATURES, FeatureExtractor};
use model::{MACHINE, VOICE};

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// A person, who waits for a reply.
    Human,
    /// A machine with a greeting or a menu.
    Machine,
}

/// An estimate at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Probability of a machine, 0 to 1.
    pub machine: f32,
    /// The likelier answerer at this sensitivity.
    pub likelier: Answerer,
    /// The decision; `None` while the evidence is not enough.
    pub decided: Option<Answerer>,
    /// What was heard is noise, such as a cough or music, and nobody's voice.
    pub noise: bool,
}

impl Estimate {
    /// The decision, or the likelier answerer if there is none.
    pub fn answerer(&self) -> Answerer {
        self.decided.unwrap_or(self.likelier)
    }

    /// Probability that [`Self::answerer`] is right, 0 to 1.
    pub fn confidence(&self) -> f32 {
        self.confidence_in(self.answerer())
    }

    /// Probability that this answerer is right, 0 to 1.
    pub fn confidence_in(&self, answerer: Answerer) -> f32 {
        decision::confidence(self.machine, answerer)
    }
}

/// The classifier of one call.
#[derive(Clone, Debug)]
pub struct Classifier {
    extractor: FeatureExtractor,
    /// Balance of the errors, 0 to 100.
    sensitivity: u8,
    /// Log-odds of a machine from elsewhere, such as words.
    evidence: f32,
}

impl Default for Classifier {
    fn default() -> Self {
        Self::new(50)
    }
}

impl Classifier {
    /// A classifier with this balance of errors, 0 to 100: at 0 people are never lost, at 100 machines are never missed.
    pub fn new(sensitivity: u8) -> Self {
        Self {
            extractor: FeatureExtractor::default(),
            sensitivity,
            evidence: 0.0,
        }
    }

    /// Adds log-odds of a machine from elsewhere. They count once there is voice.
    pub fn add_evidence(&mut self, log_odds: f32) {
        self.evidence += log_odds;
    }

    /// Processes one fact. Facts come in order.
    pub fn process(&mut self, fact: &Fact) {
        self.extractor.process(fact);
    }

    /// Whether the facts so far contain voice, and not only noise that resembles it.
    pub fn has_voice(&self) -> bool {
        self.extractor.has_voice()
    }

    /// Estimates who answered, from the facts so far; `now` is media time.
    pub fn estimate(&self, now: Samples) -> Estimate {
        if !self.extractor.has_voice() {
            return Estimate {
                machine: 0.5,
                likelier: Answerer::Human,
                decided: None,
                noise: false,
            };
        }
        let features = self.extractor.features(now);
        let log_odds = MACHINE.log_odds(&features) + self.evidence;
        let shifted = log_odds + decision::shift(self.sensitivity);
        let pause = self.extractor.pause_seconds(now);
        let decided = match pause {
            None => decision::while_voice_lasts(shifted, self.extractor.voice_seconds(now)),
            Some(pause) => decision::in_pause(shifted, pause),
        };
        let is_pause = pause.is_some_and(decision::is_pause);
        // Evidence from elsewhere, such as words, is evidence of a voice too.
        let only_noise = (is_pause || decided.is_some())
            && VOICE.log_odds(&features) + self.evidence.abs() < decision::MIN_VOICE;
        Estimate {
            machine: decision::probability(log_odds),
            likelier: decision::likelier(shifted),
            decided: decided.filter(|_| !only_noise),
            noise: only_noise && is_pause,
        }
    }

    /// The log-odds of a machine and of a voice at `now`, for the training.
    pub fn log_odds(&self, now: Samples) -> [f32; 2] {
        let features = self.extractor.features(now);
        [MACHINE.log_odds(&features), VOICE.log_odds(&features)]
    }

    /// The features at `now`, from which the forest is trained.
    pub fn features(&self, now: Samples) -> [f32; FEATURES] {
        self.extractor.features(now)
    }
}
