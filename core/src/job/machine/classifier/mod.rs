//! The classifier of `strategy=adaptive`: estimates from the first seconds of a call whether a human or a machine answered.
//!
//! A forest of decision trees maps the [`features`] to the probability of a machine. While voice lasts, only MACHINE can be
//! decided; in the pause after it, the threshold for HUMAN rises with the length of the pause.
#![forbid(unsafe_code)]

pub mod features;
mod forest;
mod model;
#[cfg(test)]
mod tests;

use crate::detect::fact::Fact;
use crate::time::Samples;
use features::{FEATURES, FeatureExtractor};

/// While voice lasts: lowest probability of a machine that decides MACHINE, and the voice that it takes, s.
const VOICE_MACHINE: f32 = 0.985;
const VOICE_MACHINE_SECONDS: f32 = 0.8;

/// In a pause: lowest probability of a machine that decides MACHINE.
const PAUSE_MACHINE: f32 = 0.95;

/// Shortest pause that decides, s, and highest probability of a machine that decides HUMAN there.
const SHORT_PAUSE_SECONDS: f32 = 0.7;
const SHORT_PAUSE_HUMAN: f32 = 0.03;

/// Pause that decides in any case, s, and highest probability of a machine that decides HUMAN there; in between, the threshold
/// is interpolated.
const LONG_PAUSE_SECONDS: f32 = 1.4;
const LONG_PAUSE_HUMAN: f32 = 0.6;

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
    /// The decision; `None` while the probability meets no threshold.
    pub decided: Option<Answerer>,
}

impl Estimate {
    /// The decision, or the more likely answerer if there is none.
    pub fn answerer(&self) -> Answerer {
        self.decided.unwrap_or(if self.machine > LONG_PAUSE_HUMAN {
            Answerer::Machine
        } else {
            Answerer::Human
        })
    }

    /// Confidence of [`Self::answerer`], 0.5 to 1.
    pub fn confidence(&self) -> f32 {
        let probability = match self.decided {
            Some(Answerer::Human) => 1.0 - self.machine,
            Some(Answerer::Machine) => self.machine,
            None => self.machine.max(1.0 - self.machine),
        };
        probability.max(0.5)
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

    /// The balance of errors, 0 to 100.
    pub fn sensitivity(&self) -> u8 {
        self.sensitivity
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
                decided: None,
            };
        }
        let machine = forest::machine_probability(&self.extractor.features(now));
        let machine = with_evidence(machine, self.evidence);
        let decided = match self.extractor.pause_seconds(now) {
            None => {
                let is_machine = machine >= VOICE_MACHINE
                    && self.extractor.voice_seconds(now) >= VOICE_MACHINE_SECONDS;
                is_machine.then_some(Answerer::Machine)
            }
            Some(pause) => decide_in_pause(machine, pause),
        };
        Estimate { machine, decided }
    }

    /// The features at `now`, from which the forest is trained.
    pub fn features(&self, now: Samples) -> [f32; FEATURES] {
        self.extractor.features(now)
    }
}

/// A probability after more log-odds.
fn with_evidence(probability: f32, log_odds: f32) -> f32 {
    let odds = probability / (1.0 - probability) * log_odds.exp();
    if odds.is_finite() {
        odds / (1.0 + odds)
    } else {
        1.0
    }
}

/// The decision after `pause` seconds of silence at this probability of a machine.
fn decide_in_pause(machine: f32, pause: f32) -> Option<Answerer> {
    let progress = (pause - SHORT_PAUSE_SECONDS) / (LONG_PAUSE_SECONDS - SHORT_PAUSE_SECONDS);
    if progress < 0.0 {
        return None;
    }
    let progress = progress.min(1.0);
    let max_human = SHORT_PAUSE_HUMAN + (LONG_PAUSE_HUMAN - SHORT_PAUSE_HUMAN) * progress;
    if machine <= max_human {
        Some(Answerer::Human)
    } else if machine >= PAUSE_MACHINE || progress >= 1.0 {
        Some(Answerer::Machine)
    } else {
        None
    }
}
