//! Detectors and decisions of earwig, without threads, files, clocks or sockets.
//!
//! The inputs are audio, digits from the signalling and media time. The outputs are events, results and the bytes of recordings.
//! The workers of the engine, in the `earwig` package, run this code.
//!
//! [`call::Call`] is one call: it feeds the detectors in [`detect`], and their facts feed the jobs in [`job`] (`dtmf`,
//! `recorder`, `machine`), which decide. [`analysis`] does the same for a file.
//!
//! Each layer imports only from those to its right: `analysis -> call -> event -> job -> detect, codec -> dsp`. All of them may
//! import [`types`] and [`time`].
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
