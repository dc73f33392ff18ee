//! The rules of the first verdict: the seed's thresholds, and the adaptive classifier in their place.
#![forbid(unsafe_code)]

use super::{MachineJob, State, figures, reached};
use crate::job::machine::MachineOutput;
use crate::job::machine::classifier::{Answerer, Estimate};
use crate::job::machine::utterance::Utterance;
use crate::time::{RATE_HZ, Samples, to_ms};
use crate::types::{MachineAnchor, MachineCause, MachineStrategy, MachineVerdict, NetworkTone};

/// Up to here a provisional verdict says human.
const PROVISIONAL_HUMAN: f32 = 0.35;
/// And from here on machine.
const PROVISIONAL_MACHINE: f32 = 0.65;

/// A person must be spoken to within 2 s of the end of their greeting: whatever the classifier thinks, it is said by then.
const WAITS_MOST: Samples = 1800 * RATE_HZ as Samples / 1000;

/// The classifier is asked so often.
const CLASSIFY_EVERY: Samples = 20 * RATE_HZ as Samples / 1000;

impl MachineJob {
    pub(super) fn listen(&mut self, complete: Samples, now: Samples) {
        if self.utterance.is_nothing() && self.utterance.onset().is_some() {
            // It was no word: the wait for the first goes on.
            self.utterance = Utterance::default();
            self.result.onset = None;
        }
        match self.options.strategy {
            MachineStrategy::Thresholds => self.thresholds(complete, now),
            MachineStrategy::Adaptive => self.adaptive(complete, now),
        }
        if self.state == State::Listening && !self.has_voice() {
            self.initial_silence(complete, now);
        }
    }

    /// Somebody has spoken. A noise may pass for a word among the bursts and for nothing with the classifier.
    fn has_voice(&self) -> bool {
        match self.options.strategy {
            MachineStrategy::Thresholds => self.utterance.onset().is_some(),
            MachineStrategy::Adaptive => self.classifier.has_voice(),
        }
    }

    fn thresholds(&mut self, complete: Samples, now: Samples) {
        let (ongoing, words) = (self.utterance.ongoing(complete), self.utterance.words());
        if reached(ongoing, self.options.machine_voice_threshold) && words > 0 {
            let text = figures(
                "LONGGREETING",
                ongoing,
                self.options.machine_voice_threshold,
            );
            self.machine(MachineCause::LongGreeting, text, now);
        } else if words >= self.options.machine_words_threshold {
            let text = format!("MAXWORDS-{words}-{}", self.options.machine_words_threshold);
            self.machine(MachineCause::MaxWords, text, now);
        } else if let Some(quiet) = self.quiet(complete)
            && reached(quiet, self.options.end_silence_timeout)
        {
            let text = figures("HUMAN", quiet, self.options.end_silence_timeout);
            self.human(MachineCause::Human, text, now);
        }
    }

    fn adaptive(&mut self, complete: Samples, now: Samples) {
        match self.result.network_tone {
            NetworkTone::Sit if self.utterance.words() > 0 => {
                let words = self.utterance.words();
                return self.machine(MachineCause::Sit, format!("SIT-{words}"), now);
            }
            NetworkTone::Busy | NetworkTone::Reorder if !self.has_voice() => {
                return self.nobody(self.result.network_tone, complete, now);
            }
            _ => {}
        }
        if !self.has_voice()
            || self.is_tone_near(complete)
            || complete < self.classified_at + CLASSIFY_EVERY
        {
            return;
        }
        self.classified_at = complete;
        let estimate = self.classifier.estimate(complete);
        if estimate.decided.is_some()
            || self
                .quiet(complete)
                .is_some_and(|quiet| quiet >= WAITS_MOST)
        {
            self.result.confidence = estimate.confidence();
            let per_cent = (estimate.confidence() * 100.0).round();
            match estimate.answerer() {
                Answerer::Machine => {
                    let text = format!("ADAPTIVE-MACHINE-{per_cent}");
                    self.machine(MachineCause::Adaptive, text, now);
                }
                Answerer::Human => {
                    let text = format!("ADAPTIVE-HUMAN-{per_cent}");
                    self.human(MachineCause::Adaptive, text, now);
                }
            }
        } else if self.options.provisional {
            self.provisionally(estimate, now);
        }
    }

    fn provisionally(&mut self, estimate: Estimate, now: Samples) {
        let verdict = if estimate.machine <= PROVISIONAL_HUMAN {
            MachineVerdict::Human
        } else if estimate.machine >= PROVISIONAL_MACHINE {
            MachineVerdict::Machine
        } else {
            return;
        };
        if verdict != self.provisional {
            self.provisional = verdict;
            self.outputs.push(MachineOutput::Provisional {
                at: now,
                verdict,
                confidence: estimate.confidence(),
            });
        }
    }

    fn initial_silence(&mut self, complete: Samples, now: Samples) {
        let since = match self.options.anchor {
            MachineAnchor::FirstVoice => Some(self.result.started),
            _ => self.anchored_at(),
        };
        // The adaptive strategy does not count while it rings.
        let rang = self
            .rang
            .filter(|_| self.options.strategy == MachineStrategy::Adaptive);
        let Some(since) = since.map(|since| since.max(rang.unwrap_or(0))) else {
            return;
        };
        let silence = complete.saturating_sub(since);
        if !reached(silence, self.options.initial_timeout) || self.is_tone_near(complete) {
            return;
        }
        match self.result.network_tone {
            NetworkTone::None | NetworkTone::Dial => {
                let text = figures("INITIALSILENCE", silence, self.options.initial_timeout);
                self.unknown(MachineCause::InitialSilence, text, now);
            }
            tone => self.nobody(tone, complete, now),
        }
    }

    /// Nobody speaks, and the network has said why.
    fn nobody(&mut self, tone: NetworkTone, complete: Samples, now: Samples) {
        let cause = match tone {
            NetworkTone::Busy => MachineCause::Busy,
            NetworkTone::Reorder => MachineCause::Reorder,
            NetworkTone::Sit => MachineCause::Sit,
            _ => MachineCause::Ringback,
        };
        let waited = to_ms(complete.saturating_sub(self.result.started));
        self.unknown(cause, format!("{cause}-{waited}"), now);
    }
}
