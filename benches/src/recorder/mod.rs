//! Cost of the recorder's encoders and resampler, compared with spandsp, SoX, speexdsp and soxr.

#[cfg(sox)]
mod sox;
#[cfg(soxr)]
mod soxr;
#[cfg(spandsp)]
mod spandsp;
#[cfg(speexdsp)]
mod speexdsp;

use super::{FRAME, median};
use earwig_core::codec::{Encoder, Layout};
use earwig_core::dsp::resample::Resampler;
use earwig_core::types::RecorderFormat;
use std::f64::consts::TAU;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;

/// Formats of the recorder that spandsp and SoX encode too.
#[derive(Clone, Copy)]
pub enum Codec {
    Alaw,
    Ulaw,
    Ima,
    Oki,
}

/// An encoder under test. It gets frames of 20 ms.
pub trait FrameEncoder {
    /// Encodes a frame and appends its bytes.
    fn encode_frame(&mut self, pcm: &[i16], out: &mut Vec<u8>);
}

/// A resampler under test.
pub trait StreamResampler {
    /// Takes samples and appends those that are complete.
    fn process(&mut self, pcm: &[i16], out: &mut Vec<i16>);
    /// Appends the samples that remain at the end of the stream.
    fn finish(&mut self, out: &mut Vec<i16>);
}

impl FrameEncoder for Encoder {
    fn encode_frame(&mut self, pcm: &[i16], out: &mut Vec<u8>) {
        self.encode(pcm, out);
    }
}

impl StreamResampler for Resampler {
    fn process(&mut self, pcm: &[i16], out: &mut Vec<i16>) {
        Resampler::process(self, pcm, out);
    }

    fn finish(&mut self, out: &mut Vec<i16>) {
        Resampler::finish(self, out);
    }
}

/// An implementation's name and constructor.
type Implementation<T> = (String, Box<dyn Fn() -> Box<T>>);

/// All encoders that are linked; earwig's is the first.
fn encoders(codec: Codec, pcm: &[i16]) -> Vec<Implementation<dyn FrameEncoder>> {
    let format = match codec {
        Codec::Alaw => RecorderFormat::Alaw,
        Codec::Ulaw => RecorderFormat::Ulaw,
        Codec::Ima => RecorderFormat::Ima,
        Codec::Oki => RecorderFormat::Oki,
    };
    let mut all: Vec<Implementation<dyn FrameEncoder>> = vec![(
        "earwig".into(),
        Box::new(move || {
            let layout = Layout::new(format, 1, 8000).expect("a supported rate");
            Box::new(Encoder::new(layout))
        }),
    )];
    all.extend(spandsp_encoder(codec));
    all.extend(sox_encoder(codec, pcm));
    all
}

// Each library has a function that returns nothing if the library is not linked, so that all callers compile on every system.

#[cfg(spandsp)]
fn spandsp_encoder(codec: Codec) -> Option<Implementation<dyn FrameEncoder>> {
    let make = move || -> Box<dyn FrameEncoder> { Box::new(spandsp::Encoder::new(codec)) };
    Some(("spandsp".into(), Box::new(make)))
}

#[cfg(not(spandsp))]
fn spandsp_encoder(_: Codec) -> Option<Implementation<dyn FrameEncoder>> {
    None
}

#[cfg(sox)]
fn sox_encoder(codec: Codec, pcm: &[i16]) -> Option<Implementation<dyn FrameEncoder>> {
    let pcm = pcm.to_vec();
    let make = move || -> Box<dyn FrameEncoder> { Box::new(sox::Encoder::new(codec, &pcm)) };
    Some(("SoX".into(), Box::new(make)))
}

#[cfg(not(sox))]
fn sox_encoder(_: Codec, _: &[i16]) -> Option<Implementation<dyn FrameEncoder>> {
    None
}

fn resampler(from: u32, to: u32) -> Implementation<dyn StreamResampler> {
    let make = move || -> Box<dyn StreamResampler> {
        Box::new(Resampler::new(from, to).expect("a supported rate"))
    };
    ("earwig".into(), Box::new(make))
}

