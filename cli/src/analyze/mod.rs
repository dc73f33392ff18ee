//! `earwig analyze`: the engine over files, by media time alone.

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
        default_value = "dtmf,machine,fax,beep,voice,network"
    )]
    detect: Vec<Detector>,

    /// One JSON object a line: file, duration_ms, digits, dtmf, machine, fax, beeps, voice, network, error
    #[arg(long)]
    json: bool,

    /// Show everything that was heard with its times, as is done for a single file
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

    #[command(flatten)]
    detection: DetectionArgs,

    /// Files at a time [default: as many as there are processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

/// What can be listened for.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Detector {
    /// DTMF digits
    Dtmf,
    /// Who answered: a person, a machine or a fax
    Machine,
    /// Tones of fax machines and modems
    Fax,
    /// A voicemail's beep
    Beep,
    /// Where somebody speaks
    Voice,
    /// The network's tones: ringback, busy, reorder, SIT, dial tone
    Network,
}

/// What is done with each file.
struct Task {
    audio: audio::Options,
    detect: Vec<Detector>,
    machine: MachineOptions,
    after: After,
}

/// What came of one file.
struct MachineResult {
    path: PathBuf,
    report: Result<Report, String>,
    warning: Option<String>,
}

/// Analyses, prints, and says how the process ends.
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
        table: args.verbose || entries.len() == 1,
        digits: args.detect.contains(&Detector::Dtmf),
        progress: &progress,
        failures: false,
    };
    let written = analyze_all(entries, &task, args.jobs, &mut output);
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

/// Several files at a time; outcomes are printed in the order of the entries, each as soon as those before it are.
fn analyze_all(
    entries: Vec<Entry>,
    task: &Task,
    jobs: Option<std::num::NonZeroUsize>,
    output: &mut Output,
) -> io::Result<()> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let workers = jobs.map_or_else(processors, usize::from).min(entries.len());
    let next = AtomicUsize::new(0);
    let (sender, outcomes) = mpsc::channel();
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
                    if sender.send((index, outcome(entry, task))).is_err() {
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

fn outcome(entry: &Entry, task: &Task) -> MachineResult {
    let mut warning = None;
    let report = match &entry.error {
        Some(error) => Err(error.clone()),
        // A fault in reading one file is not the end of the others.
        None => catch_unwind(AssertUnwindSafe(|| {
            analyze(&entry.path, task, &mut warning)
        }))
        .unwrap_or_else(|_| Err("internal fault while this file was read".to_owned())),
    };
    MachineResult {
        path: entry.path.clone(),
        report,
        warning,
    }
}

fn analyze(path: &Path, task: &Task, warning: &mut Option<String>) -> Result<Report, String> {
    let mut audio = Audio::open(path, &task.audio)?;
    let mut analysis = Analysis::new(audio.rate_hz())
        .ok_or_else(|| format!("the engine takes no {} Hz", audio.rate_hz()))?;
    let asked = |detector| task.detect.contains(&detector);
    // Digits alone cost a small part of the rest.
    if [
        Detector::Fax,
        Detector::Beep,
        Detector::Voice,
        Detector::Network,
    ]
    .into_iter()
    .any(asked)
    {
        analysis.log_facts();
    }
    if asked(Detector::Machine) {
        analysis.detect(task.machine.clone());
    }
    while let Some(block) = audio.next_block()? {
        analysis.write(block);
    }
    *warning = audio.warning().map(str::to_owned);
    let mut report = analysis.finish(task.after);
    if !asked(Detector::Dtmf) {
        report.digits.clear();
        report.dtmf.clear();
    }
    if !asked(Detector::Fax) {
        report.fax.clear();
    }
    if !asked(Detector::Beep) {
        report.beeps.clear();
    }
    if !asked(Detector::Voice) {
        report.voice.clear();
    }
    if !asked(Detector::Network) {
        report.network.clear();
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
