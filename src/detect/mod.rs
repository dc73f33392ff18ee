//! Samples to facts.
pub mod dtmf;
