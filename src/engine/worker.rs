//! A worker: a thread that serves its channels every 10 ms.
//!
//! Nothing that the host does holds it: what may block runs on other threads, locks are held briefly, and a channel with a backlog
//! takes turns with the others.
#![forbid(unsafe_code)]

use super::channel::NewChannel;
use super::dispatch::Task;
use super::mailbox::Mailbox;
use super::served::{Progress, Served};
use super::shared::EngineShared;
use super::sync::Threads;
use super::worker_log::log;
use log::Level;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Interval between two rounds.
const TICK: Duration = Duration::from_millis(10);

/// Delay of a round above which it is logged, and interval between two such lines.
const LATE: Duration = Duration::from_millis(100);
const LATE_LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Runs until the engine is closed and the last channel is freed.
pub fn run(shared: &Arc<EngineShared>, index: usize) {
    let mailbox = shared.mailbox(index);
    let mut channels = Channels::default();
    let mut late = LateRounds::default();
    let mut next_round = Instant::now() + TICK;
    loop {
        let was_idle = channels.is_empty();
        let until = if channels.unfinished.is_empty() {
            (!was_idle).then_some(next_round)
        } else {
            Some(Instant::now())
        };
        let (new, mut slots) = mailbox.wait(until);
        slots.extend(new.into_iter().map(|new| channels.add(new)));
        let now = Instant::now();
        let mut samples = 0;
        if now >= next_round {
            if !was_idle {
                late.note(index, now - next_round, now);
            }
            // A late worker skips the rounds that it missed.
            next_round = (next_round + TICK).max(now);
            for slot in 0..channels.slots.len() {
                samples += channels.serve(slot, shared, mailbox, now);
            }
        } else {
            slots.sort_unstable();
            slots.dedup();
            for slot in slots {
                samples += channels.serve(slot, shared, mailbox, now);
            }
            for _ in 0..channels.unfinished.len() {
                let slot = channels.unfinished.pop_front().unwrap_or(usize::MAX);
                samples += channels.serve(slot, shared, mailbox, now);
                if Instant::now() >= next_round {
                    break;
                }
            }
        }
        shared.count(samples, 0);
        if shared.is_closing() && channels.is_empty() && !mailbox.has_new() {
            return;
        }
    }
}

/// Rounds that began late: the machine is overloaded, or something holds the worker.
#[derive(Default)]
struct LateRounds {
    count: u64,
    worst: Duration,
    logged: Option<Instant>,
}

impl LateRounds {
    /// Counts a round that began `late`, and logs now and then.
    fn note(&mut self, worker: usize, late: Duration, now: Instant) {
        if late < LATE {
            return;
        }
        self.count += 1;
        self.worst = self.worst.max(late);
        if self
            .logged
            .is_some_and(|logged| now - logged < LATE_LOG_INTERVAL)
        {
            return;
        }
        self.logged = Some(now);
        let Self { count, worst, .. } = self;
        log(
            Level::Warn,
            module_path!(),
            format_args!(
                "worker {worker} is late: by {} ms now, by up to {} ms in {count} rounds so far",
                late.as_millis(),
                worst.as_millis()
            ),
        );
    }
}

/// The channels of one worker, each in a slot of its own.
#[derive(Default)]
struct Channels {
    slots: Vec<Option<Served>>,
    free: Vec<usize>,
    /// Slots of channels that have more to process than one turn.
    unfinished: VecDeque<usize>,
}

impl Channels {
    fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// Adds a channel and returns its slot.
    fn add(&mut self, new: NewChannel) -> usize {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        new.channel.set_slot(slot);
        self.slots[slot] = Some(Served::new(new));
        slot
    }

    /// Serves one channel for one turn; frees it if its last handle is gone. Returns the samples of RX that were processed.
    fn serve(
        &mut self,
        slot: usize,
        shared: &EngineShared,
        mailbox: &Mailbox,
        now: Instant,
    ) -> u64 {
        let Some(Some(served)) = self.slots.get_mut(slot) else {
            return 0;
        };
        // Read first: nothing is written after the last handle is gone.
        let closed = served.channel().is_closed();
        let turn = catch_unwind(AssertUnwindSafe(|| served.serve(now)));
        let (samples, progress) = turn.unwrap_or_else(|_| {
            let name = served.channel().name();
            log(
                Level::Error,
                module_path!(),
                format_args!("{name}: a fault was caught; its jobs end with ERROR"),
            );
            served.fail();
            (0, Progress::Done)
        });
        match progress {
            Progress::Done if closed => {
                served.close();
                // The host's destructor may block.
                if let Some(callback) = served.channel().take_callback() {
                    shared.dispatcher().add(Task::Drop(callback));
                }
                shared.count(0, served.channel().overruns());
                mailbox.remove();
                self.slots[slot] = None;
                self.free.push(slot);
            }
            Progress::More if !self.unfinished.contains(&slot) => self.unfinished.push_back(slot),
            _ => {}
        }
        samples
    }
}
