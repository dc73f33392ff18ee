//! What a detection tells, and how it ended.
#![forbid(unsafe_code)]

use crate::time::Samples;
use crate::types::{FaxTone, MachineCause, MachineEvent, MachineVerdict, NetworkTone};

/// What there is to emit.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineOutput {
    /// An event of the seed's, or one of the network's.
    Event {
        /// Which.
        event: MachineEvent,
        /// When it was known.
        at: Samples,
        /// A beep was facts.
        beep: bool,
        /// Frequency of the tone that it is about; 0 if it is about none.
        hz: f32,
        /// How sure the verdict is.
        confidence: f32,
    },
    /// The verdict that would be given now.
    Provisional {
        /// When.
        at: Samples,
        /// Human or machine.
        verdict: MachineVerdict,
        /// How sure that is.
        confidence: f32,
    },
    /// It is over: the seed's `finished`.
    Ended(MachineResult),
}

/// How a detection ended, or what is known so far.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineResult {
    /// Who answered.
    pub verdict: MachineVerdict,
    /// Which rule gave the verdict.
    pub cause: MachineCause,
    /// The same with its figures, as Asterisk's AMDCAUSE.
    pub text: String,
    /// How sure it is: 0 to 1.
    pub confidence: f32,
    /// The first beep's start and frequency.
    pub beep: Option<(Samples, f32)>,
    /// The machine is ready for a message.
    pub ready: bool,
    /// The fax tone.
    pub fax_tone: FaxTone,
    /// The last of the network's tones before the verdict.
    pub network_tone: NetworkTone,
    /// The start.
    pub started: Samples,
    /// From when the timeouts counted.
    pub anchor: Option<Samples>,
    /// When the verdict fell.
    pub verdict_at: Option<Samples>,
    /// The end.
    pub ended: Samples,
    /// The first voice.
    pub onset: Option<Samples>,
    /// The end of the voice before the verdict, if it had ended.
    pub greeting_end: Option<Samples>,
    /// Words of the utterance that was classified_at.
    pub words: u32,
    /// Its voice.
    pub voice: Samples,
}

impl MachineResult {
    /// Nothing is known yet.
    pub fn new(now: Samples) -> Self {
        Self {
            verdict: MachineVerdict::Detecting,
            cause: MachineCause::None,
            text: String::new(),
            confidence: 0.0,
            beep: None,
            ready: false,
            fax_tone: FaxTone::None,
            network_tone: NetworkTone::None,
            started: now,
            anchor: None,
            verdict_at: None,
            ended: now,
            onset: None,
            greeting_end: None,
            words: 0,
            voice: 0,
        }
    }

    /// A detection that ended before it could begin, or failed.
    pub fn without_verdict(cause: MachineCause, now: Samples) -> Self {
        let verdict = match cause {
            MachineCause::Error => MachineVerdict::Error,
            _ => MachineVerdict::Unknown,
        };
        Self {
            verdict,
            cause,
            text: cause.name().to_owned(),
            verdict_at: Some(now),
            ..Self::new(now)
        }
    }

    /// What the detection took: from the moment at which its clock began to its end.
    pub fn took(&self) -> Samples {
        let since = self.anchor.unwrap_or(self.started);
        self.ended.saturating_sub(since)
    }

    /// From the end of the greeting to the verdict.
    pub fn latency(&self) -> Option<Samples> {
        let (end, verdict) = self.greeting_end.zip(self.verdict_at)?;
        Some(verdict.saturating_sub(end))
    }
}
