//! Music: a sequence of tones of different frequencies.
#![forbid(unsafe_code)]

use super::burst::Burst;
use super::steadiness;
use crate::time::{Samples, from_ms};

/// Minimum length and maximum jitter of a note. Voices seldom meet them.
const MIN_NOTE_MS: u64 = 70;
const MAX_NOTE_JITTER_HZ: f32 = 1.2;

/// Notes kept, and the time for which they count.
const HISTORY: usize = 12;
const HISTORY_MS: u64 = 3000;

/// Other notes that make a melody. In 1,300 s of speech there were at most two.
pub(super) const MELODY_NOTES: usize = 3;

/// The same for a tone that is steadier than an instrument.
pub(super) const STEADY_MELODY_NOTES: usize = 6;

/// Tolerance within which two frequencies are the same.
const SAME_HZ_RATIO: f32 = 0.02;

/// The music detector of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MusicDetector {
    /// Frequency and end of the latest notes, a ring.
    notes: [(f32, Samples); HISTORY],
    next: usize,
}

impl MusicDetector {
    /// Evaluates a burst that has ended. Returns the number of notes of other frequencies in the 3 s before it.
    pub fn burst_ended(&mut self, burst: &Burst) -> usize {
        let other = |&&(hz, end): &&(f32, Samples)| {
            hz > 0.0
                && (burst.hz / hz - 1.0).abs() > SAME_HZ_RATIO
                && burst.start < end + from_ms(HISTORY_MS)
        };
        let others = self.notes.iter().filter(other).count();
        let is_note = burst.length() >= from_ms(MIN_NOTE_MS)
            && burst.jitter_hz < MAX_NOTE_JITTER_HZ
            && !steadiness::is_digit(burst);
        if is_note {
            self.notes[self.next] = (burst.hz, burst.end);
            self.next = (self.next + 1) % HISTORY;
        }
        others
    }
}
