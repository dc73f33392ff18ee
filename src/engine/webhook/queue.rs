//! The queues of events: the state that the workers and the sender's thread share.
#![forbid(unsafe_code)]

use super::event::{Limits, WebhookEvent, WebhookStats};
use super::signature::Signer;
use super::url::{Host, Server};
use super::{CallIds, CheckedUrl, payload, sender};
use crate::engine::sync::lock;
use earwig_core::job::machine::Secret;
use earwig_core::types::{Error, MachineEvent};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Servers that are remembered; above it, those without a job are forgotten.
const MAX_SERVERS: usize = 4096;

/// The callbacks of an engine.
#[derive(Debug)]
pub struct Webhooks {
    shared: Arc<Shared>,
}

/// Posts the events of one job to its URL. Clones share one queue; dropping the last one ends the job.
#[derive(Clone, Debug)]
pub struct Post {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    queue: Arc<Queue>,
}

/// State of an engine's callbacks, shared by all jobs and the thread.
#[derive(Debug)]
pub struct Shared {
    pub limits: Limits,
    lifecycle: Mutex<Lifecycle>,
    /// Events that wait or are being sent.
    waiting: AtomicUsize,
    /// Those of them that were queued for a server that had not answered.
    waiting_in_doubt: AtomicUsize,
    /// The [`Trust`] in each server.
    trust: Mutex<BTreeMap<Server, Arc<AtomicU8>>>,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

/// Which of thread, jobs and engine exist.
#[derive(Debug, Default)]
struct Lifecycle {
    /// The channel to the thread, if it runs.
    commands: Option<UnboundedSender<Command>>,
    /// Jobs that have not ended.
    jobs: usize,
    /// The engine is closed; the grace for the waiting events.
    closing: Option<Duration>,
}

/// A command to the thread.
#[derive(Debug)]
pub enum Command {
    /// Send the events of a job.
    Send(SendPermit),
    /// Check whether to shut down.
    CheckShutdown,
}

/// Whether the thread shuts down.
#[derive(Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// The engine is open, or a job may still queue events.
    No,
    /// No job is left, but events wait: shut down after this time at the latest.
    Soon(Duration),
    /// No job and no event are left, or the grace is over. No command follows.
    Yes,
}

/// The events of one job, and their destination.
#[derive(Debug)]
pub struct Queue {
    pub url: CheckedUrl,
    pub signer: Signer,
    pub ids: CallIds,
    /// The [`Trust`] in the server, which all its jobs share.
    trust: Arc<AtomicU8>,
    backlog: Mutex<Backlog>,
    shared: Arc<Shared>,
    commands: UnboundedSender<Command>,
}

#[derive(Debug, Default)]
struct Backlog {
    waiting: VecDeque<Waiting>,
    /// The thread has the job's [`SendPermit`].
    sending: bool,
}

/// What the last attempt at a server had: decides how many places its events may take.
#[derive(Clone, Copy, Debug)]
enum Trust {
    /// There was none: all places but a tenth.
    New,
    /// An answer: all places.
    Answers,
    /// No answer: half of the places.
    Fails,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    event: WebhookEvent,
    /// It counts in `waiting_in_doubt`.
    in_doubt: bool,
}

/// The right to send a job's events, one after the other; a job has at most one. Dropping it before [`SendPermit::next`] returned
/// `None` drops and counts the events that wait.
#[derive(Debug)]
pub struct SendPermit {
    queue: Arc<Queue>,
    /// The queue was empty, and a new event needs a new permit.
    finished: bool,
}

