//! Accuracy of the detection of digits, machines, tones and voice, compared with other detectors on the same audio. Prints Markdown
//! tables.
//!
//! - `--write FILE` replaces the text between the two markers in FILE with the tables.
//! - `--amd CSV` reads the verdicts of Asterisk's AMD() on the corpus, which `benches/amd.py` writes.
//! - `--only SECTION` makes one section: digits, who, tones or voice.
//! - `--set FOLDER` also reports the files of `split=final` in a folder with `labels*.csv`. It may be given more than once.
//! - `--sentences FOLDER` also reports greetings of synthetic voices, joined from the sentences in the folder.

mod competitors;
mod sections;

use earwig_signals::corpus;
use sections::{AmdVerdicts, Set, digits, false_alarms, tones, voice, who};
use std::path::Path;
use std::process::ExitCode;

/// The command line.
#[derive(Default)]
struct Options {
    write: Option<String>,
    amd: Option<String>,
    only: Option<String>,
    sets: Vec<String>,
    sentences: Option<String>,
}

impl Options {
    fn read() -> Self {
        let mut arguments = std::env::args().skip(1);
        let mut options = Self::default();
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .unwrap_or_else(|| panic!("{name}: its value is missing"));
            match name.as_str() {
                "--write" => options.write = Some(value),
                "--amd" => options.amd = Some(value),
                "--only" => options.only = Some(value),
                "--set" => options.sets.push(value),
                "--sentences" => options.sentences = Some(value),
                _ => panic!(
                    "{name}: the options are --write FILE, --amd CSV, --only SECTION, --set FOLDER and --sentences FOLDER"
                ),
            }
        }
        options
    }

    /// Why the file of `--write` must not be changed.
    fn refusal(&self) -> Option<&'static str> {
        if self.only.is_some() {
            // Writing some of the tables would delete the others from the file.
            Some("--only makes some of the tables, but the file has all of them")
        } else if corpus::folder().is_none() {
            Some(
                "most tables need the corpus: ../shared/corpus, or the folder that EARWIG_CORPUS names",
            )
        } else {
            None
        }
    }

    fn wants(&self, section: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == section)
    }
}

fn main() -> ExitCode {
    let options = Options::read();
    if let (Some(path), Some(reason)) = (&options.write, options.refusal()) {
        eprintln!("accuracy: {path} is not changed: {reason}");
        return ExitCode::FAILURE;
    }
    let text = match report(&options) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("accuracy: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{text}");
    if let Some(path) = &options.write {
        replace(path, &text);
    }
    ExitCode::SUCCESS
}

/// The wanted sections.
fn report(options: &Options) -> Result<String, String> {
    let mut text = String::new();
    if options.wants("digits") {
        text += &format!("## Digits\n\n{}", digits::tables());
    }
    if options.only.as_deref() == Some("digits") {
        return Ok(text);
    }
    let mut sets = Vec::new();
    match Set::corpus() {
        Some(corpus) => sets.push(corpus),
        None => text += "\nThere is no development corpus here: its tables are left out.\n",
    }
    for folder in &options.sets {
        sets.push(Set::folder(Path::new(folder))?);
    }
    if options.wants("who") {
        let amd = options.amd.as_deref().and_then(AmdVerdicts::read);
        for set in &sets {
            text += &who::tables(set, amd.as_ref());
        }
        match &options.sentences {
            Some(folder) => {
                text += &who::tables(&Set::sentences(Path::new(folder))?, None);
            }
            None => text += "\nWithout `--sentences` greetings of synthetic voices are left out.\n",
        }
        if options.sets.is_empty() {
            text += "\nWithout `--set` there is no set besides the corpus.\n";
        }
        if amd.is_none() {
            text += "\nAsterisk's AMD() is left out: benches/amd.py has not run (hosts/asterisk/fetch.sh fetches an Asterisk).\n";
        }
    }
    if options.wants("tones") {
        for set in &sets {
            text += &tones::tables(set);
            text += &false_alarms::tables(set);
        }
    }
    if options.wants("voice") {
        for set in &sets {
            text += &voice::tables(set);
        }
    }
    Ok(text)
}

/// Replaces the text between the markers of the file at `path`.
fn replace(path: &str, text: &str) {
    let before = std::fs::read_to_string(path).expect("the file can be read");
    let (open, close) = ("<!-- accuracy -->\n", "<!-- /accuracy -->");
    let (head, rest) = before
        .split_once(open)
        .expect("the file has the first marker");
    let (_, tail) = rest
        .split_once(close)
        .expect("the file has the second marker");
    std::fs::write(path, format!("{head}{open}\n{text}\n{close}{tail}"))
        .expect("the file can be written");
}
