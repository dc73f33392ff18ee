//! One call as the host sees it. The media thread's three calls copy and return; all others are control calls: they may
//! lock and wait.
#![forbid(unsafe_code)]

mod callback;
mod dtmf;
mod engine_link;
mod handles;
mod jobs;
mod machine;
mod options;
mod recorder;
mod shared;
mod snapshot;

pub use callback::{Callback, in_callback, may_block};
pub use engine_link::EngineLink;
pub use options::ChannelOptions;
pub use recorder::{RecorderInfo, state_after};
pub use shared::{ChannelShared, Command, Request};
pub use snapshot::{ChannelSnapshot, JobSnapshot};

use crate::engine::storage::Spool;
use crate::engine::storage::partial_file::PartFile;
use crate::engine::tap::{TapReader, TapStats, TapWriter, tap};
use crate::engine::webhook::{CheckedUrl, Post};
use earwig_core::event::Event;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::recorder::RecorderResult;
use earwig_core::time::{Samples, to_ms};
use earwig_core::types::{CallState, Error, Status, Stream};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, TryLockError, Weak};

/// Hang-ups that can wait for a worker, which comes by every 10 ms.
const HANGUPS: usize = 8;

/// Counters of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelStats {
    /// Media time.
    pub media_ms: u64,
    /// Samples written to RX, at its rate, without gaps.
    pub rx_samples: u64,
    /// Samples written to TX, likewise.
    pub tx_samples: u64,
    /// Samples of gaps in both.
    pub gap_samples: u64,
    /// Writes that found the ring full.
    pub overruns: u64,
    /// Progress events that found the queue full.
    pub events_dropped: u64,
    /// Digits that found the digit buffer full.
    pub digits_dropped: u64,
}

/// One call.
pub struct Channel {
    pub(super) label: String,
    early_media: bool,
    stall_ms: u32,
    rates_hz: [u32; 2],
    writers: [Mutex<TapWriter>; 2],
    taps: [Arc<TapStats>; 2],
    state: AtomicI32,
    /// Hang-ups so far, and where in RX and TX the latest ones were.
    hangups: AtomicU32,
    hangup_at: [[AtomicU64; 2]; HANGUPS],
    /// Commands wait.
    called: AtomicBool,
    /// Handles that the host holds, and above them, in pins, who else needs the channel for a moment; at zero its worker
    /// frees it.
    handles: AtomicU64,
    media: AtomicU64,
    shared: Mutex<ChannelShared>,
    changed: Condvar,
    engine: Arc<dyn EngineLink>,
    worker: usize,
    /// The worker's own place for the channel.
    slot: AtomicUsize,
    /// The channel itself, for the dispatcher to hold while it tells.
    own: Weak<Channel>,
}

