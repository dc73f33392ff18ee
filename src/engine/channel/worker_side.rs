//! The functions of a channel for its worker.
#![forbid(unsafe_code)]

use super::{Channel, HANGUPS_MAX};
use crate::engine::tap::TapReader;
use earwig_core::time::Samples;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A new channel, for its worker.
pub struct NewChannel {
    pub channel: Arc<Channel>,
    pub readers: [TapReader; 2],
}

impl Channel {
    /// Samples written to RX and TX so far, gaps included.
    pub(in crate::engine) fn positions(&self) -> [u64; 2] {
        [self.taps[0].position(), self.taps[1].position()]
    }

    /// Rates of RX and TX.
    pub(in crate::engine) fn rates_hz(&self) -> [u32; 2] {
        self.rates_hz
    }

    /// Number of overruns of RX and TX.
    pub(in crate::engine) fn overruns(&self) -> u64 {
        self.taps.iter().map(|t| t.overruns()).sum()
    }

    /// The option `stall_ms`.
    pub(in crate::engine) fn stall_ms(&self) -> u32 {
        self.stall_ms
    }

    /// Sets the channel's slot on its worker.
    pub(in crate::engine) fn set_slot(&self, slot: usize) {
        self.slot.store(slot, Ordering::Release);
    }

    /// Number of hang-ups so far.
    pub(in crate::engine) fn hangups(&self) -> u32 {
        self.hangups.load(Ordering::Acquire)
    }

    /// Position of the hang-up with this number in RX and TX; that of a later one if more than [`HANGUPS_MAX`] followed.
    pub(in crate::engine) fn hangup_at(&self, number: u32) -> [u64; 2] {
        let at = &self.hangup_at[number as usize % HANGUPS_MAX];
        [at[0].load(Ordering::Relaxed), at[1].load(Ordering::Relaxed)]
    }

    /// Position of the last of so many hang-ups.
    pub(in crate::engine) fn last_hangup_at(&self, hangups: u32) -> [u64; 2] {
        self.hangup_at(hangups.wrapping_sub(1))
    }

    /// Media time, as last published by the worker.
    pub fn media(&self) -> Samples {
        self.media.load(Ordering::Relaxed)
    }

    /// Publishes media time.
    pub(in crate::engine) fn set_media(&self, clock: Samples) {
        self.media.store(clock, Ordering::Relaxed);
    }
}
