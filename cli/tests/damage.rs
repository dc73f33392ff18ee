//! Truncated files, wrong sizes and files that are no audio: the command analyzes the audio that is there, or refuses them with a
//! reason.

mod common;

use common::*;

/// Analyzes a file of these bytes; returns its JSON line, the exit status and stderr.
fn run(test: &str, bytes: &[u8]) -> (serde_json::Value, i32, String) {
    let folder = folder(test);
    std::fs::write(folder.join("f.wav"), bytes).unwrap();
    let output = earwig(&folder, &["analyze", "--json", "f.wav"]);
    let line = serde_json::from_slice(&output.stdout).unwrap();
    (
        line,
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn assert_refused(test: &str, bytes: &[u8], reason: &str) {
    let (line, status, stderr) = run(test, bytes);
    assert_eq!(
        (line["error"].as_str(), status),
        (Some(reason), 1),
        "{line}"
    );
    assert_eq!(
        (&line["duration_ms"], &line["digits"], &line["dtmf"]),
        (&0.into(), &"".into(), &serde_json::json!([]))
    );
    assert_eq!(stderr, format!("earwig: f.wav: {reason}\n"));
}

fn pcm_header(rate_hz: u32) -> Vec<u8> {
    format_chunk(1, 1, rate_hz, 16)
}

#[test]
fn a_file_cut_off_in_the_audio_is_analyzed_to_its_end() {
    let whole = wav(1, 1, 8000, 16, &to_s16(&digits(8000)));
    // The cut is in the pause after the third digit, in the middle of a sample.
    let (line, status, stderr) = run("cut", &whole[..44 + 2 * 8 * 640 + 1]);
    assert_eq!((line["digits"].as_str(), status), (Some("159"), 0));
    assert_eq!(line["duration_ms"], 640);
    assert!(
        stderr.contains("warning: the header claims 16000 bytes of audio, 10241 are there"),
        "{stderr}"
    );
}

#[test]
fn a_file_cut_off_in_the_header_is_refused() {
    let whole = wav(1, 1, 8000, 16, &to_s16(&digits(8000)));
    for len in 1..44 {
        let (line, status, _) = run("cut-header", &whole[..len]);
        assert!(line["error"].is_string(), "{len}: {line}");
        assert_eq!(status, 1);
    }
}

#[test]
fn a_data_size_of_0_in_an_unfinished_file_is_ignored() {
    let audio = to_s16(&digits(8000));
    let mut bytes = riff(&[pcm_header(8000), chunk(b"data", 0, &audio)]);
    for riff_size in [0_u32, 36] {
        bytes[4..8].copy_from_slice(&riff_size.to_le_bytes());
        let (line, status, stderr) = run("unfinished", &bytes);
        assert_digits(&line);
        assert_eq!(status, 0);
        assert!(stderr.contains("never finished"), "{stderr}");
    }
}

#[test]
fn the_sizes_of_a_writer_to_a_pipe_are_ignored() {
    let audio = to_s16(&digits(8000));
    for size in [u32::MAX, 1 << 30, 0x7fff_ffff] {
        let mut bytes = riff(&[pcm_header(8000), chunk(b"data", size, &audio)]);
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        let (line, status, _) = run("pipe", &bytes);
        assert_digits(&line);
        assert_eq!((&line["duration_ms"], status), (&1000.into(), 0));
    }
}

#[test]
fn a_riff_size_that_is_too_small_is_ignored() {
    let mut bytes = wav(1, 1, 8000, 16, &to_s16(&digits(8000)));
    bytes[4..8].copy_from_slice(&40_u32.to_le_bytes());
    assert_digits(&run("small-riff", &bytes).0);
}

#[test]
fn rf64_takes_its_size_from_ds64() {
    let audio = to_s16(&digits(8000));
    let mut ds64 = vec![0; 28];
    ds64[8..16].copy_from_slice(&(audio.len() as u64).to_le_bytes());
    let after = chunk(b"LIST", 4, b"INFO");
    for magic in [b"RF64", b"BW64"] {
        let mut bytes = riff(&[
            chunk(b"ds64", 28, &ds64),
            pcm_header(8000),
            chunk(b"data", u32::MAX, &audio),
            after.clone(),
        ]);
        bytes[..8].copy_from_slice(&[magic.as_slice(), &[0xff; 4]].concat());
        let (line, status, stderr) = run("rf64", &bytes);
        assert_digits(&line);
        assert_eq!(
            (&line["duration_ms"], status, stderr.as_str()),
            (&1000.into(), 0, "")
        );
    }
}

#[test]
fn chunks_around_the_audio_are_skipped() {
    let audio = to_s16(&digits(8000));
    let data = chunk(b"data", audio.len() as u32, &audio);
    let (odd, list) = (chunk(b"junk", 3, b"odd"), chunk(b"LIST", 4, b"INFO"));
    assert_digits(
        &run(
            "chunks",
            &riff(&[
                odd.clone(),
                pcm_header(8000),
                list.clone(),
                data.clone(),
                list,
            ]),
        )
        .0,
    );
    assert_digits(&run("chunks", &riff(&[data, odd, pcm_header(8000)])).0);
}

#[test]
fn a_chunk_beyond_the_end_of_the_file_is_not_read() {
    let bytes = riff(&[pcm_header(8000), chunk(b"LIST", 1 << 30, b"INFO")]);
    assert_refused("gib", &bytes, "a WAV file without audio data");
}

#[test]
fn a_file_without_samples_is_no_error() {
    for data in [&[][..], &[0]] {
        let (line, status, _) = run("none", &wav(1, 1, 8000, 16, data));
        assert_eq!(
            (&line["error"], &line["duration_ms"], status),
            (&serde_json::Value::Null, &0.into(), 0)
        );
    }
    let (line, status, stderr) = run(
        "none",
        &riff(&[
            pcm_header(8000),
            chunk(b"data", 0, b""),
            chunk(b"LIST", 4, b"INFO"),
        ]),
    );
    assert_eq!(
        (&line["duration_ms"], status, stderr.as_str()),
        (&0.into(), 0, "")
    );
}

#[test]
fn a_file_that_is_no_audio_is_refused() {
    assert_refused("empty", b"", "the file is empty");
    assert_refused(
        "text",
        b"hello, world\n",
        "neither WAV nor FLAC (for headerless audio, say --raw)",
    );
    assert_refused(
        "avi",
        b"RIFF\x10\0\0\0AVI LIST\0\0\0\0",
        "a RIFF file, but not WAV",
    );
    assert_refused(
        "no-format",
        &riff(&[chunk(b"data", 4, b"1234")]),
        "a WAV file without a format",
    );
    assert_refused("flac", b"fLaC\0\0\0\x22", "the file ends within its header");
}

#[test]
fn an_encoding_that_cannot_be_decoded_is_named() {
    assert_refused(
        "gsm",
        &wav(0x31, 1, 8000, 0, &[0; 65]),
        "WAV with GSM 6.10 (tag 0x0031), which cannot be read",
    );
    assert_refused(
        "g729",
        &wav(0x83, 1, 8000, 0, &[0; 20]),
        "WAV with G.729 (tag 0x0083), which cannot be read",
    );
    assert_refused(
        "unknown",
        &wav(0x4242, 1, 8000, 0, &[0; 20]),
        "WAV with a coding (tag 0x4242), which cannot be read",
    );
    assert_refused(
        "12",
        &wav(1, 1, 8000, 12, &[0; 20]),
        "WAV with PCM of 12 bits; 8, 16, 24 and 32 can be read",
    );
    assert_refused(
        "f16",
        &wav(3, 1, 8000, 16, &[0; 20]),
        "WAV with floats of 16 bits; 32 and 64 can be read",
    );
    assert_refused(
        "mono",
        &wav(1, 0, 8000, 16, &[0; 20]),
        "a WAV file of 0 channels; 1 to 26 can be read",
    );
}

#[test]
fn nan_and_infinite_samples_do_not_spread() {
    let mut samples: Vec<f32> = digits(44_100).iter().map(|&sample| sample as f32).collect();
    samples[10] = f32::NAN;
    samples[20] = f32::INFINITY;
    samples[30] = -1e30;
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    assert_digits(&run("floats", &wav(3, 1, 44_100, 32, &bytes)).0);
}

#[test]
fn a_thousand_damaged_files_cause_no_panic() {
    let folder = folder("damaged");
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut originals = vec![
        wav(1, 2, 44_100, 24, &to_s16(&digits(8000))),
        wav(7, 1, 8000, 8, &to_ulaw(&digits(8000))),
    ];
    for name in ["extensible.wav", "flac.flac", "ima.wav", "ms.wav"] {
        originals.push(std::fs::read(data.join(name)).unwrap());
    }
    // xorshift: the same damage on every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below
    };
    for n in 0..1000 {
        let mut bytes = originals[n % originals.len()].clone();
        for _ in 0..=random(4) {
            // Three of four changes are in the first 100 bytes, the headers.
            let at = if random(4) > 0 {
                random(100)
            } else {
                random(bytes.len())
            };
            bytes[at] = [0, 1, 0xff, 0x80, random(256) as u8][random(5)];
        }
        if random(4) == 0 {
            bytes.truncate(random(bytes.len()));
        }
        std::fs::write(folder.join(format!("{n:04}.wav")), bytes).unwrap();
    }
    let output = earwig(&folder, &["analyze", "--json", "."]);
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(stdout.lines().count(), 1000);
    assert_eq!(output.status.code(), Some(1));
    assert!(!stderr.contains("panicked"), "{stderr}");
}
