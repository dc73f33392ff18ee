//! Every public enum, once. The values are the C API's: they are never reused and never change.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;

/// The names of an enum's values, and the check of an integer from outside.
macro_rules! names {
    ($name:ident $($variant:ident $text:literal,)+) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value's name as the seeds and the PBX's variables spell it.
            pub fn name(self) -> &'static str {
                self.text().to_str().unwrap_or_default()
            }

            /// The name for C: static, NUL-terminated.
            pub fn text(self) -> &'static CStr {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of an integer that came from outside; `None` if it is no value of this enum.
            pub fn from_i32(value: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| *v as i32 == value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

/// What a call of the C API answers: 0, or what kept it from doing anything.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A required pointer was NULL.
    ErrNull = -1,
    /// A value is out of its range, malformed, not UTF-8, or no DTMF digit.
    ErrInvalid = -2,
    /// `struct_size` is none that this library knows, or a longer struct has a non-zero tail.
    ErrSize = -3,
    /// The call is not answered, or not in a state for this.
    ErrState = -4,
    /// The call is IDLE: it has not begun, or has hung up.
    ErrHangup = -5,
    /// Somebody else is at it: a second writer, a job of that kind that runs, channels that still live.
    ErrBusy = -6,
    /// The ring was full: the tail of this write was dropped and counted as a gap.
    ErrOverrun = -7,
    /// A blocking call was made from a callback.
    ErrDeadlock = -8,
    /// The wait's own time ran out; what was waited for goes on.
    ErrTimeout = -9,
    /// Nothing there yet: no event, no result, the job still runs.
    ErrAgain = -10,
    /// The event queue has no room for the ending of one more job: read the events first.
    ErrFull = -11,
    /// A fault inside the library; it was caught, and the other calls go on.
    ErrPanic = -12,
    /// The operating system refused a thread or a descriptor.
    ErrSystem = -13,
    /// A file exists already, or cannot be made, read or written.
    ErrFile = -14,
}

names! { Status
    Ok c"OK",
    ErrNull c"a required pointer is NULL",
    ErrInvalid c"a value is out of its range or malformed",
    ErrSize c"struct_size is not one that this library knows",
    ErrState c"the call is not answered",
    ErrHangup c"the call is idle or has hung up",
    ErrBusy c"busy: a second writer, a job that runs, or channels that still live",
    ErrOverrun c"the ring is full: the tail was dropped and left as a gap",
    ErrDeadlock c"a blocking call from a callback would wait for itself",
    ErrTimeout c"the wait's time ran out",
    ErrAgain c"nothing there yet",
    ErrFull c"the event queue is full of endings: read the events",
    ErrPanic c"a fault inside the library was caught",
    ErrSystem c"the operating system refused a thread or a descriptor",
    ErrFile c"a file exists already, or cannot be made, read or written",
}

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

/// What an event tells.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// Nothing: an event that was not filled in.
    None = 0,
    /// A key press, as soon as it is sure; its tone may still last.
    Digit = 1,
    /// The in-band tone of a key press is over: its end, levels and twist are known.
    DigitEnd = 2,
    /// A collection has ended: cause and digits.
    DtmfEnded = 3,
    /// A recording has ended and its file is whole: cause, length, and whether there was audio.
    RecordEnded = 4,
    /// A detection tells something: `machine_event`.
    Machine = 5,
    /// A detection is over (the seed's `finished`): result and cause.
    MachineEnded = 6,
    /// What a detection would say by now; it may still change its mind.
    MachineProvisional = 7,
}

names! { EventType
    None c"NONE",
    Digit c"DIGIT",
    DigitEnd c"DIGIT_END",
    DtmfEnded c"DTMF_ENDED",
    RecordEnded c"RECORD_ENDED",
    Machine c"MACHINE",
    MachineEnded c"MACHINE_ENDED",
    MachineProvisional c"MACHINE_PROVISIONAL",
}

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
pub enum MachineResult {
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

names! { MachineResult
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

/// For what names are wanted.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Names {
    /// The fields of an event or an object, which has a name of its own.
    Fields = 0,
    /// Variables of a call, which stand beside those of others.
    Variables = 1,
}

names! { Names
    Fields c"fields",
    Variables c"variables",
}

/// A refusal: the status, and the text that says what exactly was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What the C API answers.
    pub status: Status,
    /// What was wrong, for a human.
    pub text: Cow<'static, str>,
}

impl Error {
    /// A refusal with its own text.
    pub fn new(status: Status, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// A value that is out of its range or malformed.
    pub fn invalid(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::ErrInvalid, text)
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::new(status, status.name())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}
