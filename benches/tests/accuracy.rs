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

/// The report of the section `who` on a folder without a corpus, with more options.
fn who(options: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_accuracy"))
        .args(["--only", "who"])
        .args(options)
        .env("EARWIG_CORPUS", "none")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn what_is_not_there_is_left_out_and_named() {
    let (success, text) = who(&[]);
    assert!(success, "{text}");
    for reason in ["no development corpus", "`--set`", "`--sentences`", "AMD()"] {
        assert!(text.contains(reason), "{reason}: {text}");
    }
}

#[test]
fn a_set_without_final_files_is_an_error() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("set");
    std::fs::create_dir_all(&folder).unwrap();
    let table =
        "file,group,label,language,source,speaker,split\na.flac,human,human_name,en,s,x,train\n";
    std::fs::write(folder.join("labels.csv"), table).unwrap();
    for option in ["--set", "--sentences"] {
        let (success, text) = who(&[option, folder.to_str().unwrap()]);
        assert!(!success && text.contains("split=final"), "{text}");
    }
}
