//! Options of a collection.
#![forbid(unsafe_code)]

use super::digits::{DIGITS_MAX, DigitSet};
use crate::time::Timeout;
use crate::types::Error;

/// Options of a collection; the defaults are those of the contract (docs/reference/contract.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtmfOptions {
    /// Clear the digit buffer first.
    pub clear: bool,
    /// Digits to collect, 0 to 32; 0 means 32.
    pub count: u8,
    /// Limit on the wait for the first digit.
    pub predigits_timeout: Timeout,
    /// Limit on the wait for each further digit.
    pub interdigit_timeout: Timeout,
    /// Digits that end the collection.
    pub end: DigitSet,
    /// Limit on the whole collection.
    pub timeout: Timeout,
}

impl Default for DtmfOptions {
    fn default() -> Self {
        Self {
            clear: false,
            count: 0,
            predigits_timeout: Timeout::After(0),
            interdigit_timeout: Timeout::ms(5000),
            end: DigitSet::default(),
            timeout: Timeout::Forever,
        }
    }
}

impl DtmfOptions {
    /// Checks a count from the host; a count outside 0 to 32 is ERR_INVALID.
    pub fn checked_count(count: i64) -> Result<u8, Error> {
        u8::try_from(count)
            .ok()
            .filter(|&c| usize::from(c) <= DIGITS_MAX)
            .ok_or_else(|| {
                Error::invalid(format!("count is {count}: it must be 0 to {DIGITS_MAX}"))
            })
    }
}
