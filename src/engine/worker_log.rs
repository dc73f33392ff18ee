//! Log lines of workers. The logger is the host's and may block, so a worker only queues its lines; a thread of the engine logs
//! them.
#![forbid(unsafe_code)]

use log::Level;
use std::cell::RefCell;
use std::fmt::Arguments;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Lines that wait for the logger. Further ones are dropped and counted.
const CAPACITY: usize = 256;

thread_local! {
    /// The queue of this thread, if it is a worker.
    static LINES: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// A line, and the module that wrote it.
struct Line {
    level: Level,
    target: &'static str,
    text: String,
}

/// The queue's end at a worker. The logging thread ends after the last one is dropped.
#[derive(Clone)]
pub struct Lines {
    queue: SyncSender<Line>,
    dropped: Arc<AtomicU64>,
}

/// The queue's end at the logging thread.
pub struct LogThread {
    queue: Receiver<Line>,
    dropped: Arc<AtomicU64>,
}

/// Creates a queue.
pub fn queue() -> (Lines, LogThread) {
    let (sender, receiver) = sync_channel(CAPACITY);
    let dropped = Arc::new(AtomicU64::new(0));
    let lines = Lines {
        queue: sender,
        dropped: dropped.clone(),
    };
    let queue = receiver;
    (lines, LogThread { queue, dropped })
}

impl Lines {
    /// Makes this thread queue its lines. Returns when `worker` does.
    pub fn during(self, worker: impl FnOnce()) {
        LINES.set(Some(self));
        worker();
        LINES.set(None);
    }

    fn push(&self, line: Line) {
        if self.queue.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Logs a line of `target`: on a worker through its queue, on any other thread at once.
pub fn log(level: Level, target: &'static str, text: Arguments<'_>) {
    if level > log::max_level() {
        return;
    }
    LINES.with_borrow(|lines| match lines {
        Some(lines) => lines.push(Line {
            level,
            target,
            text: text.to_string(),
        }),
        None => log::log!(target: target, level, "{text}"),
    });
}

impl LogThread {
    /// Logs the lines until the last worker has ended.
    pub fn run(self) {
        for line in self.queue {
            let Line {
                level,
                target,
                text,
            } = line;
            write(level, target, &text);
            // The queue was full, and still has lines, so another round follows any loss.
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                let text = format!("{dropped} log lines were dropped: the logger is too slow");
                write(Level::Warn, target, &text);
            }
        }
    }
}

/// Calls the host's logger, whose panic ends neither the thread nor later lines.
fn write(level: Level, target: &'static str, text: &str) {
    let _ = catch_unwind(AssertUnwindSafe(
        || log::log!(target: target, level, "{text}"),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            level: Level::Warn,
            target: "test",
            text: text.into(),
        }
    }

    #[test]
    fn a_full_queue_drops_and_counts_lines_and_never_blocks() {
        let (lines, thread) = queue();
        for _ in 0..CAPACITY + 3 {
            lines.push(line("full"));
        }
        assert_eq!(thread.dropped.load(Ordering::Relaxed), 3);
        drop(lines);
        assert_eq!(thread.queue.iter().count(), CAPACITY);
    }

    #[test]
    fn lines_without_a_thread_are_dropped() {
        let (lines, thread) = queue();
        drop(thread);
        lines.push(line("late"));
        assert_eq!(lines.dropped.load(Ordering::Relaxed), 1);
    }
}
