//! Detectors: samples of one stream in, facts with their times out. No detector knows of jobs, calls or options.
#![forbid(unsafe_code)]

pub mod dtmf;
pub mod fact;
pub mod pipeline;
pub mod silence;
pub mod stft;
pub mod tones;
pub mod voice;
