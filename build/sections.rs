//! The sections of the header, in its order.

/// One section of the header: a banner with text and an example, then types, then functions.
pub struct Section {
    pub title: &'static str,
    /// Rust file whose module comment is the section's text.
    pub text: &'static str,
    /// Rust files with the section's items, in the order of its functions.
    pub sources: &'static [&'static str],
    /// Rust enums whose constants are listed here. cbindgen leaves out an enum that no item of the section names.
    pub enums: &'static [&'static str],
    /// Enums of later sections that a struct of this section has as a field.
    pub declared_early: &'static [&'static str],
    /// File of `examples/manual` with the section's example.
    pub example: Option<&'static str>,
}

pub const SECTIONS: &[Section] = &[
    Section {
        title: "Constants and statuses",
        text: "src/capi/status.rs",
        sources: &["src/capi/status.rs", "core/src/types/status.rs"],
        enums: &["Status"],
        declared_early: &[],
        example: None,
    },
    Section {
        title: "Version and log",
        text: "src/capi/version.rs",
        sources: &["src/capi/version.rs", "src/capi/log.rs"],
        enums: &[],
        declared_early: &[],
        example: Some("log.c"),
    },
    Section {
        title: "Engine",
        text: "src/capi/engine.rs",
        sources: &["src/capi/engine.rs"],
        enums: &[],
        declared_early: &[],
        example: Some("engine.c"),
    },
    Section {
        title: "Channel",
        text: "src/capi/channel.rs",
        sources: &["src/capi/channel.rs", "core/src/types/call.rs"],
        enums: &["CallState", "Stream"],
        declared_early: &[],
        example: Some("channel.c"),
    },
    Section {
        title: "Events",
        text: "src/capi/event.rs",
        sources: &["src/capi/event.rs", "core/src/types/event.rs"],
        enums: &["EventType"],
        declared_early: &[
            "earwig_digit_source",
            "earwig_machine_event",
            "earwig_machine_verdict",
            "earwig_machine_kind",
        ],
        example: Some("events.c"),
    },
    Section {
        title: "DTMF",
        text: "src/capi/dtmf.rs",
        sources: &[
            "src/capi/dtmf_options.rs",
            "src/capi/dtmf.rs",
            "core/src/types/dtmf.rs",
            "core/src/types/cause.rs",
        ],
        enums: &["DigitSource", "DtmfCause"],
        declared_early: &[],
        example: Some("dtmf.c"),
    },
    Section {
        title: "Recorder",
        text: "src/capi/recorder.rs",
        sources: &[
            "src/capi/recorder_options.rs",
            "src/capi/recorder.rs",
            "core/src/types/recorder.rs",
            "core/src/types/cause.rs",
        ],
        enums: &[
            "RecorderState",
            "RecorderCause",
            "RecorderFormat",
            "RecorderSource",
        ],
        declared_early: &[],
        example: Some("recorder.c"),
    },
    Section {
        title: "Machine",
        text: "src/capi/machine.rs",
        sources: &[
            "src/capi/machine_options.rs",
            "src/capi/machine.rs",
            "core/src/types/machine.rs",
            "core/src/types/cause.rs",
        ],
        enums: &[
            "MachineVerdict",
            "MachineKind",
            "MachineEvent",
            "MachineCause",
            "MachineStrategy",
            "MachineReadyOn",
            "MachineAnchor",
            "FaxTone",
            "NetworkTone",
        ],
        declared_early: &[],
        example: Some("machine.c"),
    },
    Section {
        title: "Fields and JSON",
        text: "src/capi/fields.rs",
        sources: &[
            "src/capi/fields.rs",
            "src/capi/channel_json.rs",
            "core/src/types/event.rs",
        ],
        enums: &["FieldSet"],
        declared_early: &[],
        example: Some("fields.c"),
    },
];
