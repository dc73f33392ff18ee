//! A candidate digit: consecutive frames of one key, and the rules that make them a digit.
#![forbid(unsafe_code)]

use super::frame::{Background, CLEAN_SHARE, FREQUENCIES_HZ, ToneFrame};
use super::{DtmfFact, Thresholds};
use crate::dsp::bank::{Complex, HOP};
use crate::dsp::level::amplitude_to_dbm0;
use crate::time::Samples;

/// Q.23: the digit of each row and column.
const KEYS: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

/// Q.24 and ES 201 235: a tone up to 1.5 % + 2 Hz off must be accepted. 3 Hz more allow for noise; 3.5 % off, which must be
/// refused, stays far outside.
const TOLERANCE_RATIO: f32 = 0.015;
const TOLERANCE_HZ: f32 = 5.0;

/// Frames of a candidate that are kept and evaluated: 80 ms.
const HISTORY: usize = 16;

/// Minimum power of a full frame, relative to the strongest of its candidate: -4.5 dB. A tone of 20 ms then has at most four
/// full frames, a tone of 40 ms at least seven.
pub(super) const FULL_FRAME_RATIO: f32 = 0.35;

/// Minimum power of a frame, relative to the strongest: -7 dB. Below it, the tone has ended and its echo remains.
const MIN_FRAME_RATIO: f32 = 0.2;

/// The thresholds that a candidate must meet, for one kind of signal.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Frames beyond those of the shortest accepted tone.
    extra_frames: usize,
    /// Minimum share of the two tones in the total energy.
    min_share: f32,
    /// Minimum share of the two tones in the energy of their band.
    min_band_share: f32,
    /// Minimum phase coherence, 0 to 1: the length of the vector sum of the rotations, relative to the sum of their lengths.
    min_coherence: f32,
    /// Maximum power of each tone 15 ms before the onset, relative to its power now.
    max_background: f32,
    /// Maximum variation of each tone's power: standard deviation divided by mean.
    max_variation: f32,
    /// The residual (energy that is not the tones') must have been present before the onset.
    stationary_residual: bool,
}

/// A candidate must meet one of these rules. They were fitted to clean and disturbed digits from generators, and to an hour of
/// speech and music (talk-off).
const RULES: [Rule; 8] = [
    // Clean tones.
    Rule {
        extra_frames: 1,
        min_share: CLEAN_SHARE,
        min_band_share: 0.88,
        min_coherence: 0.95,
        max_background: 0.2,
        max_variation: 0.35,
        stationary_residual: false,
    },
    // Clean tones with an echo or an interruption: the level varies, the phase does not.
    Rule {
        extra_frames: 1,
        min_share: CLEAN_SHARE,
        min_band_share: 0.88,
        min_coherence: 0.98,
        max_background: 0.2,
        max_variation: 0.5,
        stationary_residual: false,
    },
    // Tones after a speech codec (GSM): level and phase vary, but the onset comes out of silence.
    Rule {
        extra_frames: 1,
        min_share: 0.87,
        min_band_share: 0.93,
        min_coherence: 0.76,
        max_background: 0.01,
        max_variation: 0.75,
        stationary_residual: false,
    },
    Rule {
        extra_frames: 3,
        min_share: 0.74,
        min_band_share: 0.93,
        min_coherence: 0.91,
        max_background: 0.005,
        max_variation: 0.6,
        stationary_residual: false,
    },
    // Noise 6 dB below the tones.
    Rule {
        extra_frames: 1,
        min_share: 0.65,
        min_band_share: 0.88,
        min_coherence: 0.85,
        max_background: 0.2,
        max_variation: 0.4,
        stationary_residual: true,
    },
    // Noise 3 dB below the tones.
    Rule {
        extra_frames: 3,
        min_share: 0.5,
        min_band_share: 0.87,
        min_coherence: 0.93,
        max_background: 0.25,
        max_variation: 0.36,
        stationary_residual: true,
    },
    // Digits over a dial tone, up to 6 dB above them.
    Rule {
        extra_frames: 2,
        min_share: 0.05,
        min_band_share: 0.92,
        min_coherence: 0.93,
        max_background: 0.15,
        max_variation: 0.35,
        stationary_residual: true,
    },
    // A long, steady tone pair over any other signal.
    Rule {
        extra_frames: 8,
        min_share: 0.5,
        min_band_share: 0.83,
        min_coherence: 0.94,
        max_background: 0.2,
        max_variation: 0.4,
        stationary_residual: false,
    },
];

