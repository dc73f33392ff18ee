//! Silence detection for the recorder: audio is a signal above the noise floor of the line.
//!
//! The detector measures the level of frames of 20 ms after a high-pass at the lower edge of the telephone band. The noise floor
//! is the lowest level of the last 1.5 s. A frame is audio
//!
//! - if its level is at least 4 dB above the floor and at least -36 dBm0, or
//! - if its level is at least 4 dB above the floor and at least -50 dBm0, and varies like that of speech: up and down by 7 dB
//!   within 300 ms. Hum, hiss and comfort noise have a constant level, and their onset is a rise without a fall.
//!
//! Both need two consecutive frames, so a click is not audio. A fixed threshold, if set, replaces both rules.
#![forbid(unsafe_code)]

use crate::dsp::level::FULL_SCALE_DBM0;
use std::f32::consts::PI;

/// Frames per second.
const FRAMES_HZ: u32 = 50;
/// Length of a frame.
const FRAME_MS: usize = 20;

/// Cut-off of the high-pass: hum and rumble are below.
const HIGH_PASS_HZ: f32 = 130.0;

/// Noise floor before the first frame.
const INITIAL_FLOOR_DBM0: f32 = -40.0;

/// Maximum noise floor: a steady signal above it is a tone or music.
const MAX_FLOOR_DBM0: f32 = -30.0;

/// Minimum level of audio above the floor.
const MIN_ABOVE_FLOOR_DB: f32 = 4.0;

/// Minimum level of audio that need not vary.
const LOUD_DBM0: f32 = -36.0;

/// Minimum level of audio that varies.
const FAINT_DBM0: f32 = -50.0;

/// Speech varies in level by this much, up and down, within [`HISTORY`] frames.
const SPEECH_VARIATION_DB: f32 = 7.0;
/// Frames whose levels are kept: 300 ms.
const HISTORY: usize = 15;

/// The floor is the minimum over this many blocks of [`HISTORY`] frames: 1.5 s.
const FLOOR_BLOCKS: usize = 5;

/// Ratio of the peak to the ringing of the high-pass after an abrupt end.
const RINGING_RATIO: f32 = 8.0;

/// A span of audio. Consecutive spans may overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioSpan {
    /// First sample.
    pub from: u64,
    /// First sample after it.
    pub to: u64,
}

/// The silence detector of one stream, at the rate of the stream.
#[derive(Clone, Debug)]
pub struct SilenceDetector {
    /// Samples of a frame.
    frame_length: usize,
    fixed_dbm0: Option<f32>,
    /// Pole of the high-pass, and its last input and output.
    pole: f32,
    last: (f32, f32),
    /// The frame in progress, after the high-pass and before it.
    filtered: Vec<f32>,
    raw: Vec<f32>,
    /// Samples processed so far.
    processed: u64,
    /// Levels of the latest frames in dBm0, oldest first.
    levels: [f32; HISTORY],
    /// Powers of the latest two frames, which smooth the input of the floor.
    powers: [f32; 2],
    /// Mean of the raw samples (DC offset) of the latest silent frame.
    mean: f32,
    /// Peaks of the latest two frames.
    peaks: [f32; 2],
    floor: Floor,
    /// Consecutive frames above the lower threshold, and their first sample above it.
    loud_frames: usize,
    span_start: u64,
    /// These frames are audio, up to the previous one.
    in_audio: bool,
}

/// The lowest level of the last 1.5 s, in blocks of 300 ms, newest first.
#[derive(Clone, Copy, Debug)]
struct Floor {
    blocks: [f32; FLOOR_BLOCKS],
    frames: usize,
}

impl Floor {
    fn process(&mut self, dbm0: f32) {
        if self.frames == HISTORY {
            self.blocks.rotate_right(1);
            self.blocks[0] = f32::MAX;
            self.frames = 0;
        }
        self.blocks[0] = self.blocks[0].min(dbm0);
        self.frames += 1;
    }

    fn dbm0(&self) -> f32 {
        let min = self.blocks.iter().copied().fold(f32::MAX, f32::min);
        min.min(MAX_FLOOR_DBM0)
    }
}

