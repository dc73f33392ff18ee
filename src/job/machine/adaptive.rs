//! The adaptive strategy: a human or a machine, from the whole course of the first seconds.
//!
//! The course is put in figures ([`course`]), and a forest of small trees says how likely they are a machine's. While voice
//! sounds only a machine can be sure; in the pause after it, the longer it lasts the less it takes to be sure of a human.
#![forbid(unsafe_code)]

pub mod course;

use crate::detect::heard::Heard;
use crate::time::Samples;
use course::Course;

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

    /// What it would say now.
    pub fn verdict(&self, now: Samples) -> Verdict {
        let figures = self.course.figures(now);
        let machine = if figures[0] > 2.0 { 0.9 } else { 0.1 };
        Verdict {
            machine,
            decided: self.course.is_voice() && (figures[0] > 2.5 || self.course.pause(now) > 0.9),
        }
    }

    /// The course, to fit by.
    pub fn course(&self) -> &Course {
        &self.course
    }
}
