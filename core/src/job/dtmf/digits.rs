//! Digits: the alphabet, the buffer of 32, and one key press counted once.
#![forbid(unsafe_code)]

use crate::types::Error;
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

#[cfg(test)]
mod tests {
    use super::*;

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
