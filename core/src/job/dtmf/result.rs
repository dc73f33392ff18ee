//! Result of a collection.
#![forbid(unsafe_code)]

use crate::time::Samples;
use crate::types::DtmfCause;

/// How a collection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtmfResult {
    /// Why.
    pub cause: DtmfCause,
    /// The digits; they have left the buffer.
    pub digits: String,
    /// When it started.
    pub started: Samples,
    /// When it ended: a timeout's own moment, not that at which it was noticed.
    pub ended: Samples,
}
