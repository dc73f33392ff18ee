//! The rules of the first verdict: the seed's thresholds, and the adaptive judge in their place.
#![forbid(unsafe_code)]

use super::adaptive::{Answerer, Verdict};
use super::utterance::Utterance;
use super::{Machine, State, Told, figures, reached};
use crate::cause::{MachineAnchor, MachineCause, MachineResult, MachineStrategy, NetworkTone};
use crate::time::{RATE_HZ, Samples, to_ms};

/// Up to here a provisional verdict says human.
const PROVISIONAL_HUMAN: f32 = 0.35;
/// And from here on machine.
const PROVISIONAL_MACHINE: f32 = 0.65;

/// A person must be spoken to within 2 s of the end of their greeting: whatever the judge thinks, it is said by then.
const WAITS_MOST: Samples = 1800 * RATE_HZ as Samples / 1000;

/// The judge is asked so often.
const JUDGED_EVERY: Samples = 20 * RATE_HZ as Samples / 1000;

impl Machine {
    pub(super) fn listen(&mut self, told: Samples, now: Samples) {
        if self.utterance.is_nothing() && self.utterance.onset().is_some() {
            // It was no word: the wait for the first goes on.
            self.utterance = Utterance::default();
            self.outcome.onset = None;
        }
        match self.options.strategy {
            MachineStrategy::Thresholds => self.thresholds(told, now),
            MachineStrategy::Adaptive => self.adaptive(told, now),
        }
        if self.state == State::Listening && !self.has_voice() {
            self.initial_silence(told, now);
        }
    }

    /// Somebody has spoken. A noise may pass for a word among the bursts and for nothing with the judge.
    fn has_voice(&self) -> bool {
        match self.options.strategy {
            MachineStrategy::Thresholds => self.utterance.onset().is_some(),
            MachineStrategy::Adaptive => self.judge.has_voice(),
        }
    }

    fn thresholds(&mut self, told: Samples, now: Samples) {
        let (ongoing, words) = (self.utterance.ongoing(told), self.utterance.words());
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
        } else if let Some(quiet) = self.quiet(told)
            && reached(quiet, self.options.end_silence_timeout)
        {
            let text = figures("HUMAN", quiet, self.options.end_silence_timeout);
            self.human(MachineCause::Human, text, now);
        }
    }

    fn adaptive(&mut self, told: Samples, now: Samples) {
        match self.outcome.network_tone {
            NetworkTone::Sit if self.utterance.words() > 0 => {
                let words = self.utterance.words();
                return self.machine(MachineCause::Sit, format!("SIT-{words}"), now);
            }
            NetworkTone::Busy | NetworkTone::Reorder if !self.has_voice() => {
                return self.nobody(self.outcome.network_tone, told, now);
            }
            _ => {}
        }
        if !self.has_voice() || self.is_tone_near(told) || told < self.judged + JUDGED_EVERY {
            return;
        }
        self.judged = told;
        let verdict = self.judge.verdict(told);
        if verdict.decided.is_some() || self.quiet(told).is_some_and(|quiet| quiet >= WAITS_MOST) {
            self.outcome.confidence = verdict.confidence();
            let per_cent = (verdict.confidence() * 100.0).round();
            match verdict.answerer() {
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
            self.provisionally(verdict, now);
        }
    }

    fn provisionally(&mut self, verdict: Verdict, now: Samples) {
        let result = if verdict.machine <= PROVISIONAL_HUMAN {
            MachineResult::Human
        } else if verdict.machine >= PROVISIONAL_MACHINE {
            MachineResult::Machine
        } else {
            return;
        };
        if result != self.provisional {
            self.provisional = result;
            self.told.push(Told::Provisional {
                at: now,
                result,
                confidence: verdict.confidence(),
            });
        }
    }

    fn initial_silence(&mut self, told: Samples, now: Samples) {
        let since = match self.options.anchor {
            MachineAnchor::FirstVoice => Some(self.outcome.started),
            _ => self.anchored_at(),
        };
        // The adaptive strategy does not count while it rings.
        let rang = self
            .rang
            .filter(|_| self.options.strategy == MachineStrategy::Adaptive);
        let Some(since) = since.map(|since| since.max(rang.unwrap_or(0))) else {
            return;
        };
        let silence = told.saturating_sub(since);
        if !reached(silence, self.options.initial_timeout) || self.is_tone_near(told) {
            return;
        }
        match self.outcome.network_tone {
            NetworkTone::None | NetworkTone::Dial => {
                let text = figures("INITIALSILENCE", silence, self.options.initial_timeout);
                self.unknown(MachineCause::InitialSilence, text, now);
            }
            tone => self.nobody(tone, told, now),
        }
    }

    /// Nobody speaks, and the network has said why.
    fn nobody(&mut self, tone: NetworkTone, told: Samples, now: Samples) {
        let cause = match tone {
            NetworkTone::Busy => MachineCause::Busy,
            NetworkTone::Reorder => MachineCause::Reorder,
            NetworkTone::Sit => MachineCause::Sit,
            _ => MachineCause::Ringback,
        };
        let waited = to_ms(told.saturating_sub(self.outcome.started));
        self.unknown(cause, format!("{cause}-{waited}"), now);
    }
}
