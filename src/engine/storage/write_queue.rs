//! The bytes of one recording between its worker and its writer thread.
#![forbid(unsafe_code)]

use super::writer::Writer;
use crate::engine::sync::lock;
use earwig_core::job::recorder::RecorderResult;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest lag of the writer, after which the recording fails.
const MAX_LAG: Duration = Duration::from_secs(30);

/// Largest number of queued bytes, above which the recording fails.
const MAX_BYTES: usize = 256 << 20;

/// Queued bytes above which the writer is woken at once: a host may feed audio faster than real time.
const WAKE_BYTES: usize = 256 << 10;

/// The end of a recording, from its worker.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Cause, times and `audio_detected`; the writer fills in the other fields.
    pub result: RecorderResult,
    /// Samples of each channel in the complete file; `None`: all that were written.
    pub samples: Option<u64>,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    /// Arrival of the oldest of them.
    since: Option<Instant>,
    finish: Option<Finish>,
    /// Error text of the first failure.
    failure: Option<String>,
}

impl Pending {
    /// Records a failure and drops the queued bytes.
    fn fail(&mut self, text: String) {
        self.failure.get_or_insert(text);
        self.bytes = Vec::new();
    }
}

/// The bytes of one recording between its worker and the writer thread.
pub struct WriteQueue {
    pending: Mutex<Pending>,
    failed: AtomicBool,
    writer: Arc<Writer>,
}

impl WriteQueue {
    /// An empty queue to `writer`.
    pub fn new(writer: Arc<Writer>) -> Self {
        Self {
            pending: Mutex::default(),
            failed: AtomicBool::new(false),
            writer,
        }
    }

    // ---- worker ----

    /// Moves `bytes` into the queue; `bytes` is empty afterwards.
    pub fn push(&self, bytes: &mut Vec<u8>) {
        let mut pending = lock(&self.pending);
        let since = *pending.since.get_or_insert_with(Instant::now);
        if since.elapsed() > MAX_LAG || pending.bytes.len() > MAX_BYTES {
            pending.fail("the disk is too slow".into());
            self.failed.store(true, Ordering::Release);
        }
        if pending.failure.is_none() {
            pending.bytes.append(bytes);
        }
        bytes.clear();
        if pending.bytes.len() > WAKE_BYTES {
            self.writer.wake();
        }
    }

    /// Whether writing has failed.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Ends the queue. Calls after the first have no effect.
    pub fn finish(&self, finish: Finish) {
        lock(&self.pending).finish.get_or_insert(finish);
        self.writer.wake();
    }

    // ---- writer ----

    /// Swaps the queued bytes with `buffer`, which is empty. Returns the end of the recording, once it has ended.
    pub fn take(&self, buffer: &mut Vec<u8>) -> Option<Finish> {
        let mut pending = lock(&self.pending);
        std::mem::swap(&mut pending.bytes, buffer);
        pending.since = None;
        pending.finish.clone()
    }

    /// Records a failure: the worker ends the recording.
    pub fn fail(&self, text: String) {
        lock(&self.pending).fail(text);
        self.failed.store(true, Ordering::Release);
    }

    /// Takes the error text of the first failure.
    pub fn take_failure(&self) -> Option<String> {
        lock(&self.pending).failure.take()
    }
}
