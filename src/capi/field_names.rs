//! Names and values of results and events: variables of a dialplan, fields of events, members of the JSON.
//!
//! Names are in snake case; a host spells them as its own users expect.
#![forbid(unsafe_code)]

use super::earwig_recorder_result;
use super::{earwig_dtmf_result, earwig_event, earwig_machine_result};
use earwig_core::types::{DtmfCause, EventType, FieldSet, MachineCause, RecorderCause};
use std::ffi::c_char;
use std::fmt;

/// Name of a cause that is out of range.
const UNKNOWN: &str = "UNKNOWN";

/// Value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A name, a text, digits.
    Text(String),
    /// A time, a count.
    Number(i64),
    /// A number, with its decimals.
    Real(f32, usize),
    /// "true" or "false".
    Flag(bool),
    /// "yes" or "no"; "" while it is not known.
    YesNo(Option<bool>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Real(real, decimals) => write!(f, "{real:.decimals$}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::YesNo(Some(true)) => f.write_str("yes"),
            Self::YesNo(Some(false)) => f.write_str("no"),
            Self::YesNo(None) => Ok(()),
        }
    }
}

impl Value {
    /// As JSON: a number is a number, a flag is a boolean.
    pub fn json(&self) -> String {
        match self {
            Self::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Real(real, _) if !real.is_finite() => "null".into(),
            Self::YesNo(None) => "null".into(),
            Self::YesNo(Some(flag)) => flag.to_string(),
            Self::Number(_) | Self::Real(..) | Self::Flag(_) => self.to_string(),
        }
    }
}

/// An empty text.
const EMPTY_TEXT: Value = Value::Text(String::new());

/// One field of a result or an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    field: &'static str,
    variable: Option<&'static str>,
    /// Its value.
    pub value: Value,
}

impl Field {
    /// A field that is no variable.
    pub fn new(field: &'static str, value: Value) -> Self {
        Self {
            field,
            variable: None,
            value,
        }
    }

    fn or_variable(self, variable: &'static str) -> Self {
        Self {
            variable: Some(variable),
            ..self
        }
    }

    /// Its name in this set; `None` if it is not part of it.
    pub fn name(&self, set: FieldSet) -> Option<&'static str> {
        match set {
            // An empty error is no field; a variable is set to "", because it may hold the error of an earlier job.
            FieldSet::Fields if self.field == "error" && self.value == EMPTY_TEXT => None,
            FieldSet::Fields => Some(self.field),
            FieldSet::Variables => self.variable,
        }
    }
}

fn text(field: &'static str, text: &str) -> Field {
    Field::new(field, Value::Text(text.to_owned()))
}

/// A text in a struct; invalid UTF-8 in it is replaced.
fn array(field: &'static str, array: &[c_char]) -> Field {
    let bytes: Vec<u8> = array
        .iter()
        .map(|&c| c as u8)
        .take_while(|&c| c != 0)
        .collect();
    text(field, &String::from_utf8_lossy(&bytes))
}

fn number(field: &'static str, number: impl Into<i64>) -> Field {
    Field::new(field, Value::Number(number.into()))
}

fn flag(field: &'static str, flag: i32) -> Field {
    Field::new(field, Value::Flag(flag > 0))
}

/// A flag that is not known while it is negative.
fn yes_no(field: &'static str, flag: i32) -> Field {
    Field::new(field, Value::YesNo((flag >= 0).then_some(flag > 0)))
}

/// A frequency or a level with one decimal: its accuracy is lower.
fn tenths(field: &'static str, real: f32) -> Field {
    Field::new(field, Value::Real(real, 1))
}

/// A probability with two decimals.
fn probability(field: &'static str, probability: f32) -> Field {
    Field::new(field, Value::Real(probability, 2))
}

/// The cause with its numbers, or its name if it has none.
fn machine_cause(cause: MachineCause, cause_text: &[c_char]) -> Field {
    let numbers = array("cause", cause_text);
    if numbers.value == EMPTY_TEXT {
        text("cause", cause.name())
    } else {
        numbers
    }
}

/// Fields of a collection's result.
pub fn dtmf(o: &earwig_dtmf_result) -> Vec<Field> {
    vec![
        text("cause", o.cause.name()).or_variable("earwig_cause"),
        array("digits", &o.digits),
        number("started_ms", o.started_ms),
        number("ended_ms", o.ended_ms),
    ]
}

/// Fields of a recording's result.
pub fn recorder(o: &earwig_recorder_result) -> Vec<Field> {
    vec![
        text("cause", o.cause.name()).or_variable("earwig_cause"),
        text("state", o.state.name()).or_variable("earwig_recorder_state"),
        yes_no("audio_detected", o.audio_detected).or_variable("earwig_audio_detected"),
        number("duration_ms", o.duration_ms).or_variable("earwig_record_ms"),
        number("bytes", o.bytes).or_variable("earwig_record_bytes"),
        number("started_ms", o.started_ms),
        number("ended_ms", o.ended_ms),
        array("error", &o.error).or_variable("earwig_error"),
    ]
}

