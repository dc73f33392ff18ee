//! Links, FIFOs and folders at every name that a recording opens.

use super::{Scale, Scenario};
use crate::outcome::{none, note};
use crate::process::{self, Folder};
use crate::recordings::{FRAME, call, cipher, frame};
use earwig::engine::{Engine, recover, validate};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::Stream;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub const SCENARIO: Scenario = Scenario {
    name: "links",
    title: "links, FIFOs and folders at the names of a recording",
    text: "A symbolic link to a file, a dangling one, a FIFO and a folder at FILE, FILE.part and FILE.part.whole, for plain and encrypted recordings \
that refuse, overwrite or append; and at the names that `recover` and `validate` open. Each attempt is a process of its own, with 5 s. A name \
that would be opened must be refused, and what a link leads to must stay as it was.",
    run,
};

const LIMIT: Duration = Duration::from_secs(5);
/// Attempts at once: a hang must not make the others wait.
const THREADS: usize = 8;

const VICTIM: &str = "do not touch";
const NAMES: [&str; 3] = ["f.wav", "f.wav.part", "f.wav.part.whole"];
const OBSTACLES: [&str; 4] = ["link", "dangling", "fifo", "folder"];

/// Exit status of a part that was refused; any other end is not that.
const REFUSED: u8 = 3;

/// One attempt.
struct Attempt {
    /// refuse, overwrite, append, recover or validate.
    how: &'static str,
    encrypted: bool,
    name: &'static str,
    obstacle: &'static str,
}

impl Attempt {
    /// Whether the name would be opened, so that the attempt must be refused.
    fn must_be_refused(&self) -> bool {
        match (self.how, self.name) {
            ("recover", "f.wav") => true,
            ("recover", _) => self.name == "f.wav.part" || self.encrypted,
            // A user may validate what a link leads to.
            ("validate", _) => self.obstacle != "link",
            // A rename replaces the link itself.
            ("overwrite", "f.wav") => self.obstacle != "link",
            (_, "f.wav.part.whole") => self.encrypted,
            _ => true,
        }
    }
}

fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for obstacle in OBSTACLES {
        for encrypted in [false, true] {
            for name in NAMES {
                for how in ["refuse", "overwrite", "append", "recover"] {
                    attempts.push(Attempt {
                        how,
                        encrypted,
                        name,
                        obstacle,
                    });
                }
            }
            attempts.push(Attempt {
                how: "validate",
                encrypted,
                name: NAMES[0],
                obstacle,
            });
        }
    }
    attempts
}

/// What an attempt did that it must not do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Hangs,
    NotRefused,
    Crashed,
    Touched,
}

fn run(_: Scale) {
    let attempts = attempts();
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(attempt) = attempts.get(number) else {
                        return;
                    };
                    let found = try_one(attempt, number);
                    faults.lock().expect("no panic").extend(found);
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no panic");
    let count = |fault| faults.iter().filter(|f| **f == fault).count();
    note("attempts", &attempts.len().to_string());
    none("attempts that hang", count(Fault::Hangs));
    none("attempts that crash", count(Fault::Crashed));
    none("attempts that were not refused", count(Fault::NotRefused));
    none("files touched through a link", count(Fault::Touched));
}

