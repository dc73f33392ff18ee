//! A detection as its leg has it: ears, and the job that is told what they hear.
#![forbid(unsafe_code)]

use super::event::Event;
use crate::cause::MachineCause;
use crate::detect::ears::Ears;
use crate::detect::heard::Heard;
use crate::job::machine::options::MachineOptions;
use crate::job::machine::{Call, Machine, Outcome, Told};
use crate::time::Samples;

/// One stream's ears, and what they are for.
#[derive(Debug)]
pub struct Detection {
    ears: Ears,
    job: Option<(u64, Machine)>,
    heard: Vec<Heard>,
    /// Up to here it was told.
    told: Samples,
    /// Everything that is heard is kept here too.
    log: Option<Vec<Heard>>,
}

impl Detection {
    /// Ears that begin at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            ears: Ears::new(now),
            job: None,
            heard: Vec::new(),
            told: now,
            log: None,
        }
    }

    /// From now on everything that is heard is kept, whether a job runs or not.
    pub fn keep_a_log(&mut self) {
        self.log = Some(Vec::new());
    }

    /// What was kept since the last time.
    pub fn take_log(&mut self) -> Vec<Heard> {
        self.log.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Starts a job under a number of the caller's.
    pub fn start(&mut self, number: u64, options: MachineOptions, now: Samples, call: Call) {
        self.job = Some((number, Machine::start(options, now, call)));
    }

    /// The job that runs.
    pub fn job(&mut self) -> Option<&mut Machine> {
        self.job.as_mut().map(|(_, job)| job)
    }

    /// Its number.
    pub fn number(&self) -> Option<u64> {
        self.job.as_ref().map(|(number, _)| *number)
    }

    /// Whether anybody still listens.
    pub fn is_over(&self) -> bool {
        self.job.is_none() && self.log.is_none()
    }

    /// Hears audio.
    pub fn rx(&mut self, samples: &[i16]) {
        self.ears.process(samples, &mut self.heard);
    }

    /// Hears that something is missing.
    pub fn gap(&mut self, count: Samples) {
        self.ears.gap(count, &mut self.heard);
    }

    /// A digit's tone sounds since then, or none does.
    pub fn digit(&mut self, since: Option<Samples>) {
        self.ears.digit(since);
    }

    /// The job decides, if there is one.
    pub fn step(&mut self, now: Samples, events: &mut Vec<Event>) {
        if let Some((_, job)) = &mut self.job {
            for heard in &self.heard {
                job.hear(heard, now);
            }
            // The ears tell every 10 ms, and nothing is due in between.
            let told = self.ears.told_until();
            if told != self.told || !self.heard.is_empty() {
                self.told = told;
                job.time(told, now);
            }
        }
        match &mut self.log {
            Some(log) => log.append(&mut self.heard),
            None => self.heard.clear(),
        }
        self.tell(events);
    }

    /// The stream is over: what lasts is told.
    pub fn finish(&mut self, now: Samples, events: &mut Vec<Event>) {
        self.ears.finish(&mut self.heard);
        self.step(now, events);
    }

    /// What the job has to tell.
    pub fn tell(&mut self, events: &mut Vec<Event>) {
        let Some((number, job)) = &mut self.job else {
            return;
        };
        let number = *number;
        let mut ended = false;
        for told in job.told().drain(..) {
            events.push(match told {
                Told::Event {
                    event,
                    at,
                    beep,
                    hz,
                    confidence,
                } => Event::Machine {
                    job: number,
                    event,
                    at,
                    beep,
                    hz,
                    confidence,
                },
                Told::Provisional {
                    at,
                    result,
                    confidence,
                } => Event::MachineProvisional {
                    at,
                    result,
                    confidence,
                },
                Told::Ended(outcome) => {
                    ended = true;
                    Event::MachineEnded {
                        job: number,
                        outcome: Box::new(outcome),
                    }
                }
            });
        }
        if ended {
            self.job = None;
        }
    }
}

/// How a detection ends by a fault.
pub fn failed(now: Samples) -> Outcome {
    Outcome::without_verdict(MachineCause::Error, now)
}
