//! A detection: the seed's `detect_machine`, as a machine that is told what was heard and answers events and an outcome.
//!
//! Rules, under the seed's words; the first that holds gives the verdict:
//!
//! - `machine_voice_threshold`: voice went on so long: MACHINE. `machine_words_threshold`: so many words in one utterance: MACHINE.
//! - `end_silence_timeout`: voice, then so long none: HUMAN. While a tone sounds it waits: it may be the beep.
//! - A beep: MACHINE. A fax tone that is looked for: FAX.
//! - `initial_timeout` without voice, `timeout`: UNKNOWN.
//!
//! With `detect_message_end` MACHINE is not the end: the beep is, or `machine_ready_timeout` of silence; with
//! `detect_interruptions` silence is not either. `strategy=adaptive` puts a [`adaptive::Judge`] in the place of the first two
//! rules.
#![forbid(unsafe_code)]

pub mod adaptive;
pub mod options;
mod outcome;
mod rules;
mod utterance;

pub use outcome::{Outcome, Told};

use crate::cause::{
    FaxTone, MachineAnchor, MachineCause, MachineEvent, MachineResult, MachineStrategy, NetworkTone,
};
use crate::detect::heard::{Beep, Fax, Heard, Network};
use crate::time::{RATE_HZ, Samples, Timeout, to_ms};
use adaptive::Judge;
use options::MachineOptions;
use utterance::Utterance;

/// How a tone that has just ended is still waited for: a beep is told a little after its end.
const TONE_TOLD_LATE: Samples = 100 * RATE_HZ as Samples / 1000;

/// What the call was like when the detection began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call {
    /// When it was answered.
    pub answered: Option<Samples>,
    /// When the first audio came.
    pub first_media: Option<Samples>,
}

/// Where a detection is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// No verdict.
    Listening,
    /// A machine: until it is ready.
    Greeting {
        /// It was ready, until it spoke again.
        ready: bool,
    },
    /// A human: until then a beep or a fax tone may say otherwise.
    ListeningOn(Option<Samples>),
    /// All is said.
    Ended,
}

/// A detection that runs. Times are the leg's.
#[derive(Clone, Debug)]
pub struct Machine {
    options: MachineOptions,
    state: State,
    call: Call,
    utterance: Utterance,
    judge: Judge,
    /// When it was asked last.
    judged: Samples,
    /// The last time that a tone sounded.
    tone: Option<Samples>,
    /// The last time that it rang.
    rang: Option<Samples>,
    /// Somebody speaks already, while the answer is waited for.
    speaks_early: bool,
    provisional: MachineResult,
    outcome: Outcome,
    told: Vec<Told>,
}

impl Machine {
    /// Begins at `now`.
    pub fn start(options: MachineOptions, now: Samples, call: Call) -> Self {
        Self {
            options,
            state: State::Listening,
            call,
            utterance: Utterance::default(),
            judge: Judge::default(),
            judged: 0,
            tone: None,
            rang: None,
            speaks_early: false,
            provisional: MachineResult::Detecting,
            outcome: Outcome::new(now),
            told: Vec::new(),
        }
    }

    /// What there is to tell; the caller empties it. After [`Told::Ended`] there is nothing more.
    pub fn told(&mut self) -> &mut Vec<Told> {
        &mut self.told
    }

    /// What is known so far.
    pub fn progress(&self) -> Outcome {
        let mut progress = self.outcome.clone();
        if progress.result == MachineResult::Detecting
            && self.options.strategy == MachineStrategy::Adaptive
        {
            progress.confidence = self.judge.verdict(progress.ended).confidence();
        }
        progress
    }

    /// The call was answered.
    pub fn answered(&mut self, now: Samples) {
        if self.call.answered.is_some() {
            return;
        }
        self.call.answered = Some(now);
        if self.state == State::Listening {
            // What the network said until then is no reason for silence from now on.
            self.outcome.network_tone = NetworkTone::None;
        }
        if std::mem::take(&mut self.speaks_early) {
            // Whoever spoke before the answer goes on: to the clock, from now.
            self.hear(&Heard::VoiceBegins { at: now }, now);
        }
    }

    /// The first audio has come.
    pub fn media(&mut self, now: Samples) {
        self.call.first_media.get_or_insert(now);
    }

    /// From when the timeouts count; `None` while that is to come.
    fn anchored_at(&self) -> Option<Samples> {
        let started = self.outcome.started;
        match self.options.anchor {
            MachineAnchor::Start => Some(started),
            MachineAnchor::Answer => self.call.answered.map(|at| at.max(started)),
            MachineAnchor::FirstMedia => self.call.first_media.map(|at| at.max(started)),
            MachineAnchor::FirstVoice => self.outcome.onset,
        }
    }

