//! The adaptive strategy: a human or a machine, from the whole features of the first seconds.
//!
//! The features is put in figures ([`features`]), and a forest of small trees says how likely they are a machine's. While voice
//! sounds only a machine can be sure; in the pause after it, the longer it lasts the less it takes to be sure.
#![forbid(unsafe_code)]

pub mod features;
mod forest;
mod model;
#[cfg(test)]
mod tests;

use crate::detect::fact::Fact;
use crate::time::Samples;
use features::Features;

/// While voice sounds it takes this to be sure of a machine, and that much voice.
const SOUNDING: f32 = 0.985;
const SOUNDING_SECONDS: f32 = 0.8;

/// In a pause it takes this.
const SURE_MACHINE: f32 = 0.95;

/// A person waits: from this pause on there may be one, if it is no likelier a machine than this.
const SHORT_PAUSE_SECONDS: f32 = 0.7;
const SHORT_PAUSE_HUMAN: f32 = 0.03;

/// At this pause it is decided: a human, if it is no likelier a machine than this.
const LONG_PAUSE_SECONDS: f32 = 1.4;
const LONG_PAUSE_HUMAN: f32 = 0.6;

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// A person, who waits to be spoken to.
    Human,
    /// A machine, with a greeting or a menu.
    Machine,
}

/// What it would say now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How likely it is a machine: 0 to 1.
    pub machine: f32,
    /// Who it is, if it is sure enough to say so.
    pub decided: Option<Answerer>,
}

impl Estimate {
    /// Who it is if it has to be said now.
    pub fn answerer(&self) -> Answerer {
        self.decided.unwrap_or(if self.machine > LONG_PAUSE_HUMAN {
            Answerer::Machine
        } else {
            Answerer::Human
        })
    }

    /// How sure it is: 0.5 to 1.
    pub fn confidence(&self) -> f32 {
        let likely = match self.decided {
            Some(Answerer::Human) => 1.0 - self.machine,
            Some(Answerer::Machine) => self.machine,
            None => self.machine.max(1.0 - self.machine),
        };
        likely.max(0.5)
    }
}

/// The classifier of one call.
#[derive(Clone, Debug, Default)]
pub struct Classifier {
    features: Features,
}

impl Classifier {
    /// Hears, in order.
    pub fn fact(&mut self, fact: &Fact) {
        self.features.fact(fact);
    }

    /// Whether what it facts was voice, and not by chance.
    pub fn has_voice(&self) -> bool {
        self.features.is_voice()
    }

    /// What it would say now.
    pub fn estimate(&self, now: Samples) -> Estimate {
        if !self.features.is_voice() {
            return Estimate {
                machine: 0.5,
                decided: None,
            };
        }
        let machine = forest::machine(&self.features.figures(now));
        let decided = match self.features.pause(now) {
            None => {
                let sure = machine >= SOUNDING && self.features.voiced(now) >= SOUNDING_SECONDS;
                sure.then_some(Answerer::Machine)
            }
            Some(pause) => waits(machine, pause),
        };
        Estimate { machine, decided }
    }

    /// The features so far: what the trees are fitted on.
    pub fn features(&self) -> &Features {
        &self.features
    }
}

/// Who it is after so many seconds of silence.
fn waits(machine: f32, pause: f32) -> Option<Answerer> {
    let along = (pause - SHORT_PAUSE_SECONDS) / (LONG_PAUSE_SECONDS - SHORT_PAUSE_SECONDS);
    if along < 0.0 {
        return None;
    }
    let along = along.min(1.0);
    let human = SHORT_PAUSE_HUMAN + (LONG_PAUSE_HUMAN - SHORT_PAUSE_HUMAN) * along;
    if machine <= human {
        Some(Answerer::Human)
    } else if machine >= SURE_MACHINE || along >= 1.0 {
        Some(Answerer::Machine)
    } else {
        None
    }
}
