//! `revise`: after HUMAN, while `listen_on` lasts, speech that goes on as a machine's does gives MACHINE.
//!
//! The classifier goes on listening. Voice that begins soon after the greeting, before anything else is heard, may continue it: "Hi,
//! this is Sarah." and, after a pause that was long enough for HUMAN, "I can't take your call". Short voice and silence again is a
//! person who waits: "Hello?" once more, or a word to the agent.
#![forbid(unsafe_code)]

use super::MachineJob;
use crate::detect::fact::Fact;
use crate::job::machine::classifier::{Answerer, Estimate};
use crate::time::{RATE_HZ, Samples};
use crate::types::MachineCause;

const MS: Samples = RATE_HZ as Samples / 1000;

/// Longest pause between the greeting and the voice that continues it, 2 s.
const MAX_PAUSE: Samples = 2000 * MS;

/// Voice that a machine has at least, 1 s.
const MIN_VOICE: Samples = 1000 * MS;

/// Silence after less voice that means a person, 1 s.
const PERSON_SILENCE: Samples = 1000 * MS;

/// Probability of a machine above which the end of a segment gives MACHINE.
const LIKELY: f32 = 0.5;

/// Voice after the verdict HUMAN. Times are media time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Continuation {
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
    pub(super) fn after(greeting_end: Option<Samples>, now: Samples) -> Self {
        Self {
            since: greeting_end.is_none().then_some(now),
            end: greeting_end.unwrap_or(now),
            voice: 0,
            has_begun: greeting_end.is_none(),
        }
    }

    /// Processes one fact. `None`: the greeting is not continued.
    pub(super) fn process(mut self, fact: &Fact) -> Option<Self> {
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

    fn new_voice(&self, now: Samples) -> Samples {
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
    fn is_over(&self, now: Samples) -> bool {
        self.silence(now) > self.max_silence()
    }
}

impl MachineJob {
    /// After HUMAN: MACHINE if the greeting goes on, or the end of the detection at the end of `listen_on`.
    pub(super) fn listen_on(&mut self, complete_until: Samples, now: Samples) {
        let end = self.wait_ended_at(complete_until);
        self.continuation = self
            .continuation
            .filter(|continuation| !continuation.is_over(complete_until));
        if let Some(continuation) = self.continuation
            && continuation.new_voice(complete_until) >= MIN_VOICE
            && let Some(estimate) = self.next_estimate(complete_until)
        {
            let ended = continuation.since.is_none() || end.is_some();
            let decided = estimate.decided == Some(Answerer::Machine);
            if decided || (ended && estimate.machine > LIKELY) {
                return self.revise(estimate, complete_until, end.unwrap_or(now));
            }
        }
        if let Some(at) = end {
            self.finish(at);
        }
    }

    /// MACHINE replaces HUMAN.
    pub(super) fn revise(&mut self, estimate: Estimate, complete_until: Samples, now: Samples) {
        self.continuation = None;
        self.result.confidence = estimate.machine.max(0.5);
        let percent = (self.result.confidence * 100.0).round();
        let text = format!("ADAPTIVE-REVISED-{percent}");
        self.decide_machine(MachineCause::Adaptive, text, complete_until, now);
    }
}
