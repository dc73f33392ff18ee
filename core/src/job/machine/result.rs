//! Outputs and result of a detection.
#![forbid(unsafe_code)]

use super::KindEstimate;
use crate::time::Samples;
use crate::types::{FaxTone, MachineCause, MachineEvent, MachineVerdict, NetworkTone};

/// One output of a detection.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineOutput {
    /// An event of the verdict, the greeting or the network.
    Event {
        /// Type of the event.
        event: MachineEvent,
        /// Media time at which it was detected.
        at: Samples,
        /// Whether a beep has been detected.
        beep: bool,
        /// Frequency of the tone that the event reports, Hz; 0 if it reports none.
        hz: f32,
        /// Confidence of the verdict, 0 to 1.
        confidence: f32,
        /// What answered.
        kind: KindEstimate,
    },
    /// A verdict that may still change.
    Provisional {
        /// Media time.
        at: Samples,
        /// HUMAN or MACHINE.
        verdict: MachineVerdict,
        /// Confidence of the verdict, 0 to 1.
        confidence: f32,
    },
    /// The end of the detection, `finished`; the last output.
    Ended(MachineResult),
}

/// Result of a detection, or its progress. Times are media time.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineResult {
    /// Who answered.
    pub verdict: MachineVerdict,
    /// The rule that gave the verdict.
    pub cause: MachineCause,
    /// The cause with measured value and threshold, as in Asterisk's AMDCAUSE.
    pub text: String,
    /// Confidence of the verdict, 0 to 1.
    pub confidence: f32,
    /// What answered, as far as it is known.
    pub kind: KindEstimate,
    /// Start and frequency (Hz) of the first beep.
    pub beep: Option<(Samples, f32)>,
    /// The machine is ready for a message.
    pub ready: bool,
    /// The fax tone that gave FAX.
    pub fax_tone: FaxTone,
    /// The last network tone before the verdict.
    pub network_tone: NetworkTone,
    /// Start of the detection.
    pub started: Samples,
    /// Start of the timeouts; `None` if the anchor's event did not occur.
    pub anchor: Option<Samples>,
    /// Time of the verdict.
    pub verdict_at: Option<Samples>,
    /// End of the detection; of a running one, the current time.
    pub ended: Samples,
    /// Start of the first voice.
    pub onset: Option<Samples>,
    /// End of the voice before the verdict; `None` if the voice lasted.
    pub greeting_end: Option<Samples>,
    /// Words of the utterance at the verdict.
    pub words: u32,
    /// Length of the voice in that utterance, without pauses.
    pub voice: Samples,
}

impl MachineResult {
    /// Progress of a detection that starts at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            verdict: MachineVerdict::Detecting,
            cause: MachineCause::None,
            text: String::new(),
            confidence: 0.0,
            kind: KindEstimate::default(),
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

    /// Result of a detection that ended before it began, or failed.
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

    /// Duration from the start of the timeouts, or else of the detection, to its end.
    pub fn took(&self) -> Samples {
        let since = self.anchor.unwrap_or(self.started);
        self.ended.saturating_sub(since)
    }

    /// Time from the end of the greeting to the verdict.
    pub fn latency(&self) -> Option<Samples> {
        let (end, verdict) = self.greeting_end.zip(self.verdict_at)?;
        Some(verdict.saturating_sub(end))
    }
}
