//! The dispatcher: threads that run the hosts' callbacks, so that a slow callback delays neither detection nor, up to a limit, the
//! callbacks of other channels.
#![forbid(unsafe_code)]

use super::channel::{Callback, Channel, in_callback};
use super::shared::EngineShared;
use super::sync::{Threads, lock, wait_until};
use earwig_core::types::Error;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};

/// Events of one channel that are delivered before the next channel is served.
const TURN: usize = 16;

/// Largest number of threads. So many callbacks that stall at the same time stop all others.
const THREADS_MAX: usize = 8;

/// Work for a thread of the dispatcher.
pub enum Task {
    /// Delivers the events of a channel. A channel is queued at most once.
    Deliver(Arc<Channel>),
    /// Drops the callback of a channel that is freed, which calls the host's destructor.
    Drop(Callback),
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    /// Threads that run, and those of them that wait for a task.
    threads: usize,
    idle: usize,
    /// The threads end: a task added now would never be removed, and would keep the engine alive.
    ended: bool,
}

/// The queue of an engine's dispatcher. Any thread may add to it.
#[derive(Default)]
pub struct Dispatcher {
    queue: Mutex<Queue>,
    wake: Condvar,
    /// Held while the first thread is started; no worker takes it.
    starting: Mutex<()>,
}

impl Dispatcher {
    /// Adds a task.
    pub fn add(&self, task: Task) {
        let refused = {
            let mut queue = lock(&self.queue);
            if queue.ended {
                Some(task)
            } else {
                queue.tasks.push_back(task);
                None
            }
        };
        self.wake.notify_one();
        drop(refused);
    }

    /// Ends the threads once the queue is empty: the last channel is freed.
    pub fn end(&self) {
        lock(&self.queue).ended = true;
        self.wake.notify_all();
    }

    /// Waits for a task; `None` when the threads end. The second value: no other thread waits for the next task, and one may start.
    fn next(&self) -> Option<(Task, bool)> {
        let mut queue = lock(&self.queue);
        queue.idle += 1;
        loop {
            if let Some(task) = queue.tasks.pop_front() {
                queue.idle -= 1;
                let grow = queue.idle == 0 && queue.threads < THREADS_MAX;
                queue.threads += usize::from(grow);
                return Some((task, grow));
            }
            if queue.ended {
                return None;
            }
            queue = wait_until(&self.wake, queue, None).unwrap_or_else(|guard| guard);
        }
    }
}

/// Starts the first thread, unless there is one.
pub fn start(engine: &Arc<EngineShared>) -> Result<(), Error> {
    let dispatcher = engine.dispatcher();
    let _starting = lock(&dispatcher.starting);
    {
        let mut queue = lock(&dispatcher.queue);
        if queue.threads > 0 {
            return Ok(());
        }
        queue.threads = 1;
    }
    start_thread(engine)
}

/// Starts a thread that is already counted.
fn start_thread(engine: &Arc<EngineShared>) -> Result<(), Error> {
    let own = engine.clone();
    let started = engine.spawn("earwig-events", Box::new(move || run(&own)));
    if started.is_err() {
        lock(&engine.dispatcher().queue).threads -= 1;
    }
    started
}

/// Runs until the engine ends.
fn run(engine: &Arc<EngineShared>) {
    let dispatcher = engine.dispatcher();
    while let Some((task, grow)) = dispatcher.next() {
        // Started before the task, which may stall. Without it the tasks that follow wait for this one.
        if grow && let Err(error) = start_thread(engine) {
            log::warn!("callbacks of other channels may wait: {error}");
        }
        let end = match task {
            Task::Deliver(channel) => deliver(channel),
            Task::Drop(callback) => {
                let dropping = AssertUnwindSafe(|| in_callback(|| drop(callback)));
                if catch_unwind(dropping).is_err() {
                    log::error!("the destructor of a callback panicked");
                }
                None
            }
        };
        if let Some(channel) = end {
            dispatcher.add(Task::Deliver(channel));
        }
    }
}

/// Delivers up to [`TURN`] events. Returns the channel if it may have more.
fn deliver(channel: Arc<Channel>) -> Option<Arc<Channel>> {
    for _ in 0..TURN {
        let (callback, event) = channel.next_for_callback()?;
        let call = AssertUnwindSafe(|| in_callback(|| callback(&channel, &event)));
        if catch_unwind(call).is_err() {
            log::error!("{}: a callback panicked", channel.name());
        }
        drop(callback);
        channel.unpin();
    }
    Some(channel)
}
