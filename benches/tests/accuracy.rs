//! `accuracy --write` does not write half of the tables.

use std::path::Path;
use std::process::Command;

const BEFORE: &str = "<!-- accuracy -->\nall tables\n<!-- /accuracy -->\n";

/// Runs it on a file; what it says, after it has failed and the file is as it was.
fn refused(name: &str, corpus: &str, options: &[&str]) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, BEFORE).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_accuracy"))
        .arg("--write")
        .arg(&file)
        .args(options)
        .env("EARWIG_CORPUS", corpus)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), BEFORE);
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn without_the_corpus_it_refuses_to_write() {
    let said = refused("no-corpus.md", "none", &[]);
    assert!(said.contains("need the corpus"), "{said}");
}

#[test]
fn a_corpus_that_is_not_there_is_an_error() {
    let said = refused("wrong-corpus.md", "/nowhere", &[]);
    assert!(said.contains("EARWIG_CORPUS=/nowhere"), "{said}");
}

#[test]
fn one_part_is_not_written_over_all() {
    let said = refused("one-part.md", "none", &["--only", "digits"]);
    assert!(said.contains("--only"), "{said}");
}
