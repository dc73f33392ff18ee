//! One call's detectors and jobs, without threads and without clocks: audio and commands in, events out.
//!
//! Media time is counted here. Detection and jobs advance hop by hop, on a grid of 5 ms, so that any division of the same
//! audio into writes gives the same events.
#![forbid(unsafe_code)]

use super::detection::Detection;
use super::event::{Event, Tone};
use crate::cause::{DigitSource, DtmfCause};
use crate::detect::dtmf::{Detector, Fact, Limits};
use crate::detect::heard::Heard;
use crate::dsp::bank::HOP;
use crate::job::collect::{Collect, CollectOptions, Collected};
use crate::job::digits::{DigitBuffer, Merge};
use crate::job::machine::options::MachineOptions;
use crate::job::machine::{Call, Outcome};
use crate::time::{Samples, from_ms};

/// One call's detectors and jobs.
#[derive(Debug)]
pub struct Leg {
    clock: Samples,
    detector: Detector,
    merge: Merge,
    buffer: DigitBuffer,
    /// The sounding tone's press was counted, so its end is told.
    counted: bool,
    collect: Option<(u64, Collect)>,
    detection: Option<Box<Detection>>,
    call: Call,
    facts: Vec<Fact>,
    events: Vec<Event>,
    tones: Vec<Tone>,
    /// A DTMF tone sounds.
    sounding: bool,
}

impl Leg {
    /// A leg at rest.
    pub fn new() -> Self {
        Self {
            clock: 0,
            detector: Detector::new(Limits::default()),
            merge: Merge::default(),
            buffer: DigitBuffer::default(),
            counted: false,
            collect: None,
            detection: None,
            call: Call::default(),
            facts: Vec::new(),
            events: Vec::new(),
            tones: Vec::new(),
            sounding: false,
        }
    }

    /// Media time.
    pub fn clock(&self) -> Samples {
        self.clock
    }

    /// The digits that nobody has fetched.
    pub fn buffer(&self) -> &DigitBuffer {
        &self.buffer
    }

    /// What there is to tell; the caller empties it.
    pub fn events(&mut self) -> &mut Vec<Event> {
        &mut self.events
    }

    /// What a recording must know of the digits; the caller empties it.
    pub fn tones(&mut self) -> &mut Vec<Tone> {
        &mut self.tones
    }

    /// Whether a DTMF tone sounds.
    pub fn sounding(&self) -> bool {
        self.sounding
    }

    /// Digits that began before have been told.
    pub fn told_until(&self) -> Samples {
        self.detector.told_until()
    }

    /// Audio from the far party, at 8 kHz, in chunks of any size.
    pub fn rx(&mut self, mut samples: &[i16]) {
        while !samples.is_empty() {
            let (piece, rest) = samples.split_at(samples.len().min(self.to_next_hop()));
            self.detector.process(piece, &mut self.facts);
            if let Some(detection) = &mut self.detection {
                if let Some(job) = detection.job() {
                    job.media(self.clock);
                }
                detection.rx(piece);
            }
            self.call.first_media.get_or_insert(self.clock);
            self.clock += piece.len() as Samples;
            self.step();
            samples = rest;
        }
    }

    /// So many samples at 8 kHz are missing: lost, or never sent.
    pub fn rx_gap(&mut self, count: Samples) {
        let mut left = count;
        // Nothing changes any more after a second of it; then only the jobs' clocks run.
        let mut hops = crate::time::RATE_HZ as usize / HOP;
        while left > 0 {
            let piece = if hops > 0 || self.detection.is_some() {
                left.min(self.to_next_hop() as Samples)
            } else {
                left
            };
            hops = hops.saturating_sub(1);
            self.detector.gap(piece, &mut self.facts);
            if let Some(detection) = &mut self.detection {
                detection.gap(piece);
            }
            self.clock += piece;
            self.step();
            left -= piece;
        }
    }

    fn to_next_hop(&self) -> usize {
        HOP - (self.clock % HOP as Samples) as usize
    }

    /// After every piece: facts at once, time on the grid.
    fn step(&mut self) {
        self.take_facts();
        if self.clock.is_multiple_of(HOP as Samples) {
            self.time(self.detector.told_until());
            self.step_detection();
        }
    }

    fn step_detection(&mut self) {
        if let Some(detection) = &mut self.detection {
            detection.step(self.clock, &mut self.events);
            if detection.is_over() {
                self.detection = None;
            }
        }
    }

