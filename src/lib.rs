//! earwig: call intelligence for PBXs.
//!
//! A host copies a call's audio into a [`engine::Channel`]. The library collects DTMF digits, records the call, and detects who
//! answered; it reports results, causes and events. Hosts in C use `include/earwig.h`; hosts in Rust use [`engine`].
//!
//! Layers, each importing only to its right: `capi -> engine -> earwig_core`. `unsafe` stands in `capi` alone.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
pub mod capi;
pub mod engine;

pub use earwig_core;
