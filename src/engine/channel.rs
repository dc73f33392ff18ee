//! One call as the host sees it. The media thread's three calls copy and return; all others are control calls: they may
//! lock and wait.
#![forbid(unsafe_code)]

use super::core::Core;
use super::disk::part::PartFile;
use super::disk::{Recorded, Spool};
use super::leg::Event;
use super::machine::NewDetection;
use super::outbox::Outbox;
use super::record::NewRecording;
use super::tap::{TapReader, TapStats, TapWriter, tap};
use super::webhook::{CallIds, CheckedUrl, Post};
use crate::cause::{CallState, Error, Status, Stream};
use crate::detect::dtmf::Limits;
use crate::job::collect::{CollectOptions, Collected};
use crate::job::machine::Outcome;
use crate::job::machine::options::MachineOptions;
use crate::job::record::Control;
use crate::time::{RATE_HZ, Samples, to_ms};
use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

/// Hang-ups that can wait for a worker, which comes by every 10 ms.
const HANGUPS: usize = 8;

/// How a channel is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelOptions {
    /// A label for logs; may be empty.
    pub name: String,
    /// Rate of what is written to RX: 8000, 16000, 32000 or 48000.
    pub rx_rate_hz: u32,
    /// Rate of what is written to TX, likewise.
    pub tx_rate_hz: u32,
    /// Audio that a stream can hold until a worker comes by: 100 to 10,000 ms.
    pub ring_ms: u32,
    /// Silence of the media thread after which wall time is added; 0 is never, up to 60,000 ms.
    pub stall_ms: u32,
    /// Events that can wait: 8 to 4096.
    pub event_capacity: usize,
    /// Jobs may run before the answer.
    pub early_media: bool,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            name: String::new(),
            rx_rate_hz: RATE_HZ,
            tx_rate_hz: RATE_HZ,
            ring_ms: 1000,
            stall_ms: 500,
            event_capacity: 64,
            early_media: false,
        }
    }
}

impl ChannelOptions {
    fn check(&self) -> Result<(), Error> {
        for (name, rate) in [
            ("rx_rate_hz", self.rx_rate_hz),
            ("tx_rate_hz", self.tx_rate_hz),
        ] {
            if ![8000, 16000, 32000, 48000].contains(&rate) {
                return Err(Error::invalid(format!(
                    "{name} is {rate}: it must be 8000, 16000, 32000 or 48000"
                )));
            }
        }
        let ranges = [
            ("ring_ms", u64::from(self.ring_ms), 100, 10_000),
            ("stall_ms", u64::from(self.stall_ms), 0, 60_000),
            ("event_capacity", self.event_capacity as u64, 8, 4096),
        ];
        for (name, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(Error::invalid(format!(
                    "{name} is {value}: it must be {least} to {most}"
                )));
            }
        }
        Ok(())
    }
}

/// What a control call asks of the leg, in its place among the audio.
#[derive(Debug)]
pub enum Request {
    Answer,
    Collect(u64, CollectOptions),
    StopCollect,
    ClearDigits,
    Inject(u8, u64),
    SetDtmfLimits(Limits),
    Record(Box<NewRecording>),
    StopRecord(u64),
    ControlRecord(Control),
    Detect(Box<NewDetection>),
    StopDetect(u64),
    /// Says that everything before it is done.
    Flush(u64),
}

/// A request, with how much of RX and TX was written and how many hang-ups had been when it was made.
#[derive(Debug)]
pub struct Command {
    pub at: [u64; 2],
    pub hangups: u32,
    pub request: Request,
}

/// What a host's callback is.
pub type Callback = Arc<dyn Fn(&Arc<Channel>, &Event) + Send + Sync>;

/// What control threads and the worker share, behind one lock that is held for moments.
pub struct Desk {
    pub commands: VecDeque<Command>,
    pub outbox: Outbox,
    pub callback: Option<Callback>,
    /// The channel is in the dispatcher's queue.
    pub dispatching: bool,
    /// What the leg's buffer held when it was last looked at.
    pub digits: String,
    pub digits_dropped: u64,
    /// What was known of the detection that runs when it last told something.
    pub machine: Option<Outcome>,
    pub flushed: u64,
    flushes: u64,
    error: String,
    /// By what names the call goes in status callbacks.
    ids: CallIds,
}

