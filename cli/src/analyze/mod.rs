//! `earwig analyze`: analyzes files in media time, several at once.

mod detection;
mod json;
mod print;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use clap::ValueEnum;
use earwig_core::analysis::{After, Analysis, Report};
use earwig_core::job::machine::MachineOptions;
use indicatif::{ProgressBar, ProgressStyle};

use crate::audio::{self, Audio, Channel, Raw};
use crate::cipher::CipherArgs;
use crate::files::{self, Entry};
use detection::DetectionArgs;
use print::Output;

/// Below this number of files there is no progress bar.
const PROGRESS_MIN_FILES: usize = 8;

/// Analyze recordings: DTMF digits, who answered, fax tones, beeps, voice and network tones.
///
/// Reads WAV (PCM of 8 to 32 bits, float, G.711, IMA, Microsoft and OKI ADPCM), recordings that earwig encrypted, FLAC, and
/// headerless files (.ul .ulaw .al .alaw .sln .sln16 .raw, or any file with --raw) of 4 to 384 kHz. Exit status: 0 if all files were
/// read, 1 if one was not, 2 for wrong usage.
#[derive(clap::Args)]
pub struct Args {
    /// Audio files, and folders to search for audio files
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,

    /// Detectors to run, separated by commas
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "dtmf,machine,fax,beep,voice,network"
    )]
    detect: Vec<Detector>,

    /// Print one JSON object per file, a line each, with the keys file, duration_ms, digits, dtmf, machine, fax, beeps, voice, network, error
    #[arg(long)]
    json: bool,

    /// Print all digits, tones, voice segments and events with their times. This is the default for a single file
    #[arg(short, long)]
    verbose: bool,

    /// Channel of multichannel files to analyze: a number from 0, or mix for the mean of all channels
    #[arg(long, value_name = "N|mix", default_value = "0")]
    channel: Channel,

    /// Read every file as headerless audio in this coding
    #[arg(long, value_name = "CODING")]
    raw: Option<Raw>,

    /// Sample rate of headerless audio [default: that of the file name's extension, or 8000]
    #[arg(long, value_name = "HZ")]
    rate: Option<u32>,

    /// Number of files to analyze at once [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,

    #[command(flatten)]
    cipher: CipherArgs,

    #[command(flatten)]
    detection: DetectionArgs,
}

/// Value of `--detect`.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Detector {
    /// DTMF digits
    Dtmf,
    /// Who answered: a person, a machine or a fax
    Machine,
    /// Tones of fax machines and modems
    Fax,
    /// Beeps of voicemail and answering machines
    Beep,
    /// Start and end of each voice segment
    Voice,
    /// Network tones: ringback, busy, reorder, SIT, dial tone
    Network,
}

/// How to read and analyze each file.
struct Task {
    audio: audio::Options,
    detect: Vec<Detector>,
    machine: MachineOptions,
    after: After,
}

/// Outcome of one file.
struct FileResult {
    path: PathBuf,
    report: Result<Report, String>,
    warning: Option<String>,
}

/// Runs `earwig analyze`: analyzes all files, prints their results and returns the exit status.
pub fn run(args: &Args) -> ExitCode {
    let task = match task(args) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("earwig: {error}");
            return ExitCode::from(2);
        }
    };
    let entries = files::expand(&args.paths);
    let progress = progress_bar(entries.len());
    let mut output = Output {
        json: args.json,
        tables: args.verbose || entries.len() == 1,
        report_no_digits: args.detect.contains(&Detector::Dtmf),
        progress: &progress,
        failures: false,
    };
    let written = analyze_all(entries, &task, args.jobs, &mut output);
    progress.finish_and_clear();
    match written {
        // The reader of stdout, such as `head`, has closed the pipe: not an error.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("earwig: {error}");
            ExitCode::FAILURE
        }
        _ if output.failures => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn task(args: &Args) -> Result<Task, String> {
    Ok(Task {
        audio: audio::Options {
            raw: args.raw,
            rate_hz: args.rate,
            channel: args.channel,
            cipher: args.cipher.cipher()?,
        },
        detect: args.detect.clone(),
        machine: args.detection.options()?,
        after: args.detection.after(),
    })
}

/// Analyzes files on `jobs` threads. Prints the results in the order of the entries, each as soon as all before it are printed.
fn analyze_all(
    entries: Vec<Entry>,
    task: &Task,
    jobs: Option<std::num::NonZeroUsize>,
    output: &mut Output,
) -> io::Result<()> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let workers = jobs.map_or_else(processors, usize::from).min(entries.len());
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (next, entries) = (&next, &entries);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = entries.get(index) else {
                        break;
                    };
                    if sender.send((index, analyze_entry(entry, task))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Moved into this scope: an error below drops the receiver, and the workers stop.
        let results = results;
        let mut waiting = BTreeMap::new();
        let mut printed = 0;
        for (index, result) in &results {
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&printed) {
                output.print(&result)?;
                printed += 1;
            }
        }
        Ok(())
    })
}

fn analyze_entry(entry: &Entry, task: &Task) -> FileResult {
    let mut warning = None;
    let report = match &entry.error {
        Some(error) => Err(error.clone()),
        // A panic on one file must not stop the others.
        None => catch_unwind(AssertUnwindSafe(|| {
            analyze(&entry.path, task, &mut warning)
        }))
        .unwrap_or_else(|_| Err("internal error while reading this file".to_owned())),
    };
    FileResult {
        path: entry.path.clone(),
        report,
        warning,
    }
}

fn analyze(path: &Path, task: &Task, warning: &mut Option<String>) -> Result<Report, String> {
    let mut audio = Audio::open(path, &task.audio)?;
    let mut analysis = Analysis::new(audio.rate_hz())
        .ok_or_else(|| format!("the engine does not support {} Hz", audio.rate_hz()))?;
    let wants = |detector| task.detect.contains(&detector);
    // The DTMF detector alone is far cheaper than the whole pipeline.
    if [
        Detector::Fax,
        Detector::Beep,
        Detector::Voice,
        Detector::Network,
    ]
    .into_iter()
    .any(wants)
    {
        analysis.log_facts();
    }
    if wants(Detector::Machine) {
        analysis.detect(task.machine.clone());
    }
    while let Some(block) = audio.next_block()? {
        analysis.write(block);
    }
    *warning = audio.warning().map(str::to_owned);
    let mut report = analysis.finish(task.after);
    if !wants(Detector::Dtmf) {
        report.digits.clear();
        report.dtmf.clear();
    }
    if !wants(Detector::Fax) {
        report.fax.clear();
    }
    if !wants(Detector::Beep) {
        report.beeps.clear();
    }
    if !wants(Detector::Voice) {
        report.voice.clear();
    }
    if !wants(Detector::Network) {
        report.network.clear();
    }
    Ok(report)
}

fn progress_bar(files: usize) -> ProgressBar {
    if files < PROGRESS_MIN_FILES || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} files, {eta} left");
    ProgressBar::new(files as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