fn power_to_dbm0(power: f32) -> f32 {
    // A sine of full scale has half its square.
    10.0 * (power.max(1e-6) / (32768.0 * 32768.0 / 2.0)).log10() + FULL_SCALE_DBM0
}

/// The root mean square of a signal of this level.
fn dbm0_to_rms(dbm0: f32) -> f32 {
    32768.0 * std::f32::consts::FRAC_1_SQRT_2 * 10f32.powf((dbm0 - FULL_SCALE_DBM0) / 20.0)
}

impl SilenceDetector {
    /// A detector of a stream at `rate_hz`. `fixed_dbm0` replaces the noise floor and both rules by one threshold.
    pub fn new(rate_hz: u32, fixed_dbm0: Option<f32>) -> Self {
        let frame_length = (rate_hz / FRAMES_HZ) as usize;
        Self {
            frame_length,
            fixed_dbm0,
            pole: (-2.0 * PI * HIGH_PASS_HZ / rate_hz as f32).exp(),
            last: (0.0, 0.0),
            filtered: Vec::with_capacity(frame_length),
            raw: Vec::with_capacity(frame_length),
            processed: 0,
            levels: [INITIAL_FLOOR_DBM0; HISTORY],
            powers: [0.0; 2],
            mean: 0.0,
            peaks: [0.0; 2],
            floor: Floor {
                blocks: [INITIAL_FLOOR_DBM0; FLOOR_BLOCKS],
                frames: 0,
            },
            loud_frames: 0,
            span_start: 0,
            in_audio: false,
        }
    }

    /// Processes samples in chunks of any size and appends the spans of audio found.
    pub fn process(&mut self, samples: &[i16], found: &mut Vec<AudioSpan>) {
        for &sample in samples {
            let x = f32::from(sample);
            let y = x - self.last.0 + self.pole * self.last.1;
            self.last = (x, y);
            self.filtered.push(y);
            self.raw.push(x);
            self.processed += 1;
            if self.filtered.len() == self.frame_length {
                self.end_frame(found);
            }
        }
    }

    /// Ends the stream: classifies the incomplete frame.
    pub fn finish(&mut self, found: &mut Vec<AudioSpan>) {
        if !self.filtered.is_empty() {
            self.end_frame(found);
        }
    }

    fn end_frame(&mut self, found: &mut Vec<AudioSpan>) {
        self.classify(found);
        self.filtered.clear();
        self.raw.clear();
    }

    /// Sample before which all spans have been reported. Exception: a faint span is reported from its start once its level
    /// varies.
    pub fn complete_until(&self) -> u64 {
        let whole = self.processed - self.filtered.len() as u64;
        if self.loud_frames == 1 && !self.in_audio {
            // A single loud frame is audio only if the next one is loud too.
            whole - self.frame_length as u64
        } else {
            whole
        }
    }

    fn classify(&mut self, found: &mut Vec<AudioSpan>) {
        let start = self.processed - self.filtered.len() as u64;
        let power = self.filtered.iter().map(|y| y * y).sum::<f32>() / self.filtered.len() as f32;
        let level = power_to_dbm0(power);
        let smoothed = (power + self.powers[0] + self.powers[1]) / 3.0;
        self.powers = [power, self.powers[0]];
        let peak = self.filtered.iter().fold(0f32, |max, y| max.max(y.abs()));
        self.peaks = [peak, self.peaks[0]];
        self.floor.process(power_to_dbm0(smoothed).max(level));
        self.levels.rotate_left(1);
        self.levels[HISTORY - 1] = level;

        let (loud, faint) = self.thresholds();
        if level < faint {
            if self.in_audio
                && let Some(last) = self.last_above(2.0 * dbm0_to_rms(faint))
            {
                found.push(AudioSpan {
                    from: start,
                    to: start + last as u64 + 1,
                });
            }
            self.mean = self.raw.iter().sum::<f32>() / self.raw.len() as f32;
            self.loud_frames = 0;
            self.in_audio = false;
            return;
        }
        let rms = dbm0_to_rms(faint);
        if self.loud_frames == 0 {
            self.span_start = start + self.first_above(rms).unwrap_or(0) as u64;
        }
        self.loud_frames += 1;
        let both = self.levels[HISTORY - 2].min(level);
        if self.loud_frames >= 2 && (both >= loud || self.level_varies()) {
            if let Some(last) = self.last_above(rms) {
                found.push(AudioSpan {
                    from: self.span_start,
                    to: start + last as u64 + 1,
                });
                self.span_start = start + last as u64 + 1;
            }
            self.in_audio = true;
        } else if self.in_audio && !self.level_varies() {
            // The level has stopped varying. If it varies again, a new span starts.
            self.in_audio = false;
            self.span_start = start;
        }
    }

