//! The recorder's encoders and resamplers beside those of spandsp, SoX, speexdsp and soxr.

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

/// What spandsp and SoX encode too.
#[derive(Clone, Copy)]
pub enum Codec {
    Alaw,
    Ulaw,
    Ima,
    Oki,
}

/// An encoder under test, fed with frames of 20 ms.
pub trait Encodes {
    fn frame(&mut self, pcm: &[i16], out: &mut Vec<u8>);
}

/// A resampler under test.
pub trait Resamples {
    fn process(&mut self, pcm: &[i16], out: &mut Vec<i16>);
    fn finish(&mut self, out: &mut Vec<i16>);
}

impl Encodes for Encoder {
    fn frame(&mut self, pcm: &[i16], out: &mut Vec<u8>) {
        self.encode(pcm, out);
    }
}

impl Resamples for Resampler {
    fn process(&mut self, pcm: &[i16], out: &mut Vec<i16>) {
        Resampler::process(self, pcm, out);
    }

    fn finish(&mut self, out: &mut Vec<i16>) {
        Resampler::finish(self, out);
    }
}

type Named<T> = (String, Box<dyn Fn() -> Box<T>>);

/// Ours first.
fn encoders(codec: Codec, pcm: &[i16]) -> Vec<Named<dyn Encodes>> {
    let format = match codec {
        Codec::Alaw => RecorderFormat::Alaw,
        Codec::Ulaw => RecorderFormat::Ulaw,
        Codec::Ima => RecorderFormat::Ima,
        Codec::Oki => RecorderFormat::Oki,
    };
    let mut all: Vec<Named<dyn Encodes>> = vec![(
        "earwig".into(),
        Box::new(move || {
            let layout = Layout::new(format, 1, 8000).expect("a rate of the recorder");
            Box::new(Encoder::new(layout))
        }),
    )];
    all.extend(spandsp_encoder(codec));
    all.extend(sox_encoder(codec, pcm));
    all
}

// Each peer has a function that gives nothing where the peer is not linked: what compiles is the same everywhere.

#[cfg(spandsp)]
fn spandsp_encoder(codec: Codec) -> Option<Named<dyn Encodes>> {
    let make = move || -> Box<dyn Encodes> { Box::new(spandsp::Encoder::new(codec)) };
    Some(("spandsp".into(), Box::new(make)))
}

#[cfg(not(spandsp))]
fn spandsp_encoder(_: Codec) -> Option<Named<dyn Encodes>> {
    None
}

#[cfg(sox)]
fn sox_encoder(codec: Codec, pcm: &[i16]) -> Option<Named<dyn Encodes>> {
    let pcm = pcm.to_vec();
    let make = move || -> Box<dyn Encodes> { Box::new(sox::Encoder::new(codec, &pcm)) };
    Some(("SoX".into(), Box::new(make)))
}

#[cfg(not(sox))]
fn sox_encoder(_: Codec, _: &[i16]) -> Option<Named<dyn Encodes>> {
    None
}

fn resampler(from: u32, to: u32) -> Named<dyn Resamples> {
    let make = move || -> Box<dyn Resamples> {
        Box::new(Resampler::new(from, to).expect("a rate of the recorder"))
    };
    ("earwig".into(), Box::new(make))
}

/// speexdsp and soxr, as far as they are linked.
fn other_resamplers(from: u32, to: u32, snr_db: f64) -> Vec<Named<dyn Resamples>> {
    let speexdsp = speexdsp_resamplers(from, to, snr_db).into_iter();
    speexdsp.chain(soxr_resampler(from, to)).collect()
}

/// At quality 3, and at the lowest that is no worse than `snr_db` (or the best it has).
#[cfg(speexdsp)]
fn speexdsp_resamplers(from: u32, to: u32, snr_db: f64) -> Vec<Named<dyn Resamples>> {
    let speex = |quality| -> Named<dyn Resamples> {
        (
            format!("speexdsp q{quality}"),
            Box::new(move || Box::new(speexdsp::Resampler::new(from, to, quality))),
        )
    };
    let equal = (4..10).find(|&q| snr(&speex(q).1, from, to) >= snr_db);
    vec![speex(3), speex(equal.unwrap_or(10))]
}

#[cfg(not(speexdsp))]
fn speexdsp_resamplers(_: u32, _: u32, _: f64) -> Vec<Named<dyn Resamples>> {
    Vec::new()
}

#[cfg(soxr)]
fn soxr_resampler(from: u32, to: u32) -> Option<Named<dyn Resamples>> {
    let make = move || -> Box<dyn Resamples> { Box::new(soxr::Resampler::new(from, to)) };
    Some(("soxr HQ".into(), Box::new(make)))
}

#[cfg(not(soxr))]
fn soxr_resampler(_: u32, _: u32) -> Option<Named<dyn Resamples>> {
    None
}

