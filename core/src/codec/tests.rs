use super::*;

fn noise(count: usize) -> Vec<i16> {
    let mut x = 1u32;
    (0..count)
        .map(|i| {
            x = x.wrapping_mul(1664525).wrapping_add(1013904223);
            let tone = 9000.0 * (i as f64 * 0.1).sin();
            (tone as i32 + (x >> 20) as i32 - 2048) as i16
        })
        .collect()
}

fn layouts() -> impl Iterator<Item = Layout> {
    RecorderFormat::ALL.iter().flat_map(|&format| {
        (1..=2).map(move |channels| Layout::new(format, channels, 8000).unwrap())
    })
}

fn snr(ideal: &[i16], decoded: &[i16]) -> f64 {
    let power = |x: f64| x * x;
    let signal: f64 = ideal.iter().map(|&s| power(s.into())).sum();
    let error: f64 = ideal
        .iter()
        .zip(decoded)
        .map(|(&a, &b)| power(f64::from(a) - f64::from(b)))
        .sum();
    10.0 * (signal / error.max(1e-9)).log10()
}

fn encoded(layout: Layout, samples: &[i16], chunk: usize) -> Vec<u8> {
    let (mut encoder, mut out) = (Encoder::new(layout), Vec::new());
    for part in samples.chunks(chunk) {
        encoder.encode(part, &mut out);
    }
    encoder.finish(&mut out);
    out
}

#[test]
fn any_chunking_gives_the_same_bytes_and_the_predicted_number() {
    for layout in layouts() {
        for frames in [0, 1, 2, 9, 504, 505, 506, 1010, 3000] {
            let samples = noise(frames * usize::from(layout.channels));
            let whole = encoded(layout, &samples, usize::MAX);
            assert_eq!(
                whole.len() as u64,
                layout.bytes(frames as u64),
                "{layout:?} {frames}"
            );
            for chunk in [1, 7, 160, 999] {
                assert_eq!(
                    encoded(layout, &samples, chunk),
                    whole,
                    "{layout:?} {frames} {chunk}"
                );
            }
        }
    }
}

#[test]
fn a_limit_in_bytes_is_used_fully() {
    for layout in layouts() {
        for bytes in 0..2000 {
            let samples = layout.samples(bytes);
            assert!(layout.bytes(samples) <= bytes, "{layout:?} {bytes}");
            assert!(layout.bytes(samples + 1) > bytes, "{layout:?} {bytes}");
        }
    }
    assert_eq!(
        Layout::new(RecorderFormat::Oki, 1, 8000)
            .unwrap()
            .samples(16000),
        32000
    );
}

#[test]
fn decoded_audio_is_close_to_the_original() {
    for layout in layouts() {
        let samples = noise(3000 * usize::from(layout.channels));
        let (mut decoder, mut back) = (Decoder::new(layout), Vec::new());
        for part in encoded(layout, &samples, 333).chunks(77) {
            decoder.decode(part, &mut back);
        }
        decoder.finish(&mut back);
        assert!(back.len() >= samples.len(), "{layout:?}");
        let snr = snr(&samples, &back);
        assert!(snr > 18.0, "{layout:?}: {snr:.1} dB");
    }
}

#[test]
fn a_resumed_encoder_continues_the_file() {
    for layout in layouts() {
        let channels = usize::from(layout.channels);
        for first in [0, 1, 8, 505, 506, 700, 1010] {
            let samples = noise(2000 * channels);
            let whole = encoded(layout, &samples, usize::MAX);
            let begun = encoded(layout, &samples[..first * channels], usize::MAX);
            let (mut encoder, kept) = Encoder::resume(layout, first as u64, &begun);
            let mut out = begun[..kept as usize].to_vec();
            encoder.encode(&samples[first * channels..], &mut out);
            encoder.finish(&mut out);
            if layout.format == RecorderFormat::Ima {
                // The IMA encoder looks ahead, so the end of a file is encoded differently within a longer one.
                assert_eq!(out.len(), whole.len(), "{layout:?} {first}");
                let (mut decoder, mut back) = (Decoder::new(layout), Vec::new());
                decoder.decode(&out, &mut back);
                decoder.finish(&mut back);
                let whole_runs = first.saturating_sub(1) % 505 / 8 * 8 + 1 + first / 505 * 505;
                let (mut decoder, mut then) = (Decoder::new(layout), Vec::new());
                decoder.decode(&begun, &mut then);
                decoder.finish(&mut then);
                let stays = whole_runs.min(first) * channels;
                assert_eq!(back[..stays], then[..stays], "{layout:?} {first}");
                assert!(snr(&samples, &back) > 18.0, "{layout:?} {first}");
                continue;
            }
            assert_eq!(out, whole, "{layout:?} {first}");
        }
    }
}

