//! The engine: from a media thread to a cause. The safe Rust API.
//!
//! A [`Channel`] is one call. Its media thread copies audio into a ring; a worker goes round its channels every 10 ms,
//! feeds the detectors and jobs, and hands events and results to whoever waits, polls, or has left a callback.
#![forbid(unsafe_code)]

mod analysis;
mod channel;
mod collect;
mod core;
mod detection;
mod disk;
mod dispatch;
mod event;
mod job;
mod leg;
mod machine;
mod outbox;
mod record;
mod recording;
mod status;
mod tap;
pub mod webhook;
mod worker;

pub use analysis::{After, Analysis, HeardDigit, Report};
pub use channel::{Callback, Channel, ChannelOptions, ChannelStats, in_callback, may_block};
pub use core::{EngineStats, WORKERS_MAX};
pub use disk::Recorded;
pub use disk::stored::{Content, decrypt, recover, validate};
pub use event::Event;
pub use record::{RecorderStatus, state_after};
pub use status::{ChannelStatus, Latest};

use crate::cause::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The workers, and the channels that they serve. Dropping it lets the threads end once the last channel is gone.
pub struct Engine {
    core: Arc<core::Core>,
}

impl Engine {
    /// Starts an engine with `workers` threads; 0 is as many as the machine wants, up to four.
    pub fn new(workers: usize) -> Result<Self, Error> {
        Ok(Self {
            core: core::Core::start(workers)?,
        })
    }

    /// A channel without a call. The caller has one handle of it, to be given back by [`Channel::drop_handle`].
    pub fn channel(&self, options: ChannelOptions) -> Result<Arc<Channel>, Error> {
        Channel::create(&self.core, options)
    }

    /// Ends the engine and waits for its threads; refused while channels have handles.
    pub fn shutdown(&self, timeout: Option<Duration>) -> Result<(), Error> {
        channel::may_block()?;
        self.core.shutdown(timeout)
    }

    /// Counters.
    pub fn stats(&self) -> EngineStats {
        self.core.stats()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.core.close();
    }
}

/// Engines and channels that are not freed yet, in the whole process.
pub fn live_handles() -> u64 {
    core::LIVE_HANDLES.load(Ordering::Relaxed)
}
