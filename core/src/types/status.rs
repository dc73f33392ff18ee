//! Status codes of the C API, and the error that carries one.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::fmt;

/// Return code of a function: 0, or the reason for which it had no effect.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The function did what it is for.
    Ok = 0,
    /// A required pointer is NULL.
    ErrNull = -1,
    /// A value is out of range or malformed, a text is not UTF-8, or a character is no DTMF digit.
    ErrInvalid = -2,
    /// `struct_size` is no size that this library knows, a longer struct does not end in zeros, or a buffer is too
    /// small.
    ErrSize = -3,
    /// The call is not answered, or its state does not allow this.
    ErrState = -4,
    /// The call is IDLE: it has not begun, or has hung up.
    ErrHangup = -5,
    /// Another thread writes to the stream, a job of this kind runs, or the engine has channels.
    ErrBusy = -6,
    /// The ring was full: the samples that fit are written, the rest is dropped and counted as a gap.
    ErrOverrun = -7,
    /// A blocking function was called from a callback.
    ErrDeadlock = -8,
    /// The time of a wait ran out. The job that was waited for goes on.
    ErrTimeout = -9,
    /// There is nothing to return yet: no event, no result, or the job still runs.
    ErrAgain = -10,
    /// The event queue has no room for the ending of another job: read events first.
    ErrFull = -11,
    /// A fault inside the library was caught. Other channels are not affected.
    ErrPanic = -12,
    /// The operating system refused a thread or a file descriptor.
    ErrSystem = -13,
    /// A file exists already, or cannot be created, read or written.
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

/// An error: its status, and a text with key, value and range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Status that the C API returns.
    pub status: Status,
    /// Text for a human.
    pub text: Cow<'static, str>,
}

impl Error {
    /// An error with its own text.
    pub fn new(status: Status, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// EARWIG_ERR_INVALID: a value is out of range or malformed.
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
