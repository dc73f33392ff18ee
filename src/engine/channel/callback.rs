//! Events on their way to the host: taken, waited for, by eventfd, or by callback.
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared};
use earwig_core::event::Event;
use earwig_core::types::{Error, Status};
use std::cell::Cell;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

/// What a host's callback is.
pub type Callback = Arc<dyn Fn(&Arc<Channel>, &Event) + Send + Sync>;

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Runs a host's function; blocking calls from within it are refused.
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

/// Refuses to block in a callback.
pub fn may_block() -> Result<(), Error> {
    if IN_CALLBACK.get() {
        Err(Status::ErrDeadlock.into())
    } else {
        Ok(())
    }
}

impl Channel {
    /// The next event.
    pub fn next_event(&self) -> Result<Event, Error> {
        self.lock()
            .outbox
            .pop()
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Waits for an event.
    pub fn wait_event(&self, timeout: Option<Duration>) -> Result<Event, Error> {
        may_block()?;
        self.wait(timeout, |shared| shared.outbox.pop())
    }

    /// From now on events go to this function, on a thread of the engine's. The one before it is let go.
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

    /// The eventfd that says whether events wait; `make` makes one if there is none yet.
    pub fn event_fd<E>(
        &self,
        make: impl FnOnce() -> Result<File, E>,
        number: impl Fn(&File) -> i32,
    ) -> Result<i32, E> {
        let mut shared = self.lock();
        if shared.outbox.fd().is_none() {
            shared.outbox.set_fd(make()?);
        }
        Ok(shared.outbox.fd().map_or(-1, number))
    }

    pub(super) fn dispatch(&self, shared: &mut ChannelShared) {
        if shared.callback.is_some()
            && !shared.dispatching
            && shared.outbox.has_events()
            && let Some(own) = self.own.upgrade()
        {
            shared.dispatching = true;
            self.engine.dispatch(own);
        }
    }

    /// For the dispatcher: the next event and who wants it; `None` ends the turn. The channel is pinned then, so that a
    /// callback may take a handle.
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
