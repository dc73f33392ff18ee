//! What is the same for every kind of job: one of a kind at a time, waited for, read and stopped alike.
#![forbid(unsafe_code)]

use super::channel::{Channel, Desk, may_block};
use super::disk::Recorded;
use super::outbox::Outbox;
use crate::cause::{Error, Status};
use crate::job::collect::Collected;
use crate::job::machine::Outcome;
use std::time::Duration;

/// How a job of a kind ended.
pub trait Ending: Clone {
    /// Why a second one is refused.
    const BUSY: &'static str;
    /// Why there is nothing to wait for.
    const NEVER: &'static str;

    /// The latest job of the kind.
    fn slot(outbox: &mut Outbox) -> &mut Slot<Self>;
}

impl Ending for Collected {
    const BUSY: &'static str = "a collection runs already";
    const NEVER: &'static str = "no collection was started";

    fn slot(outbox: &mut Outbox) -> &mut Slot<Self> {
        &mut outbox.collect
    }
}

impl Ending for Recorded {
    const BUSY: &'static str = "a recording is in progress";
    const NEVER: &'static str = "no recording was started";

    fn slot(outbox: &mut Outbox) -> &mut Slot<Self> {
        &mut outbox.record
    }
}

impl Ending for Outcome {
    const BUSY: &'static str = "a detection runs already";
    const NEVER: &'static str = "no detection was started";

    fn slot(outbox: &mut Outbox) -> &mut Slot<Self> {
        &mut outbox.machine
    }
}

/// The latest job of a kind.
#[derive(Debug)]
pub struct Slot<T> {
    job: Job<T>,
    /// Jobs that a blocked thread waits for, by number, and how they ended.
    awaited: Vec<(u64, Option<T>)>,
}

#[derive(Debug)]
enum Job<T> {
    Never,
    Running(u64),
    Ended(u64, T),
}

impl<T: Clone> Slot<T> {
    /// There never was one.
    pub fn new() -> Self {
        Self {
            job: Job::Never,
            awaited: Vec::new(),
        }
    }

    /// The number of the job that runs or ended last; `None` if there never was one.
    pub fn number(&self) -> Option<u64> {
        match &self.job {
            Job::Never => None,
            Job::Running(job) | Job::Ended(job, _) => Some(*job),
        }
    }

    /// The number of the job that runs.
    pub fn running(&self) -> Option<u64> {
        match &self.job {
            Job::Running(job) => Some(*job),
            _ => None,
        }
    }

    /// How the last one ended; `None` while one runs or before the first.
    pub fn ended(&self) -> Option<&T> {
        match &self.job {
            Job::Ended(_, result) => Some(result),
            _ => None,
        }
    }

    /// A thread will wait for this job, whatever starts after it.
    pub fn wait_for(&mut self, number: u64) {
        self.awaited.push((number, None));
    }

    /// How an awaited job ended; it is awaited no more then.
    pub fn take_awaited(&mut self, number: u64) -> Option<T> {
        let at = self
            .awaited
            .iter()
            .position(|(n, ended)| *n == number && ended.is_some())?;
        self.awaited.swap_remove(at).1
    }

    /// It runs.
    pub fn start(&mut self, job: u64) {
        self.job = Job::Running(job);
    }

    /// It is as it was before one that could not start after all.
    pub fn restore(&mut self, before: Option<(u64, T)>) {
        self.job = before.map_or(Job::Never, |(job, result)| Job::Ended(job, result));
    }

    /// It ended.
    pub fn end(&mut self, job: u64, result: &T) {
        self.job = Job::Ended(job, result.clone());
        for (_, ended) in self.awaited.iter_mut().filter(|(n, _)| *n == job) {
            *ended = Some(result.clone());
        }
    }
}

impl Desk {
    /// How the last job ended; whoever reads it has heard the event too.
    fn take_ended<T: Ending>(&mut self) -> Option<T> {
        let slot = T::slot(&mut self.outbox);
        let (job, ended) = slot.number().zip(slot.ended().cloned())?;
        self.forget_ending(job);
        Some(ended)
    }
}

impl Channel {
    /// Waits for just this job, which `Slot::wait_for` was told of.
    pub(super) fn await_job<T: Ending>(&self, job: u64) -> Result<T, Error> {
        self.wait(None, |desk| {
            let ended = T::slot(&mut desk.outbox).take_awaited(job)?;
            desk.forget_ending(job);
            Some(ended)
        })
    }

    /// Waits until the job that runs ends, or answers how the last one did.
    pub(super) fn wait_ended<T: Ending>(&self, timeout: Option<Duration>) -> Result<T, Error> {
        may_block()?;
        self.wait(timeout, |desk| {
            if T::slot(&mut desk.outbox).number().is_none() {
                return Some(Err(Error::new(Status::ErrAgain, T::NEVER)));
            }
            desk.take_ended().map(Ok)
        })?
    }

    /// How the last job ended; ErrAgain while one runs and before the first.
    pub(super) fn ended<T: Ending>(&self) -> Result<T, Error> {
        self.desk()
            .take_ended()
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Has `stop` end the job that runs, if any, and waits until it has; `timeout` 0 does not wait.
    pub(super) fn stop_job<T: Ending>(
        &self,
        timeout: Option<Duration>,
        stop: impl FnOnce(&mut Desk, u64),
    ) -> Result<(), Error> {
        let waits = timeout != Some(Duration::ZERO);
        if waits {
            may_block()?;
        }
        let job = {
            let mut desk = self.desk();
            let Some(job) = T::slot(&mut desk.outbox).running() else {
                return Ok(());
            };
            stop(&mut desk, job);
            job
        };
        if waits {
            self.wait(timeout, |desk| {
                (T::slot(&mut desk.outbox).running() != Some(job)).then_some(())
            })?;
        }
        Ok(())
    }
}
