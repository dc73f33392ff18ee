//! Tones of different frequencies, one after the other: music.
#![forbid(unsafe_code)]

use super::burst::Burst;
use super::steadiness;
use crate::time::{Samples, from_ms};

/// A note is as long and as steady as a voice seldom is.
const NOTE_MS: u64 = 70;
const NOTE_JITTER_HZ: f32 = 1.2;

/// Notes that are remembered, and for how long.
const NOTES: usize = 12;
const MEMORY_MS: u64 = 3000;

/// So many other notes are a melody. Of speech, two were the most in 1,300 s.
pub(super) const MELODY: usize = 3;

/// And of a tone that is as steady as music's seldom are.
pub(super) const MELODY_STEADY: usize = 6;

/// One frequency: within 2 %.
const SAME: f32 = 0.02;

/// The latest notes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Music {
    notes: [(f32, Samples); NOTES],
    next: usize,
}

impl Music {
    /// A burst is over: how many other notes came before it.
    pub fn add(&mut self, burst: &Burst) -> usize {
        let other = |&&(hz, end): &&(f32, Samples)| {
            hz > 0.0 && (burst.hz / hz - 1.0).abs() > SAME && burst.start < end + from_ms(MEMORY_MS)
        };
        let others = self.notes.iter().filter(other).count();
        let is_note = burst.length() >= from_ms(NOTE_MS)
            && burst.jitter_hz < NOTE_JITTER_HZ
            && !steadiness::is_digit(burst);
        if is_note {
            self.notes[self.next] = (burst.hz, burst.end);
            self.next = (self.next + 1) % NOTES;
        }
        others
    }
}
