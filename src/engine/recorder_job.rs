//! The worker's side of a recording: passes the bytes of the call's recording to storage.
#![forbid(unsafe_code)]

use super::storage::{FAULT, Finish, WriteQueue};
use earwig_core::job::recorder::{RecorderResult, RecordingEnd, RecordingStart};
use earwig_core::time::Samples;
use earwig_core::types::RecorderCause;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A worker passes bytes to storage after this time, or from this number on.
const FLUSH_INTERVAL: Duration = Duration::from_millis(200);
const FLUSH_BYTES: usize = 16 * 1024;

/// What a worker needs to start a recording.
#[derive(Debug)]
pub struct NewRecorder {
    /// Number of the recording.
    pub job: u64,
    /// Options and file.
    pub start: RecordingStart,
    /// Destination of its bytes.
    pub output: RecorderOutput,
}

/// Destination of a recording's bytes. Dropping it finishes the file.
pub struct RecorderOutput {
    queue: Arc<WriteQueue>,
    flushed: Instant,
}

impl std::fmt::Debug for RecorderOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecorderOutput")
    }
}

impl RecorderOutput {
    /// The output to a file's queue.
    pub fn new(queue: Arc<WriteQueue>) -> Self {
        Self {
            queue,
            flushed: Instant::now(),
        }
    }

    /// Moves `bytes` to the queue if they are due.
    pub fn write(&mut self, bytes: &mut Vec<u8>) {
        if bytes.len() >= FLUSH_BYTES || self.flushed.elapsed() >= FLUSH_INTERVAL {
            if !bytes.is_empty() {
                self.queue.push(bytes);
            }
            self.flushed = Instant::now();
        }
    }

    /// Whether writing the file has failed.
    pub fn failed(&self) -> bool {
        self.queue.failed()
    }

    /// Moves the last bytes to the queue and ends it.
    pub fn finish(self, end: RecordingEnd) {
        let RecordingEnd {
            cause,
            started,
            ended,
            audio_detected,
            samples,
            mut bytes,
        } = end;
        let mut result = unfinished(cause, started, ended);
        result.audio_detected = audio_detected;
        if samples.is_none() {
            result.error = FAULT.into();
        }
        self.queue.finish(&mut bytes, Finish { result, samples });
    }
}

impl Drop for RecorderOutput {
    fn drop(&mut self) {
        // After `finish`, the queue ignores this second end.
        let result = unfinished(RecorderCause::Aborted, 0, 0);
        let samples = None;
        self.queue
            .finish(&mut Vec::new(), Finish { result, samples });
    }
}

/// A result without the values that storage fills in.
fn unfinished(cause: RecorderCause, started: Samples, ended: Samples) -> RecorderResult {
    RecorderResult {
        cause,
        started,
        ended,
        audio_detected: false,
        duration_ms: 0,
        bytes: 0,
        error: String::new(),
    }
}
