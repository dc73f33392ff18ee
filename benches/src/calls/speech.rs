//! Where a recording has speech, from its level alone: independent of the voice detector under test.

use super::filters::Biquad;
use earwig_signals::{FULL_SCALE_DBM0, RATE_HZ};
use std::ops::Range;

/// Samples of a hop, 10 ms.
pub const HOP: usize = 80;
/// The level of a hop is that of 30 ms around it.
const WINDOW: usize = 240;
/// Smallest distance of the loud hops (95 %) from the quiet ones (5 %), dB: in other recordings speech does not stand out.
const MIN_RANGE_DB: f64 = 18.0;
/// Speech is at most this far below the loud hops, and at least so far above the quiet ones, dB.
const BELOW_TOP_DB: f64 = 30.0;
const ABOVE_FLOOR_DB: f64 = 8.0;
/// Lowest level of speech, dBm0.
const MIN_DBM0: f64 = -60.0;
/// Hops of the longest pause within a word, and of the longest click.
const WITHIN_WORD: usize = 6;
const CLICK: usize = 3;

/// The speech of a recording, in hops.
pub struct Speech {
    /// Level of each hop, dBm0.
    pub levels: Vec<f64>,
    /// Whether each hop is above the limit.
    pub loud: Vec<bool>,
    /// Whether each hop is speech: pauses within words are, clicks are not.
    pub voice: Vec<bool>,
    /// First hop of speech, and first hop after it.
    pub span: Range<usize>,
    /// Level of the speech, dBm0.
    pub level_dbm0: f64,
    /// Level below which 5 % of the hops are, dBm0.
    pub floor_dbm0: f64,
}

impl Speech {
    /// The speech of `pcm`; `None` if there is none, or if it does not stand out.
    pub fn of(pcm: &[i16]) -> Option<Self> {
        let levels = levels(pcm);
        let (top, floor) = (percentile(&levels, 0.95)?, percentile(&levels, 0.05)?);
        if top - floor < MIN_RANGE_DB {
            return None;
        }
        let limit = (top - BELOW_TOP_DB)
            .max(floor + ABOVE_FLOOR_DB)
            .max(MIN_DBM0);
        let loud: Vec<bool> = levels.iter().map(|level| *level > limit).collect();
        let mut voice = loud.clone();
        for run in runs(&voice, false) {
            let within = run.start > 0 && run.end < voice.len();
            if run.len() <= WITHIN_WORD && within {
                voice[run].fill(true);
            }
        }
        for run in runs(&voice, true) {
            if run.len() <= CLICK {
                voice[run].fill(false);
            }
        }
        let first = voice.iter().position(|voice| *voice)?;
        let last = voice.iter().rposition(|voice| *voice)?;
        let powers: Vec<f64> = (first..=last)
            .filter(|hop| voice[*hop])
            .map(|hop| 10f64.powf(levels[hop] / 10.0))
            .collect();
        let level_dbm0 = 10.0 * (powers.iter().sum::<f64>() / powers.len() as f64).log10();
        Some(Self {
            span: first..last + 1,
            level_dbm0,
            floor_dbm0: floor,
            levels,
            loud,
            voice,
        })
    }

    /// Phrases: speech between pauses of `pause` hops or more.
    pub fn phrases(&self, pause: usize) -> Vec<Range<usize>> {
        let mut phrases: Vec<Range<usize>> = Vec::new();
        for run in runs(&self.voice, true) {
            match phrases.last_mut() {
                Some(last) if run.start - last.end < pause => last.end = run.end,
                _ => phrases.push(run),
            }
        }
        phrases
    }
}

/// The runs of hops that equal `value`.
pub fn runs(hops: &[bool], value: bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in hops.iter().enumerate().filter(|(_, hop)| **hop == value) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Level of each hop, dBm0, without what is below 120 Hz.
fn levels(pcm: &[i16]) -> Vec<f64> {
    let mut signal: Vec<f64> = pcm.iter().map(|x| f64::from(*x)).collect();
    Biquad::high_pass(120.0).apply(&mut signal);
    let around = (WINDOW - HOP) / 2;
    (0..signal.len() / HOP)
        .map(|hop| {
            let begin = (hop * HOP).saturating_sub(around);
            let end = (hop * HOP + HOP + around).min(signal.len());
            let power = signal[begin..end].iter().map(|x| x * x).sum::<f64>();
            level_dbm0(power / (end - begin) as f64)
        })
        .collect()
}

/// Level of a mean square, dBm0; at least -107, that of a tenth of a step.
fn level_dbm0(mean_square: f64) -> f64 {
    10.0 * ((mean_square + 0.01) / (32768.0f64.powi(2) / 2.0)).log10() + FULL_SCALE_DBM0
}

fn percentile(values: &[f64], part: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    crate::statistics::quantile(&mut sorted, part)
}

/// Hops of a time in seconds.
pub fn hops(seconds: f64) -> usize {
    (seconds * RATE_HZ / HOP as f64).round() as usize
}

/// Seconds of a number of hops.
pub fn seconds(hops: usize) -> f64 {
    (hops * HOP) as f64 / RATE_HZ
}

/// Milliseconds of a number of samples.
pub fn samples_ms(samples: usize) -> f64 {
    samples as f64 * 1000.0 / RATE_HZ
}
