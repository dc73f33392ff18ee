//! Features of the first seconds of a call: timing of the voice, its level, spectrum and pitch, and the silence around it.
#![forbid(unsafe_code)]

use crate::detect::fact::{BANDS, Fact, Frame};
use crate::time::{RATE_HZ, Samples};

/// Number of features.
pub const FEATURES: usize = 31;

/// A frame with a higher probability of voice is voice.
pub const MIN_VOICE: f32 = 0.5;

/// A frame before the first voice with a lower probability of voice is background.
pub const MAX_BACKGROUND_VOICE: f32 = 0.2;

/// Lower levels count as this one, dBm0: they depend on the codec's coding of silence.
pub const MIN_LEVEL_DBM0: f32 = -75.0;

/// Feature value of a level that was not measured, dBm0.
const NO_LEVEL_DBM0: f32 = -90.0;

/// Smallest number of frames from which the level of a pause or of the background is measured.
const MIN_LEVEL_FRAMES: f32 = 5.0;

/// The spectrum of voice is measured in frames up to this far below the loudest, dB.
const SPECTRUM_RANGE_DB: f32 = 18.0;

/// A voice segment that stays this far below the loudest frame belongs to another speaker, or is breath, dB.
const SPEAKER_RANGE_DB: f32 = 20.0;

/// The pitch is used in frames with a higher periodicity and pitch than these.
const MIN_PERIODICITY: f32 = 0.25;
const MIN_PITCH_HZ: f32 = 70.0;

/// The steadiness of the pitch is measured in frames up to this far below the loudest, dB.
const PITCH_RANGE_DB: f32 = 12.0;

/// Largest step of a voice's pitch from frame to frame, octaves. The pitch of a cough, a sneeze or a door jumps further.
const MAX_PITCH_STEP_OCTAVES: f32 = 0.08;

/// A run of this many small steps is steady pitch, in frames with a higher periodicity than this.
const MIN_STEADY_STEPS: u32 = 2;
const MIN_STEADY_PERIODICITY: f32 = 0.35;

/// Sum of the voice probabilities of all frames above which there may be voice, in frames.
const MIN_PROBABILITY_SUM: f32 = 15.0;

/// Voice has this share or this number of loud frames with a steady pitch. Of words, 1 % have a share below 0.3; of coughs,
/// 1 % have a share of 0.2, and none has 6 such frames.
const MIN_STEADY_SHARE: f32 = 0.2;
const MIN_STEADY_FRAMES: f32 = 10.0;

/// Or voice has a run of this many frames with a higher probability of voice than this: the pitch of deep voices is hard to
/// track. Of coughs, 1 % have a run of 19 frames.
const CERTAIN_VOICE: f32 = 0.9;
const MIN_CERTAIN_FRAMES: u32 = 25;

/// Depth of the dip between two syllables, dB.
const SYLLABLE_DB: f32 = 5.0;

/// Accumulates mean and deviation.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f32,
    sum: f32,
    squares: f32,
}

impl Moments {
    fn add(&mut self, x: f32) {
        self.count += 1.0;
        self.sum += x;
        self.squares += x * x;
    }

    fn mean(&self) -> f32 {
        self.sum / self.count.max(1.0)
    }

    fn deviation(&self) -> f32 {
        let mean = self.mean();
        (self.squares / self.count.max(1.0) - mean * mean)
            .max(0.0)
            .sqrt()
    }

    /// The mean of levels; [`NO_LEVEL_DBM0`] if there are too few.
    fn level(&self) -> f32 {
        if self.count >= MIN_LEVEL_FRAMES {
            self.mean()
        } else {
            NO_LEVEL_DBM0
        }
    }
}

