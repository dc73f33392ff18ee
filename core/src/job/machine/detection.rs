//! Connects the detector pipeline of a call to the detection that its facts drive.
#![forbid(unsafe_code)]

use super::{CallTimes, MachineJob, MachineOptions, MachineOutput};
use crate::detect::fact::Fact;
use crate::detect::pipeline::Pipeline;
use crate::time::Samples;

/// The detector pipeline of RX, with the job that runs on it and an optional log of facts.
#[derive(Debug)]
pub struct Detection {
    pipeline: Pipeline,
    job: Option<(u64, MachineJob)>,
    facts: Vec<Fact>,
    /// Time up to which the job has all facts.
    complete_until: Samples,
    log: Option<Vec<Fact>>,
}

impl Detection {
    /// A pipeline whose first sample is at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            pipeline: Pipeline::new(now),
            job: None,
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

    /// Whether neither a job nor a log needs the pipeline.
    pub fn is_over(&self) -> bool {
        self.job.is_none() && self.log.is_none()
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
            self.job = None;
        }
    }
}
