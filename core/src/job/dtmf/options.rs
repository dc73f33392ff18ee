//! Options of a collection.
#![forbid(unsafe_code)]

use super::digits::{DIGITS_MAX, DigitSet};
use crate::time::Timeout;
use crate::types::Error;

/// What a collection is asked for; the default is the seed's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtmfOptions {
    /// Clear the buffer first.
    pub clear: bool,
    /// Digits to get; 0 is as many as the buffer holds, 32.
    pub count: u8,
    /// How long to wait for the first digit.
    pub predigits_timeout: Timeout,
    /// How long to wait between digits.
    pub interdigit_timeout: Timeout,
    /// Digits that end the collection.
    pub end: DigitSet,
    /// How long the whole collection may take.
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
    /// The seed's range: a count over 32 is an error.
    pub fn checked_count(count: i64) -> Result<u8, Error> {
        u8::try_from(count)
            .ok()
            .filter(|&c| usize::from(c) <= DIGITS_MAX)
            .ok_or_else(|| {
                Error::invalid(format!("count is {count}: it must be 0 to {DIGITS_MAX}"))
            })
    }
}
