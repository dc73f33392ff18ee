//! DTMF detection (ITU-T Q.23, Q.24): samples in, start and end of digits out.
//!
//! Every 5 ms, `frame` measures the eight frequencies through a window of 10 ms. Consecutive frames with the same row and
//! column form a candidate (`candidate`); it becomes a digit once its length, frequencies, level, twist and purity meet the
//! limits. Four measures make it more selective than a filter bank with a threshold:
//!
//! - The phase advance of a bin over 10 ms gives the frequency of the tone to about 1 Hz, even in noise. Tones 1.5 % off are
//!   accepted, tones 3.5 % off are refused.
//! - The vector sum of these phase advances is coherent for a tone and incoherent for speech.
//! - Purity is the tones' share of the total energy. If it is low (noise, a dial tone, a voice prompt), the share of the energy
//!   between 600 and 1800 Hz decides, more frames are required, and the remaining energy must have been present before the
//!   onset: energy that starts with the tones belongs to the same sound, as the other harmonics of a vowel do.
//! - A digit has a sharp onset and a constant level after it.
#![forbid(unsafe_code)]

mod candidate;
mod frame;

use crate::dsp::bank::HOP;
use crate::dsp::level::{db_to_power, dbm0_to_amplitude};
use crate::time::{RATE_HZ, Samples};
use crate::types::Error;
use candidate::{Candidate, FULL_FRAME_RATIO};
use frame::{FrameAnalyzer, ToneFrame};

/// Frames that an interruption of 10 ms can hide. It does not split a digit.
const MAX_INTERRUPTION_FRAMES: u32 = 2;

/// Limits of the tones that the detector accepts as digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Maximum level of the row above the column, dB, 0 to 20. AT&T: 8; NTT: 5; ETSI: 6; Brazil: 9; Australia: 10.
    pub normal_twist_db: f32,
    /// Maximum level of the column above the row, dB, 0 to 20. AT&T: 4.
    pub reverse_twist_db: f32,
    /// Minimum level of each tone, -60 to 0 dBm0. Q.24 requires -25; many lines need -36 with 8 dB of twist; RFC 2833 refuses
    /// -55.
    pub min_level_dbm0: f32,
    /// Shortest tone that is always accepted, 30 to 500 ms. Q.24: 40.
    pub min_tone_ms: u32,
    /// Shortest pause that always separates two digits, 30 to 500 ms. Q.24: 40.
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
    /// Returns an error that names the first value out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let ranges = [
            ("normal_twist_db", self.normal_twist_db, 0.0, 20.0),
            ("reverse_twist_db", self.reverse_twist_db, 0.0, 20.0),
            ("min_level_dbm0", self.min_level_dbm0, -60.0, 0.0),
            ("min_tone_ms", self.min_tone_ms as f32, 30.0, 500.0),
            ("min_pause_ms", self.min_pause_ms as f32, 30.0, 500.0),
        ];
        for (name, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(Error::invalid(format!(
                    "{name} is {value}: it must be {min} to {max}"
                )));
            }
        }
        Ok(())
    }
}

/// An output of the detector. Times are samples at 8 kHz since the detector was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DtmfFact {
    /// The tone meets the limits of a digit. It may still last.
    Start {
        /// ASCII: `0` to `9`, `A` to `D`, `*` or `#`.
        digit: u8,
        /// First sample of the tone.
        start: Samples,
    },
    /// The tone of the digit has ended.
    End {
        /// ASCII: `0` to `9`, `A` to `D`, `*` or `#`.
        digit: u8,
        /// First sample of the tone.
        start: Samples,
        /// First sample after the tone.
        end: Samples,
        /// Level of the row's tone, dBm0.
        low_dbm0: f32,
        /// Level of the column's tone, dBm0.
        high_dbm0: f32,
    },
}

/// [`Limits`] in the units of the analysis.
#[derive(Clone, Copy, Debug)]
struct Thresholds {
    /// Minimum squared amplitude of each tone.
    min_power: f32,
    /// Power ratios.
    normal_twist: f32,
    reverse_twist: f32,
    /// Full frames that a clean tone needs.
    min_frames: usize,
    /// Frames without the tone that end a digit.
    pause_frames: u32,
}

/// Measurement error: a tone at a limit may measure up to 1 dB beyond it.
const MARGIN_DB: f32 = 1.0;

impl Thresholds {
    fn new(limits: &Limits) -> Self {
        let frames = |ms: u32| (ms * RATE_HZ / 1000) as usize / HOP;
        Self {
            min_power: dbm0_to_amplitude(limits.min_level_dbm0 - MARGIN_DB).powi(2),
            normal_twist: db_to_power(limits.normal_twist_db + MARGIN_DB),
            reverse_twist: db_to_power(limits.reverse_twist_db + MARGIN_DB),
            // Of the eight frames in the shortest tone, one may be lost at each end and one to noise.
            min_frames: frames(limits.min_tone_ms).saturating_sub(3).max(2),
            pause_frames: frames(limits.min_pause_ms).saturating_sub(2).max(2) as u32,
        }
    }
}

