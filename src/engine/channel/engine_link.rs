//! The interface of an engine to its channels.
#![forbid(unsafe_code)]

use super::Channel;
use crate::engine::storage::Storage;
use crate::engine::sync::Threads;
use crate::engine::webhook::Webhooks;
use earwig_core::types::Error;
use std::sync::Arc;

/// The engine of a channel.
pub trait EngineLink: Send + Sync {
    /// Asks `worker` to serve the channel in `slot` before its next round.
    fn request_service(&self, worker: usize, slot: usize);

    /// Starts the dispatcher, unless it runs.
    fn start_dispatcher(self: Arc<Self>) -> Result<(), Error>;

    /// Queues the channel for the dispatcher.
    fn dispatch(&self, channel: Arc<Channel>);

    /// The part of the engine that owns its threads.
    fn threads(self: Arc<Self>) -> Arc<dyn Threads>;

    /// The writer threads of recordings.
    fn storage(&self) -> &Storage;

    /// The senders of status callbacks.
    fn webhooks(&self) -> &Webhooks;

    /// The channel has a first handle again.
    fn channel_opened(&self);

    /// The channel's last handle was dropped.
    fn channel_closed(&self);

    /// The channel's memory is freed.
    fn channel_freed(&self);
}
