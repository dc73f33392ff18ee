//! Voice: bursts of it, and what the adaptive strategy judges by.
//!
//! Each hop is looked at by band (`bands`) and held against the line's own noise (`floor`); a small network says how much like
//! voice it is (`net`), 30 ms later, when it has facts what follows; `bursts` makes bursts of that.
#![forbid(unsafe_code)]

mod argmax;
mod features;
mod gru;
mod noise_floor;
mod pitch;
mod segments;
#[cfg(test)]
mod tests;
mod weights;

use self::features::{FAINTEST, INPUTS, Look, Looker};
use self::gru::{Gru, LATE};
use self::noise_floor::NoiseFloor;
use self::segments::{Hop, Segments};
use super::fact::{Fact, Frame};
use super::stft::{HOP, Spectrum, Stft};
use crate::dsp::LEVEL;
use crate::dsp::level::FULL_SCALE_DBM0;
use crate::time::Samples;
use fearless_simd::{Simd, dispatch};

/// Fainter than this is no voice, and it counts in full only this much above.
const FAINT_DBM0: f32 = -54.0;
const FADE_DB: f32 = 6.0;

/// After so many hops that nobody could understand, half a second, the network has nothing more to learn from the next: it
/// sleeps until one is louder.
const ASLEEP: u32 = 50;

/// One hop that waits for the network's answer.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    at: Samples,
    look: Look,
    floor: f32,
    tone: bool,
}

/// One stream's detector of voice.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    now: Samples,
    looker: Looker,
    /// Hops in a row that nobody could understand.
    faint: u32,
    floor: NoiseFloor,
    net: Gru,
    /// The last hops, in a ring; so many there have been.
    waiting: [Waiting; LATE + 1],
    seen: usize,
    bursts: Segments,
}

impl Voice {
    /// Sees one hop; `tone`: since when what sounds now is a tone, if it is.
    pub fn process(&mut self, spectrum: &Spectrum, tone: Option<Samples>, facts: &mut Vec<Fact>) {
        self.now = spectrum.at + HOP as Samples;
        let voice = dispatch!(*LEVEL, simd => self.look(simd, spectrum));
        if let Some(since) = tone {
            for hop in &mut self.waiting {
                hop.tone |= hop.at >= since;
            }
        }
        self.seen += 1;
        if self.seen > LATE {
            self.tell(voice, facts);
        }
    }

    /// Looks, and answers for the hop that has waited.
    #[inline(always)]
    fn look<S: Simd>(&mut self, simd: S, spectrum: &Spectrum) -> f32 {
        let asleep = self.faint >= ASLEEP;
        let look = self.looker.look(simd, spectrum, asleep);
        self.floor.hear(look.level);
        let floor = self.floor.level();
        self.waiting[self.seen % (LATE + 1)] = Waiting {
            at: spectrum.at,
            look,
            floor,
            tone: false,
        };
        if look.level >= FAINTEST {
            self.faint = 0;
        } else if asleep {
            return 0.0;
        } else {
            self.faint += 1;
        }
        self.net.hear(simd, &look.inputs(look.level - floor))
    }

    /// Tells of the hop that has waited.
    fn tell(&mut self, voice: f32, facts: &mut Vec<Fact>) {
        let Waiting {
            at,
            look,
            floor,
            tone,
        } = self.waiting[self.seen % (LATE + 1)];
        // What nobody could understand is no voice.
        let audible = ((dbm0(look.level) - FAINT_DBM0) / FADE_DB).clamp(0.0, 1.0);
        let voice = if tone { 0.0 } else { voice * audible };
        facts.push(Fact::Frame(Frame {
            at,
            level_dbm0: dbm0(look.level),
            floor_dbm0: dbm0(floor),
            voice,
            tone,
            blank: look.blank,
            voiced: look.voiced,
            pitch_hz: look.pitch_hz,
            bands: look.bands,
        }));
        let hop = Hop {
            at,
            voice,
            level: look.level,
            floor,
        };
        self.bursts.hear(hop, facts);
    }

    /// The stream is over: a burst that lasts is ended.
    pub fn finish(&mut self, now: Samples, facts: &mut Vec<Fact>) {
        self.now = now;
        self.bursts.finish(now, facts);
    }

    /// Everything that began or ended before has been told.
    pub fn complete_until(&self) -> Samples {
        let hops = (LATE * HOP) as Samples;
        self.bursts.complete_until(self.now.saturating_sub(hops))
    }
}

/// What the network hears of each hop: to fit its weights by.
pub fn inputs(samples: &[i16]) -> Vec<[f32; INPUTS]> {
    let (mut looker, mut floor) = (Looker::default(), NoiseFloor::default());
    let mut inputs = Vec::new();
    Stft::default().process(samples, |spectrum| {
        let look = dispatch!(*LEVEL, simd => looker.look(simd, spectrum, false));
        floor.hear(look.level);
        inputs.push(look.inputs(look.level - floor.level()));
    });
    inputs
}

/// The level of a mean square, from its log2.
fn dbm0(level: f32) -> f32 {
    // A sine of full scale has a mean square of 2^29.
    (level - 29.0) * std::f32::consts::LOG10_2 * 10.0 + FULL_SCALE_DBM0
}
