//! The three jobs of a call: [`dtmf`] collects digits, [`recorder`] records, [`machine`] detects who answered.
//!
//! A job is a state machine without I/O: facts, media time, stop and hang-up go in; outputs and a result come out.
#![forbid(unsafe_code)]

pub mod dtmf;
pub mod machine;
pub mod options;
pub mod recorder;
