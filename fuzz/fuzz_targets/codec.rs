//! Codecs and the resampler: samples to a file and back, in all formats, from all rates of a call. Neither the division of the samples
//! nor that of the bytes changes anything.
#![no_main]

use earwig_core::codec::{Decoder, Encoder, Layout, RATES_HZ, wav};
use earwig_core::dsp::resample::Resampler;
use earwig_core::types::RecorderFormat;
use earwig_fuzz::Input;
use libfuzzer_sys::fuzz_target;

const CALL_RATES_HZ: [u32; 4] = [8000, 16000, 32000, 48000];

/// Repeats of the input's samples: a file of several blocks from a short input.
const REPEATS: usize = 8;

fn examples() -> Vec<Vec<u8>> {
    let tone: Vec<u8> = (0..160)
        .flat_map(|n| ((9000.0 * (f64::from(n) * 0.3).sin()) as i16).to_le_bytes())
        .collect();
    let mut examples = Vec::new();
    for format in 0..RecorderFormat::ALL.len() as u8 {
        for rate in 0..RATES_HZ.len() as u8 {
            examples.push(
                [
                    &[format, format % 2, rate, rate % 4, 7, 3, 0],
                    tone.as_slice(),
                ]
                .concat(),
            );
        }
    }
    examples
}

fn encoded(layout: Layout, samples: &[i16], chunk: usize) -> Vec<u8> {
    let (mut encoder, mut bytes) = (Encoder::new(layout), Vec::new());
    for part in samples.chunks(chunk) {
        encoder.encode(part, &mut bytes);
    }
    encoder.finish(&mut bytes);
    bytes
}

fn decoded(layout: Layout, bytes: &[u8], chunk: usize) -> Vec<i16> {
    let (mut decoder, mut samples) = (Decoder::new(layout), Vec::new());
    for part in bytes.chunks(chunk) {
        decoder.decode(part, &mut samples);
    }
    decoder.finish(&mut samples);
    samples
}

fn resampled(from_hz: u32, to_hz: u32, samples: &[i16], chunk: usize) -> Vec<i16> {
    let mut resampler = Resampler::new(from_hz, to_hz).expect("rates of calls and files");
    let mut out = Vec::new();
    for part in samples.chunks(chunk) {
        resampler.process(part, &mut out);
    }
    resampler.finish(&mut out);
    out
}

fuzz_target!(init: earwig_fuzz::write_examples(examples()), |data: &[u8]| {
    let mut input = Input(data);
    let format = input.one_of(RecorderFormat::ALL);
    let channels = 1 + input.below(2);
    let to_hz = input.one_of(&RATES_HZ);
    let from_hz = input.one_of(&CALL_RATES_HZ);
    let (chunk, bytes_chunk) = (1 + input.below(256), 1 + input.below(256));
    let large = input.below(2) == 1;
    let layout = Layout::new(format, channels as u16, to_hz).expect("a layout");

    let once: Vec<i16> = input
        .0
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let heard = once.repeat(REPEATS);
    let one_channel = resampled(from_hz, to_hz, &heard, usize::MAX);
    assert_eq!(one_channel, resampled(from_hz, to_hz, &heard, chunk));
    let expected = (heard.len() as u64 * u64::from(to_hz)).div_ceil(u64::from(from_hz));
    assert_eq!(one_channel.len() as u64, expected);

    let samples: Vec<i16> = one_channel
        .iter()
        .flat_map(|&sample| [sample, sample.wrapping_neg()].into_iter().take(channels))
        .collect();
    let count = one_channel.len() as u64;
    let bytes = encoded(layout, &samples, usize::MAX);
    assert_eq!(bytes, encoded(layout, &samples, chunk));
    assert_eq!(bytes.len() as u64, layout.bytes(count));
    assert!(layout.samples(bytes.len() as u64) >= count);

    let back = decoded(layout, &bytes, usize::MAX);
    assert_eq!(back, decoded(layout, &bytes, bytes_chunk));
    assert!(back.len() >= samples.len());
    if format == RecorderFormat::S16bit {
        assert_eq!(back, samples);
    }
    // Any bytes can be decoded.
    assert_eq!(decoded(layout, data, usize::MAX), decoded(layout, data, bytes_chunk));

    let header = wav::header(layout, count, bytes.len() as u64, large);
    let parsed = wav::parse(&header).expect("a header that the library has written");
    assert_eq!((parsed.layout, parsed.samples, parsed.bytes), (layout, count, bytes.len() as u64));
    assert_eq!(parsed.begins, header.len() as u64);
    assert_eq!(parsed.length, (header.len() + bytes.len() + bytes.len() % 2) as u64);

    // A file that is continued has the length of one that was not interrupted.
    if count > 0 {
        let first = count as usize * usize::from(data[0]) / 256;
        let begun = encoded(layout, &samples[..first * channels], usize::MAX);
        let (mut encoder, kept) = Encoder::resume(layout, first as u64, &begun);
        let mut all = begun[..kept as usize].to_vec();
        encoder.encode(&samples[first * channels..], &mut all);
        encoder.finish(&mut all);
        assert_eq!(all.len(), bytes.len());
        if format != RecorderFormat::Ima {
            assert_eq!(all, bytes);
        }
    }
});
