//! Recordings whose audio is known, and the comparison of their files with it.

use earwig::engine::{Channel, ChannelOptions, Engine, decrypt, validate};
use earwig_core::codec::cipher::Cipher;
use earwig_core::codec::{Encoder, wav};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::RecorderFormat;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Samples of a frame, 20 ms at 8 kHz.
pub const FRAME: usize = 160;

/// Key and IV of all encrypted recordings, in hexadecimal digits.
pub const KEY: &str = "000102030405060708090a0b0c0d0e0f";
/// See [`KEY`].
pub const IV: &str = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

/// Bytes at the end of an ADPCM file that depend on the audio behind them: two blocks of two channels.
const ADPCM_TAIL: usize = 1024;

/// The cipher of all encrypted recordings.
pub fn cipher() -> Cipher {
    let bytes = |text| earwig_core::job::options::hexadecimal(text).expect("hexadecimal digits");
    Cipher::new(&bytes(KEY), &bytes(IV)).expect("a cipher")
}

/// Whether recording `n` is encrypted: every second one.
pub fn is_encrypted(n: usize) -> bool {
    n % 2 == 1
}

/// The file of recording `n`.
pub fn file(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("{n}.wav"))
}

/// The options of recording `n`: all formats by turns, plain and encrypted.
pub fn options(n: usize) -> RecorderOptions {
    let formats = RecorderFormat::ALL;
    RecorderOptions {
        file_format: formats[n / 2 % formats.len()],
        cipher: is_encrypted(n).then(cipher),
        max_bytes: 0,
        max_silence_ms: 0,
        ..RecorderOptions::default()
    }
}

/// The options of a recording that replaces its file.
pub fn overwriting(n: usize) -> RecorderOptions {
    RecorderOptions {
        existing: Existing::Overwrite,
        ..options(n)
    }
}

/// An answered channel. `stall_ms`: 0 if the audio is its only clock.
pub fn call(engine: &Engine, stall_ms: u32) -> Arc<Channel> {
    answered(engine, stall_ms, ChannelOptions::default().ring_ms)
}

/// An answered channel that waits 30 s for audio, while others start, and holds 10 s of it: a busy machine drops none.
pub fn patient_call(engine: &Engine) -> Arc<Channel> {
    answered(engine, 30_000, 10_000)
}

fn answered(engine: &Engine, stall_ms: u32, ring_ms: u32) -> Arc<Channel> {
    let options = ChannelOptions {
        stall_ms,
        ring_ms,
        ..ChannelOptions::default()
    };
    let channel = engine.channel(options).expect("a channel");
    channel.answer().expect("an answer");
    channel
}

/// Sample `at` of recording `n`: noise that differs for each recording.
fn sample(n: usize, at: usize) -> i16 {
    let mut x = (n as u32).wrapping_mul(0x9e37_79b9) ^ (at as u32).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 15)).wrapping_mul(0x2c1b_3c6d);
    ((x >> 17) as i16) - 16384
}

/// Frame `number` of recording `n`.
pub fn frame(n: usize, number: usize) -> [i16; FRAME] {
    std::array::from_fn(|at| sample(n, number * FRAME + at))
}

/// The plain bytes of a file.
pub fn plain(path: &Path, encrypted: bool) -> Result<Vec<u8>, String> {
    if encrypted {
        decrypt(path, &cipher()).map_err(|e| e.to_string())
    } else {
        std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
    }
}

/// Checks that the file of recording `n` is whole and has its audio from the start. Returns its samples.
pub fn whole(path: &Path, n: usize) -> Result<u64, String> {
    let cipher = is_encrypted(n).then(cipher);
    let content = validate(path, cipher.as_ref()).map_err(|e| e.to_string())?;
    let bytes = plain(path, is_encrypted(n))?;
    let parsed =
        wav::parse(&bytes[..bytes.len().min(wav::HEADER_MAX)]).map_err(|e| e.to_string())?;
    let found = &bytes[parsed.begins as usize..][..content.bytes as usize];
    // A second more: an ADPCM encoder looks ahead.
    let count = content.samples as usize + 8000;
    let audio: Vec<i16> = (0..count).map(|at| sample(n, at)).collect();
    let mut expected = Vec::new();
    Encoder::new(content.layout).encode(&audio, &mut expected);
    let is_adpcm = [RecorderFormat::Ima, RecorderFormat::Oki].contains(&content.layout.format);
    let same = found.len()
        - if is_adpcm {
            ADPCM_TAIL.min(found.len())
        } else {
            0
        };
    if found[..same] != expected[..same] {
        let at = found.iter().zip(&expected).position(|(a, b)| a != b);
        return Err(format!(
            "{}: its audio differs at byte {at:?}",
            path.display()
        ));
    }
    Ok(content.samples)
}
