//! By what names a host tells what came of a job: its dialplan's variables, and the fields of its events and of the status.
//!
//! FieldSet are in snake case; a host spells them as its own users expect.
#![forbid(unsafe_code)]

use super::earwig_recorder_result;
use super::{earwig_dtmf_result, earwig_event, earwig_machine_result};
use earwig_core::types::{DtmfCause, EventType, FieldSet, MachineCause, RecorderCause};
use std::ffi::c_char;
use std::fmt;

/// A cause that an event cannot have.
const UNKNOWN: &str = "UNKNOWN";

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A name, a text, digits.
    Text(String),
    /// A time, a count.
    Number(i64),
    /// With so many decimals.
    Real(f32, usize),
    /// "true" or "false".
    Flag(bool),
    /// "yes" or "no", as the recorder's users know it; "" while it is not known.
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

/// A text that says nothing.
const NOTHING: Value = Value::Text(String::new());

/// One thing that is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    field: &'static str,
    variable: Option<&'static str>,
    /// What it is.
    pub value: Value,
}

impl Field {
    /// Told as a field alone.
    pub fn new(field: &'static str, value: Value) -> Self {
        Self {
            field,
            variable: None,
            value,
        }
    }

    fn or_as(self, variable: &'static str) -> Self {
        Self {
            variable: Some(variable),
            ..self
        }
    }

    /// Its name; `None` if it is not told so.
    pub fn name(&self, names: FieldSet) -> Option<&'static str> {
        match names {
            // A field that has nothing to say is left out; a variable may hold what was said before.
            FieldSet::Fields if self.field == "error" && self.value == NOTHING => None,
            FieldSet::Fields => Some(self.field),
            FieldSet::Variables => self.variable,
        }
    }
}

fn text(field: &'static str, text: &str) -> Field {
    Field::new(field, Value::Text(text.to_owned()))
}

/// A text in a struct; what is not UTF-8 in it is replaced.
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

/// A negative one is not known.
fn yes_no(field: &'static str, flag: i32) -> Field {
    Field::new(field, Value::YesNo((flag >= 0).then_some(flag > 0)))
}

/// A tenth of a Hz or of a dB is more than such a figure is good for.
fn tenths(field: &'static str, real: f32) -> Field {
    Field::new(field, Value::Real(real, 1))
}

fn confidence(confidence: f32) -> Field {
    Field::new("confidence", Value::Real(confidence, 2))
}

/// The cause with its figures; one that has none is told by its name.
fn machine_cause(cause: MachineCause, figures: &[c_char]) -> Field {
    let figures = array("cause", figures);
    if figures.value == NOTHING {
        text("cause", cause.name())
    } else {
        figures
    }
}

/// Of a collection.
pub fn dtmf(o: &earwig_dtmf_result) -> Vec<Field> {
    vec![
        text("cause", o.cause.name()).or_as("earwig_cause"),
        array("digits", &o.digits),
        number("started_ms", o.started_ms),
        number("ended_ms", o.ended_ms),
    ]
}

/// Of a recording.
pub fn recorder(o: &earwig_recorder_result) -> Vec<Field> {
    vec![
        text("cause", o.cause.name()).or_as("earwig_cause"),
        text("state", o.state.name()).or_as("earwig_recorder_state"),
        yes_no("audio_detected", o.audio_detected).or_as("earwig_audio_detected"),
        number("duration_ms", o.duration_ms).or_as("earwig_record_ms"),
        number("bytes", o.bytes).or_as("earwig_record_bytes"),
        number("started_ms", o.started_ms),
        number("ended_ms", o.ended_ms),
        array("error", &o.error).or_as("earwig_error"),
    ]
}

/// Of a detection. The result is the last: who waits for its variable finds the others.
pub fn machine(o: &earwig_machine_result) -> Vec<Field> {
    vec![
        machine_cause(o.cause, &o.cause_text).or_as("detect_cause"),
        confidence(o.confidence).or_as("earwig_confidence"),
        flag("beep", o.beep).or_as("detect_machine_beep"),
        number("beep_ms", o.beep_ms),
        tenths("beep_hz", o.beep_hz),
        flag("ready", o.ready),
        text("fax_tone", o.fax_tone.name()),
        text("network_tone", o.network_tone.name()),
        number("detect_ms", o.detect_ms).or_as("detect_ms"),
        number("verdict_ms", o.verdict_ms),
        number("onset_ms", o.onset_ms).or_as("earwig_onset_ms"),
        number("greeting_end_ms", o.greeting_end_ms),
        number("latency_ms", o.latency_ms),
        number("words", o.words),
        number("voice_ms", o.voice_ms),
        number("started_ms", o.started_ms),
        number("ended_ms", o.ended_ms),
        text("result", o.verdict.name()).or_as("detect_result"),
    ]
}

/// Of an event: fields alone.
pub fn event(e: &earwig_event) -> Vec<Field> {
    let digit = || text("digit", &char::from(e.digit as u8).to_string());
    let told = |name: &str| {
        vec![
            text("machine_event", name),
            flag("beep", e.beep),
            confidence(e.confidence),
            number("at_ms", e.at_ms),
        ]
    };
    // Of an ending, `at_ms` is the end of the job.
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
            let mut fields = told(e.machine_event.name());
            fields.push(tenths("hz", e.hz));
            fields
        }
        EventType::MachineProvisional => {
            let mut fields = told("PROVISIONAL");
            fields.push(text("result", e.machine_verdict.name()));
            fields
        }
        EventType::MachineEnded => {
            let cause = MachineCause::from_i32(e.cause).unwrap_or_default();
            let mut fields = told(e.machine_event.name());
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
