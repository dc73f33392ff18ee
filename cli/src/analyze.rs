//! `earwig analyze`: the engine over files, by media time alone.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use clap::ValueEnum;
use earwig::codec::cipher::Cipher;
use earwig::engine::{Analysis, HeardDigit, Report};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::audio::{self, Audio, Channel, Raw};
use crate::cipher::CipherArgs;
use crate::files::{self, Entry};

/// Fewer files than this are done before a bar is worth looking at.
const PROGRESS_FROM: usize = 8;

/// Listen to recordings and report what is heard in them.
///
/// Reads WAV (PCM of 8 to 32 bits, float, G.711, IMA, Microsoft and OKI ADPCM), encrypted ones by their key, FLAC and headerless files (.ul .ulaw .al .alaw .sln .sln16
/// .raw, or any with --raw), of any rate. Exit status: 0, 1 if a file could not be read, 2 for wrong usage.
#[derive(clap::Args)]
pub struct Args {
    /// Files, and folders that are searched for audio files
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,

    /// What to listen for, separated by commas
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "dtmf"
    )]
    detect: Vec<Detector>,

    /// One JSON object a line: file, duration_ms, digits, dtmf, error
    #[arg(long)]
    json: bool,

    /// Show every digit with its times and levels, as is done for a single file
    #[arg(short, long)]
    verbose: bool,

    /// Which channel of files that have several: a number from 0, or mix
    #[arg(long, value_name = "N|mix", default_value = "0")]
    channel: Channel,

    /// Take every file for headerless audio
    #[arg(long, value_name = "CODING")]
    raw: Option<Raw>,

    /// Rate of headerless audio [default: by the file's name, or 8000]
    #[arg(long, value_name = "HZ")]
    rate: Option<u32>,

    #[command(flatten)]
    cipher: CipherArgs,

    /// Files at a time [default: as many as there are processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

/// What can be listened for.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Detector {
    /// DTMF digits
    Dtmf,
}

/// What came of one file.
struct Outcome {
    path: PathBuf,
    report: Result<Report, String>,
    warning: Option<String>,
}

/// Analyses, prints, and says how the process ends.
pub fn run(args: &Args) -> ExitCode {
    let cipher = match args.cipher.cipher() {
        Ok(cipher) => cipher,
        Err(error) => {
            eprintln!("earwig: {error}");
            return ExitCode::from(2);
        }
    };
    let entries = files::expand(&args.paths);
    let progress = progress_bar(entries.len());
    let mut output = Output {
        json: args.json,
        table: args.verbose || entries.len() == 1,
        progress: &progress,
        failures: false,
    };
    let written = analyze_all(entries, args, cipher, &mut output);
    progress.finish_and_clear();
    match written {
        // Whoever read us has read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("earwig: {error}");
            ExitCode::FAILURE
        }
        _ if output.failures => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Several files at a time; outcomes are printed in the order of the entries, each as soon as those before it are.
fn analyze_all(
    entries: Vec<Entry>,
    args: &Args,
    cipher: Option<Cipher>,
    output: &mut Output,
) -> io::Result<()> {
    let options = audio::Options {
        raw: args.raw,
        rate_hz: args.rate,
        channel: args.channel,
        cipher,
    };
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let workers = args
        .jobs
        .map_or_else(processors, usize::from)
        .min(entries.len());
    let next = AtomicUsize::new(0);
    let (sender, outcomes) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (next, entries, detect, options) = (&next, &entries, &args.detect, &options);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = entries.get(index) else {
                        break;
                    };
                    if sender
                        .send((index, outcome(entry, options, detect)))
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Moved in, so that an error here drops it and the workers stop.
        let outcomes = outcomes;
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, outcome) in &outcomes {
            early.insert(index, outcome);
            while let Some(outcome) = early.remove(&due) {
                output.print(&outcome)?;
                due += 1;
            }
        }
        Ok(())
    })
}

