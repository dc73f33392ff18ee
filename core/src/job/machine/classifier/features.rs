//! The course of a call's first seconds, in figures: when there was voice, how it sounded, and what was there besides.
#![forbid(unsafe_code)]

use crate::detect::fact::{BANDS, Fact, Frame};
use crate::time::{RATE_HZ, Samples};

/// Figures of a course.
pub const FIGURES: usize = 27;

/// A frame is voice if it is more likely than this to be.
const VOICE: f32 = 0.5;

/// Levels below this are all alike: what a codec leaves of silence.
const FAINTEST_DBM0: f32 = -75.0;

/// There is no such level: nothing was facts before, or it still sounds.
const NO_LEVEL: f32 = -90.0;

/// Frames this far below the loudest say little of how the voice sounds.
const LOUD_DB: f32 = 18.0;

/// A burst that stays this far below is somebody else's, or breath.
const ECHO_DB: f32 = 20.0;

/// Voiced enough for its pitch to mean something, and high enough to be a voice's.
const VOICED: f32 = 0.25;
const LOWEST_HZ: f32 = 70.0;

/// What is so far below the loudest says nothing of whether its pitch is steady.
const MELODY_DB: f32 = 12.0;

/// A voice's pitch moves no further than this from one frame to the next, in octaves. That of a cough, a sneeze or a door is
/// anything.
const STEADY_OCTAVES: f32 = 0.08;

/// So many steps in a row that are no wider count, and what repeats itself at least so much.
const STEADY_STEPS: u32 = 2;
const STEADY_VOICED: f32 = 0.35;

/// It is a voice if it was as sure as this in all, in frames, and if this share of its loud frames has a steady pitch, or so many
/// have, or the detector of voice was certain of so many frames in a row: deep voices, whose pitch is hard to follow. Of coughs one in a hundred has 19 frames in a row. Of people's words one in a hundred has a share below 0.3; of coughs one in a hundred has 0.2, and none has 6 such frames.
const SURE_FRAMES: f32 = 15.0;
const STEADY_SHARE: f32 = 0.2;
const STEADY_FRAMES: f32 = 10.0;
const CERTAIN: f32 = 0.9;
const CERTAIN_FRAMES: u32 = 25;

/// A syllable: the level goes down and up by this.
const SYLLABLE_DB: f32 = 5.0;

/// A sum for a mean and a deviation.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: f32,
    sum: f32,
    squares: f32,
}

impl Sum {
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
}

/// The course so far.
#[derive(Clone, Debug)]
pub struct Features {
    first: Option<Samples>,
    /// The burst that lasts.
    since: Option<Samples>,
    end: Samples,
    voiced: Samples,
    longest: Samples,
    last: Samples,
    bursts: f32,
    gap: Samples,
    /// The last frame of voice that was as loud as its speaker's.
    loud_at: Samples,
    /// Frames of voice, and how sure they were in all.
    sure: f32,
    /// Frames in a row that are certain, and the most there were.
    certain: u32,
    most_certain: u32,
    levels: Sum,
    loudest: f32,
    shape: [Sum; 3],
    highest: f32,
    voiced_frames: f32,
    pitch: Sum,
    /// Pitch of late.
    late_pitch: f32,
    /// The last frame's pitch, if it had one; and how many steps in a row were small.
    last_pitch: Option<f32>,
    steps: u32,
    /// Loud frames, and those of a steady pitch.
    loud: f32,
    steady: f32,
    /// How its pitch moves, in octaves a frame.
    moves: Sum,
    before: Sum,
    /// The level of the pause that is, and frames of it.
    quiet: Sum,
    smooth: f32,
    floor: f32,
    /// The level goes up, and the highest of it; or down, and the lowest.
    rising: bool,
    turn: f32,
    syllables: f32,
    ringback: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            first: None,
            since: None,
            end: 0,
            voiced: 0,
            longest: 0,
            last: 0,
            bursts: 0.0,
            gap: 0,
            loud_at: 0,
            sure: 0.0,
            certain: 0,
            most_certain: 0,
            levels: Sum::default(),
            loudest: FAINTEST_DBM0,
            shape: [Sum::default(); 3],
            highest: -20.0,
            voiced_frames: 0.0,
            pitch: Sum::default(),
            late_pitch: 0.0,
            last_pitch: None,
            steps: 0,
            loud: 0.0,
            steady: 0.0,
            moves: Sum::default(),
            before: Sum::default(),
            quiet: Sum::default(),
            smooth: FAINTEST_DBM0,
            floor: 0.0,
            rising: true,
            turn: FAINTEST_DBM0,
            syllables: 0.0,
            ringback: false,
        }
    }
}