fn try_one(attempt: &Attempt, number: usize) -> Vec<Fault> {
    let kind = if attempt.encrypted {
        "encrypted"
    } else {
        "plain"
    };
    let what = format!(
        "{} at {}, {}, {kind}",
        attempt.obstacle, attempt.name, attempt.how
    );
    let folder = Folder::new(&std::env::temp_dir(), &format!("earwig-links-{number}"));
    let victim = folder.file("victim");
    std::fs::write(&victim, VICTIM).expect("a file");
    prepare(&folder, attempt);
    let mut child = process::this(
        "link",
        &[folder.0.as_os_str(), attempt.how.as_ref(), kind.as_ref()],
    )
    .stdin(Stdio::null())
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .expect("this program can be run again");
    let mut found = Vec::new();
    let mut fault = |fault, why: &str| {
        println!("{why}: {what}");
        found.push(fault);
    };
    match process::wait(&mut child, LIMIT).map(|status| status.code()) {
        None => fault(Fault::Hangs, "hangs"),
        Some(Some(code)) if code == i32::from(REFUSED) => {}
        Some(Some(0)) if attempt.must_be_refused() => fault(Fault::NotRefused, "not refused"),
        Some(Some(0)) => {}
        Some(_) => {
            let mut text = String::new();
            let _ = child.stderr.take().map(|mut e| e.read_to_string(&mut text));
            fault(Fault::Crashed, &text);
        }
    }
    let same = std::fs::read_to_string(&victim).is_ok_and(|text| text == VICTIM);
    if !same || folder.file("nowhere").exists() {
        fault(Fault::Touched, "what the link leads to was touched");
    }
    found
}

/// Puts the obstacle at its name, and for `recover` a part beside it.
fn prepare(folder: &Folder, attempt: &Attempt) {
    let path = folder.file(attempt.name);
    if attempt.how == "recover" && attempt.name != "f.wav.part" {
        std::fs::rename(
            crashed_part(folder, attempt.encrypted),
            folder.file("f.wav.part"),
        )
        .expect("a part");
    }
    match attempt.obstacle {
        "link" => symlink(folder.file("victim"), path).expect("a link"),
        "dangling" => symlink(folder.file("nowhere"), path).expect("a link"),
        "folder" => std::fs::create_dir(path).expect("a folder"),
        _ => {
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            let fifo = rustix::fs::FileType::Fifo;
            rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, mode, 0).expect("a FIFO");
        }
    }
}

fn options(how: &str, encrypted: bool) -> RecorderOptions {
    RecorderOptions {
        existing: match how {
            "overwrite" => Existing::Overwrite,
            "append" => Existing::Append,
            _ => Existing::Refuse,
        },
        cipher: encrypted.then(cipher),
        max_silence_ms: 0,
        ..RecorderOptions::default()
    }
}

/// A copy of the `.part` file of a recording that runs.
fn crashed_part(folder: &Folder, encrypted: bool) -> PathBuf {
    let (own, copy) = (folder.file("own.wav"), folder.file("copy"));
    let engine = Engine::new(1).expect("an engine");
    let channel = call(&engine, 0);
    channel
        .recorder_start(&own, options("refuse", encrypted))
        .expect("a recording");
    for number in 0..20 {
        channel
            .write(Stream::Rx, &frame(0, number))
            .expect("room for a frame");
    }
    let part = folder.file("own.wav.part");
    // 20 frames; encrypted ones are behind a header, and 16 bytes are not yet whole.
    while std::fs::metadata(&part).expect("the part").len() < (19 * FRAME) as u64 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::fs::copy(&part, &copy).expect("a copy");
    channel.recorder_stop(None).expect("the end");
    channel.drop_handle();
    engine.shutdown(None).expect("the engine's end");
    std::fs::remove_file(own).expect("the recording");
    copy
}

/// One attempt, in a process of its own.
pub fn part(arguments: &[&str]) -> ExitCode {
    let [folder, how, kind] = arguments else {
        return ExitCode::from(2);
    };
    let (path, encrypted) = (Path::new(folder).join("f.wav"), *kind == "encrypted");
    let key = encrypted.then(cipher);
    let outcome = match *how {
        "recover" => {
            let part = Path::new(folder).join("f.wav.part");
            recover(&part, key.as_ref().map(|c| &c.key), false).map(drop)
        }
        "validate" => validate(&path, key.as_ref()).map(drop),
        how => {
            let engine = Engine::new(1).expect("an engine");
            let channel = call(&engine, 0);
            channel
                .recorder_start(&path, options(how, encrypted))
                .map(|()| {
                    channel
                        .write(Stream::Rx, &frame(0, 0))
                        .expect("room for a frame");
                    channel.recorder_stop(None).expect("the end");
                })
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(REFUSED)
        }
    }
}
