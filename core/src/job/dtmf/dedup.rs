//! Counts a key press once that arrives both in-band and by signalling.
#![forbid(unsafe_code)]

use crate::time::{Samples, from_ms};
use crate::types::DigitSource;
use std::collections::VecDeque;

/// Longest interval between the signalling and the tone of one key press, ms. SIP INFO is sent after the key is released, and
/// each path has its own jitter buffer.
const WINDOW_MS: u64 = 500;

/// Presses kept for comparison; a fast dialler makes 6 within the window.
const MAX_UNPAIRED: usize = 16;

/// Pairs each press of one source with at most one press of the other, in order of arrival, so that a fast `11` stays two
/// digits.
#[derive(Clone, Debug, Default)]
pub struct Dedup {
    /// Presses that only one source has reported, oldest first.
    unpaired: VecDeque<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    digit: u8,
    source: DigitSource,
    start: Samples,
    end: Samples,
}

impl Dedup {
    /// Takes in a press from `start` to `end`. Returns `true` if it is new, `false` if the other source has reported it. For a
    /// tone that still sounds, `end` is `Samples::MAX`; [`Dedup::tone_ended`] sets it later.
    pub fn is_new(&mut self, digit: u8, source: DigitSource, start: Samples, end: Samples) -> bool {
        let window = from_ms(WINDOW_MS);
        self.unpaired
            .retain(|p| p.end.saturating_add(window) >= start);
        let pair = self.unpaired.iter().position(|p| {
            p.digit == digit
                && p.source != source
                && p.start <= end.saturating_add(window)
                && start <= p.end.saturating_add(window)
        });
        if let Some(pair) = pair {
            self.unpaired.remove(pair);
            return false;
        }
        if self.unpaired.len() == MAX_UNPAIRED {
            self.unpaired.pop_front();
        }
        self.unpaired.push_back(Press {
            digit,
            source,
            start,
            end,
        });
        true
    }

    /// Sets the end of the in-band press that began at `start`.
    pub fn tone_ended(&mut self, start: Samples, end: Samples) {
        if let Some(press) = self
            .unpaired
            .iter_mut()
            .find(|p| p.source == DigitSource::Inband && p.start == start)
        {
            press.end = end;
        }
    }

    /// Forgets all presses.
    pub fn clear(&mut self) {
        self.unpaired.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DigitSource::{Inband, Signalling};

    fn new(m: &mut Dedup, digit: u8, source: DigitSource, start_ms: u64, end_ms: u64) -> bool {
        m.is_new(digit, source, from_ms(start_ms), from_ms(end_ms))
    }

    #[test]
    fn a_press_in_band_and_by_signalling_counts_once_in_either_order() {
        let mut m = Dedup::default();
        assert!(new(&mut m, b'5', Inband, 1000, 1000));
        assert!(!new(&mut m, b'5', Signalling, 1010, 1110));
        assert!(new(&mut m, b'6', Signalling, 2000, 2100));
        assert!(!new(&mut m, b'6', Inband, 2060, 2060));
    }

    #[test]
    fn two_fast_presses_of_a_key_stay_two() {
        let mut m = Dedup::default();
        assert!(new(&mut m, b'1', Inband, 0, 0));
        assert!(new(&mut m, b'1', Inband, 93, 93));
        assert!(!new(&mut m, b'1', Signalling, 150, 200));
        assert!(!new(&mut m, b'1', Signalling, 243, 293));
        assert!(new(&mut m, b'1', Signalling, 400, 450));
    }

    #[test]
    fn a_long_press_signalled_at_its_end_counts_once() {
        for signalled_during_the_tone in [true, false] {
            let mut m = Dedup::default();
            assert!(m.is_new(b'9', Inband, from_ms(1000), Samples::MAX));
            if !signalled_during_the_tone {
                m.tone_ended(from_ms(1000), from_ms(5000));
            }
            assert!(!new(&mut m, b'9', Signalling, 5100, 5100));
        }
    }

    #[test]
    fn presses_further_apart_than_the_window_are_two() {
        let mut m = Dedup::default();
        assert!(new(&mut m, b'1', Inband, 0, 0));
        assert!(new(&mut m, b'1', Signalling, 1000, 1100));
        assert!(new(&mut m, b'2', Inband, 1100, 1100));
    }
}
