//! The jobs of one kind, and the results that blocked threads wait for.
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

/// The latest job of a kind, and jobs before it that have not ended.
///
/// A job ends with its call, but a recording's file is completed later: meanwhile the next call may start another one.
#[derive(Debug)]
pub struct Slot<T> {
    /// Oldest first.
    jobs: Vec<Job<T>>,
    /// Jobs that blocked threads wait for.
    awaited: Vec<(u64, Awaited<T>)>,
}

#[derive(Debug)]
struct Job<T> {
    number: u64,
    /// Number of hang-ups of the channel before the job.
    call: u32,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    /// A recording's file is being created; `stop`: the recording ends as soon as it exists.
    Opening {
        stop: bool,
    },
    Running,
    /// A recording has ended, and its file is being completed.
    Finishing,
    Ended(T),
}

/// A job that a blocked thread waits for.
#[derive(Debug)]
pub enum Awaited<T> {
    /// It has not ended.
    Pending,
    Ended(T),
    /// Its file could not be created.
    Cancelled,
}

impl<T> Job<T> {
    fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    fn is_opening(&self) -> bool {
        matches!(self.state, State::Opening { .. })
    }
}

impl<T: Clone> Slot<T> {
    /// A slot before the first job.
    pub fn new() -> Self {
        Self {
            jobs: Vec::new(),
            awaited: Vec::new(),
        }
    }

    /// Number of the latest job; `None` before the first.
    pub fn number(&self) -> Option<u64> {
        self.jobs.last().map(|job| job.number)
    }

    /// Number of the latest job, unless it has ended.
    pub fn running(&self) -> Option<u64> {
        let latest = self.jobs.last()?;
        (!latest.has_ended()).then_some(latest.number)
    }

    /// Result of the latest job; `None` while it runs and before the first.
    pub fn result(&self) -> Option<&T> {
        match &self.jobs.last()?.state {
            State::Ended(result) => Some(result),
            _ => None,
        }
    }

    /// Whether a job of this call, or of a later one, has not ended. `call`: number of hang-ups before it.
    pub fn is_busy(&self, call: u32) -> bool {
        let of_call = |job: &Job<T>| job.call.wrapping_sub(call).cast_signed() >= 0;
        self.jobs
            .last()
            .is_some_and(|job| !job.has_ended() && of_call(job))
    }

    /// Whether this job has not ended.
    pub fn is_unfinished(&self, number: u64) -> bool {
        self.jobs
            .iter()
            .any(|job| job.number == number && !job.has_ended())
    }

    /// Numbers of all jobs that have not ended.
    pub fn unfinished(&self) -> Vec<u64> {
        let unfinished = self.jobs.iter().filter(|job| !job.has_ended());
        unfinished.map(|job| job.number).collect()
    }

    /// Keeps the result of this job for a thread that waits for it, even if another job starts.
    pub fn keep_result(&mut self, number: u64) {
        self.awaited.push((number, Awaited::Pending));
    }

    /// Takes what has become of an awaited job; `None` while it runs.
    pub fn take_awaited(&mut self, number: u64) -> Option<Awaited<T>> {
        let is_known = |(awaited, state): &(u64, Awaited<T>)| {
            *awaited == number && !matches!(state, Awaited::Pending)
        };
        let at = self.awaited.iter().position(is_known)?;
        Some(self.awaited.swap_remove(at).1)
    }

    /// A thread waits for this job no more.
    pub fn forget_awaited(&mut self, number: u64) {
        if let Some(at) = self.awaited.iter().position(|(n, _)| *n == number) {
            self.awaited.swap_remove(at);
        }
    }

    /// A job starts. `call`: number of hang-ups before it.
    pub fn start(&mut self, number: u64, call: u32) {
        self.add(number, call, State::Running);
    }

    fn add(&mut self, number: u64, call: u32, state: State<T>) {
        self.jobs.push(Job {
            number,
            call,
            state,
        });
        self.prune();
    }

    /// The job ended.
    pub fn end(&mut self, number: u64, result: &T) {
        if let Some(job) = self.job(number) {
            job.state = State::Ended(result.clone());
        }
        self.settle(number, || Awaited::Ended(result.clone()));
        self.prune();
    }

    fn job(&mut self, number: u64) -> Option<&mut Job<T>> {
        self.jobs.iter_mut().find(|job| job.number == number)
    }

    fn settle(&mut self, number: u64, outcome: impl Fn() -> Awaited<T>) {
        for (_, awaited) in self.awaited.iter_mut().filter(|(n, _)| *n == number) {
            *awaited = outcome();
        }
    }

    /// Drops the results of jobs before the latest, which is back in their place if its file cannot be created.
    fn prune(&mut self) {
        let Some(latest) = self.jobs.last() else {
            return;
        };
        if !latest.is_opening() {
            let number = latest.number;
            self.jobs
                .retain(|job| job.number == number || !job.has_ended());
        }
    }
}

