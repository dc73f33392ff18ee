//! Where notices wait: what the workers and the sender's thread share.
#![forbid(unsafe_code)]

use super::notice::{Limits, Notice, WebhookStats};
use super::{CallIds, CheckedUrl, payload, sender};
use crate::cause::{Error, MachineEvent};
use crate::engine::core::lock;
use crate::job::machine::options::Secret;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// The callbacks of an engine.
#[derive(Debug)]
pub struct Webhooks {
    shared: Arc<Shared>,
}

/// A job's way to its URL. Its clones are the same; the job is over when the last is gone.
#[derive(Clone, Debug)]
pub struct Post {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    queue: Arc<Queue>,
}

/// What all jobs and the thread share.
#[derive(Debug)]
pub struct Shared {
    pub limits: Limits,
    desk: Mutex<Desk>,
    /// Notices that wait or are on their way.
    waiting: AtomicUsize,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Desk {
    /// To the thread, if it runs.
    calls: Option<UnboundedSender<Call>>,
    /// Jobs that have a handle.
    jobs: usize,
    /// The engine is closed; what is left has so long.
    closing: Option<Duration>,
}

/// What the thread is told.
#[derive(Debug)]
pub enum Call {
    /// A job has something to send.
    Send(QueueTurn),
    /// It may be over.
    Look,
}

/// Whether the thread is needed any more.
#[derive(Debug, PartialEq, Eq)]
pub enum Over {
    /// Jobs may leave more.
    No,
    /// No job is left; what waits has so long from now.
    Soon(Duration),
    /// Nothing is left. The thread is not called any more.
    Yes,
}

/// The notices of one job, and where they go.
#[derive(Debug)]
pub struct Queue {
    pub url: CheckedUrl,
    pub secret: Secret,
    pub ids: CallIds,
    line: Mutex<Line>,
    shared: Arc<Shared>,
    calls: UnboundedSender<Call>,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Notice>,
    /// The thread has the job's turn.
    sending: bool,
}

/// The right to send a job's notices, one after the other. What is left when it is given up is dropped.
#[derive(Debug)]
pub struct QueueTurn {
    queue: Arc<Queue>,
    over: bool,
}

impl Webhooks {
    /// Without a thread yet.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// With times and bounds of one's own.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            shared: Arc::new(Shared {
                limits,
                desk: Mutex::default(),
                waiting: AtomicUsize::new(0),
                sent: AtomicU64::new(0),
                failed: AtomicU64::new(0),
                dropped: AtomicU64::new(0),
            }),
        }
    }

    /// A job's way to `url`. With a secret that is not empty, what is posted is signed. The first one has `spawn` start the
    /// thread.
    pub fn open(
        &self,
        spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> Result<(), Error>,
        url: CheckedUrl,
        secret: Secret,
        mut ids: CallIds,
    ) -> Result<Post, Error> {
        if ids.control_id.is_empty() {
            ids.control_id = payload::uuid()?;
        }
        let calls = {
            let mut desk = lock(&self.shared.desk);
            let calls = match &desk.calls {
                Some(calls) if !calls.is_closed() => calls.clone(),
                _ => {
                    let (calls, called) = unbounded_channel();
                    let shared = self.shared.clone();
                    spawn(Box::new(move || sender::run(&shared, called)))?;
                    desk.calls = Some(calls.clone());
                    calls
                }
            };
            desk.jobs += 1;
            calls
        };
        let queue = Arc::new(Queue {
            url,
            secret,
            ids,
            line: Mutex::default(),
            shared: self.shared.clone(),
            calls,
        });
        Ok(Post {
            handle: Arc::new(Handle { queue }),
        })
    }

    /// The engine ends: once no job is left, what waits has so long to go out, and the thread ends. It does not wait for that.
    pub fn close(&self, grace: Duration) {
        lock(&self.shared.desk).closing = Some(grace);
        self.shared.look();
    }

    /// Counters.
    pub fn stats(&self) -> WebhookStats {
        self.shared.stats()
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Webhooks {
    fn drop(&mut self) {
        let mut desk = lock(&self.shared.desk);
        desk.closing.get_or_insert(Duration::ZERO);
        drop(desk);
        self.shared.look();
    }
}

impl Post {
    /// The job's control id.
    pub fn control_id(&self) -> &str {
        &self.handle.queue.ids.control_id
    }

    /// Leaves a notice, or drops and counts it if there is no room. It never blocks. What the seed does not know is passed over.
    pub fn notice(&self, notice: Notice) {
        let queue = &self.handle.queue;
        if !notice.is_posted() || !queue.add(notice) {
            return;
        }
        // If the thread is gone, the turn comes back and drops what waits.
        let _ = queue.calls.send(Call::Send(QueueTurn {
            queue: queue.clone(),
            over: false,
        }));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let shared = &self.queue.shared;
        lock(&shared.desk).jobs -= 1;
        shared.look();
    }
}

impl Queue {
    /// Adds a notice; answers whether the thread must be called.
    fn add(&self, notice: Notice) -> bool {
        let limits = &self.shared.limits;
        let last = notice.event == MachineEvent::Finished;
        let (own, all) = if last {
            (limits.per_job, limits.per_engine)
        } else {
            (
                limits.per_job - 1,
                limits.per_engine - limits.per_engine / 10,
            )
        };
        let mut line = lock(&self.line);
        let room = |waiting| (waiting < all).then_some(waiting + 1);
        let waiting = &self.shared.waiting;
        if line.waiting.len() >= own
            || waiting
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
                .is_err()
        {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        line.waiting.push_back(notice);
        !std::mem::replace(&mut line.sending, true)
    }
}

impl QueueTurn {
    /// Whose turn it is.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The next notice; it keeps its place until it is [`QueueTurn::done`]. If there is none, the turn is over.
    pub fn next(&mut self) -> Option<Notice> {
        let mut line = lock(&self.queue.line);
        let next = line.waiting.front().copied();
        line.sending = next.is_some();
        self.over = next.is_none();
        next
    }

    /// The notice was sent, or given up.
    pub fn done(&self, sent: bool) {
        let shared = &self.queue.shared;
        let counter = if sent { &shared.sent } else { &shared.failed };
        if lock(&self.queue.line).waiting.pop_front().is_some() {
            counter.fetch_add(1, Ordering::Relaxed);
            shared.waiting.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for QueueTurn {
    fn drop(&mut self) {
        let shared = &self.queue.shared;
        if !self.over {
            let mut line = lock(&self.queue.line);
            let left = line.waiting.len();
            line.waiting.clear();
            line.sending = false;
            shared.dropped.fetch_add(left as u64, Ordering::Relaxed);
            shared.waiting.fetch_sub(left, Ordering::AcqRel);
        }
        shared.look();
    }
}

impl Shared {
    pub fn stats(&self) -> WebhookStats {
        WebhookStats {
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed) as u64,
        }
    }

    /// Has the thread look whether it is over.
    fn look(&self) {
        let desk = lock(&self.desk);
        if desk.closing.is_some()
            && let Some(calls) = &desk.calls
        {
            let _ = calls.send(Call::Look);
        }
    }

    /// For the thread: whether it is over, whatever waits if it is `late`.
    pub fn over(&self, late: bool) -> Over {
        let mut desk = lock(&self.desk);
        match desk.closing {
            Some(grace) if desk.jobs == 0 => {
                if late || self.waiting.load(Ordering::Acquire) == 0 {
                    desk.calls = None;
                    Over::Yes
                } else {
                    Over::Soon(grace)
                }
            }
            _ => Over::No,
        }
    }
}

#[cfg(test)]
mod tests;
