//! One call's detectors and jobs, without threads and clocks: audio and commands go in, events come out.
//!
//! [`Call`] counts media time. Detectors and jobs advance on a grid of 5 ms, so that the events do not depend on how the audio
//! is divided into writes.
#![forbid(unsafe_code)]

use crate::detect::dtmf::{Detector, DtmfFact, Limits};
use crate::detect::fact::Fact;
use crate::dsp::bank::HOP;
use crate::dsp::decimate::Decimator;
use crate::event::Event;
use crate::job::dtmf::{Dedup, DigitBuffer, DtmfJob, DtmfOptions, DtmfResult};
use crate::job::machine::{CallTimes, Detection, MachineOptions, MachineOutput, MachineResult};
use crate::job::recorder::{Control, Recording, RecordingEnd, RecordingInput, RecordingStart};
use crate::time::{RATE_HZ, Samples, from_ms};
use crate::types::{DigitSource, DtmfCause, MachineCause, RecorderCause};

/// Window of the DTMF detector, 20 ms: a tone may begin this long before the time up to which its digits are complete.
const DTMF_WINDOW: Samples = 20 * RATE_HZ as Samples / 1000;

/// One call's detectors and jobs.
#[derive(Debug)]
pub struct Call {
    rates_hz: [u32; 2],
    decimator: Decimator,
    /// Buffer for the decimator's output.
    decimated: Vec<i16>,
    /// Media time: samples of RX at 8 kHz, gaps included.
    clock: Samples,
    times: CallTimes,
    dtmf: Detector,
    dtmf_facts: Vec<DtmfFact>,
    /// An in-band DTMF tone sounds.
    tone_sounds: bool,
    /// The digit of the tone that sounds was reported; a duplicate of a signalled digit was not.
    tone_reported: bool,
    dedup: Dedup,
    buffer: DigitBuffer,
    collection: Option<(u64, DtmfJob)>,
    recording: Option<(u64, Box<Recording>)>,
    recording_end: Option<RecordingEnd>,
    detection: Option<Box<Detection>>,
    events: Vec<Event>,
}

impl Call {
    /// A call with these rates of RX and TX. `None` unless RX has 8000, 16000, 32000 or 48000 Hz.
    pub fn new(rates_hz: [u32; 2]) -> Option<Self> {
        Some(Self {
            rates_hz,
            decimator: Decimator::new(rates_hz[0])?,
            decimated: Vec::new(),
            clock: 0,
            times: CallTimes::default(),
            dtmf: Detector::new(Limits::default()),
            dtmf_facts: Vec::new(),
            tone_sounds: false,
            tone_reported: false,
            dedup: Dedup::default(),
            buffer: DigitBuffer::default(),
            collection: None,
            recording: None,
            recording_end: None,
            detection: None,
            events: Vec::new(),
        })
    }

    /// Media time.
    pub fn clock(&self) -> Samples {
        self.clock
    }

    /// Digits that no collection has taken.
    pub fn buffer(&self) -> &DigitBuffer {
        &self.buffer
    }

    /// Pending events; the caller drains them.
    pub fn events(&mut self) -> &mut Vec<Event> {
        &mut self.events
    }

    // ---- audio ----

    /// Samples of RX at its rate, in chunks of any size.
    pub fn rx(&mut self, samples: &[i16]) {
        if let Some((_, recording)) = &mut self.recording {
            recording.rx(samples);
        }
        if self.decimator.factor() == 1 {
            self.rx_8k(samples);
        } else {
            let mut decimated = std::mem::take(&mut self.decimated);
            decimated.clear();
            decimated.extend_from_slice(self.decimator.process(samples));
            self.rx_8k(&decimated);
            self.decimated = decimated;
        }
    }

