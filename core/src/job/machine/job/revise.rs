//! `revise`: after HUMAN, while `listen_on` lasts, speech that goes on as a machine's does gives MACHINE.
#![forbid(unsafe_code)]

use super::MachineJob;
use crate::job::machine::classifier::{Answerer, Estimate};
use crate::job::machine::continuation::MIN_VOICE;
use crate::time::Samples;
use crate::types::MachineCause;

/// Probability of a machine above which the end of a segment gives MACHINE.
const LIKELY: f32 = 0.5;

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
            let ended = !continuation.lasts() || end.is_some();
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
        self.result.confidence = estimate.confidence_in(Answerer::Machine);
        let percent = (self.result.confidence * 100.0).round();
        let text = format!("ADAPTIVE-REVISED-{percent}");
        self.decide_machine(MachineCause::Adaptive, text, complete_until, now);
    }
}
