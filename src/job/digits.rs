//! Digits: the alphabet, the buffer of 32, and one key press counted once.
#![forbid(unsafe_code)]

use crate::cause::{DigitSource, Error};
use crate::time::{Samples, from_ms};
use std::collections::VecDeque;

/// The complete set, in the seed's order.
pub const ALPHABET: &[u8; 16] = b"0123456789ABCD*#";

/// The most that the buffer holds and a collection returns.
pub const DIGITS_MAX: usize = 32;

/// The digit of an integer from outside, as ASCII.
pub fn digit(value: i32) -> Result<u8, Error> {
    u8::try_from(value)
        .ok()
        .filter(|d| ALPHABET.contains(d))
        .ok_or_else(|| {
            Error::invalid(format!(
                "{} is no DTMF digit: one of 0123456789ABCD*# is",
                show(value)
            ))
        })
}

fn show(value: i32) -> String {
    match u8::try_from(value) {
        Ok(c) if c.is_ascii_graphic() => format!("\"{}\"", c as char),
        _ => value.to_string(),
    }
}

/// A set of digits, such as the end digits of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DigitSet(u16);

impl DigitSet {
    /// The set of the characters of `text`; an error names the first that is no digit.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let mut set = 0;
        for &c in text {
            let d = digit(i32::from(c)).map_err(|e| Error::invalid(format!("end: {e}")))?;
            set |= 1 << index(d);
        }
        Ok(Self(set))
    }

    /// Whether `digit` is in it.
    pub fn contains(self, digit: u8) -> bool {
        self.0 & (1 << index(digit)) != 0
    }

    /// Its digits, in the alphabet's order.
    pub fn digits(self) -> impl Iterator<Item = u8> {
        ALPHABET.iter().copied().filter(move |&d| self.contains(d))
    }
}

fn index(digit: u8) -> usize {
    ALPHABET
        .iter()
        .position(|&d| d == digit)
        .expect("digits are checked where they enter")
}

/// The digits that have come and that nobody has fetched, oldest first.
#[derive(Clone, Debug, Default)]
pub struct DigitBuffer {
    digits: VecDeque<u8>,
    dropped: u64,
}

impl DigitBuffer {
    /// Keeps a digit; `false` if the buffer is full: then it is counted, not stored.
    pub fn push(&mut self, digit: u8) -> bool {
        if self.digits.len() == DIGITS_MAX {
            self.dropped += 1;
            return false;
        }
        self.digits.push_back(digit);
        true
    }

    /// Takes the first `count` out.
    pub fn take(&mut self, count: usize) -> String {
        self.digits
            .drain(..count.min(self.digits.len()))
            .map(char::from)
            .collect()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.digits.clear();
    }

    /// How many it holds.
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// What it holds, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().copied()
    }

    /// How many digits found it full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Signalling and tone of one key press come this far apart at most: SIP INFO is sent after the key is let go, and both
/// ways have their own jitter buffer.
const MERGE_WINDOW_MS: u64 = 500;

/// Presses kept for comparison: a fast dialler makes six in the window.
const MERGE_MEMORY: usize = 16;

/// One key press seen both in-band and by signalling counts once. Each press of one source stands for at most one of the
/// other, in the order in which they came, so that `11` dialled fast stays two.
#[derive(Clone, Debug, Default)]
pub struct Merge {
    unpaired: VecDeque<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    digit: u8,
    source: DigitSource,
    start: Samples,
    end: Samples,
}

impl Merge {
    /// A digit that sounded from `start` to `end`: `true` if it is a new press, `false` if the other source has reported it
    /// already. A tone that still lasts ends at `Samples::MAX`, until [`Merge::lasted`] says when.
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

    fn new(m: &mut Merge, digit: u8, source: DigitSource, start_ms: u64, end_ms: u64) -> bool {
        m.is_new(digit, source, from_ms(start_ms), from_ms(end_ms))
    }

    #[test]
    fn the_same_press_in_band_and_by_signalling_counts_once_whichever_comes_first() {
        let mut m = Merge::default();
        assert!(new(&mut m, b'5', Inband, 1000, 1000));
        assert!(!new(&mut m, b'5', Signalling, 1010, 1110));
        assert!(new(&mut m, b'6', Signalling, 2000, 2100));
        assert!(!new(&mut m, b'6', Inband, 2060, 2060));
    }

    #[test]
    fn a_key_pressed_twice_fast_stays_two() {
        let mut m = Merge::default();
        assert!(new(&mut m, b'1', Inband, 0, 0));
        assert!(new(&mut m, b'1', Inband, 93, 93));
        assert!(!new(&mut m, b'1', Signalling, 150, 200));
        assert!(!new(&mut m, b'1', Signalling, 243, 293));
        assert!(new(&mut m, b'1', Signalling, 400, 450));
    }

    #[test]
    fn a_long_press_reported_at_its_end_is_still_the_same() {
        for told_before_the_tone_is_over in [true, false] {
            let mut m = Merge::default();
            assert!(m.is_new(b'9', Inband, from_ms(1000), Samples::MAX));
            if !told_before_the_tone_is_over {
                m.lasted(from_ms(1000), from_ms(5000));
            }
            assert!(!new(&mut m, b'9', Signalling, 5100, 5100));
        }
    }

    #[test]
    fn presses_far_apart_are_two() {
        let mut m = Merge::default();
        assert!(new(&mut m, b'1', Inband, 0, 0));
        assert!(new(&mut m, b'1', Signalling, 1000, 1100));
        assert!(new(&mut m, b'2', Inband, 1100, 1100));
    }

    #[test]
    fn a_full_buffer_counts_and_does_not_store() {
        let mut b = DigitBuffer::default();
        for _ in 0..DIGITS_MAX {
            assert!(b.push(b'7'));
        }
        assert!(!b.push(b'8'));
        assert_eq!((b.len(), b.dropped()), (32, 1));
        assert_eq!(b.take(100), "7".repeat(32));
    }

    #[test]
    fn only_the_sixteen_are_digits() {
        for c in 0..=255u8 {
            assert_eq!(
                digit(i32::from(c)).is_ok(),
                b"0123456789ABCD*#".contains(&c),
                "{c}"
            );
        }
        assert!(digit(-1).is_err() && digit(256 + 48).is_err());
        assert!(DigitSet::parse(b"12Z").unwrap_err().text.contains("\"Z\""));
    }
}
