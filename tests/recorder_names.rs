//! Names of a recording's files: other files that stand at them, and others that want them at the same time.

mod common;

use common::{Call, Dir, call, no_limits, tone};
use earwig::engine::{decrypt, recover};
use earwig_core::codec::cipher::Cipher;
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{RecorderCause, Status, Stream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Rounds of each race; `EARWIG_ROUNDS` sets another number.
fn rounds() -> u32 {
    std::env::var("EARWIG_ROUNDS").map_or(12, |text| text.parse().expect("a number"))
}

fn cipher() -> Cipher {
    Cipher::new(&[3; 32], &[9; 16]).unwrap()
}

fn both_kinds() -> [RecorderOptions; 2] {
    [None, Some(cipher())].map(|cipher| RecorderOptions {
        cipher,
        ..no_limits()
    })
}

/// The samples of a 16-bit file, plain or encrypted. Panics unless it is whole.
#[track_caller]
fn content(file: &Path, cipher: Option<&Cipher>) -> Vec<i16> {
    let content = earwig::engine::validate(file, cipher).unwrap();
    let plain = match cipher {
        None => std::fs::read(file).unwrap(),
        Some(cipher) => decrypt(file, cipher).unwrap(),
    };
    plain[plain.len() - content.bytes as usize..]
        .chunks_exact(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]))
        .collect()
}

fn fifo(path: &Path) {
    let status = std::process::Command::new("mkfifo").arg(path).status();
    assert!(status.unwrap().success());
}