fn seconds(samples: Samples) -> f32 {
    samples as f32 / RATE_HZ as f32
}

impl Features {
    /// Hears, in order.
    pub fn fact(&mut self, fact: &Fact) {
        match fact {
            Fact::Frame(frame) => self.frame(frame),
            Fact::VoiceBegins { at } => {
                self.first.get_or_insert(*at);
                self.since = Some(*at);
            }
            Fact::VoiceEnds { at } => {
                if let Some(since) = self.since.take()
                    && self.loud_at >= since
                {
                    self.last = at.saturating_sub(since);
                    self.voiced += self.last;
                    self.longest = self.longest.max(self.last);
                    self.gap = self.gap.max(self.wait(since));
                    self.bursts += 1.0;
                    self.end = *at;
                }
            }
            Fact::Network(_) => self.ringback = true,
            Fact::Beep(_) | Fact::Fax(_) => {}
        }
    }

    fn frame(&mut self, frame: &Frame) {
        let level = frame.level_dbm0.max(FAINTEST_DBM0);
        self.smooth += 0.4 * (level - self.smooth);
        let certain = frame.voice > CERTAIN && !frame.tone;
        self.certain = if certain { self.certain + 1 } else { 0 };
        self.most_certain = self.most_certain.max(self.certain);
        if frame.tone {
            return;
        }
        if frame.voice > VOICE {
            self.voice(frame, level);
            self.quiet = Sum::default();
        } else {
            self.quiet.add(level);
            self.last_pitch = None;
        }
        if self.levels.count == 0.0 {
            if frame.voice < 0.2 {
                self.before.add(level);
            }
            self.floor = 0.0;
        } else {
            self.floor = self.floor.min(self.smooth);
            self.turns();
        }
    }

    fn voice(&mut self, frame: &Frame, level: f32) {
        self.sure += frame.voice;
        self.levels.add(level);
        self.loudest = (self.loudest - 0.02).max(level);
        if level > self.loudest - ECHO_DB {
            self.loud_at = frame.at;
        }
        self.melody(frame, level);
        if level < self.loudest - LOUD_DB {
            return;
        }
        let b = &frame.bands;
        let whole = b[2..BANDS - 1].iter().copied().fold(f32::MIN, f32::max);
        let mean = |from: usize, to: usize| b[from..to].iter().sum::<f32>() / (to - from) as f32;
        self.shape[0].add(b[1] - whole);
        self.shape[1].add(b[BANDS - 1] - whole);
        self.shape[2].add(mean(12, 17) - mean(3, 9));
        self.highest = self.highest.max(b[BANDS - 1] - mean(15, 17));
        if frame.voiced > VOICED && frame.pitch_hz > LOWEST_HZ {
            self.voiced_frames += 1.0;
            let pitch = frame.pitch_hz.log2();
            self.pitch.add(pitch);
            if self.late_pitch == 0.0 {
                self.late_pitch = pitch;
            }
            self.late_pitch += 0.1 * (pitch - self.late_pitch);
        }
    }

    /// Counts loud frames whose pitch goes on from that of the frames before.
    fn melody(&mut self, frame: &Frame, level: f32) {
        let loud = level > self.loudest - MELODY_DB;
        self.loud += f32::from(u8::from(loud));
        let sings = loud && frame.voiced > STEADY_VOICED && frame.pitch_hz > LOWEST_HZ;
        let pitch = sings.then(|| frame.pitch_hz.log2());
        let last = std::mem::replace(&mut self.last_pitch, pitch);
        let moved = pitch.zip(last).map(|(pitch, last)| (pitch - last).abs());
        let Some(moved) = moved.filter(|moved| *moved < STEADY_OCTAVES) else {
            self.steps = 0;
            return;
        };
        self.steps += 1;
        self.moves.add(moved);
        if self.steps == STEADY_STEPS {
            self.steady += STEADY_STEPS as f32;
        } else if self.steps > STEADY_STEPS {
            self.steady += 1.0;
        }
    }