/// Computes the features from facts. Times are media time.
#[derive(Clone, Debug)]
pub struct FeatureExtractor {
    /// Start of the first voice segment.
    first: Option<Samples>,
    /// Start of the voice segment that lasts.
    since: Option<Samples>,
    /// End of the last voice segment.
    end: Samples,
    /// Length of all ended segments, of the longest, and of the last.
    voice: Samples,
    longest: Samples,
    last: Samples,
    /// Number of ended segments.
    segments: f32,
    /// Longest gap between two segments.
    gap: Samples,
    /// Time of the last frame of voice at the speaker's level.
    loud_at: Samples,
    /// Sum of the voice probabilities of frames of voice.
    probability_sum: f32,
    /// Length of the current and of the longest run of certain frames.
    certain_run: u32,
    longest_certain_run: u32,
    /// Levels of frames of voice.
    levels: Moments,
    loudest: f32,
    /// Levels of the low and the high band, and the tilt, relative to the loudest band.
    spectrum: [Moments; 3],
    /// Maximum of the highest band relative to the bands below it.
    highest: f32,
    /// Frames with a pitch.
    pitched_frames: f32,
    /// Pitch, log2 of Hz, and its recent value, smoothed.
    pitch: Moments,
    recent_pitch: f32,
    /// Highest pitch, smoothed over some frames.
    highest_pitch: f32,
    /// Level of the recent voice, smoothed.
    recent_level: f32,
    /// Pitch of the last frame, and the run of small steps up to it.
    last_pitch: Option<f32>,
    steps: u32,
    /// Loud frames, and those with a steady pitch.
    loud_frames: f32,
    steady_frames: f32,
    /// Small steps of the pitch, octaves.
    pitch_steps: Moments,
    /// Levels of the background before the first voice, and of the pause that lasts.
    background: Moments,
    pause: Moments,
    /// Smoothed level, and its minimum since the first voice.
    smooth_level: f32,
    floor: f32,
    /// Whether the smoothed level rises, and its last extreme.
    rising: bool,
    extreme: f32,
    syllables: f32,
    has_network_tone: bool,
}

impl Default for FeatureExtractor {
    fn default() -> Self {
        Self {
            first: None,
            since: None,
            end: 0,
            voice: 0,
            longest: 0,
            last: 0,
            segments: 0.0,
            gap: 0,
            loud_at: 0,
            probability_sum: 0.0,
            certain_run: 0,
            longest_certain_run: 0,
            levels: Moments::default(),
            loudest: MIN_LEVEL_DBM0,
            spectrum: [Moments::default(); 3],
            highest: -20.0,
            pitched_frames: 0.0,
            pitch: Moments::default(),
            recent_pitch: 0.0,
            highest_pitch: 0.0,
            recent_level: MIN_LEVEL_DBM0,
            last_pitch: None,
            steps: 0,
            loud_frames: 0.0,
            steady_frames: 0.0,
            pitch_steps: Moments::default(),
            background: Moments::default(),
            pause: Moments::default(),
            smooth_level: MIN_LEVEL_DBM0,
            floor: 0.0,
            rising: true,
            extreme: MIN_LEVEL_DBM0,
            syllables: 0.0,
            has_network_tone: false,
        }
    }
}

fn seconds(samples: Samples) -> f32 {
    samples as f32 / RATE_HZ as f32
}

impl FeatureExtractor {
    /// Processes one fact. Facts come in order.
    pub fn process(&mut self, fact: &Fact) {
        match fact {
            Fact::Frame(frame) => self.process_frame(frame),
            Fact::VoiceBegins { at } => {
                self.first.get_or_insert(*at);
                self.since = Some(*at);
            }
            Fact::VoiceEnds { at } => {
                if let Some(since) = self.since.take()
                    && self.loud_at >= since
                {
                    self.last = at.saturating_sub(since);
                    self.voice += self.last;
                    self.longest = self.longest.max(self.last);
                    self.gap = self.gap.max(self.silence_before(since));
                    self.segments += 1.0;
                    self.end = *at;
                }
            }
            Fact::Network(_) => self.has_network_tone = true,
            Fact::Beep(_) | Fact::Fax(_) => {}
        }
    }

