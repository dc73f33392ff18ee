//! Every public enum, once. The values are the C API's: they are never reused and never change.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::fmt;

/// Declares a C enum: its values, its names as text, and the check of an integer from outside.
macro_rules! c_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $value:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[repr(i32)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant = $value,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value's name as the seeds and the PBX's variables spell it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of an integer that came from outside; `None` if it is no value of this enum.
            pub fn from_i32(value: i32) -> Option<Self> {
                match value { $($value => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

c_enum! {
    /// What a call of the C API answers: 0, or what kept it from doing anything.
    Status {
        /// Done.
        Ok = 0 "OK",
        /// A required pointer was NULL.
        ErrNull = -1 "a required pointer is NULL",
        /// A value is out of its range, malformed, not UTF-8, or no DTMF digit.
        ErrInvalid = -2 "a value is out of its range or malformed",
        /// `struct_size` is none that this library knows, or a longer struct has a non-zero tail.
        ErrSize = -3 "struct_size is not one that this library knows",
        /// The call is not answered, or not in a state for this.
        ErrState = -4 "the call is not answered",
        /// The call is IDLE: it has not begun, or has hung up.
        ErrHangup = -5 "the call is idle or has hung up",
        /// Somebody else is at it: a second writer, a job of that kind that runs, channels that still live.
        ErrBusy = -6 "busy: a second writer, a job that runs, or channels that still live",
        /// The ring was full: the tail of this write was dropped and counted as a gap.
        ErrOverrun = -7 "the ring is full: the tail was dropped and left as a gap",
        /// A blocking call was made from a callback.
        ErrDeadlock = -8 "a blocking call from a callback would wait for itself",
        /// The wait's own time ran out; what was waited for goes on.
        ErrTimeout = -9 "the wait's time ran out",
        /// Nothing there yet: no event, no result, the job still runs.
        ErrAgain = -10 "nothing there yet",
        /// The event queue has no room for the ending of one more job: read the events first.
        ErrFull = -11 "the event queue is full of endings: read the events",
        /// A fault inside the library; it was caught, and the other calls go on.
        ErrPanic = -12 "a fault inside the library was caught",
        /// The operating system refused a thread or a descriptor.
        ErrSystem = -13 "the operating system refused a thread or a descriptor",
    }
}

c_enum! {
    /// Where a call is in its life.
    CallState {
        /// No call: before it and after the hang-up.
        Idle = 0 "IDLE",
        /// It rings; there may be early media.
        Ringing = 1 "RINGING",
        /// It is answered.
        Answered = 2 "ANSWERED",
    }
}

c_enum! {
    /// One direction of a call's audio.
    Stream {
        /// What the PBX reads from the far party.
        Rx = 0 "RX",
        /// What the PBX plays to the far party.
        Tx = 1 "TX",
    }
}

c_enum! {
    /// What an event tells.
    EventType {
        /// Nothing: an event that was not filled in.
        None = 0 "NONE",
        /// A key press, as soon as it is sure; its tone may still last.
        Digit = 1 "DIGIT",
        /// The in-band tone of a key press is over: its end, levels and twist are known.
        DigitEnd = 2 "DIGIT_END",
        /// A collection has ended: cause and digits.
        DtmfEnded = 3 "DTMF_ENDED",
    }
}

c_enum! {
    /// How a digit came.
    DigitSource {
        /// As a tone in the audio.
        Inband = 0 "INBAND",
        /// By signalling: RFC 4733 or SIP INFO.
        Signalling = 1 "SIGNALLING",
    }
}

c_enum! {
    /// Why a collection ended.
    DtmfCause {
        /// It is in progress, has not occurred, or returned at once with no condition met.
        None = 0 "NONE",
        /// The call hung up.
        Hangup = 1 "HANGUP",
        /// The required number of digits has come.
        Count = 2 "COUNT",
        /// An end digit has come.
        End = 3 "END",
        /// A timeout ran out while waiting for a digit.
        Timeout = 4 "TIMEOUT",
        /// It failed inside.
        Error = 5 "ERROR",
    }
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
