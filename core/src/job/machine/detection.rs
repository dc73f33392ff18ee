//! Connects the detector pipeline of a call to the detection that its facts drive.
#![forbid(unsafe_code)]

use super::{CallTimes, MachineJob, MachineOptions, MachineOutput};
use crate::detect::fact::{Beep, Fact};
use crate::detect::pipeline::Pipeline;
use crate::time::Samples;

/// The detector pipeline of RX, with the job that runs on it and an optional log of facts.
#[derive(Debug)]
pub struct Detection {
    pipeline: Pipeline,
    job: Option<(u64, MachineJob)>,
    /// The last job awaits a beep after its end.
    after: Option<AfterReady>,
    facts: Vec<Fact>,
    /// Time up to which the job has all facts.
    complete_until: Samples,
    log: Option<Vec<Fact>>,
}

/// After the end of a job at READY by silence.
#[derive(Debug)]
struct AfterReady {
    number: u64,
    /// The end of the job's `timeout`; `None`: no end.
    until: Option<Samples>,
    beeps: Vec<Beep>,
}

impl Detection {
    /// A pipeline whose first sample is at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            pipeline: Pipeline::new(now),
            job: None,
            after: None,
            facts: Vec::new(),
            complete_until: now,
            log: None,
        }
    }

    /// Keeps all facts from now on, whether a job runs or not.
    pub fn enable_log(&mut self) {
        self.log = Some(Vec::new());
    }

    /// Takes the facts logged since the last call.
    pub fn take_log(&mut self) -> Vec<Fact> {
        self.log.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Starts a job under the caller's number.
    pub fn start(&mut self, number: u64, options: MachineOptions, now: Samples, call: CallTimes) {
        if self.after.take().is_some() && self.log.is_none() {
            // Voice that lasts is new to this job.
            self.pipeline = Pipeline::new(now);
        }
        self.job = Some((number, MachineJob::start(options, now, call)));
    }

    /// The running job.
    pub fn job(&mut self) -> Option<&mut MachineJob> {
        self.job.as_mut().map(|(_, job)| job)
    }

    /// Number of the running job.
    pub fn number(&self) -> Option<u64> {
        self.job.as_ref().map(|(number, _)| *number)
    }

    /// Awaits no more beep after the end of the job with this number; `None` matches any.
    pub fn stop_after(&mut self, number: Option<u64>) {
        self.after
            .take_if(|after| number.is_none_or(|number| number == after.number));
    }

    /// Takes the beeps after the end of a job.
    pub fn take_beeps(&mut self) -> Vec<Beep> {
        let after = self.after.as_mut();
        after
            .map(|after| std::mem::take(&mut after.beeps))
            .unwrap_or_default()
    }

    /// Whether nothing needs the pipeline.
    pub fn is_over(&self) -> bool {
        self.job.is_none() && self.after.is_none() && self.log.is_none()
    }

    /// Time of the running job's next limit, at which [`Detection::step`] must be called.
    pub fn next_limit(&self) -> Option<Samples> {
        self.job.as_ref()?.1.next_limit()
    }

    /// Audio of RX at 8 kHz.
    pub fn rx(&mut self, samples: &[i16]) {
        self.pipeline.process(samples, &mut self.facts);
    }

    /// `count` samples of RX are missing.
    pub fn gap(&mut self, count: Samples) {
        self.pipeline.gap(count, &mut self.facts);
    }

    /// Hands words of the host's recogniser, which began at `at`, to the job with this number.
    pub fn add_words(&mut self, number: u64, text: &str, at: Samples, now: Samples) {
        if let Some((running, job)) = &mut self.job
            && *running == number
        {
            job.add_words(text, at, now);
        }
    }

    /// Start of the DTMF tone that sounds now; `None` when it is over.
    pub fn dtmf_tone(&mut self, since: Option<Samples>) {
        self.pipeline.set_dtmf_tone(since);
    }

    /// Hands new facts and the time to the job; `now` is the media time.
    pub fn step(&mut self, now: Samples) {
        if let Some((_, job)) = &mut self.job {
            for fact in &self.facts {
                job.process(fact, now);
            }
            // The pipeline advances every 10 ms; only limits are due in between.
            let complete_until = self.pipeline.complete_until();
            if complete_until != self.complete_until || !self.facts.is_empty() {
                self.complete_until = complete_until;
                job.advance(complete_until, now);
            }
            if job.next_limit().is_some_and(|at| at <= now) {
                job.reach_limit(&self.pipeline.preview(), now);
            }
        }
        if let Some(after) = &mut self.after {
            let beeps = self.facts.iter().filter_map(|fact| match fact {
                Fact::Beep(beep) => Some(*beep),
                _ => None,
            });
            after.beeps.extend(beeps);
        }
        self.after.take_if(|after| {
            after.until.is_some_and(|until| until <= now) && after.beeps.is_empty()
        });
        match &mut self.log {
            Some(log) => log.append(&mut self.facts),
            None => self.facts.clear(),
        }
    }

    /// The audio is over: ends voice and tones that last, and hands the facts to the job.
    pub fn finish(&mut self, now: Samples) {
        self.pipeline.finish(&mut self.facts);
        self.step(now);
    }

    /// Takes the job's outputs, with its number. [`MachineOutput::Ended`] ends the job.
    pub fn take_outputs(&mut self, mut sink: impl FnMut(u64, MachineOutput)) {
        let Some((number, job)) = &mut self.job else {
            return;
        };
        let number = *number;
        let mut ended = false;
        for output in job.outputs().drain(..) {
            ended |= matches!(output, MachineOutput::Ended(_));
            sink(number, output);
        }
        if ended {
            self.after = job.awaits_beep().then(|| AfterReady {
                number,
                until: job.timeout_at(),
                beeps: Vec::new(),
            });
            self.job = None;
        }
    }
}
