//! Greetings in synthetic voices, joined from sentences with pauses between them.

use super::lines::{telephone_band, through_g711};
use super::speech::{HOP, Speech};
use super::{Call, Test, Truth, choices};
use earwig_signals::{amplitude, corpus, csv, gauss, samples, to_pcm, voice::scaled};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Pause between two sentences, ms.
const PAUSE_MS: f64 = 250.0;
/// Samples that are kept before and after a sentence, 40 ms.
const MARGIN: usize = 4 * HOP;

/// A text in one voice.
#[derive(Clone, Debug, PartialEq)]
pub struct Greeting {
    /// Name of the voice, such as `af_nova`.
    pub voice: String,
    /// The synthesizer.
    pub engine: String,
    /// Language of the text.
    pub language: String,
    /// Number of the text.
    pub text_id: String,
    /// Files of the sentences, in order.
    pub sentences: Vec<PathBuf>,
}

/// The whole greetings of `split=final` in the folder `sentences`, whose table is `sentences.csv` beside the folder; `None` if it
/// cannot be read.
pub fn greetings(sentences: &Path) -> Option<Vec<Greeting>> {
    let parent = sentences.parent()?;
    let rows = csv::rows(&parent.join("sentences.csv"))?;
    let mut texts: BTreeMap<[String; 3], Vec<&csv::Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.text("split") == "final") {
        let key = ["voice", "language", "text_id"].map(|column| row.text(column));
        texts.entry(key).or_default().push(row);
    }
    let path = |row: &&csv::Row| {
        let file = row.text("file");
        let name = Path::new(&file).file_name().unwrap_or_default().to_owned();
        sentences.join(name)
    };
    let greeting = |([voice, language, text_id], mut rows): ([String; 3], Vec<&csv::Row>)| {
        rows.sort_by_key(|row| row.number("sentence_index").unwrap_or(0.0) as u32);
        let whole = rows[0].number("sentences_in_text") == Some(rows.len() as f64);
        whole.then(|| Greeting {
            voice,
            text_id,
            engine: rows[0].text("engine"),
            language,
            sentences: rows.iter().map(path).collect(),
        })
    };
    Some(texts.into_iter().filter_map(greeting).collect())
}

/// The calls of a greeting: with 250 ms between the sentences, with 0.6 s and with 1 s after the first one, and the first one alone. A
/// greeting of one sentence is a call only alone. Empty if a file cannot be read.
pub fn calls(greeting: &Greeting) -> Vec<Call> {
    let read = |path: &PathBuf| Some(trimmed(&corpus::samples(path)?));
    let Some(sentences) = greeting
        .sentences
        .iter()
        .map(read)
        .collect::<Option<Vec<_>>>()
    else {
        return Vec::new();
    };
    let name = format!(
        "{}/{}/{}",
        greeting.voice, greeting.language, greeting.text_id
    );
    let call = |test: Test, sentences: &[Vec<i16>], pause_ms: f64| Call {
        test,
        truth: Truth::Machine,
        label: "machine".to_owned(),
        language: greeting.language.clone(),
        source: greeting.engine.clone(),
        file: name.clone(),
        speech_ms: None,
        pcm: played(&joined(sentences, pause_ms), &name),
    };
    let mut calls = vec![call(Test::FirstSentence, &sentences[..1], PAUSE_MS)];
    if sentences.len() > 1 {
        for (test, pause_ms) in [
            (Test::Greeting, PAUSE_MS),
            (Test::Greeting600, 600.0),
            (Test::Greeting1000, 1000.0),
        ] {
            calls.push(call(test, &sentences, pause_ms));
        }
    }
    calls
}

/// The sentences with `pause_ms` of silence after the first one and 250 ms after the others.
pub fn joined(sentences: &[Vec<i16>], pause_ms: f64) -> Vec<i16> {
    let mut pcm = Vec::new();
    for (i, sentence) in sentences.iter().enumerate() {
        let pause = [0.0, pause_ms, PAUSE_MS][i.min(2)];
        pcm.resize(pcm.len() + samples(pause), 0);
        pcm.extend_from_slice(sentence);
    }
    pcm
}

/// The sentence without the silence around it.
fn trimmed(pcm: &[i16]) -> Vec<i16> {
    let Some(speech) = Speech::of(pcm) else {
        return pcm.to_vec();
    };
    let begin = (speech.span.start * HOP).saturating_sub(MARGIN);
    let end = (speech.span.end * HOP + MARGIN).min(pcm.len());
    pcm[begin..end].to_vec()
}

/// The greeting as a mailbox plays it: at -30 to -14 dBm0, with faint hiss, in the band of a telephone, through G.711. It starts 0.1 to
/// 0.8 s after the answer. All calls of a greeting have the same line.
fn played(pcm: &[i16], name: &str) -> Vec<i16> {
    let mut rng = choices(name, "played");
    let level = -30.0 + 16.0 * rng.f64();
    let hiss = amplitude(-75.0 + 15.0 * rng.f64()) / 2f64.sqrt();
    let mut signal = vec![0.0; samples(100.0 + 700.0 * rng.f64())];
    signal.extend(scaled(pcm.iter().map(|x| f64::from(*x)).collect(), level));
    telephone_band(&mut signal);
    signal.iter_mut().for_each(|x| *x += gauss(&mut rng) * hiss);
    through_g711(&to_pcm(&signal), &mut rng)
}
