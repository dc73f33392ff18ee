//! What all parts of an engine share: its workers' inboxes, its counters, its dispatcher's queue.
#![forbid(unsafe_code)]

use super::channel::{Channel, NewChannel};
use super::disk::Disks;
use super::tap::TapReader;
use super::webhook::{GRACE, WebhookStats, Webhooks};
use super::{dispatch, worker};
use crate::cause::{Error, Status};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Engines and channels that are not freed yet, in the whole process.
pub static LIVE_HANDLES: AtomicU64 = AtomicU64::new(0);

/// What waits for a worker.
#[derive(Default)]
pub struct Inbox {
    pub new: Vec<NewChannel>,
    /// Places of channels that were called on.
    pub attend: Vec<usize>,
    pub awake: bool,
}

/// One worker as others see it.
#[derive(Default)]
pub struct Desk {
    pub inbox: Mutex<Inbox>,
    pub wake: Condvar,
    load: AtomicUsize,
}

/// What all parts of an engine share.
pub struct Core {
    desks: Vec<Desk>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    closing: AtomicBool,
    /// Channels with handles.
    open: AtomicUsize,
    samples: AtomicU64,
    overruns: AtomicU64,
    dispatch: Mutex<Dispatch>,
    dispatch_wake: Condvar,
    /// Where recordings go.
    pub disks: Disks,
    /// Status callbacks.
    pub webhooks: Webhooks,
}

#[derive(Default)]
struct Dispatch {
    queue: VecDeque<Arc<Channel>>,
    started: bool,
    /// Nobody takes from the queue any more: what went in would stay, and hold the engine.
    ended: bool,
}

/// Counters of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Threads that detect.
    pub workers: usize,
    /// Channels with handles.
    pub channels: usize,
    /// Samples that were processed, gaps included, at the channels' rates.
    pub samples: u64,
    /// Writes that found a ring full, on channels that are gone.
    pub overruns: u64,
    /// Of status callbacks.
    pub posts: WebhookStats,
}

/// How many workers a machine gets if nobody says: detection costs so little that more would only wake more.
const WORKERS_AUTO_MAX: usize = 4;
/// The most that can be asked for.
pub const WORKERS_MAX: usize = 64;