    /// Index of the first sample above `amplitude` after the high-pass, or up to 1 ms earlier if the raw signal is above it
    /// there.
    fn first_above(&self, amplitude: f32) -> Option<usize> {
        let first = self.filtered.iter().position(|y| y.abs() >= amplitude)?;
        let from = first.saturating_sub(self.frame_length / FRAME_MS);
        (from..self.raw.len()).find(|&at| self.raw_exceeds(amplitude, at))
    }

    /// Index of the last sample above `amplitude`, without the ringing of the high-pass.
    fn last_above(&self, amplitude: f32) -> Option<usize> {
        let min_amplitude = amplitude.max(self.peaks[0].max(self.peaks[1]) / RINGING_RATIO);
        let last = self
            .filtered
            .iter()
            .rposition(|y| y.abs() >= min_amplitude)?;
        let to = (last + self.frame_length / FRAME_MS + 1).min(self.raw.len());
        (0..to).rfind(|&at| self.raw_exceeds(amplitude, at))
    }

    fn raw_exceeds(&self, amplitude: f32, at: usize) -> bool {
        (self.raw[at] - self.mean).abs() >= amplitude
    }

    /// Levels from which a frame is audio without and with variation.
    fn thresholds(&self) -> (f32, f32) {
        match self.fixed_dbm0 {
            Some(fixed) => (fixed, fixed),
            None => {
                let above = self.floor.dbm0() + MIN_ABOVE_FLOOR_DB;
                (above.max(LOUD_DBM0), above.max(FAINT_DBM0))
            }
        }
    }

