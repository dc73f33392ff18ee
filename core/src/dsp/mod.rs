//! Signal processing on samples: filter banks, levels, decimation, resampling. No state beyond the stream being processed.
#![forbid(unsafe_code)]

pub mod bank;
pub mod decimate;
pub mod level;
pub mod resample;

use fearless_simd::Level;
use once_cell::sync::Lazy;

/// The vector instructions of this machine. Hot loops are compiled once for each level; their results differ by rounding at most.
pub static LEVEL: Lazy<Level> = Lazy::new(Level::new);
