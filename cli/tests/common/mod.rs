//! Shared by the tests of the command: tones, hand-made WAV files, and running the command.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The digits in [`digits`].
pub const DIGITS: &str = "159#D";
/// Start of the first digit, length of each digit and of the pause after it, in ms.
pub const FIRST_MS: usize = 200;
pub const TONE_MS: usize = 80;
pub const PAUSE_MS: usize = 80;

/// 1 s of audio with [`DIGITS`] and silence before, between and after them; each tone at about -10.8 dBm0.
pub fn digits(rate_hz: u32) -> Vec<f64> {
    let keys = "123A456B789C*0#D";
    let (rows, columns) = (
        [697.0, 770.0, 852.0, 941.0],
        [1209.0, 1336.0, 1477.0, 1633.0],
    );
    let at = |ms: usize| ms * rate_hz as usize / 1000;
    let mut samples = vec![0.0; rate_hz as usize];
    for (index, digit) in DIGITS.chars().enumerate() {
        let key = keys.find(digit).unwrap();
        let start = FIRST_MS + index * (TONE_MS + PAUSE_MS);
        for (n, sample) in samples[at(start)..at(start + TONE_MS)]
            .iter_mut()
            .enumerate()
        {
            let t = n as f64 / f64::from(rate_hz);
            *sample =
                0.2 * (TAU * rows[key / 4] * t).sin() + 0.2 * (TAU * columns[key % 4] * t).sin();
        }
    }
    samples
}

pub fn to_s16(samples: &[f64]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| ((sample * 32767.0) as i16).to_le_bytes())
        .collect()
}

/// G.711 u-law; the segment is the position of the highest bit of the biased sample.
pub fn to_ulaw(samples: &[f64]) -> Vec<u8> {
    let encode = |sample: &f64| {
        let linear = (sample * 32767.0) as i32;
        let biased = linear.abs().min(32635) + 132;
        let segment = 24 - biased.leading_zeros() as i32;
        let code = (segment << 4) | ((biased >> (segment + 3)) & 15);
        !(code | if linear < 0 { 0x80 } else { 0 }) as u8
    };
    samples.iter().map(encode).collect()
}

/// G.711 A-law.
pub fn to_alaw(samples: &[f64]) -> Vec<u8> {
    let encode = |sample: &f64| {
        let linear = (sample * 32767.0) as i32 >> 3;
        let magnitude = linear.abs().min(4095);
        let segment = (27 - magnitude.leading_zeros() as i32).max(0);
        let code = (segment << 4) | ((magnitude >> segment.max(1)) & 15);
        (code | if linear < 0 { 0 } else { 0x80 }) as u8 ^ 0x55
    };
    samples.iter().map(encode).collect()
}

/// A chunk of a RIFF file whose header states `size`.
pub fn chunk(id: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(size.to_le_bytes());
    bytes.extend(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// A format chunk of 16 bytes.
pub fn format_chunk(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let block = channels * bits.div_ceil(8);
    let mut body = Vec::new();
    body.extend(tag.to_le_bytes());
    body.extend(channels.to_le_bytes());
    body.extend(rate_hz.to_le_bytes());
    body.extend((rate_hz.saturating_mul(block.into())).to_le_bytes());
    body.extend(block.to_le_bytes());
    body.extend(bits.to_le_bytes());
    chunk(b"fmt ", 16, &body)
}

/// A WAV file of these chunks, with the right size in its header.
pub fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((body.len() as u32 + 4).to_le_bytes());
    bytes.extend(b"WAVE");
    bytes.extend(body);
    bytes
}

/// A valid WAV file.
pub fn wav(tag: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    riff(&[
        format_chunk(tag, channels, rate_hz, bits),
        chunk(b"data", data.len() as u32, data),
    ])
}

/// An empty folder of one test.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs the command in `folder`.
pub fn earwig(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_earwig"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs `earwig analyze --json`; returns its lines and its exit status.
pub fn analyze(folder: &Path, arguments: &[&str]) -> (Vec<serde_json::Value>, i32) {
    let output = earwig(folder, &[&["analyze", "--json"], arguments].concat());
    let stdout = String::from_utf8(output.stdout).unwrap();
    (
        stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        output.status.code().unwrap(),
    )
}

/// Asserts that the line of a file has no error, and [`DIGITS`] at their times within 20 ms.
pub fn assert_digits(line: &serde_json::Value) {
    assert_eq!(line["error"], serde_json::Value::Null, "{line}");
    assert_eq!(line["digits"], DIGITS, "{line}");
    for (index, tone) in line["dtmf"].as_array().unwrap().iter().enumerate() {
        let start = FIRST_MS + index * (TONE_MS + PAUSE_MS);
        let near = |key: &str, ms: usize| tone[key].as_i64().unwrap().abs_diff(ms as i64) <= 20;
        assert!(
            near("start_ms", start) && near("end_ms", start + TONE_MS),
            "{line}"
        );
    }
}