/// The resamplers of speexdsp and soxr, if they are linked.
fn other_resamplers(from: u32, to: u32, snr_db: f64) -> Vec<Implementation<dyn StreamResampler>> {
    let speexdsp = speexdsp_resamplers(from, to, snr_db).into_iter();
    speexdsp.chain(soxr_resampler(from, to)).collect()
}

/// At quality 3, and at the lowest quality from 4 to 10 whose SNR is `snr_db` or better; at 10 if there is none.
#[cfg(speexdsp)]
fn speexdsp_resamplers(
    from: u32,
    to: u32,
    snr_db: f64,
) -> Vec<Implementation<dyn StreamResampler>> {
    let speex = |quality| -> Implementation<dyn StreamResampler> {
        (
            format!("speexdsp q{quality}"),
            Box::new(move || Box::new(speexdsp::Resampler::new(from, to, quality))),
        )
    };
    let matching = (4..10).find(|&q| snr(&speex(q).1, from, to) >= snr_db);
    vec![speex(3), speex(matching.unwrap_or(10))]
}

#[cfg(not(speexdsp))]
fn speexdsp_resamplers(_: u32, _: u32, _: f64) -> Vec<Implementation<dyn StreamResampler>> {
    Vec::new()
}

#[cfg(soxr)]
fn soxr_resampler(from: u32, to: u32) -> Option<Implementation<dyn StreamResampler>> {
    let make = move || -> Box<dyn StreamResampler> { Box::new(soxr::Resampler::new(from, to)) };
    Some(("soxr HQ".into(), Box::new(make)))
}

#[cfg(not(soxr))]
fn soxr_resampler(_: u32, _: u32) -> Option<Implementation<dyn StreamResampler>> {
    None
}

/// Nanoseconds per sample of each implementation. Each round runs every one once, so that disturbances affect all alike.
fn interleaved<T: ?Sized>(
    all: &[Implementation<T>],
    samples: usize,
    run: impl Fn(&mut T),
) -> Vec<f64> {
    let mut times = vec![Vec::new(); all.len()];
    for _ in 0..ROUNDS {
        for ((_, make), times) in all.iter().zip(&mut times) {
            let mut implementation = make();
            let began = Instant::now();
            run(&mut implementation);
            times.push(began.elapsed().as_secs_f64() * 1e9 / samples as f64);
        }
    }
    times.into_iter().map(median).collect()
}

fn encoder_row(name: &str, codec: Codec, pcm: &[i16]) {
    let all = encoders(codec, pcm);
    let times = interleaved(&all, pcm.len(), |encoder| {
        let mut out = Vec::with_capacity(4 * FRAME);
        for frame in pcm.chunks(FRAME) {
            out.clear();
            encoder.encode_frame(black_box(frame), &mut out);
            black_box(&out);
        }
    });
    print!("| {name} | {:.2} |", times[0]);
    for theirs in &times[1..] {
        print!(" {theirs:.2} | **{:.1}** |", theirs / times[0]);
    }
    println!();
}

/// Lowest SNR in dB over single tones at -1 dBFS: the ratio of the tone to the output's difference from the ideal output. The tones
/// lie in the pass band, up to 85 % of the lower Nyquist frequency, and when downsampling also in the stop band, from 115 %.
fn snr(make: &dyn Fn() -> Box<dyn StreamResampler>, from: u32, to: u32) -> f64 {
    const AMPLITUDE: f64 = 29_200.0;
    let (from_hz, to_hz) = (f64::from(from), f64::from(to));
    let nyquist = from_hz.min(to_hz) / 2.0;
    let pass = (1..=24).map(|k| nyquist * 0.85 * f64::from(k) / 24.0);
    let stop = (0..8)
        .map(|k| nyquist * (1.15 + f64::from(k) * 0.1))
        .filter(|hz| *hz < from_hz / 2.0 * 0.97);
    let mut min_db = f64::INFINITY;
    for hz in pass.chain(stop) {
        let at = |n: usize, rate: f64| AMPLITUDE * (TAU * hz * n as f64 / rate + 0.7).sin();
        let pcm: Vec<i16> = (0..from as usize / 2)
            .map(|n| at(n, from_hz).round() as i16)
            .collect();
        let (mut resampler, mut out) = (make(), Vec::new());
        for chunk in pcm.chunks(from as usize / 50) {
            resampler.process(chunk, &mut out);
        }
        resampler.finish(&mut out);
        // The first and last quarter contain the filter's ringing, which is correct.
        let steady = out.len() / 4..out.len() * 3 / 4;
        let error: f64 = steady
            .clone()
            .map(|n| {
                let ideal = if hz < nyquist { at(n, to_hz) } else { 0.0 };
                (f64::from(out[n]) - ideal).powi(2)
            })
            .sum();
        let signal = AMPLITUDE * AMPLITUDE / 2.0 * steady.len() as f64;
        min_db = min_db.min(10.0 * (signal / error.max(1e-9)).log10());
    }
    min_db
}

