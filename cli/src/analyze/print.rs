//! Where outcomes are printed, and how they read.

use std::io::{self, Write};

use earwig_core::analysis::Report;
use earwig_core::time::{RATE_HZ, Samples, to_ms};
use indicatif::ProgressBar;

use super::{MachineResult, json};

/// Beeps that a line names; of more it says how many.
const BEEPS_NAMED: usize = 3;

/// Where outcomes are printed.
pub struct Output<'a> {
    /// As JSON.
    pub json: bool,
    /// With all that was heard.
    pub table: bool,
    /// Digits were listened for, so that there are none is worth a word.
    pub digits: bool,
    /// What must make room for a line.
    pub progress: &'a ProgressBar,
    /// A file could not be read.
    pub failures: bool,
}

impl Output<'_> {
    /// Prints what came of one file.
    pub fn print(&mut self, outcome: &MachineResult) -> io::Result<()> {
        let path = outcome.path.to_string_lossy();
        self.failures |= outcome.report.is_err();
        let text = match &outcome.report {
            report if self.json => json::line(&path, report)?,
            Ok(report) if self.table => self.line(&path, report) + &digits(report) + &heard(report),
            Ok(report) => self.line(&path, report),
            Err(_) => String::new(),
        };
        self.progress.inc(1);
        self.progress.suspend(|| {
            if let Err(error) = &outcome.report {
                eprintln!("earwig: {path}: {error}");
            }
            if let Some(warning) = &outcome.warning {
                eprintln!("earwig: {path}: warning: {warning}");
            }
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            stdout.flush()
        })
    }

    /// The most important of a file, in a line.
    fn line(&self, path: &str, report: &Report) -> String {
        let mut parts = vec![format!("{:.3} s", report.duration_ms as f64 / 1000.0)];
        if !report.digits.is_empty() {
            parts.push(format!("digits {}", report.digits));
        } else if self.digits {
            parts.push("no digits".to_owned());
        }
        if let Some(outcome) = &report.machine {
            let (result, cause) = (outcome.verdict, &outcome.text);
            let since = outcome.anchor.unwrap_or(outcome.started);
            let verdict = outcome.verdict_at.unwrap_or(outcome.ended);
            let took = seconds(verdict.saturating_sub(since));
            parts.push(format!("{result} ({cause}) after {took:.3} s"));
        }
        for beep in report.beeps.iter().take(BEEPS_NAMED) {
            let (hz, start) = (beep.hz, seconds(beep.start));
            parts.push(format!("beep {hz:.0} Hz at {start:.3} s"));
        }
        if report.beeps.len() > BEEPS_NAMED {
            parts.push(format!("{} beeps", report.beeps.len()));
        }
        for fax in &report.fax {
            parts.push(format!("{} at {:.3} s", fax.tone, seconds(fax.start)));
        }
        let mut named = Vec::new();
        for network in &report.network {
            // A tone has a burst every few seconds; when it began is enough.
            if !named.contains(&network.tone) {
                named.push(network.tone);
                let (tone, start) = (network.tone, seconds(network.start));
                parts.push(format!("{tone} at {start:.3} s"));
            }
        }
        format!("{path}: {}\n", parts.join(", "))
    }
}

fn seconds(samples: Samples) -> f64 {
    samples as f64 / f64::from(RATE_HZ)
}

/// Every digit.
fn digits(report: &Report) -> String {
    if report.dtmf.is_empty() {
        return String::new();
    }
    let mut text = "  digit    start s      end s     ms    row dBm0    column dBm0\n".to_owned();
    for heard in &report.dtmf {
        let (start, end) = (heard.start_ms as f64 / 1000.0, heard.end_ms as f64 / 1000.0);
        let length = heard.end_ms.saturating_sub(heard.start_ms);
        text += &format!(
            "  {:<5} {start:>10.3} {end:>10.3} {length:>6} {:>11.1} {:>14.1}\n",
            heard.digit, heard.low_dbm0, heard.high_dbm0
        );
    }
    text
}

/// All the rest, in order of time.
fn heard(report: &Report) -> String {
    let hz = |hz: f32, hz2: f32| match hz2 {
        0.0 => format!("{hz:.0} Hz"),
        _ => format!("{hz:.0} + {hz2:.0} Hz"),
    };
    let mut rows: Vec<(Samples, Option<Samples>, &str, String)> = Vec::new();
    for &(start, end) in &report.voice {
        rows.push((start, Some(end), "voice", String::new()));
    }
    for beep in &report.beeps {
        rows.push((beep.start, Some(beep.end), "beep", hz(beep.hz, beep.hz2)));
    }
    for fax in &report.fax {
        rows.push((fax.start, None, fax.tone.name(), String::new()));
    }
    for heard in &report.network {
        let name = heard.tone.name();
        rows.push((heard.start, Some(heard.end), name, hz(heard.hz, heard.hz2)));
    }
    for &(event, at) in &report.events {
        rows.push((at, None, event.name(), "event".to_owned()));
    }
    if rows.is_empty() {
        return String::new();
    }
    rows.sort_by_key(|row| row.0);
    let mut text = "  heard       start s      end s     ms\n".to_owned();
    for (start, end, name, more) in rows {
        let (until, length) = match end {
            Some(end) => (
                format!("{:.3}", seconds(end)),
                to_ms(end.saturating_sub(start)).to_string(),
            ),
            None => (String::new(), String::new()),
        };
        let row = format!(
            "  {name:<8} {:>10.3} {until:>10} {length:>6}  {more}",
            seconds(start)
        );
        text += row.trim_end();
        text.push('\n');
    }
    text
}
