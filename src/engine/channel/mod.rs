//! A channel: one call, as the host uses it. The three functions for the media thread are realtime-safe; all others are control
//! functions, which may lock and wait.
#![forbid(unsafe_code)]

mod callback;
mod commands;
mod dtmf;
mod engine_link;
mod handles;
mod jobs;
mod machine;
mod options;
mod recorder;
mod shared;
mod snapshot;
mod worker_side;

pub use callback::{Callback, in_callback, may_block};
pub use commands::{Command, Request};
pub use engine_link::EngineLink;
pub use options::ChannelOptions;
pub use recorder::{RecorderInfo, state_after};
pub use shared::ChannelShared;
pub use snapshot::{ChannelSnapshot, JobSnapshot};
pub use worker_side::NewChannel;

use crate::engine::printable::printable;
use crate::engine::tap::{TapReader, TapStats, TapWriter, tap};
use crate::engine::webhook::{CheckedUrl, Post};
use earwig_core::job::machine::MachineOptions;
use earwig_core::time::to_ms;
use earwig_core::types::{CallState, Error, Status, Stream};
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, TryLockError, Weak};

/// Hang-ups whose positions are kept for the worker, which serves the channel every 10 ms. Each command keeps one more.
const HANGUPS_MAX: usize = 8;

/// Counters of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelStats {
    /// Media time, ms.
    pub media_ms: u64,
    /// Samples written to RX, at its rate, without gaps.
    pub rx_samples: u64,
    /// Samples written to TX, at its rate, without gaps.
    pub tx_samples: u64,
    /// Samples of gaps in RX and TX.
    pub gap_samples: u64,
    /// Writes into a full ring.
    pub overruns: u64,
    /// Progress events dropped because the queue was full.
    pub events_dropped: u64,
    /// Digits dropped because the digit buffer was full.
    pub digits_dropped: u64,
}

/// One call.
pub struct Channel {
    name: String,
    early_media: bool,
    stall_ms: u32,
    rates_hz: [u32; 2],
    /// Writers and counters of RX and TX.
    writers: [Mutex<TapWriter>; 2],
    taps: [Arc<TapStats>; 2],
    /// A [`CallState`].
    state: AtomicI32,
    /// Number of hang-ups so far, and the positions of the last ones in RX and TX.
    hangups: AtomicU32,
    hangup_at: [[AtomicU64; 2]; HANGUPS_MAX],
    /// The command queue is not empty.
    has_commands: AtomicBool,
    /// Handles of the host in the lower half, pins in the upper half; at 0 the worker frees the channel.
    handles: AtomicU64,
    /// Media time, as last published by the worker.
    media: AtomicU64,
    shared: Mutex<ChannelShared>,
    /// Notified after each change of `shared` by the worker.
    changed: Condvar,
    engine: Arc<dyn EngineLink>,
    /// Index of the channel's worker.
    worker: usize,
    /// The channel's slot on its worker; `usize::MAX` before it has one.
    slot: AtomicUsize,
    /// Reference to the channel itself.
    weak: Weak<Channel>,
}

impl Channel {
    /// Creates a channel in state IDLE, and the readers of its taps for `worker`.
    pub(super) fn create(
        engine: Arc<dyn EngineLink>,
        worker: usize,
        options: ChannelOptions,
    ) -> Result<(Arc<Self>, [TapReader; 2]), Error> {
        options.check()?;
        let open = |rate: u32| {
            // A write or gap of more than 1 hour is taken for an error of the host.
            tap(
                (u64::from(rate) * u64::from(options.ring_ms) / 1000) as usize,
                rate as usize * 3600,
            )
        };
        let (rx_writer, rx_reader, rx_stats) = open(options.rx_rate_hz);
        let (tx_writer, tx_reader, tx_stats) = open(options.tx_rate_hz);
        let channel = Arc::new_cyclic(|weak| Self {
            weak: weak.clone(),
            name: options.name,
            early_media: options.early_media,
            stall_ms: options.stall_ms,
            rates_hz: [options.rx_rate_hz, options.tx_rate_hz],
            writers: [Mutex::new(rx_writer), Mutex::new(tx_writer)],
            taps: [rx_stats, tx_stats],
            state: AtomicI32::new(CallState::Idle as i32),
            hangups: AtomicU32::new(0),
            hangup_at: Default::default(),
            has_commands: AtomicBool::new(false),
            handles: AtomicU64::new(1),
            media: AtomicU64::new(0),
            shared: Mutex::new(ChannelShared::new(options.event_capacity)),
            changed: Condvar::new(),
            engine,
            worker,
            slot: AtomicUsize::new(usize::MAX),
        });
        Ok((channel, [rx_reader, tx_reader]))
    }

    // ---- media thread ----

    /// Copies samples into a stream's ring. ERR_HANGUP if the call is idle; ERR_BUSY during another write to the stream; ERR_OVERRUN
    /// if the ring is full, after which the samples that fit are written.
    pub fn write(&self, stream: Stream, samples: &[i16]) -> Result<(), Status> {
        self.with_writer(stream, |w| w.write(samples))
    }

