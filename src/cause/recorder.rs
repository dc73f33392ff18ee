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

/// Why a recording ended.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecorderCause {
    /// It is in progress, or has not occurred.
    None = 0,
    /// It failed: the disk is full, a write failed, or a fault inside.
    Error = 1,
    /// A DTMF digit came.
    Bargein = 2,
    /// A silence timeout ran out.
    Silence = 3,
    /// The file has reached its largest size.
    Size = 4,
    /// It was stopped.
    Aborted = 5,
    /// The call hung up.
    Hangup = 6,
    /// The time that it was given ran out.
    Timeout = 7,
}

names! { RecorderCause
    None c"NONE",
    Error c"ERROR",
    Bargein c"BARGEIN",
    Silence c"SILENCE",
    Size c"SIZE",
    Aborted c"ABORTED",
    Hangup c"HANGUP",
    Timeout c"TIMEOUT",
}

/// How the audio of a recording is coded.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileFormat {
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

names! { FileFormat
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
pub enum RecordSource {
    /// What the PBX reads from the far party.
    Rx = 0,
    /// What it plays to them.
    Tx = 1,
    /// Both, added up.
    Mixed = 2,
    /// Both, as two channels: RX left, TX right.
    Both = 3,
}

names! { RecordSource
    Rx c"rx",
    Tx c"tx",
    Mixed c"mixed",
    Both c"both",
}
