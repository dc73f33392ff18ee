//! Verdicts, their events, and the end of the detection.
#![forbid(unsafe_code)]

use super::{Greeting, MachineJob, State};
use crate::job::machine::continuation::Continuation;
use crate::job::machine::{KindEstimate, MachineOutput};
use crate::time::{Samples, to_ms};
use crate::types::{MachineCause, MachineEvent, MachineVerdict};

impl MachineJob {
    pub(super) fn decide_machine(
        &mut self,
        cause: MachineCause,
        text: String,
        complete_until: Samples,
        now: Samples,
    ) {
        self.set_verdict(MachineVerdict::Machine, cause, text, now);
        self.emit(MachineEvent::Machine, now, 0.0);
        if let Some(after) = &mut self.after_machine {
            after.give_back();
        }
        if self.options.detect_message_end {
            self.state = State::Greeting(Greeting::Unreported(complete_until));
        } else {
            self.end_machine(now);
        }
    }

    /// `complete_until`: time up to which all facts were processed.
    pub(super) fn decide_human(
        &mut self,
        cause: MachineCause,
        text: String,
        complete_until: Samples,
        now: Samples,
    ) {
        let after_machine = self.result.verdict == MachineVerdict::Machine;
        self.set_verdict(MachineVerdict::Human, cause, text, now);
        self.emit(MachineEvent::Human, now, 0.0);
        if self.options.listen_on.is_zero() {
            self.finish(now);
        } else {
            self.state = State::ListeningOn(self.options.listen_on.deadline(now));
            self.revisable = self.options.revise && self.is_adaptive() && !after_machine;
            if self.revisable {
                let greeting_end = self.utterance.ended();
                self.continuation = Some(Continuation::after(greeting_end, complete_until));
            }
        }
    }

    pub(super) fn decide_unknown(&mut self, cause: MachineCause, text: String, now: Samples) {
        self.set_verdict(MachineVerdict::Unknown, cause, text, now);
        self.emit(MachineEvent::Unknown, now, 0.0);
        self.finish(now);
    }

    /// The kind that goes with the present verdict.
    pub(super) fn kind_now(&self) -> KindEstimate {
        self.kind.estimate(
            self.result.verdict,
            self.result.confidence,
            self.complete_until,
        )
    }

    pub(super) fn set_verdict(
        &mut self,
        verdict: MachineVerdict,
        cause: MachineCause,
        text: String,
        now: Samples,
    ) {
        let result = &mut self.result;
        if cause != MachineCause::Adaptive {
            result.confidence = f32::from(u8::from(verdict != MachineVerdict::Unknown));
        }
        result.verdict = verdict;
        result.cause = cause;
        result.text = text;
        result.verdict_at = Some(now);
        result.greeting_end = self.utterance.ended();
        result.words = self.utterance.words();
        result.voice = self.utterance.voice(now);
    }

    pub(super) fn emit(&mut self, event: MachineEvent, at: Samples, hz: f32) {
        self.latest = at;
        self.outputs.push(MachineOutput::Event {
            event,
            at,
            beep: self.result.beep.is_some(),
            hz,
            confidence: self.result.confidence,
            kind: self.kind_now(),
        });
    }

    pub(super) fn finish(&mut self, now: Samples) {
        if self.state == State::Ended {
            return;
        }
        self.state = State::Ended;
        self.result.ended = now;
        self.result.anchor = self.anchored_at();
        self.result.kind = self.kind_now();
        self.outputs.push(MachineOutput::Ended(self.result.clone()));
    }

    /// After MACHINE: HUMAN if a person has come on the line.
    pub(super) fn await_person(&mut self, complete_until: Samples, now: Samples) {
        let after_machine = matches!(self.state, State::Greeting(_) | State::AfterMachine);
        // While a tone sounds the silence does not count: the tone may be the beep.
        if !after_machine || self.is_tone_near(complete_until) {
            return;
        }
        let person = self
            .after_machine
            .as_mut()
            .and_then(|after| after.advance(complete_until));
        if let Some(confidence) = person {
            self.result.confidence = confidence;
            self.result.ready = false;
            let percent = (confidence * 100.0).round();
            let text = format!("ADAPTIVE-AFTER-MACHINE-{percent}");
            self.decide_human(MachineCause::Adaptive, text, complete_until, now);
        }
    }

    /// MACHINE is the verdict and its greeting is over: the end of the detection, unless a person may still come on the line.
    pub(super) fn end_machine(&mut self, now: Samples) {
        if self.after_machine.is_some() {
            self.state = State::AfterMachine;
        } else {
            self.finish(now);
        }
    }

    /// The call hung up.
    pub fn hangup(&mut self, now: Samples) {
        self.end_early(MachineCause::Hangup, now);
    }

    /// The host stopped the detection.
    pub fn stop(&mut self, now: Samples) {
        self.end_early(MachineCause::Stopped, now);
    }

    /// Ends with `cause`; UNKNOWN if there is no verdict.
    pub(super) fn end_early(&mut self, cause: MachineCause, now: Samples) {
        if !self.has_verdict() {
            let elapsed_ms = to_ms(now.saturating_sub(self.result.started));
            self.decide_unknown(cause, format!("{cause}-{elapsed_ms}"), now);
        }
        self.finish(now);
    }
}
