//! `--json`: one object a line.

use std::io;

use earwig_core::analysis::{DtmfPress, Report};
use earwig_core::detect::fact::{Beep, Fax, Network};
use earwig_core::job::machine::MachineResult;
use earwig_core::time::{Samples, to_ms};
use serde::Serialize;

/// The keys, in their order. Later capabilities add keys; `error` stays the last.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    duration_ms: u64,
    digits: &'a str,
    dtmf: Vec<Digit>,
    machine: Option<Machine<'a>>,
    fax: Vec<FaxTone>,
    beeps: Vec<Tone>,
    voice: Vec<(u64, u64)>,
    network: Vec<NetworkTone>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Digit {
    digit: char,
    start_ms: u64,
    end_ms: u64,
    low_dbm0: f64,
    high_dbm0: f64,
}

/// How the detection ended; times are those in the file.
#[derive(Serialize)]
struct Machine<'a> {
    result: &'static str,
    beep: bool,
    beep_ms: Option<u64>,
    beep_hz: Option<f64>,
    detect_ms: u64,
    verdict_ms: Option<u64>,
    onset_ms: Option<u64>,
    greeting_end_ms: Option<u64>,
    latency_ms: Option<u64>,
    ready: bool,
    cause: &'a str,
    confidence: f64,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    event: &'static str,
    at_ms: u64,
}

#[derive(Serialize)]
struct FaxTone {
    tone: &'static str,
    start_ms: u64,
}

#[derive(Serialize)]
struct Tone {
    hz: f64,
    start_ms: u64,
    end_ms: u64,
}

#[derive(Serialize)]
struct NetworkTone {
    tone: &'static str,
    start_ms: u64,
    end_ms: u64,
}

/// A tenth of a dB, or of a Hz, is more than a level or a frequency is good for.
fn tenths(value: f32) -> f64 {
    (f64::from(value) * 10.0).round() / 10.0
}

impl From<&DtmfPress> for Digit {
    fn from(heard: &DtmfPress) -> Self {
        Self {
            digit: heard.digit,
            start_ms: heard.start_ms,
            end_ms: heard.end_ms,
            low_dbm0: tenths(heard.low_dbm0),
            high_dbm0: tenths(heard.high_dbm0),
        }
    }
}

impl From<&Fax> for FaxTone {
    fn from(heard: &Fax) -> Self {
        Self {
            tone: heard.tone.name(),
            start_ms: to_ms(heard.start),
        }
    }
}

impl From<&Beep> for Tone {
    fn from(heard: &Beep) -> Self {
        Self {
            hz: tenths(heard.hz),
            start_ms: to_ms(heard.start),
            end_ms: to_ms(heard.end),
        }
    }
}

impl From<&Network> for NetworkTone {
    fn from(heard: &Network) -> Self {
        Self {
            tone: heard.tone.name(),
            start_ms: to_ms(heard.start),
            end_ms: to_ms(heard.end),
        }
    }
}

fn machine<'a>(outcome: &'a MachineResult, report: &Report) -> Machine<'a> {
    let ms = |at: Option<Samples>| at.map(to_ms);
    Machine {
        result: outcome.verdict.name(),
        beep: outcome.beep.is_some(),
        beep_ms: outcome.beep.map(|(start, _)| to_ms(start)),
        beep_hz: outcome.beep.map(|(_, hz)| tenths(hz)),
        detect_ms: to_ms(outcome.took()),
        verdict_ms: ms(outcome.verdict_at),
        onset_ms: ms(outcome.onset),
        greeting_end_ms: ms(outcome.greeting_end),
        latency_ms: ms(outcome.latency()),
        ready: outcome.ready,
        cause: &outcome.text,
        confidence: (f64::from(outcome.confidence) * 100.0).round() / 100.0,
        events: report
            .events
            .iter()
            .map(|&(event, at)| Event {
                event: event.name(),
                at_ms: to_ms(at),
            })
            .collect(),
    }
}

/// The line of one file.
pub fn line(path: &str, report: &Result<Report, String>) -> io::Result<String> {
    let failed = Report::default();
    let heard = report.as_ref().unwrap_or(&failed);
    let line = Line {
        file: path,
        duration_ms: heard.duration_ms,
        digits: &heard.digits,
        dtmf: heard.dtmf.iter().map(Digit::from).collect(),
        machine: heard
            .machine
            .as_ref()
            .map(|outcome| machine(outcome, heard)),
        fax: heard.fax.iter().map(FaxTone::from).collect(),
        beeps: heard.beeps.iter().map(Tone::from).collect(),
        voice: heard
            .voice
            .iter()
            .map(|&(from, to)| (to_ms(from), to_ms(to)))
            .collect(),
        network: heard.network.iter().map(NetworkTone::from).collect(),
        error: report.as_ref().err().map(String::as_str),
    };
    Ok(serde_json::to_string(&line)? + "\n")
}