    fn rx_8k(&mut self, mut samples: &[i16]) {
        while !samples.is_empty() {
            if let Some(job) = self.detection.as_mut().and_then(|d| d.job()) {
                job.media(self.clock);
            }
            let (chunk, rest) = samples.split_at(samples.len().min(self.to_next_step()));
            self.dtmf.process(chunk, &mut self.dtmf_facts);
            if let Some(detection) = &mut self.detection {
                detection.rx(chunk);
            }
            self.times.first_media.get_or_insert(self.clock);
            self.clock += chunk.len() as Samples;
            self.step();
            samples = rest;
        }
    }

    /// `count` samples of RX at its rate are missing: lost or not sent.
    pub fn rx_gap(&mut self, count: u64) {
        if let Some((_, recording)) = &mut self.recording {
            recording.rx_gap(count);
        }
        let count = self.decimator.gap(count);
        self.gap_8k(count);
    }

    /// Advances media time by `count` samples at 8 kHz without audio.
    pub fn stall(&mut self, count: Samples) {
        if let Some((_, recording)) = &mut self.recording {
            recording.rx_gap(count * u64::from(self.rates_hz[0] / RATE_HZ));
        }
        self.gap_8k(count);
    }

    fn gap_8k(&mut self, count: Samples) {
        let mut left = count;
        // After 1 s of gap the DTMF detector has settled, and only timeouts need the 5 ms grid.
        let mut hops = RATE_HZ as usize / HOP;
        while left > 0 {
            let step = if hops > 0 || self.detection.is_some() {
                left.min(self.to_next_step() as Samples)
            } else {
                left
            };
            hops = hops.saturating_sub(1);
            self.dtmf.gap(step, &mut self.dtmf_facts);
            if let Some(detection) = &mut self.detection {
                detection.gap(step);
            }
            self.clock += step;
            self.step();
            left -= step;
        }
    }

    /// Samples of TX at its rate; only a recording uses them.
    pub fn tx(&mut self, samples: &[i16]) {
        if let Some((_, recording)) = &mut self.recording {
            recording.tx(samples);
        }
    }

    /// `count` samples of TX at its rate are missing.
    pub fn tx_gap(&mut self, count: u64) {
        if let Some((_, recording)) = &mut self.recording {
            recording.tx_gap(count);
        }
    }

    /// Samples to the next time at which jobs advance: on the 5 ms grid, or at a limit of the detection.
    fn to_next_step(&self) -> usize {
        let hop = HOP - (self.clock % HOP as Samples) as usize;
        match self.detection_limit() {
            Some(limit) if limit > self.clock => hop.min((limit - self.clock) as usize),
            _ => hop,
        }
    }

    fn detection_limit(&self) -> Option<Samples> {
        self.detection.as_ref()?.next_limit()
    }

    /// Processes new facts, and advances the jobs that are due.
    fn step(&mut self) {
        self.take_dtmf_facts();
        let on_grid = self.clock.is_multiple_of(HOP as Samples);
        if on_grid {
            self.advance_collection(self.dtmf.complete_until());
        }
        if on_grid || self.detection_limit() == Some(self.clock) {
            self.step_detection();
        }
    }

    fn take_dtmf_facts(&mut self) {
        let mut facts = std::mem::take(&mut self.dtmf_facts);
        for fact in facts.drain(..) {
            match fact {
                DtmfFact::Start { digit, start } => self.tone_starts(digit, start),
                DtmfFact::End {
                    digit,
                    start,
                    end,
                    low_dbm0,
                    high_dbm0,
                } => {
                    self.tone_ends(start, end);
                    if std::mem::take(&mut self.tone_reported) {
                        self.events.push(Event::DigitEnd {
                            at: self.clock,
                            digit,
                            start,
                            end,
                            low_dbm0,
                            high_dbm0,
                        });
                    }
                }
            }
        }
        self.dtmf_facts = facts;
    }

