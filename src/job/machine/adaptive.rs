//! The adaptive strategy: a human or a machine, from the whole course of the first seconds.
#![forbid(unsafe_code)]

use crate::detect::heard::Heard;
use crate::time::Samples;

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
pub struct Judge {}

impl Judge {
    /// Hears, in order.
    pub fn hear(&mut self, _heard: &Heard) {}

    /// What it would say now.
    pub fn verdict(&self, _now: Samples) -> Verdict {
        Verdict::default()
    }
}
