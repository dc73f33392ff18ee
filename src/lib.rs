//! earwig: call intelligence for PBXs.
pub mod detect;
pub mod engine;
