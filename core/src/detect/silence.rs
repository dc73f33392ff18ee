//! Audio or silence, as a recorder asks: what stands out of the line's own noise.
//!
//! The level is taken in frames of 20 ms, without what is below the telephone band. The noise floor is the lowest level of
//! the last one and a half seconds. A frame is audio
//!
//! - if it is clearly above the floor and not faint in itself, or
//! - if it is above the floor and the level moves as that of speech does: up and down by 7 dB within 300 ms. A hum, a hiss
//!   and comfort noise hold theirs, and one that begins goes up alone.
//!
//! Either takes two frames in a row, so that a click is none. A threshold that the host has set stands for all of this.
#![forbid(unsafe_code)]

use crate::dsp::level::FULL_SCALE_DBM0;
use std::f32::consts::PI;

/// Frames in a second, and the length of one.
const FRAMES: u32 = 50;
const FRAME_MS: usize = 20;

/// Hum and rumble are below this.
const HIGH_PASS_HZ: f32 = 130.0;

/// What nobody has facts yet is a line with this noise.
const FLOOR_AT_FIRST_DBM0: f32 = -40.0;

/// Noise above this is no noise: a tone, music.
const FLOOR_MOST_DBM0: f32 = -30.0;

/// How far audio stands out of the floor.
const ABOVE_FLOOR_DB: f32 = 4.0;

/// What is louder than this, and above the floor, is audio without another look.
const LOUD_DBM0: f32 = -36.0;

/// What is fainter than this is silence, however it moves.
const FAINT_DBM0: f32 = -50.0;

/// Speech moves its level by this, up and down, within [`MEMORY`] frames.
const MOVES_DB: f32 = 7.0;
const MEMORY: usize = 15;

/// The floor is the least of this many times [`MEMORY`] frames: 1.5 s.
const PARTS: usize = 5;

/// So much less than the peak is what is left of it after an abrupt end.
const RINGING: f32 = 8.0;

/// A stretch of audio: from its first sample to the one behind its last. Later stretches may lap over earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioSpan {
    /// Its first sample.
    pub from: u64,
    /// The first sample behind it.
    pub to: u64,
}

/// The detector of one stream, at the stream's own rate.
#[derive(Clone, Debug)]
pub struct SilenceDetector {
    /// Samples of a frame.
    frame: usize,
    fixed_dbm0: Option<f32>,
    /// The high-pass: its pole, its last input and output.
    pole: f32,
    before: (f32, f32),
    /// The frame that fills, filtered, and as it came.
    line: Vec<f32>,
    raw: Vec<f32>,
    facts: u64,
    /// The latest levels, oldest first.
    levels: [f32; MEMORY],
    /// The latest two powers, to even out the floor.
    powers: [f32; 2],
    /// The mean of the latest silence.
    mean: f32,
    /// The latest two frames' peaks.
    peaks: [f32; 2],
    floor: Floor,
    /// Frames in a row that are above the threshold, and where the first loud sample of the row is.
    row: usize,
    began: u64,
    /// The row was found to be audio, up to the frame before.
    audio: bool,
}

/// The lowest level of the last 1.5 s.
#[derive(Clone, Copy, Debug)]
struct Floor {
    parts: [f32; PARTS],
    frames: usize,
}

impl Floor {
    fn process(&mut self, dbm0: f32) {
        if self.frames == MEMORY {
            self.parts.rotate_right(1);
            self.parts[0] = f32::MAX;
            self.frames = 0;
        }
        self.parts[0] = self.parts[0].min(dbm0);
        self.frames += 1;
    }

    fn dbm0(&self) -> f32 {
        let least = self.parts.iter().copied().fold(f32::MAX, f32::min);
        least.min(FLOOR_MOST_DBM0)
    }
}

fn power_to_dbm0(power: f32) -> f32 {
    // A sine of full scale has half its square.
    10.0 * (power.max(1e-6) / (32768.0 * 32768.0 / 2.0)).log10() + FULL_SCALE_DBM0
}

/// The root mean square of this level.
fn dbm0_to_rms(dbm0: f32) -> f32 {
    32768.0 * std::f32::consts::FRAC_1_SQRT_2 * 10f32.powf((dbm0 - FULL_SCALE_DBM0) / 20.0)
}