impl Channel {
    /// A channel without a call, and the reading ends of its taps for `worker`.
    pub(super) fn create(
        engine: Arc<dyn EngineLink>,
        worker: usize,
        options: ChannelOptions,
    ) -> Result<(Arc<Self>, [TapReader; 2]), Error> {
        options.check()?;
        let open = |rate: u32| {
            // A write or gap of more than an hour is a slip.
            tap(
                (u64::from(rate) * u64::from(options.ring_ms) / 1000) as usize,
                rate as usize * 3600,
            )
        };
        let (rx_writer, rx_reader, rx_stats) = open(options.rx_rate_hz);
        let (tx_writer, tx_reader, tx_stats) = open(options.tx_rate_hz);
        let channel = Arc::new_cyclic(|own| Self {
            own: own.clone(),
            label: options.name,
            early_media: options.early_media,
            stall_ms: options.stall_ms,
            rates_hz: [options.rx_rate_hz, options.tx_rate_hz],
            writers: [Mutex::new(rx_writer), Mutex::new(tx_writer)],
            taps: [rx_stats, tx_stats],
            state: AtomicI32::new(CallState::Idle as i32),
            hangups: AtomicU32::new(0),
            hangup_at: Default::default(),
            called: AtomicBool::new(false),
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

    // ---- the media thread's calls ----

    /// Copies samples in.
    pub fn write(&self, stream: Stream, samples: &[i16]) -> Result<(), Status> {
        self.with_writer(stream, |w| w.write(samples))
    }

    /// Says that `count` samples are missing here.
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
        // try_lock never waits, and so no unlock ever has anybody to wake.
        match self.writers[stream as usize].try_lock() {
            Ok(mut writer) => f(&mut writer),
            Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => Err(Status::ErrBusy),
        }
    }

    /// The call is over.
    pub fn hangup(&self) -> Result<(), Status> {
        if self.state.swap(CallState::Idle as i32, Ordering::AcqRel) == CallState::Idle as i32 {
            return Err(Status::ErrHangup);
        }
        // Between two hang-ups there is an answer, so nobody else is here.
        let count = self.hangups.load(Ordering::Relaxed);
        let at = &self.hangup_at[count as usize % HANGUPS];
        for (at, tap) in at.iter().zip(&self.taps) {
            at.store(tap.position(), Ordering::Relaxed);
        }
        self.hangups.store(count.wrapping_add(1), Ordering::Release);
        Ok(())
    }

    // ---- control calls ----

    /// The call rings.
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

    /// The call is answered: the digit buffer is cleared. Nothing happens if it was answered already.
    pub fn answer(&self) -> Result<(), Error> {
        let mut shared = self.lock();
        if self.state.load(Ordering::Acquire) != CallState::Answered as i32 {
            self.request(&mut shared, Request::Answer);
            self.state
                .store(CallState::Answered as i32, Ordering::Release);
        }
        Ok(())
    }

    /// Where the call is in its life.
    pub fn state(&self) -> CallState {
        CallState::from_i32(self.state.load(Ordering::Acquire)).unwrap_or(CallState::Idle)
    }

    /// Whether a job may run.
    pub(super) fn job_may_run(&self) -> Result<(), Error> {
        match self.state() {
            CallState::Idle => Err(Status::ErrHangup.into()),
            CallState::Ringing if !self.early_media => Err(Status::ErrState.into()),
            CallState::Ringing | CallState::Answered => Ok(()),
        }
    }

    /// Sets one of the ids by which the call goes in status callbacks, for detections that start from now on.
    pub fn set_id(&self, name: &str, value: &str) -> Result<(), Error> {
        self.lock().ids.set(name, value)
    }

    /// Opens the status callback of a detection.
    pub(super) fn open_post(
        &self,
        url: CheckedUrl,
        options: &MachineOptions,
        shared: &ChannelShared,
    ) -> Result<Post, Error> {
        let threads = self.engine.clone().threads();
        let spawn = |run: Box<dyn FnOnce() + Send>| threads.spawn("earwig-webhook", run);
        let secret = options.status_secret.clone();
        let ids = shared.ids.clone();
        self.engine.webhooks().open(spawn, url, secret, ids)
    }

    /// Keeps the text of an error.
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

    /// The channel as the engine shares it; `None` once it is being freed.
    pub fn upgrade(&self) -> Option<Arc<Self>> {
        self.own.upgrade()
    }

    /// Hands a recording's file to storage.
    pub(super) fn open_spool(
        self: &Arc<Self>,
        part: PartFile,
        job: u64,
    ) -> Result<Arc<Spool>, Error> {
        let channel = self.clone();
        let ended = Box::new(move |result| channel.recorder_ended(job, result));
        let threads = self.engine.clone().threads();
        self.engine
            .storage()
            .open(&threads, part, self.name(), ended)
    }

    // ---- the worker's side ----

    /// The file of a recording is whole.
    fn recorder_ended(&self, job: u64, result: RecorderResult) {
        self.publish(|shared| shared.outbox.push(Event::RecorderEnded { job, result }));
    }

    pub(super) fn name(&self) -> &str {
        if self.label.is_empty() {
            "channel"
        } else {
            &self.label
        }
    }

    /// Samples written to RX and TX so far, gaps included.
    pub(super) fn positions(&self) -> [u64; 2] {
        [self.taps[0].position(), self.taps[1].position()]
    }

    pub(super) fn rates_hz(&self) -> [u32; 2] {
        self.rates_hz
    }

    pub(super) fn stats_overruns(&self) -> u64 {
        self.taps.iter().map(|t| t.overruns()).sum()
    }

    pub(super) fn stall_ms(&self) -> u32 {
        self.stall_ms
    }

    pub(super) fn set_slot(&self, slot: usize) {
        self.slot.store(slot, Ordering::Release);
    }

    pub(super) fn hangups(&self) -> u32 {
        self.hangups.load(Ordering::Acquire)
    }

    /// Where in RX and TX the hang-up of this number was.
    pub(super) fn hangup_at(&self, number: u32) -> [u64; 2] {
        let at = &self.hangup_at[number as usize % HANGUPS];
        [at[0].load(Ordering::Relaxed), at[1].load(Ordering::Relaxed)]
    }

    /// Media time, as the worker last told it.
    pub fn media(&self) -> Samples {
        self.media.load(Ordering::Relaxed)
    }

    pub(super) fn set_media(&self, clock: Samples) {
        self.media.store(clock, Ordering::Relaxed);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.engine.channel_freed();
    }
}

/// What a worker is handed when a channel is made.
pub struct NewChannel {
    pub channel: Arc<Channel>,
    pub readers: [TapReader; 2],
}
