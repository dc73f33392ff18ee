//! The bytes of one recording between its worker and its writer thread.
#![forbid(unsafe_code)]

use super::writer::Writer;
use crate::engine::sync::{lock, lock_soon};
use earwig_core::job::recorder::RecorderResult;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
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
    /// The bytes in the pieces in which they came: nothing is copied, grown or freed under the lock.
    pieces: Vec<Vec<u8>>,
    bytes: usize,
    /// Arrival of the oldest of them.
    since: Option<Instant>,
    finish: Option<Finish>,
    /// Error text of the first failure.
    failure: Option<String>,
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

    /// Moves `bytes` into the queue; `bytes` is empty afterwards. Moves nothing if the writer was preempted while it held the lock.
    pub fn push(&self, bytes: &mut Vec<u8>) {
        if let Some(pending) = lock_soon(&self.pending) {
            self.push_locked(pending, bytes);
        }
    }

    fn push_locked(&self, mut pending: MutexGuard<'_, Pending>, bytes: &mut Vec<u8>) {
        let piece = std::mem::replace(bytes, Vec::with_capacity(bytes.len()));
        let since = *pending.since.get_or_insert_with(Instant::now);
        if since.elapsed() > MAX_LAG || pending.bytes > MAX_BYTES {
            let text = || "the disk is too slow".into();
            pending.failure.get_or_insert_with(text);
            self.failed.store(true, Ordering::Release);
        }
        if pending.failure.is_none() {
            pending.bytes += piece.len();
            pending.pieces.push(piece);
        }
        let is_long = pending.bytes > WAKE_BYTES;
        drop(pending);
        if is_long {
            self.writer.wake();
        }
    }

    /// Whether writing has failed.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Moves the last bytes into the queue and ends it. Calls after the first have no effect.
    pub fn finish(&self, bytes: &mut Vec<u8>, finish: Finish) {
        let mut pending = lock(&self.pending);
        if pending.finish.is_none() {
            pending.finish = Some(finish);
            self.push_locked(pending, bytes);
        }
        self.writer.wake();
    }

    // ---- writer ----

    /// Swaps the queued bytes with `pieces`, which is empty; after a failure it stays empty. Returns the end of the recording, once it
    /// has ended.
    pub fn take(&self, pieces: &mut Vec<Vec<u8>>) -> Option<Finish> {
        let (finish, failed) = {
            let mut pending = lock(&self.pending);
            std::mem::swap(&mut pending.pieces, pieces);
            pending.bytes = 0;
            pending.since = None;
            (pending.finish.clone(), pending.failure.is_some())
        };
        if failed {
            pieces.clear();
        }
        finish
    }

    /// Records a failure: the worker ends the recording, and the queued bytes are dropped.
    pub fn fail(&self, text: String) {
        lock(&self.pending).failure.get_or_insert(text);
        self.failed.store(true, Ordering::Release);
    }

    /// Takes the error text of the first failure.
    pub fn take_failure(&self) -> Option<String> {
        lock(&self.pending).failure.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use earwig_core::types::RecorderCause;

    fn finish() -> Finish {
        let result = RecorderResult {
            cause: RecorderCause::Aborted,
            started: 0,
            ended: 0,
            audio_detected: false,
            duration_ms: 0,
            bytes: 0,
            error: String::new(),
        };
        let samples = None;
        Finish { result, samples }
    }

    fn queue() -> WriteQueue {
        WriteQueue::new(Arc::new(Writer::default()))
    }

    #[test]
    fn the_writer_gets_all_bytes_in_order_and_then_the_end() {
        let (queue, mut pieces) = (queue(), Vec::new());
        let mut bytes = vec![1, 2];
        queue.push(&mut bytes);
        assert!(bytes.is_empty());
        queue.push(&mut vec![3]);
        assert!(queue.take(&mut pieces).is_none());
        assert_eq!(pieces, [vec![1, 2], vec![3]]);
        pieces.clear();
        queue.finish(&mut vec![4], finish());
        queue.finish(&mut vec![5], finish());
        assert!(queue.take(&mut pieces).is_some());
        assert_eq!(pieces.concat(), [4]);
    }

    #[test]
    fn after_a_failure_nothing_is_written_and_its_first_text_is_kept() {
        let (queue, mut pieces) = (queue(), Vec::new());
        queue.push(&mut vec![1]);
        queue.fail("full".into());
        queue.fail("again".into());
        queue.push(&mut vec![2]);
        queue.take(&mut pieces);
        assert!(queue.failed() && pieces.is_empty());
        assert_eq!(queue.take_failure().as_deref(), Some("full"));
    }

    #[test]
    fn a_disk_that_cannot_follow_fails_the_recording() {
        let queue = queue();
        for _ in 0..=MAX_BYTES / (1 << 20) + 1 {
            queue.push(&mut vec![0; 1 << 20]);
        }
        assert!(queue.failed());
        assert!(queue.take_failure().unwrap().contains("too slow"));
    }
}
