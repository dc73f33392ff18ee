//! Words of the host's recogniser: evidence for the classifier and for the kind.
#![forbid(unsafe_code)]

use super::{MachineJob, State};
use crate::job::machine::phrases::add_capped;
use crate::time::Samples;
use crate::types::MachineKind;

/// After HUMAN, with `revise`: lowest probability of a machine at which words give MACHINE.
const REVISED_BY_WORDS: f32 = 0.9;

impl MachineJob {
    /// The host's recogniser heard `text`, which began at `at`, in media time. Words from before the detection count for nothing.
    pub fn add_words(&mut self, text: &str, at: Samples, now: Samples) {
        if self.state == State::Ended || at < self.result.started {
            return;
        }
        let mut by_machine = false;
        for phrase in self.phrases.find_new(text) {
            self.kind.add_words(phrase.kind, phrase.log_odds);
            let is_person = phrase.kind == MachineKind::Person;
            by_machine |= !is_person;
            let log_odds = if is_person {
                -phrase.log_odds
            } else {
                phrase.log_odds
            };
            let after = self.after_machine.as_mut();
            if !after.is_some_and(|after| after.add_words(log_odds, at)) {
                let change = add_capped(&mut self.words, log_odds);
                self.classifier.add_evidence(change);
            }
        }
        if by_machine && self.revisable && matches!(self.state, State::ListeningOn(_)) {
            let estimate = self.classifier.estimate(self.complete_until);
            if estimate.machine >= REVISED_BY_WORDS {
                self.revise(estimate, self.complete_until, now);
            }
        }
    }
}
