//! `get_digits`: the digit buffer and the collection of digits from it.
#![forbid(unsafe_code)]

mod dedup;
mod digits;
mod job;
mod options;
mod result;

pub use dedup::Dedup;
pub use digits::{ALPHABET, DIGITS_MAX, DigitBuffer, DigitSet, digit};
pub use job::DtmfJob;
pub use options::DtmfOptions;
pub use result::DtmfResult;
