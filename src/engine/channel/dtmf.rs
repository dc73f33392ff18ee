//! Digits and their collection, as the host sees them on a [`Channel`].
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared, Request, may_block};
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
        // Read first: a hang-up after this line ends the job.
        let hangups = self.hangups();
        self.job_may_run()?;
        let job = shared.outbox.start::<DtmfResult>()?;
        self.request_after(shared, hangups, Request::StartDtmf(job, options));
        Ok(job)
    }

    /// Collects digits: starts a collection and waits until it ends.
    pub fn dtmf_collect(&self, options: DtmfOptions) -> Result<DtmfResult, Error> {
        may_block()?;
        let job = {
            let mut shared = self.lock();
            let job = self.dtmf_start_locked(&mut shared, options)?;
            shared.outbox.dtmf.wait_for(job);
            job
        };
        self.await_job(job)
    }

    /// Waits until the running collection ends; returns the last result at once if none runs.
    pub fn dtmf_wait(&self, timeout: Option<Duration>) -> Result<DtmfResult, Error> {
        self.wait_ended(timeout)
    }

    /// The last collection's result; ERR_AGAIN while one runs and before the first.
    pub fn dtmf_result(&self) -> Result<DtmfResult, Error> {
        self.ended()
    }

    /// The last collection's cause; NONE while one runs and before the first. The event stays in the queue.
    pub fn dtmf_cause(&self) -> DtmfCause {
        let shared = self.lock();
        let ended = shared.outbox.dtmf.ended();
        ended.map_or(DtmfCause::None, |result| result.cause)
    }

    /// Ends the running collection, if any, and waits until it has ended; with `timeout` 0 it does not wait.
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

    /// Adds a digit from the signalling that lasted `duration_ms` up to now.
    pub fn dtmf_inject(&self, digit: u8, duration_ms: u64) -> Result<(), Error> {
        let mut shared = self.lock();
        if self.state() == CallState::Idle {
            return Err(Status::ErrHangup.into());
        }
        self.request(&mut shared, Request::Inject(digit, duration_ms));
        Ok(())
    }

    /// Replaces the detector's limits from here on.
    pub fn dtmf_set_limits(&self, limits: Limits) {
        let mut shared = self.lock();
        self.request(&mut shared, Request::SetDtmfLimits(limits));
    }

    /// The digits in the buffer, after all audio and requests up to now.
    pub fn dtmf_digits(&self) -> Result<String, Error> {
        self.flush(None)?;
        Ok(self.lock().digits.clone())
    }
}
