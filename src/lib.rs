//! earwig: call intelligence for PBXs.
//!
//! A host copies a call's audio into a [`engine::Channel`]; the library collects its DTMF digits and records it, and answers
//! with causes. Hosts in C use `include/earwig.h`; hosts in Rust use [`engine`].
//!
//! Layers, each importing only to its right: `ffi -> engine -> job -> detect, codec -> dsp`; the leaf types [`cause`] and [`time`]
//! may be imported by all. `unsafe` stands in `ffi` alone.
#![deny(unsafe_code)]

pub mod cause;
pub mod codec;
pub mod detect;
pub mod dsp;
pub mod engine;
#[allow(unsafe_code)]
pub mod ffi;
pub mod job;
pub mod time;
