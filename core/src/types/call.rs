//! State of a call, and the directions of its audio.
#![forbid(unsafe_code)]

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
