//! A worker: a thread that serves its channels every 10 ms. It reads their audio, executes their commands, and publishes their
//! events.
#![forbid(unsafe_code)]

use super::channel::{Channel, Command, NewChannel, Request};
use super::dispatch::Task;
use super::mailbox::Mailbox;
use super::recorder_job::RecorderOutput;
use super::shared::EngineShared;
use super::status_callback::StatusCallback;
use super::sync::Threads;
use super::tap::{Block, TapReader};
use super::worker_log::log;
use earwig_core::call::Call;
use earwig_core::time::{Samples, from_ms};
use earwig_core::types::RecorderCause;
use log::Level;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Interval between two rounds.
const TICK: Duration = Duration::from_millis(10);

/// Runs until the engine is closed and the last channel is freed.
pub fn run(shared: &Arc<EngineShared>, index: usize) {
    let mailbox = shared.mailbox(index);
    let mut channels = Channels::default();
    let mut next_round = Instant::now() + TICK;
    loop {
        let round_at = (!channels.is_empty()).then_some(next_round);
        let (new, mut slots) = mailbox.wait(round_at);
        slots.extend(new.into_iter().map(|new| channels.add(new)));
        let now = Instant::now();
        let mut samples = 0;
        if now >= next_round {
            // A late worker skips the rounds that it missed.
            next_round = (next_round + TICK).max(now);
            for slot in 0..channels.slots.len() {
                samples += channels.serve(slot, shared, mailbox, now);
            }
        } else {
            slots.sort_unstable();
            slots.dedup();
            for slot in slots {
                samples += channels.serve(slot, shared, mailbox, now);
            }
        }
        shared.count(samples, 0);
        if shared.is_closing() && channels.is_empty() && !mailbox.has_new() {
            return;
        }
    }
}

/// The channels of one worker, each in a slot of its own.
#[derive(Default)]
struct Channels {
    slots: Vec<Option<Served>>,
    free: Vec<usize>,
}

impl Channels {
    fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// Adds a channel and returns its slot.
    fn add(&mut self, new: NewChannel) -> usize {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        new.channel.set_slot(slot);
        self.slots[slot] = Some(Served::new(new));
        slot
    }

    /// Serves one channel; frees it if its last handle is gone. Returns the samples of RX that were processed.
    fn serve(
        &mut self,
        slot: usize,
        shared: &EngineShared,
        mailbox: &Mailbox,
        now: Instant,
    ) -> u64 {
        let Some(Some(served)) = self.slots.get_mut(slot) else {
            return 0;
        };
        if served.channel.is_closed() {
            served.close(now);
            // The host's destructor may block.
            if let Some(callback) = served.channel.take_callback() {
                shared.dispatcher().add(Task::Drop(callback));
            }
            shared.count(0, served.channel.overruns());
            mailbox.remove();
            self.slots[slot] = None;
            self.free.push(slot);
            return 0;
        }
        match catch_unwind(AssertUnwindSafe(|| served.serve(now))) {
            Ok(samples) => samples,
            Err(_) => {
                let name = served.channel.name();
                log(
                    Level::Error,
                    module_path!(),
                    format_args!("{name}: a fault was caught; its jobs end with ERROR"),
                );
                served.fail();
                0
            }
        }
    }
}

/// A channel on its worker.
struct Served {
    channel: Arc<Channel>,
    rx: TapReader,
    tx: TapReader,
    call: Call,
    /// Number and file of the running recording.
    recorder_output: Option<(u64, RecorderOutput)>,
    /// Recordings that have ended, whose ends are not published.
    finishing: Vec<u64>,
    /// Where the events of the running detection are posted.
    status_callback: Option<StatusCallback>,
    /// Number of hang-ups that the call has processed.
    hangups: u32,
    /// Time at which audio last arrived, and the media time added since.
    arrived: Instant,
    added: Samples,
    /// Overruns that were logged.
    overruns: u64,
    /// Waiting threads know that the host has no handle.
    deserted: bool,
}

