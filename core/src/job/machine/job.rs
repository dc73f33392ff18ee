//! The state machine of `detect_machine`: facts and media time go in, events and a result come out.
//!
//! The first rule that holds gives the verdict:
//!
//! - `machine_voice_threshold`: voice lasted that long: MACHINE.
//! - `machine_words_threshold`: one utterance has that many words: MACHINE.
//! - `end_silence_timeout`: voice, then that much silence: HUMAN. While a tone sounds, the rule waits: the tone may be a beep.
//! - A beep: MACHINE. A fax tone selected by `tone`: FAX.
//! - `initial_timeout` without voice, `timeout`: UNKNOWN.
//!
//! With `detect_message_end`, MACHINE does not end the detection: the beep does, or `machine_ready_timeout` of silence, as `ready_on`
//! says. With `detect_interruptions`, silence does not end it either. `strategy=adaptive` replaces the first three rules by a
//! [`Classifier`].
#![forbid(unsafe_code)]

mod greeting;
mod limits;
mod revise;
mod rules;
mod verdict;
mod words;

use super::after_machine::AfterMachine;
use super::classifier::Classifier;
use super::continuation::Continuation;
use super::kind::KindEvidence;
use super::phrases::FoundPhrases;
use super::utterance::Utterance;
use super::{MachineOptions, MachineOutput, MachineResult};
use crate::detect::fact::{Fact, Fax, Network};
use crate::time::{MS, Samples, Timeout, to_ms};
use crate::types::{
    FaxTone, MachineAnchor, MachineCause, MachineEvent, MachineStrategy, MachineVerdict,
    NetworkTone,
};

/// Longest lag of a beep's report behind the end of the beep, 90 ms.
const MAX_BEEP_LAG: Samples = 90 * MS;

/// The same of CNG, which has silence after it, 200 ms.
const MAX_CNG_LAG: Samples = 200 * MS;

/// Length of a [`Frame`](crate::detect::fact::Frame), 10 ms.
const FRAME: Samples = 10 * MS;

/// State of the call when the detection starts.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallTimes {
    /// Time of the answer.
    pub answered: Option<Samples>,
    /// Time of the first audio.
    pub first_media: Option<Samples>,
}

/// Consecutive frames with a tone.
#[derive(Clone, Copy, Debug)]
struct ToneRun {
    start: Samples,
    end: Samples,
}

impl ToneRun {
    /// Whether the tone lasts or ended so recently that it may still be reported. `lag`: the longest lag of the report.
    fn is_near(self, complete_until: Samples, lag: Samples) -> bool {
        complete_until < self.end.saturating_add(lag)
    }
}

/// What was reported of the greeting.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Greeting {
    /// Neither READY nor NOT_READY. Time up to which the facts had been reported at the verdict.
    Unreported(Samples),
    /// NOT_READY.
    NotReady,
    /// READY.
    Ready,
}

/// State of a detection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// No verdict yet.
    Listening,
    /// MACHINE was the verdict; the greeting is not over.
    Greeting(Greeting),
    /// MACHINE was the verdict and its greeting is over: only a person is awaited.
    AfterMachine,
    /// There was no voice within `initial_timeout`; until this time a fax tone counts.
    AwaitingFax(Option<Samples>),
    /// HUMAN was the verdict; until this time a beep, a fax tone or, with `revise`, speech that goes on overrides it.
    ListeningOn(Option<Samples>),
    /// The result was reported.
    Ended,
}

/// A running detection. Times are media time.
#[derive(Clone, Debug)]
pub struct MachineJob {
    options: MachineOptions,
    state: State,
    call: CallTimes,
    utterance: Utterance,
    classifier: Classifier,
    /// Time of the classifier's last estimate.
    estimated_at: Samples,
    /// That estimate: what was heard was noise.
    only_noise: bool,
    /// After HUMAN, with `revise`: voice that may continue the greeting.
    continuation: Option<Continuation>,
    /// HUMAN may be revised: it was the first verdict.
    revisable: bool,
    phrases: FoundPhrases,
    /// Log-odds that words have added to the classifier's.
    words: f32,
    /// With `after_machine`: who speaks after MACHINE.
    after_machine: Option<Box<AfterMachine>>,
    kind: KindEvidence,
    /// Time up to which all facts were processed.
    complete_until: Samples,
    /// The last tone.
    tone: Option<ToneRun>,
    /// End of the last ringback tone.
    last_ringback: Option<Samples>,
    /// A voice segment that began before the answer lasts.
    early_voice: bool,
    /// The last provisional verdict.
    provisional: MachineVerdict,
    /// Cause of UNKNOWN, if no fax tone comes.
    given_up: (MachineCause, String),
    /// The limit at which [`MachineJob::reach_limit`] was called last.
    previewed: Option<Samples>,
    /// The limit of `max_ms` that was reached last.
    max_reached: Option<Samples>,
    result: MachineResult,
    /// The detection ended at READY by silence.
    awaits_beep: bool,
    /// Time of the last output.
    latest: Samples,
    outputs: Vec<MachineOutput>,
}