    fn process_frame(&mut self, frame: &Frame) {
        let level = frame.level_dbm0.max(MIN_LEVEL_DBM0);
        self.smooth_level += 0.4 * (level - self.smooth_level);
        let certain = frame.voice > CERTAIN_VOICE && !frame.tone;
        self.certain_run = if certain { self.certain_run + 1 } else { 0 };
        self.longest_certain_run = self.longest_certain_run.max(self.certain_run);
        if frame.tone {
            return;
        }
        if frame.voice > MIN_VOICE {
            self.process_voice(frame, level);
            self.pause = Moments::default();
        } else {
            self.pause.add(level);
            self.last_pitch = None;
        }
        if self.levels.count == 0.0 {
            if frame.voice < MAX_BACKGROUND_VOICE {
                self.background.add(level);
            }
            self.floor = 0.0;
        } else {
            self.floor = self.floor.min(self.smooth_level);
            self.count_syllables();
        }
    }

    fn process_voice(&mut self, frame: &Frame, level: f32) {
        self.probability_sum += frame.voice;
        self.levels.add(level);
        if self.levels.count == 1.0 {
            self.recent_level = level;
        }
        self.recent_level += 0.1 * (level - self.recent_level);
        self.loudest = (self.loudest - 0.02).max(level);
        if level > self.loudest - SPEAKER_RANGE_DB {
            self.loud_at = frame.at;
        }
        self.measure_steadiness(frame, level);
        if level < self.loudest - SPECTRUM_RANGE_DB {
            return;
        }
        let b = &frame.bands;
        let loudest_band = b[2..BANDS - 1].iter().copied().fold(f32::MIN, f32::max);
        let mean = |from: usize, to: usize| b[from..to].iter().sum::<f32>() / (to - from) as f32;
        self.spectrum[0].add(b[1] - loudest_band);
        self.spectrum[1].add(b[BANDS - 1] - loudest_band);
        self.spectrum[2].add(mean(12, 17) - mean(3, 9));
        self.highest = self.highest.max(b[BANDS - 1] - mean(15, 17));
        if frame.voiced > MIN_PERIODICITY && frame.pitch_hz > MIN_PITCH_HZ {
            self.pitched_frames += 1.0;
            let pitch = frame.pitch_hz.log2();
            self.pitch.add(pitch);
            if self.recent_pitch == 0.0 {
                self.recent_pitch = pitch;
            }
            self.recent_pitch += 0.1 * (pitch - self.recent_pitch);
            self.highest_pitch = self.highest_pitch.max(self.recent_pitch);
        }
    }

    /// Counts loud frames whose pitch continues that of the frames before.
    fn measure_steadiness(&mut self, frame: &Frame, level: f32) {
        let loud = level > self.loudest - PITCH_RANGE_DB;
        self.loud_frames += f32::from(u8::from(loud));
        let pitched =
            loud && frame.voiced > MIN_STEADY_PERIODICITY && frame.pitch_hz > MIN_PITCH_HZ;
        let pitch = pitched.then(|| frame.pitch_hz.log2());
        let last = std::mem::replace(&mut self.last_pitch, pitch);
        let step = pitch.zip(last).map(|(pitch, last)| (pitch - last).abs());
        let Some(step) = step.filter(|step| *step < MAX_PITCH_STEP_OCTAVES) else {
            self.steps = 0;
            return;
        };
        self.steps += 1;
        self.pitch_steps.add(step);
        if self.steps == MIN_STEADY_STEPS {
            self.steady_frames += MIN_STEADY_STEPS as f32;
        } else if self.steps > MIN_STEADY_STEPS {
            self.steady_frames += 1.0;
        }
    }

    fn steady_share(&self) -> f32 {
        self.steady_frames / self.loud_frames.max(1.0)
    }

