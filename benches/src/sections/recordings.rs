//! Sets of recordings, each analyzed once, and the verdicts on the calls that are made of them.

use earwig_benches::calls::greetings::{self, Greeting};
use earwig_benches::calls::lines::Line;
use earwig_benches::calls::{Call, Truth, generated_noises, of_recording};
use earwig_benches::fact_log::FactLog;
use earwig_benches::judged::{Judged, judge, parallel, settings, voice};
use earwig_core::detect::fact::{Beep, Fact, Fax, Network};
use earwig_core::job::machine::MachineOptions;
use earwig_core::time::{RATE_HZ, Samples};
use earwig_signals::corpus::{self, Label};
use std::path::{Path, PathBuf};

/// Lines of people that stand for all.
const MAX_LINES: usize = 200;
/// Recordings of speech that background talk is made of.
const MAX_TALK: usize = 40;

/// A recording and what the detectors report about it.
pub struct Recording {
    pub label: Label,
    /// Length, s.
    pub seconds: f64,
    /// Voice segments: first sample, and first sample after the segment.
    pub voice: Vec<(Samples, Samples)>,
    pub beeps: Vec<Beep>,
    pub fax: Vec<Fax>,
    pub network: Vec<Network>,
    pub digits: usize,
}

/// A set of recordings, and the calls made of it.
pub struct Set {
    pub name: String,
    pub recordings: Vec<Recording>,
    pub calls: Vec<Judged>,
}

/// A file of a set.
struct File {
    label: Label,
    path: PathBuf,
}

impl Set {
    /// The development corpus; `None` if there is none.
    pub fn corpus() -> Option<Self> {
        let folder = corpus::folder()?;
        let files = files(&folder, corpus::labels());
        Some(Self::analyzed("the development corpus".to_owned(), &files))
    }

    /// The files of `split=final` in a folder with `labels*.csv`.
    pub fn folder(folder: &Path) -> Result<Self, String> {
        let entries = folder
            .read_dir()
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut tables: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        tables.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("labels") && name.ends_with(".csv")
        });
        tables.sort();
        let labels = tables.iter().filter_map(|path| corpus::labels_in(path));
        let labels = labels.flatten().filter(|label| label.split == "final");
        let files = files(folder, labels.collect());
        if files.is_empty() {
            return Err(format!(
                "{}: no file of split=final in labels*.csv",
                folder.display()
            ));
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self::analyzed(
            format!("the set {name}, split final"),
            &files,
        ))
    }

    /// Greetings of synthetic voices: the folder's files of `split=final`.
    pub fn sentences(folder: &Path) -> Result<Self, String> {
        let greetings = greetings::greetings(folder).unwrap_or_default();
        if greetings.is_empty() {
            return Err(format!(
                "{}: no greeting of split=final in ../sentences.csv",
                folder.display()
            ));
        }
        let settings = settings();
        let judged = |greeting: &Greeting| judge_all(greetings::calls(greeting), &settings);
        Ok(Self {
            name: "synthetic voices".to_owned(),
            recordings: Vec::new(),
            calls: parallel(&greetings, judged).into_iter().flatten().collect(),
        })
    }

    fn analyzed(name: String, files: &[File]) -> Self {
        let read = |file: &File| corpus::samples(&file.path);
        let lines: Vec<Line> = files
            .iter()
            .filter(|file| Truth::of(&file.label) == Some(Truth::Human))
            .filter_map(|file| Line::of(&read(file)?))
            .take(MAX_LINES)
            .collect();
        let talk: Vec<Vec<i16>> = files
            .iter()
            .filter(|file| file.label.label.starts_with("speech"))
            .filter_map(read)
            .take(MAX_TALK)
            .collect();
        let settings = settings();
        let analyze = |file: &File| {
            let pcm = read(file)?;
            let mut log = FactLog::new(&pcm);
            let mut calls = of_recording(&file.label, &pcm, &lines).into_iter();
            let mut judged = Vec::new();
            // The first call of an answered call's recording is the recording itself.
            if Truth::of(&file.label).is_some() {
                judged.extend(calls.next().map(|call| judge(call, &mut log, &settings)));
            }
            judged.extend(judge_all(calls.collect(), &settings));
            Some((recording(file.label.clone(), &mut log, pcm.len()), judged))
        };
        let (recordings, judged): (Vec<_>, Vec<_>) =
            parallel(files, analyze).into_iter().flatten().unzip();
        let noises = generated_noises(&talk);
        let noises = parallel(&noises, |call| {
            judge(call.clone(), &mut FactLog::new(&call.pcm), &settings)
        });
        Self {
            name,
            recordings,
            calls: judged.into_iter().flatten().chain(noises).collect(),
        }
    }
}

fn files(folder: &Path, labels: Vec<Label>) -> Vec<File> {
    let file = |label: Label| File {
        path: folder.join(&label.file),
        label,
    };
    labels.into_iter().map(file).collect()
}

fn judge_all(calls: Vec<Call>, settings: &[(u8, MachineOptions)]) -> Vec<Judged> {
    let judge = |mut call: Call| {
        let pcm = std::mem::take(&mut call.pcm);
        judge(call, &mut FactLog::new(&pcm), settings)
    };
    calls.into_iter().map(judge).collect()
}

fn recording(label: Label, log: &mut FactLog, samples: usize) -> Recording {
    let mut recording = Recording {
        label,
        seconds: samples as f64 / f64::from(RATE_HZ),
        voice: voice(log.all_facts()),
        beeps: Vec::new(),
        fax: Vec::new(),
        network: Vec::new(),
        digits: log.digits().len(),
    };
    for fact in log.all_facts() {
        match fact {
            Fact::Beep(beep) => recording.beeps.push(*beep),
            Fact::Fax(fax) => recording.fax.push(*fax),
            Fact::Network(network) => recording.network.push(*network),
            Fact::Frame(_) | Fact::VoiceBegins { .. } | Fact::VoiceEnds { .. } => {}
        }
    }
    recording
}
