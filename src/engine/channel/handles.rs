//! Who holds a channel: the host by handles, and others for a moment by pins.
#![forbid(unsafe_code)]

use super::Channel;
use std::sync::atomic::Ordering;

const PIN: u64 = 1 << 32;
const HANDLES: u64 = PIN - 1;

impl Channel {
    /// One more handle.
    pub fn add_handle(&self) {
        // The first can be the last one's successor: a callback takes it while the channel is pinned.
        if self.handles.fetch_add(1, Ordering::Relaxed) & HANDLES == 0 {
            self.engine.channel_opened();
        }
    }

    /// One handle less. After the last the channel must not be used any more: its worker frees it.
    pub fn drop_handle(&self) {
        // The last one is turned into a pin: once nothing is left, the worker may free the channel at any moment.
        let less = |handles| {
            Some(if handles & HANDLES == 1 {
                handles - 1 + PIN
            } else {
                handles - 1
            })
        };
        let before = self
            .handles
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        if before.is_ok_and(|handles| handles & HANDLES == 1) {
            self.engine.channel_closed();
            self.unpin();
        }
    }

    /// Keeps the channel while a callback runs; `false` if the host has no handle any more.
    pub(super) fn pin(&self) -> bool {
        let more = |handles| (handles & HANDLES > 0).then_some(handles + PIN);
        self.handles
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .is_ok()
    }

    pub(in crate::engine) fn unpin(&self) {
        self.handles.fetch_sub(PIN, Ordering::AcqRel);
    }

    pub(in crate::engine) fn is_closed(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 0
    }
}
