//! Result of a recording.
#![forbid(unsafe_code)]

use crate::time::Samples;
use crate::types::RecorderCause;

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderResult {
    /// Why it ended.
    pub cause: RecorderCause,
    /// Media time at the start.
    pub started: Samples,
    /// Media time at the end; after a limit, the time at which it was reached.
    pub ended: Samples,
    /// Whether the recording contains audio above the silence threshold.
    pub audio_detected: bool,
    /// Length of the audio in the file, ms.
    pub duration_ms: u64,
    /// Bytes of audio in the file.
    pub bytes: u64,
    /// Error text if the cause is ERROR, else empty.
    pub error: String,
}
