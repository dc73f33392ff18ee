//! The latest job of one kind, and the results that blocked threads wait for.
#![forbid(unsafe_code)]

use super::outbox::Outbox;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::machine::MachineResult;
use earwig_core::job::recorder::RecorderResult;

/// The result type of a kind of job.
pub trait JobResult: Clone {
    /// Error text if a job of this kind is running.
    const BUSY: &'static str;
    /// Error text if no job of this kind was started.
    const NEVER: &'static str;

    /// The slot of this kind of job.
    fn slot(outbox: &mut Outbox) -> &mut Slot<Self>;
}

impl JobResult for DtmfResult {
    const BUSY: &'static str = "a collection runs already";
    const NEVER: &'static str = "no collection was started";

    fn slot(outbox: &mut Outbox) -> &mut Slot<Self> {
        &mut outbox.dtmf
    }
}

impl JobResult for RecorderResult {
    const BUSY: &'static str = "a recording is in progress";
    const NEVER: &'static str = "no recording was started";

    fn slot(outbox: &mut Outbox) -> &mut Slot<Self> {
        &mut outbox.recorder
    }
}

impl JobResult for MachineResult {
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
    /// Jobs that blocked threads wait for; with the result once they have ended.
    awaited: Vec<(u64, Option<T>)>,
}

#[derive(Debug)]
enum Job<T> {
    Never,
    Running(u64),
    Ended(u64, T),
}

impl<T: Clone> Slot<T> {
    /// A slot before the first job.
    pub fn new() -> Self {
        Self {
            job: Job::Never,
            awaited: Vec::new(),
        }
    }

    /// Number of the latest job; `None` before the first.
    pub fn number(&self) -> Option<u64> {
        match &self.job {
            Job::Never => None,
            Job::Running(job) | Job::Ended(job, _) => Some(*job),
        }
    }

    /// Number of the running job.
    pub fn running(&self) -> Option<u64> {
        match &self.job {
            Job::Running(job) => Some(*job),
            _ => None,
        }
    }

    /// Result of the latest job; `None` while it runs and before the first.
    pub fn result(&self) -> Option<&T> {
        match &self.job {
            Job::Ended(_, result) => Some(result),
            _ => None,
        }
    }

    /// Keeps the result of this job for a thread that waits for it, even if another job starts.
    pub fn keep_result(&mut self, number: u64) {
        self.awaited.push((number, None));
    }

    /// Takes the result of an awaited job, if it has ended.
    pub fn take_awaited(&mut self, number: u64) -> Option<T> {
        let at = self
            .awaited
            .iter()
            .position(|(n, result)| *n == number && result.is_some())?;
        self.awaited.swap_remove(at).1
    }

    /// A job starts.
    pub fn start(&mut self, job: u64) {
        self.job = Job::Running(job);
    }

    /// Undoes the start of a job: restores the number and result `before` it.
    pub fn restore(&mut self, before: Option<(u64, T)>) {
        self.job = before.map_or(Job::Never, |(job, result)| Job::Ended(job, result));
    }

    /// The job ended.
    pub fn end(&mut self, job: u64, result: &T) {
        self.job = Job::Ended(job, result.clone());
        for (_, kept) in self.awaited.iter_mut().filter(|(n, _)| *n == job) {
            *kept = Some(result.clone());
        }
    }
}