    fn tone_starts(&mut self, digit: u8, start: Samples) {
        self.tone_sounds = true;
        let delay = self.decimator.delay();
        if let Some((_, recording)) = &mut self.recording {
            recording.tone_begins(start.saturating_sub(delay));
        }
        if let Some(detection) = &mut self.detection {
            detection.dtmf_tone(Some(start));
        }
        self.tone_reported = self
            .dedup
            .is_new(digit, DigitSource::Inband, start, Samples::MAX);
        if self.tone_reported {
            self.report_digit(start, digit, DigitSource::Inband, start, None);
        }
    }

    fn tone_ends(&mut self, start: Samples, end: Samples) {
        self.tone_sounds = false;
        let delay = self.decimator.delay();
        if let Some((_, recording)) = &mut self.recording {
            recording.tone_ends(end.saturating_sub(delay));
        }
        if let Some(detection) = &mut self.detection {
            detection.dtmf_tone(None);
        }
        self.dedup.tone_ended(start, end);
    }

    /// Reports a new key press. `at`: its time for the collection.
    fn report_digit(
        &mut self,
        at: Samples,
        digit: u8,
        source: DigitSource,
        start: Samples,
        end: Option<Samples>,
    ) {
        self.drive_collection(|job, buffer| job.expire_before(at, buffer));
        let stored = self.buffer.push(digit);
        // The recording gets RX without the decimator's delay.
        let (inband, delay) = match source {
            DigitSource::Inband => (true, self.decimator.delay()),
            DigitSource::Signalling => (false, 0),
        };
        if let Some((_, recording)) = &mut self.recording {
            recording.digit(start.saturating_sub(delay), inband);
        }
        self.events.push(Event::Digit {
            at: self.clock,
            digit,
            source,
            start,
            end,
            stored,
        });
        self.drive_collection(|job, buffer| job.digit(at, buffer));
    }

    // ---- the call ----

    /// The call is answered: clears the digit buffer and resets the DTMF detector.
    pub fn answer(&mut self) {
        self.buffer.clear();
        self.dedup.clear();
        self.dtmf.reset();
        self.tone_sounds = false;
        self.tone_reported = false;
        self.times.answered = Some(self.clock);
        if let Some(job) = self.detection.as_mut().and_then(|d| d.job()) {
            job.answered(self.clock);
        }
    }

    /// The call hangs up: reports the end of tones and voice that last, then ends all jobs with HANGUP.
    pub fn hangup(&mut self) {
        self.dtmf.finish(&mut self.dtmf_facts);
        self.take_dtmf_facts();
        self.advance_collection(self.clock);
        let now = self.clock;
        self.drive_collection(|job, buffer| Some(job.hangup(now, buffer)));
        self.dtmf.reset();
        self.tone_sounds = false;
        self.times = CallTimes::default();
        if let Some(detection) = &mut self.detection {
            detection.stop_after(None);
            detection.finish(now);
        }
        self.take_detection_outputs();
        if let Some(job) = self.detection.as_mut().and_then(|d| d.job()) {
            job.hangup(now);
        }
        self.take_detection_outputs();
        self.end_recording(RecorderCause::Hangup);
    }

    /// A fault was caught: resets the detectors and drops all jobs. Returns the results of the collection and of the detection; the
    /// recording's end is at [`Call::take_recording_end`].
    pub fn fail(&mut self) -> (DtmfResult, MachineResult) {
        self.dtmf_facts.clear();
        self.events.clear();
        self.dtmf.reset();
        self.tone_sounds = false;
        self.tone_reported = false;
        self.collection = None;
        self.detection = None;
        if let Some((_, recording)) = self.recording.take() {
            self.recording_end = Some(recording.failed(self.clock));
        }
        (
            self.collection_without_digits(DtmfCause::Error),
            MachineResult::without_verdict(MachineCause::Error, self.clock),
        )
    }

    // ---- dtmf ----

    /// Starts a collection under the caller's number.
    pub fn start_dtmf(&mut self, number: u64, options: DtmfOptions) {
        match DtmfJob::start(options, self.clock, &mut self.buffer) {
            Ok(job) => {
                self.collection = Some((number, job));
                self.advance_collection(self.clock);
            }
            Err(result) => self.events.push(Event::DtmfEnded {
                job: number,
                result,
            }),
        }
    }

