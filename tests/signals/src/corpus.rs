//! The development corpus of real audio, where it stands beside the project (`../shared/corpus`) or where `EARWIG_CORPUS` says.

use std::path::{Path, PathBuf};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

include!("corpus_path.rs");

/// Its folder, if it is there. Panics if `EARWIG_CORPUS` asks for one that is not.
pub fn folder() -> Option<PathBuf> {
    let asked = std::env::var("EARWIG_CORPUS").ok();
    let folder = corpus_path(asked.as_deref())?;
    let there = folder.join("labels.csv").exists();
    assert!(
        there || asked.is_none(),
        "EARWIG_CORPUS={}, but there is no corpus in {}",
        asked.unwrap_or_default(),
        folder.display()
    );
    there.then_some(folder)
}

/// Makes tests of functions that need the corpus, `#[test] fn ...` in a module `real_audio`. Where there was no corpus when the
/// tests were built, they are reported as ignored, with the reason.
#[cfg(corpus)]
#[macro_export]
macro_rules! on_real_audio {
    ($($function:ident),+ $(,)?) => {
        mod real_audio {
            $(#[test] fn $function() { super::$function(); })+
        }
    };
}

/// Makes tests of functions that need the corpus: there was none when this was built, so they are ignored.
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

/// What the labels say of a file; times in milliseconds, `None` where nothing is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    /// Its group's folder and its name.
    pub file: String,
    /// `human`, `machine`, `composed`, `talkoff` ...
    pub group: String,
    /// Such as `human_name` or `machine_beep`.
    pub label: String,
    /// Such as `en-US`.
    pub language: String,
    /// Where it comes from.
    pub source: String,
    /// The first voice.
    pub speech_start_ms: Option<f64>,
    /// The end of the last voice before a beep, or at all.
    pub greeting_end_ms: Option<f64>,
    /// The beep.
    pub beep_start_ms: Option<f64>,
    /// Its end.
    pub beep_end_ms: Option<f64>,
    /// Its frequency.
    pub beep_hz: Option<f64>,
    /// A fax or network tone.
    pub tone_start_ms: Option<f64>,
    /// The digits in it.
    pub digits: String,
}

/// The labels of all files, in the order of the table.
pub fn labels() -> Vec<Label> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let table = std::fs::read_to_string(folder.join("labels.csv")).unwrap_or_default();
    let mut rows = table.lines().map(fields);
    let header = rows.next().unwrap_or_default();
    rows.map(|row| {
        let text = |name| {
            let at = header.iter().position(|h| h == name);
            at.and_then(|at| row.get(at)).cloned().unwrap_or_default()
        };
        let number = |name| text(name).parse().ok();
        Label {
            file: text("file"),
            group: text("group"),
            label: text("label"),
            language: text("language"),
            source: text("source"),
            speech_start_ms: number("speech_start_ms"),
            greeting_end_ms: number("greeting_end_ms"),
            beep_start_ms: number("beep_start_ms"),
            beep_end_ms: number("beep_end_ms"),
            beep_hz: number("beep_freq_hz"),
            tone_start_ms: number("tone_start_ms"),
            digits: text("digits"),
        }
    })
    .collect()
}

/// The samples of a file that the labels name, at 8 kHz.
pub fn read(file: &str) -> Option<Vec<i16>> {
    samples(&folder()?.join(file))
}

fn samples(path: &Path) -> Option<Vec<i16>> {
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

/// The files of a group, in order of their names: name and samples at 8 kHz.
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

/// The digits of the files of group `dtmf`, from the labels.
pub fn digits() -> Vec<(String, String)> {
    labels()
        .into_iter()
        .filter(|label| label.group == "dtmf")
        .map(|label| (label.file, label.digits))
        .collect()
}

/// The fields of a line of CSV.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().expect("never empty").push(c),
        }
    }
    fields
}