/// The DTMF detector of one stream at 8 kHz. A digit is reported about 30 ms after its onset.
#[derive(Clone, Debug)]
pub struct Detector {
    thresholds: Thresholds,
    now: Samples,
    analyzer: FrameAnalyzer,
    /// Storage for the active digit and for the candidate that may follow it.
    candidates: [Candidate; 2],
    /// Index of the digit whose tone lasts.
    active: Option<usize>,
    /// Index of the candidate that is not a digit yet.
    pending: Option<usize>,
    /// Key and end of the last digit.
    last_ended: Option<((usize, usize), Samples)>,
}

/// 55 ms. Two lost packets of 20 ms look like a pause within a digit. After a shorter pause, the same key is a new digit only if
/// its tone has the full length.
const REPEAT_WINDOW: Samples = 55 * RATE_HZ as Samples / 1000;

impl Detector {
    /// A detector whose first sample is at time 0.
    pub fn new(limits: Limits) -> Self {
        Self {
            thresholds: Thresholds::new(&limits),
            now: 0,
            analyzer: FrameAnalyzer::default(),
            candidates: Default::default(),
            active: None,
            pending: None,
            last_ended: None,
        }
    }

    /// Replaces the limits from the next sample on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.thresholds = Thresholds::new(&limits);
    }

    /// Processes samples in chunks of any size and appends the facts found.
    pub fn process(&mut self, mut samples: &[i16], facts: &mut Vec<DtmfFact>) {
        while !samples.is_empty() {
            let (taken, full) = self.analyzer.push(samples);
            self.now += taken as Samples;
            samples = &samples[taken..];
            if full {
                let frame = self.analyzer.analyze(&self.thresholds);
                self.update_active(frame.as_ref(), facts);
                self.update_pending(frame.as_ref(), facts);
            }
        }
    }

    /// Processes `count` missing samples as silence. A tone survives 20 ms of it.
    pub fn gap(&mut self, count: Samples, facts: &mut Vec<DtmfFact>) {
        // After one second of silence the state is constant: the rest only moves the clock.
        let silence = count.min(Samples::from(RATE_HZ) + count % HOP as Samples);
        for _ in 0..silence / HOP as Samples {
            self.process(&[0; HOP], facts);
        }
        self.process(&[0; HOP][..(silence % HOP as Samples) as usize], facts);
        self.now += count - silence;
    }

    /// Ends the stream and with it a digit that lasts.
    pub fn finish(&mut self, facts: &mut Vec<DtmfFact>) {
        self.gap(HOP as Samples * 2, facts);
        self.now -= HOP as Samples * 2;
        if let Some(active) = self.active.take() {
            facts.push(self.candidates[active].end(self.now));
        }
        self.pending = None;
    }

    /// Drops all state but the clock: no digit is active, and none is reported as ended.
    pub fn reset(&mut self) {
        self.analyzer.reset();
        self.last_ended = None;
        self.active = None;
        self.pending = None;
    }

    /// Time before which every digit that started has been reported: now, or the start of the pending candidate.
    pub fn complete_until(&self) -> Samples {
        self.pending
            .map_or(self.now, |p| self.candidates[p].start().min(self.now))
    }

    /// Time before which every start and every end of a digit has been reported.
    pub fn edges_complete_until(&self) -> Samples {
        let until = self.complete_until();
        self.active
            .map_or(until, |a| self.candidates[a].last().min(until))
    }

    fn update_active(&mut self, frame: Option<&ToneFrame>, facts: &mut Vec<DtmfFact>) {
        let Some(active) = self.active else {
            return;
        };
        let digit = &mut self.candidates[active];
        if !digit.extend(frame, self.now) && digit.missed >= self.thresholds.pause_frames {
            let fact = digit.end(self.now);
            if let DtmfFact::End { end, .. } = fact {
                self.last_ended = Some((digit.key, end));
            }
            facts.push(fact);
            self.active = None;
        }
    }

    fn update_pending(&mut self, frame: Option<&ToneFrame>, facts: &mut Vec<DtmfFact>) {
        let Some(frame) = frame else {
            if let Some(pending) = self.pending {
                let candidate = &mut self.candidates[pending];
                candidate.missed += 1;
                if candidate.missed > MAX_INTERRUPTION_FRAMES {
                    self.pending = None;
                }
            }
            return;
        };
        // The active key again, even weakly within the pause (an echo), is not another digit.
        if self
            .active
            .is_some_and(|a| self.candidates[a].key == frame.key())
        {
            self.pending = None;
            return;
        }
        let pending = self.pending.unwrap_or(self.active.map_or(0, |a| 1 - a));
        let candidate = &mut self.candidates[pending];
        let restarts = self.pending.is_none()
            || (!candidate.extend(Some(frame), self.now)
                // Another key may replace the candidate; the fragments of an interruption may not.
                && (candidate.missed > MAX_INTERRUPTION_FRAMES
                    || (candidate.key != frame.key()
                        && frame.power() > candidate.peak_power * FULL_FRAME_RATIO)));
        if restarts {
            candidate.restart(frame, self.analyzer.background(frame), self.now);
        }
        self.pending = Some(pending);
        let repeated = self.last_ended.is_some_and(|(key, end)| {
            key == candidate.key && candidate.start() < end + REPEAT_WINDOW
        });
        if candidate.missed == 0 && candidate.is_digit(&self.thresholds, repeated) {
            let (digit, start) = (candidate.digit(), candidate.start());
            if let Some(active) = self.active {
                facts.push(self.candidates[active].end(start));
            }
            facts.push(DtmfFact::Start { digit, start });
            self.active = Some(pending);
            self.pending = None;
        }
    }
}
