//! Accuracy of the detection of digits, machines, tones and voice, compared with other detectors on the same audio. Prints Markdown
//! tables.
//!
//! `accuracy [--write FILE] [--amd CSV] [--only SECTION]`. `--write` replaces the text between the two markers in FILE with the
//! tables. `--amd` reads the verdicts of Asterisk's AMD() on the same corpus, which `benches/amd.py` writes. The sections are digits,
//! machine, tones and voice.

mod competitors;
mod sections;

use earwig_signals::corpus;
use sections::{AmdVerdicts, Analyzed, digits, machine, tones, voice};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut write, mut amd, mut only) = (None, None, None);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .unwrap_or_else(|| panic!("{name}: its value is missing"));
        match name.as_str() {
            "--write" => write = Some(value),
            "--amd" => amd = Some(value),
            "--only" => only = Some(value),
            _ => panic!("{name}: the options are --write FILE, --amd CSV and --only SECTION"),
        }
    }
    if let Some(path) = &write {
        // Writing some of the tables would delete the others from the file.
        let reason = if only.is_some() {
            Some("--only makes some of the tables, but the file has all of them")
        } else if corpus::folder().is_none() {
            Some(
                "most tables need the corpus: ../shared/corpus, or the folder that EARWIG_CORPUS names",
            )
        } else {
            None
        };
        if let Some(reason) = reason {
            eprintln!("accuracy: {path} is not changed: {reason}");
            return ExitCode::FAILURE;
        }
    }
    let wanted = |section: &str| only.as_deref().is_none_or(|only| only == section);
    let mut text = String::new();
    if wanted("digits") {
        text += &format!("## Digits\n\n{}", digits::tables());
    }
    if corpus::folder().is_none() {
        text += "\nThere is no development corpus here: the other sections are left out.\n";
    } else if only.as_deref() != Some("digits") {
        let files = Analyzed::all();
        let amd = amd.and_then(|path| AmdVerdicts::read(&path));
        for (section, tables) in [
            ("machine", machine::tables(&files, amd.as_ref())),
            ("tones", tones::tables(&files)),
            ("voice", voice::tables(&files)),
        ] {
            if wanted(section) {
                text += &tables;
            }
        }
    }
    println!("{text}");
    if let Some(path) = write {
        replace(&path, &text);
    }
    ExitCode::SUCCESS
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
