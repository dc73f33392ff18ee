//! Decimation from 16, 32 or 48 kHz to 8 kHz, the rate of all detectors.
//!
//! An FIR low-pass, computed only for the output samples. It delays the signal by 2 ms.
#![forbid(unsafe_code)]

use crate::time::RATE_HZ;
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// Taps for each unit of the decimation factor: the filter is 4 ms long at any rate.
const TAPS_PER_FACTOR: usize = 32;

/// Cut-off frequency: the telephone band ends at 3400 Hz. Frequencies that alias to 2225 Hz, the highest tone detected, are
/// attenuated by more than 60 dB.
const CUTOFF_HZ: f64 = 3500.0;

/// Scale of the taps, whose sum is 1 (Q15).
const SCALE: f64 = 32768.0;

static TAPS: Lazy<[Vec<i16>; 3]> = Lazy::new(|| [taps(2), taps(4), taps(6)]);

fn taps(factor: usize) -> Vec<i16> {
    let n = TAPS_PER_FACTOR * factor;
    let cutoff = CUTOFF_HZ / (f64::from(RATE_HZ) * factor as f64);
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

/// The decimator of one stream.
#[derive(Clone, Debug)]
pub struct Decimator {
    factor: usize,
    /// Input that later outputs need: at least the length of the filter minus `factor` samples.
    buffer: Vec<i16>,
    out: Vec<i16>,
}

impl Decimator {
    /// A decimator from `rate_hz`. Returns `None` unless that is 8000, 16000, 32000 or 48000.
    pub fn new(rate_hz: u32) -> Option<Self> {
        let factor = match rate_hz {
            8000 => 1,
            16000 => 2,
            32000 => 4,
            48000 => 6,
            _ => return None,
        };
        let mut decimator = Self {
            factor,
            buffer: Vec::new(),
            out: Vec::new(),
        };
        decimator.buffer.resize(decimator.history(), 0);
        Some(decimator)
    }

    /// Input samples for each output sample: 1, 2, 4 or 6.
    pub fn factor(&self) -> usize {
        self.factor
    }

    /// Delay of the output in samples at 8 kHz: half the length of the filter.
    pub fn delay(&self) -> u64 {
        if self.factor == 1 {
            0
        } else {
            TAPS_PER_FACTOR as u64 / 2
        }
    }

    /// Processes `input` and returns the samples at 8 kHz that it completes.
    pub fn process<'a>(&'a mut self, input: &'a [i16]) -> &'a [i16] {
        let taps = match self.factor {
            1 => return input,
            2 => &TAPS[0],
            4 => &TAPS[1],
            _ => &TAPS[2],
        };
        self.buffer.extend_from_slice(input);
        self.out.clear();
        let mut at = 0;
        while at + taps.len() <= self.buffer.len() {
            let sum: i64 = self.buffer[at..at + taps.len()]
                .chunks_exact(TAPS_PER_FACTOR)
                .zip(taps.chunks_exact(TAPS_PER_FACTOR))
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
            at += self.factor;
        }
        self.buffer.drain(..at);
        &self.out
    }

    /// Processes `count` missing input samples: clears the filter and returns the number of missing samples at 8 kHz.
    pub fn gap(&mut self, count: u64) -> u64 {
        let factor = self.factor as u64;
        let history = self.history();
        let due = (self.buffer.len() - history) as u64 + count % factor;
        self.buffer.clear();
        // The remainder stays in the buffer, so that the output keeps its length over any number of gaps.
        self.buffer.resize(history + (due % factor) as usize, 0);
        count / factor + due / factor
    }

    fn history(&self) -> usize {
        if self.factor == 1 {
            0
        } else {
            TAPS_PER_FACTOR * self.factor - self.factor
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
    fn telephone_tones_pass_and_their_aliases_are_60_db_down() {
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
    fn the_output_keeps_its_length_over_audio_and_gaps() {
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
                assert_eq!(output, input / d.factor() as u64);
            }
        }
    }

    #[test]
    fn any_chunking_gives_the_same_samples() {
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
