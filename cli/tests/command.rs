//! The command line: arguments, order of the output, formats, exit status.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::*;

fn stdout(output: std::process::Output) -> String {
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_has_these_keys_in_this_order() {
    let folder = folder("json");
    std::fs::write(folder.join("quiet.sln"), [0; 1600]).unwrap();
    let text = stdout(earwig(
        &folder,
        &[
            "analyze",
            "--json",
            "--detect",
            "dtmf",
            "quiet.sln",
            "not-there.wav",
        ],
    ));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        r#"{"file":"quiet.sln","duration_ms":100,"digits":"","dtmf":[],"machine":null,"fax":[],"beeps":[],"voice":[],"network":[],"error":null}"#
    );
    let failed = r#"{"file":"not-there.wav","duration_ms":0,"digits":"","dtmf":[],"machine":null,"fax":[],"beeps":[],"voice":[],"network":[],"error":"No such file or directory"#;
    assert!(lines[1].starts_with(failed), "{text}");

    std::fs::write(folder.join("d.sln"), to_s16(&digits(8000))).unwrap();
    let text = stdout(earwig(&folder, &["analyze", "--json", "d.sln"]));
    let first = text
        .split_once(r#""dtmf":[{"#)
        .unwrap()
        .1
        .split_once('}')
        .unwrap()
        .0;
    let keys: Vec<_> = first
        .split(',')
        .map(|pair| pair.split_once(':').unwrap().0)
        .collect();
    assert_eq!(
        keys,
        [
            r#""digit""#,
            r#""start_ms""#,
            r#""end_ms""#,
            r#""low_dbm0""#,
            r#""high_dbm0""#
        ]
    );
}

#[test]
fn several_files_print_a_line_each_and_one_prints_a_table() {
    let folder = folder("text");
    std::fs::write(folder.join("d.sln"), to_s16(&digits(8000))).unwrap();
    std::fs::write(folder.join("quiet.sln"), [0; 1600]).unwrap();
    let analyze_dtmf = |arguments: &[&str]| {
        let all = [&["analyze", "--detect", "dtmf"], arguments].concat();
        stdout(earwig(&folder, &all))
    };
    let both = analyze_dtmf(&["d.sln", "quiet.sln"]);
    assert_eq!(
        both,
        format!("d.sln: 1.000 s, digits {DIGITS}\nquiet.sln: 0.100 s, no digits\n")
    );
    let one = analyze_dtmf(&["d.sln"]);
    assert_eq!(one.lines().count(), 2 + DIGITS.len(), "{one}");
    let verbose = analyze_dtmf(&["-v", "d.sln", "quiet.sln"]);
    assert_eq!(verbose, one + "quiet.sln: 0.100 s, no digits\n");
}

#[test]
fn an_unreadable_file_does_not_stop_the_others() {
    let folder = folder("rest");
    std::fs::write(folder.join("d.sln"), to_s16(&digits(8000))).unwrap();
    let output = earwig(
        &folder,
        &["analyze", "--detect", "dtmf", "gone.wav", "d.sln"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .starts_with("earwig: gone.wav: No such file or directory")
    );
    assert_eq!(stdout(output), format!("d.sln: 1.000 s, digits {DIGITS}\n"));
}

#[test]
fn folders_are_sorted_and_arguments_keep_their_order() {
    let folder = folder("walk");
    std::fs::create_dir_all(folder.join("calls/b/deep")).unwrap();
    std::fs::create_dir_all(folder.join("empty")).unwrap();
    for name in [
        "calls/c.sln",
        "calls/b/2.raw",
        "calls/b/deep/1.ul",
        "calls/a.sln",
        "calls/notes.txt",
        "z.sln",
    ] {
        std::fs::write(folder.join(name), [0; 160]).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", folder.join("calls/b/loop")).unwrap();
    let (lines, status) = analyze(&folder, &["z.sln", "empty", "calls", "z.sln", "-j", "3"]);
    let files: Vec<_> = lines
        .iter()
        .map(|line| line["file"].as_str().unwrap())
        .collect();
    let expected = [
        "z.sln",
        "empty",
        "calls/a.sln",
        "calls/b/2.raw",
        "calls/b/deep/1.ul",
        "calls/c.sln",
        "z.sln",
    ];
    assert_eq!(files, expected);
    assert_eq!(
        (lines[1]["error"].as_str(), status),
        (Some("no audio files in this folder"), 1)
    );
}

#[test]
fn parallel_jobs_print_in_order() {
    let folder = folder("many");
    // Long files first: the job that finishes first is not the one whose line comes first.
    for n in 0..60 {
        std::fs::write(
            folder.join(format!("{n:02}.sln")),
            vec![0; 16 * 2000 / (n + 1)],
        )
        .unwrap();
    }
    let (lines, status) = analyze(&folder, &["-j", "4", "."]);
    let files: Vec<_> = lines
        .iter()
        .map(|line| line["file"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        files,
        (0..60).map(|n| format!("./{n:02}.sln")).collect::<Vec<_>>()
    );
    assert_eq!(status, 0);
    assert_eq!(analyze(&folder, &["-j", "1", "."]).0, lines);
}

#[cfg(unix)]
#[test]
fn a_fifo_is_refused_without_waiting_for_its_writer() {
    let folder = folder("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(folder.join("p.wav"))
            .status()
            .unwrap()
            .success()
    );
    let (lines, status) = analyze(&folder, &["p.wav"]);
    assert_eq!(
        (lines[0]["error"].as_str(), status),
        (Some("not a regular file"), 1)
    );
}

#[test]
fn a_closed_stdout_is_no_error() {
    let folder = folder("head");
    for n in 0..2000 {
        std::fs::write(folder.join(format!("{n:04}.sln")), [0; 160]).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_earwig"))
        .args(["analyze", "--detect", "dtmf", "."])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(line, "./0000.sln: 0.010 s, no digits\n");
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap().as_str()
        ),
        (Some(0), "")
    );
}

#[test]
fn wrong_usage_has_exit_status_2() {
    let folder = folder("usage");
    for arguments in [
        &["analyze"][..],
        &[],
        &["analyse", "x"],
        &["analyze", "--rate", "x", "x"],
        &["analyze", "--raw", "mp3", "x"],
        &["analyze", "--channel", "left", "x"],
        &["analyze", "--jobs", "0", "x"],
    ] {
        let output = earwig(&folder, arguments);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{arguments:?}"
        );
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn an_unknown_detector_lists_the_known_ones() {
    let folder = folder("detect");
    std::fs::write(folder.join("d.sln"), to_s16(&digits(8000))).unwrap();
    assert_eq!(
        earwig(&folder, &["analyze", "--detect", "dtmf,dtmf", "d.sln"])
            .status
            .code(),
        Some(0)
    );
    let output = earwig(&folder, &["analyze", "--detect", "dtmf,sonar", "d.sln"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains("'sonar'")
            && stderr.contains("[possible values: dtmf, machine, fax, beep, voice, network]"),
        "{stderr}"
    );
}

#[test]
fn version_and_help_are_printed() {
    let folder = folder("version");
    assert_eq!(
        stdout(earwig(&folder, &["--version"])),
        format!("earwig {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert!(stdout(earwig(&folder, &["analyze", "--help"])).contains("--detect"));
}
