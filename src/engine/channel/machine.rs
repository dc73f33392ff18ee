//! Machine detection: the functions of [`Channel`].
#![forbid(unsafe_code)]

use super::{Channel, Request, may_block};
use crate::engine::job_slot::JobResult;
use crate::engine::status_callback::StatusCallback;
use crate::engine::webhook::check_url;
use earwig_core::job::machine::{MachineOptions, MachineResult};
use earwig_core::time::Samples;
use earwig_core::types::{Error, Status};
use std::time::Duration;

/// Longest text of one call with words, bytes.
pub const WORDS_MAX: usize = 1023;

/// A detection that a worker starts.
#[derive(Debug)]
pub struct NewMachine {
    /// Number of the detection.
    pub job: u64,
    /// Its options.
    pub options: MachineOptions,
    /// Status callback to which its events are posted.
    pub status_callback: Option<StatusCallback>,
}

impl Channel {
    /// Starts a detection in the background.
    pub fn machine_start(&self, options: MachineOptions) -> Result<(), Error> {
        self.machine_start_numbered(options, false).map(drop)
    }

    /// Starts a detection and returns its number. `awaited`: a thread waits for its result.
    fn machine_start_numbered(&self, options: MachineOptions, awaited: bool) -> Result<u64, Error> {
        // Read first: a hang-up after this line then ends the job.
        let hangups = self.hangups();
        self.job_may_run()?;
        options.check()?;
        let url = match options.status_url.as_str() {
            "" => None,
            url => Some(check_url(url)?),
        };
        // Without the channel's lock: it may start a thread.
        let post = url.map(|url| self.open_post(url, &options)).transpose()?;
        let mut shared = self.lock();
        let job = shared.outbox.start::<MachineResult>(hangups)?;
        if awaited {
            shared.outbox.machine.keep_result(job);
        }
        // The progress of an earlier detection is not this one's.
        shared.machine = None;
        let fax_only = !options.amd;
        let new = NewMachine {
            job,
            options,
            status_callback: post.map(|post| StatusCallback::new(job, post, fax_only)),
        };
        self.request_after(&mut shared, hangups, Request::StartMachine(Box::new(new)));
        Ok(job)
    }

    /// Starts a detection and waits for its result. Without `options.wait` it only starts one and returns `None`.
    pub fn machine_detect(&self, options: MachineOptions) -> Result<Option<MachineResult>, Error> {
        if !options.wait {
            self.machine_start(options)?;
            return Ok(None);
        }
        may_block()?;
        let job = self.machine_start_numbered(options, true)?;
        self.wait_for_job(job, None)
    }

    /// Waits until the running detection ends and returns its result; returns the last result at once if none runs. ERR_AGAIN before
    /// the first.
    pub fn machine_wait(&self, timeout: Option<Duration>) -> Result<MachineResult, Error> {
        self.wait_for_result(timeout)?
            .ok_or_else(|| Error::new(Status::ErrAgain, MachineResult::NEVER))
    }

    /// The last detection's result; ERR_AGAIN while one runs and before the first.
    pub fn machine_result(&self) -> Result<MachineResult, Error> {
        self.take_result()
    }

    /// Result so far of the running detection, or the last result; ERR_AGAIN before the first.
    pub fn machine_progress(&self) -> Result<MachineResult, Error> {
        let shared = self.lock();
        let machine = &shared.outbox.machine;
        let progress = machine.result().or(shared.machine.as_ref()).cloned();
        match machine.number() {
            Some(_) => Ok(progress.unwrap_or_else(|| MachineResult::new(self.media()))),
            None => Err(Status::ErrAgain.into()),
        }
    }

    /// Adds words of the host's recogniser, which began at `at` of media time, to the running detection.
    pub fn machine_add_words(&self, text: &str, at: Samples) -> Result<(), Error> {
        if text.len() > WORDS_MAX {
            return Err(Error::invalid(format!(
                "text has {} bytes: it must have at most {WORDS_MAX}",
                text.len()
            )));
        }
        let hangups = self.hangups();
        self.job_may_run()?;
        let mut shared = self.lock();
        let Some(job) = shared.outbox.machine.running() else {
            return Err(Error::new(Status::ErrState, "no detection runs"));
        };
        self.request_after(
            &mut shared,
            hangups,
            Request::AddWords(job, text.to_owned(), at),
        );
        Ok(())
    }

    /// Stops the running detection, if any, and waits until it has ended; with `timeout` 0 it does not wait. A detection that has
    /// ended awaits no more beep.
    pub fn machine_stop(&self, timeout: Option<Duration>) -> Result<(), Error> {
        self.stop_job::<MachineResult>(timeout, |shared, job| {
            self.request(shared, Request::StopMachine(job));
        })?;
        let mut shared = self.lock();
        let machine = &shared.outbox.machine;
        if machine.result().is_some_and(|result| result.ready)
            && let Some(job) = machine.number()
        {
            self.request(&mut shared, Request::StopMachine(job));
        }
        Ok(())
    }
}
