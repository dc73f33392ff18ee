//! After HUMAN: voice that may continue the greeting.
//!
//! It begins soon after the greeting, before anything else is heard: "Hi, this is Sarah." and, after a pause that was long enough for
//! HUMAN, "I can't take your call". Short voice and silence again is a person who waits: "Hello?" once more, or a word to the agent.
#![forbid(unsafe_code)]

use crate::detect::fact::Fact;
use crate::time::{MS, Samples};

/// Longest pause between the greeting and the voice that continues it, 2 s.
const MAX_PAUSE: Samples = 2000 * MS;

/// Voice that a machine has at least, 1 s.
pub const MIN_VOICE: Samples = 1000 * MS;

/// Silence after less voice that means a person, 1 s.
const PERSON_SILENCE: Samples = 1000 * MS;

/// Voice after the verdict HUMAN. Times are media time.
#[derive(Clone, Copy, Debug)]
pub struct Continuation {
    /// Start of the voice segment that lasts.
    since: Option<Samples>,
    /// End of the last voice: at first of the greeting.
    end: Samples,
    /// Length of the ended segments.
    voice: Samples,
    has_begun: bool,
}

impl Continuation {
    /// After a greeting that ended at `greeting_end`; `None`: its voice lasts at the verdict, `now`.
    pub fn after(greeting_end: Option<Samples>, now: Samples) -> Self {
        Self {
            since: greeting_end.is_none().then_some(now),
            end: greeting_end.unwrap_or(now),
            voice: 0,
            has_begun: greeting_end.is_none(),
        }
    }

    /// Processes one fact. `None`: the greeting is not continued.
    pub fn process(mut self, fact: &Fact) -> Option<Self> {
        match fact {
            Fact::VoiceBegins { at } => {
                if self.silence(*at) > self.max_silence() {
                    return None;
                }
                self.since = Some(*at);
                self.has_begun = true;
            }
            Fact::VoiceEnds { at } => {
                self.voice = self.new_voice(*at);
                self.since = None;
                self.end = *at;
            }
            Fact::Network(_) => return None,
            Fact::Frame(frame) if frame.tone && !self.has_begun => return None,
            Fact::Frame(_) | Fact::Beep(_) | Fact::Fax(_) => {}
        }
        Some(self)
    }

    /// Length of the new voice at `now`.
    pub fn new_voice(&self, now: Samples) -> Samples {
        self.voice + self.since.map_or(0, |since| now.saturating_sub(since))
    }

    fn silence(&self, now: Samples) -> Samples {
        match self.since {
            Some(_) => 0,
            None => now.saturating_sub(self.end),
        }
    }

    fn max_silence(&self) -> Samples {
        if self.has_begun && self.voice < MIN_VOICE {
            PERSON_SILENCE
        } else {
            MAX_PAUSE
        }
    }

    /// Whether the greeting is not continued at `now`.
    pub fn is_over(&self, now: Samples) -> bool {
        self.silence(now) > self.max_silence()
    }

    /// Whether a segment of voice lasts.
    pub fn lasts(&self) -> bool {
        self.since.is_some()
    }
}