/// A recording has a file, which is created before it starts and completed after it ended.
impl Slot<RecorderResult> {
    /// A recording whose file is being created.
    pub fn start_opening(&mut self, number: u64, call: u32) {
        self.add(number, call, State::Opening { stop: false });
    }

    /// Stops the latest recording, if its file is being created. Returns `false` if the file exists.
    pub fn stop_opening(&mut self) -> bool {
        match self.jobs.last_mut().map(|job| &mut job.state) {
            Some(State::Opening { stop }) => {
                *stop = true;
                true
            }
            _ => false,
        }
    }

    /// The file was created. Returns whether the recording must stop at once.
    pub fn opened(&mut self, number: u64) -> bool {
        let Some(job) = self.job(number) else {
            return false;
        };
        let before = std::mem::replace(&mut job.state, State::Running);
        self.prune();
        matches!(before, State::Opening { stop: true })
    }

    /// The file could not be created: there was no such recording.
    pub fn cancel(&mut self, number: u64) {
        self.jobs.retain(|job| job.number != number);
        self.settle(number, || Awaited::Cancelled);
        self.prune();
    }

    /// The recording has ended, and its file is being completed.
    pub fn finishing(&mut self, number: u64) {
        if let Some(job) = self.job(number)
            && !job.has_ended()
        {
            job.state = State::Finishing;
        }
    }

    /// Whether a file of a recording up to this number is being completed.
    pub fn is_finishing(&self, last: u64) -> bool {
        self.jobs
            .iter()
            .any(|job| job.number <= last && matches!(job.state, State::Finishing))
    }

    /// Whether the latest recording takes in audio.
    pub fn is_recording(&self) -> bool {
        let latest = self.jobs.last();
        latest.is_some_and(|job| matches!(job.state, State::Running))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use earwig_core::types::RecorderCause;

    fn result(bytes: u64) -> RecorderResult {
        RecorderResult {
            cause: RecorderCause::Hangup,
            started: 0,
            ended: 0,
            audio_detected: false,
            duration_ms: 0,
            bytes,
            error: String::new(),
        }
    }

    fn bytes(slot: &Slot<RecorderResult>) -> Option<u64> {
        slot.result().map(|result| result.bytes)
    }

    #[test]
    fn a_job_of_the_next_call_starts_while_the_last_one_is_finished() {
        let mut slot = Slot::new();
        slot.start(1, 0);
        slot.finishing(1);
        assert!(slot.is_busy(0));
        assert!(!slot.is_busy(1));
        slot.start(2, 1);
        // A thread of the first call that comes late is refused.
        assert!(slot.is_busy(0) && slot.is_busy(1));
        assert_eq!((slot.number(), slot.running()), (Some(2), Some(2)));
        assert!(slot.is_unfinished(1) && slot.is_finishing(1));
        slot.end(1, &result(1));
        assert!(!slot.is_unfinished(1) && !slot.is_finishing(2));
        assert_eq!((slot.running(), bytes(&slot)), (Some(2), None));
        slot.end(2, &result(2));
        assert_eq!((slot.running(), bytes(&slot)), (None, Some(2)));
    }

    #[test]
    fn a_late_end_of_an_earlier_job_leaves_the_latest_result() {
        let mut slot = Slot::new();
        slot.start(1, 0);
        slot.start(2, 1);
        slot.end(2, &result(2));
        slot.end(1, &result(1));
        assert_eq!((slot.number(), bytes(&slot)), (Some(2), Some(2)));
    }

    #[test]
    fn a_recording_without_a_file_leaves_the_one_before() {
        let mut slot = Slot::new();
        slot.start(1, 0);
        slot.start_opening(2, 1);
        slot.keep_result(2);
        assert!(slot.running() == Some(2) && !slot.is_recording());
        // The one before ends meanwhile.
        slot.end(1, &result(1));
        assert_eq!(bytes(&slot), None);
        slot.cancel(2);
        assert_eq!((slot.number(), bytes(&slot)), (Some(1), Some(1)));
        assert!(matches!(slot.take_awaited(2), Some(Awaited::Cancelled)));
    }

    #[test]
    fn a_stop_during_the_creation_of_the_file_stops_it_then() {
        let mut slot = Slot::new();
        slot.start_opening(1, 0);
        assert!(slot.stop_opening());
        assert!(slot.opened(1));
        assert!(!slot.stop_opening());
        slot.end(1, &result(1));
        slot.start_opening(2, 0);
        assert!(!slot.opened(2));
        assert!(slot.is_recording());
    }

    #[test]
    fn each_waiting_thread_gets_the_result_of_its_job() {
        let mut slot = Slot::new();
        slot.start(1, 0);
        slot.keep_result(1);
        slot.keep_result(1);
        slot.keep_result(1);
        slot.forget_awaited(1);
        slot.start(2, 1);
        assert!(slot.take_awaited(1).is_none());
        slot.end(1, &result(1));
        for _ in 0..2 {
            assert!(matches!(slot.take_awaited(1), Some(Awaited::Ended(r)) if r.bytes == 1));
        }
        assert!(slot.take_awaited(1).is_none());
    }
}
