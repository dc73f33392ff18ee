//! Recovery of `.part` files, plain and encrypted, from any bytes: what is recovered is whole, and what is not stays where it was.
#![no_main]

use earwig::engine::{decrypt, recover, validate};
use earwig_core::codec::cipher::{BLOCK, Cipher, Key};
use earwig_core::codec::{Encoder, Layout, wav};
use earwig_core::job::recorder::RecorderOptions;
use earwig_core::types::{RecorderFormat, Stream};
use earwig_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(earwig_fuzz::folder);

const KEY: [u8; 16] = *b"the fuzzer's key";
const IV: [u8; BLOCK] = [7; BLOCK];

/// Offset of the file's IV in an encrypted `.part` file.
const IV_AT: usize = 16;

fn key() -> Key {
    Key::new(&KEY).expect("a key")
}

/// A `.part` file that a recorder has written, as a crash would have left it.
fn part(format: RecorderFormat, encrypted: bool) -> Vec<u8> {
    use earwig::engine::{ChannelOptions, Engine};
    let path = FOLDER.join("example.wav");
    let engine = Engine::new(1).expect("an engine");
    let channel = engine
        .channel(ChannelOptions::default())
        .expect("a channel");
    channel.answer().expect("an answer");
    let options = RecorderOptions {
        file_format: format,
        cipher: encrypted.then(|| Cipher::new(&KEY, &IV).expect("a cipher")),
        max_bytes: if encrypted { 0 } else { 100_000 },
        ..RecorderOptions::default()
    };
    channel.recorder_start(&path, options).expect("a recording");
    let samples: Vec<i16> = (0..4000)
        .map(|n| ((f64::from(n) * 0.3).sin() * 9e3) as i16)
        .collect();
    channel.write(Stream::Rx, &samples).expect("a frame");
    std::thread::sleep(Duration::from_millis(500));
    let bytes = std::fs::read(FOLDER.join("example.wav.part")).expect("a part");
    channel.recorder_stop(None).expect("the end");
    channel.drop_handle();
    engine.shutdown(None).expect("the engine's end");
    std::fs::remove_file(path).expect("the recording");
    bytes
}

fn examples() -> Vec<Vec<u8>> {
    let mut examples = Vec::new();
    for &format in RecorderFormat::ALL {
        for encrypted in [false, true] {
            let bytes = part(format, encrypted);
            // Without a key, with the key, and cut off.
            examples.push([&[0], bytes.as_slice()].concat());
            examples.push([&[1], bytes.as_slice()].concat());
            examples.push([&[1], &bytes[..bytes.len() - 100]].concat());
        }
        // Complete except for its name.
        let layout = Layout::new(format, 1, 8000).expect("a layout");
        let (mut encoder, mut bytes) = (Encoder::new(layout), Vec::new());
        encoder.encode(&[1000; 1001], &mut bytes);
        encoder.finish(&mut bytes);
        let header = wav::header(layout, 1001, bytes.len() as u64, false);
        let pad = vec![0; bytes.len() % 2];
        examples.push([&[2], header.as_slice(), &bytes, &pad].concat());
    }
    examples
}

fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

fuzz_target!(init: earwig_fuzz::write_examples(examples()), |data: &[u8]| {
    let mut input = Input(data);
    let how = input.byte();
    let bytes = input.0;
    let (file, part) = (FOLDER.join("f.wav"), FOLDER.join("f.wav.part"));
    let overwrite = how & 2 != 0;
    std::fs::write(&part, bytes).expect("the file is writable");
    match recover(&part, (how & 1 != 0).then(key).as_ref(), overwrite) {
        Ok((path, content)) => {
            assert_eq!(path, file);
            // An encrypted part begins with the text that names it; its IV is the file's.
            let cipher = bytes.starts_with(b"earwig spool").then(|| {
                Cipher::new(&KEY, &bytes[IV_AT..IV_AT + BLOCK]).expect("a cipher")
            });
            let whole = validate(&file, cipher.as_ref());
            let whole = whole.expect("a recovered file is whole");
            assert_eq!((whole.samples, whole.bytes), (content.samples, content.bytes));
            assert_eq!(whole.layout, content.layout);
            assert!(!part.exists() && !FOLDER.join("f.wav.part.whole").exists());
        }
        Err(error) => {
            assert!(!error.text.is_empty());
            assert!(part.exists(), "the part is gone: {error}");
            assert!(!file.exists(), "there is a file: {error}");
        }
    }
    remove(&part);
    remove(&file);
    // The same bytes as a file that is validated, plain and encrypted.
    std::fs::write(&file, bytes).expect("the file is writable");
    let cipher = Cipher::new(&KEY, &IV).expect("a cipher");
    let _ = validate(&file, None);
    let _ = validate(&file, Some(&cipher));
    let _ = decrypt(&file, &cipher);
    remove(&file);
});