/// What may stand at a name, and what an error says of it.
type Obstacle = (&'static str, fn(&Dir, &Path));
const OBSTACLES: [Obstacle; 6] = [
    ("a symbolic link", |dir, path| {
        symlink(dir.file("target"), path).unwrap()
    }),
    ("a symbolic link", |dir, path| {
        symlink(dir.file("nowhere"), path).unwrap()
    }),
    ("a symbolic link", |_, path| symlink(path, path).unwrap()),
    ("a FIFO", |_, path| fifo(path)),
    ("a directory", |_, path| std::fs::create_dir(path).unwrap()),
    ("a socket", |_, path| {
        std::os::unix::net::UnixListener::bind(path)
            .map(drop)
            .unwrap();
    }),
];

/// Refuses to record to `a`, at once, and changes nothing.
#[track_caller]
fn refused(dir: &Dir, call: &Call, options: &RecorderOptions, what: &str) {
    let before = dir.names();
    let begun = Instant::now();
    let error = call.channel.recorder_start(&dir.file("a"), options.clone());
    let error = error.expect_err(what);
    assert_eq!(error.status, Status::ErrFile, "{error}");
    assert!(error.text.contains(what), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{error}");
    assert_eq!(dir.names(), before, "{error}");
    assert_eq!(std::fs::read(dir.file("target")).unwrap(), b"precious");
}

#[test]
fn a_link_or_a_fifo_at_a_name_is_refused_at_once_and_untouched() {
    for (what, make) in OBSTACLES {
        for options in both_kinds() {
            for existing in [Existing::Refuse, Existing::Overwrite, Existing::Append] {
                let options = RecorderOptions {
                    existing,
                    ..options.clone()
                };
                let (dir, call) = (Dir::new("obstacle"), call());
                std::fs::write(dir.file("target"), "precious").unwrap();
                let place = |name: &str| {
                    let path = dir.file(name);
                    make(&dir, &path);
                    path
                };
                let clear = |path: PathBuf| {
                    let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
                };
                let at = place("a.part");
                refused(&dir, &call, &options, what);
                let text = recover(&at, Some(&cipher().key), true).unwrap_err().text;
                assert!(text.contains(what), "{text}");
                clear(at);
                if options.cipher.is_some() {
                    let at = place("a.part.whole");
                    refused(&dir, &call, &options, what);
                    clear(at);
                }
                let at = place("a");
                let what = match existing {
                    Existing::Refuse => "exists already",
                    _ => what,
                };
                refused(&dir, &call, &options, what);
                clear(at);
                // Nothing of the refused recordings is in the way.
                call.channel
                    .recorder_start(&dir.file("a"), options)
                    .unwrap();
                call.channel.recorder_stop(None).unwrap();
                assert_eq!(call.wait().cause, RecorderCause::Aborted);
                assert_eq!(dir.names(), ["a", "target"]);
            }
        }
    }
}

#[test]
fn a_link_that_appears_while_an_overwriting_recording_runs_is_replaced_and_not_its_target() {
    for options in both_kinds() {
        let (dir, call) = (Dir::new("late-link"), call());
        std::fs::write(dir.file("target"), "precious").unwrap();
        let options = RecorderOptions {
            existing: Existing::Overwrite,
            ..options
        };
        let file = dir.file("a");
        call.channel.recorder_start(&file, options.clone()).unwrap();
        call.write(Stream::Rx, &tone(800));
        symlink(dir.file("target"), &file).unwrap();
        call.channel.recorder_stop(None).unwrap();
        assert_eq!(call.wait().cause, RecorderCause::Aborted);
        assert_eq!(content(&file, options.cipher.as_ref()), tone(800));
        assert!(file.symlink_metadata().unwrap().is_file());
        assert_eq!(std::fs::read(dir.file("target")).unwrap(), b"precious");
    }
}

#[test]
fn a_recording_whose_part_was_replaced_leaves_the_other_file_alone() {
    for options in both_kinds() {
        let (dir, call) = (Dir::new("replaced"), call());
        let encrypted = options.cipher.is_some();
        let part = dir.file(if encrypted { "a.part.whole" } else { "a.part" });
        call.channel
            .recorder_start(&dir.file("a"), options)
            .unwrap();
        call.write(Stream::Rx, &tone(800));
        std::fs::remove_file(&part).unwrap();
        std::fs::write(&part, "another's").unwrap();
        call.channel.recorder_stop(None).unwrap();
        let result = call.wait();
        assert_eq!(result.cause, RecorderCause::Error);
        assert!(result.error.contains("another file"), "{}", result.error);
        assert_eq!(std::fs::read(&part).unwrap(), b"another's");
        assert!(!dir.file("a").exists());
        if encrypted {
            // The audio is in the spool.
            std::fs::remove_file(&part).unwrap();
            recover(&dir.file("a.part"), Some(&cipher().key), false).unwrap();
            assert_eq!(content(&dir.file("a"), Some(&cipher())), tone(800));
        }
    }
}

#[test]
fn what_a_crash_left_of_a_complete_file_is_replaced() {
    let (dir, call) = (Dir::new("whole"), call());
    let file = dir.file("a");
    std::fs::write(dir.file("a.part.whole"), "half a file").unwrap();
    // Another name of the same file keeps its content.
    std::fs::hard_link(dir.file("a.part.whole"), dir.file("other")).unwrap();
    let [_, options] = both_kinds();
    call.channel.recorder_start(&file, options).unwrap();
    call.write(Stream::Rx, &tone(800));
    call.channel.recorder_stop(None).unwrap();
    assert_eq!(call.wait().cause, RecorderCause::Aborted);
    assert_eq!(content(&file, Some(&cipher())), tone(800));
    assert_eq!(std::fs::read(dir.file("other")).unwrap(), b"half a file");
    assert_eq!(dir.names(), ["a", "other"]);
}

#[test]
fn names_of_unfinished_recordings_are_reserved() {
    let (dir, call) = (Dir::new("reserved"), call());
    for name in ["a.part", "a.part.whole"] {
        let error = call.channel.recorder_start(&dir.file(name), no_limits());
        let error = error.unwrap_err();
        assert_eq!(error.status, Status::ErrInvalid, "{error}");
        assert!(error.text.contains("reserved"), "{error}");
    }
    assert_eq!(dir.names(), [""; 0]);
}

/// A recording ends while a second one to the same name, with `overwrite`, starts as soon as it can.
#[test]
fn a_second_overwriting_recording_to_the_same_name_loses_nothing() {
    for options in both_kinds() {
        let options = RecorderOptions {
            existing: Existing::Overwrite,
            ..options
        };
        let (dir, first, second) = (Dir::new("race-overwrite"), call(), call());
        let (file, cipher) = (dir.file("a"), options.cipher.as_ref());
        for round in 0..rounds() as usize {
            let (one, other) = (tone(400 + round), tone(900 + round));
            first
                .channel
                .recorder_start(&file, options.clone())
                .unwrap();
            first.write(Stream::Rx, &one);
            std::thread::scope(|scope| {
                let started = scope.spawn(|| {
                    let until = Instant::now() + Duration::from_secs(20);
                    while let Err(error) = second.channel.recorder_start(&file, options.clone()) {
                        assert!(error.text.contains("in progress"), "{round}: {error}");
                        assert!(Instant::now() < until, "{round}: {error}");
                    }
                });
                first.channel.recorder_stop(Some(Duration::ZERO)).unwrap();
                started.join().unwrap();
            });
            let result = first.wait();
            assert_eq!(
                result.cause,
                RecorderCause::Aborted,
                "{round}: {}",
                result.error
            );
            assert_eq!(content(&file, cipher), one, "{round}");
            second.write(Stream::Rx, &other);
            second.channel.recorder_stop(None).unwrap();
            let result = second.wait();
            assert_eq!(
                result.cause,
                RecorderCause::Aborted,
                "{round}: {}",
                result.error
            );
            assert_eq!(content(&file, cipher), other, "{round}");
            assert_eq!(dir.names(), ["a"], "{round}");
        }
    }
}

/// Recordings start and end while another process recovers all `.part` files that it finds, again and again.
#[test]
fn recovery_in_a_loop_beside_recordings_takes_nothing() {
    for options in both_kinds() {
        for overwrite in [false, true] {
            let (dir, call) = (Dir::new("race-recover"), call());
            let (file, cipher) = (dir.file("a"), options.cipher.as_ref());
            let (over, tried) = (AtomicBool::new(false), AtomicU32::new(0));
            std::thread::scope(|scope| {
                let recovering = scope.spawn(|| {
                    let key = cipher.map(|c| &c.key);
                    while !over.load(Ordering::Relaxed) {
                        if let Ok((path, _)) = recover(&dir.file("a.part"), key, overwrite) {
                            panic!("{} was recovered", path.display());
                        }
                        tried.fetch_add(1, Ordering::Relaxed);
                    }
                });
                for round in 0..rounds() as usize {
                    let audio = tone(400 + round);
                    call.channel.recorder_start(&file, options.clone()).unwrap();
                    call.write(Stream::Rx, &audio);
                    call.channel.recorder_stop(None).unwrap();
                    let result = call.wait();
                    assert_eq!(
                        result.cause,
                        RecorderCause::Aborted,
                        "{round}: {}",
                        result.error
                    );
                    assert_eq!(content(&file, cipher), audio, "{round}");
                    assert_eq!(dir.names(), ["a"], "{round}");
                    std::fs::remove_file(&file).unwrap();
                }
                over.store(true, Ordering::Relaxed);
                recovering.join().unwrap();
            });
            assert!(tried.load(Ordering::Relaxed) > rounds(), "the loop ran");
        }
    }
}
