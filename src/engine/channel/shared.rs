//! State of a channel that control threads and the worker share, and waiting for its changes.
#![forbid(unsafe_code)]

use super::{Callback, Channel, Command, Request, may_block};
use crate::engine::outbox::Outbox;
use crate::engine::sync::{lock, lock_soon, wait_until};
use crate::engine::webhook::CallIds;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::machine::MachineResult;
use earwig_core::types::{Error, Status};
use std::collections::VecDeque;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

/// State that control threads and the worker share, behind one lock that is held briefly.
pub struct ChannelShared {
    pub commands: VecDeque<Command>,
    pub outbox: Outbox,
    pub callback: Option<Callback>,
    /// The channel is in the dispatcher's queue.
    pub dispatching: bool,
    /// Digits in the call's buffer, as last published, and the number dropped.
    pub digits: String,
    pub digits_dropped: u64,
    /// Progress of the running detection, as last published.
    pub machine: Option<MachineResult>,
    /// Number of the last flush that the worker has processed.
    pub flushed: u64,
    /// Number of the last flush that was requested.
    flushes: u64,
    /// The host has no handle any more: waiting threads return.
    pub deserted: bool,
    /// Text of the last error.
    pub error: String,
    /// Ids of the call in status callbacks.
    pub ids: CallIds,
}

impl ChannelShared {
    /// The state of a new channel; `event_capacity`: capacity of the event queue.
    pub fn new(event_capacity: usize) -> Self {
        Self {
            commands: VecDeque::new(),
            outbox: Outbox::new(event_capacity),
            callback: None,
            dispatching: false,
            digits: String::new(),
            digits_dropped: 0,
            machine: None,
            flushed: 0,
            flushes: 0,
            deserted: false,
            error: String::new(),
            ids: CallIds::default(),
        }
    }

    /// Removes the ending of a job whose result was read; with a callback it stays, for the callback receives all endings.
    pub fn remove_ending(&mut self, job: u64) {
        if self.callback.is_none() {
            self.outbox.remove_ending(job);
        }
    }

    /// After a fault: ends the collection and the detection with these results, and completes all flushes.
    pub fn fail(&mut self, dtmf: DtmfResult, machine: MachineResult) {
        self.flushed = self.flushes;
        self.outbox.fail(dtmf, machine);
    }
}

impl Channel {
    /// Locks the shared state, whether or not a thread panicked while it held the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, ChannelShared> {
        lock(&self.shared)
    }

    /// Waits until `ready` returns a value; ERR_TIMEOUT after `timeout`, ERR_HANGUP once the host has given its last handle back.
    pub(super) fn wait<T>(
        &self,
        timeout: Option<Duration>,
        mut ready: impl FnMut(&mut ChannelShared) -> Option<T>,
    ) -> Result<T, Error> {
        // A timeout beyond the clock's range is no limit.
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut shared = self.lock();
        loop {
            if let Some(value) = ready(&mut shared) {
                return Ok(value);
            }
            if shared.deserted {
                return Err(Error::new(
                    Status::ErrHangup,
                    "the last reference to the channel was given back",
                ));
            }
            shared = wait_until(&self.changed, shared, deadline).map_err(|_| Status::ErrTimeout)?;
        }
    }

    /// Waits until all audio and requests so far are processed, and the files of recordings that ended by then are complete;
    /// ERR_TIMEOUT after `timeout`.
    pub fn flush(&self, timeout: Option<Duration>) -> Result<(), Error> {
        may_block()?;
        let (number, recording) = {
            let mut shared = self.lock();
            let number = self.request_flush(&mut shared);
            (number, shared.outbox.recorder.number())
        };
        self.wait(timeout, |shared| {
            let finishing = recording.is_some_and(|r| shared.outbox.recorder.is_finishing(r));
            (shared.flushed >= number && !finishing).then_some(())
        })
    }

    /// Waits until all audio and requests so far are processed.
    pub(super) fn flush_audio(&self) -> Result<(), Error> {
        may_block()?;
        let number = self.request_flush(&mut self.lock());
        self.wait(None, |shared| (shared.flushed >= number).then_some(()))
    }

    fn request_flush(&self, shared: &mut ChannelShared) -> u64 {
        shared.flushes += 1;
        let number = shared.flushes;
        self.request(shared, Request::Flush(number));
        number
    }

    /// Wakes all waiting threads.
    pub(super) fn wake_waiting(&self) {
        self.changed.notify_all();
    }

    /// Locks the shared state like [`Self::lock`]; `None` if a control thread was preempted while it held the lock.
    pub(super) fn lock_soon(&self) -> Option<MutexGuard<'_, ChannelShared>> {
        lock_soon(&self.shared)
    }

    /// For the worker: changes the shared state with `update`, and wakes the callback and waiting threads. Returns `false`, and
    /// changes nothing, if a control thread was preempted while it held the channel's lock.
    pub(in crate::engine) fn publish_soon(&self, update: impl FnOnce(&mut ChannelShared)) -> bool {
        let Some(shared) = self.lock_soon() else {
            return false;
        };
        self.publish_locked(shared, update);
        true
    }

    /// Changes the shared state with `update`, and wakes the callback and waiting threads.
    pub(in crate::engine) fn publish(&self, update: impl FnOnce(&mut ChannelShared)) {
        self.publish_locked(self.lock(), update);
    }

    fn publish_locked(
        &self,
        mut shared: MutexGuard<'_, ChannelShared>,
        update: impl FnOnce(&mut ChannelShared),
    ) {
        update(&mut shared);
        self.dispatch(&mut shared);
        drop(shared);
        self.changed.notify_all();
    }
}