#[test]
fn a_parsed_header_matches_the_written_one() {
    for layout in layouts() {
        for (samples, large) in [
            (0, false),
            (12345, false),
            (12345, true),
            (5_000_000_000, true),
        ] {
            let bytes = layout.bytes(samples);
            let header = wav::header(layout, samples, bytes, large);
            let parsed = wav::parse(&header).unwrap();
            assert_eq!(parsed.layout, layout);
            assert_eq!(parsed.begins, header.len() as u64);
            assert_eq!(parsed.bytes, bytes);
            assert_eq!(parsed.length, header.len() as u64 + bytes + bytes % 2);
            assert!(parsed.samples - samples < layout.block_samples());
            let rf64 = (parsed.length - 8).max(samples) > u64::from(u32::MAX);
            assert_eq!(&header[..4], if rf64 { b"RF64" } else { b"RIFF" });
            assert_eq!(parsed.after(), Some(0));
            let with_chunk = wav::header_before(layout, samples, bytes, large, 40);
            let with_chunk = wav::parse(&with_chunk).unwrap();
            assert_eq!(with_chunk.after(), Some(40));
            assert_eq!(with_chunk.length, parsed.length + 40);
            assert!(wav::has_header(&header, layout, large));
            assert!(!wav::has_header(&header, layout, !large));
        }
    }
}

/// The last sizes of a plain RIFF, and the first of RF64.
#[test]
fn a_chunk_after_the_audio_counts_towards_the_size_of_riff() {
    let layout = Layout::new(RecorderFormat::Alaw, 1, 8000).unwrap();
    let rest = wav::header(layout, 0, 0, true).len() as u64 - 8;
    for (after, id) in [(0, b"RIFF"), (40, b"RF64")] {
        let bytes = u64::from(u32::MAX) - 1 - rest;
        let header = wav::header_before(layout, bytes, bytes, true, after);
        assert_eq!(&header[..4], id);
        let parsed = wav::parse(&header).unwrap();
        assert_eq!((parsed.bytes, parsed.samples), (bytes, bytes));
        assert_eq!(parsed.after(), Some(after));
    }
}

#[test]
fn a_truncated_or_corrupt_header_does_not_panic() {
    let header = wav::header(
        Layout::new(RecorderFormat::Ima, 2, 8000).unwrap(),
        5,
        5,
        true,
    );
    for at in 0..header.len() {
        assert!(wav::parse(&header[..at]).is_err());
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = header.clone();
            changed[at] = value;
            let _ = wav::parse(&changed);
        }
    }
}

#[test]
fn decryption_restores_the_plain_text_and_checks_the_padding() {
    for size in [16, 24, 32] {
        let key: Vec<u8> = (0..size).collect();
        let cipher = cipher::Cipher::new(&key, &[7; 16]).unwrap();
        for length in [0, 1, 15, 16, 17, 1000] {
            let plain: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let (mut e, mut out) = (cipher::Encrypting::new(&cipher.key, &cipher.iv), Vec::new());
            for part in plain.chunks(7) {
                e.update(part, &mut out);
            }
            e.finish(&mut out);
            assert_eq!(out.len() % 16, 0);
            cipher::Decrypting::new(&cipher.key, &cipher.iv).update(&mut out);
            let padding = cipher::padding_len(&out).unwrap();
            out.truncate(out.len() - padding);
            assert_eq!(out, plain);
        }
    }
    assert!(
        cipher::Cipher::new(&[0; 5], &[0; 16])
            .unwrap_err()
            .text
            .contains('5')
    );
    assert!(
        cipher::Cipher::new(&[0; 16], &[0; 12])
            .unwrap_err()
            .text
            .contains("12")
    );
    assert!(cipher::padding_len(&[]).is_err() && cipher::padding_len(&[0]).is_err());
}