    /// Before the answer, if that is what is waited for, nobody is there but the network.
    fn hears_the_far_end(&self) -> bool {
        self.options.anchor != MachineAnchor::Answer || self.call.answered.is_some()
    }

    /// Something was heard; `now` is when it was told.
    pub fn hear(&mut self, heard: &Heard, now: Samples) {
        if self.state == State::Ended {
            return;
        }
        if let Heard::Network(network) = heard {
            self.network(network, now);
        }
        if !self.hears_the_far_end() {
            match heard {
                Heard::VoiceBegins { .. } => self.speaks_early = true,
                Heard::VoiceEnds { .. } => self.speaks_early = false,
                _ => {}
            }
            return;
        }
        if let Heard::VoiceBegins { at } = heard {
            // It is told late: what fell due before it comes first.
            self.time(*at, now);
            if self.state == State::Ended {
                return;
            }
        }
        if self.options.strategy == MachineStrategy::Adaptive {
            self.judge.hear(heard);
        }
        match heard {
            Heard::Frame(frame) if frame.tone => self.tone = Some(frame.at),
            Heard::VoiceBegins { at } => self.voice_begins(*at),
            Heard::VoiceEnds { at } => self.utterance.ends(*at),
            Heard::Beep(beep) if self.options.amd => self.beep(beep, now),
            Heard::Fax(fax) if self.options.fax => self.fax(fax, now),
            _ => {}
        }
    }

    fn voice_begins(&mut self, at: Samples) {
        let pause = match self.options.end_silence_timeout {
            Timeout::After(pause) => Some(pause),
            Timeout::Forever => None,
        };
        self.utterance.begins(at, pause);
        if self.state == State::Listening && self.outcome.onset.is_none() {
            self.outcome.onset = Some(at);
        }
    }

    fn beep(&mut self, beep: &Beep, now: Samples) {
        self.outcome.beep.get_or_insert((beep.start, beep.hz));
        let length = beep.end.saturating_sub(beep.start);
        if matches!(self.state, State::Listening | State::ListeningOn(_)) {
            let text = format!("BEEP-{:.0}-{}", beep.hz, to_ms(length));
            self.verdict(MachineResult::Machine, MachineCause::Beep, text, now);
        }
        self.tell(MachineEvent::Machine, now, beep.hz);
        self.ready(now);
        self.finish(now);
    }

    fn fax(&mut self, fax: &Fax, now: Samples) {
        let is_cng = fax.tone == FaxTone::Cng;
        if !(if is_cng {
            self.options.cng
        } else {
            self.options.ced
        }) {
            return;
        }
        self.outcome.fax_tone = fax.tone;
        let (cause, event) = if is_cng {
            (MachineCause::Cng, MachineEvent::Cng)
        } else {
            (MachineCause::Ced, MachineEvent::Ced)
        };
        let sounded = to_ms(fax.at.saturating_sub(fax.start));
        let text = format!("{}-{sounded}", fax.tone);
        self.verdict(MachineResult::Fax, cause, text, now);
        self.tell(event, now, 0.0);
        self.finish(now);
    }

    fn network(&mut self, network: &Network, now: Samples) {
        let event = match network.tone {
            NetworkTone::Ringback => MachineEvent::Ringback,
            NetworkTone::Busy => MachineEvent::Busy,
            NetworkTone::Reorder => MachineEvent::Reorder,
            NetworkTone::Sit => MachineEvent::Sit,
            NetworkTone::Dial | NetworkTone::None => return,
        };
        if network.tone == NetworkTone::Ringback {
            self.rang = Some(network.end);
        }
        if self.state == State::Listening {
            self.outcome.network_tone = network.tone;
        }
        self.tell(event, now, network.hz);
    }

    /// Everything up to `told` has been heard, and it is `now`.
    pub fn time(&mut self, told: Samples, now: Samples) {
        self.outcome.ended = now;
        self.utterance.time(told);
        match self.state {
            State::Listening if self.options.amd => self.listen(told, now),
            State::Greeting { ready } => self.greeting(ready, told, now),
            // A tone that began in time may still become a beep.
            State::ListeningOn(Some(until)) if told >= until && !self.is_tone_near(told) => {
                self.finish(now);
            }
            _ => {}
        }
        self.run_out(told, now);
    }

