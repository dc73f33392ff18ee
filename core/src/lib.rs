//! Detectors and decisions of earwig, without threads, files, clocks or sockets.
//!
//! Audio, digits from the signalling and media time go in; facts, decisions and the bytes of a recording come out. The engine
//! in the `earwig` package runs this code on its workers.
//!
//! Layers, each importing only to its right: `analysis -> call -> event -> job -> detect, codec -> dsp`. All of them may import
//! [`types`] and [`time`].
#![forbid(unsafe_code)]

pub mod analysis;
pub mod call;
pub mod codec;
pub mod detect;
pub mod dsp;
pub mod event;
pub mod job;
pub mod time;
pub mod types;
