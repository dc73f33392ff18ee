//! The engine.
mod analysis;
pub use analysis::{Analysis, HeardDigit, Report};
