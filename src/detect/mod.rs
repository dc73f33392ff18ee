//! Samples to facts.
#![forbid(unsafe_code)]

pub mod activity;
pub mod dtmf;
pub mod ear;
pub mod ears;
pub mod heard;
pub mod tones;
pub mod voice;
