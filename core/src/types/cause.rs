//! Causes: why a job ended. One enum for each kind of job.
#![forbid(unsafe_code)]

/// Why a collection ended.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DtmfCause {
    /// It is in progress, none was started, it was stopped, or it returned at once without a condition met.
    None = 0,
    /// The call hung up.
    Hangup = 1,
    /// The required number of digits has come.
    Count = 2,
    /// An end digit has come.
    End = 3,
    /// A timeout ran out while waiting for a digit.
    Timeout = 4,
    /// A fault inside the library.
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
    /// It is in progress, or none was started.
    None = 0,
    /// The disk is full, a write failed, or a fault inside the library.
    Error = 1,
    /// A DTMF digit came.
    Bargein = 2,
    /// `max_silence_ms` or `initial_silence_ms` ran out.
    Silence = 3,
    /// The file has `max_bytes`.
    Size = 4,
    /// It was stopped.
    Aborted = 5,
    /// The call hung up.
    Hangup = 6,
    /// `timeout_ms` ran out. From `earwig_recorder_wait`: its wait did, and the recording goes on.
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
    /// UNKNOWN: no voice within `initial_timeout_ms`.
    InitialSilence = 1,
    /// HUMAN: voice, then silence for `end_silence_timeout_ms`.
    Human = 2,
    /// MACHINE: voice went on for `machine_voice_threshold_ms`.
    LongGreeting = 3,
    /// MACHINE: `machine_words_threshold` words in one utterance.
    MaxWords = 4,
    /// MACHINE: a beep.
    Beep = 5,
    /// FAX: the tone of a fax machine that answers, or its V.21 preamble.
    Ced = 6,
    /// FAX: the tone of a fax machine that calls.
    Cng = 7,
    /// UNKNOWN: `timeout_ms` ran out.
    TooLong = 8,
    /// UNKNOWN: it rang, and nobody spoke.
    Ringback = 9,
    /// UNKNOWN: a busy tone, and nobody spoke.
    Busy = 10,
    /// UNKNOWN: a congestion tone, and nobody spoke.
    Reorder = 11,
    /// A special information tone: MACHINE if an announcement followed, else UNKNOWN.
    Sit = 12,
    /// The adaptive strategy decided.
    Adaptive = 13,
    /// UNKNOWN: the call hung up first.
    Hangup = 14,
    /// UNKNOWN: the detection was stopped first.
    Stopped = 15,
    /// A fault inside the library.
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
