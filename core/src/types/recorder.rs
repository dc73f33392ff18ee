//! Enums of recordings.
#![forbid(unsafe_code)]

/// State of a recorder.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecorderState {
    /// No recording is in progress.
    Idle = 0,
    /// A recording is in progress, or its file is being finished.
    Recording = 1,
    /// The last recording failed.
    Error = 2,
}

names! { RecorderState
    Idle c"IDLE",
    Recording c"RECORDING",
    Error c"ERROR",
}

/// Codec of a recording.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecorderFormat {
    /// G.711 A-law.
    Alaw = 0,
    /// G.711 mu-law.
    Ulaw = 1,
    /// OKI (Dialogic) ADPCM.
    Oki = 2,
    /// IMA ADPCM.
    Ima = 3,
    /// Signed 16-bit PCM.
    S16bit = 4,
    /// Unsigned 8-bit PCM.
    U8bit = 5,
}

names! { RecorderFormat
    Alaw c"alaw",
    Ulaw c"ulaw",
    Oki c"oki",
    Ima c"ima",
    S16bit c"s16bit",
    U8bit c"u8bit",
}

/// Streams of a recording.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecorderSource {
    /// Audio from the far party.
    Rx = 0,
    /// Audio that the PBX plays.
    Tx = 1,
    /// The sum of RX and TX.
    Mixed = 2,
    /// RX as the left channel and TX as the right one.
    Both = 3,
}

names! { RecorderSource
    Rx c"rx",
    Tx c"tx",
    Mixed c"mixed",
    Both c"both",
}
