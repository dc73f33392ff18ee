//! Types of events, and the sets of names under which results are reported.
#![forbid(unsafe_code)]

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
    RecorderEnded = 4,
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
    RecorderEnded c"RECORD_ENDED",
    Machine c"MACHINE",
    MachineEnded c"MACHINE_ENDED",
    MachineProvisional c"MACHINE_PROVISIONAL",
}

/// For what names are wanted.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldSet {
    /// The fields of an event or an object, which has a name of its own.
    Fields = 0,
    /// Variables of a call, which stand beside those of others.
    Variables = 1,
}

names! { FieldSet
    Fields c"fields",
    Variables c"variables",
}
