//! A worker's mailbox: new channels, and channels that want to be served before the next round.
#![forbid(unsafe_code)]

use super::channel::NewChannel;
use super::sync::lock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

/// What waits for a worker.
#[derive(Default)]
struct Inbox {
    new: Vec<NewChannel>,
    /// Slots of channels with commands.
    attend: Vec<usize>,
    awake: bool,
}

/// One worker, as others see it.
#[derive(Default)]
pub struct Mailbox {
    inbox: Mutex<Inbox>,
    wake: Condvar,
    channels: AtomicUsize,
}

impl Mailbox {
    /// Channels that the worker has or will have.
    pub fn channels(&self) -> usize {
        self.channels.load(Ordering::Relaxed)
    }

    /// Hands over a new channel, unless `refused` says otherwise once the mailbox is locked.
    pub fn add<E>(
        &self,
        new: NewChannel,
        refused: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut inbox = lock(&self.inbox);
        refused()?;
        self.channels.fetch_add(1, Ordering::Relaxed);
        inbox.new.push(new);
        inbox.awake = true;
        drop(inbox);
        self.wake.notify_one();
        Ok(())
    }

    /// The worker has freed a channel.
    pub fn remove(&self) {
        self.channels.fetch_sub(1, Ordering::Relaxed);
    }

    /// Asks the worker to serve the channel in `slot` before its next round.
    pub fn attend(&self, slot: usize) {
        let mut inbox = lock(&self.inbox);
        // A channel without a slot is served when it gets one.
        if slot != usize::MAX {
            inbox.attend.push(slot);
        }
        inbox.awake = true;
        drop(inbox);
        self.wake.notify_one();
    }

    /// Wakes the worker.
    pub fn wake(&self) {
        lock(&self.inbox).awake = true;
        self.wake.notify_one();
    }

    /// Whether new channels wait.
    pub fn has_new(&self) -> bool {
        !lock(&self.inbox).new.is_empty()
    }

    /// Waits until `until`, or until the worker is woken. Takes the new channels and the slots to be served.
    pub fn wait(&self, until: Option<Instant>) -> (Vec<NewChannel>, Vec<usize>) {
        let mut inbox = lock(&self.inbox);
        while !inbox.awake {
            inbox = match until {
                None => self
                    .wake
                    .wait(inbox)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    let waited = self.wake.wait_timeout(inbox, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        inbox.awake = false;
        (
            std::mem::take(&mut inbox.new),
            std::mem::take(&mut inbox.attend),
        )
    }
}
