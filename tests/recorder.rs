//! Recordings through the engine's own API, read back byte for byte.

mod common;

use common::{Dir, call, no_limits, samples, tone};
use earwig::engine::{ChannelOptions, Engine, decrypt, recover, validate};
use earwig_core::codec::cipher::{Cipher, Key};
use earwig_core::job::recorder::{Control, Existing, RecorderOptions};
use earwig_core::types::{
    RecorderCause, RecorderFormat, RecorderSource, RecorderState, Status, Stream,
};
use std::path::Path;
use std::time::Duration;

#[test]
fn the_file_holds_every_sample_that_was_written() {
    let (dir, call) = (Dir::new("plain"), call());
    let file = dir.file("a.wav");
    call.write(Stream::Rx, &tone(1234));
    call.channel.recorder_start(&file, no_limits()).unwrap();
    assert_eq!(dir.names(), ["a.wav.part"]);
    assert_eq!(call.channel.recorder_info().state, RecorderState::Recording);
    assert_eq!(
        call.channel
            .recorder_start(&file, no_limits())
            .unwrap_err()
            .status,
        Status::ErrBusy
    );
    call.write(Stream::Rx, &tone(20_001));
    call.channel.recorder_stop(None).unwrap();
    let result = call.wait();
    assert_eq!(
        (result.cause, result.bytes),
        (RecorderCause::Aborted, 40_002)
    );
    assert_eq!((result.started, result.ended), (1234, 21_235));
    assert!(result.audio_detected);
    assert_eq!(samples(&file), tone(20_001));
    assert_eq!(dir.names(), ["a.wav"]);
}

#[test]
fn max_bytes_is_exact_in_every_format() {
    let (dir, call) = (Dir::new("size"), call());
    for (format, bytes) in [
        (RecorderFormat::Alaw, 16_000),
        (RecorderFormat::Ulaw, 16_000),
        (RecorderFormat::S16bit, 16_000),
        (RecorderFormat::U8bit, 16_000),
        (RecorderFormat::Oki, 16_000),
        (RecorderFormat::Ima, 16_000),
    ] {
        let file = dir.file(format.name());
        let options = RecorderOptions {
            file_format: format,
            max_bytes: 16_000,
            ..no_limits()
        };
        call.channel.recorder_start(&file, options).unwrap();
        call.write(Stream::Rx, &tone(40_000));
        let result = call.wait();
        assert_eq!(
            (result.cause, result.bytes),
            (RecorderCause::Size, bytes),
            "{format}"
        );
        assert_eq!(validate(&file, None).unwrap().bytes, bytes);
    }
}

#[test]
fn max_silence_ends_a_recording() {
    let (dir, call) = (Dir::new("silence"), call());
    let file = dir.file("a");
    let options = RecorderOptions {
        max_silence_ms: 1000,
        ..no_limits()
    };
    call.channel.recorder_start(&file, options).unwrap();
    call.write(Stream::Rx, &tone(8000));
    call.write(Stream::Rx, &[0; 20_000]);
    let result = call.wait();
    assert_eq!(result.cause, RecorderCause::Silence);
    assert!(result.audio_detected);
    let recorded = samples(&file).len();
    assert!(recorded.abs_diff(16_000) <= 16, "{recorded}");
}

#[test]
fn source_both_aligns_rx_and_tx_across_gaps_and_frame_sizes() {
    let (dir, call) = (Dir::new("both"), call());
    let file = dir.file("a");
    let options = RecorderOptions {
        source: RecorderSource::Both,
        ..no_limits()
    };
    call.channel.recorder_start(&file, options).unwrap();
    let tx: Vec<i16> = tone(24_000).iter().map(|s| -s).collect();
    let rx = tone(24_000);
    let mut at = [0usize; 2];
    while at != [24_000; 2] {
        for (i, (stream, size)) in [(Stream::Rx, 160), (Stream::Tx, 240)]
            .into_iter()
            .enumerate()
        {
            let to = (at[i] + size).min(24_000);
            let audio = if i == 0 { &rx } else { &tx };
            if (at[i] / size) % 7 == 3 {
                call.channel.write_gap(stream, to - at[i]).unwrap();
            } else {
                call.channel.write(stream, &audio[at[i]..to]).unwrap();
            }
            at[i] = to;
        }
        call.channel.flush(None).unwrap();
    }
    call.channel.recorder_stop(None).unwrap();
    let recorded = samples(&file);
    assert_eq!(recorded.len(), 48_000);
    for (n, pair) in recorded.chunks_exact(2).enumerate() {
        let lost = |size: usize| (n / size) % 7 == 3;
        assert_eq!(pair[0], if lost(160) { 0 } else { rx[n] }, "RX {n}");
        assert_eq!(pair[1], if lost(240) { 0 } else { tx[n] }, "TX {n}");
    }
}

