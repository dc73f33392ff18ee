//! `detect_machine`: decides who answered from facts about voice and tones.
#![forbid(unsafe_code)]

mod after_machine;
pub mod classifier;
mod continuation;
mod detection;
mod job;
pub mod kind;
mod options;
pub mod phrases;
mod result;
mod utterance;

pub use detection::Detection;
pub use job::{CallTimes, MachineJob};
pub use kind::KindEstimate;
pub use options::{MachineOptions, SECRET_MAX, Secret, URL_MAX};
pub use result::{MachineOutput, MachineResult};
