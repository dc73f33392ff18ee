//! A worker's mailbox: new channels, and channels to be served before the next round.
#![forbid(unsafe_code)]

use super::channel::NewChannel;
use super::sync::{lock, wait_while};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

#[derive(Default)]
struct Pending {
    new: Vec<NewChannel>,
    /// Slots of channels with commands.
    slots: Vec<usize>,
    woken: bool,
}

/// The mailbox of one worker. Any thread may add to it.
#[derive(Default)]
pub struct Mailbox {
    pending: Mutex<Pending>,
    wake: Condvar,
    channels: AtomicUsize,
}

impl Mailbox {
    /// Number of channels of the worker, new ones included.
    pub fn channels(&self) -> usize {
        self.channels.load(Ordering::Relaxed)
    }

    /// Adds a new channel, unless `check` returns an error under the mailbox's lock.
    pub fn add<E>(&self, new: NewChannel, check: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let mut pending = lock(&self.pending);
        check()?;
        self.channels.fetch_add(1, Ordering::Relaxed);
        pending.new.push(new);
        pending.woken = true;
        drop(pending);
        self.wake.notify_one();
        Ok(())
    }

    /// Subtracts a channel that the worker has freed.
    pub fn remove(&self) {
        self.channels.fetch_sub(1, Ordering::Relaxed);
    }

    /// Asks the worker to serve the channel in `slot` before its next round.
    pub fn request_service(&self, slot: usize) {
        let mut pending = lock(&self.pending);
        // A new channel has no slot yet; it is served when it gets one.
        if slot != usize::MAX {
            pending.slots.push(slot);
        }
        pending.woken = true;
        drop(pending);
        self.wake.notify_one();
    }

    /// Wakes the worker.
    pub fn wake(&self) {
        lock(&self.pending).woken = true;
        self.wake.notify_one();
    }

    /// Whether there are new channels.
    pub fn has_new(&self) -> bool {
        !lock(&self.pending).new.is_empty()
    }

    /// Waits until `until` or until the worker is woken. Returns the new channels and the slots to be served.
    pub fn wait(&self, until: Option<Instant>) -> (Vec<NewChannel>, Vec<usize>) {
        let pending = lock(&self.pending);
        let mut pending = wait_while(&self.wake, pending, until, |pending| pending.woken);
        pending.woken = false;
        (
            std::mem::take(&mut pending.new),
            std::mem::take(&mut pending.slots),
        )
    }
}
