//! The collection of digits: the seed's `get_digits`, as a machine that is told what came and when.
//!
//! It is driven by three facts: a digit stands in the buffer, its tone is over, time has passed. What it answers is an
//! ending, once. Rules, under the seed's words:
//!
//! - Digits in the buffer are looked at before anything is waited for.
//! - `end` beats `count`; a digit beats a timeout that falls on the same sample.
//! - `count = 0` ends at 32 digits with COUNT.
//! - `seconds_predigits_timeout` runs from the start and only while no digit is there; zero returns at once.
//! - `seconds_interdigit_timeout` runs from the latest of the start, a digit, and the end of a digit's tone (it does not
//!   run while a key is held down); zero returns at once after the first digit.
//! - `seconds_timeout` runs from the start, whatever comes.
//! - Returning at once with no condition met is NONE.
#![forbid(unsafe_code)]

use super::{DIGITS_MAX, DigitBuffer, DtmfOptions, DtmfResult};
use crate::time::Samples;
use crate::types::DtmfCause;

/// A collection that runs.
#[derive(Clone, Debug)]
pub struct DtmfJob {
    options: DtmfOptions,
    started: Samples,
    /// From when the interdigit timeout runs.
    last: Samples,
    /// A key is held down: the interdigit timeout does not run.
    held: bool,
}

impl DtmfJob {
    /// Starts at `now`; `Err` is an ending, which may come at once.
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
            last: now,
            held: false,
        };
        match job.examine(now, buffer) {
            Some(ended) => Err(ended),
            None => Ok(job),
        }
    }

    /// A digit was put into the buffer at `at`; `held`: its tone lasts, and [`DtmfJob::tone_over`] will follow.
    /// To be called after [`DtmfJob::time_before`] of the same moment.
    pub fn digit(
        &mut self,
        at: Samples,
        held: bool,
        buffer: &mut DigitBuffer,
    ) -> Option<DtmfResult> {
        self.last = self.last.max(at);
        self.held = held;
        self.examine(at.max(self.started), buffer)
    }

    /// The tone of the latest digit ended at `at`.
    pub fn tone_over(&mut self, at: Samples) {
        self.last = self.last.max(at);
        self.held = false;
    }

    /// Every digit that began before `now` has been told: timeouts before it run out, one at `now` itself does not.
    pub fn time_before(&mut self, now: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        let deadline = self.deadline(buffer)?;
        (deadline < now).then(|| self.end(DtmfCause::Timeout, buffer.len(), deadline, buffer))
    }

    /// Every digit that began up to `now` has been told: timeouts up to it run out.
    pub fn time(&mut self, now: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        self.time_before(now.saturating_add(1), buffer)
    }

    /// The call hung up.
    pub fn hangup(&self, now: Samples, buffer: &mut DigitBuffer) -> DtmfResult {
        self.end(DtmfCause::Hangup, buffer.len(), now, buffer)
    }

    /// The host wants no more: what has come is returned, with NONE.
    pub fn stop(&self, now: Samples, buffer: &mut DigitBuffer) -> DtmfResult {
        self.end(DtmfCause::None, buffer.len(), now, buffer)
    }

    fn deadline(&self, buffer: &DigitBuffer) -> Option<Samples> {
        let waiting = if buffer.is_empty() {
            self.options.predigits_timeout.deadline(self.started)
        } else if self.held {
            None
        } else {
            self.options.interdigit_timeout.deadline(self.last)
        };
        [waiting, self.options.timeout.deadline(self.started)]
            .into_iter()
            .flatten()
            .min()
    }

    fn examine(&self, now: Samples, buffer: &mut DigitBuffer) -> Option<DtmfResult> {
        let wanted = match usize::from(self.options.count) {
            0 => DIGITS_MAX,
            count => count,
        };
        let end = buffer
            .iter()
            .take(wanted)
            .position(|d| self.options.end.contains(d));
        if let Some(end) = end {
            return Some(self.end(DtmfCause::End, end + 1, now, buffer));
        }
        if buffer.len() >= wanted {
            return Some(self.end(DtmfCause::Count, wanted, now, buffer));
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
