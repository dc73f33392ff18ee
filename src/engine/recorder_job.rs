//! A recording on its worker: the bytes of the call's recording on their way to storage.
#![forbid(unsafe_code)]

use super::storage::{FAULT, Finish, Spool};
use earwig_core::job::recorder::{RecorderResult, RecordingEnd, RecordingStart};
use earwig_core::time::Samples;
use earwig_core::types::RecorderCause;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A worker keeps bytes for this time, or up to this number, before it hands them to storage.
const HAND_OVER: Duration = Duration::from_millis(200);
const HAND_OVER_BYTES: usize = 16 * 1024;

/// What a worker needs to start a recording.
#[derive(Debug)]
pub struct NewRecorder {
    /// Number of the recording.
    pub job: u64,
    /// Options and file.
    pub start: RecordingStart,
    /// The way of its bytes.
    pub output: RecorderOutput,
}

/// The way of a recording's bytes to storage. Dropping it finishes the file.
pub struct RecorderOutput {
    spool: Arc<Spool>,
    handed_over: Instant,
}

impl std::fmt::Debug for RecorderOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecorderOutput")
    }
}

impl RecorderOutput {
    /// The output of a recording whose file has this spool.
    pub fn new(spool: Arc<Spool>) -> Self {
        Self {
            spool,
            handed_over: Instant::now(),
        }
    }

    /// Hands the bytes over if they are due; none are left in `bytes` then.
    pub fn write(&mut self, bytes: &mut Vec<u8>) {
        if bytes.len() >= HAND_OVER_BYTES || self.handed_over.elapsed() >= HAND_OVER {
            if !bytes.is_empty() {
                self.spool.push(bytes);
            }
            self.handed_over = Instant::now();
        }
    }

    /// Whether the file can no longer be written.
    pub fn failed(&self) -> bool {
        self.spool.failed()
    }

    /// Hands over the last bytes and has the file finished.
    pub fn finish(self, end: RecordingEnd) {
        let RecordingEnd {
            cause,
            started,
            ended,
            audio_detected,
            samples,
            mut bytes,
        } = end;
        if !bytes.is_empty() {
            self.spool.push(&mut bytes);
        }
        let mut result = unfinished(cause, started, ended);
        result.audio_detected = audio_detected;
        if samples.is_none() {
            result.error = FAULT.into();
        }
        self.spool.finish(Finish { result, samples });
    }
}

impl Drop for RecorderOutput {
    fn drop(&mut self) {
        // After `finish` the spool ignores this one.
        let result = unfinished(RecorderCause::Aborted, 0, 0);
        let samples = None;
        self.spool.finish(Finish { result, samples });
    }
}

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
