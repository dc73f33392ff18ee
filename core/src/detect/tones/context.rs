//! The context of a burst: the noise of the line, and whether there was voice before.
#![forbid(unsafe_code)]

use crate::detect::stft::Spectrum;

/// Hops of a block, 400 ms. The noise is the minimum energy of the current block and the previous one.
const BLOCK_HOPS: u32 = 40;

/// A hop is loud if it is 8 dB above the noise and above -48 dBm0 (mean square of amplitude 90).
const LOUD_RATIO: f32 = 6.0;
const MIN_LOUD_ENERGY: f32 = 4000.0;

/// Loud hops outside tones that count as voice: 150 ms.
const VOICE_HOPS: u32 = 15;

/// Hops that a DTMF tone may have lasted before it is known, 80 ms.
const DTMF_HOPS: usize = 8;

/// Noise of the line and voice so far.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// Minimum energy of the current block and of the previous one.
    current_min: f32,
    previous_min: f32,
    /// Hops of the current block.
    hops: u32,
    /// Loud hops outside tones.
    loud_hops: u32,
    /// Energy of the latest hop, and the mean of the latest two: 20 ms are a period of 50 Hz.
    last_energy: f32,
    mean_energy: f32,
    /// Loud hops since the start of what may be a tone. They count if it is not.
    tentative_loud_hops: u32,
    /// `loud_hops` before each of the last hops, newest first.
    past_loud_hops: [u32; DTMF_HOPS],
}

impl Default for Context {
    fn default() -> Self {
        Self {
            current_min: f32::MAX,
            previous_min: f32::MAX,
            hops: 0,
            loud_hops: 0,
            last_energy: 0.0,
            mean_energy: 0.0,
            tentative_loud_hops: 0,
            past_loud_hops: [0; DTMF_HOPS],
        }
    }
}

impl Context {
    /// A DTMF tone is known, which lasts: what was loud just before was the tone. Replaces [`Self::process`] for this hop.
    pub fn process_dtmf(&mut self) {
        self.loud_hops = self.past_loud_hops[DTMF_HOPS - 1];
        self.past_loud_hops.fill(self.loud_hops);
        self.tentative_loud_hops = 0;
    }

    /// Processes a hop. `tentative`: it may belong to a tone; `tone`: it belongs to one.
    pub fn process(&mut self, spectrum: &Spectrum, tentative: bool, tone: bool) {
        self.mean_energy = (self.last_energy + spectrum.energy) / 2.0;
        self.last_energy = spectrum.energy;
        self.past_loud_hops.rotate_right(1);
        self.past_loud_hops[0] = self.loud_hops;
        if tone {
            self.tentative_loud_hops = 0;
            return;
        }
        if spectrum.energy < self.current_min && !spectrum.blank {
            self.current_min = spectrum.energy;
        }
        self.hops += 1;
        if self.hops == BLOCK_HOPS {
            (self.previous_min, self.current_min, self.hops) = (self.current_min, f32::MAX, 0);
        }
        if tentative {
            self.tentative_loud_hops += u32::from(self.is_loud(spectrum.energy));
        } else {
            self.loud_hops += self.tentative_loud_hops + u32::from(self.is_loud(spectrum.energy));
            self.tentative_loud_hops = 0;
        }
    }

    /// Noise of the line as a mean square; 0 before the first hop.
    pub fn noise(&self) -> f32 {
        let min = self.current_min.min(self.previous_min);
        if min == f32::MAX { 0.0 } else { min * 1.2 }
    }

    /// Mean energy of the latest two hops.
    pub fn mean_energy(&self) -> f32 {
        self.mean_energy
    }

    fn is_loud(&self, energy: f32) -> bool {
        energy > MIN_LOUD_ENERGY && energy > LOUD_RATIO * self.noise()
    }

    /// Whether there was voice so far.
    pub fn has_voice(&self) -> bool {
        self.loud_hops >= VOICE_HOPS
    }
}