    /// A collection started after the hang-up: ends with HANGUP.
    pub fn start_dtmf_after_hangup(&mut self, number: u64) {
        let result = self.collection_without_digits(DtmfCause::Hangup);
        self.events.push(Event::DtmfEnded {
            job: number,
            result,
        });
    }

    fn collection_without_digits(&self, cause: DtmfCause) -> DtmfResult {
        DtmfResult {
            cause,
            digits: String::new(),
            started: self.clock,
            ended: self.clock,
        }
    }

    /// Ends the running collection with NONE and the digits so far, if it has this number.
    pub fn stop_dtmf(&mut self, number: u64) {
        let now = self.clock;
        if self
            .collection
            .as_ref()
            .is_some_and(|(running, _)| *running == number)
        {
            self.drive_collection(|job, buffer| Some(job.stop(now, buffer)));
        }
    }

    /// Empties the digit buffer.
    pub fn clear_digits(&mut self) {
        self.buffer.clear();
    }

    /// A signalled digit that lasted `duration_ms` up to now.
    pub fn inject(&mut self, digit: u8, duration_ms: u64) {
        let (start, end) = (self.clock.saturating_sub(from_ms(duration_ms)), self.clock);
        if self
            .dedup
            .is_new(digit, DigitSource::Signalling, start, end)
        {
            self.report_digit(end, digit, DigitSource::Signalling, start, Some(end));
        }
    }

    /// Replaces the limits of the DTMF detector.
    pub fn set_dtmf_limits(&mut self, limits: Limits) {
        self.dtmf.set_limits(limits);
    }

    fn advance_collection(&mut self, now: Samples) {
        self.drive_collection(|job, buffer| job.expire_until(now, buffer));
    }

    /// Calls `step` on the running collection, if any, and reports the result if it ended.
    fn drive_collection(
        &mut self,
        step: impl FnOnce(&mut DtmfJob, &mut DigitBuffer) -> Option<DtmfResult>,
    ) {
        let Some((number, job)) = &mut self.collection else {
            return;
        };
        let number = *number;
        if let Some(result) = step(job, &mut self.buffer) {
            self.collection = None;
            self.events.push(Event::DtmfEnded {
                job: number,
                result,
            });
        }
    }

    // ---- recorder ----

    /// Starts a recording under the caller's number.
    pub fn start_recorder(&mut self, number: u64, start: RecordingStart) {
        let recording = self.new_recording(start);
        self.recording = Some((number, Box::new(recording)));
    }

    /// The end of a recording that started after the hang-up: HANGUP. A recording of the next call, which may run, goes on.
    pub fn recorder_after_hangup(&self, start: RecordingStart) -> RecordingEnd {
        self.new_recording(start).end(RecorderCause::Hangup)
    }

    fn new_recording(&self, start: RecordingStart) -> Recording {
        let input = RecordingInput {
            rates_hz: self.rates_hz,
            started: self.clock,
            tone: self.tone_sounds,
        };
        Recording::new(start, input)
    }

    /// Number of the running recording.
    pub fn recording(&self) -> Option<u64> {
        self.recording.as_ref().map(|(number, _)| *number)
    }

    /// Controls the running recording, if any.
    pub fn control_recorder(&mut self, control: Control) {
        if let Some((_, recording)) = &mut self.recording {
            recording.control(control);
        }
    }

    /// Advances the running recording, if any. The caller has given RX and TX up to the same time.
    pub fn advance_recording(&mut self) {
        let digits_until = self.dtmf.edges_complete_until().saturating_sub(DTMF_WINDOW);
        if let Some((_, recording)) = &mut self.recording
            && let Some(end) = recording.advance(digits_until)
        {
            self.recording = None;
            self.recording_end = Some(end);
        }
    }