/// Nanoseconds a sample of each, by turns, so that whatever else the machine does meets all.
fn by_turns<T: ?Sized>(all: &[Named<T>], samples: usize, run: impl Fn(&mut T)) -> Vec<f64> {
    let mut times = vec![Vec::new(); all.len()];
    for _ in 0..ROUNDS {
        for ((_, make), times) in all.iter().zip(&mut times) {
            let mut one = make();
            let began = Instant::now();
            run(&mut one);
            times.push(began.elapsed().as_secs_f64() * 1e9 / samples as f64);
        }
    }
    times.into_iter().map(median).collect()
}

fn encoder_row(name: &str, codec: Codec, pcm: &[i16]) {
    let all = encoders(codec, pcm);
    let times = by_turns(&all, pcm.len(), |encoder| {
        let mut out = Vec::with_capacity(4 * FRAME);
        for frame in pcm.chunks(FRAME) {
            out.clear();
            encoder.frame(black_box(frame), &mut out);
            black_box(&out);
        }
    });
    print!("| {name} | {:.2} |", times[0]);
    for theirs in &times[1..] {
        print!(" {theirs:.2} | **{:.1}** |", theirs / times[0]);
    }
    println!();
}

/// Tones over the band that must pass (to 85 % of the lower Nyquist frequency) and, where the rate falls, over the band that
/// must not (from 115 %), each alone, 1 dB below full scale: the worst ratio of the tone to its difference from the ideal.
fn snr(make: &dyn Fn() -> Box<dyn Resamples>, from: u32, to: u32) -> f64 {
    const AMPLITUDE: f64 = 29_200.0;
    let (from_hz, to_hz) = (f64::from(from), f64::from(to));
    let nyquist = from_hz.min(to_hz) / 2.0;
    let pass = (1..=24).map(|k| nyquist * 0.85 * f64::from(k) / 24.0);
    let stop = (0..8)
        .map(|k| nyquist * (1.15 + f64::from(k) * 0.1))
        .filter(|hz| *hz < from_hz / 2.0 * 0.97);
    let mut worst = f64::INFINITY;
    for hz in pass.chain(stop) {
        let at = |n: usize, rate: f64| AMPLITUDE * (TAU * hz * n as f64 / rate + 0.7).sin();
        let pcm: Vec<i16> = (0..from as usize / 2)
            .map(|n| at(n, from_hz).round() as i16)
            .collect();
        let (mut one, mut out) = (make(), Vec::new());
        for chunk in pcm.chunks(from as usize / 50) {
            one.process(chunk, &mut out);
        }
        one.finish(&mut out);
        // The ends are ringing, which is right.
        let steady = out.len() / 4..out.len() * 3 / 4;
        let error: f64 = steady
            .clone()
            .map(|n| {
                let ideal = if hz < nyquist { at(n, to_hz) } else { 0.0 };
                (f64::from(out[n]) - ideal).powi(2)
            })
            .sum();
        let signal = AMPLITUDE * AMPLITUDE / 2.0 * steady.len() as f64;
        worst = worst.min(10.0 * (signal / error.max(1e-9)).log10());
    }
    worst
}

fn resampler_row(from: u32, to: u32, pcm: &[i16]) {
    let ours = resampler(from, to);
    let our_snr = snr(&ours.1, from, to);
    let mut all = vec![ours];
    all.extend(other_resamplers(from, to, our_snr.min(85.0)));
    let frame = from as usize / 50;
    let times = by_turns(&all, pcm.len(), |resampler| {
        let mut out = Vec::with_capacity(8 * frame);
        for frame in pcm.chunks(frame) {
            out.clear();
            resampler.process(black_box(frame), &mut out);
            black_box(&out);
        }
    });
    print!("| {from} to {to} | {:.2} | {our_snr:.0} |", times[0]);
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
        "\nThe recorder's encoders on {speech_name}, ns a sample, median of {ROUNDS} rounds by turns, frames of 20 ms:\n"
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
        println!("\nspandsp is not installed (libspandsp-dev): not compared with.");
    }
    println!(
        "\n{}",
        if cfg!(sox) {
            "SoX through libsox, into memory; it is handed its own samples of 32 bits, made beforehand."
        } else {
            "SoX is not installed (libsox-dev): not compared with."
        }
    );
    println!(
        "\nThe resampler on {speech_name}, ns a sample put in; the SNR is the worst of tones over the pass band (85 %) and stop band\n(115 %), in chunks of 20 ms; speexdsp at quality 3 and at the lowest quality of our SNR or 85 dB:\n"
    );
    let others = other_resamplers(8000, 6000, 0.0).len();
    print!("| rates | earwig | SNR |");
    (0..others).for_each(|_| print!(" peer | ratio | SNR |"));
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
        println!("\nspeexdsp is not installed (libspeexdsp-dev): not compared with.");
    }
    if cfg!(not(soxr)) {
        println!("\nsoxr is not installed (libsoxr-dev): not compared with.");
    }
}
