//! After MACHINE, with `detect_message_end`: NOT_READY while the machine speaks on, READY at the beep or at the end of the greeting.
//!
//! NOT_READY and READY alternate: each is reported only if the last of the two was the other, or neither.
#![forbid(unsafe_code)]

use super::{Greeting, MachineJob, State, reached};
use crate::detect::fact::Beep;
use crate::job::machine::utterance::Utterance;
use crate::time::{Samples, to_ms};
use crate::types::{MachineCause, MachineEvent, MachineReadyOn, MachineVerdict};

impl MachineJob {
    /// NOT_READY at a word, and READY after enough silence.
    pub(super) fn advance_greeting(
        &mut self,
        greeting: Greeting,
        complete_until: Samples,
        now: Samples,
    ) {
        let speaks = match greeting {
            Greeting::Unreported(verdict) => self.utterance.spoken_until() > verdict,
            Greeting::NotReady => false,
            Greeting::Ready => self.utterance.words() > 0,
        };
        if speaks {
            self.emit(MachineEvent::NotReady, now, 0.0);
            self.result.ready = false;
            self.state = State::Greeting(Greeting::NotReady);
        }
        let waits_for_silence = self.options.ready_on != MachineReadyOn::Beep
            && self.state != State::Greeting(Greeting::Ready);
        if waits_for_silence
            && let Some(silence) = self.silence(complete_until)
            && reached(silence, self.options.ready_timeout())
        {
            self.ready(now);
            if self.options.detect_interruptions {
                // Any word from here on is an interruption.
                self.utterance = Utterance::default();
                self.state = State::Greeting(Greeting::Ready);
            } else {
                self.awaits_beep = self.after_machine.is_none();
                self.end_machine(now);
            }
        }
    }

    /// A beep gives MACHINE. It gives READY too and ends the detection, unless READY waits for silence.
    pub(super) fn process_beep(&mut self, beep: &Beep, now: Samples) {
        self.result.beep.get_or_insert((beep.start, beep.hz));
        let length = beep.end.saturating_sub(beep.start);
        let is_verdict = matches!(self.state, State::Listening | State::ListeningOn(_));
        if is_verdict {
            let text = format!("BEEP-{:.0}-{}", beep.hz, to_ms(length));
            self.set_verdict(MachineVerdict::Machine, MachineCause::Beep, text, now);
        }
        self.emit(MachineEvent::Machine, now, beep.hz);
        if self.options.detect_message_end && self.options.ready_on == MachineReadyOn::Silence {
            self.utterance.beep_ended(beep.end);
            if is_verdict {
                self.state = State::Greeting(Greeting::Unreported(beep.end));
            }
        } else {
            // After READY by silence, `after_machine` reports the beep alone.
            if self.state != State::AfterMachine || !self.result.ready {
                self.ready(now);
            }
            self.end_machine(now);
        }
    }

    fn ready(&mut self, now: Samples) {
        self.result.ready = true;
        self.emit(MachineEvent::Ready, now, 0.0);
    }

    /// Whether the detection ended at READY by silence: a beep may follow.
    pub fn awaits_beep(&self) -> bool {
        self.awaits_beep
    }
}
