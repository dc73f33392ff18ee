//! Kinds of events, and sets of field names.
#![forbid(unsafe_code)]

/// Kind of an event.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// No event: a struct that was not filled in.
    None = 0,
    /// Progress: a key press, as soon as it is certain; its tone may still last.
    Digit = 1,
    /// Progress: the in-band tone of a key press ended; its end, levels and twist are known.
    DigitEnd = 2,
    /// Ending: a collection ended. Cause and digits.
    DtmfEnded = 3,
    /// Ending: a recording ended and its file is complete. Cause, length, and whether it has audio.
    RecorderEnded = 4,
    /// Progress: a detection reports `machine_event`.
    Machine = 5,
    /// Ending: a detection ended. Verdict and cause.
    MachineEnded = 6,
    /// Progress: the verdict that a detection would give by now; it may still change.
    MachineProvisional = 7,
    /// Progress: a beep after a detection ended at READY by silence. The message may have to begin again.
    MachineBeep = 8,
}

names! { EventType
    None c"NONE",
    Digit c"DIGIT",
    DigitEnd c"DIGIT_END",
    DtmfEnded c"DTMF_ENDED",
    RecorderEnded c"RECORD_ENDED",
    Machine c"MACHINE",
    MachineEnded c"MACHINE_ENDED",
    MachineProvisional c"MACHINE_PROVISIONAL",
    MachineBeep c"MACHINE_BEEP",
}

/// Set of names under which a result is reported.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldSet {
    /// Names of fields in an event or object, which has a name of its own.
    Fields = 0,
    /// Names of variables of a call, which stand beside variables of others.
    Variables = 1,
}

names! { FieldSet
    Fields c"fields",
    Variables c"variables",
}
