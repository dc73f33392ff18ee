//! What all parts of an engine share: mailboxes of the workers, counters, the dispatcher's queue, storage, webhooks.
#![forbid(unsafe_code)]

use super::channel::{Channel, EngineLink, NewChannel};
use super::dispatch::{Dispatcher, Task};
use super::mailbox::Mailbox;
use super::storage::Storage;
use super::sync::{Threads, lock};
use super::tap::TapReader;
use super::webhook::{Allow, GRACE, Limits, WebhookStats, Webhooks};
use super::{dispatch, worker, worker_log};
use earwig_core::types::{Error, Status};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Engines and channels of the whole process that are not freed.
pub static LIVE_HANDLES: AtomicU64 = AtomicU64::new(0);

/// What all parts of an engine share.
pub struct EngineShared {
    mailboxes: Vec<Mailbox>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    closing: AtomicBool,
    /// Number of channels with handles.
    open: AtomicUsize,
    samples: AtomicU64,
    overruns: AtomicU64,
    /// Number of workers that have not ended.
    workers: AtomicUsize,
    dispatcher: Dispatcher,
    storage: Storage,
    webhooks: Webhooks,
}

/// Options of an engine.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// Number of workers, 0 to 64; 0: one for each processor, at most 4.
    pub workers: usize,
    /// Addresses to which status callbacks may be posted.
    pub webhook_allow: Allow,
}

/// Counters of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Number of workers.
    pub workers: usize,
    /// Channels with handles.
    pub channels: usize,
    /// Samples of RX processed, gaps included, at the channels' rates.
    pub samples: u64,
    /// Writes into a full ring, of the channels that were freed.
    pub overruns: u64,
    /// Counters of status callbacks.
    pub posts: WebhookStats,
}

/// Largest default number of workers: detection is cheap, and more workers mean more wake-ups.
const WORKERS_AUTO_MAX: usize = 4;
/// Largest number of workers that a host can set.
pub const WORKERS_MAX: usize = 64;

impl EngineShared {
    /// Starts the workers.
    pub fn start(options: EngineOptions) -> Result<Arc<Self>, Error> {
        let workers = options.workers;
        if workers > WORKERS_MAX {
            return Err(Error::invalid(format!(
                "workers is {workers}: it must be 0 to {WORKERS_MAX}"
            )));
        }
        let auto = || {
            std::thread::available_parallelism()
                .map_or(1, |n| n.get())
                .min(WORKERS_AUTO_MAX)
        };
        let count = if workers == 0 { auto() } else { workers };
        let shared = Arc::new(Self {
            mailboxes: (0..count).map(|_| Mailbox::default()).collect(),
            threads: Mutex::default(),
            closing: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            samples: AtomicU64::new(0),
            overruns: AtomicU64::new(0),
            workers: AtomicUsize::new(0),
            dispatcher: Dispatcher::default(),
            storage: Storage::default(),
            webhooks: Webhooks::with_limits(Limits {
                allow: options.webhook_allow,
                ..Limits::default()
            }),
        });
        LIVE_HANDLES.fetch_add(1, Ordering::Relaxed);
        match shared.start_threads(count) {
            Ok(()) => Ok(shared),
            Err(error) => {
                shared.close();
                Err(error)
            }
        }
    }

    /// Starts the workers, and the thread that logs their lines.
    fn start_threads(self: &Arc<Self>, workers: usize) -> Result<(), Error> {
        let (lines, log_thread) = worker_log::queue();
        self.spawn("earwig-log", Box::new(move || log_thread.run()))?;
        for index in 0..workers {
            let (own, lines) = (self.clone(), lines.clone());
            let run = move || {
                lines.during(|| worker::run(&own, index));
                own.worker_ended();
            };
            self.workers.fetch_add(1, Ordering::AcqRel);
            let spawned = self.spawn(&format!("earwig-{index}"), Box::new(run));
            if spawned.is_err() {
                self.worker_ended();
                return spawned;
            }
        }
        Ok(())
    }

