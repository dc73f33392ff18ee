//! `accuracy --write` refuses to write an incomplete set of tables.

use std::path::Path;
use std::process::Command;

const BEFORE: &str = "<!-- accuracy -->\nall tables\n<!-- /accuracy -->\n";

/// Runs `accuracy --write` on a file. Asserts that it fails and leaves the file unchanged; returns its stderr.
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
fn without_a_corpus_nothing_is_written() {
    let stderr = refused("no-corpus.md", "none", &[]);
    assert!(stderr.contains("need the corpus"), "{stderr}");
}

#[test]
fn a_missing_corpus_folder_is_an_error() {
    let stderr = refused("wrong-corpus.md", "/nowhere", &[]);
    assert!(stderr.contains("EARWIG_CORPUS=/nowhere"), "{stderr}");
}

#[test]
fn a_single_section_is_not_written() {
    let stderr = refused("one-part.md", "none", &["--only", "digits"]);
    assert!(stderr.contains("--only"), "{stderr}");
}
