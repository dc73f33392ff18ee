//! What a leg has to tell: the host, and a recording.
#![forbid(unsafe_code)]

use super::disk::Recorded;
use crate::cause::{DigitSource, MachineEvent, MachineResult};
use crate::job::collect::Collected;
use crate::job::machine::Outcome;
use crate::time::Samples;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key press.
    Digit {
        /// When it was known.
        at: Samples,
        /// ASCII.
        digit: u8,
        /// How it came.
        source: DigitSource,
        /// Start of the press.
        start: Samples,
        /// Its end; `None` while it lasts.
        end: Option<Samples>,
        /// Whether the buffer had room for it.
        stored: bool,
    },
    /// The in-band tone of a press that was told is over.
    DigitEnd {
        /// When it was known.
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
        /// The number under which it was started.
        job: u64,
        /// How.
        collected: Collected,
    },
    /// A recording ended, and its file is whole.
    RecordEnded {
        /// The number under which it was started.
        job: u64,
        /// How.
        recorded: Recorded,
    },
    /// A detection tells something.
    Machine {
        /// The number under which it was started.
        job: u64,
        /// What.
        event: MachineEvent,
        /// When it was known.
        at: Samples,
        /// A beep was heard.
        beep: bool,
        /// Frequency of the tone that it is about; 0 if it is about none.
        hz: f32,
        /// How sure the verdict is.
        confidence: f32,
    },
    /// What a detection would say by now.
    MachineProvisional {
        /// When.
        at: Samples,
        /// Human or machine.
        result: MachineResult,
        /// How sure that is.
        confidence: f32,
    },
    /// A detection ended.
    MachineEnded {
        /// The number under which it was started.
        job: u64,
        /// How.
        outcome: Box<Outcome>,
    },
}

impl Event {
    /// Whether it is an ending, which is never dropped.
    pub fn is_ending(&self) -> bool {
        match self {
            Self::DtmfEnded { .. } | Self::RecordEnded { .. } | Self::MachineEnded { .. } => true,
            Self::Digit { .. }
            | Self::DigitEnd { .. }
            | Self::Machine { .. }
            | Self::MachineProvisional { .. } => false,
        }
    }
}

/// What a recording must know of the digits, besides the audio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tone {
    /// A key press that counts began then, by whichever way it came.
    Pressed(Samples, DigitSource),
    /// A tone began.
    Begins(Samples),
    /// It is over.
    Ends(Samples),
}
