//! Pure maths on samples.
#![forbid(unsafe_code)]

pub mod bank;
pub mod decimate;
pub mod level;
pub mod resample;
