//! The detection as the host sees it, on a [`Channel`].
#![forbid(unsafe_code)]

use super::channel::{Channel, Desk, Request, may_block};
use super::event::Event;
use super::webhook::{Notice, Post, check_url};
use crate::cause::{Error, MachineEvent, MachineResult, Status};
use crate::job::machine::Outcome;
use crate::job::machine::options::MachineOptions;
use std::time::{Duration, SystemTime};

/// What a worker needs to start a detection.
#[derive(Debug)]
pub struct NewDetection {
    /// Its number.
    pub job: u64,
    /// What it was asked for.
    pub options: MachineOptions,
    /// Where its events are posted.
    pub status: Option<StatusCallback>,
}

/// Where a detection's events are posted.
#[derive(Debug)]
pub struct StatusCallback {
    job: u64,
    post: Post,
    /// It looks for a fax alone.
    fax: bool,
}

impl StatusCallback {
    /// Posts what the seed posts; answers whether it was the last.
    pub fn tell(&self, event: &Event) -> bool {
        match event {
            Event::Machine {
                job, event, beep, ..
            } if *job == self.job => {
                let fax = matches!(event, MachineEvent::Ced | MachineEvent::Cng);
                self.post(*event, *beep, fax);
                false
            }
            Event::MachineEnded { job, outcome } if *job == self.job => {
                self.finish(outcome);
                true
            }
            _ => false,
        }
    }

    /// Posts the last event.
    pub fn finish(&self, outcome: &Outcome) {
        let fax = outcome.result == MachineResult::Fax;
        self.post(MachineEvent::Finished, outcome.beep.is_some(), fax);
    }

    fn post(&self, event: MachineEvent, beep: bool, fax: bool) {
        self.post.notice(Notice {
            event,
            beep,
            fax: fax || self.fax,
            at: SystemTime::now(),
        });
    }
}

impl Channel {
    /// Starts a detection in the background.
    pub fn machine_start(&self, options: MachineOptions) -> Result<(), Error> {
        self.machine_start_at(&mut self.desk(), options).map(drop)
    }

    fn machine_start_at(&self, desk: &mut Desk, options: MachineOptions) -> Result<u64, Error> {
        // Read first: a hang-up that comes in between ends the job, and none waits for the next one.
        let hangups = self.hangups();
        self.job_may_run()?;
        options.check()?;
        let url = match options.status_url.as_str() {
            "" => None,
            url => Some(check_url(url)?),
        };
        let post = url
            .map(|url| self.open_post(url, &options, desk))
            .transpose()?;
        let job = desk.outbox.start::<Outcome>()?;
        let fax = !options.amd;
        let new = NewDetection {
            job,
            options,
            status: post.map(|post| StatusCallback { job, post, fax }),
        };
        self.request_after(desk, hangups, Request::Detect(Box::new(new)));
        Ok(job)
    }

    /// The seed's `detect_machine`: detects until that ends. Without `wait` it only starts, and there is no outcome yet.
    pub fn machine_detect(&self, options: MachineOptions) -> Result<Option<Outcome>, Error> {
        if !options.wait {
            self.machine_start(options)?;
            return Ok(None);
        }
        may_block()?;
        let job = {
            let mut desk = self.desk();
            let job = self.machine_start_at(&mut desk, options)?;
            desk.outbox.machine.wait_for(job);
            job
        };
        self.await_job(job).map(Some)
    }

    /// Waits until the detection that runs ends, or answers how the last one did.
    pub fn machine_wait(&self, timeout: Option<Duration>) -> Result<Outcome, Error> {
        self.wait_ended(timeout)
    }

    /// How the last detection ended; ErrAgain while one runs and before the first.
    pub fn machine_outcome(&self) -> Result<Outcome, Error> {
        self.ended()
    }

    /// What is known so far of the detection that runs, or how the last one ended; ErrAgain before the first.
    pub fn machine_progress(&self) -> Result<Outcome, Error> {
        let desk = self.desk();
        let machine = &desk.outbox.machine;
        let known = machine.ended().or(desk.machine.as_ref()).cloned();
        match machine.number() {
            Some(_) => Ok(known.unwrap_or_else(|| Outcome::new(self.media()))),
            None => Err(Status::ErrAgain.into()),
        }
    }

    /// Ends the detection that runs, if any, and waits until it has; `timeout` 0 does not wait.
    pub fn machine_stop(&self, timeout: Option<Duration>) -> Result<(), Error> {
        self.stop_job::<Outcome>(timeout, |desk, job| {
            self.request(desk, Request::StopDetect(job));
        })
    }
}
