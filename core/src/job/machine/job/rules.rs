//! The rules of the first verdict: the thresholds of the contract, or the classifier with `strategy=adaptive`.
#![forbid(unsafe_code)]

use super::{MachineJob, State, cause_text, reached};
use crate::job::machine::MachineOutput;
use crate::job::machine::classifier::{Answerer, Estimate};
use crate::job::machine::utterance::Utterance;
use crate::time::{RATE_HZ, Samples};
use crate::types::{MachineCause, MachineStrategy, MachineVerdict, NetworkTone};

/// Highest probability of a machine at which the provisional verdict is HUMAN.
const PROVISIONAL_HUMAN: f32 = 0.35;
/// Lowest probability of a machine at which the provisional verdict is MACHINE.
const PROVISIONAL_MACHINE: f32 = 0.65;

/// Silence after which the more likely verdict is given, 1800 ms: a person expects a reply within 2 s of the greeting's end.
const MAX_SILENCE: Samples = 1800 * RATE_HZ as Samples / 1000;

/// Interval between two estimates of the classifier, 20 ms.
const ESTIMATE_INTERVAL: Samples = 20 * RATE_HZ as Samples / 1000;

impl MachineJob {
    /// Applies the rules of the first verdict.
    pub(super) fn apply_verdict_rules(&mut self, complete_until: Samples, now: Samples) {
        if self.utterance.has_no_word() && self.utterance.onset().is_some() {
            // The wait for the first word continues after a click.
            self.utterance = Utterance::default();
            self.result.onset = None;
        }
        match self.options.strategy {
            MachineStrategy::Thresholds => self.apply_thresholds(complete_until, now),
            MachineStrategy::Adaptive => self.apply_classifier(complete_until, now),
        }
        if self.state == State::Listening && !self.has_voice() {
            self.apply_initial_timeout(complete_until);
        }
    }

    /// Whether voice has been detected. A noise may be long enough for a word and still not be voice for the classifier.
    pub(super) fn has_voice(&self) -> bool {
        match self.options.strategy {
            MachineStrategy::Thresholds => self.utterance.onset().is_some(),
            MachineStrategy::Adaptive => self.classifier.has_voice() && !self.only_noise,
        }
    }

    /// The rules of `strategy=thresholds`.
    fn apply_thresholds(&mut self, complete_until: Samples, now: Samples) {
        let (ongoing, words) = (
            self.utterance.ongoing(complete_until),
            self.utterance.words(),
        );
        if reached(ongoing, self.options.machine_voice_threshold) && words > 0 {
            let text = cause_text(
                "LONGGREETING",
                ongoing,
                self.options.machine_voice_threshold,
            );
            self.decide_machine(MachineCause::LongGreeting, text, complete_until, now);
        } else if words >= self.options.machine_words_threshold {
            let text = format!("MAXWORDS-{words}-{}", self.options.machine_words_threshold);
            self.decide_machine(MachineCause::MaxWords, text, complete_until, now);
        } else if let Some(silence) = self.silence(complete_until)
            && reached(silence, self.options.end_silence_timeout)
        {
            let text = cause_text("HUMAN", silence, self.options.end_silence_timeout);
            self.decide_human(MachineCause::Human, text, complete_until, now);
        }
    }

    /// The rules of `strategy=adaptive`.
    fn apply_classifier(&mut self, complete_until: Samples, now: Samples) {
        match self.result.network_tone {
            NetworkTone::Sit if self.utterance.words() > 0 => {
                let words = self.utterance.words();
                return self.decide_machine(
                    MachineCause::Sit,
                    format!("SIT-{words}"),
                    complete_until,
                    now,
                );
            }
            NetworkTone::Busy | NetworkTone::Reorder if !self.has_voice() => {
                let (cause, text) = self.network_cause(self.result.network_tone, now);
                return self.decide_unknown(cause, text, now);
            }
            _ => {}
        }
        let Some(estimate) = self.next_estimate(complete_until) else {
            return;
        };
        if estimate.decided.is_some()
            || self.max_limit().is_some_and(|at| complete_until >= at)
            || self
                .silence(complete_until)
                .is_some_and(|silence| silence >= MAX_SILENCE)
        {
            self.decide_likelier(estimate, complete_until, now);
        } else if self.options.provisional {
            self.report_provisional(estimate, now);
        }
    }

    /// The classifier's estimate, if one is due: not before there is voice, nor while a tone sounds, which may be a beep.
    pub(super) fn next_estimate(&mut self, complete_until: Samples) -> Option<Estimate> {
        let is_due = self.classifier.has_voice()
            && !self.is_tone_near(complete_until)
            && complete_until >= self.estimated_at + ESTIMATE_INTERVAL;
        if !is_due {
            return None;
        }
        self.estimated_at = complete_until;
        let estimate = self.classifier.estimate(complete_until);
        self.only_noise = estimate.noise;
        (!estimate.noise).then_some(estimate)
    }

    /// The likelier answerer is the verdict.
    pub(super) fn decide_likelier(
        &mut self,
        estimate: Estimate,
        complete_until: Samples,
        now: Samples,
    ) {
        self.result.confidence = estimate.confidence();
        let percent = (estimate.confidence() * 100.0).round();
        match estimate.answerer() {
            Answerer::Machine => {
                let text = format!("ADAPTIVE-MACHINE-{percent}");
                self.decide_machine(MachineCause::Adaptive, text, complete_until, now);
            }
            Answerer::Human => {
                let text = format!("ADAPTIVE-HUMAN-{percent}");
                self.decide_human(MachineCause::Adaptive, text, complete_until, now);
            }
        }
    }

    /// Emits a provisional verdict if it differs from the last one.
    fn report_provisional(&mut self, estimate: Estimate, now: Samples) {
        let verdict = if estimate.machine <= PROVISIONAL_HUMAN {
            MachineVerdict::Human
        } else if estimate.machine >= PROVISIONAL_MACHINE {
            MachineVerdict::Machine
        } else {
            return;
        };
        if verdict != self.provisional {
            self.provisional = verdict;
            self.latest = now;
            self.outputs.push(MachineOutput::Provisional {
                at: now,
                verdict,
                confidence: estimate.confidence(),
            });
        }
    }
}
