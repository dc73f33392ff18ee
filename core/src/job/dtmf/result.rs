//! Result of a collection.
#![forbid(unsafe_code)]

use crate::time::Samples;
use crate::types::DtmfCause;

/// How a collection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtmfResult {
    /// Why it ended.
    pub cause: DtmfCause,
    /// Digits collected; they are removed from the buffer.
    pub digits: String,
    /// Media time at the start.
    pub started: Samples,
    /// Media time at the end; after a timeout, the time at which it expired.
    pub ended: Samples,
}
