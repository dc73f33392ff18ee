//! A channel on its worker: reads the audio, executes the commands and publishes the events, in turns.
#![forbid(unsafe_code)]

use super::channel::{Channel, ChannelShared, Command, NewChannel, Request};
use super::recorder_job::RecorderOutput;
use super::status_callback::StatusCallback;
use super::tap::{Block, TapReader};
use super::worker_log::log;
use earwig_core::call::Call;
use earwig_core::event::Event;
use earwig_core::time::{Samples, from_ms};
use earwig_core::types::RecorderCause;
use log::Level;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Audio that a channel processes in one turn, ms. A longer backlog, gap or stall takes several turns, between which the worker
/// serves its other channels: with all detectors and a recording, 100 ms take less than 1 ms.
const TURN_MS: u64 = 100;

/// How far a turn went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All audio and commands are processed.
    Done,
    /// The channel needs another turn.
    More,
    /// A control thread holds the channel's lock: the next round tries again.
    Blocked,
}

/// A channel on its worker.
pub struct Served {
    channel: Arc<Channel>,
    rx: TapReader,
    tx: TapReader,
    call: Call,
    /// Commands that are not executed.
    commands: VecDeque<Command>,
    /// Samples of RX and TX that may still be read in this turn.
    budget: [u64; 2],
    /// Commands were executed, which may have changed what is published.
    changed: bool,
    /// Number of the last flush that was executed.
    flushed: Option<u64>,
    /// Events that are not published.
    events: Vec<Event>,
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
    /// A new channel.
    pub fn new(new: NewChannel) -> Self {
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
            commands: VecDeque::new(),
            budget: [0; 2],
            changed: false,
            flushed: None,
            events: Vec::new(),
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

    /// The channel.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Reads audio and executes commands for one turn, in the order in which they happened. Returns the samples of RX read.
    pub fn serve(&mut self, now: Instant) -> (u64, Progress) {
        // Read first: after a hang-up and the last handle, waiting threads get the results of the hang-up.
        let deserted = !self.channel.has_handles();
        // Audio written after this line may follow a hang-up and an answer that the next lines do not read.
        let written = self.channel.positions();
        let hangups = self.channel.hangups();
        let hangup_at = self.channel.last_hangup_at(hangups);
        if !self.channel.take_commands(&mut self.commands) {
            return (0, Progress::Blocked);
        }
        let read_before = self.rx.position();
        self.budget = self
            .channel
            .rates_hz()
            .map(|rate| u64::from(rate) * TURN_MS / 1000);
        let mut done = self.process(hangups, hangup_at, written);
        let read = self.rx.position() - read_before;
        done &= self.check_stall(read > 0 || !done, now);
        self.advance_recording();
        self.publish();
        let tell = |shared: &mut ChannelShared| shared.deserted = deserted;
        if done && deserted != self.deserted && self.channel.publish_soon(tell) {
            self.deserted = deserted;
        }
        (read, if done { Progress::Done } else { Progress::More })
    }

    /// Executes the commands, then hangs up and reads up to these positions. Returns `false` if the turn ended before.
    fn process(&mut self, hangups: u32, hangup_at: [u64; 2], written: [u64; 2]) -> bool {
        while let Some(next) = self.commands.front() {
            let (at, its_hangups, its_hangup_at) = (next.at, next.hangups, next.hangup_at);
            if !self.hang_up_to(its_hangups, its_hangup_at) || !self.read_to(at) {
                return false;
            }
            // A job requested before a hang-up that was processed first ends at once.
            let after_hangup = its_hangups != self.hangups;
            if let Some(command) = self.commands.pop_front() {
                self.changed = true;
                self.execute(command.request, after_hangup);
            }
        }
        self.hang_up_to(hangups, hangup_at) && self.read_to(written)
    }

    fn execute(&mut self, request: Request, after_hangup: bool) {
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
                // The last call's detection may have ended in this turn.
                self.take_events();
                self.status_callback = new.status_callback;
                self.call.start_machine(new.job, new.options, after_hangup);
            }
            Request::StopMachine(job) => self.call.stop_machine(Some(job)),
            Request::AddWords(job, text, at) => self.call.add_words(job, &text, at),
            Request::Flush(number) => self.flushed = Some(number),
        }
    }

    /// Reads RX and TX up to these positions. Returns `false` if the turn ended before.
    fn read_to(&mut self, until: [u64; 2]) -> bool {
        let (rx, tx) = (self.rx.position(), self.tx.position());
        let left = [until[0].saturating_sub(rx), until[1].saturating_sub(tx)];
        let part = part_of(left, self.budget);
        self.budget[0] -= part[0];
        self.budget[1] -= part[1];
        self.rx.read(rx + part[0], |block| match block {
            Block::Audio(samples) => self.call.rx(samples),
            Block::Gap(count) => self.call.rx_gap(count),
        });
        self.tx.read(tx + part[1], |block| match block {
            Block::Audio(samples) => self.call.tx(samples),
            Block::Gap(count) => self.call.tx_gap(count),
        });
        part == left
    }

    /// Processes hang-ups up to this number, each at its position in the audio. `at`: position of the last one. Returns `false` if
    /// the turn ended before.
    fn hang_up_to(&mut self, hangups: u32, at: [u64; 2]) -> bool {
        // `hangups` may be older than a command that was processed before.
        while hangups.wrapping_sub(self.hangups).cast_signed() > 0 {
            let kept = self.channel.hangup_at(self.hangups);
            let is_last = self.hangups.wrapping_add(1) == hangups;
            let hangup_at = if is_last {
                at
            } else {
                [kept[0].min(at[0]), kept[1].min(at[1])]
            };
            if !self.read_to(hangup_at) {
                return false;
            }
            self.hangups = self.hangups.wrapping_add(1);
            self.call.hangup();
            self.hand_over_recording();
        }
        true
    }

    /// Advances media time with the wall clock once no audio has arrived for `stall_ms`, starting from the last sample. Returns
    /// `false` if it takes more turns.
    fn check_stall(&mut self, audio_arrived: bool, now: Instant) -> bool {
        if audio_arrived {
            self.arrived = now;
            self.added = 0;
            return true;
        }
        let stall_ms = self.channel.stall_ms();
        let stalled = now.saturating_duration_since(self.arrived);
        if stall_ms == 0 || stalled < Duration::from_millis(u64::from(stall_ms)) {
            return true;
        }
        let due = from_ms(stalled.as_millis() as u64).saturating_sub(self.added);
        let part = due.min(from_ms(TURN_MS));
        self.call.stall(part);
        self.added += part;
        part == due
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

    /// Closes a channel without handles, all of whose audio is processed.
    pub fn close(&mut self) {
        let closing = AssertUnwindSafe(|| {
            self.end_recording(RecorderCause::Aborted);
            self.call.stop_machine(None);
            self.publish();
        });
        if catch_unwind(closing).is_err() {
            self.fail();
        }
    }

    /// Takes the call's events, and posts those of the detection.
    fn take_events(&mut self) {
        let old = self.events.len();
        self.events.append(self.call.events());
        for event in &self.events[old..] {
            let callback = self.status_callback.as_ref();
            if callback.is_some_and(|callback| callback.on_event(event)) {
                self.status_callback = None;
            }
        }
    }

    /// Publishes events, results and the digit buffer. What a control thread does not let it publish stays until the next turn.
    fn publish(&mut self) {
        self.channel.set_media(self.call.clock());
        self.take_events();
        if self.changed || !self.events.is_empty() || !self.finishing.is_empty() {
            let machine = self.call.machine_progress();
            let buffer = self.call.buffer();
            let published = self.channel.publish_soon(|shared| {
                shared.digits.clear();
                shared.digits.extend(buffer.iter().map(char::from));
                shared.digits_dropped = buffer.dropped();
                shared.machine = machine;
                shared.flushed = self.flushed.unwrap_or(shared.flushed);
                for job in self.finishing.drain(..) {
                    shared.outbox.recorder.finishing(job);
                }
                for event in self.events.drain(..) {
                    shared.outbox.push(event);
                }
            });
            self.changed = !published;
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
    pub fn fail(&mut self) {
        self.commands.clear();
        self.events.clear();
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

/// What a turn with this budget reads of the samples that are left in RX and TX: all, or the same share of both, so that the streams
/// stay aligned.
fn part_of(left: [u64; 2], budget: [u64; 2]) -> [u64; 2] {
    if left[0] <= budget[0] && left[1] <= budget[1] {
        return left;
    }
    let [l, b] = [left, budget].map(|streams| streams.map(u128::from));
    let longer = usize::from(l[0] * b[1] < l[1] * b[0]);
    l.map(|left| (left * b[longer] / l[longer].max(1)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_reads_all_that_is_left_or_the_same_share_of_both_streams() {
        assert_eq!(part_of([800, 300], [800, 800]), [800, 300]);
        assert_eq!(part_of([8000, 4000], [800, 800]), [800, 400]);
        assert_eq!(part_of([100, 8000], [800, 800]), [10, 800]);
        // Streams of different rates.
        assert_eq!(part_of([8000, 48_000], [800, 4800]), [800, 4800]);
        assert_eq!(part_of([0, 8000], [800, 800]), [0, 800]);
        assert_eq!(part_of([5, 0], [0, 800]), [0, 0]);
        assert_eq!(part_of([0, 5], [0, 0]), [0, 0]);
        assert_eq!(part_of([u64::MAX, 1], [800, 800]), [800, 0]);
    }
}
