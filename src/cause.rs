//! Every public enum, once. The values are the C API's: they are never reused and never change.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::fmt;

/// The names of an enum's values, and the check of an integer from outside.
macro_rules! names {
    ($name:ident $($variant:ident $text:literal,)+) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value's name as the seeds and the PBX's variables spell it.
            pub fn name(self) -> &'static str {
                self.text().to_str().unwrap_or_default()
            }

            /// The name for C: static, NUL-terminated.
            pub fn text(self) -> &'static std::ffi::CStr {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of an integer that came from outside; `None` if it is no value of this enum.
            pub fn from_i32(value: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| *v as i32 == value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

mod digits;
mod machine;
mod recorder;

pub use digits::*;
pub use machine::*;
pub use recorder::*;

/// What a call of the C API answers: 0, or what kept it from doing anything.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A required pointer was NULL.
    ErrNull = -1,
    /// A value is out of its range, malformed, not UTF-8, or no DTMF digit.
    ErrInvalid = -2,
    /// `struct_size` is none that this library knows, or a longer struct has a non-zero tail.
    ErrSize = -3,
    /// The call is not answered, or not in a state for this.
    ErrState = -4,
    /// The call is IDLE: it has not begun, or has hung up.
    ErrHangup = -5,
    /// Somebody else is at it: a second writer, a job of that kind that runs, channels that still live.
    ErrBusy = -6,
    /// The ring was full: the tail of this write was dropped and counted as a gap.
    ErrOverrun = -7,
    /// A blocking call was made from a callback.
    ErrDeadlock = -8,
    /// The wait's own time ran out; what was waited for goes on.
    ErrTimeout = -9,
    /// Nothing there yet: no event, no result, the job still runs.
    ErrAgain = -10,
    /// The event queue has no room for the ending of one more job: read the events first.
    ErrFull = -11,
    /// A fault inside the library; it was caught, and the other calls go on.
    ErrPanic = -12,
    /// The operating system refused a thread or a descriptor.
    ErrSystem = -13,
    /// A file exists already, or cannot be made, read or written.
    ErrFile = -14,
}

names! { Status
    Ok c"OK",
    ErrNull c"a required pointer is NULL",
    ErrInvalid c"a value is out of its range or malformed",
    ErrSize c"struct_size is not one that this library knows",
    ErrState c"the call is not answered",
    ErrHangup c"the call is idle or has hung up",
    ErrBusy c"busy: a second writer, a job that runs, or channels that still live",
    ErrOverrun c"the ring is full: the tail was dropped and left as a gap",
    ErrDeadlock c"a blocking call from a callback would wait for itself",
    ErrTimeout c"the wait's time ran out",
    ErrAgain c"nothing there yet",
    ErrFull c"the event queue is full of endings: read the events",
    ErrPanic c"a fault inside the library was caught",
    ErrSystem c"the operating system refused a thread or a descriptor",
    ErrFile c"a file exists already, or cannot be made, read or written",
}

/// Where a call is in its life.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallState {
    /// No call: before it and after the hang-up.
    Idle = 0,
    /// It rings; there may be early media.
    Ringing = 1,
    /// It is answered.
    Answered = 2,
}

names! { CallState
    Idle c"IDLE",
    Ringing c"RINGING",
    Answered c"ANSWERED",
}

/// One direction of a call's audio.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// What the PBX reads from the far party.
    Rx = 0,
    /// What the PBX plays to the far party.
    Tx = 1,
}

names! { Stream
    Rx c"RX",
    Tx c"TX",
}

/// What an event tells.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// Nothing: an event that was not filled in.
    None = 0,
    /// A key press, as soon as it is sure; its tone may still last.
    Digit = 1,
    /// The in-band tone of a key press is over: its end, levels and twist are known.
    DigitEnd = 2,
    /// A collection has ended: cause and digits.
    DtmfEnded = 3,
    /// A recording has ended and its file is whole: cause, length, and whether there was audio.
    RecordEnded = 4,
    /// A detection tells something: `machine_event`.
    Machine = 5,
    /// A detection is over (the seed's `finished`): result and cause.
    MachineEnded = 6,
    /// What a detection would say by now; it may still change its mind.
    MachineProvisional = 7,
}

names! { EventType
    None c"NONE",
    Digit c"DIGIT",
    DigitEnd c"DIGIT_END",
    DtmfEnded c"DTMF_ENDED",
    RecordEnded c"RECORD_ENDED",
    Machine c"MACHINE",
    MachineEnded c"MACHINE_ENDED",
    MachineProvisional c"MACHINE_PROVISIONAL",
}

/// For what names are wanted.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// The fields of an event or an object, which has a name of its own.
    Fields = 0,
    /// Variables of a call, which stand beside those of others.
    Variables = 1,
}

names! { Names
    Fields c"fields",
    Variables c"variables",
}

/// A refusal: the status, and the text that says what exactly was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What the C API answers.
    pub status: Status,
    /// What was wrong, for a human.
    pub text: Cow<'static, str>,
}

impl Error {
    /// A refusal with its own text.
    pub fn new(status: Status, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// A value that is out of its range or malformed.
    pub fn invalid(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::ErrInvalid, text)
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::new(status, status.name())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}
