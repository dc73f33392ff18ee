//! What answered, beside the verdict: from the course of voice, silence and tones, and from words of the host's recogniser.
//!
//! HUMAN is a person, with the verdict's confidence. For MACHINE each rule adds log-odds to one kind, and words add theirs; the kinds
//! and "not known", which has log-odds of 0, share the probability. The figures of the rules are set, not fitted: labelled calls
//! with the kind of the machine do not exist.
#![forbid(unsafe_code)]

use super::phrases::add_capped;
use crate::detect::fact::{Fact, Frame};
use crate::time::{MS, Samples};
use crate::types::{MachineKind, MachineVerdict, NetworkTone};

/// Shorter voice segments are clicks, 100 ms.
const MIN_SEGMENT: Samples = 100 * MS;

/// Voicemail: a beep after voice; a beep before any; silence after the voice, from 2 s (even odds) to 8 s.
const BEEP_AFTER_VOICE: f32 = 3.0;
const BEEP_ALONE: f32 = 1.5;
const MIN_WAIT: Samples = 2000 * MS;
const LONG_WAIT: Samples = 8000 * MS;
const WAIT: f32 = 1.4;

/// Ivr: voice without pauses, from 12 s (even odds) to 24 s; voice after a silence of 3 to 8 s; sentences repeated.
const MIN_TALK: Samples = 12_000 * MS;
const LONG_TALK: Samples = 24_000 * MS;
const TALK: f32 = 1.4;
const MIN_RESUMED_AFTER: Samples = 3000 * MS;
const MAX_RESUMED_AFTER: Samples = 8000 * MS;
const RESUMED: f32 = 1.0;
const REPEATED: f32 = 2.0;

/// A repetition: this many segments of voice, each of at least 300 ms, have the lengths of earlier ones, and so have the pauses
/// between them, to 40 ms.
const REPEATED_SEGMENTS: usize = 3;
const MIN_REPEATED: Samples = 300 * MS;
const SAME_LENGTH: Samples = 40 * MS;
/// Segments that are kept for it.
const SEGMENTS: usize = 64;

/// Announcement: a special information tone, then voice; voice, then busy or reorder.
const SIT_THEN_VOICE: f32 = 2.5;
const VOICE_THEN_BUSY: f32 = 2.0;

/// Screening: voice, then ringback; voice, then music.
const VOICE_THEN_RINGBACK: f32 = 1.0;
const VOICE_THEN_MUSIC: f32 = 0.5;

/// Music: sound above this level and this far above the noise floor that is neither voice nor a tone, dBm0 and dB, for 2 s. A
/// frame that is not takes away two.
const MIN_MUSIC_DBM0: f32 = -45.0;
const MUSIC_ABOVE_FLOOR_DB: f32 = 10.0;
const MAX_MUSIC_VOICE: f32 = 0.2;
const MUSIC_FRAMES: u32 = 200;

/// Length of a frame, 10 ms.
const FRAME: Samples = 10 * MS;

/// What answered, with its own confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KindEstimate {
    /// The most likely kind.
    pub kind: MachineKind,
    /// Its probability by the rules, 0 to 1; 0 with `None`.
    pub confidence: f32,
}

/// A voice segment and the pause before it.
#[derive(Clone, Copy, Debug)]
struct Segment {
    pause: Samples,
    voice: Samples,
}

/// The evidence for each kind so far. Times are media time.
#[derive(Clone, Debug, Default)]
pub struct KindEvidence {
    /// Start of the voice segment that lasts.
    voice_since: Option<Samples>,
    /// End of the last voice segment.
    voice_end: Option<Samples>,
    /// Length of all ended segments.
    voice: Samples,
    /// End of the last tone.
    tone_end: Samples,
    /// The latest segments, oldest first.
    segments: Vec<Segment>,
    resumed: bool,
    repeated: bool,
    /// A beep came; whether after voice.
    beep_after_voice: Option<bool>,
    sit: bool,
    voice_after_sit: bool,
    ringback_after_voice: bool,
    busy_after_voice: bool,
    music_frames: u32,
    music_after_voice: bool,
    /// Log-odds from words, by the kind's number.
    words: [f32; MachineKind::ALL.len()],
}

impl KindEvidence {
    /// Processes one fact. Facts come in order.
    pub fn process(&mut self, fact: &Fact) {
        match fact {
            Fact::Frame(frame) => self.process_frame(frame),
            Fact::VoiceBegins { at } => self.voice_since = Some(*at),
            Fact::VoiceEnds { at } => self.end_segment(*at),
            Fact::Beep(_) => {
                let after_voice = self.voice_end.is_some();
                self.beep_after_voice =
                    Some(self.beep_after_voice.unwrap_or_default() || after_voice);
            }
            Fact::Network(network) => {
                let after_voice = self.voice_end.is_some();
                match network.tone {
                    NetworkTone::Sit => self.sit = true,
                    NetworkTone::Busy | NetworkTone::Reorder => {
                        self.busy_after_voice |= after_voice
                    }
                    NetworkTone::Ringback => self.ringback_after_voice |= after_voice,
                    NetworkTone::Dial | NetworkTone::None => {}
                }
            }
            Fact::Fax(_) => {}
        }
    }

    fn process_frame(&mut self, frame: &Frame) {
        if frame.tone {
            self.tone_end = frame.at + FRAME;
            return;
        }
        let sounds = frame.voice < MAX_MUSIC_VOICE
            && frame.level_dbm0 > MIN_MUSIC_DBM0
            && frame.level_dbm0 > frame.floor_dbm0 + MUSIC_ABOVE_FLOOR_DB;
        if sounds && self.voice_end.is_some() {
            self.music_frames += 1;
        } else {
            self.music_frames = self.music_frames.saturating_sub(2);
        }
        self.music_after_voice |= self.music_frames >= MUSIC_FRAMES;
    }

