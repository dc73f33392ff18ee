//! Of recordings.
#![forbid(unsafe_code)]

/// Where a recorder is.
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

/// How the audio of a recording is coded.
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

/// What is recorded.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecorderSource {
    /// What the PBX reads from the far party.
    Rx = 0,
    /// What it plays to them.
    Tx = 1,
    /// Both, added up.
    Mixed = 2,
    /// Both, as two channels: RX left, TX right.
    Both = 3,
}

names! { RecorderSource
    Rx c"rx",
    Tx c"tx",
    Mixed c"mixed",
    Both c"both",
}
