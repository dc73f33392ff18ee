//! Pure maths on samples.
#![forbid(unsafe_code)]

pub mod bank;
pub mod decimate;
pub mod level;
pub mod resample;

use fearless_simd::Level;
use once_cell::sync::Lazy;

/// What this machine's vectors can do: loops that are worth it are compiled for each level, with the same results but for rounding.
pub static LEVEL: Lazy<Level> = Lazy::new(Level::new);