    /// A worker has freed its last channel. After the last worker no channel is left, and the other threads end.
    fn worker_ended(&self) {
        if self.workers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.dispatcher.end();
            self.storage.wake();
        }
    }

    /// Refuses new channels. The threads end when the last channel is freed.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.mailboxes.iter().for_each(Mailbox::wake);
        self.webhooks.close(GRACE);
    }

    /// Joins the threads that have ended, which frees their stacks, and adds `new`. Returns the number of those that run.
    fn join_ended(&self, new: Option<JoinHandle<()>>) -> usize {
        let (ended, running): (Vec<_>, _) = {
            let mut threads = lock(&self.threads);
            let (ended, mut running): (_, Vec<_>) =
                threads.drain(..).partition(JoinHandle::is_finished);
            running.extend(new);
            *threads = running;
            (ended, threads.len())
        };
        // Panics are caught inside the thread; after one that was not, the thread has ended too.
        ended.into_iter().for_each(|thread| drop(thread.join()));
        running
    }

    /// Closes and waits until every thread has ended.
    pub fn shutdown(&self, timeout: Option<Duration>) -> Result<(), Error> {
        if self.open.load(Ordering::Acquire) > 0 {
            return Err(Error::new(Status::ErrBusy, "channels still have handles"));
        }
        self.close();
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        loop {
            let running = self.join_ended(None);
            if running == 0 {
                return Ok(());
            }
            if deadline.is_some_and(|d| Instant::now() >= d) {
                return Err(Status::ErrTimeout.into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Counters.
    pub fn stats(&self) -> EngineStats {
        EngineStats {
            workers: self.mailboxes.len(),
            channels: self.open.load(Ordering::Relaxed),
            samples: self.samples.load(Ordering::Relaxed),
            overruns: self.overruns.load(Ordering::Relaxed),
            posts: self.webhooks.stats(),
        }
    }

    /// Adds to the counters.
    pub fn count(&self, samples: u64, overruns: u64) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
        self.overruns.fetch_add(overruns, Ordering::Relaxed);
    }

    // ---- workers ----

    /// The mailbox of a worker.
    pub fn mailbox(&self, worker: usize) -> &Mailbox {
        &self.mailboxes[worker]
    }

    /// The worker with the fewest channels.
    pub fn pick_worker(&self) -> usize {
        let channels = |i: &usize| self.mailboxes[*i].channels();
        (0..self.mailboxes.len()).min_by_key(channels).unwrap_or(0)
    }

    /// Passes a new channel to its worker.
    pub fn adopt(
        &self,
        worker: usize,
        channel: &Arc<Channel>,
        readers: [TapReader; 2],
    ) -> Result<(), Error> {
        // Counted first: dropping the channel subtracts it, also after the refusal below.
        LIVE_HANDLES.fetch_add(1, Ordering::Relaxed);
        let new = NewChannel {
            channel: channel.clone(),
            readers,
        };
        self.mailboxes[worker].add(new, || {
            if self.is_closing() {
                return Err(Error::new(Status::ErrState, "the engine is shut down"));
            }
            self.open.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    }

    /// The threads that run callbacks.
    pub fn dispatcher(&self) -> &Dispatcher {
        &self.dispatcher
    }
}

impl Threads for EngineShared {
    fn spawn(&self, name: &str, run: Box<dyn FnOnce() + Send>) -> Result<(), Error> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(run);
        let thread = thread.map_err(|e| {
            Error::new(
                Status::ErrSystem,
                format!("no thread could be started: {e}"),
            )
        })?;
        self.join_ended(Some(thread));
        Ok(())
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    fn is_over(&self) -> bool {
        self.is_closing() && self.workers.load(Ordering::Acquire) == 0
    }
}

impl EngineLink for EngineShared {
    fn request_service(&self, worker: usize, slot: usize) {
        self.mailboxes[worker].request_service(slot);
    }

    fn start_dispatcher(self: Arc<Self>) -> Result<(), Error> {
        dispatch::start(&self)
    }

    fn dispatch(&self, channel: Arc<Channel>) {
        self.dispatcher.add(Task::Deliver(channel));
    }

    fn threads(self: Arc<Self>) -> Arc<dyn Threads> {
        self
    }

    fn storage(&self) -> &Storage {
        &self.storage
    }

    fn webhooks(&self) -> &Webhooks {
        &self.webhooks
    }

    fn channel_opened(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    fn channel_closed(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }

    fn channel_freed(&self) {
        LIVE_HANDLES.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for EngineShared {
    fn drop(&mut self) {
        LIVE_HANDLES.fetch_sub(1, Ordering::Relaxed);
    }
}