    /// Whether the level rose and fell like that of speech.
    fn level_varies(&self) -> bool {
        let (mut lowest, mut highest) = (f32::MAX, f32::MIN);
        let (mut rise, mut fall) = (0f32, 0f32);
        let floor = self.floor.dbm0().max(FAINT_DBM0 - 10.0);
        for level in self.levels.iter().map(|l| l.max(floor)) {
            lowest = lowest.min(level);
            highest = highest.max(level);
            rise = rise.max(level - lowest);
            fall = fall.max(highest - level);
        }
        rise.min(fall) >= SPEECH_VARIATION_DB
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rng() -> impl FnMut() -> f32 {
        let mut x = 12345u32;
        move || {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            (x >> 8) as f32 / (1 << 23) as f32 - 1.0
        }
    }

    /// White noise.
    fn hiss(dbm0: f32, seconds: f32) -> Vec<f32> {
        let mut next = rng();
        let scale = dbm0_to_rms(dbm0) * 3f32.sqrt();
        (0..(8000.0 * seconds) as usize)
            .map(|_| scale * next())
            .collect()
    }

    fn tone(hz: f32, dbm0: f32, seconds: f32) -> Vec<f32> {
        let amplitude = dbm0_to_rms(dbm0) * 2f32.sqrt();
        (0..(8000.0 * seconds) as usize)
            .map(|n| amplitude * (2.0 * PI * hz * n as f32 / 8000.0).sin())
            .collect()
    }

    /// Five harmonics in five syllables a second. `dbm0` is the level over the whole signal.
    fn speech(dbm0: f32, seconds: f32) -> Vec<f32> {
        let raw: Vec<f32> = (0..(8000.0 * seconds) as usize)
            .map(|n| {
                let t = n as f32 / 8000.0;
                let envelope = (PI * 5.0 * t).sin().powi(2);
                let voice: f32 = (1..6)
                    .map(|k| (2.0 * PI * 140.0 * k as f32 * t).sin() / k as f32)
                    .sum();
                envelope * voice
            })
            .collect();
        let power = raw.iter().map(|x| x * x).sum::<f32>() / raw.len() as f32;
        let scale = dbm0_to_rms(dbm0) / power.sqrt();
        raw.iter().map(|x| x * scale).collect()
    }

    fn mixed(a: &[f32], b: &[f32]) -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + b).collect()
    }

    fn found(parts: &[Vec<f32>]) -> Vec<AudioSpan> {
        let samples: Vec<i16> = parts.concat().iter().map(|x| x.round() as i16).collect();
        let mut detector = SilenceDetector::new(8000, None);
        let mut spans = Vec::new();
        detector.process(&samples, &mut spans);
        detector.finish(&mut spans);
        let mut other = SilenceDetector::new(8000, None);
        let mut chunked = Vec::new();
        samples
            .chunks(37)
            .for_each(|c| other.process(c, &mut chunked));
        other.finish(&mut chunked);
        assert_eq!(spans, chunked, "any chunking gives the same spans");
        spans
    }

    #[test]
    fn line_noise_is_silence() {
        let nothing = vec![0.0; 16000];
        for noise in [
            vec![0.0; 80000],
            hiss(-40.0, 10.0),
            hiss(-55.0, 10.0),
            tone(50.0, -40.0, 10.0),
            tone(50.0, -30.0, 10.0),
            tone(60.0, -40.0, 10.0),
            tone(150.0, -40.0, 10.0),
            mixed(&tone(100.0, -43.0, 10.0), &hiss(-43.0, 10.0)),
        ] {
            assert_eq!(found(std::slice::from_ref(&noise)), []);
            // Intermittent comfort noise.
            assert_eq!(
                found(&[nothing.clone(), noise.clone(), nothing.clone(), noise]),
                []
            );
        }
    }

    #[test]
    fn quiet_speech_over_noise_is_audio() {
        for noise in [hiss(-40.0, 6.0), tone(50.0, -40.0, 6.0), hiss(-60.0, 6.0)] {
            let voice = mixed(&noise[16000..32000], &speech(-35.0, 2.0));
            let spans = found(&[noise[..16000].to_vec(), voice, noise[..16000].to_vec()]);
            let (first, last) = (spans[0].from, spans.iter().map(|s| s.to).max().unwrap());
            assert!((16000..17600).contains(&first), "{first}");
            assert!((30400..32400).contains(&last), "{last}");
        }
    }

    #[test]
    fn faint_speech_on_a_quiet_line_is_audio() {
        let noise = hiss(-65.0, 6.0);
        let voice = mixed(&noise[16000..32000], &speech(-45.0, 2.0));
        let spans = found(&[noise[..16000].to_vec(), voice, noise[..16000].to_vec()]);
        assert!(!spans.is_empty());
    }

    #[test]
    fn a_span_starts_within_1_ms_and_ends_within_2_ms() {
        for (from, length) in [(8000usize, 8000usize), (8013, 4001), (7999, 1605)] {
            let mut samples = vec![0.0; 24000];
            samples[from..from + length].copy_from_slice(&tone(440.0, -10.0, 2.0)[..length]);
            let spans = found(&[samples]);
            let (first, last) = (spans[0].from, spans.iter().map(|s| s.to).max().unwrap());
            assert!(first.abs_diff(from as u64) <= 8, "{from}: {first}");
            assert!(
                last.abs_diff((from + length) as u64) <= 16,
                "{}: {last}",
                from + length
            );
        }
    }

    #[test]
    fn a_long_tone_stays_audio() {
        let spans = found(&[tone(440.0, -20.0, 20.0)]);
        assert!(spans.iter().map(|s| s.to).max().unwrap() > 159_000);
    }

    #[test]
    fn a_click_is_silence() {
        let mut samples = vec![0.0; 16000];
        samples[8000..8040].fill(8000.0);
        assert_eq!(found(&[samples]), []);
    }

    #[test]
    fn a_fixed_threshold_replaces_the_noise_floor() {
        let samples: Vec<i16> = tone(440.0, -30.0, 1.0).iter().map(|x| *x as i16).collect();
        for (threshold, is_audio) in [(-28.0, false), (-32.0, true)] {
            let mut spans = Vec::new();
            SilenceDetector::new(8000, Some(threshold)).process(&samples, &mut spans);
            assert_eq!(!spans.is_empty(), is_audio);
        }
    }
}
