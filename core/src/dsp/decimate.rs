//! From 16, 32 or 48 kHz down to the 8 kHz at which everything is detected.
//!
//! A finite impulse response low-pass, computed for the samples that are kept alone. It delays by 2 ms.
#![forbid(unsafe_code)]

use crate::time::RATE_HZ;
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// Taps for each sample that is skipped: 32 at 8 kHz, so 4 ms at any rate.
const TAPS_PER_STEP: usize = 32;

/// Cut-off: telephone bands end at 3400 Hz; what would fold onto the highest tone watched (2225 Hz) is far down.
const CUTOFF_HZ: f64 = 3500.0;

/// Scale of the taps: their sum is 1.
const SCALE: f64 = 32768.0;

static TAPS: Lazy<[Vec<i16>; 3]> = Lazy::new(|| [taps(2), taps(4), taps(6)]);

fn taps(step: usize) -> Vec<i16> {
    let n = TAPS_PER_STEP * step;
    let cutoff = CUTOFF_HZ / (f64::from(RATE_HZ) * step as f64);
    let raw: Vec<f64> = (0..n)
        .map(|i| {
            let x = i as f64 - (n as f64 - 1.0) / 2.0;
            let sinc = (2.0 * PI * cutoff * x).sin() / (PI * x);
            let phase = 2.0 * PI * (i as f64 + 0.5) / n as f64;
            let blackman = 0.42 - 0.5 * phase.cos() + 0.08 * (2.0 * phase).cos();
            sinc * blackman
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.iter()
        .map(|t| (SCALE * t / sum).round() as i16)
        .collect()
}

/// One stream's way down to 8 kHz.
#[derive(Clone, Debug)]
pub struct Decimator {
    step: usize,
    /// The latest input, at least the filter's length less one, then what is new.
    line: Vec<i16>,
    out: Vec<i16>,
}

impl Decimator {
    /// `None` for a rate that is none of 8000, 16000, 32000, 48000.
    pub fn new(rate_hz: u32) -> Option<Self> {
        let step = match rate_hz {
            8000 => 1,
            16000 => 2,
            32000 => 4,
            48000 => 6,
            _ => return None,
        };
        let mut decimator = Self {
            step,
            line: Vec::new(),
            out: Vec::new(),
        };
        decimator.line.resize(decimator.history(), 0);
        Some(decimator)
    }

    /// Input samples for one of output.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Samples at 8 kHz by which what comes out is late: half the filter.
    pub fn delay(&self) -> u64 {
        if self.step == 1 {
            0
        } else {
            TAPS_PER_STEP as u64 / 2
        }
    }

    /// The samples at 8 kHz that `input` completes.
    pub fn process<'a>(&'a mut self, input: &'a [i16]) -> &'a [i16] {
        let taps = match self.step {
            1 => return input,
            2 => &TAPS[0],
            4 => &TAPS[1],
            _ => &TAPS[2],
        };
        self.line.extend_from_slice(input);
        self.out.clear();
        let mut at = 0;
        while at + taps.len() <= self.line.len() {
            let sum: i64 = self.line[at..at + taps.len()]
                .chunks_exact(TAPS_PER_STEP)
                .zip(taps.chunks_exact(TAPS_PER_STEP))
                .map(|(x, t)| {
                    i64::from(
                        x.iter()
                            .zip(t)
                            .map(|(&x, &t)| i32::from(x) * i32::from(t))
                            .sum::<i32>(),
                    )
                })
                .sum();
            self.out
                .push(((sum + 16384) >> 15).clamp(-32768, 32767) as i16);
            at += self.step;
        }
        self.line.drain(..at);
        &self.out
    }

    /// `count` samples were lost: forgets what came before, and answers how many samples at 8 kHz are lost by it.
    pub fn gap(&mut self, count: u64) -> u64 {
        let step = self.step as u64;
        let history = self.history();
        let due = (self.line.len() - history) as u64 + count % step;
        self.line.clear();
        // What is left of a sample is remembered, so that no number of gaps moves the clock.
        self.line.resize(history + (due % step) as usize, 0);
        count / step + due / step
    }

    fn history(&self) -> usize {
        if self.step == 1 {
            0
        } else {
            TAPS_PER_STEP * self.step - self.step
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain_db(rate: u32, hz: f64) -> f64 {
        let mut d = Decimator::new(rate).unwrap();
        let input: Vec<i16> = (0..rate)
            .map(|n| {
                (10000.0 * (2.0 * PI * hz * f64::from(n) / f64::from(rate)).sin()).round() as i16
            })
            .collect();
        let out = d.process(&input)[200..].to_vec();
        let power = out.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / out.len() as f64;
        10.0 * (power.max(1e-3) / 5e7).log10()
    }

    #[test]
    fn telephone_tones_pass_and_what_would_fold_onto_them_does_not() {
        for rate in [16000, 32000, 48000] {
            for hz in [300.0, 697.0, 1633.0, 2225.0] {
                assert!(
                    gain_db(rate, hz).abs() < 0.1,
                    "{rate} {hz}: {}",
                    gain_db(rate, hz)
                );
            }
            for hz in [5800.0, 6400.0, 7300.0] {
                assert!(
                    gain_db(rate, hz) < -60.0,
                    "{rate} {hz}: {}",
                    gain_db(rate, hz)
                );
            }
        }
    }

    #[test]
    fn gaps_and_audio_together_keep_the_clock() {
        for rate in [8000, 16000, 32000, 48000] {
            let mut d = Decimator::new(rate).unwrap();
            let (mut input, mut output) = (0, 0);
            for i in 0..1000usize {
                let count = i * 7 % 23;
                output += if i % 3 == 0 {
                    d.gap(count as u64)
                } else {
                    d.process(&vec![1; count]).len() as u64
                };
                input += count as u64;
                assert_eq!(output, input / d.step() as u64);
            }
        }
    }

    #[test]
    fn any_chunking_gives_the_same_samples_and_the_right_number() {
        for rate in [8000u32, 16000, 32000, 48000] {
            let input: Vec<i16> = (0..4800i32)
                .map(|n| (n * 7919 % 20011 - 10000) as i16)
                .collect();
            let whole = Decimator::new(rate).unwrap().process(&input).to_vec();
            assert_eq!(whole.len(), 4800 / (rate / 8000) as usize);
            for size in [1, 7, 160, 961] {
                let mut d = Decimator::new(rate).unwrap();
                let pieces: Vec<i16> = input
                    .chunks(size)
                    .flat_map(|c| d.process(c).to_vec())
                    .collect();
                assert_eq!(pieces, whole, "{rate} {size}");
            }
        }
    }
}
