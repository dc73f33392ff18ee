//! References to a channel: handles of the host, and pins, which keep it for the duration of a callback or of a blocking call.
#![forbid(unsafe_code)]

use super::Channel;
use std::sync::atomic::Ordering;

/// One pin, in the upper half of `Channel::handles`.
const PIN: u64 = 1 << 32;
/// The handles, in the lower half.
const HANDLES: u64 = PIN - 1;

impl Channel {
    /// Adds a handle.
    pub fn add_handle(&self) {
        // A callback may add a handle after the last one was dropped, because the channel is pinned.
        if self.handles.fetch_add(1, Ordering::Relaxed) & HANDLES == 0 {
            self.engine.channel_opened();
        }
    }

    /// Drops a handle. After the last one, the channel must not be used: its worker frees it.
    pub fn drop_handle(&self) {
        // The last handle becomes a pin until the end of this function: without handles and pins, the worker may free the channel
        // at any time.
        let drop_one = |handles| {
            Some(if handles & HANDLES == 1 {
                handles - 1 + PIN
            } else {
                handles - 1
            })
        };
        let before = self
            .handles
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, drop_one);
        if before.is_ok_and(|handles| handles & HANDLES == 1) {
            self.engine.channel_closed();
            self.unpin();
        }
    }

    /// Whether the host has a handle.
    pub(in crate::engine) fn has_handles(&self) -> bool {
        self.handles.load(Ordering::Acquire) & HANDLES > 0
    }

    /// Keeps the channel while a function blocks that began with a handle of the host; [`Self::unpin`] ends that.
    pub(crate) fn hold(&self) {
        self.handles.fetch_add(PIN, Ordering::Relaxed);
    }

    /// Keeps the channel while a callback runs. Returns `false` if the host has no handle.
    pub(super) fn pin(&self) -> bool {
        let add_pin = |handles| (handles & HANDLES > 0).then_some(handles + PIN);
        self.handles
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, add_pin)
            .is_ok()
    }

    /// Drops a pin.
    pub(crate) fn unpin(&self) {
        self.handles.fetch_sub(PIN, Ordering::AcqRel);
    }

    /// Whether there are no handles and no pins.
    pub(in crate::engine) fn is_closed(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 0
    }
}
