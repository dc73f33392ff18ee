//! What else is facts: the line's noise, and whether somebody spoke.
#![forbid(unsafe_code)]

use crate::detect::stft::Spectrum;

/// Hops in which the line's noise shows itself at least once: 400 ms, and as long again.
const BLOCK: u32 = 40;

/// Sound is loud if it is 8 dB above the noise and above -48 dBm0 (mean square of amplitude 90).
const LOUD: f32 = 6.0;
const LOUD_LEAST: f32 = 4000.0;

/// So many loud hops that were no tone are a voice: 150 ms.
const VOICE: u32 = 15;

/// The line's noise and the voice so far.
#[derive(Clone, Debug)]
pub(super) struct Context {
    now: f32,
    before: f32,
    hops: u32,
    /// Loud hops in all; those of them since something began that may be a tone.
    loud: u32,
    maybe: u32,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            now: f32::MAX,
            before: f32::MAX,
            hops: 0,
            loud: 0,
            maybe: 0,
        }
    }
}

impl Context {
    /// Hears a hop. `maybe`: it may belong to a tone; `tone`: it does for sure.
    pub fn hear(&mut self, spectrum: &Spectrum, maybe: bool, tone: bool) {
        if tone {
            self.maybe = 0;
            return;
        }
        if spectrum.energy < self.now && !spectrum.blank {
            self.now = spectrum.energy;
        }
        self.hops += 1;
        if self.hops == BLOCK {
            (self.before, self.now, self.hops) = (self.now, f32::MAX, 0);
        }
        if maybe {
            self.maybe += u32::from(self.is_loud(spectrum.energy));
        } else {
            self.loud += self.maybe + u32::from(self.is_loud(spectrum.energy));
            self.maybe = 0;
        }
    }

    /// The line's noise, as a mean square.
    pub fn noise(&self) -> f32 {
        let least = self.now.min(self.before);
        if least == f32::MAX { 0.0 } else { least * 1.2 }
    }

    fn is_loud(&self, energy: f32) -> bool {
        energy > LOUD_LEAST && energy > LOUD * self.noise()
    }

    /// Whether somebody spoke so far.
    pub fn voice(&self) -> bool {
        self.loud >= VOICE
    }
}
