//! Output of `--json`: one object per file and line.

use std::io;

use earwig_core::analysis::{DtmfPress, Report};
use earwig_core::detect::fact::{Beep, Fax, Network};
use earwig_core::job::machine::MachineResult;
use earwig_core::time::{Samples, to_ms};
use serde::Serialize;

/// One file. Keys are printed in this order; new keys go before `error`, which stays the last.
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

/// Result of the detection. Times are milliseconds since the start of the file.
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
    kind: &'static str,
    kind_confidence: f64,
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

/// Rounds a level in dBm0 or a frequency in Hz to 0.1, below which the measurement has no meaning.
fn tenths(value: f32) -> f64 {
    (f64::from(value) * 10.0).round() / 10.0
}

/// Rounds a probability to 0.01.
fn hundredths(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

impl From<&DtmfPress> for Digit {
    fn from(press: &DtmfPress) -> Self {
        Self {
            digit: press.digit,
            start_ms: press.start_ms,
            end_ms: press.end_ms,
            low_dbm0: tenths(press.low_dbm0),
            high_dbm0: tenths(press.high_dbm0),
        }
    }
}

impl From<&Fax> for FaxTone {
    fn from(fax: &Fax) -> Self {
        Self {
            tone: fax.tone.name(),
            start_ms: to_ms(fax.start),
        }
    }
}

impl From<&Beep> for Tone {
    fn from(beep: &Beep) -> Self {
        Self {
            hz: tenths(beep.hz),
            start_ms: to_ms(beep.start),
            end_ms: to_ms(beep.end),
        }
    }
}

impl From<&Network> for NetworkTone {
    fn from(network: &Network) -> Self {
        Self {
            tone: network.tone.name(),
            start_ms: to_ms(network.start),
            end_ms: to_ms(network.end),
        }
    }
}

fn machine<'a>(result: &'a MachineResult, report: &Report) -> Machine<'a> {
    let ms = |at: Option<Samples>| at.map(to_ms);
    Machine {
        result: result.verdict.name(),
        beep: result.beep.is_some(),
        beep_ms: result.beep.map(|(start, _)| to_ms(start)),
        beep_hz: result.beep.map(|(_, hz)| tenths(hz)),
        detect_ms: to_ms(result.took()),
        verdict_ms: ms(result.verdict_at),
        onset_ms: ms(result.onset),
        greeting_end_ms: ms(result.greeting_end),
        latency_ms: ms(result.latency()),
        ready: result.ready,
        cause: &result.text,
        confidence: hundredths(result.confidence),
        kind: result.kind.kind.name(),
        kind_confidence: hundredths(result.kind.confidence),
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

/// The line of one file, with its newline. A file that could not be read has its error in `error` and defaults elsewhere.
pub fn line(path: &str, report: &Result<Report, String>) -> io::Result<String> {
    let (report, error) = match report {
        Ok(report) => (report, None),
        Err(error) => (&Report::default(), Some(error.as_str())),
    };
    let line = Line {
        file: path,
        duration_ms: report.duration_ms,
        digits: &report.digits,
        dtmf: report.dtmf.iter().map(Digit::from).collect(),
        machine: report
            .machine
            .as_ref()
            .map(|result| machine(result, report)),
        fax: report.fax.iter().map(FaxTone::from).collect(),
        beeps: report.beeps.iter().map(Tone::from).collect(),
        voice: report
            .voice
            .iter()
            .map(|&(start, end)| (to_ms(start), to_ms(end)))
            .collect(),
        network: report.network.iter().map(NetworkTone::from).collect(),
        error,
    };
    Ok(serde_json::to_string(&line)? + "\n")
}