impl SilenceDetector {
    /// `fixed_dbm0`: the threshold that the host has set, if it has.
    pub fn new(rate_hz: u32, fixed_dbm0: Option<f32>) -> Self {
        let frame = (rate_hz / FRAMES) as usize;
        Self {
            frame,
            fixed_dbm0,
            pole: (-2.0 * PI * HIGH_PASS_HZ / rate_hz as f32).exp(),
            before: (0.0, 0.0),
            line: Vec::with_capacity(frame),
            raw: Vec::with_capacity(frame),
            facts: 0,
            levels: [FLOOR_AT_FIRST_DBM0; MEMORY],
            powers: [0.0; 2],
            mean: 0.0,
            peaks: [0.0; 2],
            floor: Floor {
                parts: [FLOOR_AT_FIRST_DBM0; PARTS],
                frames: 0,
            },
            row: 0,
            began: 0,
            audio: false,
        }
    }

    /// Hears samples, in chunks of any size; adds the stretches of audio that became known.
    pub fn process(&mut self, samples: &[i16], found: &mut Vec<AudioSpan>) {
        for &sample in samples {
            let x = f32::from(sample);
            let y = x - self.before.0 + self.pole * self.before.1;
            self.before = (x, y);
            self.line.push(y);
            self.raw.push(x);
            self.facts += 1;
            if self.line.len() == self.frame {
                self.judge_and_forget(found);
            }
        }
    }

    /// No more will come: judges the frame that is not full.
    pub fn finish(&mut self, found: &mut Vec<AudioSpan>) {
        if !self.line.is_empty() {
            self.judge_and_forget(found);
        }
    }

    fn judge_and_forget(&mut self, found: &mut Vec<AudioSpan>) {
        self.judge(found);
        self.line.clear();
        self.raw.clear();
    }

    /// Until here every stretch of audio is told, but for one that is faint and may still turn out to move.
    pub fn complete_until(&self) -> u64 {
        let whole = self.facts - self.line.len() as u64;
        if self.row == 1 && !self.audio {
            // The row's first frame waits for the second.
            whole - self.frame as u64
        } else {
            whole
        }
    }

    fn judge(&mut self, found: &mut Vec<AudioSpan>) {
        let begins = self.facts - self.line.len() as u64;
        let power = self.line.iter().map(|y| y * y).sum::<f32>() / self.line.len() as f32;
        let level = power_to_dbm0(power);
        let even = (power + self.powers[0] + self.powers[1]) / 3.0;
        self.powers = [power, self.powers[0]];
        let peak = self.line.iter().fold(0f32, |most, y| most.max(y.abs()));
        self.peaks = [peak, self.peaks[0]];
        self.floor.process(power_to_dbm0(even).max(level));
        self.levels.rotate_left(1);
        self.levels[MEMORY - 1] = level;

        let (loud, faint) = self.thresholds();
        if level < faint {
            if self.audio
                && let Some(last) = self.last_above(2.0 * dbm0_to_rms(faint))
            {
                found.push(AudioSpan {
                    from: begins,
                    to: begins + last as u64 + 1,
                });
            }
            self.mean = self.raw.iter().sum::<f32>() / self.raw.len() as f32;
            self.row = 0;
            self.audio = false;
            return;
        }
        let rms = dbm0_to_rms(faint);
        if self.row == 0 {
            self.began = begins + self.first_above(rms).unwrap_or(0) as u64;
        }
        self.row += 1;
        let both = self.levels[MEMORY - 2].min(level);
        if self.row >= 2 && (both >= loud || self.moves()) {
            if let Some(last) = self.last_above(rms) {
                found.push(AudioSpan {
                    from: self.began,
                    to: begins + last as u64 + 1,
                });
                self.began = begins + last as u64 + 1;
            }
            self.audio = true;
        } else if self.audio && !self.moves() {
            // It does not stand out any more; should it go on, it begins anew.
            self.audio = false;
            self.began = begins;
        }
    }

    /// The first sample that is loud without hum; a millisecond before it may be loud as it came.
    fn first_above(&self, amplitude: f32) -> Option<usize> {
        let first = self.line.iter().position(|y| y.abs() >= amplitude)?;
        let from = first.saturating_sub(self.frame / FRAME_MS);
        (from..self.raw.len()).find(|&at| self.came_above(amplitude, at))
    }

