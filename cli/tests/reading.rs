//! Audio files of every encoding, rate and layout.

mod common;

use common::*;

#[test]
fn every_encoding_of_wav_is_decoded() {
    let folder = folder("pcm");
    let samples = digits(8000);
    let bytes = |encode: fn(f64) -> Vec<u8>| {
        samples
            .iter()
            .flat_map(|sample| encode(*sample))
            .collect::<Vec<_>>()
    };
    let files = [
        (
            "8.wav",
            wav(1, 1, 8000, 8, &bytes(|s| vec![(s * 127.0 + 128.0) as u8])),
        ),
        ("16.wav", wav(1, 1, 8000, 16, &to_s16(&samples))),
        (
            "24.wav",
            wav(
                1,
                1,
                8000,
                24,
                &bytes(|s| ((s * 8388607.0) as i32).to_le_bytes()[..3].to_vec()),
            ),
        ),
        (
            "32.wav",
            wav(
                1,
                1,
                8000,
                32,
                &bytes(|s| ((s * 2147483647.0) as i32).to_le_bytes().to_vec()),
            ),
        ),
        (
            "f32.wav",
            wav(
                3,
                1,
                8000,
                32,
                &bytes(|s| (s as f32).to_le_bytes().to_vec()),
            ),
        ),
        (
            "f64.wav",
            wav(3, 1, 8000, 64, &bytes(|s| s.to_le_bytes().to_vec())),
        ),
        ("a.wav", wav(6, 1, 8000, 8, &to_alaw(&samples))),
        ("u.wav", wav(7, 1, 8000, 8, &to_ulaw(&samples))),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
        let (lines, status) = analyze(&folder, &[name]);
        assert_eq!((lines.len(), status), (1, 0), "{name}");
        assert_digits(&lines[0]);
        assert_eq!(lines[0]["duration_ms"], 1000);
        // 0.2 of full scale is -17 dBov in RMS; 0 dBm0 is 6.15 dB below a full-scale square wave and 3.14 below a sine.
        for tone in lines[0]["dtmf"].as_array().unwrap() {
            for key in ["low_dbm0", "high_dbm0"] {
                assert!(
                    (tone[key].as_f64().unwrap() - -10.8).abs() < 1.5,
                    "{name}: {tone}"
                );
            }
        }
    }
}

#[test]
fn files_of_sox_and_ffmpeg_are_decoded() {
    // The same tones, written by SoX and ffmpeg: FLAC, IMA and Microsoft ADPCM, and 24 bits as WAVE_FORMAT_EXTENSIBLE.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let (lines, status) = analyze(&folder, &["."]);
    assert_eq!(status, 0, "{lines:?}");
    assert_eq!(lines.len(), 4);
    lines.iter().for_each(assert_digits);
}

#[test]
fn files_of_hound_are_decoded() {
    let folder = folder("hound");
    for (bits, format) in [
        (16, hound::SampleFormat::Int),
        (24, hound::SampleFormat::Int),
        (32, hound::SampleFormat::Float),
    ] {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 16_000,
            bits_per_sample: bits,
            sample_format: format,
        };
        let mut writer =
            hound::WavWriter::create(folder.join(format!("{bits}.wav")), spec).unwrap();
        for sample in digits(16_000) {
            for _ in 0..2 {
                match format {
                    hound::SampleFormat::Int => {
                        writer.write_sample((sample * f64::from((1 << (bits - 1)) - 1)) as i32)
                    }
                    hound::SampleFormat::Float => writer.write_sample(sample as f32),
                }
                .unwrap();
            }
        }
        writer.finalize().unwrap();
    }
    let (lines, status) = analyze(&folder, &["."]);
    assert_eq!((lines.len(), status), (3, 0));
    lines.iter().for_each(assert_digits);
}

#[test]
fn every_rate_is_converted() {
    let folder = folder("rates");
    for rate_hz in [
        6000, 8000, 8001, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
        192_000, 384_000,
    ] {
        std::fs::write(
            folder.join("r.wav"),
            wav(1, 1, rate_hz, 16, &to_s16(&digits(rate_hz))),
        )
        .unwrap();
        let (lines, status) = analyze(&folder, &["r.wav"]);
        assert_eq!(status, 0, "{rate_hz}");
        assert_digits(&lines[0]);
        assert_eq!(lines[0]["duration_ms"], 1000, "{rate_hz}");
    }
}