/// Locks; what a panic left is as good as ever.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    /// A core with `workers` threads; 0 is as many as the machine wants.
    pub fn start(workers: usize) -> Result<Arc<Self>, Error> {
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
        let core = Arc::new(Self {
            desks: (0..count).map(|_| Desk::default()).collect(),
            threads: Mutex::default(),
            closing: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            samples: AtomicU64::new(0),
            overruns: AtomicU64::new(0),
            dispatch: Mutex::default(),
            dispatch_wake: Condvar::new(),
            disks: Disks::default(),
            webhooks: Webhooks::new(),
        });
        LIVE_HANDLES.fetch_add(1, Ordering::Relaxed);
        for index in 0..count {
            let own = core.clone();
            if let Err(error) =
                core.spawn(&format!("earwig-{index}"), move || worker::run(&own, index))
            {
                core.close();
                return Err(error);
            }
        }
        Ok(core)
    }

    pub fn spawn(&self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = std::thread::Builder::new()
            .name(name.into())
            .spawn(run)
            .map_err(|e| {
                Error::new(
                    Status::ErrSystem,
                    format!("no thread could be started: {e}"),
                )
            })?;
        lock(&self.threads).push(thread);
        Ok(())
    }

    /// No new channels; the threads end when the last channel is freed.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        for desk in &self.desks {
            lock(&desk.inbox).awake = true;
            desk.wake.notify_one();
        }
        self.disks.call();
        self.webhooks.close(GRACE);
        let _queue = lock(&self.dispatch);
        self.dispatch_wake.notify_one();
    }

    /// Closes and waits until every thread has ended.
    pub fn shutdown(&self, timeout: Option<Duration>) -> Result<(), Error> {
        if self.open.load(Ordering::Acquire) > 0 {
            return Err(Error::new(Status::ErrBusy, "channels still live"));
        }
        self.close();
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut threads = std::mem::take(&mut *lock(&self.threads));
        while let Some(thread) = threads.pop() {
            while !thread.is_finished() {
                if deadline.is_some_and(|d| Instant::now() >= d) {
                    threads.push(thread);
                    lock(&self.threads).append(&mut threads);
                    return Err(Status::ErrTimeout.into());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            // A worker's panics are caught inside; should one slip out, its thread has ended all the same.
            let _ = thread.join();
        }
        Ok(())
    }

    /// Whether the engine's last handle is gone.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Whether the last channel is gone as well.
    pub fn is_over(&self) -> bool {
        self.is_closing() && self.open.load(Ordering::Acquire) == 0
    }

    /// Counters.
    pub fn stats(&self) -> EngineStats {
        EngineStats {
            workers: self.desks.len(),
            channels: self.open.load(Ordering::Relaxed),
            samples: self.samples.load(Ordering::Relaxed),
            overruns: self.overruns.load(Ordering::Relaxed),
            posts: self.webhooks.stats(),
        }
    }

    pub fn count(&self, samples: u64, overruns: u64) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
        self.overruns.fetch_add(overruns, Ordering::Relaxed);
    }

    // ---- workers ----

    pub fn desk(&self, worker: usize) -> &Desk {
        &self.desks[worker]
    }

    pub fn pick_worker(&self) -> usize {
        let load = |i: &usize| self.desks[*i].load.load(Ordering::Relaxed);
        (0..self.desks.len()).min_by_key(load).unwrap_or(0)
    }

    pub fn adopt(
        &self,
        worker: usize,
        channel: &Arc<Channel>,
        readers: [TapReader; 2],
    ) -> Result<(), Error> {
        // Counted first: the channel is uncounted when it is dropped, be it at the refusal below.
        LIVE_HANDLES.fetch_add(1, Ordering::Relaxed);
        let desk = &self.desks[worker];
        let mut inbox = lock(&desk.inbox);
        if self.is_closing() {
            return Err(Error::new(Status::ErrState, "the engine is shut down"));
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        desk.load.fetch_add(1, Ordering::Relaxed);
        inbox.new.push(NewChannel {
            channel: channel.clone(),
            readers,
        });
        inbox.awake = true;
        drop(inbox);
        desk.wake.notify_one();
        Ok(())
    }

    /// Asks a worker to look at a channel before its next round.
    pub fn attend(&self, worker: usize, slot: usize) {
        let desk = &self.desks[worker];
        let mut inbox = lock(&desk.inbox);
        // A channel without a place yet is looked at when it gets one.
        if slot != usize::MAX {
            inbox.attend.push(slot);
        }
        inbox.awake = true;
        drop(inbox);
        desk.wake.notify_one();
    }

    pub fn one_channel_opened(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    pub fn one_channel_closed(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }

    pub fn left_worker(&self, worker: usize) {
        self.desks[worker].load.fetch_sub(1, Ordering::Relaxed);
    }

    pub fn one_channel_freed(&self) {
        LIVE_HANDLES.fetch_sub(1, Ordering::Relaxed);
    }

    // ---- the dispatcher ----

    pub fn start_dispatcher(self: &Arc<Self>) -> Result<(), Error> {
        let mut dispatch = lock(&self.dispatch);
        if !dispatch.started {
            let own = self.clone();
            self.spawn("earwig-events", move || dispatch::run(&own))?;
            dispatch.started = true;
        }
        Ok(())
    }

    pub fn dispatch(&self, channel: Arc<Channel>) {
        let mut dispatch = lock(&self.dispatch);
        // A channel that is not taken is dropped after the lock is.
        let _left = if dispatch.ended {
            Some(channel)
        } else {
            dispatch.queue.push_back(channel);
            None
        };
        drop(dispatch);
        self.dispatch_wake.notify_one();
    }

    /// Waits for a channel whose events a callback wants; `None` when the engine has ended.
    pub fn next_dispatch(&self) -> Option<Arc<Channel>> {
        let mut dispatch = lock(&self.dispatch);
        loop {
            if let Some(channel) = dispatch.queue.pop_front() {
                return Some(channel);
            }
            if self.is_over() {
                dispatch.ended = true;
                return None;
            }
            // The last channel may close without a word, so the end is looked for now and then once it is near.
            dispatch = if self.is_closing() {
                let wait = self
                    .dispatch_wake
                    .wait_timeout(dispatch, Duration::from_millis(10));
                wait.unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.dispatch_wake
                    .wait(dispatch)
                    .unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        LIVE_HANDLES.fetch_sub(1, Ordering::Relaxed);
    }
}
