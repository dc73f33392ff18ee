//! A file system that fills while recordings run on it.

use super::{Scale, Scenario};
use crate::disk::{Plan, Seen, record};
use crate::outcome::{all, figure, skip};
use crate::process::{Folder, Mount, is_root, this};
use crate::recordings::{cipher, file, is_encrypted};
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::RecorderCause;
use std::path::Path;
use std::process::Command;

pub const SCENARIO: Scenario = Scenario {
    name: "full-disk",
    title: "a file system that fills",
    text: "20 recordings of 48 kHz, all formats, plain and encrypted, on a file system of 4 MiB (tmpfs; without root a limit on the size of \
each file instead), beside 10 on another. Each must end with ERROR and leave a whole file with the audio up to then.",
    run,
};

const BAD: usize = 20;

/// Size of each file without root, blocks of 512 bytes: less than a second of the smallest format.
const BLOCKS: usize = 200;

fn run(scale: Scale) {
    let seconds = scale.pick(6, 15);
    let folder = Folder::new(&std::env::temp_dir(), "earwig-full");
    let full = folder.file("full");
    let mounted = Mount::new(
        &full,
        &["-t", "tmpfs", "-o", "size=4m", "tmpfs"].map(AsRef::as_ref),
    );
    match mounted {
        Ok(_mount) => check(&full, &folder.0, seconds),
        Err(error) => {
            let why = if is_root() { error } else { "not root".into() };
            skip("a tmpfs of 4 MiB", &why);
        }
    }
    // The signal of the limit must be ignored before the program starts.
    let program = this(
        "full-by-limit",
        &[folder.0.as_os_str(), seconds.to_string().as_ref()],
    );
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {BLOCKS}; exec \"$@\""))
        .arg("sh");
    shell.arg(program.get_program()).args(program.get_args());
    let status = shell.status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the part with a limit"
    );
}

fn check(full: &Path, other: &Path, seconds: u32) {
    let plan = Plan {
        bad: (full, BAD),
        good: (other, 10),
        rate_hz: 48_000,
        seconds: seconds.into(),
        events: &|_| (),
    };
    let seen = record(&plan);
    valid(&seen, full, "full tmpfs");
    seen.others_go_on();
}

fn valid(seen: &Seen, folder: &Path, name: &str) {
    // Where others end early, the smallest formats may fit.
    let complete =
        |r: &RecorderResult| r.cause == RecorderCause::Aborted && r.duration_ms == seen.length_ms();
    let right = seen.bad.iter().filter(|result| match result {
        Ok(r) if r.cause == RecorderCause::Error || complete(r) => true,
        other => {
            println!("{other:?}");
            false
        }
    });
    all(
        &format!("{name}: recordings that ended with ERROR, or complete"),
        right.count(),
        BAD,
    );
    let failed = seen
        .bad
        .iter()
        .filter(|r| r.as_ref().is_ok_and(|r| r.cause == RecorderCause::Error))
        .count();
    figure(
        &format!("{name}: with ERROR"),
        &failed.to_string(),
        "1 at least",
        failed > 0,
    );
    let valid = (0..BAD).filter(|&n| {
        // The audio of 48 kHz is resampled: only the file itself is checked.
        let key = is_encrypted(n).then(cipher);
        let valid = earwig::engine::validate(&file(folder, n), key.as_ref());
        if let Err(error) = &valid {
            println!("{error}");
        }
        valid.is_ok_and(|content| content.samples > 0)
    });
    all(
        &format!("{name}: whole files with audio"),
        valid.count(),
        BAD,
    );
}

/// Recordings whose files may not grow; started with the limit.
pub fn by_limit(arguments: &[&str]) {
    let folder = Path::new(arguments[0]).join("limit");
    let good = Path::new(arguments[0]).join("good");
    for folder in [&folder, &good] {
        std::fs::create_dir(folder).expect("a folder");
    }
    let plan = Plan {
        bad: (&folder, BAD),
        good: (&good, 0),
        rate_hz: 48_000,
        seconds: arguments[1].parse().expect("a number"),
        events: &|_| (),
    };
    let seen = record(&plan);
    valid(&seen, &folder, "limit of 100 KiB for each file");
    seen.others_go_on();
}
