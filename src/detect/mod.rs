//! Samples to facts.
#![forbid(unsafe_code)]

pub mod dtmf;