impl Webhooks {
    /// With the default limits. The first [`Webhooks::open`] starts the thread.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// With other limits.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            shared: Arc::new(Shared {
                limits,
                lifecycle: Mutex::default(),
                waiting: AtomicUsize::new(0),
                waiting_in_doubt: AtomicUsize::new(0),
                trust: Mutex::default(),
                sent: AtomicU64::new(0),
                failed: AtomicU64::new(0),
                dropped: AtomicU64::new(0),
            }),
        }
    }

    /// Opens the queue of a job that posts to `url`, signed unless `secret` is empty. Calls `spawn` to start the thread if it does not
    /// run. Fails if `spawn` does, if `url` has an address that `webhook_allow` refuses, if `secret` is no base64 after `whsec_`, or if
    /// the kernel has no random bytes for `control_id`.
    pub fn open(
        &self,
        spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> Result<(), Error>,
        url: CheckedUrl,
        secret: Secret,
        mut ids: CallIds,
    ) -> Result<Post, Error> {
        if let Host::Address(address) = &url.server().host {
            let allow = &self.shared.limits.allow;
            allow
                .check(*address)
                .map_err(|why| Error::invalid(format!("status_url is refused: {why}")))?;
        }
        let signer = Signer::new(secret)?;
        if ids.control_id.is_empty() {
            ids.control_id = payload::uuid()?;
        }
        let (commands, receiver) = {
            let mut lifecycle = lock(&self.shared.lifecycle);
            lifecycle.jobs += 1;
            match &lifecycle.commands {
                Some(commands) if !commands.is_closed() => (commands.clone(), None),
                _ => {
                    let (commands, receiver) = unbounded_channel();
                    lifecycle.commands = Some(commands.clone());
                    (commands, Some(receiver))
                }
            }
        };
        // Without the lock, which a worker takes when a job ends. After an error the receiver is gone, and the next job starts a thread.
        if let Some(receiver) = receiver {
            let shared = self.shared.clone();
            let spawned = spawn(Box::new(move || sender::run(&shared, receiver)));
            if spawned.is_err() {
                lock(&self.shared.lifecycle).jobs -= 1;
                self.shared.check_shutdown();
                spawned?;
            }
        }
        let queue = Arc::new(Queue {
            trust: self.shared.trust(url.server()),
            url,
            signer,
            ids,
            backlog: Mutex::default(),
            shared: self.shared.clone(),
            commands,
        });
        Ok(Post {
            handle: Arc::new(Handle { queue }),
        })
    }

    /// Closes the engine's callbacks without blocking: after the last job has ended, the waiting events have `grace` to go out, then the
    /// thread ends.
    pub fn close(&self, grace: Duration) {
        lock(&self.shared.lifecycle).closing = Some(grace);
        self.shared.check_shutdown();
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
        self.shared.check_shutdown();
    }
}

impl Post {
    /// The job's control id.
    pub fn control_id(&self) -> &str {
        &self.handle.queue.ids.control_id
    }

    /// Queues an event, or drops and counts it if a queue is full. Never blocks. Ignores events that have no callback: network tones and
    /// `ERROR`.
    pub fn send(&self, event: WebhookEvent) {
        let queue = &self.handle.queue;
        if !event.is_posted() || !queue.add(event) {
            return;
        }
        // If the thread has ended, the error holds the permit, and dropping that drops the waiting events.
        let _ = queue.commands.send(Command::Send(SendPermit {
            queue: queue.clone(),
            finished: false,
        }));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let shared = &self.queue.shared;
        lock(&shared.lifecycle).jobs -= 1;
        shared.check_shutdown();
    }
}