impl MachineJob {
    /// Starts a detection at `now`.
    pub fn start(options: MachineOptions, now: Samples, call: CallTimes) -> Self {
        let classifier = Classifier::new(options.sensitivity);
        let awaits_person = options.after_machine && options.strategy == MachineStrategy::Adaptive;
        let after_machine = awaits_person.then(|| Box::new(AfterMachine::new(options.sensitivity)));
        Self {
            options,
            state: State::Listening,
            call,
            utterance: Utterance::default(),
            classifier,
            estimated_at: 0,
            only_noise: false,
            continuation: None,
            revisable: false,
            phrases: FoundPhrases::default(),
            words: 0.0,
            after_machine,
            kind: KindEvidence::default(),
            complete_until: now,
            tone: None,
            last_ringback: None,
            early_voice: false,
            provisional: MachineVerdict::Detecting,
            given_up: Default::default(),
            previewed: None,
            max_reached: None,
            result: MachineResult::new(now),
            awaits_beep: false,
            latest: now,
            outputs: Vec::new(),
        }
    }

    /// Pending outputs; the caller drains them. [`MachineOutput::Ended`] is the last one.
    pub fn outputs(&mut self) -> &mut Vec<MachineOutput> {
        &mut self.outputs
    }

    /// Result so far.
    pub fn progress(&self) -> MachineResult {
        let mut progress = self.result.clone();
        progress.kind = self.kind_now();
        if progress.verdict == MachineVerdict::Detecting && self.is_adaptive() {
            progress.confidence = self.classifier.estimate(progress.ended).confidence();
        }
        progress
    }

    fn is_adaptive(&self) -> bool {
        self.options.strategy == MachineStrategy::Adaptive
    }

    /// The call was answered.
    pub fn answered(&mut self, now: Samples) {
        if self.call.answered.is_some() {
            return;
        }
        self.call.answered = Some(now);
        if self.state == State::Listening {
            // Network tones before the answer do not explain silence after it.
            self.result.network_tone = NetworkTone::None;
        }
        if std::mem::take(&mut self.early_voice) {
            // Voice that began before the answer counts from the answer.
            self.process(&Fact::VoiceBegins { at: now }, now);
        }
    }

    /// The first audio of the call has arrived.
    pub fn media(&mut self, now: Samples) {
        self.call.first_media.get_or_insert(now);
    }

    /// Start of the timeouts; `None` before the anchor's event.
    fn anchored_at(&self) -> Option<Samples> {
        let started = self.result.started;
        match self.options.anchor {
            MachineAnchor::Start => Some(started),
            MachineAnchor::Answer => self.call.answered.map(|at| at.max(started)),
            MachineAnchor::FirstMedia => self.call.first_media.map(|at| at.max(started)),
            MachineAnchor::FirstVoice => self.result.onset,
        }
    }

    /// Whether voice, beeps and fax tones count: with `anchor=answer`, only network tones do before the answer.
    fn far_end_counts(&self) -> bool {
        self.options.anchor != MachineAnchor::Answer || self.call.answered.is_some()
    }

    /// Whether the detector `amd` may still give a verdict.
    fn amd_listens(&self) -> bool {
        self.options.amd && !matches!(self.state, State::AwaitingFax(_))
    }

    /// Whether a verdict was reported.
    fn has_verdict(&self) -> bool {
        !matches!(self.state, State::Listening | State::AwaitingFax(_))
    }

    /// Processes one fact. `now` is the media time at which the detectors reported it.
    pub fn process(&mut self, fact: &Fact, now: Samples) {
        if self.state == State::Ended {
            return;
        }
        if let Fact::Network(network) = fact {
            self.process_network_tone(network, now);
        }
        if !self.far_end_counts() {
            match fact {
                Fact::VoiceBegins { .. } => self.early_voice = true,
                Fact::VoiceEnds { .. } => self.early_voice = false,
                _ => {}
            }
            return;
        }
        if let Fact::VoiceBegins { at } = fact {
            // The fact lags the audio: waits that ended before its time come first.
            self.advance(*at, now);
            if self.state == State::Ended {
                return;
            }
        }
        if self.is_adaptive() {
            self.classifier.process(fact);
        }
        self.kind.process(fact);
        self.continuation = self.continuation.and_then(|c| c.process(fact));
        if let Some(after) = &mut self.after_machine {
            after.process(fact);
        }
        match fact {
            Fact::Frame(frame) if frame.tone => self.process_tone(frame.at),
            Fact::VoiceBegins { at } => self.process_voice_begin(*at),
            Fact::VoiceEnds { at } => self.utterance.ends(*at),
            Fact::Beep(beep) if self.amd_listens() => self.process_beep(beep, now),
            Fact::Fax(fax) if self.options.fax => self.process_fax(fax, now),
            _ => {}
        }
    }

