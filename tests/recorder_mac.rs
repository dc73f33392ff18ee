//! The HMAC of encrypted recordings (`cipher_mac`). Needs openssl, ffmpeg and SoX, which `scripts/deps.sh` installs.

mod common;

use common::{Call, Dir, call, no_limits, tone};
use earwig::engine::{decrypt, recover, validate};
use earwig_core::codec::cipher::Cipher;
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{RecorderCause, RecorderFormat, Status, Stream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn cipher() -> Cipher {
    let key: Vec<u8> = (0..32).collect();
    Cipher::new(&key, &[9; 16]).unwrap()
}

fn with_mac(cipher: Cipher) -> RecorderOptions {
    RecorderOptions {
        cipher: Some(cipher),
        cipher_mac: true,
        ..no_limits()
    }
}

#[track_caller]
fn record(call: &Call, file: &Path, options: RecorderOptions, audio: &[i16]) {
    call.channel.recorder_start(file, options).unwrap();
    call.write(Stream::Rx, audio);
    call.channel.recorder_stop(None).unwrap();
    let result = call.wait();
    assert_eq!(result.cause, RecorderCause::Aborted, "{}", result.error);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("scripts/deps.sh installs it");
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The commands of the guide that check an HMAC.
fn commands_of_the_guide() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/offline.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let blocks = guide.split("```");
    let block = blocks.skip(1).step_by(2).find(|b| b.contains("hexkey:"));
    block.expect("a block").trim_start_matches("sh").to_owned()
}

#[test]
fn openssl_computes_the_same_hmac_and_other_programs_read_the_file() {
    let (dir, call) = (Dir::new("mac-openssl"), call());
    let commands = commands_of_the_guide();
    let file = dir.file("call.wav");
    for (format, count) in [
        (RecorderFormat::S16bit, 8001),
        (RecorderFormat::Alaw, 8001),
        (RecorderFormat::U8bit, 8000),
        (RecorderFormat::Ima, 8003),
    ] {
        for large in [false, true] {
            let options = RecorderOptions {
                file_format: format,
                // Without a limit the header has the space for RF64.
                max_bytes: if large { 0 } else { 1_000_000 },
                existing: Existing::Overwrite,
                ..with_mac(cipher())
            };
            record(&call, &file, options, &tone(count));
            let content = validate(&file, Some(&cipher())).unwrap();
            assert!(
                content.mac && content.samples == count as u64,
                "{content:?}"
            );
            let mut shell = Command::new("sh");
            shell.arg("-ec").arg(&commands).current_dir(&dir.0);
            shell.env("KEY", hex(cipher().key.bytes()));
            shell.env("IV", hex(&cipher().iv));
            assert_eq!(output(&mut shell).trim(), "valid", "{format}");
            let plain = dir.file("plain.wav");
            std::fs::write(&plain, decrypt(&file, &cipher()).unwrap()).unwrap();
            let duration = ["-v", "error", "-show_entries", "stream=duration_ts"];
            let mut ffprobe = Command::new("ffprobe");
            ffprobe.args(duration).args(["-of", "csv=p=0"]).arg(&plain);
            assert_eq!(output(&mut ffprobe).trim(), count.to_string(), "{format}");
            // IMA is coded in runs of eight samples, and SoX counts them all.
            if format != RecorderFormat::Ima {
                let mut sox = Command::new("sox");
                sox.args(["--i", "-s"]).arg(&plain);
                assert_eq!(output(&mut sox).trim(), count.to_string(), "{format}");
            }
        }
    }
}

#[test]
fn any_changed_bit_is_found() {
    let (dir, call) = (Dir::new("mac-flip"), call());
    let file = dir.file("a");
    // An even and an odd number of bytes.
    for (format, count) in [(RecorderFormat::S16bit, 60), (RecorderFormat::Alaw, 101)] {
        let options = RecorderOptions {
            file_format: format,
            existing: Existing::Overwrite,
            ..with_mac(cipher())
        };
        record(&call, &file, options, &tone(count));
        let whole = std::fs::read(&file).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&file, &changed).unwrap();
            let valid = validate(&file, Some(&cipher()));
            assert!(valid.is_err(), "{format}, bit {bit}");
        }
        for end in (0..whole.len()).step_by(16) {
            std::fs::write(&file, &whole[..end]).unwrap();
            assert!(validate(&file, Some(&cipher())).is_err(), "{format} {end}");
        }
        // In the audio, sizes and padding stay right: only the HMAC finds it.
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        let error = validate(&file, Some(&cipher())).unwrap_err();
        assert!(error.text.contains("mac: WRONG"), "{error}");
    }
}

