//! The development corpus of real audio, in `../shared/corpus` or in the folder that `EARWIG_CORPUS` names.

use crate::csv;
use std::path::{Path, PathBuf};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

include!("corpus_path.rs");

/// Folder of the corpus; `None` if there is none. Panics if `EARWIG_CORPUS` requires one that does not exist.
pub fn folder() -> Option<PathBuf> {
    let setting = std::env::var("EARWIG_CORPUS").ok();
    let folder = corpus_path(setting.as_deref())?;
    let there = folder.join("labels.csv").exists();
    assert!(
        there || setting.is_none(),
        "EARWIG_CORPUS={}, but there is no corpus in {}",
        setting.unwrap_or_default(),
        folder.display()
    );
    there.then_some(folder)
}

/// Declares tests of functions that need the corpus, in a module `real_audio`. Without a corpus at build time, the tests are
/// ignored with a reason.
#[cfg(corpus)]
#[macro_export]
macro_rules! on_real_audio {
    ($($function:ident),+ $(,)?) => {
        mod real_audio {
            $(#[test] fn $function() { super::$function(); })+
        }
    };
}

/// Declares tests of functions that need the corpus. There was none at build time, so they are ignored.
#[cfg(not(corpus))]
#[macro_export]
macro_rules! on_real_audio {
    ($($function:ident),+ $(,)?) => {
        mod real_audio {
            $(
                #[test]
                #[ignore = "needs ../shared/corpus, or EARWIG_CORPUS=folder"]
                fn $function() {
                    assert!(
                        $crate::corpus::folder().is_some(),
                        "no ../shared/corpus; EARWIG_CORPUS names another place"
                    );
                    super::$function();
                }
            )+
        }
    };
}

/// Label of a file. Times are in milliseconds; `None`: not labelled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    /// Folder of the group, and file name.
    pub file: String,
    /// `human`, `machine`, `composed`, `talkoff` ...
    pub group: String,
    /// Class, such as `human_name` or `machine_beep`.
    pub label: String,
    /// Language, such as `en-US`.
    pub language: String,
    /// Origin of the recording.
    pub source: String,
    /// Who speaks; empty if nobody knows.
    pub speaker: String,
    /// `train` or `final`; empty in tables without that column.
    pub split: String,
    /// Start of the first voice.
    pub speech_start_ms: Option<f64>,
    /// End of the last voice, before the beep if there is one.
    pub greeting_end_ms: Option<f64>,
    /// Start of the beep.
    pub beep_start_ms: Option<f64>,
    /// End of the beep.
    pub beep_end_ms: Option<f64>,
    /// Frequency of the beep.
    pub beep_hz: Option<f64>,
    /// Start of the fax or network tone.
    pub tone_start_ms: Option<f64>,
    /// The DTMF digits.
    pub digits: String,
}

/// Labels of all files in the order of `labels.csv`; empty without a corpus.
pub fn labels() -> Vec<Label> {
    folder()
        .and_then(|folder| labels_in(&folder.join("labels.csv")))
        .unwrap_or_default()
}

/// Labels in the table at `path`, in its order; `None` if it cannot be read.
pub fn labels_in(path: &Path) -> Option<Vec<Label>> {
    let rows = csv::rows(path)?;
    let label = |row: &csv::Row| Label {
        file: row.text("file"),
        group: row.text("group"),
        label: row.text("label"),
        language: row.text("language"),
        source: row.text("source"),
        speaker: row.text("speaker"),
        split: row.text("split"),
        speech_start_ms: row.number("speech_start_ms"),
        greeting_end_ms: row.number("greeting_end_ms"),
        beep_start_ms: row.number("beep_start_ms"),
        beep_end_ms: row.number("beep_end_ms"),
        beep_hz: row.number("beep_freq_hz"),
        tone_start_ms: row.number("tone_start_ms"),
        digits: row.text("digits"),
    };
    Some(rows.iter().map(label).collect())
}

/// Samples of a file at 8 kHz. `file`: as in its label.
pub fn read(file: &str) -> Option<Vec<i16>> {
    samples(&folder()?.join(file))
}

/// Samples of the FLAC file at `path`; `None` if it cannot be read.
pub fn samples(path: &Path) -> Option<Vec<i16>> {
    let file = std::fs::File::open(path).ok()?;
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    let mut reader = FlacReader::try_new(stream, FormatOptions::default()).ok()?;
    let track = reader.default_track(TrackType::Audio)?;
    let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
        return None;
    };
    let mut decoder = FlacDecoder::try_new(parameters, &AudioDecoderOptions::default()).ok()?;
    let (mut pcm, mut block) = (Vec::new(), Vec::new());
    while let Ok(Some(packet)) = reader.next_packet() {
        let Ok(audio) = decoder.decode(&packet) else {
            break;
        };
        audio.copy_to_vec_interleaved::<i16>(&mut block);
        pcm.extend_from_slice(&block);
    }
    Some(pcm)
}

/// Names and samples (8 kHz) of the files of a group, sorted by name; empty without a corpus.
pub fn group(name: &str) -> Vec<(String, Vec<i16>)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join(name))
        .map(|entries| entries.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    paths.sort();
    let read = |path: PathBuf| {
        let name = format!("{name}/{}", path.file_name()?.to_str()?);
        Some((name, samples(&path)?))
    };
    paths.into_iter().filter_map(read).collect()
}

/// Names and labelled digits of the files of the group `dtmf`.
pub fn digits() -> Vec<(String, String)> {
    labels()
        .into_iter()
        .filter(|label| label.group == "dtmf")
        .map(|label| (label.file, label.digits))
        .collect()
}
