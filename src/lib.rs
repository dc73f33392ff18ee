//! earwig: call intelligence for PBXs.
pub mod cause;
pub mod detect;
pub mod dsp;
pub mod engine;
pub mod job;
pub mod time;