    /// Ends the running recording, if any, with `cause`, unless a limit was reached before.
    pub fn end_recording(&mut self, cause: RecorderCause) {
        if let Some((_, recording)) = self.recording.take() {
            self.recording_end = Some(recording.end(cause));
        }
    }

    /// Pending bytes of the running recording's file; the caller drains them. `None` if no recording runs.
    pub fn recording_bytes(&mut self) -> Option<&mut Vec<u8>> {
        self.recording
            .as_mut()
            .map(|(_, recording)| recording.bytes())
    }

    /// Takes the end of the last recording, with the last bytes of its file.
    pub fn take_recording_end(&mut self) -> Option<RecordingEnd> {
        self.recording_end.take()
    }

    // ---- machine ----

    /// Starts a detection under the caller's number. `after_hangup`: the call has hung up, and the detection ends at once.
    pub fn start_machine(&mut self, number: u64, options: MachineOptions, after_hangup: bool) {
        let now = self.clock;
        let detection = self
            .detection
            .get_or_insert_with(|| Box::new(Detection::new(now)));
        detection.start(number, options, now, self.times);
        if after_hangup && let Some(job) = detection.job() {
            job.hangup(now);
        }
        self.step_detection();
    }

    /// Ends the running detection, or the wait for a beep after its end, if it has this number; `None` matches any.
    pub fn stop_machine(&mut self, number: Option<u64>) {
        let now = self.clock;
        if let Some(detection) = &mut self.detection {
            detection.stop_after(number);
            self.take_detection_outputs();
        }
        if let Some(detection) = &mut self.detection
            && (number.is_none() || detection.number() == number)
            && let Some(job) = detection.job()
        {
            job.stop(now);
            self.step_detection();
        }
    }

    /// Words of the host's recogniser, which began at `at`, for the detection with this number, if it runs.
    pub fn add_words(&mut self, number: u64, text: &str, at: Samples) {
        if let Some(detection) = &mut self.detection {
            detection.add_words(number, text, at, self.clock);
            self.take_detection_outputs();
        }
    }

    /// Result so far of the running detection.
    pub fn machine_progress(&mut self) -> Option<MachineResult> {
        let job = self.detection.as_mut()?.job()?;
        Some(job.progress())
    }

    /// Logs all facts besides DTMF from now on.
    pub fn log_facts(&mut self) {
        let now = self.clock;
        let detection = self
            .detection
            .get_or_insert_with(|| Box::new(Detection::new(now)));
        detection.enable_log();
    }

    /// Takes the facts logged since the last call.
    pub fn take_facts(&mut self) -> Vec<Fact> {
        let detection = self.detection.as_mut();
        detection.map(|d| d.take_log()).unwrap_or_default()
    }

    fn step_detection(&mut self) {
        if let Some(detection) = &mut self.detection {
            detection.step(self.clock);
            self.take_detection_outputs();
        }
    }

    fn take_detection_outputs(&mut self) {
        let Some(detection) = &mut self.detection else {
            return;
        };
        let at = self.clock;
        let beeps = detection.take_beeps().into_iter();
        self.events.extend(beeps.map(|beep| Event::MachineBeep {
            at,
            start: beep.start,
            end: beep.end,
            hz: beep.hz,
        }));
        detection.take_outputs(|job, output| self.events.push(machine_event(job, output)));
        if detection.is_over() {
            self.detection = None;
        }
    }
}

fn machine_event(job: u64, output: MachineOutput) -> Event {
    match output {
        MachineOutput::Event {
            event,
            at,
            beep,
            hz,
            confidence,
            kind,
        } => Event::Machine {
            job,
            event,
            at,
            beep,
            hz,
            confidence,
            kind,
        },
        MachineOutput::Provisional {
            at,
            verdict,
            confidence,
        } => Event::MachineProvisional {
            at,
            verdict,
            confidence,
        },
        MachineOutput::Ended(result) => Event::MachineEnded {
            job,
            result: Box::new(result),
        },
    }
}
