//! Of detections: who answered, and the tones that tell.
#![forbid(unsafe_code)]

/// A tone of a fax machine or a modem.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaxTone {
    /// None.
    None = 0,
    /// The called terminal's: 2100 Hz, plain (T.30 CED, V.25 ANS).
    Ced = 1,
    /// The calling terminal's: 1100 Hz, half a second every three and a half (T.30 CNG).
    Cng = 2,
    /// 2100 Hz, its amplitude modulated with 15 Hz (V.8 ANSam), with phase reversals or without.
    Ansam = 3,
    /// 2100 Hz with phase reversals every 450 ms (V.25 ANS with reversals).
    AnsPr = 4,
    /// The V.21 preamble of a fax machine that answers without a tone: HDLC flags on 1650 and 1850 Hz.
    V21 = 5,
}

names! { FaxTone
    None c"NONE",
    Ced c"CED",
    Cng c"CNG",
    Ansam c"ANSAM",
    AnsPr c"ANS_PR",
    V21 c"V21",
}

/// A tone of the telephone network.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkTone {
    /// None.
    None = 0,
    /// The far telephone rings.
    Ringback = 1,
    /// The far line is busy.
    Busy = 2,
    /// The network has no way through (congestion, fast busy).
    Reorder = 3,
    /// Three rising tones before an announcement (E.180 special information tone).
    Sit = 4,
    /// Dial tone.
    Dial = 5,
}

names! { NetworkTone
    None c"NONE",
    Ringback c"RINGBACK",
    Busy c"BUSY",
    Reorder c"REORDER",
    Sit c"SIT",
    Dial c"DIAL",
}

/// Who answered.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineVerdict {
    /// No verdict yet.
    #[default]
    Detecting = 0,
    /// A person.
    Human = 1,
    /// An answering machine, a voicemail, an announcement.
    Machine = 2,
    /// A fax machine or a modem.
    Fax = 3,
    /// It could not be told.
    Unknown = 4,
    /// It failed inside.
    Error = 5,
}

names! { MachineVerdict
    Detecting c"detecting",
    Human c"human",
    Machine c"machine",
    Fax c"fax",
    Unknown c"unknown",
    Error c"error",
}

/// What a detection tells.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MachineEvent {
    /// Nothing.
    None = 0,
    /// A person answered.
    Human = 1,
    /// A machine answered; or, with `beep`, its beep was heard.
    Machine = 2,
    /// The machine's greeting is over: leave the message.
    Ready = 3,
    /// It speaks again.
    NotReady = 4,
    /// It could not be told who answered.
    Unknown = 5,
    /// A fax machine answered: 2100 Hz, or the V.21 preamble.
    Ced = 6,
    /// A fax machine calls: 1100 Hz.
    Cng = 7,
    /// The detection is over; once, and last.
    Finished = 8,
    /// It failed inside.
    Error = 9,
    /// The far telephone rings.
    Ringback = 10,
    /// The far line is busy.
    Busy = 11,
    /// The network has no way through.
    Reorder = 12,
    /// The network is about to make an announcement.
    Sit = 13,
}

names! { MachineEvent
    None c"NONE",
    Human c"HUMAN",
    Machine c"MACHINE",
    Ready c"READY",
    NotReady c"NOT_READY",
    Unknown c"UNKNOWN",
    Ced c"CED",
    Cng c"CNG",
    Finished c"finished",
    Error c"ERROR",
    Ringback c"RINGBACK",
    Busy c"BUSY",
    Reorder c"REORDER",
    Sit c"SIT",
}

/// How a detection decides.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineStrategy {
    /// By the seed's thresholds, and nothing else.
    #[default]
    Thresholds = 0,
    /// By the whole course of the first seconds, with a confidence.
    Adaptive = 1,
}

names! { MachineStrategy
    Thresholds c"thresholds",
    Adaptive c"adaptive",
}

/// From when a detection's timeouts count.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineAnchor {
    /// The start of the detection.
    #[default]
    Start = 0,
    /// The answer: before it only the network's tones are heard.
    Answer = 1,
    /// The first audio from the far party.
    FirstMedia = 2,
    /// The first voice: `initial_timeout` counts from the start, `timeout` from there.
    FirstVoice = 3,
}

names! { MachineAnchor
    Start c"start",
    Answer c"answer",
    FirstMedia c"first_media",
    FirstVoice c"first_voice",
}