impl Desk {
    /// A fault was caught: whoever waits is let go.
    pub fn fail(&mut self, collected: Collected, outcome: Outcome) {
        self.flushed = self.flushes;
        self.outbox.fail(collected, outcome);
    }
}

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
    /// Handles that the host holds, and above them, in [`PIN`]s, who else needs the channel for a moment; at zero its worker
    /// frees it.
    handles: AtomicU64,
    media: AtomicU64,
    desk: Mutex<Desk>,
    changed: Condvar,
    core: Arc<Core>,
    worker: usize,
    /// The worker's own place for the channel.
    slot: AtomicUsize,
    /// The channel itself, for the dispatcher to hold while it tells.
    own: Weak<Channel>,
}

const PIN: u64 = 1 << 32;
const HANDLES: u64 = PIN - 1;

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
    /// A channel without a call, served by one of the engine's workers.
    pub(super) fn create(core: &Arc<Core>, options: ChannelOptions) -> Result<Arc<Self>, Error> {
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
            desk: Mutex::new(Desk {
                commands: VecDeque::new(),
                outbox: Outbox::new(options.event_capacity),
                callback: None,
                dispatching: false,
                digits: String::new(),
                digits_dropped: 0,
                machine: None,
                flushed: 0,
                flushes: 0,
                error: String::new(),
                ids: CallIds::default(),
            }),
            changed: Condvar::new(),
            core: core.clone(),
            worker: core.pick_worker(),
            slot: AtomicUsize::new(usize::MAX),
        });
        core.adopt(channel.worker, &channel, [rx_reader, tx_reader])?;
        Ok(channel)
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
        let mut desk = self.desk();
        if self.state.load(Ordering::Acquire) != CallState::Answered as i32 {
            self.request(&mut desk, Request::Answer);
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

    /// Starts a collection.
    pub fn collect_start(&self, options: CollectOptions) -> Result<u64, Error> {
        self.collect_start_at(&mut self.desk(), options)
    }

    fn collect_start_at(&self, desk: &mut Desk, options: CollectOptions) -> Result<u64, Error> {
        // Read first: a hang-up that comes in between ends the job, and none waits for the next one.
        let hangups = self.hangups();
        self.job_may_run()?;
        let job = desk.outbox.start_collect()?;
        self.request_after(desk, hangups, Request::Collect(job, options));
        Ok(job)
    }

    /// Starts a collection and waits until it ends.
    pub fn collect(&self, options: CollectOptions) -> Result<Collected, Error> {
        may_block()?;
        let job = {
            let mut desk = self.desk();
            let job = self.collect_start_at(&mut desk, options)?;
            desk.outbox.collect.wait_for(job);
            job
        };
        self.wait(None, |desk| {
            let collected = desk.outbox.collect.take_awaited(job)?;
            Self::forget_ending(desk, job);
            Some(collected)
        })
    }

    /// Waits until the collection that runs ends, or answers how the last one did.
    pub fn collect_wait(&self, timeout: Option<Duration>) -> Result<Collected, Error> {
        may_block()?;
        self.wait(timeout, |desk| match desk.outbox.collect.number() {
            None => Some(Err(Error::new(
                Status::ErrAgain,
                "no collection was started",
            ))),
            Some(_) => Self::take_collected(desk).map(Ok),
        })?
    }

    /// How the last collection ended; ErrAgain while one runs and before the first.
    pub fn collected(&self) -> Result<Collected, Error> {
        Self::take_collected(&mut self.desk()).ok_or_else(|| Status::ErrAgain.into())
    }

    fn take_collected(desk: &mut Desk) -> Option<Collected> {
        let collected = desk.outbox.collect.ended()?.clone();
        if let Some(number) = desk.outbox.collect.number() {
            Self::forget_ending(desk, number);
        }
        Some(collected)
    }

    /// An ending that was read is heard; with a callback, the callback hears every one.
    pub(super) fn forget_ending(desk: &mut Desk, number: u64) {
        if desk.callback.is_none() {
            desk.outbox.forget_ending_of(number);
        }
    }

    /// The cause of the last collection, without taking anything.
    pub fn collect_cause(&self) -> crate::cause::DtmfCause {
        self.desk()
            .outbox
            .collect
            .ended()
            .map_or(crate::cause::DtmfCause::None, |c| c.cause)
    }

    /// Ends the collection that runs, if any.
    pub fn collect_stop(&self) {
        let mut desk = self.desk();
        self.request(&mut desk, Request::StopCollect);
    }

    /// Empties the digit buffer.
    pub fn clear_digits(&self) {
        let mut desk = self.desk();
        self.request(&mut desk, Request::ClearDigits);
    }

    /// A digit from the signalling that lasted `duration_ms` up to now.
    pub fn inject(&self, digit: u8, duration_ms: u64) -> Result<(), Error> {
        let mut desk = self.desk();
        if self.state() == CallState::Idle {
            return Err(Status::ErrHangup.into());
        }
        self.request(&mut desk, Request::Inject(digit, duration_ms));
        Ok(())
    }

    /// From now on the detector has these limits.
    pub fn set_dtmf_limits(&self, limits: Limits) {
        let mut desk = self.desk();
        self.request(&mut desk, Request::SetDtmfLimits(limits));
    }

    /// The digits in the buffer, once all that was written and asked so far is done.
    pub fn digits(&self) -> Result<String, Error> {
        self.flush(None)?;
        Ok(self.desk().digits.clone())
    }

    /// Waits until all that was written and asked so far is done.
    pub fn flush(&self, timeout: Option<Duration>) -> Result<(), Error> {
        may_block()?;
        let number = {
            let mut desk = self.desk();
            desk.flushes += 1;
            let number = desk.flushes;
            self.request(&mut desk, Request::Flush(number));
            number
        };
        self.wait(timeout, |desk| (desk.flushed >= number).then_some(()))
    }

    /// The next event.
    pub fn next_event(&self) -> Result<Event, Error> {
        self.desk()
            .outbox
            .pop()
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Waits for an event.
    pub fn wait_event(&self, timeout: Option<Duration>) -> Result<Event, Error> {
        may_block()?;
        self.wait(timeout, |desk| desk.outbox.pop())
    }

    /// From now on events go to this function, on a thread of the engine's. The one before it is let go.
    pub fn set_callback(&self, callback: Option<Callback>) -> Result<(), Error> {
        if callback.is_some() {
            self.core.start_dispatcher()?;
        }
        let before = {
            let mut desk = self.desk();
            let before = std::mem::replace(&mut desk.callback, callback);
            self.dispatch(&mut desk);
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
        let mut desk = self.desk();
        if desk.outbox.fd().is_none() {
            desk.outbox.set_fd(make()?);
        }
        Ok(desk.outbox.fd().map_or(-1, number))
    }

    /// Sets one of the ids by which the call goes in status callbacks, for detections that start from now on.
    pub fn set_id(&self, name: &str, value: &str) -> Result<(), Error> {
        self.desk().ids.set(name, value)
    }

    /// A detection's way to its URL.
    pub(super) fn open_post(
        &self,
        url: CheckedUrl,
        options: &MachineOptions,
        desk: &Desk,
    ) -> Result<Post, Error> {
        let spawn = |run: Box<dyn FnOnce() + Send>| self.core.spawn("earwig-webhook", run);
        let secret = options.status_secret.clone();
        self.core
            .webhooks
            .open(spawn, url, secret, desk.ids.clone())
    }

    /// Keeps the text of an error.
    pub fn set_error(&self, text: &str) {
        let mut desk = self.desk();
        desk.error.clear();
        desk.error.push_str(text);
    }

    /// The text of the last error.
    pub fn error(&self) -> String {
        self.desk().error.clone()
    }

    /// Counters.
    pub fn stats(&self) -> ChannelStats {
        let desk = self.desk();
        let samples = |tap: &TapStats| tap.position().saturating_sub(tap.gaps());
        let [rx, tx] = &self.taps;
        ChannelStats {
            media_ms: to_ms(self.media.load(Ordering::Relaxed)),
            rx_samples: samples(rx),
            tx_samples: samples(tx),
            gap_samples: rx.gaps() + tx.gaps(),
            overruns: rx.overruns() + tx.overruns(),
            events_dropped: desk.outbox.dropped(),
            digits_dropped: desk.digits_dropped,
        }
    }

    /// One more handle.
    pub fn add_handle(&self) {
        // The first can be the last one's successor: a callback takes it while the channel is pinned.
        if self.handles.fetch_add(1, Ordering::Relaxed) & HANDLES == 0 {
            self.core.one_channel_opened();
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
            self.core.one_channel_closed();
            self.unpin();
        }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, desk: &mut Desk, request: Request) {
        let hangups = self.hangups.load(Ordering::Acquire);
        self.request_after(desk, hangups, request);
    }

    /// Asks for something that is meant for the call after so many hang-ups.
    pub(super) fn request_after(&self, desk: &mut Desk, hangups: u32, request: Request) {
        desk.commands.push_back(Command {
            at: self.positions(),
            hangups,
            request,
        });
        self.called.store(true, Ordering::Release);
        self.core
            .attend(self.worker, self.slot.load(Ordering::Acquire));
    }

    pub(super) fn wait<T>(
        &self,
        timeout: Option<Duration>,
        mut ready: impl FnMut(&mut Desk) -> Option<T>,
    ) -> Result<T, Error> {
        // A wait too long for the clock is a wait without limit.
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut desk = self.desk();
        loop {
            if let Some(value) = ready(&mut desk) {
                return Ok(value);
            }
            desk = match deadline {
                None => self
                    .changed
                    .wait(desk)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(Status::ErrTimeout.into());
                    }
                    self.changed
                        .wait_timeout(desk, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }

    /// The channel as the engine shares it; `None` once it is being freed.
    pub fn shared(&self) -> Option<Arc<Self>> {
        self.own.upgrade()
    }

    /// Gives a recording's file to its disk.
    pub(super) fn open_on_disk(
        self: &Arc<Self>,
        part: PartFile,
        job: u64,
    ) -> Result<Arc<Spool>, Error> {
        let disks = &self.core.disks;
        disks.open(&self.core, part, self.clone(), job)
    }

    // ---- the worker's side ----

    /// For a disk: the file is whole.
    pub(super) fn record_ended(&self, job: u64, recorded: Recorded) {
        self.publish(|desk| desk.outbox.push(Event::RecordEnded { job, recorded }));
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

    pub(super) fn is_closed(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 0
    }

    pub(super) fn hangups(&self) -> u32 {
        self.hangups.load(Ordering::Acquire)
    }

    /// Where in RX and TX the hang-up of this number was.
    pub(super) fn hangup_at(&self, number: u32) -> [u64; 2] {
        let at = &self.hangup_at[number as usize % HANGUPS];
        [at[0].load(Ordering::Relaxed), at[1].load(Ordering::Relaxed)]
    }

    /// The commands that wait.
    pub(super) fn take_commands(&self) -> VecDeque<Command> {
        if !self.called.swap(false, Ordering::AcqRel) {
            return VecDeque::new();
        }
        std::mem::take(&mut self.desk().commands)
    }

    /// Media time, as the worker last told it.
    pub fn media(&self) -> Samples {
        self.media.load(Ordering::Relaxed)
    }

    pub(super) fn set_media(&self, clock: Samples) {
        self.media.store(clock, Ordering::Relaxed);
    }

    /// Hands over what the worker has to tell.
    pub(super) fn publish(&self, tell: impl FnOnce(&mut Desk)) {
        {
            let mut desk = self.desk();
            tell(&mut desk);
            self.dispatch(&mut desk);
        }
        self.changed.notify_all();
    }

    fn dispatch(&self, desk: &mut Desk) {
        if desk.callback.is_some()
            && !desk.dispatching
            && desk.outbox.has_events()
            && let Some(own) = self.own.upgrade()
        {
            desk.dispatching = true;
            self.core.dispatch(own);
        }
    }

    /// For the dispatcher: the next event and who wants it; `None` ends the turn. The channel is pinned then, so that a
    /// callback may take a handle.
    pub(super) fn next_for_callback(&self) -> Option<(Callback, Event)> {
        let mut desk = self.desk();
        let next = match desk.callback.clone() {
            Some(callback) if desk.outbox.has_events() && self.pin() => {
                desk.outbox.pop().map(|event| (callback, event))
            }
            _ => None,
        };
        desk.dispatching = next.is_some();
        next
    }

    /// Keeps the channel while a callback runs; `false` if the host has no handle any more.
    fn pin(&self) -> bool {
        let more = |handles| (handles & HANDLES > 0).then_some(handles + PIN);
        self.handles
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .is_ok()
    }

    pub(super) fn unpin(&self) {
        self.handles.fetch_sub(PIN, Ordering::AcqRel);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.core.one_channel_freed();
    }
}

/// What a worker is handed when a channel is made.
pub struct NewChannel {
    pub channel: Arc<Channel>,
    pub readers: [TapReader; 2],
}
