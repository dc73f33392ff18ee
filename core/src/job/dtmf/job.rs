//! The state machine of `get_digits`: digits and media time go in, the result comes out once.
//!
//! - The digits in the buffer are examined before the first wait.
//! - `end` wins over `count`; a digit wins over a timeout at the same sample.
//! - `count = 0` ends at 32 digits with COUNT.
//! - `seconds_predigits_timeout` runs from the start until the first digit; zero returns at once.
//! - `seconds_interdigit_timeout` runs from the start, and again from each digit, whether its key is still held or not. Zero
//!   returns at once after the first digit.
//! - `seconds_timeout` runs from the start, independent of digits.
//! - A return at once with no condition met has the cause NONE.
#![forbid(unsafe_code)]

use super::{DIGITS_MAX, DigitBuffer, DtmfOptions, DtmfResult};
use crate::time::Samples;
use crate::types::DtmfCause;

/// A running collection. Times are media time.
#[derive(Clone, Debug)]
pub struct DtmfJob {
    options: DtmfOptions,
    started: Samples,
    /// Start of the interdigit timeout.
    interdigit_start: Samples,
}

impl DtmfJob {
    /// Starts a collection at `now`. `Err` is the result of a collection that ends at once.
    pub fn start(
        options: DtmfOptions,
        now: Samples,
        buffer: &mut DigitBuffer,
    ) -> Result<Self, DtmfResult> {
        if options.clear {
            buffer.clear();
        }
        let job = Self {
            options,
            started: now,
            interdigit_start: now,
        };
        match job.examine(now, buffer) {
            Some(result) => Err(result),
            None => Ok(job),
        }
    }

    /// A digit was added to the buffer at `at`. The caller calls [`DtmfJob::expire_before`] with the same time first.
    pub fn digit(&mut self, at: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        self.interdigit_start = self.interdigit_start.max(at);
        self.examine(at.max(self.started), buffer)
    }

    /// Every digit that began before `now` has been reported: expires timeouts before `now`, not one at `now`.
    pub fn expire_before(&mut self, now: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        let deadline = self.deadline(buffer)?;
        (deadline < now).then(|| self.end(DtmfCause::Timeout, buffer.len(), deadline, buffer))
    }

    /// Every digit that began up to `now` has been reported: expires timeouts up to and including `now`.
    pub fn expire_until(&mut self, now: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        self.expire_before(now.saturating_add(1), buffer)
    }

    /// The call hung up: ends with HANGUP and the digits so far.
    pub fn hangup(&self, now: Samples, buffer: &mut DigitBuffer) -> DtmfResult {
        self.end(DtmfCause::Hangup, buffer.len(), now, buffer)
    }

    /// The host stopped the collection: ends with NONE and the digits so far.
    pub fn stop(&self, now: Samples, buffer: &mut DigitBuffer) -> DtmfResult {
        self.end(DtmfCause::None, buffer.len(), now, buffer)
    }

    /// Time of the next timeout; `None` if none runs.
    fn deadline(&self, buffer: &DigitBuffer) -> Option<Samples> {
        let digit_timeout = if buffer.is_empty() {
            self.options.predigits_timeout.deadline(self.started)
        } else {
            self.options
                .interdigit_timeout
                .deadline(self.interdigit_start)
        };
        [digit_timeout, self.options.timeout.deadline(self.started)]
            .into_iter()
            .flatten()
            .min()
    }

    /// Ends the collection if the digits in the buffer meet a condition.
    fn examine(&self, now: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        let count = match usize::from(self.options.count) {
            0 => DIGITS_MAX,
            count => count,
        };
        let end = buffer
            .iter()
            .take(count)
            .position(|d| self.options.end.contains(d));
        if let Some(end) = end {
            return Some(self.end(DtmfCause::End, end + 1, now, buffer));
        }
        if buffer.len() >= count {
            return Some(self.end(DtmfCause::Count, count, now, buffer));
        }
        let at_once = self.options.predigits_timeout.is_zero()
            || (!buffer.is_empty() && self.options.interdigit_timeout.is_zero());
        at_once.then(|| self.end(DtmfCause::None, buffer.len(), now, buffer))
    }

    fn end(
        &self,
        cause: DtmfCause,
        take: usize,
        ended: Samples,
        buffer: &mut DigitBuffer,
    ) -> DtmfResult {
        DtmfResult {
            cause,
            digits: buffer.take(take),
            started: self.started,
            ended,
        }
    }
}

#[cfg(test)]
mod tests;