    fn greeting(&mut self, ready: bool, told: Samples, now: Samples) {
        if ready {
            if self.utterance.words() > 0 {
                self.tell(MachineEvent::NotReady, now, 0.0);
                self.outcome.ready = false;
                self.state = State::Greeting { ready: false };
            }
        } else if let Some(quiet) = self.quiet(told)
            && reached(quiet, self.options.ready_timeout())
        {
            self.ready(now);
            if self.options.detect_interruptions {
                // From here on every word is an interruption.
                self.utterance = Utterance::default();
                self.state = State::Greeting { ready: true };
            } else {
                self.finish(now);
            }
        }
    }

    /// The silence since the last voice, unless a tone sounds, which may be the beep.
    fn quiet(&self, told: Samples) -> Option<Samples> {
        let ended = self.utterance.ended()?;
        (!self.is_tone_near(told)).then(|| told.saturating_sub(ended))
    }

    fn is_tone_near(&self, told: Samples) -> bool {
        self.tone
            .is_some_and(|tone| told < tone.saturating_add(TONE_TOLD_LATE))
    }

    fn run_out(&mut self, told: Samples, now: Samples) {
        let Some(since) = self.anchored_at().filter(|_| self.state != State::Ended) else {
            return;
        };
        let passed = told.saturating_sub(since);
        if !reached(passed, self.options.timeout) {
            return;
        }
        if self.state == State::Listening {
            let text = figures("TOOLONG", passed, self.options.timeout);
            self.unknown(MachineCause::TooLong, text, now);
        }
        self.finish(now);
    }

    fn machine(&mut self, cause: MachineCause, text: String, now: Samples) {
        self.verdict(MachineResult::Machine, cause, text, now);
        self.tell(MachineEvent::Machine, now, 0.0);
        if self.options.detect_message_end {
            self.state = State::Greeting { ready: false };
        } else {
            self.finish(now);
        }
    }

    fn human(&mut self, cause: MachineCause, text: String, now: Samples) {
        self.verdict(MachineResult::Human, cause, text, now);
        self.tell(MachineEvent::Human, now, 0.0);
        if self.options.listen_on.is_zero() {
            self.finish(now);
        } else {
            self.state = State::ListeningOn(self.options.listen_on.deadline(now));
        }
    }

    fn unknown(&mut self, cause: MachineCause, text: String, now: Samples) {
        self.verdict(MachineResult::Unknown, cause, text, now);
        self.tell(MachineEvent::Unknown, now, 0.0);
        self.finish(now);
    }

    fn verdict(&mut self, result: MachineResult, cause: MachineCause, text: String, now: Samples) {
        let outcome = &mut self.outcome;
        if cause != MachineCause::Adaptive {
            outcome.confidence = f32::from(u8::from(result != MachineResult::Unknown));
        }
        outcome.result = result;
        outcome.cause = cause;
        outcome.text = text;
        outcome.verdict = Some(now);
        outcome.greeting_end = self.utterance.ended();
        outcome.words = self.utterance.words();
        outcome.voice = self.utterance.voice(now);
    }

    fn ready(&mut self, now: Samples) {
        self.outcome.ready = true;
        self.tell(MachineEvent::Ready, now, 0.0);
    }

    fn tell(&mut self, event: MachineEvent, at: Samples, hz: f32) {
        self.told.push(Told::Event {
            event,
            at,
            beep: self.outcome.beep.is_some(),
            hz,
            confidence: self.outcome.confidence,
        });
    }

    fn finish(&mut self, now: Samples) {
        if self.state == State::Ended {
            return;
        }
        self.state = State::Ended;
        self.outcome.ended = now;
        self.outcome.anchor = self.anchored_at();
        self.told.push(Told::Ended(self.outcome.clone()));
    }

    /// The call hung up.
    pub fn hangup(&mut self, now: Samples) {
        self.end_early(MachineCause::Hangup, now);
    }

    /// It was stopped.
    pub fn stop(&mut self, now: Samples) {
        self.end_early(MachineCause::Stopped, now);
    }

    fn end_early(&mut self, cause: MachineCause, now: Samples) {
        if self.state == State::Listening {
            let ran = to_ms(now.saturating_sub(self.outcome.started));
            self.unknown(cause, format!("{cause}-{ran}"), now);
        }
        self.finish(now);
    }
}

fn reached(length: Samples, timeout: Timeout) -> bool {
    matches!(timeout, Timeout::After(limit) if length >= limit)
}

/// A cause with what was measured and the threshold, in ms.
fn figures(name: &str, measured: Samples, threshold: Timeout) -> String {
    match threshold {
        Timeout::After(limit) => format!("{name}-{}-{}", to_ms(measured), to_ms(limit)),
        Timeout::Forever => format!("{name}-{}", to_ms(measured)),
    }
}

#[cfg(test)]
mod tests;
