//! Printed results: one line per file, and tables of everything detected.

use std::io::{self, Write};

use earwig_core::analysis::Report;
use earwig_core::time::{RATE_HZ, Samples, to_ms};
use indicatif::ProgressBar;

use super::{FileResult, json};

/// Beeps listed in a file's line. If there are more, the line ends with their number.
const BEEPS_LISTED: usize = 3;

/// Printer of results.
pub struct Output<'a> {
    /// Prints JSON.
    pub json: bool,
    /// Prints tables of everything detected after the line of each file.
    pub tables: bool,
    /// Prints `no digits` for a file without any: the DTMF detector has run.
    pub report_no_digits: bool,
    /// Progress bar, hidden while a line is printed.
    pub progress: &'a ProgressBar,
    /// Whether a file could not be read.
    pub failures: bool,
}

impl Output<'_> {
    /// Prints the result of one file: the report to stdout, errors and warnings to stderr.
    pub fn print(&mut self, result: &FileResult) -> io::Result<()> {
        let path = result.path.to_string_lossy();
        self.failures |= result.report.is_err();
        let text = match &result.report {
            report if self.json => json::line(&path, report)?,
            Ok(report) if self.tables => {
                self.line(&path, report) + &digit_table(report) + &segment_table(report)
            }
            Ok(report) => self.line(&path, report),
            Err(_) => String::new(),
        };
        self.progress.inc(1);
        self.progress.suspend(|| {
            if let Err(error) = &result.report {
                eprintln!("earwig: {path}: {error}");
            }
            if let Some(warning) = &result.warning {
                eprintln!("earwig: {path}: warning: {warning}");
            }
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            stdout.flush()
        })
    }

    /// Duration, digits, machine verdict and tones of a file, in one line.
    fn line(&self, path: &str, report: &Report) -> String {
        let mut parts = vec![format!("{:.3} s", report.duration_ms as f64 / 1000.0)];
        if !report.digits.is_empty() {
            parts.push(format!("digits {}", report.digits));
        } else if self.report_no_digits {
            parts.push("no digits".to_owned());
        }
        if let Some(machine) = &report.machine {
            let (verdict, cause) = (machine.verdict, &machine.text);
            let from = machine.anchor.unwrap_or(machine.started);
            let until = machine.verdict_at.unwrap_or(machine.ended);
            let took = seconds(until.saturating_sub(from));
            parts.push(format!("{verdict} ({cause}) after {took:.3} s"));
        }
        for beep in report.beeps.iter().take(BEEPS_LISTED) {
            let (hz, start) = (beep.hz, seconds(beep.start));
            parts.push(format!("beep {hz:.0} Hz at {start:.3} s"));
        }
        if report.beeps.len() > BEEPS_LISTED {
            parts.push(format!("{} beeps", report.beeps.len()));
        }
        for fax in &report.fax {
            parts.push(format!("{} at {:.3} s", fax.tone, seconds(fax.start)));
        }
        let mut listed = Vec::new();
        for network in &report.network {
            // Each burst of a tone is an entry: only the first of each tone is listed.
            if !listed.contains(&network.tone) {
                listed.push(network.tone);
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

/// Table of all digits; empty if there are none.
fn digit_table(report: &Report) -> String {
    if report.dtmf.is_empty() {
        return String::new();
    }
    let mut text = "  digit    start s      end s     ms    row dBm0    column dBm0\n".to_owned();
    for press in &report.dtmf {
        let (start, end) = (press.start_ms as f64 / 1000.0, press.end_ms as f64 / 1000.0);
        let length = press.end_ms.saturating_sub(press.start_ms);
        text += &format!(
            "  {:<5} {start:>10.3} {end:>10.3} {length:>6} {:>11.1} {:>14.1}\n",
            press.digit, press.low_dbm0, press.high_dbm0
        );
    }
    text
}

/// Table of voice segments, tones and events, sorted by start; empty if there are none.
fn segment_table(report: &Report) -> String {
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
    for tone in &report.network {
        let name = tone.tone.name();
        rows.push((tone.start, Some(tone.end), name, hz(tone.hz, tone.hz2)));
    }
    for &(event, at) in &report.events {
        rows.push((at, None, event.name(), "event".to_owned()));
    }
    if rows.is_empty() {
        return String::new();
    }
    rows.sort_by_key(|row| row.0);
    let mut text = "  found       start s      end s     ms\n".to_owned();
    for (start, end, name, detail) in rows {
        let (end, length) = match end {
            Some(end) => (
                format!("{:.3}", seconds(end)),
                to_ms(end.saturating_sub(start)).to_string(),
            ),
            None => (String::new(), String::new()),
        };
        let row = format!(
            "  {name:<8} {:>10.3} {end:>10} {length:>6}  {detail}",
            seconds(start)
        );
        text += row.trim_end();
        text.push('\n');
    }
    text
}
