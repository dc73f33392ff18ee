//! Looks of one key, one after the other, and whether they are a digit.
#![forbid(unsafe_code)]

use super::frame::{Before, CLEAN, FREQUENCIES_HZ, ToneFrame};
use super::{DtmfFact, Thresholds};
use crate::dsp::bank::{Complex, HOP};
use crate::dsp::level::amplitude_to_dbm0;
use crate::time::Samples;

/// Q.23: the digit of each row and column.
const KEYS: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

/// Q.24 and ES 201 235: 1.5 % + 2 Hz must be accepted; 3 Hz more are for noise. 3.5 % lie well beyond.
const TOLERANCE_PART: f32 = 0.015;
const TOLERANCE_HZ: f32 = 5.0;

/// Looks of a press that are remembered and judged: 80 ms.
const MEMORY: usize = 16;

/// A look counts if it is at most this far below the strongest of its press: 4.5 dB, so that of a tone of 20 ms at most
/// four count, and of one of 40 ms at least seven.
pub(super) const FULL: f32 = 0.35;

/// A tone that falls by this much is over, for an echo is not the tone: 7 dB.
const FALLEN: f32 = 0.2;

/// What a press must show, by how much of the energy is its own.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Looks beyond those that the shortest tone needs.
    more_looks: usize,
    /// Least share of all energy, and of the band's.
    share: f32,
    band_share: f32,
    /// Least length of the sum of the phase steps, against the sum of their lengths.
    in_step: f32,
    /// Most of each tone's power that may have been there 15 ms before.
    before: f32,
    /// Most that each tone's power may vary (standard deviation against mean).
    vary: f32,
    /// The rest of the energy must have been there before.
    rest_was_there: bool,
}

/// Found on clean and disturbed key presses by generators and on an hour of speech and music; a press
/// must satisfy one of them.
const RULES: [Rule; 8] = [
    // A tone and hardly anything else.
    Rule {
        more_looks: 1,
        share: CLEAN,
        band_share: 0.88,
        in_step: 0.95,
        before: 0.2,
        vary: 0.35,
        rest_was_there: false,
    },
    // The same with an echo or an interruption: its level varies, its phase does not.
    Rule {
        more_looks: 1,
        share: CLEAN,
        band_share: 0.88,
        in_step: 0.98,
        before: 0.2,
        vary: 0.5,
        rest_was_there: false,
    },
    // After a codec that models speech (GSM): level and phase suffer, but it comes out of nothing.
    Rule {
        more_looks: 1,
        share: 0.87,
        band_share: 0.93,
        in_step: 0.76,
        before: 0.01,
        vary: 0.75,
        rest_was_there: false,
    },
    Rule {
        more_looks: 3,
        share: 0.74,
        band_share: 0.93,
        in_step: 0.91,
        before: 0.005,
        vary: 0.6,
        rest_was_there: false,
    },
    // In noise 6 dB below the tones.
    Rule {
        more_looks: 1,
        share: 0.65,
        band_share: 0.88,
        in_step: 0.85,
        before: 0.2,
        vary: 0.4,
        rest_was_there: true,
    },
    // In noise 3 dB below the tones.
    Rule {
        more_looks: 3,
        share: 0.5,
        band_share: 0.87,
        in_step: 0.93,
        before: 0.25,
        vary: 0.36,
        rest_was_there: true,
    },
    // Over a dial tone, up to 6 dB above the digits.
    Rule {
        more_looks: 2,
        share: 0.05,
        band_share: 0.92,
        in_step: 0.93,
        before: 0.15,
        vary: 0.35,
        rest_was_there: true,
    },
    // A long press that stays what it is, whatever else there is.
    Rule {
        more_looks: 8,
        share: 0.5,
        band_share: 0.83,
        in_step: 0.94,
        before: 0.2,
        vary: 0.4,
        rest_was_there: false,
    },
];

/// Error of the measured share: a window that a tone fills in part has more energy than it shows.
const SHARE_ERROR: f32 = 0.05;

/// A press in noise whose row is this much above its column, 4 dB, must last one look longer.
const VOICE_TWIST: f32 = 2.5;

/// What counts as having been there: noise of 10 ms may be this much more than that of 10 ms before.
const REST_GROWS: f32 = 1.9;

/// Looks beyond those of the shortest tone that only one of full length has: of 40 ms, seven.
const AGAIN_LOOKS: usize = 2;

/// Looks of one key, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    pub key: (usize, usize),
    before: Before,
    looks: [ToneFrame; MEMORY],
    count: usize,
    /// Moment (a window's middle) of the first and the latest look, and the powers that tell where the edges are.
    first: Samples,
    latest: Samples,
    rise: [f32; 3],
    fall: f32,
    pub peak: f32,
    /// Looks since the latest that showed the key.
    pub missed: u32,
    /// Sums of powers of looks that stand between others: free of the edges.
    row_sum: f32,
    column_sum: f32,
    summed: u32,
}

impl Candidate {
    /// Begins with this look.
    pub fn begin(&mut self, look: &ToneFrame, before: Before, now: Samples) {
        self.key = look.key();
        self.before = before;
        self.count = 0;
        self.first = now.saturating_sub(HOP as Samples);
        self.rise = [0.0; 3];
        self.peak = 0.0;
        self.missed = 0;
        (self.row_sum, self.column_sum, self.summed) = (0.0, 0.0, 0);
        self.add(look, now);
    }

    pub fn digit(&self) -> u8 {
        KEYS[self.key.0][self.key.1]
    }