#[test]
fn pause_and_mask_apply_from_the_next_sample() {
    let (dir, call) = (Dir::new("pause"), call());
    let file = dir.file("a");
    call.channel.recorder_start(&file, no_limits()).unwrap();
    let audio = tone(5000);
    for (part, control) in audio.chunks(1000).zip([
        Some(Control::Pause),
        Some(Control::Resume),
        Some(Control::Mask),
        Some(Control::Unmask),
        None,
    ]) {
        call.write(Stream::Rx, part);
        if let Some(control) = control {
            call.channel.recorder_control(control).unwrap();
        }
    }
    call.channel.recorder_stop(None).unwrap();
    let expected = [
        &audio[..1000],
        &audio[2000..3000],
        &[0; 1000],
        &audio[4000..],
    ]
    .concat();
    assert_eq!(samples(&file), expected);
    assert_eq!(
        call.channel
            .recorder_control(Control::Pause)
            .unwrap_err()
            .status,
        Status::ErrState
    );
}

#[test]
fn an_encrypted_recording_decrypts_to_the_plain_one() {
    let (dir, call) = (Dir::new("cipher"), call());
    for format in RecorderFormat::ALL {
        for size in [16, 24, 32] {
            let cipher = Cipher::new(&vec![size as u8; size], &[9; 16]).unwrap();
            let (plain, encrypted) = (dir.file("plain"), dir.file("encrypted"));
            for (file, cipher) in [(&plain, None), (&encrypted, Some(cipher.clone()))] {
                let options = RecorderOptions {
                    file_format: *format,
                    cipher,
                    existing: Existing::Overwrite,
                    ..no_limits()
                };
                call.channel.recorder_start(file, options).unwrap();
                call.write(Stream::Rx, &tone(12_345));
                call.channel.recorder_stop(None).unwrap();
                assert_eq!(call.wait().cause, RecorderCause::Aborted);
            }
            assert_eq!(
                decrypt(&encrypted, &cipher).unwrap(),
                std::fs::read(&plain).unwrap(),
                "{format}"
            );
            assert_eq!(
                validate(&encrypted, Some(&cipher)).unwrap(),
                validate(&plain, None).unwrap()
            );
            let wrong = Cipher::new(&vec![1; size], &[9; 16]).unwrap();
            assert!(validate(&encrypted, Some(&wrong)).is_err());
            assert!(validate(&encrypted, None).is_err());
        }
    }
    assert_eq!(dir.names(), ["encrypted", "plain"]);
}

#[test]
fn two_appended_recordings_equal_one() {
    let (dir, call) = (Dir::new("append"), call());
    let cipher = Cipher::new(&[3; 32], &[9; 16]).unwrap();
    for format in RecorderFormat::ALL {
        for cipher in [None, Some(cipher.clone())] {
            let (whole, parts) = (dir.file("whole"), dir.file("parts"));
            let audio = tone(10_007);
            let record = |file: &Path, existing, audio: &[i16]| {
                let options = RecorderOptions {
                    file_format: *format,
                    cipher: cipher.clone(),
                    existing,
                    ..no_limits()
                };
                call.channel.recorder_start(file, options).unwrap();
                call.write(Stream::Rx, audio);
                call.channel.recorder_stop(None).unwrap();
                call.wait();
            };
            record(&whole, Existing::Overwrite, &audio);
            record(&parts, Existing::Overwrite, &audio[..3003]);
            record(&parts, Existing::Append, &audio[3003..]);
            let content = |file| validate(file, cipher.as_ref()).unwrap();
            assert_eq!(content(&whole), content(&parts));
            // The IMA encoder looks at the samples ahead; at the end of the first part there were none.
            if *format != RecorderFormat::Ima {
                let bytes = |file| std::fs::read(file).unwrap();
                assert_eq!(bytes(&whole), bytes(&parts), "{format}");
            }
        }
    }
}

