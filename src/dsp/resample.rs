//! From one rate to another, as a stream: a polyphase low-pass, computed for the samples that are kept alone.
//!
//! Output sample `k` stands for the moment `k / to` seconds after the first input sample: nothing is delayed in the file, the
//! filter's second half is waited for instead. `n` samples in give `ceil(n * to / from)` out.
#![forbid(unsafe_code)]

use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};
use wide::f32x8;

/// How far what would fold is put down; 85 dB are promised, and 16-bit samples have their own noise at 98.
const STOP_DB: f64 = 96.0;

/// The band that is kept, as a part of the lower rate's half; what folds ends as far above that half.
const PASS: f64 = 0.91;

/// Input samples that are computed with at once.
const LANES: usize = 8;

/// The filters of one pair of rates.
#[derive(Debug)]
struct Filters {
    up: usize,
    down: usize,
    /// Taps of one phase: a multiple of [`LANES`].
    taps: usize,
    /// `up` phases.
    phases: Vec<f32x8>,
}

impl Filters {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        let divisor = gcd(from_hz, to_hz);
        let (up, down) = ((to_hz / divisor) as usize, (from_hz / divisor) as usize);
        // All in units of the input rate.
        let half = 0.5 * f64::from(to_hz.min(from_hz)) / f64::from(from_hz);
        let transition = 2.0 * half * (1.0 - PASS);
        let length = (STOP_DB - 8.0) / (2.285 * 2.0 * PI * transition);
        let taps = (length.ceil() as usize + 1).next_multiple_of(LANES);
        let beta = 0.1102 * (STOP_DB - 8.7);
        let middle = taps as f64 / 2.0;
        let tap = |phase: usize, i: usize| {
            // From the output's moment to the input sample.
            let x = i as f64 - (middle - 1.0) - phase as f64 / up as f64;
            let sinc = if x.abs() < 1e-12 {
                2.0 * half
            } else {
                (2.0 * PI * half * x).sin() / (PI * x)
            };
            let edge = 1.0 - (x / middle).powi(2);
            if edge <= 0.0 {
                0.0
            } else {
                sinc * bessel(beta * edge.sqrt()) / bessel(beta)
            }
        };
        let phases = (0..up).flat_map(|phase| {
            let raw: Vec<f64> = (0..taps).map(|i| tap(phase, i)).collect();
            let sum: f64 = raw.iter().sum();
            let scaled: Vec<f32> = raw.iter().map(|t| (t / sum) as f32).collect();
            scaled
                .chunks_exact(LANES)
                .map(|c| f32x8::from(<[f32; LANES]>::try_from(c).expect("chunks of eight")))
                .collect::<Vec<_>>()
        });
        Self {
            up,
            down,
            taps,
            phases: phases.collect(),
        }
    }

    fn phase(&self, phase: usize) -> &[f32x8] {
        let length = self.taps / LANES;
        &self.phases[phase * length..(phase + 1) * length]
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The modified Bessel function of order 0, of Kaiser's window.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..100 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

/// Filters are made once for each pair of rates.
static FILTERS: Lazy<Mutex<HashMap<(u32, u32), Arc<Filters>>>> = Lazy::new(Mutex::default);

/// A stream's way from one rate to another.
#[derive(Clone, Debug)]
pub struct Resampler {
    filters: Option<Arc<Filters>>,
    /// The input that outputs to come need.
    line: Vec<f32>,
    /// Where in `line` the next output's taps begin, and its phase.
    at: usize,
    phase: usize,
    /// Input samples that no output has counted yet, in units of `down`.
    taken: u64,
    made: u64,
}

impl Resampler {
    /// `None` for a rate of 0 or over 192 kHz.
    pub fn new(from_hz: u32, to_hz: u32) -> Option<Self> {
        let range = 1..=192_000;
        if !range.contains(&from_hz) || !range.contains(&to_hz) {
            return None;
        }
        let filters = (from_hz != to_hz).then(|| {
            let mut all = FILTERS.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry((from_hz, to_hz))
                .or_insert_with(|| Arc::new(Filters::new(from_hz, to_hz)))
                .clone()
        });
        let before = filters.as_ref().map_or(0, |f| f.taps / 2 - 1);
        Some(Self {
            filters,
            line: vec![0.0; before],
            at: 0,
            phase: 0,
            taken: 0,
            made: 0,
        })
    }

    /// Appends the samples that `input` completes.
    pub fn process(&mut self, input: &[i16], out: &mut Vec<i16>) {
        self.taken += input.len() as u64;
        match self.filters.clone() {
            None => out.extend_from_slice(input),
            Some(filters) => {
                self.line.extend(input.iter().map(|&s| f32::from(s)));
                self.run(&filters, u64::MAX, out);
            }
        }
    }

    /// Appends what is left: every sample whose moment has come.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        if let Some(filters) = self.filters.clone() {
            let due = (self.taken * filters.up as u64).div_ceil(filters.down as u64);
            self.line.resize(self.line.len() + filters.taps, 0.0);
            self.run(&filters, due, out);
        }
    }

    fn run(&mut self, filters: &Filters, until: u64, out: &mut Vec<i16>) {
        while self.at + filters.taps <= self.line.len() && self.made < until {
            let window = self.line[self.at..self.at + filters.taps].chunks_exact(LANES);
            let mut sums = [f32x8::ZERO; 2];
            for (i, (x, taps)) in window.zip(filters.phase(self.phase)).enumerate() {
                let x: [f32; LANES] = x.try_into().expect("chunks of eight");
                sums[i % 2] += f32x8::from(x) * *taps;
            }
            let sum = (sums[0] + sums[1]).reduce_add();
            out.push(sum.round_ties_even().clamp(-32768.0, 32767.0) as i16);
            self.made += 1;
            self.phase += filters.down;
            self.at += self.phase / filters.up;
            self.phase %= filters.up;
        }
        let done = self.at.min(self.line.len());
        self.line.drain(..done);
        self.at -= done;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate: u32, hz: f64, seconds: f64) -> Vec<i16> {
        (0..(f64::from(rate) * seconds) as u32)
            .map(|n| {
                (20000.0 * (2.0 * PI * hz * f64::from(n) / f64::from(rate)).sin()).round() as i16
            })
            .collect()
    }

    fn resampled(from: u32, to: u32, input: &[i16], chunk: usize) -> Vec<i16> {
        let (mut r, mut out) = (Resampler::new(from, to).unwrap(), Vec::new());
        for part in input.chunks(chunk) {
            r.process(part, &mut out);
        }
        r.finish(&mut out);
        out
    }

    #[test]
    fn every_pair_of_rates_keeps_a_tone_to_85_db_and_puts_what_would_fold_85_db_down() {
        for from in [8000, 16000, 32000, 48000] {
            for to in crate::codec::RATES_HZ {
                if from == to {
                    continue;
                }
                let half = f64::from(from.min(to)) / 2.0;
                for hz in [200.0, 0.5 * half, 0.9 * half] {
                    let out = resampled(from, to, &sine(from, hz, 0.5), 160);
                    assert_eq!(out.len(), (to as usize).div_ceil(2));
                    let ideal = (0..out.len())
                        .map(|n| 20000.0 * (2.0 * PI * hz * n as f64 / f64::from(to)).sin());
                    let middle = out.len() / 10..out.len() * 9 / 10;
                    let error: f64 = out
                        .iter()
                        .zip(ideal)
                        .map(|(&y, x)| (f64::from(y) - x).powi(2))
                        .skip(middle.start)
                        .take(middle.len())
                        .sum();
                    let snr = 10.0 * (2e8 * middle.len() as f64 / error).log10();
                    assert!(snr > 85.0, "{from} to {to}, {hz} Hz: {snr:.1} dB");
                }
                if to < from {
                    let out = resampled(from, to, &sine(from, 1.1 * half, 0.5), 160);
                    let middle = &out[out.len() / 10..out.len() * 9 / 10];
                    let power: f64 = middle.iter().map(|&y| f64::from(y).powi(2)).sum::<f64>()
                        / middle.len() as f64;
                    let down = 10.0 * (2e8 / power.max(1e-9)).log10();
                    assert!(
                        down > 85.0,
                        "{from} to {to}: what would fold is {down:.1} dB down"
                    );
                }
            }
        }
    }

    #[test]
    fn any_chunking_gives_the_same_samples_and_the_right_number() {
        for (from, to) in [(8000, 6000), (8000, 11025), (48000, 8000), (16000, 16000)] {
            for length in [0, 1, 100, 1001] {
                let input: Vec<i16> = (0..length)
                    .map(|n: i32| (n * 7919 % 20011 - 10000) as i16)
                    .collect();
                let whole = resampled(from, to, &input, usize::MAX);
                assert_eq!(
                    whole.len(),
                    (length as usize * to as usize).div_ceil(from as usize)
                );
                for chunk in [1, 7, 160] {
                    assert_eq!(
                        resampled(from, to, &input, chunk),
                        whole,
                        "{from} {to} {chunk}"
                    );
                }
            }
        }
    }
}