    /// A tone lasts in the frame at `at`.
    fn process_tone(&mut self, at: Samples) {
        let end = at + FRAME;
        match &mut self.tone {
            Some(tone) if at <= tone.end => tone.end = end,
            tone => *tone = Some(ToneRun { start: at, end }),
        }
    }

    fn process_voice_begin(&mut self, at: Samples) {
        let max_pause = match self.options.end_silence_timeout {
            Timeout::After(pause) => Some(pause),
            Timeout::Forever => None,
        };
        self.utterance.begins(at, max_pause);
        if self.state == State::Listening && self.result.onset.is_none() {
            self.result.onset = Some(at);
        }
    }

    /// A selected fax tone gives FAX and ends the detection.
    fn process_fax(&mut self, fax: &Fax, now: Samples) {
        let is_cng = fax.tone == FaxTone::Cng;
        if !(if is_cng {
            self.options.cng
        } else {
            self.options.ced
        }) {
            return;
        }
        self.result.fax_tone = fax.tone;
        let (cause, event) = if is_cng {
            (MachineCause::Cng, MachineEvent::Cng)
        } else {
            (MachineCause::Ced, MachineEvent::Ced)
        };
        let length_ms = to_ms(fax.at.saturating_sub(fax.start));
        let text = format!("{}-{length_ms}", fax.tone);
        self.set_verdict(MachineVerdict::Fax, cause, text, now);
        self.emit(event, now, 0.0);
        self.finish(now);
    }

    /// A network tone gives an event; without a verdict it may become the cause of UNKNOWN.
    fn process_network_tone(&mut self, network: &Network, now: Samples) {
        let event = match network.tone {
            NetworkTone::Ringback => MachineEvent::Ringback,
            NetworkTone::Busy => MachineEvent::Busy,
            NetworkTone::Reorder => MachineEvent::Reorder,
            NetworkTone::Sit => MachineEvent::Sit,
            NetworkTone::Dial | NetworkTone::None => return,
        };
        if network.tone == NetworkTone::Ringback {
            self.last_ringback = Some(network.end);
        }
        if self.state == State::Listening {
            self.result.network_tone = network.tone;
        }
        self.emit(event, now, network.hz);
    }

    /// Advances time: all facts before `complete_until` have been processed, and media time is `now`.
    pub fn advance(&mut self, complete_until: Samples, now: Samples) {
        self.result.ended = now;
        self.complete_until = self.complete_until.max(complete_until);
        self.utterance.advance(complete_until);
        self.await_person(complete_until, now);
        match self.state {
            State::Listening if self.options.amd => self.apply_verdict_rules(complete_until, now),
            State::Greeting(greeting) => self.advance_greeting(greeting, complete_until, now),
            State::AwaitingFax(_) => {
                if let Some(at) = self.wait_ended_at(complete_until) {
                    self.decide_given_up(at);
                }
            }
            State::ListeningOn(_) => self.listen_on(complete_until, now),
            State::Listening | State::AfterMachine | State::Ended => {}
        }
    }

    /// Length of the silence since the last voice; `None` while a tone sounds, which may become the beep.
    fn silence(&self, complete_until: Samples) -> Option<Samples> {
        let ended = self.utterance.silent_since()?;
        (!self.is_tone_near(complete_until)).then(|| complete_until.saturating_sub(ended))
    }

    /// Whether a tone sounds or ended so recently that a beep may still be reported.
    fn is_tone_near(&self, complete_until: Samples) -> bool {
        self.tone
            .is_some_and(|tone| tone.is_near(complete_until, MAX_BEEP_LAG))
    }
}

fn reached(length: Samples, timeout: Timeout) -> bool {
    matches!(timeout, Timeout::After(limit) if length >= limit)
}

/// The cause with the measured value and the threshold in ms, as in Asterisk's AMDCAUSE.
fn cause_text(name: &str, measured: Samples, threshold: Timeout) -> String {
    match threshold {
        Timeout::After(limit) => format!("{name}-{}-{}", to_ms(measured), to_ms(limit)),
        Timeout::Forever => format!("{name}-{}", to_ms(measured)),
    }
}

#[cfg(test)]
mod tests;
