//! Measurements of a burst of one or two tones.
#![forbid(unsafe_code)]

use crate::time::Samples;

/// A burst of tone: complete, or measured so far while it lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Burst {
    /// First sample.
    pub start: Samples,
    /// First sample after it.
    pub end: Samples,
    pub hz: f32,
    /// Frequency of the second tone; 0 if there is only one.
    pub hz2: f32,
    /// Mean squared amplitudes.
    pub power: f32,
    pub power2: f32,
    /// Hops that show the tone, and hops within the burst that do not.
    pub tone_hops: u32,
    pub missed_hops: u32,
    /// Mean share of the tone in the total power, 0 to 1.
    pub share: f32,
    /// Share of the strongest other bin in the residual (the power that is not the tone's): 0.05 in noise, more in voice and
    /// music, 0 without a residual.
    pub residual_peak: f32,
    /// Mean change of the frequency from hop to hop.
    pub jitter_hz: f32,
    /// Mean relative change of the power from hop to hop.
    pub roughness: f32,
    /// Mean relative change of the power from hop to hop, with its sign: negative for a tone that decays.
    pub slope: f32,
    /// Mean power of the second harmonic, relative to the tone.
    pub second_harmonic: f32,
    /// Lowest and highest frequency.
    pub low_hz: f32,
    pub high_hz: f32,
    /// Phase reversals.
    pub reversals: u32,
    /// Mean square of the signal during the burst, and the mean of its inverse.
    pub energy: f32,
    pub inverse_energy: f32,
    /// Pairs of hops over which the changes were measured.
    pub steps: u32,
    /// Hops that were steady only as a pair of beating tones.
    pub beating_hops: u32,
}

impl Burst {
    pub fn length(&self) -> Samples {
        self.end - self.start
    }
}
