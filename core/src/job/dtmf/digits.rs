//! DTMF digits: the alphabet, sets of digits, and the buffer of a call.
#![forbid(unsafe_code)]

use crate::types::Error;
use std::collections::VecDeque;

/// The 16 DTMF digits, in the contract's order.
pub const ALPHABET: &[u8; 16] = b"0123456789ABCD*#";

/// Capacity of the digit buffer, and the largest number of digits of a collection.
pub const DIGITS_MAX: usize = 32;

/// Checks an integer from the host. Returns the digit as ASCII, or ERR_INVALID.
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
    /// The set of the characters of `text`. The error names the first character that is not a digit.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let mut set = 0;
        for &c in text {
            let d = digit(i32::from(c)).map_err(|e| Error::invalid(format!("end: {e}")))?;
            set |= 1 << index(d);
        }
        Ok(Self(set))
    }

    /// Whether the set contains `digit`.
    pub fn contains(self, digit: u8) -> bool {
        self.0 & (1 << index(digit)) != 0
    }

    /// The digits of the set, in the alphabet's order.
    pub fn digits(self) -> impl Iterator<Item = u8> {
        ALPHABET.iter().copied().filter(move |&d| self.contains(d))
    }
}

fn index(digit: u8) -> usize {
    ALPHABET
        .iter()
        .position(|&d| d == digit)
        .expect("every digit was checked on entry")
}

/// Digits that no collection has taken, oldest first; up to [`DIGITS_MAX`].
#[derive(Clone, Debug, Default)]
pub struct DigitBuffer {
    digits: VecDeque<u8>,
    dropped: u64,
}

impl DigitBuffer {
    /// Appends a digit. Returns `false` if the buffer is full: the digit is dropped and counted.
    pub fn push(&mut self, digit: u8) -> bool {
        if self.digits.len() == DIGITS_MAX {
            self.dropped += 1;
            return false;
        }
        self.digits.push_back(digit);
        true
    }

    /// Removes and returns the first `count` digits, or all if there are fewer.
    pub fn take(&mut self, count: usize) -> String {
        self.digits
            .drain(..count.min(self.digits.len()))
            .map(char::from)
            .collect()
    }

    /// Removes all digits.
    pub fn clear(&mut self) {
        self.digits.clear();
    }

    /// Number of digits in the buffer.
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// Whether the buffer is empty.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// The digits, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().copied()
    }

    /// Digits dropped since the call was created because the buffer was full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_buffer_drops_and_counts_digits() {
        let mut b = DigitBuffer::default();
        for _ in 0..DIGITS_MAX {
            assert!(b.push(b'7'));
        }
        assert!(!b.push(b'8'));
        assert_eq!((b.len(), b.dropped()), (32, 1));
        assert_eq!(b.take(100), "7".repeat(32));
    }

    #[test]
    fn only_the_16_dtmf_digits_are_accepted() {
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