fn resampler_row(from: u32, to: u32, pcm: &[i16]) {
    let earwig = resampler(from, to);
    let earwig_snr = snr(&earwig.1, from, to);
    let mut all = vec![earwig];
    all.extend(other_resamplers(from, to, earwig_snr.min(85.0)));
    let frame = from as usize / 50;
    let times = interleaved(&all, pcm.len(), |resampler| {
        let mut out = Vec::with_capacity(8 * frame);
        for frame in pcm.chunks(frame) {
            out.clear();
            resampler.process(black_box(frame), &mut out);
            black_box(&out);
        }
    });
    print!("| {from} to {to} | {:.2} | {earwig_snr:.0} |", times[0]);
    for ((name, make), theirs) in all[1..].iter().zip(&times[1..]) {
        let snr = snr(make, from, to);
        print!(
            " {name}: {theirs:.2} | **{:.1}** | {snr:.0} |",
            theirs / times[0]
        );
    }
    println!();
}

/// Prints both tables.
pub fn print(speech_name: &str, speech: &[i16]) {
    println!(
        "\nThe recorder's encoders on {speech_name}, ns per sample, median of {ROUNDS} interleaved rounds, frames of 20 ms:\n"
    );
    let all = encoders(Codec::Alaw, &[]);
    print!("| format | earwig |");
    all[1..].iter().for_each(|m| print!(" {} | ratio |", m.0));
    println!("\n|---|---|{}", "---|---|".repeat(all.len() - 1));
    drop(all);
    encoder_row("A-law", Codec::Alaw, speech);
    encoder_row("u-law", Codec::Ulaw, speech);
    encoder_row("IMA ADPCM", Codec::Ima, speech);
    encoder_row("OKI ADPCM", Codec::Oki, speech);
    if cfg!(not(spandsp)) {
        println!("\nspandsp is not linked (libspandsp-dev): left out.");
    }
    println!(
        "\n{}",
        if cfg!(sox) {
            "SoX encodes through libsox into memory. Its samples of 32 bits are converted before the timing starts."
        } else {
            "SoX is not linked (libsox-dev): left out."
        }
    );
    println!(
        "\nThe resampler on {speech_name}, ns per input sample, chunks of 20 ms. SNR is the lowest over tones in the pass band (up to 85 %)\nand the stop band (from 115 %). speexdsp runs at quality 3 and at the lowest quality that has earwig's SNR, or 85 dB:\n"
    );
    let others = other_resamplers(8000, 6000, 0.0).len();
    print!("| rates | earwig | SNR |");
    (0..others).for_each(|_| print!(" library | ratio | SNR |"));
    println!("\n|---|---|---|{}", "---|---|---|".repeat(others));
    for (from, to) in [
        (8000, 6000),
        (8000, 11_025),
        (16_000, 8000),
        (48_000, 8000),
        (8000, 16_000),
    ] {
        resampler_row(from, to, speech);
    }
    if cfg!(not(speexdsp)) {
        println!("\nspeexdsp is not linked (libspeexdsp-dev): left out.");
    }
    if cfg!(not(soxr)) {
        println!("\nsoxr is not linked (libsoxr-dev): left out.");
    }
}
