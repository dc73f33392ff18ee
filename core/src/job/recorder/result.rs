//! Result of a recording.
#![forbid(unsafe_code)]

use crate::time::Samples;
use crate::types::RecorderCause;

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderResult {
    /// Why.
    pub cause: RecorderCause,
    /// When it started.
    pub started: Samples,
    /// When it ended: a limit's own moment.
    pub ended: Samples,
    /// Whether there was audio in it.
    pub audio_detected: bool,
    /// The length of the audio in the file.
    pub duration_ms: u64,
    /// Its bytes.
    pub bytes: u64,
    /// What went wrong, if the cause is ERROR.
    pub error: String,
}
