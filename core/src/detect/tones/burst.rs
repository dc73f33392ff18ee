//! A burst of one or two steady tones, in figures.
#![forbid(unsafe_code)]

use crate::time::Samples;

/// A burst of tone that is over, or as it is so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Burst {
    pub start: Samples,
    pub end: Samples,
    pub hz: f32,
    pub hz2: f32,
    /// Squared amplitudes.
    pub power: f32,
    pub power2: f32,
    /// Hops that showed it, and hops within it that did not.
    pub good: u32,
    pub bad: u32,
    /// Mean share of the sound that is the tone's.
    pub share: f32,
    /// The strongest bin besides, of what is not the tone's: 0.05 in noise, more in voice and music. 0 if there is nothing besides.
    pub other: f32,
    /// Mean change of its frequency and of its level (as a part of it) from hop to hop.
    pub jitter_hz: f32,
    pub rough: f32,
    /// Lowest and highest frequency.
    pub low_hz: f32,
    pub high_hz: f32,
    /// Phase reversals.
    pub reversals: u32,
    /// Mean square of the sound while it lasted, and mean of its inverse.
    pub energy: f32,
    pub faint: f32,
    /// Pairs of hops by which its changes were measured.
    pub steps: u32,
    /// Hops that were steady only as a pair of tones that beat.
    pub paired: u32,
}

impl Burst {
    pub fn length(&self) -> Samples {
        self.end - self.start
    }
}