impl Served {
    fn new(new: NewChannel) -> Self {
        let NewChannel {
            channel,
            readers: [rx, tx],
        } = new;
        let call = Call::new(channel.rates_hz()).expect("the channel's options were checked");
        Self {
            channel,
            rx,
            tx,
            call,
            recorder_output: None,
            finishing: Vec::new(),
            status_callback: None,
            hangups: 0,
            arrived: Instant::now(),
            added: 0,
            overruns: 0,
            deserted: false,
        }
    }

    /// Reads the audio and executes the commands, in the order in which they happened. Returns the samples of RX read.
    fn serve(&mut self, now: Instant) -> u64 {
        // Read first: after a hang-up and the last handle, waiting threads get the results of the hang-up.
        let deserted = !self.channel.has_handles();
        // Audio written after this line may follow a hang-up and an answer that the next lines do not read.
        let written = self.channel.positions();
        let read_before = self.rx.position();
        let hangups = self.channel.hangups();
        let hangup_at = self.channel.last_hangup_at(hangups);
        let commands = self.channel.take_commands();
        let mut flushed = None;
        let commanded = !commands.is_empty();
        for Command {
            at,
            hangups,
            hangup_at,
            request,
        } in commands
        {
            self.hang_up_to(hangups, hangup_at);
            self.read_to(at);
            // A job requested before a hang-up that was processed first ends at once.
            let after_hangup = hangups != self.hangups;
            self.execute(request, after_hangup, &mut flushed);
        }
        self.hang_up_to(hangups, hangup_at);
        self.read_to(written);
        let read = self.rx.position() - read_before;
        self.check_stall(read > 0, now);
        self.advance_recording();
        self.publish(commanded, flushed);
        if deserted != self.deserted {
            self.deserted = deserted;
            self.channel.publish(|shared| shared.deserted = deserted);
        }
        read
    }

    fn execute(&mut self, request: Request, after_hangup: bool, flushed: &mut Option<u64>) {
        match request {
            Request::Answer => self.call.answer(),
            Request::StartDtmf(job, _) if after_hangup => self.call.start_dtmf_after_hangup(job),
            Request::StartDtmf(job, options) => self.call.start_dtmf(job, options),
            Request::StopDtmf(job) => self.call.stop_dtmf(job),
            Request::ClearDigits => self.call.clear_digits(),
            Request::Inject(digit, duration_ms) => self.call.inject(digit, duration_ms),
            Request::SetDtmfLimits(limits) => self.call.set_dtmf_limits(limits),
            Request::StartRecorder(new) if after_hangup => {
                self.finishing.push(new.job);
                let end = self.call.recorder_after_hangup(new.start);
                new.output.finish(end);
            }
            Request::StartRecorder(new) => {
                self.call.start_recorder(new.job, new.start);
                self.recorder_output = Some((new.job, new.output));
            }
            Request::StopRecorder(job) => {
                if self.call.recording() == Some(job) {
                    self.end_recording(RecorderCause::Aborted);
                }
            }
            Request::ControlRecorder(control) => self.call.control_recorder(control),
            Request::StartMachine(new) => {
                self.status_callback = new.status_callback;
                self.call.start_machine(new.job, new.options, after_hangup);
            }
            Request::StopMachine(job) => self.call.stop_machine(Some(job)),
            Request::Flush(number) => *flushed = Some(number),
        }
    }

    /// Reads RX and TX up to these positions.
    fn read_to(&mut self, until: [u64; 2]) {
        self.rx.read(until[0], |block| match block {
            Block::Audio(samples) => self.call.rx(samples),
            Block::Gap(count) => self.call.rx_gap(count),
        });
        self.tx.read(until[1], |block| match block {
            Block::Audio(samples) => self.call.tx(samples),
            Block::Gap(count) => self.call.tx_gap(count),
        });
    }

