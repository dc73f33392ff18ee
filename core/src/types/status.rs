//! Return codes of the C API, and the error that carries one.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::fmt;

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
