//! The noise of a recording's own line, from its pauses.

use super::speech::{HOP, Speech, runs};
use earwig_signals::{amplitude, gauss};
use fastrand::Rng;
use std::f64::consts::PI;
use std::ops::Range;

/// Hops next to speech that may still belong to it.
const MARGIN: usize = 2;
/// Hops of the shortest pause that is used.
const MIN_PAUSE: usize = 5;
/// A pause is at most this far above the floor, dB.
const ABOVE_FLOOR_DB: f64 = 6.0;
/// Samples of one piece, 40 ms.
const PIECE: usize = 320;

/// The noise of a line, of which any length can be made.
pub struct LineNoise {
    /// Pauses of at least one piece.
    pauses: Vec<Vec<f64>>,
    /// Level of the noise, dBm0, for a line without a pause.
    floor_dbm0: f64,
}

impl LineNoise {
    /// The noise in the pauses of `pcm`, whose speech is `speech`.
    pub fn of(pcm: &[i16], speech: &Speech) -> Self {
        let quiet: Vec<bool> = (0..speech.voice.len())
            .map(|hop| {
                let near = hop.saturating_sub(MARGIN)..(hop + MARGIN + 1).min(speech.voice.len());
                speech.levels[hop] <= speech.floor_dbm0 + ABOVE_FLOOR_DB
                    && !speech.loud[near].iter().any(|loud| *loud)
            })
            .collect();
        let samples = |run: Range<usize>| {
            pcm[run.start * HOP..run.end * HOP]
                .iter()
                .map(|x| f64::from(*x))
                .collect()
        };
        Self {
            pauses: runs(&quiet, true)
                .into_iter()
                .filter(|run| run.len() >= MIN_PAUSE)
                .map(samples)
                .collect(),
            floor_dbm0: speech.floor_dbm0,
        }
    }

    /// Whether the recording has a pause long enough to be copied.
    pub fn is_real(&self) -> bool {
        !self.pauses.is_empty()
    }

    /// Level, dBm0.
    pub fn floor_dbm0(&self) -> f64 {
        self.floor_dbm0
    }

    /// `n` samples of the noise: pieces of the pauses, faded into each other. White noise of the same level if there is no pause.
    pub fn samples(&self, n: usize, rng: &mut Rng) -> Vec<f64> {
        if self.pauses.is_empty() {
            let rms = amplitude(self.floor_dbm0) / 2f64.sqrt();
            return (0..n).map(|_| gauss(rng) * rms).collect();
        }
        let mut noise = vec![0.0; n + 2 * PIECE];
        for start in (0..n + PIECE).step_by(PIECE / 2) {
            let pause = &self.pauses[rng.usize(..self.pauses.len())];
            let from = rng.usize(..=pause.len() - PIECE);
            for (i, x) in pause[from..from + PIECE].iter().enumerate() {
                // Two of these windows have a constant power together.
                noise[start + i] += x * (PI * (i as f64 + 0.5) / PIECE as f64).sin();
            }
        }
        noise[PIECE / 2..PIECE / 2 + n].to_vec()
    }
}
