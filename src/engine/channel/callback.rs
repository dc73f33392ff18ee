//! Delivery of events to the host: by polling, waiting, eventfd or callback.
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared};
use earwig_core::event::Event;
use earwig_core::types::{Error, Status};
use std::cell::Cell;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

/// A host's callback. It runs on a thread of the dispatcher.
pub type Callback = Arc<dyn Fn(&Arc<Channel>, &Event) + Send + Sync>;

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Runs a host's function; within it, blocking calls return ERR_DEADLOCK.
pub fn in_callback<T>(f: impl FnOnce() -> T) -> T {
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            IN_CALLBACK.set(self.0);
        }
    }
    let _reset = Reset(IN_CALLBACK.replace(true));
    f()
}

/// Checks that the current thread may block: ERR_DEADLOCK within a callback.
pub fn may_block() -> Result<(), Error> {
    if IN_CALLBACK.get() {
        Err(Status::ErrDeadlock.into())
    } else {
        Ok(())
    }
}

impl Channel {
    /// Takes the oldest event; ERR_AGAIN if there is none.
    pub fn next_event(&self) -> Result<Event, Error> {
        self.lock()
            .outbox
            .pop()
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Waits for an event and takes it; ERR_TIMEOUT after `timeout`.
    pub fn wait_event(&self, timeout: Option<Duration>) -> Result<Event, Error> {
        may_block()?;
        self.wait(timeout, |shared| shared.outbox.pop())
    }

    /// Sets or removes the callback, which then receives all events on a thread of the dispatcher. The one before it is dropped.
    pub fn set_callback(&self, callback: Option<Callback>) -> Result<(), Error> {
        if callback.is_some() {
            self.engine.clone().start_dispatcher()?;
        }
        let before = {
            let mut shared = self.lock();
            let before = std::mem::replace(&mut shared.callback, callback);
            self.dispatch(&mut shared);
            before
        };
        drop(before);
        Ok(())
    }

    /// For the worker, which frees the channel: takes the callback, which nothing calls any more.
    pub(in crate::engine) fn take_callback(&self) -> Option<Callback> {
        self.lock().callback.take()
    }

    /// The descriptor of the eventfd that is readable while the queue has events; `create` creates it on the first call.
    pub fn event_fd<E>(
        &self,
        create: impl FnOnce() -> Result<File, E>,
        number: impl Fn(&File) -> i32,
    ) -> Result<i32, E> {
        let mut shared = self.lock();
        if shared.outbox.fd().is_none() {
            shared.outbox.set_fd(create()?);
        }
        Ok(shared.outbox.fd().map_or(-1, number))
    }

    /// Queues the channel for the dispatcher if it has a callback and events.
    pub(super) fn dispatch(&self, shared: &mut ChannelShared) {
        if shared.callback.is_some()
            && !shared.dispatching
            && shared.outbox.has_events()
            && let Some(channel) = self.upgrade()
        {
            shared.dispatching = true;
            self.engine.dispatch(channel);
        }
    }

    /// For the dispatcher: the callback and the next event, with the channel pinned, so that the callback may add a handle. `None`
    /// if there is no event or no callback.
    pub(in crate::engine) fn next_for_callback(&self) -> Option<(Callback, Event)> {
        let mut shared = self.lock();
        let next = match shared.callback.clone() {
            Some(callback) if shared.outbox.has_events() && self.pin() => {
                shared.outbox.pop().map(|event| (callback, event))
            }
            _ => None,
        };
        shared.dispatching = next.is_some();
        next
    }
}
