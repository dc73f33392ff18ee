//! Where notices wait: what the workers and the sender's thread share.
#![forbid(unsafe_code)]

use super::event::{Limits, WebhookEvent, WebhookStats};
use super::{CallIds, CheckedUrl, payload, sender};
use crate::engine::sync::lock;
use earwig_core::job::machine::Secret;
use earwig_core::types::{Error, MachineEvent};
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
    lifecycle: Mutex<Lifecycle>,
    /// Notices that wait or are on their way.
    waiting: AtomicUsize,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Lifecycle {
    /// To the thread, if it runs.
    commands: Option<UnboundedSender<Command>>,
    /// Jobs that have a handle.
    jobs: usize,
    /// The engine is closed; what is left has so long.
    closing: Option<Duration>,
}

/// What the thread is told.
#[derive(Debug)]
pub enum Command {
    /// A job has something to send.
    Send(SendPermit),
    /// It may be over.
    CheckShutdown,
}

/// Whether the thread is needed any more.
#[derive(Debug, PartialEq, Eq)]
pub enum Shutdown {
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
    backlog: Mutex<Backlog>,
    shared: Arc<Shared>,
    calls: UnboundedSender<Command>,
}

#[derive(Debug, Default)]
struct Backlog {
    waiting: VecDeque<WebhookEvent>,
    /// The thread has the job's turn.
    sending: bool,
}

/// The right to send a job's notices, one after the other. What is left when it is given up is dropped.
#[derive(Debug)]
pub struct SendPermit {
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
                lifecycle: Mutex::default(),
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
            let mut lifecycle = lock(&self.shared.lifecycle);
            let calls = match &lifecycle.commands {
                Some(calls) if !calls.is_closed() => calls.clone(),
                _ => {
                    let (calls, called) = unbounded_channel();
                    let shared = self.shared.clone();
                    spawn(Box::new(move || sender::run(&shared, called)))?;
                    lifecycle.commands = Some(calls.clone());
                    calls
                }
            };
            lifecycle.jobs += 1;
            calls
        };
        let queue = Arc::new(Queue {
            url,
            secret,
            ids,
            backlog: Mutex::default(),
            shared: self.shared.clone(),
            calls,
        });
        Ok(Post {
            handle: Arc::new(Handle { queue }),
        })
    }

    /// The engine ends: once no job is left, what waits has so long to go out, and the thread ends. It does not wait for that.
    pub fn close(&self, grace: Duration) {
        lock(&self.shared.lifecycle).closing = Some(grace);
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
        let mut lifecycle = lock(&self.shared.lifecycle);
        lifecycle.closing.get_or_insert(Duration::ZERO);
        drop(lifecycle);
        self.shared.look();
    }
}

impl Post {
    /// The job's control id.
    pub fn control_id(&self) -> &str {
        &self.handle.queue.ids.control_id
    }

    /// Leaves a notice, or drops and counts it if there is no room. It never blocks. What the seed does not know is passed over.
    pub fn send(&self, event: WebhookEvent) {
        let queue = &self.handle.queue;
        if !event.is_posted() || !queue.add(event) {
            return;
        }
        // If the thread is gone, the turn comes back and drops what waits.
        let _ = queue.calls.send(Command::Send(SendPermit {
            queue: queue.clone(),
            over: false,
        }));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let shared = &self.queue.shared;
        lock(&shared.lifecycle).jobs -= 1;
        shared.look();
    }
}

impl Queue {
    /// Adds a notice; answers whether the thread must be called.
    fn add(&self, event: WebhookEvent) -> bool {
        let limits = &self.shared.limits;
        let last = event.event == MachineEvent::Finished;
        let (own, all) = if last {
            (limits.per_job, limits.per_engine)
        } else {
            (
                limits.per_job - 1,
                limits.per_engine - limits.per_engine / 10,
            )
        };
        let mut backlog = lock(&self.backlog);
        let room = |waiting| (waiting < all).then_some(waiting + 1);
        let waiting = &self.shared.waiting;
        if backlog.waiting.len() >= own
            || waiting
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
                .is_err()
        {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        backlog.waiting.push_back(event);
        !std::mem::replace(&mut backlog.sending, true)
    }
}

impl SendPermit {
    /// Whose turn it is.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The next notice; it keeps its place until it is [`SendPermit::done`]. If there is none, the turn is over.
    pub fn next(&mut self) -> Option<WebhookEvent> {
        let mut backlog = lock(&self.queue.backlog);
        let next = backlog.waiting.front().copied();
        backlog.sending = next.is_some();
        self.over = next.is_none();
        next
    }

    /// The notice was sent, or given up.
    pub fn done(&self, sent: bool) {
        let shared = &self.queue.shared;
        let counter = if sent { &shared.sent } else { &shared.failed };
        if lock(&self.queue.backlog).waiting.pop_front().is_some() {
            counter.fetch_add(1, Ordering::Relaxed);
            shared.waiting.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for SendPermit {
    fn drop(&mut self) {
        let shared = &self.queue.shared;
        if !self.over {
            let mut backlog = lock(&self.queue.backlog);
            let left = backlog.waiting.len();
            backlog.waiting.clear();
            backlog.sending = false;
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
        let lifecycle = lock(&self.lifecycle);
        if lifecycle.closing.is_some()
            && let Some(commands) = &lifecycle.commands
        {
            let _ = commands.send(Command::CheckShutdown);
        }
    }

    /// For the thread: whether it is over, whatever waits if it is `late`.
    pub fn over(&self, late: bool) -> Shutdown {
        let mut lifecycle = lock(&self.lifecycle);
        match lifecycle.closing {
            Some(grace) if lifecycle.jobs == 0 => {
                if late || self.waiting.load(Ordering::Acquire) == 0 {
                    lifecycle.commands = None;
                    Shutdown::Yes
                } else {
                    Shutdown::Soon(grace)
                }
            }
            _ => Shutdown::No,
        }
    }
}

#[cfg(test)]
mod tests;
