//! The adaptive strategy: a human or a machine, from the whole course of the first seconds.
//!
//! The course is put in figures ([`course`]), and a forest of small trees says how likely they are a machine's. While voice
//! sounds only a machine can be sure; in the pause after it, the longer it lasts the less it takes to be sure.
#![forbid(unsafe_code)]

pub mod course;
mod forest;
#[cfg(test)]
mod tests;
mod trees;

use crate::detect::heard::Heard;
use crate::time::Samples;
use course::Course;

/// While voice sounds it takes this to be sure of a machine, and that much voice.
const SOUNDING: f32 = 0.985;
const SOUNDING_SECONDS: f32 = 0.8;

/// In a pause it takes this.
const MACHINE: f32 = 0.95;

/// A person waits: from this pause on there may be one, if it is no likelier a machine than this.
const PAUSE: (f32, f32) = (0.7, 0.03);

/// At this pause it is decided: a machine if it is likelier than this.
const LONG_PAUSE: (f32, f32) = (1.4, 0.6);

/// What it would say now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// How likely it is a machine: 0 to 1.
    pub machine: f32,
    /// It is sure enough to speak.
    pub decided: bool,
}

/// The judge of one call.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    course: Course,
}

impl Judge {
    /// Hears, in order.
    pub fn hear(&mut self, heard: &Heard) {
        self.course.hear(heard);
    }

    /// Whether what it heard was voice, and not by chance.
    pub fn has_voice(&self) -> bool {
        self.course.is_voice()
    }

    /// What it would say now.
    pub fn verdict(&self, now: Samples) -> Verdict {
        if !self.course.is_voice() {
            return Verdict {
                machine: 0.5,
                decided: false,
            };
        }
        let figures = self.course.figures(now);
        let machine = forest::machine(&figures);
        let decided = match self.course.pause(now) {
            None => machine >= SOUNDING && self.course.voiced(now) >= SOUNDING_SECONDS,
            Some(pause) => {
                let along = (pause - PAUSE.0) / (LONG_PAUSE.0 - PAUSE.0);
                let human = PAUSE.1 + (LONG_PAUSE.1 - PAUSE.1) * along.min(1.0);
                along >= 0.0 && (machine <= human || machine >= MACHINE || along >= 1.0)
            }
        };
        // What is decided is said as it was decided.
        let machine = match decided {
            true if machine > 0.5
                && machine <= LONG_PAUSE.1
                && self.course.pause(now).is_some() =>
            {
                0.5
            }
            _ => machine,
        };
        Verdict { machine, decided }
    }

    /// The course so far: to fit the trees by.
    pub fn course(&self) -> &Course {
        &self.course
    }
}