/// Error of the measured share: a window that the tone fills in part has more energy than the tone's bins show.
const SHARE_ERROR: f32 = 0.05;

/// Row power relative to column power, 4 dB, above which a candidate in noise needs one frame more: voice is weaker in the
/// columns than in the rows.
const VOICE_TWIST: f32 = 2.5;

/// Maximum growth of a residual that counts as stationary: between two windows of 10 ms, noise varies by up to this factor.
const MAX_RESIDUAL_GROWTH: f32 = 1.9;

/// Frames beyond those of the shortest accepted tone that a repeated digit needs. Only a full tone (40 ms: seven) has them.
const REPEAT_EXTRA_FRAMES: usize = 2;

/// Consecutive frames of one key.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    pub key: (usize, usize),
    background: Background,
    /// A ring of the latest frames.
    frames: [ToneFrame; HISTORY],
    /// Frames in all.
    count: usize,
    /// Middle of the window of the first and of the last frame.
    first: Samples,
    last: Samples,
    /// Powers of the first three frames, from which the start is interpolated.
    onset_powers: [f32; 3],
    /// Power of the frame after the last one, from which the end is interpolated.
    offset_power: f32,
    pub peak_power: f32,
    /// Frames since the last one of this key.
    pub missed: u32,
    /// Sums over the frames that have another one on either side: the edges of the tone do not count.
    row_sum: f32,
    column_sum: f32,
    summed: u32,
}

impl Candidate {
    /// Restarts with `frame` as its first.
    pub fn restart(&mut self, frame: &ToneFrame, background: Background, now: Samples) {
        self.key = frame.key();
        self.background = background;
        self.count = 0;
        self.first = now.saturating_sub(HOP as Samples);
        self.onset_powers = [0.0; 3];
        self.peak_power = 0.0;
        self.missed = 0;
        (self.row_sum, self.column_sum, self.summed) = (0.0, 0.0, 0);
        self.add(frame, now);
    }

    pub fn digit(&self) -> u8 {
        KEYS[self.key.0][self.key.1]
    }

    fn add(&mut self, frame: &ToneFrame, now: Samples) {
        if self.count >= 2 && self.missed == 0 {
            let previous = &self.frames[(self.count - 1) % HISTORY];
            self.row_sum += previous.row_power;
            self.column_sum += previous.column_power;
            self.summed += 1;
        }
        if self.count < self.onset_powers.len() {
            self.onset_powers[self.count] = frame.power();
        }
        self.frames[self.count % HISTORY] = *frame;
        self.count += 1;
        self.peak_power = self.peak_power.max(frame.power());
        self.last = now - HOP as Samples;
        self.missed = 0;
        self.offset_power = 0.0;
    }

    /// Adds the frame and returns true if it has this key at sufficient power. Counts it as missed otherwise.
    pub fn extend(&mut self, frame: Option<&ToneFrame>, now: Samples) -> bool {
        match frame {
            Some(frame)
                if frame.key() == self.key && frame.power() > self.peak_power * MIN_FRAME_RATIO =>
            {
                self.add(frame, now);
                true
            }
            frame => {
                if self.missed == 0 {
                    self.offset_power = frame
                        .filter(|f| f.key() == self.key)
                        .map_or(0.0, ToneFrame::power);
                }
                self.missed += 1;
                false
            }
        }
    }

