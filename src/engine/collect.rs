//! Digits and their collection as the host sees them, on a [`Channel`].
#![forbid(unsafe_code)]

use super::channel::{Channel, Desk, Request, may_block};
use crate::cause::{CallState, DtmfCause, Error, Status};
use crate::detect::dtmf::Limits;
use crate::job::collect::{CollectOptions, Collected};
use std::time::Duration;

impl Channel {
    /// Starts a collection.
    pub fn collect_start(&self, options: CollectOptions) -> Result<u64, Error> {
        self.collect_start_at(&mut self.desk(), options)
    }

    fn collect_start_at(&self, desk: &mut Desk, options: CollectOptions) -> Result<u64, Error> {
        // Read first: a hang-up that comes in between ends the job, and none waits for the next one.
        let hangups = self.hangups();
        self.job_may_run()?;
        let job = desk.outbox.start::<Collected>()?;
        self.request_after(desk, hangups, Request::Collect(job, options));
        Ok(job)
    }

    /// Starts a collection and waits until it ends.
    pub fn collect(&self, options: CollectOptions) -> Result<Collected, Error> {
        may_block()?;
        let job = {
            let mut desk = self.desk();
            let job = self.collect_start_at(&mut desk, options)?;
            desk.outbox.collect.wait_for(job);
            job
        };
        self.await_job(job)
    }

    /// Waits until the collection that runs ends, or answers how the last one did.
    pub fn collect_wait(&self, timeout: Option<Duration>) -> Result<Collected, Error> {
        self.wait_ended(timeout)
    }

    /// How the last collection ended; ErrAgain while one runs and before the first.
    pub fn collected(&self) -> Result<Collected, Error> {
        self.ended()
    }

    /// The cause of the last collection, without taking anything.
    pub fn collect_cause(&self) -> DtmfCause {
        self.desk()
            .outbox
            .collect
            .ended()
            .map_or(DtmfCause::None, |c| c.cause)
    }

    /// Ends the collection that runs, if any.
    pub fn collect_stop(&self) {
        let mut desk = self.desk();
        self.request(&mut desk, Request::StopCollect);
    }

    /// Empties the digit buffer.
    pub fn clear_digits(&self) {
        let mut desk = self.desk();
        self.request(&mut desk, Request::ClearDigits);
    }

    /// A digit from the signalling that lasted `duration_ms` up to now.
    pub fn inject(&self, digit: u8, duration_ms: u64) -> Result<(), Error> {
        let mut desk = self.desk();
        if self.state() == CallState::Idle {
            return Err(Status::ErrHangup.into());
        }
        self.request(&mut desk, Request::Inject(digit, duration_ms));
        Ok(())
    }

    /// From now on the detector has these limits.
    pub fn set_dtmf_limits(&self, limits: Limits) {
        let mut desk = self.desk();
        self.request(&mut desk, Request::SetDtmfLimits(limits));
    }

    /// The digits in the buffer, once all that was written and asked so far is done.
    pub fn digits(&self) -> Result<String, Error> {
        self.flush(None)?;
        Ok(self.desk().digits.clone())
    }
}
