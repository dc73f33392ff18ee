//! Waiting for, reading and stopping a job: the same for all three kinds.
#![forbid(unsafe_code)]

use super::{Channel, ChannelShared, may_block};
use crate::engine::job_slot::Ending;
use earwig_core::types::{Error, Status};
use std::time::Duration;

impl ChannelShared {
    /// The last job's result. Reading it takes its event out of the queue.
    fn take_ended<T: Ending>(&mut self) -> Option<T> {
        let slot = T::slot(&mut self.outbox);
        let (job, ended) = slot.number().zip(slot.ended().cloned())?;
        self.forget_ending(job);
        Some(ended)
    }
}

impl Channel {
    /// Waits for this job; [`crate::engine::job_slot::Slot::wait_for`] must have been called for it.
    pub(super) fn await_job<T: Ending>(&self, job: u64) -> Result<T, Error> {
        self.wait(None, |shared| {
            let ended = T::slot(&mut shared.outbox).take_awaited(job)?;
            shared.forget_ending(job);
            Some(ended)
        })
    }

    /// Waits until the running job ends; returns the last result at once if none runs.
    pub(super) fn wait_ended<T: Ending>(&self, timeout: Option<Duration>) -> Result<T, Error> {
        may_block()?;
        self.wait(timeout, |shared| {
            if T::slot(&mut shared.outbox).number().is_none() {
                return Some(Err(Error::new(Status::ErrAgain, T::NEVER)));
            }
            shared.take_ended().map(Ok)
        })?
    }

    /// The last job's result; ERR_AGAIN while one runs and before the first.
    pub(super) fn ended<T: Ending>(&self) -> Result<T, Error> {
        self.lock()
            .take_ended()
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Calls `stop` for the running job, if any, and waits until it has ended; with `timeout` 0 it does not wait.
    pub(super) fn stop_job<T: Ending>(
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
                (T::slot(&mut shared.outbox).running() != Some(job)).then_some(())
            })?;
        }
        Ok(())
    }
}
