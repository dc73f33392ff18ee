//! Reading of audio files: any bytes, as WAV, FLAC or headerless audio, by the reader of the `earwig` command; and the parser of the
//! recorder's own headers.
#![no_main]

#[path = "../../cli/src/audio/mod.rs"]
#[allow(dead_code)]
mod audio;

use audio::{Audio, Channel, Options, Raw};
use earwig_core::codec::{Encoder, Layout, wav};
use earwig_core::types::RecorderFormat;
use earwig_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| earwig_fuzz::folder().join("f"));

/// Samples of one input that are decoded: a header may claim 26 channels or a rate of 384 kHz, but not more audio than the file has.
const SAMPLES_MAX: usize = 4 << 20;

fn examples() -> Vec<Vec<u8>> {
    let samples: Vec<i16> = (0..800)
        .map(|n| ((f64::from(n) * 0.3).sin() * 9e3) as i16)
        .collect();
    let mut examples = Vec::new();
    for &format in RecorderFormat::ALL {
        for channels in [1, 2] {
            let layout = Layout::new(format, channels, 8000).expect("a layout");
            let (mut encoder, mut bytes) = (Encoder::new(layout), Vec::new());
            encoder.encode(&samples, &mut bytes);
            encoder.finish(&mut bytes);
            let large = channels == 2;
            let header = wav::header(layout, 800 / u64::from(channels), bytes.len() as u64, large);
            examples.push([&[0, 0], header.as_slice(), &bytes].concat());
        }
    }
    let pcm: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    for raw in 1..4 {
        examples.push([&[raw, 1], pcm.as_slice()].concat());
    }
    // FLAC: the stream information of an empty stream of 8 kHz, mono, 16 bits.
    let mut flac = b"fLaC\x80\x00\x00\x22\x10\x00\x10\x00\x00\x00\x00\x00\x00\x00".to_vec();
    flac.extend([0x01, 0xf4, 0x00, 0xf0, 0, 0, 0, 0]);
    flac.extend([0; 16]);
    examples.push([&[0, 0], flac.as_slice()].concat());
    examples
}

fuzz_target!(init: earwig_fuzz::write_examples(examples()), |data: &[u8]| {
    let mut input = Input(data);
    let raw = [None, Some(Raw::S16), Some(Raw::Alaw), Some(Raw::Ulaw)][input.below(4)];
    let channel = [Channel::Index(0), Channel::Index(1), Channel::Mix][input.below(3)];
    if let Ok(parsed) = wav::parse(&input.0[..input.0.len().min(wav::HEADER_MAX)]) {
        assert!(parsed.begins >= 44 && parsed.begins <= wav::HEADER_MAX as u64);
    }
    std::fs::write(&*FILE, input.0).expect("the file is writable");
    let options = Options { raw, rate_hz: None, channel, cipher: None };
    let Ok(mut audio) = Audio::open(&FILE, &options) else {
        return;
    };
    assert!([8000, 16000, 32000, 48000].contains(&audio.rate_hz()));
    let mut count = 0;
    while let Ok(Some(block)) = audio.next_block() {
        assert!(!block.is_empty());
        count += block.len();
        if count > SAMPLES_MAX {
            return;
        }
    }
});
