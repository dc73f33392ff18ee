//! Enums of detections.
#![forbid(unsafe_code)]

/// Tone of a fax machine or a modem.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaxTone {
    /// No tone.
    None = 0,
    /// The called terminal's: 2100 Hz, plain (T.30 CED, V.25 ANS).
    Ced = 1,
    /// The calling terminal's: 1100 Hz, 0.5 s every 3.5 s (T.30 CNG).
    Cng = 2,
    /// 2100 Hz, amplitude modulated with 15 Hz (V.8 ANSam), with or without phase reversals.
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

/// Tone of the telephone network.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkTone {
    /// No tone.
    None = 0,
    /// The far telephone rings.
    Ringback = 1,
    /// The far line is busy.
    Busy = 2,
    /// The network has no free path (congestion, fast busy).
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
    /// An answering machine, a voicemail or an announcement.
    Machine = 2,
    /// A fax machine or a modem.
    Fax = 3,
    /// The rules gave no verdict; the cause says why.
    Unknown = 4,
    /// A fault inside the library.
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

/// What answered, beside the verdict.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineKind {
    /// Not known, or none of these.
    #[default]
    None = 0,
    /// A person.
    Person = 1,
    /// A mailbox or an answering machine: it beeps, or waits in silence for a message.
    Voicemail = 2,
    /// A menu: it goes on talking, repeats itself, or speaks again after a wait.
    Ivr = 3,
    /// An announcement of the network: a special information tone before it, or a tone of the network after it.
    Announcement = 4,
    /// It asks who calls, and then rings or plays music for a person.
    Screening = 5,
}

names! { MachineKind
    None c"none",
    Person c"person",
    Voicemail c"voicemail",
    Ivr c"ivr",
    Announcement c"announcement",
    Screening c"screening",
}

/// What a detection reports.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MachineEvent {
    /// Nothing.
    None = 0,
    /// A person answered.
    Human = 1,
    /// A machine answered; or, with `beep`, its beep was detected.
    Machine = 2,
    /// The machine's greeting is over: leave the message.
    Ready = 3,
    /// The machine speaks on after the verdict, or again after READY.
    NotReady = 4,
    /// The detection ended without a verdict.
    Unknown = 5,
    /// A fax machine answered: 2100 Hz, or the V.21 preamble.
    Ced = 6,
    /// A fax machine calls: 1100 Hz.
    Cng = 7,
    /// The detection ended. It comes once, and last.
    Finished = 8,
    /// A fault inside the library.
    Error = 9,
    /// The far telephone rings.
    Ringback = 10,
    /// The far line is busy.
    Busy = 11,
    /// The network has no free path (congestion, fast busy).
    Reorder = 12,
    /// A special information tone: an announcement of the network follows.
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
    /// By the thresholds in the options alone.
    #[default]
    Thresholds = 0,
    /// By a classifier on features of the first seconds, with a confidence.
    Adaptive = 1,
}

names! { MachineStrategy
    Thresholds c"thresholds",
    Adaptive c"adaptive",
}

/// What makes a machine READY.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineReadyOn {
    /// The beep or the end of the greeting, whichever is first.
    #[default]
    Any = 0,
    /// The beep alone.
    Beep = 1,
    /// Silence alone, after the greeting and after a beep.
    Silence = 2,
}

names! { MachineReadyOn
    Any c"any",
    Beep c"beep",
    Silence c"silence",
}

/// Moment from which a detection's timeouts count.
#[repr(i32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MachineAnchor {
    /// The start of the detection.
    #[default]
    Start = 0,
    /// The answer. Before it only tones of the network are detected.
    Answer = 1,
    /// The first audio from the far party.
    FirstMedia = 2,
    /// The first voice: `initial_timeout_ms` counts from the start, `timeout_ms` from the first voice.
    FirstVoice = 3,
}

names! { MachineAnchor
    Start c"start",
    Answer c"answer",
    FirstMedia c"first_media",
    FirstVoice c"first_voice",
}
