//! One key press, seen in-band and by signalling, counted once.
#![forbid(unsafe_code)]

use crate::time::{Samples, from_ms};
use crate::types::DigitSource;
use std::collections::VecDeque;

/// Signalling and tone of one key press come this far apart at most: SIP INFO is sent after the key is let go, and both
/// ways have their own jitter buffer.
const MERGE_WINDOW_MS: u64 = 500;

/// Presses kept for comparison: a fast dialler makes six in the window.
const MERGE_MEMORY: usize = 16;

/// One key press seen both in-band and by signalling counts once. Each press of one source stands for at most one of the
/// other, in the order in which they came, so that `11` dialled fast stays two.
#[derive(Clone, Debug, Default)]
pub struct Dedup {
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
    /// A digit that sounded from `start` to `end`: `true` if it is a new press, `false` if the other source has reported it
    /// already. A tone that still lasts ends at `Samples::MAX`, until [`Dedup::lasted`] says when.
    pub fn is_new(&mut self, digit: u8, source: DigitSource, start: Samples, end: Samples) -> bool {
        let window = from_ms(MERGE_WINDOW_MS);
        self.unpaired
            .retain(|p| p.end.saturating_add(window) >= start);
        let twin = self.unpaired.iter().position(|p| {
            p.digit == digit
                && p.source != source
                && p.start <= end.saturating_add(window)
                && start <= p.end.saturating_add(window)
        });
        if let Some(twin) = twin {
            self.unpaired.remove(twin);
            return false;
        }
        if self.unpaired.len() == MERGE_MEMORY {
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

    /// The tone of the in-band press that began at `start` lasted until `end`.
    pub fn lasted(&mut self, start: Samples, end: Samples) {
        if let Some(press) = self
            .unpaired
            .iter_mut()
            .find(|p| p.source == DigitSource::Inband && p.start == start)
        {
            press.end = end;
        }
    }

    /// Forgets everything: a new call.
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
    fn the_same_press_in_band_and_by_signalling_counts_once_whichever_comes_first() {
        let mut m = Dedup::default();
        assert!(new(&mut m, b'5', Inband, 1000, 1000));
        assert!(!new(&mut m, b'5', Signalling, 1010, 1110));
        assert!(new(&mut m, b'6', Signalling, 2000, 2100));
        assert!(!new(&mut m, b'6', Inband, 2060, 2060));
    }

    #[test]
    fn a_key_pressed_twice_fast_stays_two() {
        let mut m = Dedup::default();
        assert!(new(&mut m, b'1', Inband, 0, 0));
        assert!(new(&mut m, b'1', Inband, 93, 93));
        assert!(!new(&mut m, b'1', Signalling, 150, 200));
        assert!(!new(&mut m, b'1', Signalling, 243, 293));
        assert!(new(&mut m, b'1', Signalling, 400, 450));
    }

    #[test]
    fn a_long_press_reported_at_its_end_is_still_the_same() {
        for told_before_the_tone_is_over in [true, false] {
            let mut m = Dedup::default();
            assert!(m.is_new(b'9', Inband, from_ms(1000), Samples::MAX));
            if !told_before_the_tone_is_over {
                m.lasted(from_ms(1000), from_ms(5000));
            }
            assert!(!new(&mut m, b'9', Signalling, 5100, 5100));
        }
    }

    #[test]
    fn presses_far_apart_are_two() {
        let mut m = Dedup::default();
        assert!(new(&mut m, b'1', Inband, 0, 0));
        assert!(new(&mut m, b'1', Signalling, 1000, 1100));
        assert!(new(&mut m, b'2', Inband, 1100, 1100));
    }
}
