//! DTMF from audio (ITU-T Q.23, Q.24): samples in, key presses out.
//!
//! Every 5 ms the front end looks at the eight frequencies through a window of 10 ms (`look`). Looks that show the same
//! row and column gather into a press (`press`), and a press becomes a digit once it is long enough, at the right frequencies,
//! strong enough, within the twist, and pure enough. What makes this sharper than a bank of filters
//! with a threshold:
//!
//! - The phase of a bin against its own of 10 ms before gives the tone's frequency to about 1 Hz even in noise, so that
//!   1.5 % off is accepted and 3.5 % off refused.
//! - The same phases, added as vectors, stay in step for a tone and fall apart for speech.
//! - Purity is first the share of all energy. Where that is low (noise, a dial tone, a voice prompt), the share of the
//!   energy between 600 and 1800 Hz decides, more looks are asked for, and the rest must have been there before: what
//!   comes together with the tones belongs to them, as the other harmonics of a vowel do.
//! - A key press begins from one moment to the next, and then stays as it is.
#![forbid(unsafe_code)]

mod candidate;
mod frame;

use crate::dsp::bank::HOP;
use crate::dsp::level::{db_to_power, dbm0_to_amplitude};
use crate::time::{RATE_HZ, Samples};
use crate::types::Error;
use candidate::{Candidate, FULL};
use frame::{FrameAnalyzer, ToneFrame};

/// Looks that an interruption of 10 ms can hide; it does not break a tone.
const INTERRUPTED: u32 = 2;

/// What the detector accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// dB that the row may be above the column. AT&T: 8; NTT 5, ETSI 6, Brazil 9, Australia 10.
    pub normal_twist_db: f32,
    /// dB that the column may be above the row. AT&T: 4.
    pub reverse_twist_db: f32,
    /// Weakest level of each tone. Q.24 asks for -25 and many lines need -36 with 8 dB of twist; RFC 2833 refuses -55.
    pub min_level_dbm0: f32,
    /// Shortest tone that is always a digit. Q.24: 40.
    pub min_tone_ms: u32,
    /// Shortest pause that always divides two digits. Q.24: 40.
    pub min_pause_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            normal_twist_db: 8.0,
            reverse_twist_db: 4.0,
            min_level_dbm0: -45.0,
            min_tone_ms: 40,
            min_pause_ms: 40,
        }
    }
}

impl Limits {
    /// Whether each value is in its range.
    pub fn check(&self) -> Result<(), Error> {
        let ranges = [
            ("normal_twist_db", self.normal_twist_db, 0.0, 20.0),
            ("reverse_twist_db", self.reverse_twist_db, 0.0, 20.0),
            ("min_level_dbm0", self.min_level_dbm0, -60.0, 0.0),
            ("min_tone_ms", self.min_tone_ms as f32, 30.0, 500.0),
            ("min_pause_ms", self.min_pause_ms as f32, 30.0, 500.0),
        ];
        for (name, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(Error::invalid(format!(
                    "{name} is {value}: it must be {least} to {most}"
                )));
            }
        }
        Ok(())
    }
}

/// What was facts. Times are samples at 8 kHz since the detector was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DtmfFact {
    /// A digit is sure; its tone goes on.
    Start {
        /// ASCII.
        digit: u8,
        /// First sample of the tone.
        start: Samples,
    },
    /// The tone is over.
    End {
        /// ASCII.
        digit: u8,
        /// First sample of the tone.
        start: Samples,
        /// First sample after the tone.
        end: Samples,
        /// Level of the row's tone.
        low_dbm0: f32,
        /// Level of the column's tone.
        high_dbm0: f32,
    },
}

/// The limits as the detector compares them.
#[derive(Clone, Copy, Debug)]
struct Thresholds {
    /// Powers of a bin, in squared amplitude.
    floor: f32,
    normal_twist: f32,
    reverse_twist: f32,
    /// Looks that a clean tone needs.
    looks: usize,
    /// Looks without the tone that end a digit.
    pause: u32,
}

/// A tone at a limit is measured a little to either side of it.
const MARGIN_DB: f32 = 1.0;

impl Thresholds {
    fn new(limits: &Limits) -> Self {
        let looks = |ms: u32| (ms * RATE_HZ / 1000) as usize / HOP;
        Self {
            floor: dbm0_to_amplitude(limits.min_level_dbm0 - MARGIN_DB).powi(2),
            normal_twist: db_to_power(limits.normal_twist_db + MARGIN_DB),
            reverse_twist: db_to_power(limits.reverse_twist_db + MARGIN_DB),
            // Of eight looks in the shortest tone, one may be lost at each end and one to noise.
            looks: looks(limits.min_tone_ms).saturating_sub(3).max(2),
            pause: looks(limits.min_pause_ms).saturating_sub(2).max(2) as u32,
        }
    }
}

