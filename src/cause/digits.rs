//! Of digits and their collection.
#![forbid(unsafe_code)]

/// How a digit came.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigitSource {
    /// As a tone in the audio.
    Inband = 0,
    /// By signalling: RFC 4733 or SIP INFO.
    Signalling = 1,
}

names! { DigitSource
    Inband c"INBAND",
    Signalling c"SIGNALLING",
}

/// Why a collection ended.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DtmfCause {
    /// It is in progress, has not occurred, or returned at once with no condition met.
    None = 0,
    /// The call hung up.
    Hangup = 1,
    /// The required number of digits has come.
    Count = 2,
    /// An end digit has come.
    End = 3,
    /// A timeout ran out while waiting for a digit.
    Timeout = 4,
    /// It failed inside.
    Error = 5,
}

names! { DtmfCause
    None c"NONE",
    Hangup c"HANGUP",
    Count c"COUNT",
    End c"END",
    Timeout c"TIMEOUT",
    Error c"ERROR",
}
