//! `detect_machine`: who answered, from facts about voice and tones.
#![forbid(unsafe_code)]

pub mod classifier;
mod detection;
mod job;
mod options;
mod result;
mod utterance;

pub use detection::Detection;
pub use job::{CallTimes, MachineJob};
pub use options::{MachineOptions, SECRET_MOST, Secret, URL_MOST};
pub use result::{MachineOutput, MachineResult};