    /// Writes a gap of `count` missing samples.
    pub fn write_gap(&self, stream: Stream, count: usize) -> Result<(), Status> {
        self.with_writer(stream, |w| w.gap(count))
    }

    fn with_writer(
        &self,
        stream: Stream,
        f: impl FnOnce(&mut TapWriter) -> Result<(), Status>,
    ) -> Result<(), Status> {
        if self.state.load(Ordering::Relaxed) == CallState::Idle as i32 {
            return Err(Status::ErrHangup);
        }
        // try_lock never waits, so unlocking never makes a system call to wake a waiter.
        match self.writers[stream as usize].try_lock() {
            Ok(mut writer) => f(&mut writer),
            Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => Err(Status::ErrBusy),
        }
    }

    /// The call hangs up; ERR_HANGUP if it is idle.
    pub fn hangup(&self) -> Result<(), Status> {
        if self.state.swap(CallState::Idle as i32, Ordering::AcqRel) == CallState::Idle as i32 {
            return Err(Status::ErrHangup);
        }
        // Only the thread that has set IDLE gets here, and the next hang-up takes an answer first.
        let count = self.hangups.load(Ordering::Relaxed);
        let at = &self.hangup_at[count as usize % HANGUPS_MAX];
        for (at, tap) in at.iter().zip(&self.taps) {
            at.store(tap.position(), Ordering::Relaxed);
        }
        self.hangups.store(count.wrapping_add(1), Ordering::Release);
        Ok(())
    }

    // ---- control ----

    /// The call rings; ERR_STATE if it is answered.
    pub fn ringing(&self) -> Result<(), Error> {
        let (idle, ringing) = (CallState::Idle as i32, CallState::Ringing as i32);
        match self
            .state
            .compare_exchange(idle, ringing, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => Ok(()),
            Err(state) if state == ringing => Ok(()),
            Err(_) => Err(Error::new(
                Status::ErrState,
                "the call is answered: it cannot ring any more",
            )),
        }
    }

    /// The call is answered, which clears the digit buffer. No effect if it was answered before.
    pub fn answer(&self) -> Result<(), Error> {
        let mut shared = self.lock();
        if self.state.load(Ordering::Acquire) != CallState::Answered as i32 {
            self.request(&mut shared, Request::Answer);
            self.state
                .store(CallState::Answered as i32, Ordering::Release);
        }
        Ok(())
    }

    /// State of the call.
    pub fn state(&self) -> CallState {
        CallState::from_i32(self.state.load(Ordering::Acquire)).unwrap_or(CallState::Idle)
    }

    /// Checks that a job may run in the call's state.
    pub(super) fn job_may_run(&self) -> Result<(), Error> {
        match self.state() {
            CallState::Idle => Err(Status::ErrHangup.into()),
            CallState::Ringing if !self.early_media => Err(Status::ErrState.into()),
            CallState::Ringing | CallState::Answered => Ok(()),
        }
    }

    /// Sets an id of the call in status callbacks, for detections that start from now on.
    pub fn set_id(&self, name: &str, value: &str) -> Result<(), Error> {
        self.lock().ids.set(name, value)
    }

    /// Opens the status callback of a detection.
    pub(super) fn open_post(
        &self,
        url: CheckedUrl,
        options: &MachineOptions,
    ) -> Result<Post, Error> {
        let threads = self.engine.clone().threads();
        let spawn = |run: Box<dyn FnOnce() + Send>| threads.spawn("earwig-webhook", run);
        let secret = options.status_secret.clone();
        let ids = self.lock().ids.clone();
        self.engine.webhooks().open(spawn, url, secret, ids)
    }

    /// Stores the text of an error.
    pub fn set_error(&self, text: &str) {
        let mut shared = self.lock();
        shared.error.clear();
        shared.error.push_str(text);
    }

    /// The text of the last error.
    pub fn error(&self) -> String {
        self.lock().error.clone()
    }

    /// Counters.
    pub fn stats(&self) -> ChannelStats {
        let shared = self.lock();
        let samples = |tap: &TapStats| tap.position().saturating_sub(tap.gaps());
        let [rx, tx] = &self.taps;
        ChannelStats {
            media_ms: to_ms(self.media.load(Ordering::Relaxed)),
            rx_samples: samples(rx),
            tx_samples: samples(tx),
            gap_samples: rx.gaps() + tx.gaps(),
            overruns: rx.overruns() + tx.overruns(),
            events_dropped: shared.outbox.dropped(),
            digits_dropped: shared.digits_dropped,
        }
    }

    /// Name of the channel in logs, with control characters escaped.
    pub(in crate::engine) fn name(&self) -> Cow<'_, str> {
        match self.name.as_str() {
            "" => "channel".into(),
            name => printable(name),
        }
    }

    /// A reference to the channel; `None` while it is being freed.
    pub fn upgrade(&self) -> Option<Arc<Self>> {
        self.weak.upgrade()
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.engine.channel_freed();
    }
}