    fn end_segment(&mut self, at: Samples) {
        let Some(since) = self.voice_since.take() else {
            return;
        };
        let voice = at.saturating_sub(since);
        if voice < MIN_SEGMENT {
            return;
        }
        let pause = self.voice_end.map_or(0, |end| since.saturating_sub(end));
        self.resumed |= (MIN_RESUMED_AFTER..=MAX_RESUMED_AFTER).contains(&pause);
        self.voice_after_sit |= self.sit;
        self.voice += voice;
        self.voice_end = Some(at);
        if self.segments.len() == SEGMENTS {
            self.segments.remove(0);
        }
        self.segments.push(Segment { pause, voice });
        self.repeated |= self.repeats();
    }

    /// Whether the last segments have the lengths of earlier ones.
    fn repeats(&self) -> bool {
        let count = self.segments.len();
        if count < 2 * REPEATED_SEGMENTS {
            return false;
        }
        let (earlier, last) = self.segments.split_at(count - REPEATED_SEGMENTS);
        if last.iter().any(|segment| segment.voice < MIN_REPEATED) {
            return false;
        }
        let same = |(index, (a, b)): (usize, (&Segment, &Segment))| {
            // The pause before the first sentence is no part of it.
            a.voice.abs_diff(b.voice) <= SAME_LENGTH
                && (index == 0 || a.pause.abs_diff(b.pause) <= SAME_LENGTH)
        };
        earlier
            .windows(REPEATED_SEGMENTS)
            .any(|window| window.iter().zip(last).enumerate().all(same))
    }

    /// Adds log-odds of a kind from words.
    pub fn add_words(&mut self, kind: MachineKind, log_odds: f32) {
        add_capped(&mut self.words[kind as usize], log_odds);
    }

    /// The kind at `now`, a time up to which all facts were processed. `confidence`: that of the verdict.
    pub fn estimate(&self, verdict: MachineVerdict, confidence: f32, now: Samples) -> KindEstimate {
        match verdict {
            MachineVerdict::Human => KindEstimate {
                kind: MachineKind::Person,
                confidence,
            },
            MachineVerdict::Machine => self.machine(now),
            _ => KindEstimate::default(),
        }
    }

    fn machine(&self, now: Samples) -> KindEstimate {
        let kinds = [
            (MachineKind::Voicemail, self.voicemail(now)),
            (MachineKind::Ivr, self.ivr(now)),
            (MachineKind::Announcement, self.announcement()),
            (MachineKind::Screening, self.screening()),
        ];
        // A kind without evidence has no share.
        let odds = kinds.map(|(kind, rules)| {
            let words = self.words[kind as usize];
            let evidence = rules.or((words != 0.0).then_some(0.0));
            let log_odds = evidence.map(|rules| rules + words);
            (kind, log_odds.map_or(0.0, f32::exp))
        });
        let all = 1.0 + odds.iter().map(|(_, odds)| odds).sum::<f32>();
        let best = odds
            .into_iter()
            .filter(|(_, odds)| *odds >= 1.0)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(KindEstimate::default(), |(kind, odds)| KindEstimate {
            kind,
            confidence: odds / all,
        })
    }

    fn voicemail(&self, now: Samples) -> Option<f32> {
        match self.beep_after_voice {
            Some(true) => Some(BEEP_AFTER_VOICE),
            Some(false) => Some(BEEP_ALONE),
            None => {
                let silent_since = self.voice_end?.max(self.tone_end);
                let other = self.voice_since.is_some()
                    || self.ringback_after_voice
                    || self.busy_after_voice
                    || self.music_after_voice;
                (!other)
                    .then(|| rising(now.saturating_sub(silent_since), MIN_WAIT, LONG_WAIT, WAIT))?
            }
        }
    }

    fn ivr(&self, now: Samples) -> Option<f32> {
        if self.beep_after_voice.is_some() {
            // A mailbox may have a long greeting, and asks again after a while.
            return None;
        }
        let lasting = self
            .voice_since
            .map_or(0, |since| now.saturating_sub(since));
        let rules = [
            rising(self.voice + lasting, MIN_TALK, LONG_TALK, TALK),
            self.resumed.then_some(RESUMED),
            self.repeated.then_some(REPEATED),
        ];
        sum(rules)
    }

    fn announcement(&self) -> Option<f32> {
        let beep = self.beep_after_voice.is_some();
        sum([
            self.voice_after_sit.then_some(SIT_THEN_VOICE),
            (self.busy_after_voice && !beep).then_some(VOICE_THEN_BUSY),
            None,
        ])
    }

    fn screening(&self) -> Option<f32> {
        sum([
            self.ringback_after_voice.then_some(VOICE_THEN_RINGBACK),
            self.music_after_voice.then_some(VOICE_THEN_MUSIC),
            None,
        ])
    }
}

/// Log-odds of a length: 0 at `min`, `most` at `long`, rising between; `None` below `min`.
fn rising(length: Samples, min: Samples, long: Samples, most: f32) -> Option<f32> {
    let progress = length.checked_sub(min)? as f32 / (long - min) as f32;
    Some(most * progress.min(1.0))
}

/// The sum of the rules that hold; `None` if none does.
fn sum(rules: [Option<f32>; 3]) -> Option<f32> {
    rules.into_iter().flatten().reduce(|a, b| a + b)
}

#[cfg(test)]
mod tests;
