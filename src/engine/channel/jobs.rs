//! Waiting for, reading and stopping a job; common to all three kinds.
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared, may_block};
use crate::engine::job_slot::{Awaited, JobResult};
use earwig_core::types::{Error, Status};
use std::time::Duration;

impl ChannelShared {
    /// The last job's result. Removes its ending from the event queue.
    fn take_result<T: JobResult>(&mut self) -> Option<T> {
        let slot = T::slot(&mut self.outbox);
        let (job, result) = slot.number().zip(slot.result().cloned())?;
        self.remove_ending(job);
        Some(result)
    }
}

impl Channel {
    /// Waits for this job, for which [`crate::engine::job_slot::Slot::keep_result`] was called. `None` if its file could not be
    /// created.
    pub(super) fn wait_for_job<T: JobResult>(
        &self,
        job: u64,
        timeout: Option<Duration>,
    ) -> Result<Option<T>, Error> {
        let waited = self.wait(timeout, |shared| {
            let awaited = T::slot(&mut shared.outbox).take_awaited(job)?;
            shared.remove_ending(job);
            Some(awaited)
        });
        match waited {
            Ok(Awaited::Ended(result)) => Ok(Some(result)),
            Ok(Awaited::Cancelled | Awaited::Pending) => Ok(None),
            Err(error) => {
                T::slot(&mut self.lock().outbox).forget_awaited(job);
                Err(error)
            }
        }
    }

    /// Waits until the running job ends and returns its result; returns the last result at once if none runs. `None` before the
    /// first job.
    pub(super) fn wait_for_result<T: JobResult>(
        &self,
        timeout: Option<Duration>,
    ) -> Result<Option<T>, Error> {
        may_block()?;
        let job = {
            let mut shared = self.lock();
            let slot = T::slot(&mut shared.outbox);
            let Some(job) = slot.running() else {
                return Ok(shared.take_result());
            };
            slot.keep_result(job);
            job
        };
        match self.wait_for_job(job, timeout)? {
            // No job runs any more.
            None => Ok(self.lock().take_result()),
            result => Ok(result),
        }
    }

    /// The last job's result; ERR_AGAIN while one runs and before the first.
    pub(super) fn take_result<T: JobResult>(&self) -> Result<T, Error> {
        self.lock()
            .take_result()
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Calls `stop` for the running job, if any, and waits until it has ended; with `timeout` 0 it does not wait.
    pub(super) fn stop_job<T: JobResult>(
        &self,
        timeout: Option<Duration>,
        stop: impl FnOnce(&mut ChannelShared, u64),
    ) -> Result<(), Error> {
        let waits = timeout != Some(Duration::ZERO);
        if waits {
            may_block()?;
        }
        let job = {
            let mut shared = self.lock();
            let Some(job) = T::slot(&mut shared.outbox).running() else {
                return Ok(());
            };
            stop(&mut shared, job);
            job
        };
        if waits {
            self.wait(timeout, |shared| {
                (!T::slot(&mut shared.outbox).is_unfinished(job)).then_some(())
            })?;
        }
        Ok(())
    }
}
