//! Enums of digits.
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
