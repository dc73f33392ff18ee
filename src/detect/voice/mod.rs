//! Voice: bursts of it, and what the adaptive strategy judges by.
//!
//! Each hop is looked at by band ([`bands`]), held against the line's own noise ([`floor`]), and judged how much like voice it is;
//! [`bursts`] makes bursts of that.
#![forbid(unsafe_code)]

mod bands;
mod bursts;
mod floor;

use self::bands::Look;
use self::bursts::{Bursts, Hop};
use self::floor::Floor;
use super::ear::{HOP, Sight};
use super::heard::Heard;
use crate::dsp::level::FULL_SCALE_DBM0;
use crate::time::Samples;

/// Ten milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its first sample.
    pub at: Samples,
    /// Level within the telephone band.
    pub level_dbm0: f32,
    /// The line's own noise.
    pub floor_dbm0: f32,
    /// How much like voice it is: 0 to 1.
    pub voice: f32,
    /// A tone sounds.
    pub tone: bool,
    /// Pitch; 0 if there is none.
    pub pitch_hz: f32,
}

/// Levels of the last hops: speech moves.
const MOVES: usize = 12;

/// One stream's detector of voice.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    now: Samples,
    floor: Floor,
    levels: [f32; MOVES],
    peaks: [usize; 6],
    bursts: Bursts,
}

impl Voice {
    /// Sees one hop; `tone`: since when what sounds now is a tone, if it is.
    pub fn see(&mut self, sight: &Sight, tone: Option<Samples>, heard: &mut Vec<Heard>) {
        self.now = sight.at + HOP as Samples;
        let look = Look::new(sight);
        self.floor.hear(look.level);
        self.levels.rotate_left(1);
        self.levels[MOVES - 1] = look.level;
        self.peaks.rotate_left(1);
        self.peaks[5] = look.peak;
        let floor = self.floor.level();
        let mut voice = likelihood(&look, floor, self.moved(floor), self.steady());
        if tone.is_some() {
            voice = 0.0;
        }
        heard.push(Heard::Frame(Frame {
            at: sight.at,
            level_dbm0: dbm0(look.level),
            floor_dbm0: dbm0(floor),
            voice,
            tone: tone.is_some(),
            pitch_hz: 0.0,
        }));
        let hop = Hop {
            at: sight.at,
            voice,
            level: look.level,
            floor,
        };
        self.bursts.hear(hop, heard);
    }

    /// How far the level went up, and how far down, of late: the lesser of both.
    fn moved(&self, floor: f32) -> f32 {
        let (mut lowest, mut highest) = (f32::MAX, f32::MIN);
        let (mut rise, mut fall) = (0f32, 0f32);
        for level in self.levels.map(|l| l.max(floor)) {
            lowest = lowest.min(level);
            highest = highest.max(level);
            rise = rise.max(level - lowest);
            fall = fall.max(highest - level);
        }
        rise.min(fall)
    }

    /// The strongest line has stayed where it is.
    fn steady(&self) -> bool {
        let (least, most) = self
            .peaks
            .iter()
            .fold((usize::MAX, 0), |(a, b), &p| (a.min(p), b.max(p)));
        most - least <= 1
    }

    /// The stream is over: a burst that lasts is ended.
    pub fn finish(&mut self, now: Samples, heard: &mut Vec<Heard>) {
        self.now = now;
        self.bursts.finish(now, heard);
    }

    /// Everything that began or ended before has been told.
    pub fn told_until(&self) -> Samples {
        self.bursts.told_until(self.now)
    }
}

/// How much like voice a look is.
fn likelihood(look: &Look, floor: f32, moved: f32, steady: bool) -> f32 {
    let above = look.level - floor;
    let mut score = (above - 2.7).min(3.0) + 1.6 * (moved - 1.2).clamp(-1.5, 1.0);
    // Fainter than -50 dBm0.
    score = score.min(0.8 * (look.level - 11.4));
    if look.line > 0.92 && steady || look.lines > 0.97 {
        score -= 6.0;
    }
    1.0 / (1.0 + (-1.5 * score).exp())
}

/// The level of a mean square, from its log2.
fn dbm0(level: f32) -> f32 {
    // A sine of full scale has a mean square of 2^29.
    (level - 29.0) * std::f32::consts::LOG10_2 * 10.0 + FULL_SCALE_DBM0
}