    /// Counts a syllable once the level has fallen from its peak.
    fn count_syllables(&mut self) {
        let level = self.smooth_level;
        if self.rising {
            self.extreme = self.extreme.max(level);
            if level < self.extreme - SYLLABLE_DB {
                self.syllables += 1.0;
                self.rising = false;
                self.extreme = level;
            }
        } else {
            self.extreme = self.extreme.min(level);
            if level > self.extreme + SYLLABLE_DB {
                self.rising = true;
                self.extreme = level;
            }
        }
    }

    /// Whether there was voice: enough of it, and with the pitch or the certainty of voice.
    pub fn has_voice(&self) -> bool {
        let steady =
            self.steady_frames >= MIN_STEADY_FRAMES || self.steady_share() >= MIN_STEADY_SHARE;
        let resembles_voice = steady || self.longest_certain_run >= MIN_CERTAIN_FRAMES;
        self.first.is_some() && self.probability_sum > MIN_PROBABILITY_SUM && resembles_voice
    }

    /// Start of the voice that lasts; `None` in a pause.
    fn voice_since(&self) -> Option<Samples> {
        self.since.filter(|since| self.loud_at >= *since)
    }

    /// Silence from the last segment to `until`; 0 before the first segment.
    fn silence_before(&self, until: Samples) -> Samples {
        if self.segments > 0.0 {
            until.saturating_sub(self.end)
        } else {
            0
        }
    }

    fn ongoing(&self, now: Samples) -> Samples {
        self.voice_since()
            .map_or(0, |since| now.saturating_sub(since))
    }

    /// Length of the pause at `now`, s; `None` while voice lasts.
    pub fn pause_seconds(&self, now: Samples) -> Option<f32> {
        match self.voice_since() {
            Some(_) => None,
            None => Some(seconds(self.silence_before(now))),
        }
    }

    /// Length of the voice up to `now`, s.
    pub fn voice_seconds(&self, now: Samples) -> f32 {
        seconds(self.voice + self.ongoing(now))
    }

    /// The features at `now`, in the order in which the model was trained.
    pub fn features(&self, now: Samples) -> [f32; FEATURES] {
        let ongoing = self.ongoing(now);
        let since = self.voice_since();
        let end = if since.is_some() { now } else { self.end };
        let first = self.first.unwrap_or(now);
        let voice = self.voice_seconds(now);
        let span = seconds(end.saturating_sub(first));
        let level = self.levels.mean();
        let background = self.background.level();
        let pause_level = if since.is_some() {
            NO_LEVEL_DBM0
        } else {
            self.pause.level()
        };
        let last = if since.is_some() { ongoing } else { self.last };
        [
            voice,
            span,
            self.pause_seconds(now).unwrap_or(0.0).min(2.0),
            seconds(self.longest.max(ongoing)),
            self.segments + f32::from(u8::from(since.is_some())),
            seconds(
                self.gap
                    .max(since.map_or(0, |since| self.silence_before(since))),
            ),
            seconds(last),
            background,
            pause_level,
            level,
            level - self.floor,
            self.levels.deviation(),
            self.pitch.mean(),
            self.pitch.deviation(),
            self.recent_pitch - self.pitch.mean(),
            self.pitched_frames / self.levels.count.max(1.0),
            self.spectrum[0].mean(),
            self.spectrum[1].mean(),
            self.spectrum[2].mean(),
            self.highest,
            self.spectrum[2].deviation(),
            self.syllables / voice.max(0.2),
            self.floor - background.max(MIN_LEVEL_DBM0),
            f32::from(u8::from(self.has_network_tone)),
            self.steady_frames / 100.0,
            self.pitch_steps.mean() * 100.0,
            self.steady_share(),
            self.longest_certain_run as f32 / 100.0,
            self.probability_sum / self.levels.count.max(1.0),
            self.recent_level - level,
            self.highest_pitch - self.pitch.mean(),
        ]
    }
}