impl Queue {
    /// Adds an event. Returns whether the job needs a new [`SendPermit`].
    fn add(&self, event: WebhookEvent) -> bool {
        let limits = &self.shared.limits;
        // The places that only `finished` may take.
        let (of_job, of_engine) = match event.event {
            MachineEvent::Finished => (0, 0),
            _ => (1, limits.max_waiting / 10),
        };
        let trust = self.trust.load(Ordering::Relaxed);
        let in_doubt = trust != Trust::Answers as u8;
        // The places that only events to better servers may take.
        let of_better = match in_doubt {
            true if trust == Trust::Fails as u8 => limits.max_waiting / 2,
            true => limits.max_waiting / 10,
            false => 0,
        };
        let mut backlog = lock(&self.backlog);
        if backlog.waiting.len() >= limits.max_waiting_per_job - of_job
            || !self.shared.occupy(in_doubt, of_engine, of_better)
        {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        backlog.waiting.push_back(Waiting { event, in_doubt });
        !std::mem::replace(&mut backlog.sending, true)
    }

    /// Records whether the last attempt at the server had an answer.
    pub fn set_answers(&self, answers: bool) {
        let trust = if answers {
            Trust::Answers
        } else {
            Trust::Fails
        };
        self.trust.store(trust as u8, Ordering::Relaxed);
    }
}

impl SendPermit {
    /// The queue of the job.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The next event, which stays in the queue until [`SendPermit::done`]. After `None` the permit is of no more use.
    pub fn next(&mut self) -> Option<WebhookEvent> {
        let mut backlog = lock(&self.queue.backlog);
        let next = backlog.waiting.front().map(|waiting| waiting.event);
        backlog.sending = next.is_some();
        self.finished = next.is_none();
        next
    }

    /// Removes and counts the event that [`SendPermit::next`] returned; `sent`: a server has accepted it.
    pub fn done(&self, sent: bool) {
        let shared = &self.queue.shared;
        let counter = if sent { &shared.sent } else { &shared.failed };
        if let Some(waiting) = lock(&self.queue.backlog).waiting.pop_front() {
            counter.fetch_add(1, Ordering::Relaxed);
            shared.vacate(waiting.in_doubt);
        }
    }
}

impl Drop for SendPermit {
    fn drop(&mut self) {
        let shared = &self.queue.shared;
        if !self.finished {
            let mut backlog = lock(&self.queue.backlog);
            backlog.sending = false;
            for waiting in backlog.waiting.drain(..) {
                shared.dropped.fetch_add(1, Ordering::Relaxed);
                shared.vacate(waiting.in_doubt);
            }
        }
        shared.check_shutdown();
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

    /// The trust in a server.
    fn trust(&self, server: &Server) -> Arc<AtomicU8> {
        let mut servers = lock(&self.trust);
        if servers.len() >= MAX_SERVERS {
            servers.retain(|_, trust| Arc::strong_count(trust) > 1);
        }
        let new = || Arc::new(AtomicU8::new(Trust::New as u8));
        servers.entry(server.clone()).or_insert_with(new).clone()
    }

    /// Takes a place for an event, if one is free beside the `reserved` ones and, for an event in doubt, those `of_better` servers.
    fn occupy(&self, in_doubt: bool, reserved: usize, of_better: usize) -> bool {
        let max = self.limits.max_waiting - reserved;
        let take = |waiting: &AtomicUsize, max: usize| {
            let add = |count| (count < max).then_some(count + 1);
            waiting
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, add)
                .is_ok()
        };
        if in_doubt && !take(&self.waiting_in_doubt, max.saturating_sub(of_better)) {
            return false;
        }
        let taken = take(&self.waiting, max);
        if !taken && in_doubt {
            self.waiting_in_doubt.fetch_sub(1, Ordering::AcqRel);
        }
        taken
    }

    /// Gives a place back.
    fn vacate(&self, in_doubt: bool) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        if in_doubt {
            self.waiting_in_doubt.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Makes the thread check whether to shut down.
    fn check_shutdown(&self) {
        let lifecycle = lock(&self.lifecycle);
        if lifecycle.closing.is_some()
            && let Some(commands) = &lifecycle.commands
        {
            let _ = commands.send(Command::CheckShutdown);
        }
    }

    /// Whether the thread shuts down; `grace_over`: even if events wait. After [`Shutdown::Yes`] the next job starts a new thread.
    pub fn shutdown(&self, grace_over: bool) -> Shutdown {
        let mut lifecycle = lock(&self.lifecycle);
        match lifecycle.closing {
            Some(grace) if lifecycle.jobs == 0 => {
                if grace_over || self.waiting.load(Ordering::Acquire) == 0 {
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