#[test]
fn a_rate_outside_4_to_384_khz_is_an_error() {
    let folder = folder("no-rates");
    for rate_hz in [0, 1, 3999, 384_001, 4_294_967_291] {
        std::fs::write(folder.join("r.wav"), wav(1, 1, rate_hz, 16, &[0; 320])).unwrap();
        let (lines, status) = analyze(&folder, &["r.wav"]);
        assert_eq!(status, 1);
        assert!(
            lines[0]["error"].as_str().unwrap().contains("Hz"),
            "{}",
            lines[0]
        );
    }
}

#[test]
fn the_extension_of_a_headerless_file_states_its_encoding() {
    let folder = folder("by-name");
    std::fs::write(folder.join("a.ul"), to_ulaw(&digits(8000))).unwrap();
    std::fs::write(folder.join("b.ULAW"), to_ulaw(&digits(8000))).unwrap();
    std::fs::write(folder.join("c.al"), to_alaw(&digits(8000))).unwrap();
    std::fs::write(folder.join("d.alaw"), to_alaw(&digits(8000))).unwrap();
    std::fs::write(folder.join("e.sln"), to_s16(&digits(8000))).unwrap();
    std::fs::write(folder.join("f.sln16"), to_s16(&digits(16_000))).unwrap();
    std::fs::write(folder.join("g.sln44"), to_s16(&digits(44_100))).unwrap();
    std::fs::write(folder.join("h.raw"), to_s16(&digits(8000))).unwrap();
    let (lines, status) = analyze(&folder, &["."]);
    assert_eq!((lines.len(), status), (8, 0));
    lines.iter().for_each(assert_digits);
}

#[test]
fn raw_and_rate_override_the_extension() {
    let folder = folder("by-option");
    let files = [
        ("alaw", "8000", to_alaw(&digits(8000))),
        ("ulaw", "16000", to_ulaw(&digits(16_000))),
        ("s16", "44100", to_s16(&digits(44_100))),
    ];
    for (raw, rate, bytes) in files {
        // The options override the extension.
        std::fs::write(folder.join("audio.sln16"), bytes).unwrap();
        let (lines, status) = analyze(&folder, &["--raw", raw, "--rate", rate, "audio.sln16"]);
        assert_eq!(status, 0, "{raw}");
        assert_digits(&lines[0]);
    }
}

#[test]
fn the_content_decides_the_container() {
    let folder = folder("content");
    std::fs::write(
        folder.join("call.raw"),
        wav(1, 1, 8000, 16, &to_s16(&digits(8000))),
    )
    .unwrap();
    std::fs::write(
        folder.join("call"),
        wav(1, 1, 8000, 16, &to_s16(&digits(8000))),
    )
    .unwrap();
    let (lines, status) = analyze(&folder, &["call.raw", "call"]);
    assert_eq!((lines.len(), status), (2, 0));
    lines.iter().for_each(assert_digits);
}

#[test]
fn channel_selects_one_channel_or_the_mean() {
    let folder = folder("channels");
    let silence_and_digits: Vec<f64> = digits(8000)
        .into_iter()
        .flat_map(|sample| [0.0, sample])
        .collect();
    std::fs::write(
        folder.join("s.wav"),
        wav(1, 2, 8000, 16, &to_s16(&silence_and_digits)),
    )
    .unwrap();
    for (channel, digits) in [("0", ""), ("1", DIGITS), ("mix", DIGITS)] {
        let (lines, status) = analyze(&folder, &["--channel", channel, "s.wav"]);
        assert_eq!(
            (lines[0]["digits"].as_str(), status),
            (Some(digits), 0),
            "{channel}"
        );
        assert_eq!(lines[0]["duration_ms"], 1000);
    }
    let (lines, status) = analyze(&folder, &["--channel", "2", "s.wav"]);
    assert_eq!(
        (lines[0]["error"].as_str(), status),
        (Some("no channel 2: the file has 2, counted from 0"), 1)
    );
    let (lines, _) = analyze(&folder, &["s.wav"]);
    assert_eq!(lines[0]["digits"], "");
}
