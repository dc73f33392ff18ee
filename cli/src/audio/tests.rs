//! The conversion of every other rate to 8 kHz.

use super::*;
use std::f64::consts::TAU;

/// A sine of `hz` at half of full scale that starts at `start_s`.
fn tone(hz: f64, rate_hz: u32, seconds: f64, start_s: f64) -> Vec<f32> {
    (0..(seconds * f64::from(rate_hz)) as u64)
        .map(|n| n as f64 / f64::from(rate_hz))
        .map(|t| {
            if t < start_s {
                0.0
            } else {
                0.5 * (TAU * hz * t).sin() as f32
            }
        })
        .collect()
}

fn resample(samples: &[f32], from_hz: u32, chunk: usize) -> Vec<f32> {
    let mut resampler = Resampler::new(from_hz, 8000).unwrap();
    let pcm: Vec<i16> = samples.iter().map(|&sample| to_i16(sample)).collect();
    let mut out = Vec::new();
    for chunk in pcm.chunks(chunk) {
        resampler.process(chunk, &mut out);
    }
    resampler.finish(&mut out);
    out.iter().map(|&s| f32::from(s) / 32768.0).collect()
}

#[test]
fn resampling_keeps_length_time_and_level() {
    for rate_hz in [
        6000, 8001, 11_025, 12_000, 22_050, 24_000, 37_800, 44_100, 96_000, 192_000, 352_800,
        384_000,
    ] {
        let out = resample(&tone(941.0, rate_hz, 1.0, 0.5), rate_hz, 999);
        assert_eq!(out.len(), 8000, "{rate_hz}");
        let want = tone(941.0, 8000, 1.0, 0.5);
        // Away from the edges, where the filter rings.
        let error = (4200..7800)
            .map(|n| (out[n] - want[n]).abs())
            .fold(0.0, f32::max);
        assert!(error < 0.002, "{rate_hz} Hz: off by {error}");
        assert!(
            out[..3800].iter().all(|sample| sample.abs() < 0.002),
            "{rate_hz}"
        );
    }
}

#[test]
fn a_tone_above_4_khz_is_filtered_out() {
    for rate_hz in [44_100, 384_000] {
        let out = resample(&tone(7059.0, rate_hz, 1.0, 0.0), rate_hz, 441);
        assert!(out[400..7600].iter().all(|sample| sample.abs() < 0.001));
    }
}

#[test]
fn the_chunk_size_does_not_change_the_samples() {
    let samples = tone(697.0, 44_100, 0.3, 0.1);
    let whole = resample(&samples, 44_100, samples.len());
    for chunk in [1, 7, 441, 5000] {
        assert_eq!(resample(&samples, 44_100, chunk), whole);
    }
}

#[test]
fn a_part_of_a_sample_counts_as_one() {
    assert!(resample(&[], 44_100, 1).is_empty());
    assert_eq!(resample(&[0.1; 5], 44_100, 1).len(), 1);
    assert_eq!(resample(&[0.1; 11], 44_100, 1).len(), 2);
}