    /// The last, likewise; what merely rings in the filter did not come loud.
    fn last_above(&self, amplitude: f32) -> Option<usize> {
        let no_ringing = amplitude.max(self.peaks[0].max(self.peaks[1]) / RINGING);
        let last = self.line.iter().rposition(|y| y.abs() >= no_ringing)?;
        let to = (last + self.frame / FRAME_MS + 1).min(self.raw.len());
        (0..to).rfind(|&at| self.came_above(amplitude, at))
    }

    fn came_above(&self, amplitude: f32, at: usize) -> bool {
        (self.raw[at] - self.mean).abs() >= amplitude
    }

    /// From where it is audio in any case, and from where it may be.
    fn thresholds(&self) -> (f32, f32) {
        match self.fixed_dbm0 {
            Some(fixed) => (fixed, fixed),
            None => {
                let above = self.floor.dbm0() + ABOVE_FLOOR_DB;
                (above.max(LOUD_DBM0), above.max(FAINT_DBM0))
            }
        }
    }

    /// Whether the level went up and down as that of speech does.
    fn moves(&self) -> bool {
        let (mut lowest, mut highest) = (f32::MAX, f32::MIN);
        let (mut rise, mut fall) = (0f32, 0f32);
        let floor = self.floor.dbm0().max(FAINT_DBM0 - 10.0);
        for level in self.levels.iter().map(|l| l.max(floor)) {
            lowest = lowest.min(level);
            highest = highest.max(level);
            rise = rise.max(level - lowest);
            fall = fall.max(highest - level);
        }
        rise.min(fall) >= MOVES_DB
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

    /// White noise of a level.
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

    /// Syllables: a tone of some harmonics, five times a second, with pauses; its level over all of it.
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
        let mut one = SilenceDetector::new(8000, None);
        let mut stretches = Vec::new();
        one.process(&samples, &mut stretches);
        one.finish(&mut stretches);
        let mut small = SilenceDetector::new(8000, None);
        let mut again = Vec::new();
        samples
            .chunks(37)
            .for_each(|c| small.process(c, &mut again));
        small.finish(&mut again);
        assert_eq!(stretches, again, "any chunking gives the same");
        stretches
    }

    #[test]
    fn noise_of_a_line_is_silence() {
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
            // Comfort noise that comes and goes.
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
            let stretches = found(&[noise[..16000].to_vec(), voice, noise[..16000].to_vec()]);
            let (first, last) = (
                stretches[0].from,
                stretches.iter().map(|s| s.to).max().unwrap(),
            );
            assert!((16000..17600).contains(&first), "{first}");
            assert!((30400..32400).contains(&last), "{last}");
        }
    }

    #[test]
    fn on_a_quiet_line_much_quieter_speech_is_audio() {
        let line = hiss(-65.0, 6.0);
        let voice = mixed(&line[16000..32000], &speech(-45.0, 2.0));
        let stretches = found(&[line[..16000].to_vec(), voice, line[..16000].to_vec()]);
        assert!(!stretches.is_empty());
    }

    #[test]
    fn ends_are_right_to_a_millisecond() {
        for (from, length) in [(8000usize, 8000usize), (8013, 4001), (7999, 1605)] {
            let mut samples = vec![0.0; 24000];
            samples[from..from + length].copy_from_slice(&tone(440.0, -10.0, 2.0)[..length]);
            let stretches = found(&[samples]);
            let (first, last) = (
                stretches[0].from,
                stretches.iter().map(|s| s.to).max().unwrap(),
            );
            assert!(first.abs_diff(from as u64) <= 8, "{from}: {first}");
            assert!(
                last.abs_diff((from + length) as u64) <= 16,
                "{}: {last}",
                from + length
            );
        }
    }

    #[test]
    fn a_long_tone_and_music_stay_audio() {
        let stretches = found(&[tone(440.0, -20.0, 20.0)]);
        assert!(stretches.iter().map(|s| s.to).max().unwrap() > 159_000);
    }

    #[test]
    fn a_click_is_silence() {
        let mut samples = vec![0.0; 16000];
        samples[8000..8040].fill(8000.0);
        assert_eq!(found(&[samples]), []);
    }

    #[test]
    fn a_threshold_that_is_set_is_the_threshold() {
        let samples: Vec<i16> = tone(440.0, -30.0, 1.0).iter().map(|x| *x as i16).collect();
        for (threshold, audio) in [(-28.0, false), (-32.0, true)] {
            let mut stretches = Vec::new();
            SilenceDetector::new(8000, Some(threshold)).process(&samples, &mut stretches);
            assert_eq!(!stretches.is_empty(), audio);
        }
    }
}
