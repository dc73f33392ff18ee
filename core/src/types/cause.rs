//! Causes: why a job ended, one enum for each job.
#![forbid(unsafe_code)]

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

/// Which rule gave the verdict. The names are those of Asterisk's AMDCAUSE where the rule is the same.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineCause {
    /// No verdict yet.
    #[default]
    None = 0,
    /// UNKNOWN: no voice within `initial_timeout`.
    InitialSilence = 1,
    /// HUMAN: voice, then none for `end_silence_timeout`.
    Human = 2,
    /// MACHINE: voice went on for `machine_voice_threshold`.
    LongGreeting = 3,
    /// MACHINE: `machine_words_threshold` words in one utterance.
    MaxWords = 4,
    /// MACHINE: a beep.
    Beep = 5,
    /// FAX: the answering machine's tone, or its V.21 preamble.
    Ced = 6,
    /// FAX: the calling machine's tone.
    Cng = 7,
    /// UNKNOWN: `timeout` ran out.
    TooLong = 8,
    /// UNKNOWN: it rang, and nobody spoke.
    Ringback = 9,
    /// UNKNOWN: a busy tone, and nobody spoke.
    Busy = 10,
    /// UNKNOWN: a congestion tone, and nobody spoke.
    Reorder = 11,
    /// A special information tone: MACHINE if an announcement followed, otherwise UNKNOWN.
    Sit = 12,
    /// The adaptive strategy decided.
    Adaptive = 13,
    /// UNKNOWN: the call hung up before.
    Hangup = 14,
    /// UNKNOWN: it was stopped before.
    Stopped = 15,
    /// It failed inside.
    Error = 16,
}

names! { MachineCause
    None c"NONE",
    InitialSilence c"INITIALSILENCE",
    Human c"HUMAN",
    LongGreeting c"LONGGREETING",
    MaxWords c"MAXWORDS",
    Beep c"BEEP",
    Ced c"CED",
    Cng c"CNG",
    TooLong c"TOOLONG",
    Ringback c"RINGBACK",
    Busy c"BUSY",
    Reorder c"REORDER",
    Sit c"SIT",
    Adaptive c"ADAPTIVE",
    Hangup c"HANGUP",
    Stopped c"STOPPED",
    Error c"ERROR",
}