    /// Whether the frames so far are a digit. `repeated`: the same key ended a moment ago, so this may be the rest of its tone
    /// and must last as long as a full tone.
    pub fn is_digit(&self, t: &Thresholds, repeated: bool) -> bool {
        let kept = &self.frames[..self.count.min(HISTORY)];
        let peak_power = kept.iter().map(ToneFrame::power).fold(0.0, f32::max);
        let full = || {
            kept.iter()
                .filter(|f| f.power() >= peak_power * FULL_FRAME_RATIO)
        };
        let count = full().count();
        // Frames that have left the history count too.
        let duration = count + self.count.saturating_sub(HISTORY);
        if duration < t.min_frames + if repeated { REPEAT_EXTRA_FRAMES } else { 0 } {
            return false;
        }
        let mean = |value: fn(&ToneFrame) -> f32| full().map(value).sum::<f32>() / count as f32;
        let (row, column) = (mean(|f| f.row_power), mean(|f| f.column_power));
        if row.min(column) < t.min_power
            || row > column * t.normal_twist
            || column > row * t.reverse_twist
        {
            return false;
        }
        let coherence = |tone: usize| {
            let bin = if tone == 0 {
                self.key.0
            } else {
                4 + self.key.1
            };
            let (mut sum, mut length) = (Complex::default(), 0.0);
            for frame in full() {
                sum = sum.plus(frame.rotation[tone]);
                length += frame.rotation[tone].power().sqrt();
            }
            // A deviation of 100 Hz would alias to 0, but no frame is more than 40 Hz off.
            let off_hz = sum.phase() * 100.0 / std::f32::consts::TAU;
            if off_hz.abs() > FREQUENCIES_HZ[bin] as f32 * TOLERANCE_RATIO + TOLERANCE_HZ {
                return 0.0;
            }
            sum.power().sqrt() / length.max(1e-9)
        };
        let variation = |value: fn(&ToneFrame) -> f32, mean: f32| {
            let variance = full().map(|f| (value(f) - mean).powi(2)).sum::<f32>() / count as f32;
            variance.sqrt() / mean
        };
        let coherence = coherence(0).min(coherence(1));
        let variation = variation(|f| f.row_power, row).max(variation(|f| f.column_power, column));
        let background =
            (self.background.row_power / row).max(self.background.column_power / column);
        let energy = mean(|f| f.energy);
        let share = HOP as f32 * (row + column) / energy;
        let band_share = mean(|f| f.band_share);
        let residual = energy * (1.0 - share - SHARE_ERROR);
        let voice_frames = usize::from(row > column * VOICE_TWIST);
        RULES.iter().any(|rule| {
            let extra_frames = if rule.stationary_residual {
                rule.extra_frames + voice_frames
            } else {
                rule.extra_frames
            };
            duration >= t.min_frames + extra_frames
                && share >= rule.min_share
                && band_share >= rule.min_band_share
                && coherence >= rule.min_coherence
                && background <= rule.max_background
                && variation <= rule.max_variation
                && (!rule.stationary_residual
                    || residual <= self.background.energy * MAX_RESIDUAL_GROWTH)
        })
    }

    /// Time of the last frame of the tone: it ends there or later.
    pub fn last(&self) -> Samples {
        self.last
    }

    /// First sample of the tone, interpolated: a window that the tone fills by half shows half of its amplitude.
    pub fn start(&self) -> Samples {
        let half_power = self.peak_power / 4.0;
        let above_at = self.onset_powers[..self.count.min(3)]
            .iter()
            .position(|&p| p >= half_power)
            .unwrap_or(0);
        let at = self.first + (above_at * HOP) as Samples;
        let above = self.onset_powers[above_at].sqrt();
        let below = if above_at == 0 {
            0.0
        } else {
            self.onset_powers[above_at - 1].sqrt()
        };
        let full = self.peak_power.sqrt();
        let back = if above > below {
            (above - full / 2.0) / (full / 2.0).max(above - below)
        } else {
            0.0
        };
        at.saturating_sub((back.clamp(0.0, 1.0) * HOP as f32) as Samples)
    }

    /// The end of the tone, interpolated like its start, with the levels of both tones.
    pub fn end(&self, now: Samples) -> DtmfFact {
        let n = self.summed.max(1) as f32;
        let (row, column) = if self.summed > 0 {
            (self.row_sum / n, self.column_sum / n)
        } else {
            let last = &self.frames[(self.count - 1) % HISTORY];
            (last.row_power, last.column_power)
        };
        let full = self.peak_power.sqrt();
        let above = self.frames[(self.count - 1) % HISTORY]
            .power()
            .sqrt()
            .min(full);
        let below = self.offset_power.sqrt();
        let forward = ((above - full / 2.0) / (full / 2.0).max(above - below)).clamp(0.0, 1.0);
        let start = self.start();
        DtmfFact::End {
            digit: self.digit(),
            start,
            end: (self.last + (forward * HOP as f32) as Samples).clamp(start, now.max(start)),
            low_dbm0: amplitude_to_dbm0(row.sqrt()),
            high_dbm0: amplitude_to_dbm0(column.sqrt()),
        }
    }
}