    fn take_facts(&mut self) {
        let mut facts = std::mem::take(&mut self.facts);
        for fact in facts.drain(..) {
            match fact {
                Fact::Start { digit, start } => {
                    self.sounding = true;
                    self.tones.push(Tone::Begins(start));
                    if let Some(detection) = &mut self.detection {
                        detection.digit(Some(start));
                    }
                    self.counted =
                        self.merge
                            .is_new(digit, DigitSource::Inband, start, Samples::MAX);
                    if self.counted {
                        self.press(start, digit, DigitSource::Inband, start, None);
                    }
                }
                Fact::End {
                    digit,
                    start,
                    end,
                    low_dbm0,
                    high_dbm0,
                } => {
                    self.sounding = false;
                    self.tones.push(Tone::Ends(end));
                    if let Some(detection) = &mut self.detection {
                        detection.digit(None);
                    }
                    self.merge.lasted(start, end);
                    if std::mem::take(&mut self.counted) {
                        if let Some((_, job)) = &mut self.collect {
                            job.tone_over(end);
                        }
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
        self.facts = facts;
    }

    /// A key press that counts, at `at` for the job's clock.
    fn press(
        &mut self,
        at: Samples,
        digit: u8,
        source: DigitSource,
        start: Samples,
        end: Option<Samples>,
    ) {
        self.drive(|job, buffer| job.time_before(at, buffer));
        let stored = self.buffer.push(digit);
        self.tones.push(Tone::Pressed(start, source));
        self.events.push(Event::Digit {
            at: self.clock,
            digit,
            source,
            start,
            end,
            stored,
        });
        self.drive(|job, buffer| job.digit(at, end.is_none(), buffer));
    }

    fn time(&mut self, now: Samples) {
        self.drive(|job, buffer| job.time(now, buffer));
    }

    /// Lets the job that runs, if any, decide.
    fn drive(&mut self, decide: impl FnOnce(&mut Collect, &mut DigitBuffer) -> Option<Collected>) {
        let Some((_, job)) = &mut self.collect else {
            return;
        };
        if let Some(collected) = decide(job, &mut self.buffer) {
            self.ended(collected);
        }
    }

    fn ended(&mut self, collected: Collected) {
        if let Some((job, _)) = self.collect.take() {
            self.events.push(Event::DtmfEnded { job, collected });
        }
    }

    /// A new call: the digit buffer is cleared, and nothing of the last call is heard.
    pub fn answer(&mut self) {
        self.buffer.clear();
        self.merge.clear();
        self.detector.forget();
        self.sounding = false;
        self.counted = false;
        self.call.answered = Some(self.clock);
        if let Some(job) = self.detection.as_mut().and_then(|d| d.job()) {
            job.answered(self.clock);
        }
    }

    /// The call is over: what is sounding is told, then every job ends.
    pub fn hangup(&mut self) {
        self.detector.finish(&mut self.facts);
        self.take_facts();
        self.time(self.clock);
        let now = self.clock;
        self.drive(|job, buffer| Some(job.hangup(now, buffer)));
        self.detector.forget();
        self.sounding = false;
        self.call = Call::default();
        if let Some(mut detection) = self.detection.take() {
            detection.finish(now, &mut self.events);
            if let Some(job) = detection.job() {
                job.hangup(now);
            }
            detection.tell(&mut self.events);
            self.detection = (!detection.is_over()).then_some(detection);
        }
    }

    /// Starts a detection under a number of the caller's; `too_late`: its call is over.
    pub fn detect(&mut self, number: u64, options: MachineOptions, too_late: bool) {
        let now = self.clock;
        let detection = self
            .detection
            .get_or_insert_with(|| Box::new(Detection::new(now)));
        detection.start(number, options, now, self.call);
        if too_late && let Some(job) = detection.job() {
            job.hangup(now);
        }
        self.step_detection();
    }

    /// Ends the detection of this number, if it runs.
    pub fn stop_detect(&mut self, number: Option<u64>) {
        let now = self.clock;
        if let Some(detection) = &mut self.detection
            && (number.is_none() || detection.number() == number)
            && let Some(job) = detection.job()
        {
            job.stop(now);
            self.step_detection();
        }
    }

    /// What is known so far of the detection that runs.
    pub fn detected_so_far(&mut self) -> Option<Outcome> {
        let job = self.detection.as_mut()?.job()?;
        Some(job.progress())
    }

    /// From now on all that is heard besides digits is kept.
    pub fn overhear(&mut self) {
        let now = self.clock;
        let detection = self
            .detection
            .get_or_insert_with(|| Box::new(Detection::new(now)));
        detection.keep_a_log();
    }

    /// What was kept since the last time.
    pub fn overheard(&mut self) -> Vec<Heard> {
        let detection = self.detection.as_mut();
        detection.map(|d| d.take_log()).unwrap_or_default()
    }

    /// Starts a collection under a number of the caller's.
    pub fn collect(&mut self, number: u64, options: CollectOptions) {
        match Collect::start(options, self.clock, &mut self.buffer) {
            Ok(job) => {
                self.collect = Some((number, job));
                self.time(self.clock);
            }
            Err(collected) => self.events.push(Event::DtmfEnded {
                job: number,
                collected,
            }),
        }
    }

    /// A collection of a call that is over.
    pub fn collect_too_late(&mut self, number: u64) {
        self.events.push(Event::DtmfEnded {
            job: number,
            collected: Collected {
                cause: DtmfCause::Hangup,
                digits: String::new(),
                started: self.clock,
                ended: self.clock,
            },
        });
    }

    /// Ends the collection that runs, if any, with NONE and the digits so far.
    pub fn stop_collect(&mut self) {
        let now = self.clock;
        self.drive(|job, buffer| Some(job.stop(now, buffer)));
    }

    /// Empties the digit buffer.
    pub fn clear_digits(&mut self) {
        self.buffer.clear();
    }

    /// A digit from the signalling that lasted `duration_ms` up to now.
    pub fn inject(&mut self, digit: u8, duration_ms: u64) {
        let (start, end) = (self.clock.saturating_sub(from_ms(duration_ms)), self.clock);
        if self
            .merge
            .is_new(digit, DigitSource::Signalling, start, end)
        {
            self.press(end, digit, DigitSource::Signalling, start, Some(end));
        }
    }

    /// From now on these limits hold.
    pub fn set_dtmf_limits(&mut self, limits: Limits) {
        self.detector.set_limits(limits);
    }

    /// A fault was caught: the detectors begin anew. How every job ended by it: with ERROR.
    pub fn fail(&mut self) -> Collected {
        self.facts.clear();
        self.events.clear();
        self.tones.clear();
        self.detector.forget();
        self.sounding = false;
        self.counted = false;
        self.collect = None;
        self.detection = None;
        Collected {
            cause: DtmfCause::Error,
            digits: String::new(),
            started: self.clock,
            ended: self.clock,
        }
    }
}
