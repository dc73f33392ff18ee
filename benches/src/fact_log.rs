//! The facts that the detectors report about a call, computed once and kept, so that many detections with different options can be
//! run on them. A detection gives the verdict, and the time, that [`earwig_core::analysis::Analysis`] gives for the same audio.

use earwig_core::detect::dtmf::{Detector, DtmfFact, Limits};
use earwig_core::detect::fact::Fact;
use earwig_core::detect::pipeline::{Pipeline, Preview};
use earwig_core::dsp::bank::HOP;
use earwig_core::job::machine::{
    CallTimes, MachineJob, MachineOptions, MachineOutput, MachineResult,
};
use earwig_core::time::{RATE_HZ, Samples};
use earwig_core::types::MachineEvent;
use std::collections::BTreeMap;

const STEP: Samples = HOP as Samples;
/// Longest call, with the silence after its audio: 1 hour, as in `Analysis`.
const MAX_CALL: Samples = 3600 * RATE_HZ as Samples;
/// Silence after the audio that brings out the facts about its end.
const LAG: Samples = RATE_HZ as Samples;

/// What the detectors had reported by the end of a step of 5 ms.
#[derive(Clone, Copy)]
struct Step {
    /// Time before which all facts have been reported.
    complete_until: Samples,
    /// Number of facts.
    facts: usize,
}

/// The detectors in the middle of a step, or at a limit.
struct AtLimit {
    complete_until: Samples,
    preview: Preview,
}

/// A detection's result, and its events with their times.
pub struct Detected {
    /// The result at the end.
    pub result: MachineResult,
    /// Events, in order.
    pub events: Vec<(MachineEvent, Samples)>,
}

/// The facts about a call that is answered at its first sample and silent after its last. It advances only as far as it is asked.
pub struct FactLog<'a> {
    pcm: &'a [i16],
    dtmf: Detector,
    dtmf_facts: Vec<DtmfFact>,
    pipeline: Pipeline,
    now: Samples,
    steps: Vec<Step>,
    facts: Vec<Fact>,
    digits: String,
    limits: BTreeMap<Samples, AtLimit>,
}

impl<'a> FactLog<'a> {
    /// A log of the audio `pcm`, 8 kHz.
    pub fn new(pcm: &'a [i16]) -> Self {
        Self {
            pcm,
            dtmf: Detector::new(Limits::default()),
            dtmf_facts: Vec::new(),
            pipeline: Pipeline::new(0),
            now: 0,
            steps: Vec::new(),
            facts: Vec::new(),
            digits: String::new(),
            limits: BTreeMap::new(),
        }
    }

    /// All facts about the audio.
    pub fn all_facts(&mut self) -> &[Fact] {
        self.advance(self.pcm.len() as Samples + LAG);
        &self.facts
    }

    /// The digits in the audio.
    pub fn digits(&mut self) -> &str {
        self.advance(self.pcm.len() as Samples + LAG);
        &self.digits
    }

    /// Runs a detection on the facts.
    pub fn detect(&mut self, options: MachineOptions) -> Detected {
        let call = CallTimes {
            answered: Some(0),
            first_media: (!self.pcm.is_empty()).then_some(0),
        };
        let mut job = MachineJob::start(options, 0, call);
        let mut position = Position::default();
        let mut events = Vec::new();
        let mut now = 0;
        while now < MAX_CALL {
            let grid = now - now % STEP + STEP;
            now = job
                .next_limit()
                .filter(|limit| now < *limit && *limit < grid)
                .unwrap_or(grid);
            self.drive(&mut job, &mut position, now);
            for output in job.outputs().drain(..) {
                match output {
                    MachineOutput::Event { event, at, .. } => events.push((event, at)),
                    MachineOutput::Provisional { .. } => {}
                    MachineOutput::Ended(result) => return Detected { result, events },
                }
            }
        }
        job.hangup(MAX_CALL);
        let result = job.progress();
        Detected { result, events }
    }

    /// Hands the facts reported up to `now` to the job, as `Detection::step` does.
    fn drive(&mut self, job: &mut MachineJob, position: &mut Position, now: Samples) {
        let step = if now.is_multiple_of(STEP) {
            self.advance(now);
            self.steps[(now / STEP) as usize - 1]
        } else {
            Step {
                complete_until: self.at_limit(now).complete_until,
                facts: position.facts,
            }
        };
        let new = &self.facts[position.facts..step.facts];
        for fact in new {
            job.process(fact, now);
        }
        if step.complete_until != position.complete_until || !new.is_empty() {
            job.advance(step.complete_until, now);
        }
        *position = Position {
            complete_until: step.complete_until,
            facts: step.facts,
        };
        if job.next_limit().is_some_and(|at| at <= now) {
            job.reach_limit(&self.at_limit(now).preview, now);
        }
    }

    /// Runs the detectors up to `until`, a multiple of 5 ms.
    fn advance(&mut self, until: Samples) {
        while self.now < until {
            let left = &self.pcm[self.pcm.len().min(self.now as usize)..];
            let audio = &left[..left.len().min(HOP)];
            let gap = STEP - audio.len() as Samples;
            if !audio.is_empty() {
                self.dtmf.process(audio, &mut self.dtmf_facts);
                self.pipeline.process(audio, &mut self.facts);
                self.take_dtmf_facts();
            }
            if gap > 0 {
                self.dtmf.gap(gap, &mut self.dtmf_facts);
                self.pipeline.gap(gap, &mut self.facts);
                self.take_dtmf_facts();
            }
            self.now += STEP;
            self.steps.push(Step {
                complete_until: self.pipeline.complete_until(),
                facts: self.facts.len(),
            });
        }
    }

    /// A DTMF tone is no voice.
    fn take_dtmf_facts(&mut self) {
        for fact in self.dtmf_facts.drain(..) {
            match fact {
                DtmfFact::Start { digit, start } => {
                    self.digits.push(digit as char);
                    self.pipeline.set_dtmf_tone(Some(start));
                }
                DtmfFact::End { .. } => self.pipeline.set_dtmf_tone(None),
            }
        }
    }

    /// The detectors at `now`, a limit of a detection.
    fn at_limit(&mut self, now: Samples) -> &AtLimit {
        if !self.limits.contains_key(&now) {
            let grid = now - now % STEP;
            let at_limit = if self.now <= grid {
                self.advance(grid);
                self.previewed(now)
            } else {
                // The detectors have gone on: they start again.
                let mut again = FactLog::new(self.pcm);
                again.advance(grid);
                again.previewed(now)
            };
            self.limits.insert(now, at_limit);
        }
        &self.limits[&now]
    }

    /// The detectors at `now`, less than 5 ms after the last step.
    fn previewed(&self, now: Samples) -> AtLimit {
        let mut pipeline = self.pipeline.clone();
        let mut facts = Vec::new();
        let left = &self.pcm[self.pcm.len().min(self.now as usize)..];
        let audio = &left[..left.len().min((now - self.now) as usize)];
        pipeline.process(audio, &mut facts);
        pipeline.gap(now - self.now - audio.len() as Samples, &mut facts);
        AtLimit {
            complete_until: pipeline.complete_until(),
            preview: pipeline.preview(),
        }
    }
}

/// How far a job has got.
#[derive(Default)]
struct Position {
    complete_until: Samples,
    facts: usize,
}