fn outcome(entry: &Entry, options: &audio::Options, detect: &[Detector]) -> Outcome {
    let mut warning = None;
    let report = match &entry.error {
        Some(error) => Err(error.clone()),
        // A fault in reading one file is not the end of the others.
        None => catch_unwind(AssertUnwindSafe(|| {
            analyze(&entry.path, options, detect, &mut warning)
        }))
        .unwrap_or_else(|_| Err("internal fault while this file was read".to_owned())),
    };
    Outcome {
        path: entry.path.clone(),
        report,
        warning,
    }
}

fn analyze(
    path: &Path,
    options: &audio::Options,
    detect: &[Detector],
    warning: &mut Option<String>,
) -> Result<Report, String> {
    let mut audio = Audio::open(path, options)?;
    let mut analysis = Analysis::new(audio.rate_hz())
        .ok_or_else(|| format!("the engine takes no {} Hz", audio.rate_hz()))?;
    while let Some(block) = audio.next_block()? {
        analysis.write(block);
    }
    *warning = audio.warning().map(str::to_owned);
    let mut report = analysis.finish(earwig::engine::After::Silence);
    if !detect.contains(&Detector::Dtmf) {
        report.digits.clear();
        report.dtmf.clear();
    }
    Ok(report)
}

fn progress_bar(files: usize) -> ProgressBar {
    if files < PROGRESS_FROM || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} files, {eta} left");
    ProgressBar::new(files as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The keys of `--json`, in their order. Later capabilities add keys.
#[derive(Serialize)]
struct JsonLine<'a> {
    file: &'a str,
    duration_ms: u64,
    digits: &'a str,
    dtmf: Vec<JsonDigit>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonDigit {
    digit: char,
    start_ms: u64,
    end_ms: u64,
    low_dbm0: f64,
    high_dbm0: f64,
}

impl From<&HeardDigit> for JsonDigit {
    fn from(heard: &HeardDigit) -> Self {
        // A tenth of a dB is more than a level is good for.
        let tenths = |level: f32| (f64::from(level) * 10.0).round() / 10.0;
        Self {
            digit: heard.digit,
            start_ms: heard.start_ms,
            end_ms: heard.end_ms,
            low_dbm0: tenths(heard.low_dbm0),
            high_dbm0: tenths(heard.high_dbm0),
        }
    }
}

/// Where outcomes are printed.
struct Output<'a> {
    json: bool,
    table: bool,
    progress: &'a ProgressBar,
    failures: bool,
}

impl Output<'_> {
    fn print(&mut self, outcome: &Outcome) -> io::Result<()> {
        let path = outcome.path.to_string_lossy();
        self.failures |= outcome.report.is_err();
        let text = match &outcome.report {
            report if self.json => json_line(&path, report)?,
            Ok(report) => text_lines(&path, report, self.table),
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
}

fn json_line(path: &str, report: &Result<Report, String>) -> io::Result<String> {
    let failed = Report::default();
    let heard = report.as_ref().unwrap_or(&failed);
    let line = JsonLine {
        file: path,
        duration_ms: heard.duration_ms,
        digits: &heard.digits,
        dtmf: heard.dtmf.iter().map(JsonDigit::from).collect(),
        error: report.as_ref().err().map(String::as_str),
    };
    Ok(serde_json::to_string(&line)? + "\n")
}

fn text_lines(path: &str, report: &Report, table: bool) -> String {
    let seconds = report.duration_ms as f64 / 1000.0;
    let digits = match report.digits.as_str() {
        "" => "no digits".to_owned(),
        digits => format!("digits {digits}"),
    };
    let mut text = format!("{path}: {seconds:.3} s, {digits}\n");
    if table && !report.dtmf.is_empty() {
        text += "  digit    start s      end s     ms    row dBm0    column dBm0\n";
        for heard in &report.dtmf {
            let (start, end) = (heard.start_ms as f64 / 1000.0, heard.end_ms as f64 / 1000.0);
            let length = heard.end_ms.saturating_sub(heard.start_ms);
            text += &format!(
                "  {:<5} {start:>10.3} {end:>10.3} {length:>6} {:>11.1} {:>14.1}\n",
                heard.digit, heard.low_dbm0, heard.high_dbm0
            );
        }
    }
    text
}
