//! The engine.
mod analysis;
mod leg;
mod tap;
pub use analysis::{Analysis, HeardDigit, Report};