/// One stream's detector, 8 kHz.
#[derive(Clone, Debug)]
pub struct Detector {
    thresholds: Thresholds,
    now: Samples,
    eye: FrameAnalyzer,
    /// Room for the key that sounds and for a candidate beside it, and which of the two places they have.
    presses: [Candidate; 2],
    sounding: Option<usize>,
    candidate: Option<usize>,
    /// The key whose tone ended last, and when.
    ended: Option<((usize, usize), Samples)>,
}

/// Two frames of 20 ms that are lost look like a pause, and what follows like the same key again. After a pause no longer than
/// this, only a tone that Q.24 asks to be accepted is another press.
const LOST: Samples = 55 * RATE_HZ as Samples / 1000;

impl Detector {
    /// A detector at rest.
    pub fn new(limits: Limits) -> Self {
        Self {
            thresholds: Thresholds::new(&limits),
            now: 0,
            eye: FrameAnalyzer::default(),
            presses: Default::default(),
            sounding: None,
            candidate: None,
            ended: None,
        }
    }

    /// From now on these limits hold.
    pub fn set_limits(&mut self, limits: Limits) {
        self.thresholds = Thresholds::new(&limits);
    }

    /// Hears samples in chunks of any size; facts are appended.
    pub fn process(&mut self, mut samples: &[i16], facts: &mut Vec<DtmfFact>) {
        while !samples.is_empty() {
            let (taken, full) = self.eye.take(samples);
            self.now += taken as Samples;
            samples = &samples[taken..];
            if full {
                let look = self.eye.look(&self.thresholds);
                self.sounding_goes_on(look.as_ref(), facts);
                self.candidate_goes_on(look.as_ref(), facts);
            }
        }
    }

    /// Hears that `count` samples were lost. They count as silence; a tone is held through 20 ms of it.
    pub fn gap(&mut self, count: Samples, facts: &mut Vec<DtmfFact>) {
        // After one second of silence the detector is at rest: more silence changes nothing.
        let silence = count.min(Samples::from(RATE_HZ) + count % HOP as Samples);
        for _ in 0..silence / HOP as Samples {
            self.process(&[0; HOP], facts);
        }
        self.process(&[0; HOP][..(silence % HOP as Samples) as usize], facts);
        self.now += count - silence;
    }

    /// The stream is over: a digit that lasts is ended.
    pub fn finish(&mut self, facts: &mut Vec<DtmfFact>) {
        self.gap(HOP as Samples * 2, facts);
        self.now -= HOP as Samples * 2;
        if let Some(sounding) = self.sounding.take() {
            facts.push(self.presses[sounding].end(self.now));
        }
        self.candidate = None;
    }

    /// Forgets all that it facts; the clock goes on.
    pub fn forget(&mut self) {
        self.eye.forget();
        self.ended = None;
        self.sounding = None;
        self.candidate = None;
    }

    /// The sample up to which every digit that began has been told: now, unless something that may be one is sounding.
    pub fn complete_until(&self) -> Samples {
        self.candidate
            .map_or(self.now, |c| self.presses[c].start().min(self.now))
    }

    fn sounding_goes_on(&mut self, look: Option<&ToneFrame>, facts: &mut Vec<DtmfFact>) {
        let Some(sounding) = self.sounding else {
            return;
        };
        let press = &mut self.presses[sounding];
        if !press.goes_on(look, self.now) && press.missed >= self.thresholds.pause {
            let end = press.end(self.now);
            if let DtmfFact::End { end, .. } = end {
                self.ended = Some((press.key, end));
            }
            facts.push(end);
            self.sounding = None;
        }
    }

    fn candidate_goes_on(&mut self, look: Option<&ToneFrame>, facts: &mut Vec<DtmfFact>) {
        let Some(look) = look else {
            if let Some(candidate) = self.candidate {
                let press = &mut self.presses[candidate];
                press.missed += 1;
                if press.missed > INTERRUPTED {
                    self.candidate = None;
                }
            }
            return;
        };
        // What sounds on, or comes back weakly within the pause (an echo), is no other press.
        if self
            .sounding
            .is_some_and(|s| self.presses[s].key == look.key())
        {
            self.candidate = None;
            return;
        }
        let candidate = self.candidate.unwrap_or(self.sounding.map_or(0, |s| 1 - s));
        let press = &mut self.presses[candidate];
        let begins = self.candidate.is_none()
            || (!press.goes_on(Some(look), self.now)
                // Another key may take its place; the splinters of an interruption may not.
                && (press.missed > INTERRUPTED || (press.key != look.key() && look.power() > press.peak * FULL)));
        if begins {
            press.begin(look, self.eye.before(look), self.now);
        }
        self.candidate = Some(candidate);
        let again = self
            .ended
            .is_some_and(|(key, end)| key == press.key && press.start() < end + LOST);
        if press.missed == 0 && press.is_digit(&self.thresholds, again) {
            let (digit, start) = (press.digit(), press.start());
            if let Some(sounding) = self.sounding {
                facts.push(self.presses[sounding].end(start));
            }
            facts.push(DtmfFact::Start { digit, start });
            self.sounding = Some(candidate);
            self.candidate = None;
        }
    }
}
