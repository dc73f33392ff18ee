//! The engine: runs the detectors and jobs of [`earwig_core`] on threads, with files and sockets. The safe Rust API.
//!
//! A [`Channel`] is one call. Its media thread copies audio into a ring. A worker serves its channels every 10 ms: it runs their
//! detectors and jobs, and passes events and results to the host, which polls, waits or sets a callback.
#![forbid(unsafe_code)]

mod channel;
mod dispatch;
mod job_slot;
mod mailbox;
mod outbox;
mod printable;
mod recorder_job;
mod served;
mod shared;
mod status_callback;
mod storage;
mod sync;
mod tap;
pub mod webhook;
mod worker;
mod worker_log;

pub use channel::{
    Callback, Channel, ChannelOptions, ChannelSnapshot, ChannelStats, JobSnapshot, RecorderInfo,
    in_callback, may_block, state_after,
};
pub(crate) use printable::printable;
pub use shared::{EngineOptions, EngineStats, WORKERS_MAX};
pub use storage::reader::{Content, decrypt, validate};
pub use storage::recovery::recover;
pub use worker_log::log;

use earwig_core::types::Error;
use shared::EngineShared;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The workers and the channels that they serve. After dropping it, the threads end with the last channel.
pub struct Engine {
    shared: Arc<EngineShared>,
}

impl Engine {
    /// Starts an engine with `workers` threads, 0 to 64; 0: one for each processor, at most 4. Other options have their defaults.
    pub fn new(workers: usize) -> Result<Self, Error> {
        Self::with_options(EngineOptions {
            workers,
            ..EngineOptions::default()
        })
    }

    /// Starts an engine.
    pub fn with_options(options: EngineOptions) -> Result<Self, Error> {
        Ok(Self {
            shared: EngineShared::start(options)?,
        })
    }

    /// Creates a channel in state IDLE. The caller owns one handle and releases it with [`Channel::drop_handle`].
    pub fn channel(&self, options: ChannelOptions) -> Result<Arc<Channel>, Error> {
        let worker = self.shared.pick_worker();
        let (channel, readers) = Channel::create(self.shared.clone(), worker, options)?;
        self.shared.adopt(worker, &channel, readers)?;
        Ok(channel)
    }

    /// Ends the engine and waits for its threads; ERR_BUSY while channels have handles.
    pub fn shutdown(&self, timeout: Option<Duration>) -> Result<(), Error> {
        channel::may_block()?;
        self.shared.shutdown(timeout)
    }

    /// Counters.
    pub fn stats(&self) -> EngineStats {
        self.shared.stats()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// Number of engines and channels of the process that are not freed.
pub fn live_handles() -> u64 {
    shared::LIVE_HANDLES.load(Ordering::Relaxed)
}
