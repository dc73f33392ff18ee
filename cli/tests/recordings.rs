//! The command reads, validates and recovers recordings.

mod common;

use common::{DIGITS, digits};
use earwig::engine::{ChannelOptions, Engine};
use earwig_core::codec::RATES_HZ;
use earwig_core::codec::cipher::Cipher;
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{RecorderFormat, RecorderSource, Stream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const IV: &str = "101112131415161718191a1b1c1d1e1f";

/// Records digits to a file; returns the content of its `.part` before the end of the recording, as a crash would leave it.
fn record(file: &Path, options: RecorderOptions) -> Vec<u8> {
    let engine = Engine::new(1).unwrap();
    let channel = engine
        .channel(ChannelOptions {
            rx_rate_hz: 16_000,
            tx_rate_hz: 16_000,
            stall_ms: 0,
            ring_ms: 2000,
            ..ChannelOptions::default()
        })
        .unwrap();
    channel.answer().unwrap();
    channel.recorder_start(file, options).unwrap();
    let samples: Vec<i16> = digits(16_000)
        .iter()
        .map(|x| (x * 32767.0) as i16)
        .collect();
    channel.write(Stream::Rx, &samples).unwrap();
    channel.write(Stream::Tx, &vec![0; samples.len()]).unwrap();
    channel.flush(None).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    channel.flush(None).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let partial = std::fs::read(format!("{}.part", file.display())).unwrap();
    channel.recorder_stop(None).unwrap();
    channel.drop_handle();
    partial
}

fn earwig(arguments: &[&str], file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_earwig"))
        .args(arguments)
        .arg(file)
        .output()
        .unwrap()
}

fn output_text(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn recordings_of_every_format_and_rate_are_analyzed_and_valid() {
    let directory = common::folder("formats");
    std::thread::scope(|scope| {
        for &file_format in RecorderFormat::ALL {
            let directory = &directory;
            scope.spawn(move || {
                for rate_hz in RATES_HZ {
                    for source in [RecorderSource::Rx, RecorderSource::Both] {
                        let file = directory.join(format!("{file_format}-{rate_hz}-{source}.wav"));
                        let options = RecorderOptions {
                            file_format,
                            rate_hz,
                            source,
                            ..RecorderOptions::default()
                        };
                        record(&file, options);
                        let output = earwig(&["analyze"], &file);
                        let text = output_text(&output);
                        assert!(text.contains(&format!("digits {DIGITS}")), "{text}");
                        assert!(output.status.success());
                        let text = output_text(&earwig(&["validate"], &file));
                        assert!(
                            text.contains("whole; ") && text.contains("1.000 s"),
                            "{text}"
                        );
                    }
                }
            });
        }
    });
}

#[test]
fn an_encrypted_recording_is_read_with_its_key_only() {
    let directory = common::folder("encrypted");
    let file = directory.join("a.wav");
    let bytes: Vec<u8> = (0..32).collect();
    let options = RecorderOptions {
        cipher: Some(Cipher::new(&bytes[..16], &bytes[16..]).unwrap()),
        ..RecorderOptions::default()
    };
    let partial = record(&file, options);
    let with = ["--key", KEY, "--iv", IV];
    let all = |command| [&[command], &with[..]].concat();
    assert!(output_text(&earwig(&all("analyze"), &file)).contains(DIGITS));
    let text = output_text(&earwig(&all("validate"), &file));
    assert!(text.contains("encrypted, mac: none"), "{text}");
    for (arguments, code, part) in [
        (vec!["validate"], 1, "key"),
        (
            vec!["validate", "--key", IV, "--iv", IV],
            1,
            "does not decrypt",
        ),
        (vec!["validate", "--key", "0011", "--iv", IV], 2, "2 bytes"),
        (vec!["validate", "--key", KEY], 2, "together"),
        (
            vec!["analyze", "--key", IV, "--iv", IV],
            1,
            "does not decrypt",
        ),
        (vec!["recover"], 1, ".part"),
    ] {
        let output = earwig(&arguments, &file);
        let text = output_text(&output);
        assert!(text.contains(part), "{arguments:?}: {text}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    }
    let part = directory.join("b.wav.part");
    std::fs::write(&part, partial).unwrap();
    assert!(output_text(&earwig(&["recover"], &part)).contains("its key is needed"));
    let text = output_text(&earwig(&["recover", "--key", KEY], &part));
    assert!(text.contains("b.wav: alaw 8000 Hz mono"), "{text}");
    assert!(output_text(&earwig(&all("analyze"), &directory.join("b.wav"))).contains(DIGITS));
    assert!(!part.exists());
    // A truncated file is invalid.
    let cut = std::fs::read(&file).unwrap();
    std::fs::write(&file, &cut[..cut.len() - 16]).unwrap();
    assert_eq!(earwig(&all("validate"), &file).status.code(), Some(1));
}

#[test]
fn the_hmac_of_a_recording_is_checked_and_can_be_required() {
    let directory = common::folder("mac");
    let file = directory.join("a.wav");
    let bytes: Vec<u8> = (0..32).collect();
    let validate = |more: &[&str]| {
        let all = [&["validate", "--key", KEY, "--iv", IV], more].concat();
        let output = earwig(&all, &file);
        (output.status.code(), output_text(&output))
    };
    for cipher_mac in [false, true] {
        let options = RecorderOptions {
            cipher: Some(Cipher::new(&bytes[..16], &bytes[16..]).unwrap()),
            cipher_mac,
            existing: Existing::Overwrite,
            ..RecorderOptions::default()
        };
        record(&file, options);
        let (code, text) = validate(&[]);
        let expected = if cipher_mac {
            "mac: valid"
        } else {
            "mac: none"
        };
        assert!(text.contains(expected), "{text}");
        assert_eq!(code, Some(0), "{text}");
        let (code, text) = validate(&["--require-mac"]);
        assert!(text.contains(expected), "{text}");
        assert_eq!(code, Some(i32::from(!cipher_mac)), "{text}");
        // Two bits of the audio.
        let mut changed = std::fs::read(&file).unwrap();
        changed[4000] ^= 1;
        changed[4001] ^= 1;
        std::fs::write(&file, changed).unwrap();
        let (code, text) = validate(&[]);
        assert_eq!(text.contains("mac: WRONG"), cipher_mac, "{text}");
        assert_eq!(code, Some(i32::from(cipher_mac)), "{text}");
    }
    let output = earwig(&["validate", "--require-mac"], &file);
    assert_eq!(output.status.code(), Some(2), "{}", output_text(&output));
}

fn plain_part(directory: &Path) -> Vec<u8> {
    let options = RecorderOptions {
        max_bytes: 0,
        ..RecorderOptions::default()
    };
    record(&directory.join("whole"), options)
}

#[test]
fn a_part_with_a_damaged_head_is_kept_and_one_that_is_recovered_is_valid() {
    let directory = common::folder("damaged-head");
    let partial = plain_part(&directory);
    let (part, file) = (directory.join("a.part"), directory.join("a"));
    let audio = partial.windows(4).position(|w| w == b"data").unwrap() + 8;
    let tag = partial.windows(4).position(|w| w == b"fmt ").unwrap() + 8;
    let mut refused = 0;
    for at in 0..audio {
        for bit in [0x01, 0x40] {
            let mut damaged = partial.clone();
            damaged[at] ^= bit;
            std::fs::write(&part, &damaged).unwrap();
            let output = earwig(&["recover"], &part);
            let text = output_text(&output);
            if output.status.success() {
                let valid = earwig(&["validate"], &file);
                assert!(valid.status.success(), "{at}: {}", output_text(&valid));
                // A-law is format 6, mu-law 7: a header with either is a whole one.
                let format = if at == tag && bit == 1 {
                    "ulaw"
                } else {
                    "alaw"
                };
                let expected = format!("{format} 8000 Hz mono");
                assert!(text.contains(&expected), "{at}: {text}");
                assert!(!part.exists());
                std::fs::remove_file(&file).unwrap();
            } else {
                refused += 1;
                assert!(text.contains("its head is damaged"), "{at}: {text}");
                assert_eq!(std::fs::read(&part).unwrap(), damaged, "{at}");
                assert!(!file.exists(), "{at}");
            }
        }
    }
    // The sizes are written anew; the rest must be right.
    assert!(refused >= audio, "{refused} of {}", 2 * audio);
    // A chunk before the format: the header that a recording gets would be longer.
    let inserted = [&partial[..12], b"LIST\x04\0\0\0abcd", &partial[12..]].concat();
    std::fs::write(&part, &inserted).unwrap();
    let output = earwig(&["recover"], &part);
    let text = output_text(&output);
    assert!(text.contains("its head is damaged"), "{text}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read(&part).unwrap(), inserted);
}

#[test]
fn what_is_no_regular_file_is_refused_at_once_and_named() {
    let directory = common::folder("irregular");
    let target = directory.join("target.part");
    std::fs::write(&target, plain_part(&directory)).unwrap();
    let fifo = directory.join("fifo.part");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let link = directory.join("link.part");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let dangling = directory.join("dangling.part");
    std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
    let folder = directory.join("folder.part");
    std::fs::create_dir(&folder).unwrap();
    let device = Path::new("/dev/zero");
    for (command, path, what) in [
        ("recover", &*fifo, "it is a FIFO"),
        ("recover", &link, "it is a symbolic link"),
        ("recover", &dangling, "it is a symbolic link"),
        ("recover", &folder, "it is a directory"),
        ("validate", &fifo, "it is a FIFO"),
        ("validate", &folder, "it is a directory"),
        ("validate", device, "it is a device"),
        ("validate", &dangling, "No such file"),
    ] {
        let output = Command::new("timeout")
            .arg("20")
            .arg(env!("CARGO_BIN_EXE_earwig"))
            .args([command.as_ref(), path])
            .output()
            .unwrap();
        let text = output_text(&output);
        assert!(text.contains(what), "{command} {}: {text}", path.display());
        assert_eq!(output.status.code(), Some(1), "{command}: {text}");
    }
    assert!(target.exists() && link.exists());
}