#[test]
fn an_appended_recording_is_checked_before_and_has_a_new_hmac() {
    let (dir, call) = (Dir::new("mac-append"), call());
    let (one, parts) = (dir.file("one"), dir.file("parts"));
    let audio = tone(9001);
    for format in [
        RecorderFormat::S16bit,
        RecorderFormat::Alaw,
        RecorderFormat::Oki,
    ] {
        let options = |existing| RecorderOptions {
            file_format: format,
            existing,
            ..with_mac(cipher())
        };
        record(&call, &one, options(Existing::Overwrite), &audio);
        record(&call, &parts, options(Existing::Overwrite), &audio[..3001]);
        record(&call, &parts, options(Existing::Append), &audio[3001..]);
        let (one, parts) = (std::fs::read(&one).unwrap(), std::fs::read(&parts).unwrap());
        assert!(one == parts, "{format}");
    }
    assert!(validate(&parts, Some(&cipher())).unwrap().mac);
    let options = RecorderOptions {
        file_format: RecorderFormat::Oki,
        existing: Existing::Append,
        ..with_mac(cipher())
    };
    let refused = |options: RecorderOptions, why: &str| {
        let before = std::fs::read(&parts).unwrap();
        let error = call.channel.recorder_start(&parts, options).unwrap_err();
        assert_eq!(error.status, Status::ErrFile, "{error}");
        assert!(error.text.contains(why), "{error}");
        assert_eq!(std::fs::read(&parts).unwrap(), before);
        assert_eq!(dir.names(), ["one", "parts"]);
    };
    let without = RecorderOptions {
        cipher_mac: false,
        ..options.clone()
    };
    refused(without.clone(), "cipher_mac is not what it was");
    let mut changed = std::fs::read(&parts).unwrap();
    changed[1000] ^= 1;
    std::fs::write(&parts, changed).unwrap();
    refused(options.clone(), "mac: WRONG");
    let without = RecorderOptions {
        existing: Existing::Overwrite,
        ..without
    };
    record(&call, &parts, without, &audio);
    assert!(!validate(&parts, Some(&cipher())).unwrap().mac);
    refused(options, "cipher_mac is not what it was");
}

/// The `.part` of a recording that runs, as a crash would leave it.
fn part_of(call: &Call, dir: &Dir, options: RecorderOptions) -> Vec<u8> {
    let file = dir.file("running");
    call.channel.recorder_start(&file, options).unwrap();
    call.write(Stream::Rx, &tone(4001));
    std::thread::sleep(Duration::from_millis(500));
    call.write(Stream::Rx, &tone(160));
    std::thread::sleep(Duration::from_millis(300));
    let part = std::fs::read(dir.file("running.part")).unwrap();
    call.channel.recorder_stop(None).unwrap();
    call.wait();
    std::fs::remove_file(&file).unwrap();
    part
}

#[test]
fn recovery_writes_the_hmac_and_refuses_a_spool_with_a_changed_head() {
    let (dir, call) = (Dir::new("mac-recover"), call());
    let (part, file) = (dir.file("a.part"), dir.file("a"));
    for cipher_mac in [false, true] {
        let options = RecorderOptions {
            cipher_mac,
            ..with_mac(cipher())
        };
        let left = part_of(&call, &dir, options);
        std::fs::write(&part, &left).unwrap();
        let (_, content) = recover(&part, Some(&cipher().key), false).unwrap();
        assert_eq!(content.mac, cipher_mac);
        assert!(content.samples >= 4000, "{content:?}");
        assert_eq!(validate(&file, Some(&cipher())).unwrap(), content);
        assert_eq!(dir.names(), ["a"]);
        std::fs::remove_file(&file).unwrap();
        // 64 bytes of header, and the key check.
        for bit in 0..80 * 8 {
            let mut changed = left.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&part, &changed).unwrap();
            let error = recover(&part, Some(&cipher().key), false).unwrap_err();
            assert!(error.text.contains("damaged"), "bit {bit}: {error}");
            assert!(std::fs::read(&part).unwrap() == changed, "bit {bit}");
            assert_eq!(dir.names(), ["a.part"], "bit {bit}");
        }
        std::fs::remove_file(&part).unwrap();
    }
}

#[test]
fn cipher_mac_without_cipher_is_refused() {
    let (dir, call) = (Dir::new("mac-plain"), call());
    let options = RecorderOptions {
        cipher_mac: true,
        ..no_limits()
    };
    let error = call.channel.recorder_start(&dir.file("a"), options);
    let error = error.unwrap_err();
    assert_eq!(error.status, Status::ErrInvalid);
    assert!(error.text.contains("cipher_mac"), "{error}");
    assert_eq!(dir.names(), [""; 0]);
}