    fn steady_share(&self) -> f32 {
        self.steady / self.loud.max(1.0)
    }

    /// Counts syllables: a peak, once the level has come down from it.
    fn turns(&mut self) {
        let level = self.smooth;
        if self.rising {
            self.turn = self.turn.max(level);
            if level < self.turn - SYLLABLE_DB {
                self.syllables += 1.0;
                self.rising = false;
                self.turn = level;
            }
        } else {
            self.turn = self.turn.min(level);
            if level > self.turn + SYLLABLE_DB {
                self.rising = true;
                self.turn = level;
            }
        }
    }

    /// Whether so much voice was facts that it can be none by chance, and it sounds like one.
    pub fn is_voice(&self) -> bool {
        let steady = self.steady >= STEADY_FRAMES || self.steady_share() >= STEADY_SHARE;
        let sounds_like_one = steady || self.most_certain >= CERTAIN_FRAMES;
        self.first.is_some() && self.sure > SURE_FRAMES && sounds_like_one
    }

    /// Since when voice sounds, if it does.
    fn sounds(&self) -> Option<Samples> {
        self.since.filter(|since| self.loud_at >= *since)
    }

    /// From the last voice to `until`.
    fn wait(&self, until: Samples) -> Samples {
        if self.bursts > 0.0 {
            until.saturating_sub(self.end)
        } else {
            0
        }
    }

    fn ongoing(&self, now: Samples) -> Samples {
        self.sounds().map_or(0, |since| now.saturating_sub(since))
    }

    /// For how many seconds it has been silent, as of `now`; none if voice sounds.
    pub fn pause(&self, now: Samples) -> Option<f32> {
        match self.sounds() {
            Some(_) => None,
            None => Some(seconds(self.wait(now))),
        }
    }

    /// Seconds of voice.
    pub fn voiced(&self, now: Samples) -> f32 {
        seconds(self.voiced + self.ongoing(now))
    }

    /// The course in figures, as of `now`.
    pub fn figures(&self, now: Samples) -> [f32; FIGURES] {
        let ongoing = self.ongoing(now);
        let sounds = self.sounds();
        let end = if sounds.is_some() { now } else { self.end };
        let first = self.first.unwrap_or(now);
        let voiced = self.voiced(now);
        let span = seconds(end.saturating_sub(first));
        let level = self.levels.mean();
        let or_none = |sum: &Sum| {
            if sum.count >= 5.0 {
                sum.mean()
            } else {
                NO_LEVEL
            }
        };
        let before = or_none(&self.before);
        let after = if sounds.is_some() {
            NO_LEVEL
        } else {
            or_none(&self.quiet)
        };
        let last = if sounds.is_some() { ongoing } else { self.last };
        [
            voiced,
            span,
            self.pause(now).unwrap_or(0.0).min(2.0),
            seconds(self.longest.max(ongoing)),
            self.bursts + f32::from(u8::from(sounds.is_some())),
            seconds(self.gap.max(sounds.map_or(0, |since| self.wait(since)))),
            seconds(last),
            before,
            after,
            level,
            level - self.floor,
            self.levels.deviation(),
            self.pitch.mean(),
            self.pitch.deviation(),
            self.late_pitch - self.pitch.mean(),
            self.voiced_frames / self.levels.count.max(1.0),
            self.shape[0].mean(),
            self.shape[1].mean(),
            self.shape[2].mean(),
            self.highest,
            self.shape[2].deviation(),
            self.syllables / voiced.max(0.2),
            self.floor - before.max(FAINTEST_DBM0),
            f32::from(u8::from(self.ringback)),
            self.steady / 100.0,
            self.moves.mean() * 100.0,
            self.steady_share(),
        ]
    }
}