/// Fields of a detection's result. The verdict is last: a host that waits for its variable finds the others.
pub fn machine(o: &earwig_machine_result) -> Vec<Field> {
    vec![
        machine_cause(o.cause, &o.cause_text).or_variable("detect_cause"),
        probability("confidence", o.confidence).or_variable("earwig_confidence"),
        text("kind", o.kind.name()).or_variable("earwig_machine_kind"),
        probability("kind_confidence", o.kind_confidence)
            .or_variable("earwig_machine_kind_confidence"),
        flag("beep", o.beep).or_variable("detect_machine_beep"),
        number("beep_ms", o.beep_ms),
        tenths("beep_hz", o.beep_hz),
        flag("ready", o.ready),
        text("fax_tone", o.fax_tone.name()),
        text("network_tone", o.network_tone.name()),
        number("detect_ms", o.detect_ms).or_variable("detect_ms"),
        number("verdict_ms", o.verdict_ms),
        number("onset_ms", o.onset_ms).or_variable("earwig_onset_ms"),
        number("greeting_end_ms", o.greeting_end_ms),
        number("latency_ms", o.latency_ms),
        number("words", o.words),
        number("voice_ms", o.voice_ms),
        number("started_ms", o.started_ms),
        number("ended_ms", o.ended_ms),
        text("result", o.verdict.name()).or_variable("detect_result"),
    ]
}

/// Fields of an event; none is a variable.
pub fn event(e: &earwig_event) -> Vec<Field> {
    let digit = || text("digit", &char::from(e.digit as u8).to_string());
    let reported = |name: &str| {
        vec![
            text("machine_event", name),
            flag("beep", e.beep),
            probability("confidence", e.confidence),
            number("at_ms", e.at_ms),
        ]
    };
    let kind = || {
        [
            text("kind", e.machine_kind.name()),
            probability("kind_confidence", e.kind_confidence),
        ]
    };
    // `at_ms` of an ending is the end of the job.
    let times = || {
        [
            number("started_ms", e.start_ms),
            number("ended_ms", e.at_ms),
        ]
    };
    let mut fields = match e.r#type {
        EventType::None => vec![],
        EventType::Digit => vec![
            digit(),
            text("source", e.source.name()),
            number("at_ms", e.at_ms),
            number("start_ms", e.start_ms),
            number("end_ms", e.end_ms),
            flag("stored", e.stored),
        ],
        EventType::DigitEnd => vec![
            digit(),
            number("at_ms", e.at_ms),
            number("start_ms", e.start_ms),
            number("end_ms", e.end_ms),
            tenths("low_dbm0", e.low_dbm0),
            tenths("high_dbm0", e.high_dbm0),
            tenths("twist_db", e.twist_db),
        ],
        EventType::DtmfEnded => vec![
            text(
                "cause",
                DtmfCause::from_i32(e.cause).map_or(UNKNOWN, DtmfCause::name),
            ),
            array("digits", &e.digits),
        ],
        EventType::RecorderEnded => vec![
            text(
                "cause",
                RecorderCause::from_i32(e.cause).map_or(UNKNOWN, RecorderCause::name),
            ),
            yes_no("audio_detected", e.audio_detected),
            number("duration_ms", e.duration_ms),
            number("bytes", e.bytes),
        ],
        EventType::Machine => {
            let mut fields = reported(e.machine_event.name());
            fields.push(tenths("hz", e.hz));
            fields.extend(kind());
            fields
        }
        EventType::MachineProvisional => {
            let mut fields = reported("PROVISIONAL");
            fields.push(text("result", e.machine_verdict.name()));
            fields
        }
        EventType::MachineBeep => vec![
            number("at_ms", e.at_ms),
            number("start_ms", e.start_ms),
            number("end_ms", e.end_ms),
            tenths("hz", e.hz),
        ],
        EventType::MachineEnded => {
            let cause = MachineCause::from_i32(e.cause).unwrap_or_default();
            let mut fields = reported(e.machine_event.name());
            fields.extend(kind());
            fields.extend([
                machine_cause(cause, &e.cause_text),
                tenths("beep_hz", e.hz),
                number("detect_ms", e.detect_ms),
                number("onset_ms", e.onset_ms),
                text("result", e.machine_verdict.name()),
            ]);
            fields
        }
    };
    if matches!(
        e.r#type,
        EventType::DtmfEnded | EventType::RecorderEnded | EventType::MachineEnded
    ) {
        fields.extend(times());
    }
    fields
}
