//! How well digits, machines, tones and voice are heard, beside other detectors on the same audio. Prints Markdown tables.
//!
//! `accuracy [--write FILE] [--amd CSV] [--only PART]`: with a file, what stands there between the two markers is replaced by the
//! tables. The CSV is what `benches/amd.py` writes: Asterisk's AMD() on the same corpus. The parts are digits, machine, tones and voice.

mod competitors;
mod figures;

use earwig_signals::corpus;
use figures::{Asterisk, Fact, digits, machine, tones, voice};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut write, mut amd, mut only) = (None, None, None);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .expect("--write FILE, --amd CSV, --only PART");
        match name.as_str() {
            "--write" => write = Some(value),
            "--amd" => amd = Some(value),
            "--only" => only = Some(value),
            _ => panic!("{name}: there are --write FILE, --amd CSV and --only PART"),
        }
    }
    if let Some(path) = &write {
        // What is left out would be lost there.
        let reason = if only.is_some() {
            Some("--only makes some of the tables, and all of them stand there")
        } else if corpus::folder().is_none() {
            Some(
                "most tables need the corpus, ../shared/corpus or the folder that EARWIG_CORPUS names",
            )
        } else {
            None
        };
        if let Some(reason) = reason {
            eprintln!("accuracy: {path} is left as it is: {reason}");
            return ExitCode::FAILURE;
        }
    }
    let asked = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let mut text = String::new();
    if asked("digits") {
        text += &format!("## Digits\n\n{}", digits::tables());
    }
    if corpus::folder().is_none() {
        text += "\nThe development corpus is not beside the project: its part is left out.\n";
    } else if only.as_deref() != Some("digits") {
        let heard = Fact::all();
        let asterisk = amd.and_then(|path| Asterisk::read(&path));
        for (part, tables) in [
            ("machine", machine::tables(&heard, asterisk.as_ref())),
            ("tones", tones::tables(&heard)),
            ("voice", voice::tables(&heard)),
        ] {
            if asked(part) {
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

/// Puts the tables between the file's markers.
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
