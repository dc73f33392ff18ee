//! Sections of the accuracy report, a file or a folder for each.

mod amd;
pub mod digits;
pub mod false_alarms;
mod recordings;
pub mod tones;
pub mod voice;
pub mod who;

pub use amd::AmdVerdicts;
pub use recordings::{Recording, Set};
