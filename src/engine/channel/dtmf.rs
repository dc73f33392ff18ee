//! Digits and their collection: the functions of [`Channel`].
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared, Request, may_block};
use crate::engine::job_slot::JobResult;
use earwig_core::detect::dtmf::Limits;
use earwig_core::job::dtmf::{DtmfOptions, DtmfResult};
use earwig_core::types::{CallState, DtmfCause, Error, Status};
use std::time::Duration;

impl Channel {
    /// Starts a collection and returns its number.
    pub fn dtmf_start(&self, options: DtmfOptions) -> Result<u64, Error> {
        self.dtmf_start_locked(&mut self.lock(), options)
    }

    fn dtmf_start_locked(
        &self,
        shared: &mut ChannelShared,
        options: DtmfOptions,
    ) -> Result<u64, Error> {
        // Read first: a hang-up after this line then ends the job.
        let hangups = self.hangups();
        self.job_may_run()?;
        let job = shared.outbox.start::<DtmfResult>(hangups)?;
        self.request_after(shared, hangups, Request::StartDtmf(job, options));
        Ok(job)
    }

    /// Collects digits: starts a collection and waits until it ends.
    pub fn dtmf_collect(&self, options: DtmfOptions) -> Result<DtmfResult, Error> {
        may_block()?;
        let job = {
            let mut shared = self.lock();
            let job = self.dtmf_start_locked(&mut shared, options)?;
            shared.outbox.dtmf.keep_result(job);
            job
        };
        self.wait_for_job(job, None)?
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Waits until the running collection ends and returns its result; returns the last result at once if none runs. ERR_AGAIN before
    /// the first.
    pub fn dtmf_wait(&self, timeout: Option<Duration>) -> Result<DtmfResult, Error> {
        self.wait_for_result(timeout)?
            .ok_or_else(|| Error::new(Status::ErrAgain, DtmfResult::NEVER))
    }

    /// The last collection's result; ERR_AGAIN while one runs and before the first.
    pub fn dtmf_result(&self) -> Result<DtmfResult, Error> {
        self.take_result()
    }

    /// The last collection's cause; NONE while one runs and before the first. The event stays in the queue.
    pub fn dtmf_cause(&self) -> DtmfCause {
        let shared = self.lock();
        let result = shared.outbox.dtmf.result();
        result.map_or(DtmfCause::None, |result| result.cause)
    }

    /// Stops the running collection, if any, and waits until it has ended; with `timeout` 0 it does not wait.
    pub fn dtmf_stop(&self, timeout: Option<Duration>) -> Result<(), Error> {
        self.stop_job::<DtmfResult>(timeout, |shared, job| {
            self.request(shared, Request::StopDtmf(job));
        })
    }

    /// Empties the digit buffer.
    pub fn dtmf_clear(&self) {
        let mut shared = self.lock();
        self.request(&mut shared, Request::ClearDigits);
    }

    /// Adds a signalled digit that lasted `duration_ms` up to now; ERR_HANGUP if the call is idle.
    pub fn dtmf_inject(&self, digit: u8, duration_ms: u64) -> Result<(), Error> {
        let mut shared = self.lock();
        if self.state() == CallState::Idle {
            return Err(Status::ErrHangup.into());
        }
        self.request(&mut shared, Request::Inject(digit, duration_ms));
        Ok(())
    }

    /// Replaces the detector's limits from the current position in the audio on.
    pub fn dtmf_set_limits(&self, limits: Limits) {
        let mut shared = self.lock();
        self.request(&mut shared, Request::SetDtmfLimits(limits));
    }

    /// The digits in the buffer, once all audio and requests so far are processed.
    pub fn dtmf_digits(&self) -> Result<String, Error> {
        self.flush_audio()?;
        Ok(self.lock().digits.clone())
    }
}