#[test]
fn an_existing_or_open_file_is_refused_and_no_other_file_is_left() {
    let (dir, first, second) = (Dir::new("exists"), call(), call());
    let file = dir.file("a");
    std::fs::write(&file, "mine").unwrap();
    let refused = first
        .channel
        .recorder_start(&file, no_limits())
        .unwrap_err();
    assert_eq!(refused.status, Status::ErrFile);
    assert!(refused.text.contains("exists"), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    let other = dir.file("b");
    first.channel.recorder_start(&other, no_limits()).unwrap();
    let refused = second
        .channel
        .recorder_start(&other, no_limits())
        .unwrap_err();
    assert!(refused.text.contains("in progress"), "{refused}");
    for bad in ["/nowhere/at/all", "/", "", "/proc/earwig"] {
        assert!(
            second
                .channel
                .recorder_start(Path::new(bad), no_limits())
                .is_err()
        );
    }
    let directory = dir.0.clone();
    assert!(
        second
            .channel
            .recorder_start(&directory, no_limits())
            .is_err()
    );
    first.channel.hangup().unwrap();
    assert_eq!(
        first
            .channel
            .wait_event(Some(Duration::from_secs(20)))
            .map(|e| e.is_ending()),
        Ok(true)
    );
    assert_eq!(
        first.channel.recorder_result().unwrap().cause,
        RecorderCause::Hangup
    );
    assert_eq!(dir.names(), ["a", "b"]);
}

#[test]
fn a_recording_cut_off_by_a_crash_is_recovered() {
    let (dir, call) = (Dir::new("recover"), call());
    let cipher = Cipher::new(&[3; 32], &[9; 16]).unwrap();
    for cipher in [None, Some(cipher)] {
        let file = dir.file("a");
        let options = RecorderOptions {
            cipher: cipher.clone(),
            ..no_limits()
        };
        call.channel.recorder_start(&file, options).unwrap();
        call.write(Stream::Rx, &tone(30_000));
        std::thread::sleep(Duration::from_millis(500));
        call.write(Stream::Rx, &tone(160));
        std::thread::sleep(Duration::from_millis(200));
        // The file on the disk is what a crash would leave.
        let left = dir.file("b.part");
        std::fs::copy(dir.file("a.part"), &left).unwrap();
        assert!(
            recover(&dir.file("a.part"), None, false)
                .unwrap_err()
                .text
                .contains("in progress")
        );
        call.channel.recorder_stop(None).unwrap();
        call.wait();
        let key = cipher.as_ref().map(|c| c.key.clone());
        if key.is_some() {
            assert!(
                recover(&left, None, false)
                    .unwrap_err()
                    .text
                    .contains("key")
            );
            let wrong = Key::new(&[0; 32]).unwrap();
            assert!(
                recover(&left, Some(&wrong), false)
                    .unwrap_err()
                    .text
                    .contains("another key")
            );
        }
        let (path, content) = recover(&left, key.as_ref(), false).unwrap();
        assert_eq!(path, dir.file("b"));
        assert!(content.samples >= 29_900, "{}", content.samples);
        assert_eq!(validate(&path, cipher.as_ref()).unwrap(), content);
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(&file).unwrap();
    }
    assert_eq!(dir.names(), [""; 0]);
}

#[test]
fn a_recording_outlives_its_channels_last_handle() {
    let dir = Dir::new("handle");
    let file = dir.file("a");
    let engine = Engine::new(1).unwrap();
    let channel = engine.channel(ChannelOptions::default()).unwrap();
    channel.answer().unwrap();
    channel.recorder_start(&file, no_limits()).unwrap();
    channel.write(Stream::Rx, &tone(4000)).unwrap();
    channel.drop_handle();
    drop(channel);
    engine.shutdown(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(samples(&file), tone(4000));
    assert_eq!(dir.names(), ["a"]);
}

/// `count` samples of two sines of these frequencies in Hz, each at `dbm0`.
fn key((low_hz, high_hz): (f64, f64), dbm0: f64, count: usize) -> Vec<i16> {
    let mut signal = vec![0.0; count];
    earwig_signals::add_sine(&mut signal, low_hz, dbm0, 0.3);
    earwig_signals::add_sine(&mut signal, high_hz, dbm0, 1.1);
    earwig_signals::to_pcm(&signal)
}

/// Frequencies in Hz of the digits 1, 5, 9 and D.
const KEYS: [(f64, f64); 4] = [
    (697.0, 1209.0),
    (770.0, 1336.0),
    (852.0, 1477.0),
    (941.0, 1633.0),
];

#[test]
fn barge_in_leaves_at_most_5_ms_of_the_tone() {
    let (dir, call) = (Dir::new("barge"), call());
    for n in 0..6 {
        let file = dir.file(&format!("{n}"));
        let options = RecorderOptions {
            barge_in: true,
            ..no_limits()
        };
        let start = 8000 + 13 * n;
        call.channel.recorder_start(&file, options).unwrap();
        call.write(Stream::Rx, &vec![0; start]);
        call.write(Stream::Rx, &key(KEYS[n % 4], -5.0 - 5.0 * n as f64, 800));
        call.write(Stream::Rx, &[0; 800]);
        let result = call.wait();
        assert_eq!(result.cause, RecorderCause::Bargein);
        let kept = samples(&file).len();
        assert!(
            kept <= start + 40,
            "{n}: {} samples of the tone",
            kept - start
        );
        assert!(kept + 120 >= start, "{n}: {kept} of {start}");
        assert_eq!(call.channel.dtmf_digits().unwrap().len(), n + 1);
    }
}

#[test]
fn digits_before_the_start_do_not_barge_in() {
    let (dir, call) = (Dir::new("before"), call());
    let file = dir.file("a");
    call.write(Stream::Rx, &key(KEYS[0], -10.0, 800));
    call.write(Stream::Rx, &[0; 800]);
    let options = RecorderOptions {
        barge_in: true,
        ..no_limits()
    };
    call.channel.recorder_start(&file, options).unwrap();
    call.write(Stream::Rx, &[0; 8000]);
    assert_eq!(call.channel.recorder_info().state, RecorderState::Recording);
    call.channel.dtmf_inject(b'5', 0).unwrap();
    call.channel.flush(None).unwrap();
    let result = call.wait();
    assert_eq!(
        (result.cause, result.bytes),
        (RecorderCause::Bargein, 16_000)
    );
    assert_eq!(call.channel.dtmf_digits().unwrap(), "15");
}

#[test]
fn squelch_silences_tones_from_their_first_sample_to_their_last() {
    let (dir, call) = (Dir::new("squelch"), call());
    for source in [
        RecorderSource::Rx,
        RecorderSource::Both,
        RecorderSource::Mixed,
    ] {
        let file = dir.file(source.name());
        let options = RecorderOptions {
            squelch_dtmf: true,
            source,
            ..no_limits()
        };
        call.channel.recorder_start(&file, options).unwrap();
        let mut audio: Vec<i16> = (0..40_000)
            .map(|n| if n % 2 == 0 { 200 } else { -200 })
            .collect();
        for (n, keys) in KEYS.into_iter().enumerate() {
            let at = 4000 + 8000 * n;
            audio[at..at + 480].copy_from_slice(&key(keys, -8.0, 480));
        }
        for part in audio.chunks(160) {
            call.channel.write(Stream::Rx, part).unwrap();
            call.channel.write(Stream::Tx, &[7; 160]).unwrap();
            call.channel.flush(None).unwrap();
        }
        call.channel.recorder_stop(None).unwrap();
        let recorded: Vec<i16> = match source {
            RecorderSource::Both => {
                let both = samples(&file);
                assert!(both.chunks_exact(2).all(|pair| pair[1] == 7));
                both.chunks_exact(2).map(|pair| pair[0]).collect()
            }
            RecorderSource::Mixed => samples(&file).iter().map(|s| s - 7).collect(),
            _ => samples(&file),
        };
        assert_eq!(recorded.len(), 40_000);
        let mut silent = 0;
        for (n, (&was, &is)) in audio.iter().zip(&recorded).enumerate() {
            assert!(is == was || is == 0, "{n}");
            assert!(is == 0 || was.abs() == 200, "{n}: {is} of a tone is left");
            silent += usize::from(is == 0);
        }
        // Each tone of 60 ms costs at most another 60 ms of speech.
        assert!(silent <= 4 * (480 + 480), "{silent}");
    }
}

#[test]
fn in_real_time_missing_tx_is_silence_and_later_tx_keeps_its_time() {
    let dir = Dir::new("idle");
    let file = dir.file("a");
    let engine = Engine::new(1).unwrap();
    let options = ChannelOptions {
        stall_ms: 200,
        ..ChannelOptions::default()
    };
    let channel = engine.channel(options).unwrap();
    channel.answer().unwrap();
    let options = RecorderOptions {
        source: RecorderSource::Both,
        ..no_limits()
    };
    channel.recorder_start(&file, options).unwrap();
    // One second of RX, paced; TX has audio for 100 ms of it.
    let begun = std::time::Instant::now();
    for n in 0..50u32 {
        channel.write(Stream::Rx, &[100; 160]).unwrap();
        if (30..35).contains(&n) {
            channel.write(Stream::Tx, &[50; 160]).unwrap();
        }
        let due = Duration::from_millis(20) * (n + 1);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    channel.recorder_stop(None).unwrap();
    channel.drop_handle();
    let recorded = samples(&file);
    assert_eq!(
        recorded.iter().step_by(2).filter(|&&s| s == 100).count(),
        8000
    );
    let tx: Vec<usize> = (0..recorded.len() / 2)
        .filter(|n| recorded[2 * n + 1] == 50)
        .collect();
    assert_eq!(tx.len(), 800);
    // The tolerance covers the scheduling delay of both threads.
    assert!(tx[0].abs_diff(4800) <= 800, "{}", tx[0]);
}

#[test]
fn a_gap_reported_late_equals_the_silence_already_written() {
    let dir = Dir::new("granted");
    let file = dir.file("a");
    let engine = Engine::new(1).unwrap();
    let channel = engine.channel(ChannelOptions::default()).unwrap();
    channel.answer().unwrap();
    let options = RecorderOptions {
        source: RecorderSource::Both,
        ..no_limits()
    };
    channel.recorder_start(&file, options).unwrap();
    // 400 ms without TX, in steps that a worker processes; then the gap is reported, and audio follows.
    for _ in 0..40 {
        channel.write(Stream::Rx, &[100; 80]).unwrap();
        channel.flush(None).unwrap();
    }
    channel.write_gap(Stream::Tx, 3200).unwrap();
    for _ in 0..40 {
        channel.write(Stream::Rx, &[100; 80]).unwrap();
        channel.write(Stream::Tx, &[50; 80]).unwrap();
        channel.flush(None).unwrap();
    }
    channel.recorder_stop(None).unwrap();
    channel.drop_handle();
    let recorded = samples(&file);
    let tx: Vec<i16> = recorded.chunks_exact(2).map(|pair| pair[1]).collect();
    assert_eq!(tx, [vec![0; 3200], vec![50; 3200]].concat());
}

#[test]
fn a_call_that_follows_at_once_records_while_the_encrypted_file_of_the_last_one_is_completed() {
    let (dir, call) = (Dir::new("calls"), call());
    let cipher = Cipher::new(&[5; 32], &[9; 16]).unwrap();
    let options = RecorderOptions {
        cipher: Some(cipher.clone()),
        ..no_limits()
    };
    let file = |n: usize| dir.file(&format!("{n}.wav"));
    for n in 0..20 {
        call.channel
            .recorder_start(&file(n), options.clone())
            .unwrap();
        call.channel.write(Stream::Rx, &tone(1000 + n)).unwrap();
        call.channel.hangup().unwrap();
        call.channel.answer().unwrap();
    }
    call.channel.flush(None).unwrap();
    let info = call.channel.recorder_info();
    assert_eq!(
        (info.state, info.cause),
        (RecorderState::Idle, RecorderCause::Hangup)
    );
    assert_eq!(call.wait().bytes, 2 * 1019);
    for n in 0..20 {
        let content = validate(&file(n), Some(&cipher)).unwrap();
        assert_eq!(content.bytes, 2 * (1000 + n as u64));
    }
    assert_eq!(dir.names().len(), 20);
}
