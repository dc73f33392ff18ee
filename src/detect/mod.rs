//! Samples to facts.
#![forbid(unsafe_code)]

pub mod activity;
pub mod dtmf;
