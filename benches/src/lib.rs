//! Labelled calls made from audio, and verdicts on them from facts that the detectors have reported once.
#![forbid(unsafe_code)]

pub mod calls;
pub mod fact_log;
pub mod judged;
pub mod statistics;
