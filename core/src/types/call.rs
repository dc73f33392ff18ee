//! State of a call, and streams of its audio.
#![forbid(unsafe_code)]

/// State of a call.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallState {
    /// No call: before the first one, and after a hang-up.
    Idle = 0,
    /// The call rings; there may be early media.
    Ringing = 1,
    /// The call is answered.
    Answered = 2,
}

names! { CallState
    Idle c"IDLE",
    Ringing c"RINGING",
    Answered c"ANSWERED",
}

/// Direction of a call's audio.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Audio that the PBX receives from the far party.
    Rx = 0,
    /// Audio that the PBX plays to the far party.
    Tx = 1,
}

names! { Stream
    Rx c"RX",
    Tx c"TX",
}
