//! Machine detection, as the host sees it on a [`Channel`].
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared, Request, may_block};
use crate::engine::status_callback::StatusCallback;
use crate::engine::webhook::check_url;
use earwig_core::job::machine::{MachineOptions, MachineResult};
use earwig_core::types::{Error, Status};
use std::time::Duration;

/// What a worker needs to start a detection.
#[derive(Debug)]
pub struct NewMachine {
    /// Number of the detection.
    pub job: u64,
    /// Its options.
    pub options: MachineOptions,
    /// Where its events are posted.
    pub status_callback: Option<StatusCallback>,
}

impl Channel {
    /// Starts a detection in the background.
    pub fn machine_start(&self, options: MachineOptions) -> Result<(), Error> {
        self.machine_start_locked(&mut self.lock(), options)
            .map(drop)
    }

    fn machine_start_locked(
        &self,
        shared: &mut ChannelShared,
        options: MachineOptions,
    ) -> Result<u64, Error> {
        // Read first: a hang-up after this line ends the job.
        let hangups = self.hangups();
        self.job_may_run()?;
        options.check()?;
        let url = match options.status_url.as_str() {
            "" => None,
            url => Some(check_url(url)?),
        };
        let post = url
            .map(|url| self.open_post(url, &options, shared))
            .transpose()?;
        let job = shared.outbox.start::<MachineResult>()?;
        let fax = !options.amd;
        let new = NewMachine {
            job,
            options,
            status_callback: post.map(|post| StatusCallback::new(job, post, fax)),
        };
        self.request_after(shared, hangups, Request::StartMachine(Box::new(new)));
        Ok(job)
    }

    /// Detects until the detection ends. Without `options.wait` it only starts one, and returns `None`.
    pub fn machine_detect(&self, options: MachineOptions) -> Result<Option<MachineResult>, Error> {
        if !options.wait {
            self.machine_start(options)?;
            return Ok(None);
        }
        may_block()?;
        let job = {
            let mut shared = self.lock();
            let job = self.machine_start_locked(&mut shared, options)?;
            shared.outbox.machine.wait_for(job);
            job
        };
        self.await_job(job).map(Some)
    }

    /// Waits until the running detection ends; returns the last result at once if none runs.
    pub fn machine_wait(&self, timeout: Option<Duration>) -> Result<MachineResult, Error> {
        self.wait_ended(timeout)
    }

    /// The last detection's result; ERR_AGAIN while one runs and before the first.
    pub fn machine_result(&self) -> Result<MachineResult, Error> {
        self.ended()
    }

    /// Result so far of the running detection, or the last result; ERR_AGAIN before the first.
    pub fn machine_progress(&self) -> Result<MachineResult, Error> {
        let shared = self.lock();
        let machine = &shared.outbox.machine;
        let known = machine.ended().or(shared.machine.as_ref()).cloned();
        match machine.number() {
            Some(_) => Ok(known.unwrap_or_else(|| MachineResult::new(self.media()))),
            None => Err(Status::ErrAgain.into()),
        }
    }

    /// Ends the running detection, if any, and waits until it has ended; with `timeout` 0 it does not wait.
    pub fn machine_stop(&self, timeout: Option<Duration>) -> Result<(), Error> {
        self.stop_job::<MachineResult>(timeout, |shared, job| {
            self.request(shared, Request::StopMachine(job));
        })
    }
}
