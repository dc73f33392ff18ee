//! What a channel asks of its engine.
#![forbid(unsafe_code)]

use super::Channel;
use crate::engine::storage::Storage;
use crate::engine::sync::Threads;
use crate::engine::webhook::Webhooks;
use earwig_core::types::Error;
use std::sync::Arc;

/// The engine, as its channels see it.
pub trait EngineLink: Send + Sync {
    /// Asks `worker` to serve the channel in `slot` before its next round.
    fn attend(&self, worker: usize, slot: usize);

    /// Starts the thread that runs callbacks, unless it runs.
    fn start_dispatcher(self: Arc<Self>) -> Result<(), Error>;

    /// Queues the channel for the thread that runs callbacks.
    fn dispatch(&self, channel: Arc<Channel>);

    /// The engine, as the owner of threads.
    fn threads(self: Arc<Self>) -> Arc<dyn Threads>;

    /// Where recordings are written.
    fn storage(&self) -> &Storage;

    /// Where status callbacks are sent from.
    fn webhooks(&self) -> &Webhooks;

    /// The channel has handles again.
    fn channel_opened(&self);

    /// The channel's last handle is gone.
    fn channel_closed(&self);

    /// The channel's memory is freed.
    fn channel_freed(&self);
}