    fn add(&mut self, look: &ToneFrame, now: Samples) {
        if self.count >= 2 && self.missed == 0 {
            let before = &self.looks[(self.count - 1) % MEMORY];
            self.row_sum += before.row_power;
            self.column_sum += before.column_power;
            self.summed += 1;
        }
        if self.count < self.rise.len() {
            self.rise[self.count] = look.power();
        }
        self.looks[self.count % MEMORY] = *look;
        self.count += 1;
        self.peak = self.peak.max(look.power());
        self.latest = now - HOP as Samples;
        self.missed = 0;
        self.fall = 0.0;
    }

    /// Takes the look in if it shows this key at its strength; counts it as missed otherwise.
    pub fn goes_on(&mut self, look: Option<&ToneFrame>, now: Samples) -> bool {
        match look {
            Some(look) if look.key() == self.key && look.power() > self.peak * FALLEN => {
                self.add(look, now);
                true
            }
            look => {
                if self.missed == 0 {
                    self.fall = look
                        .filter(|l| l.key() == self.key)
                        .map_or(0.0, ToneFrame::power);
                }
                self.missed += 1;
                false
            }
        }
    }

    /// Whether what has been seen is a digit; `again`: it must have the full length, for it may be the rest of one.
    pub fn is_digit(&self, t: &Thresholds, again: bool) -> bool {
        let seen = &self.looks[..self.count.min(MEMORY)];
        let peak = seen.iter().map(ToneFrame::power).fold(0.0, f32::max);
        let full = || seen.iter().filter(|l| l.power() >= peak * FULL);
        let count = full().count();
        // What has left the memory was looked at as well.
        let lasted = count + self.count.saturating_sub(MEMORY);
        if lasted < t.looks + if again { AGAIN_LOOKS } else { 0 } {
            return false;
        }
        let mean = |f: fn(&ToneFrame) -> f32| full().map(f).sum::<f32>() / count as f32;
        let (row, column) = (mean(|l| l.row_power), mean(|l| l.column_power));
        if row.min(column) < t.floor
            || row > column * t.normal_twist
            || column > row * t.reverse_twist
        {
            return false;
        }
        let in_step = |tone: usize| {
            let bin = if tone == 0 {
                self.key.0
            } else {
                4 + self.key.1
            };
            let (mut sum, mut length) = (Complex::default(), 0.0);
            for look in full() {
                sum = sum.plus(look.turn[tone]);
                length += look.turn[tone].power().sqrt();
            }
            // 100 Hz off would look like none, but no look is 40 Hz off.
            let off_hz = sum.phase() * 100.0 / std::f32::consts::TAU;
            if off_hz.abs() > FREQUENCIES_HZ[bin] as f32 * TOLERANCE_PART + TOLERANCE_HZ {
                return 0.0;
            }
            sum.power().sqrt() / length.max(1e-9)
        };
        let vary = |f: fn(&ToneFrame) -> f32, mean: f32| {
            let variance = full().map(|l| (f(l) - mean).powi(2)).sum::<f32>() / count as f32;
            variance.sqrt() / mean
        };
        let in_step = in_step(0).min(in_step(1));
        let vary = vary(|l| l.row_power, row).max(vary(|l| l.column_power, column));
        let before = (self.before.row_power / row).max(self.before.column_power / column);
        let energy = mean(|l| l.energy);
        let share = HOP as f32 * (row + column) / energy;
        let band_share = mean(|l| l.band_share);
        let rest = energy * (1.0 - share - SHARE_ERROR);
        // The voice is weaker in the columns than in the rows.
        let voice_like = usize::from(row > column * VOICE_TWIST);
        RULES.iter().any(|rule| {
            lasted >= t.looks + rule.more_looks + if rule.rest_was_there { voice_like } else { 0 }
                && share >= rule.share
                && band_share >= rule.band_share
                && in_step >= rule.in_step
                && before <= rule.before
                && vary <= rule.vary
                && (!rule.rest_was_there || rest <= self.before.energy * REST_GROWS)
        })
    }

    /// Where the tone began: a window that it fills by half shows half of its amplitude.
    pub fn start(&self) -> Samples {
        let half = self.peak / 4.0;
        let full_at = self.rise[..self.count.min(3)]
            .iter()
            .position(|&p| p >= half)
            .unwrap_or(0);
        let at = self.first + (full_at * HOP) as Samples;
        let above = self.rise[full_at].sqrt();
        let below = if full_at == 0 {
            0.0
        } else {
            self.rise[full_at - 1].sqrt()
        };
        let full = self.peak.sqrt();
        let back = if above > below {
            (above - full / 2.0) / (full / 2.0).max(above - below)
        } else {
            0.0
        };
        at.saturating_sub((back.clamp(0.0, 1.0) * HOP as f32) as Samples)
    }

    pub fn end(&self, now: Samples) -> DtmfFact {
        let n = self.summed.max(1) as f32;
        let (row, column) = if self.summed > 0 {
            (self.row_sum / n, self.column_sum / n)
        } else {
            let last = &self.looks[(self.count - 1) % MEMORY];
            (last.row_power, last.column_power)
        };
        let full = self.peak.sqrt();
        let above = self.looks[(self.count - 1) % MEMORY]
            .power()
            .sqrt()
            .min(full);
        let below = self.fall.sqrt();
        let on = ((above - full / 2.0) / (full / 2.0).max(above - below)).clamp(0.0, 1.0);
        let start = self.start();
        DtmfFact::End {
            digit: self.digit(),
            start,
            end: (self.latest + (on * HOP as f32) as Samples).clamp(start, now.max(start)),
            low_dbm0: amplitude_to_dbm0(row.sqrt()),
            high_dbm0: amplitude_to_dbm0(column.sqrt()),
        }
    }
}
