//! Events of a call: what a host is told, in order.
#![forbid(unsafe_code)]

use crate::job::dtmf::DtmfResult;
use crate::job::machine::MachineResult;
use crate::job::recorder::RecorderResult;
use crate::time::Samples;
use crate::types::{DigitSource, MachineEvent, MachineVerdict};

/// One event. `job` is the number under which the caller started the job.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key press.
    Digit {
        /// Time at which it was detected.
        at: Samples,
        /// ASCII.
        digit: u8,
        /// In-band or signalled.
        source: DigitSource,
        /// Start of the press.
        start: Samples,
        /// Its end; `None` while it lasts.
        end: Option<Samples>,
        /// Whether the digit buffer had room for it.
        stored: bool,
    },
    /// The in-band tone of a reported key press ended.
    DigitEnd {
        /// Time at which the end was detected.
        at: Samples,
        /// ASCII.
        digit: u8,
        /// Start of the tone.
        start: Samples,
        /// Its end.
        end: Samples,
        /// Level of the row's tone.
        low_dbm0: f32,
        /// Level of the column's tone.
        high_dbm0: f32,
    },
    /// A collection ended.
    DtmfEnded {
        /// Its number.
        job: u64,
        /// Its result.
        result: DtmfResult,
    },
    /// A recording ended and its file is whole.
    RecorderEnded {
        /// Its number.
        job: u64,
        /// Its result.
        result: RecorderResult,
    },
    /// Progress of a detection.
    Machine {
        /// Its number.
        job: u64,
        /// Type of the event.
        event: MachineEvent,
        /// Time at which it was detected.
        at: Samples,
        /// Whether a beep has been heard.
        beep: bool,
        /// Frequency of the tone that the event reports; 0 if it reports none.
        hz: f32,
        /// Confidence of the verdict, 0 to 1.
        confidence: f32,
    },
    /// The verdict that a detection would give now.
    MachineProvisional {
        /// When.
        at: Samples,
        /// HUMAN or MACHINE.
        verdict: MachineVerdict,
        /// Confidence of the verdict, 0 to 1.
        confidence: f32,
    },
    /// A detection ended.
    MachineEnded {
        /// Its number.
        job: u64,
        /// Its result.
        result: Box<MachineResult>,
    },
}

impl Event {
    /// Number of the job that this event ends. An ending is never dropped.
    pub fn ended_job(&self) -> Option<u64> {
        match self {
            Self::DtmfEnded { job, .. }
            | Self::RecorderEnded { job, .. }
            | Self::MachineEnded { job, .. } => Some(*job),
            Self::Digit { .. }
            | Self::DigitEnd { .. }
            | Self::Machine { .. }
            | Self::MachineProvisional { .. } => None,
        }
    }

    /// Whether it is the ending of a job.
    pub fn is_ending(&self) -> bool {
        self.ended_job().is_some()
    }
}
