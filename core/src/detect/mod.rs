//! Samples to facts.
#![forbid(unsafe_code)]

pub mod dtmf;
pub mod fact;
pub mod pipeline;
pub mod silence;
pub mod stft;
pub mod tones;
pub mod voice;
