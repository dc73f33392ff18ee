//! Events of a call, in the order in which a host receives them.
#![forbid(unsafe_code)]

use crate::job::dtmf::DtmfResult;
use crate::job::machine::{KindEstimate, MachineResult};
use crate::job::recorder::RecorderResult;
use crate::time::Samples;
use crate::types::{DigitSource, MachineEvent, MachineVerdict};

/// One event. `job` is the number under which the caller started the job.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key press.
    Digit {
        /// Media time at which it was detected.
        at: Samples,
        /// The digit as ASCII.
        digit: u8,
        /// Source of the digit.
        source: DigitSource,
        /// Start of the press.
        start: Samples,
        /// End of the press; `None` while it lasts.
        end: Option<Samples>,
        /// Whether the digit buffer had room for it.
        stored: bool,
    },
    /// The in-band tone of a reported key press ended.
    DigitEnd {
        /// Media time at which the end was detected.
        at: Samples,
        /// The digit as ASCII.
        digit: u8,
        /// Start of the tone.
        start: Samples,
        /// End of the tone.
        end: Samples,
        /// Level of the row's tone, dBm0.
        low_dbm0: f32,
        /// Level of the column's tone, dBm0.
        high_dbm0: f32,
    },
    /// A collection ended.
    DtmfEnded {
        /// Number of the job.
        job: u64,
        /// Result of the job.
        result: DtmfResult,
    },
    /// A recording ended and its file is complete.
    RecorderEnded {
        /// Number of the job.
        job: u64,
        /// Result of the job.
        result: RecorderResult,
    },
    /// Progress of a detection.
    Machine {
        /// Number of the job.
        job: u64,
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
    /// A verdict of a detection that may still change.
    MachineProvisional {
        /// Media time.
        at: Samples,
        /// HUMAN or MACHINE.
        verdict: MachineVerdict,
        /// Confidence of the verdict, 0 to 1.
        confidence: f32,
    },
    /// A beep after a detection ended at READY by silence.
    MachineBeep {
        /// Media time at which it was detected.
        at: Samples,
        /// Start of the beep.
        start: Samples,
        /// End of the beep.
        end: Samples,
        /// Frequency, Hz.
        hz: f32,
    },
    /// A detection ended.
    MachineEnded {
        /// Number of the job.
        job: u64,
        /// Result of the job.
        result: Box<MachineResult>,
    },
}

impl Event {
    /// Number of the job whose end this event reports; `None` for progress. An ending is never dropped.
    pub fn ended_job(&self) -> Option<u64> {
        match self {
            Self::DtmfEnded { job, .. }
            | Self::RecorderEnded { job, .. }
            | Self::MachineEnded { job, .. } => Some(*job),
            Self::Digit { .. }
            | Self::DigitEnd { .. }
            | Self::Machine { .. }
            | Self::MachineProvisional { .. }
            | Self::MachineBeep { .. } => None,
        }
    }

    /// Whether the event reports the end of a job.
    pub fn is_ending(&self) -> bool {
        self.ended_job().is_some()
    }
}
