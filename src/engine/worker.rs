//! A worker: a thread that goes round its channels every 10 ms, hears what has come, and tells what it found.
#![forbid(unsafe_code)]

use super::channel::{Channel, Command, NewChannel, Request};
use super::core::Core;
use super::detection::failed;
use super::leg::Leg;
use super::machine::StatusCallback;
use super::record::{NewRecording, RunningRecording};
use super::tap::{Piece, TapReader};
use crate::cause::RecorderCause;
use crate::dsp::decimate::Decimator;
use crate::time::{RATE_HZ, Samples, from_ms};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// Time between two rounds.
const TICK: Duration = Duration::from_millis(10);

/// A channel and what its worker alone knows of it.
struct Served {
    channel: Arc<Channel>,
    rx: TapReader,
    tx: TapReader,
    decimator: Decimator,
    leg: Leg,
    recording: Option<RunningRecording>,
    /// Where the events of the detection that runs are posted.
    status: Option<StatusCallback>,
    /// Hang-ups that the leg has been told of.
    hangups: u32,
    /// When audio last came, and how much of the silence since was added to media time.
    arrived: Instant,
    added: Samples,
    overruns: u64,
}

/// Runs until the engine is closed and the last channel is freed.
pub fn run(core: &Arc<Core>, index: usize) {
    let mut served: Vec<Option<Served>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut next_round = Instant::now() + TICK;
    loop {
        let (new, mut attend) = wait(
            core,
            index,
            (served.len() > free.len()).then_some(next_round),
        );
        for new in new {
            let slot = free.pop().unwrap_or(served.len());
            if slot == served.len() {
                served.push(None);
            }
            new.channel.set_slot(slot);
            served[slot] = Some(Served::new(new));
            attend.push(slot);
        }
        let now = Instant::now();
        let round = now >= next_round;
        let mut samples = 0;
        if round {
            // A worker that comes late does not run after the rounds that it missed.
            next_round = (next_round + TICK).max(now);
            for slot in 0..served.len() {
                samples += serve(core, index, &mut served, &mut free, slot, now);
            }
        } else {
            attend.sort_unstable();
            attend.dedup();
            for slot in attend {
                samples += serve(core, index, &mut served, &mut free, slot, now);
            }
        }
        core.count(samples, 0);
        if core.is_closing() && served.len() == free.len() && no_more(core, index) {
            return;
        }
    }
}

fn no_more(core: &Core, index: usize) -> bool {
    core.desk(index)
        .inbox
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .new
        .is_empty()
}