    /// Processes hang-ups up to this number, each at its position in the audio. `at`: position of the last one.
    fn hang_up_to(&mut self, hangups: u32, at: [u64; 2]) {
        // `hangups` may be older than a command that was processed before.
        while hangups.wrapping_sub(self.hangups).cast_signed() > 0 {
            let kept = self.channel.hangup_at(self.hangups);
            self.hangups = self.hangups.wrapping_add(1);
            let is_last = self.hangups == hangups;
            self.read_to(if is_last {
                at
            } else {
                [kept[0].min(at[0]), kept[1].min(at[1])]
            });
            self.call.hangup();
            self.hand_over_recording();
        }
    }

    /// Advances media time with the wall clock once no audio has arrived for `stall_ms`, starting from the last sample.
    fn check_stall(&mut self, audio_arrived: bool, now: Instant) {
        if audio_arrived {
            self.arrived = now;
            self.added = 0;
            return;
        }
        let stall_ms = self.channel.stall_ms();
        let stalled = now.saturating_duration_since(self.arrived);
        if stall_ms == 0 || stalled < Duration::from_millis(u64::from(stall_ms)) {
            return;
        }
        let due = from_ms(stalled.as_millis() as u64).saturating_sub(self.added);
        self.call.stall(due);
        self.added += due;
    }

    fn advance_recording(&mut self) {
        let Some((_, output)) = &self.recorder_output else {
            return;
        };
        self.call.advance_recording();
        if output.failed() {
            self.call.end_recording(RecorderCause::Error);
        }
        self.hand_over_recording();
    }

    fn end_recording(&mut self, cause: RecorderCause) {
        self.call.end_recording(cause);
        self.hand_over_recording();
    }

    /// Passes the recording's bytes and its end to storage.
    fn hand_over_recording(&mut self) {
        if let Some(end) = self.call.take_recording_end() {
            if let Some((job, output)) = self.recorder_output.take() {
                self.finishing.push(job);
                output.finish(end);
            }
        } else if let Some((_, output)) = &mut self.recorder_output
            && let Some(bytes) = self.call.recording_bytes()
        {
            output.write(bytes);
        }
    }

    /// Closes a channel without handles. A recording gets all audio that was written.
    fn close(&mut self, now: Instant) {
        let closing = AssertUnwindSafe(|| {
            self.serve(now);
            self.end_recording(RecorderCause::Aborted);
            self.call.stop_machine(None);
            self.publish(true, None);
        });
        if catch_unwind(closing).is_err() {
            self.fail();
        }
    }

    /// Publishes events, results and the digit buffer. `commanded`: commands were executed, which may have changed them.
    fn publish(&mut self, commanded: bool, flushed: Option<u64>) {
        self.channel.set_media(self.call.clock());
        let events = std::mem::take(self.call.events());
        for event in &events {
            let callback = self.status_callback.as_ref();
            if callback.is_some_and(|callback| callback.on_event(event)) {
                self.status_callback = None;
            }
        }
        if commanded || !events.is_empty() || !self.finishing.is_empty() {
            let machine = self.call.machine_progress();
            let buffer = self.call.buffer();
            let finishing = self.finishing.drain(..);
            self.channel.publish(|shared| {
                shared.digits.clear();
                shared.digits.extend(buffer.iter().map(char::from));
                shared.digits_dropped = buffer.dropped();
                shared.machine = machine;
                if let Some(flushed) = flushed {
                    shared.flushed = flushed;
                }
                for job in finishing {
                    shared.outbox.recorder.finishing(job);
                }
                for event in events {
                    shared.outbox.push(event);
                }
            });
        }
        let overruns = self.channel.overruns();
        if overruns != self.overruns {
            let name = self.channel.name();
            log(
                Level::Warn,
                module_path!(),
                format_args!("{name}: audio was lost: the ring was full ({overruns} times so far)"),
            );
            self.overruns = overruns;
        }
    }

    /// Ends all jobs with ERROR after a fault.
    fn fail(&mut self) {
        let (dtmf, machine) = self.call.fail();
        self.hand_over_recording();
        if let Some(callback) = self.status_callback.take() {
            callback.finish(&machine);
        }
        let finishing = std::mem::take(&mut self.finishing);
        self.channel.publish(|shared| {
            for job in finishing {
                shared.outbox.recorder.finishing(job);
            }
            shared.fail(dtmf, machine);
        });
    }
}