/// Waits for the next round, or for somebody to call; without channels, for somebody alone.
fn wait(core: &Core, index: usize, next_round: Option<Instant>) -> (Vec<NewChannel>, Vec<usize>) {
    let desk = core.desk(index);
    let mut inbox = desk.inbox.lock().unwrap_or_else(PoisonError::into_inner);
    while !inbox.awake {
        inbox = match next_round {
            None => desk
                .wake
                .wait(inbox)
                .unwrap_or_else(PoisonError::into_inner),
            Some(at) => {
                let left = at.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                desk.wake
                    .wait_timeout(inbox, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
    }
    inbox.awake = false;
    (
        std::mem::take(&mut inbox.new),
        std::mem::take(&mut inbox.attend),
    )
}

/// Serves one channel; frees it once its last handle is gone. Answers how many samples were heard.
fn serve(
    core: &Core,
    index: usize,
    served: &mut [Option<Served>],
    free: &mut Vec<usize>,
    slot: usize,
    now: Instant,
) -> u64 {
    let Some(place) = served.get_mut(slot) else {
        return 0;
    };
    let Some(one) = place else { return 0 };
    if one.channel.is_closed() {
        one.close(now);
        core.count(0, one.channel.stats().overruns);
        core.left_worker(index);
        *place = None;
        free.push(slot);
        return 0;
    }
    match catch_unwind(AssertUnwindSafe(|| one.turn(now))) {
        Ok(samples) => samples,
        Err(_) => {
            log::error!(
                "{}: a fault was caught; its jobs end with ERROR",
                one.channel.name()
            );
            one.fail();
            0
        }
    }
}

impl Served {
    fn new(new: NewChannel) -> Self {
        let NewChannel {
            channel,
            readers: [rx, tx],
        } = new;
        let decimator =
            Decimator::new(channel.rates_hz()[0]).expect("checked when the channel was made");
        Self {
            channel,
            rx,
            tx,
            decimator,
            leg: Leg::new(),
            recording: None,
            status: None,
            hangups: 0,
            arrived: Instant::now(),
            added: 0,
            overruns: 0,
        }
    }

    /// Hears what has come and does what was asked, in the order in which it happened.
    fn turn(&mut self, now: Instant) -> u64 {
        // First: what is written after this may belong to a call whose hang-up and answer are not seen below.
        let written = self.channel.positions();
        let heard_before = self.rx.position();
        let hangups = self.channel.hangups();
        let commands = self.channel.take_commands();
        let mut flushed = None;
        let touched = !commands.is_empty();
        for Command {
            at,
            hangups,
            request,
        } in commands
        {
            self.hang_up_to(hangups);
            self.hear(at);
            // A job that was asked for before a hang-up that was seen first is over as it begins.
            let too_late = hangups != self.hangups;
            match request {
                Request::Answer => self.leg.answer(),
                Request::Collect(number, _) if too_late => self.leg.collect_too_late(number),
                Request::Collect(number, options) => self.leg.collect(number, options),
                Request::StopCollect => self.leg.stop_collect(),
                Request::ClearDigits => self.leg.clear_digits(),
                Request::Inject(digit, duration_ms) => self.leg.inject(digit, duration_ms),
                Request::SetDtmfLimits(limits) => self.leg.set_dtmf_limits(limits),
                Request::Record(new) => {
                    self.record(*new);
                    if too_late {
                        self.end_recording(RecorderCause::Hangup);
                    }
                }
                Request::StopRecord(job) => {
                    if self.recording.as_ref().is_some_and(|r| r.job() == job) {
                        self.end_recording(RecorderCause::Aborted);
                    }
                }
                Request::ControlRecord(control) => {
                    if let Some(recording) = &mut self.recording {
                        recording.streams().control(control);
                    }
                }
                Request::Detect(new) => {
                    self.status = new.status;
                    self.leg.detect(new.job, new.options, too_late);
                }
                Request::StopDetect(job) => self.leg.stop_detect(Some(job)),
                Request::Flush(number) => flushed = Some(number),
            }
        }
        self.hang_up_to(hangups);
        self.hear(written);
        let heard = self.rx.position() - heard_before;
        self.watch_the_clock(heard > 0, now);
        self.advance_recording();
        self.tell(touched, flushed);
        heard
    }

    /// Hears RX and TX up to these places.
    fn hear(&mut self, until: [u64; 2]) {
        self.rx.read(until[0], |piece| {
            if let Some(recording) = &mut self.recording {
                match piece {
                    Piece::Audio(samples) => recording.streams().rx(samples),
                    Piece::Gap(count) => recording.streams().rx_gap(count),
                }
            }
            match piece {
                Piece::Audio(samples) => self.leg.rx(self.decimator.process(samples)),
                Piece::Gap(count) => self.leg.rx_gap(self.decimator.gap(count)),
            }
        });
        self.tx.read(until[1], |piece| {
            if let Some(recording) = &mut self.recording {
                match piece {
                    Piece::Audio(samples) => recording.streams().tx(samples),
                    Piece::Gap(count) => recording.streams().tx_gap(count),
                }
            }
        });
        self.tell_recording_of_digits();
    }

    fn record(&mut self, new: NewRecording) {
        self.recording = Some(RunningRecording::start(
            new,
            &self.leg,
            self.channel.rates_hz(),
            self.channel.stall_ms(),
        ));
    }

    fn tell_recording_of_digits(&mut self) {
        let late = self.decimator.delay();
        for tone in self.leg.tones().drain(..) {
            if let Some(recording) = &mut self.recording {
                recording.tone(tone, late);
            }
        }
    }

    fn advance_recording(&mut self) {
        self.tell_recording_of_digits();
        if let Some(recording) = &mut self.recording
            && !recording.advance(&self.leg)
        {
            self.recording = None;
        }
    }

    fn end_recording(&mut self, cause: RecorderCause) {
        self.tell_recording_of_digits();
        if let Some(mut recording) = self.recording.take() {
            recording.end(cause);
        }
    }

    /// The last handle is gone: a recording keeps all that was written.
    fn close(&mut self, now: Instant) {
        let closing = AssertUnwindSafe(|| {
            self.turn(now);
            self.end_recording(RecorderCause::Aborted);
            self.leg.stop_detect(None);
            self.tell(true, None);
        });
        if catch_unwind(closing).is_err() {
            self.fail();
        }
    }

    /// Tells the leg of hang-ups that came before what comes next.
    fn hang_up_to(&mut self, hangups: u32) {
        // A command may be newer than the count that was read before it.
        while hangups.wrapping_sub(self.hangups).cast_signed() > 0 {
            self.hear(self.channel.hangup_at(self.hangups));
            self.leg.hangup();
            self.end_recording(RecorderCause::Hangup);
            self.hangups = self.hangups.wrapping_add(1);
        }
    }

    /// The stall guard: while nothing comes, wall time is media time.
    fn watch_the_clock(&mut self, heard: bool, now: Instant) {
        if heard {
            self.arrived = now;
            self.added = 0;
            return;
        }
        let stall_ms = self.channel.stall_ms();
        let silent = now.saturating_duration_since(self.arrived);
        if stall_ms == 0 || silent < Duration::from_millis(u64::from(stall_ms)) {
            return;
        }
        let due = from_ms(silent.as_millis() as u64).saturating_sub(self.added);
        if let Some(recording) = &mut self.recording {
            let step = u64::from(self.channel.rates_hz()[0] / RATE_HZ);
            recording.streams().rx_gap(due * step);
        }
        self.leg.rx_gap(due);
        self.added += due;
    }

    fn tell(&mut self, touched: bool, flushed: Option<u64>) {
        self.channel.set_media(self.leg.clock());
        let events = std::mem::take(self.leg.events());
        for event in &events {
            if self.status.as_ref().is_some_and(|s| s.tell(event)) {
                self.status = None;
            }
        }
        if touched || !events.is_empty() {
            let machine = self.leg.detected_so_far();
            let buffer = self.leg.buffer();
            self.channel.publish(|desk| {
                desk.digits.clear();
                desk.digits.extend(buffer.iter().map(char::from));
                desk.digits_dropped = buffer.dropped();
                desk.machine = machine;
                if let Some(flushed) = flushed {
                    desk.flushed = flushed;
                }
                for event in events {
                    desk.outbox.push(event);
                }
            });
        }
        let overruns = self.channel.stats_overruns();
        if overruns != self.overruns {
            log::warn!(
                "{}: audio was lost, the ring was full ({overruns} times so far)",
                self.channel.name()
            );
            self.overruns = overruns;
        }
    }

    fn fail(&mut self) {
        if let Some(mut recording) = self.recording.take() {
            recording.fail(self.leg.clock());
        }
        let collected = self.leg.fail();
        let outcome = failed(self.leg.clock());
        if let Some(status) = self.status.take() {
            status.finish(&outcome);
        }
        self.channel.publish(|desk| desk.fail(collected, outcome));
    }
}
