//! Sequences of DTMF digits.

use crate::disturb::Disturbance;
use crate::{add_sine, samples, to_pcm};
use fastrand::Rng;
use std::f64::consts::TAU;

/// Q.23: rows.
pub const ROWS_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
/// Q.23: columns.
pub const COLUMNS_HZ: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// Q.23: the digits, row by row.
pub const KEYS: &[u8; 16] = b"123A456B789C*0#D";

/// Parameters of each digit of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Press {
    /// Deviation of the row's frequency in per cent.
    pub row_off: f64,
    /// Deviation of the column's frequency in per cent.
    pub column_off: f64,
    /// Level of the row's tone.
    pub row_dbm0: f64,
    /// Level of the column's tone.
    pub column_dbm0: f64,
    /// Length of the tone.
    pub tone_ms: f64,
    /// Length of the pause after it.
    pub pause_ms: f64,
    /// Length of a silent interruption near the middle of the tone.
    pub interruption_ms: f64,
}

impl Default for Press {
    /// 50 ms on, 50 ms off, -10 dBm0 each.
    fn default() -> Self {
        Self {
            row_off: 0.0,
            column_off: 0.0,
            row_dbm0: -10.0,
            column_dbm0: -10.0,
            tone_ms: 50.0,
            pause_ms: 50.0,
            interruption_ms: 0.0,
        }
    }
}

/// The samples of a sequence, and its digits.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// 8 kHz.
    pub pcm: Vec<i16>,
    /// ASCII.
    pub digits: Vec<u8>,
}

/// Generates each of the sixteen digits once, in random order and with random phases, and applies the disturbances.
pub fn sequence(press: &Press, disturbances: &[Disturbance], seed: u64) -> Sequence {
    let mut rng = Rng::with_seed(seed);
    let mut digits = KEYS.to_vec();
    rng.shuffle(&mut digits);
    let mut signal = vec![0.0; samples(100.0) + rng.usize(0..samples(10.0))];
    for &digit in &digits {
        let key = KEYS
            .iter()
            .position(|&k| k == digit)
            .expect("digits are keys");
        let mut tone = vec![0.0; samples(press.tone_ms)];
        let (row, column) = (ROWS_HZ[key / 4], COLUMNS_HZ[key % 4]);
        add_sine(
            &mut tone,
            row * (1.0 + press.row_off / 100.0),
            press.row_dbm0,
            TAU * rng.f64(),
        );
        add_sine(
            &mut tone,
            column * (1.0 + press.column_off / 100.0),
            press.column_dbm0,
            TAU * rng.f64(),
        );
        let interruption = samples(press.interruption_ms);
        if interruption > 0 {
            let from = (tone.len() as f64 * (0.3 + 0.3 * rng.f64())) as usize;
            tone[from..][..interruption].fill(0.0);
        }
        signal.extend(tone);
        signal.resize(signal.len() + samples(press.pause_ms), 0.0);
    }
    signal.resize(signal.len() + samples(100.0), 0.0);
    let power = (crate::amplitude(press.row_dbm0).powi(2)
        + crate::amplitude(press.column_dbm0).powi(2))
        / 2.0;
    let mut pcm = None;
    for disturbance in disturbances {
        disturbance.apply(&mut signal, &mut pcm, power, &mut rng);
    }
    Sequence {
        pcm: pcm.unwrap_or_else(|| to_pcm(&signal)),
        digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_has_the_specified_levels_and_frequencies() {
        let press = Press {
            row_off: 1.5,
            column_dbm0: -16.0,
            tone_ms: 1000.0,
            ..Press::default()
        };
        let s = sequence(&press, &[], 1);
        let key = KEYS.iter().position(|k| *k == s.digits[0]).unwrap();
        let tone = &s.pcm[samples(200.0)..][..samples(800.0)];
        for (hz, dbm0) in [
            (ROWS_HZ[key / 4] * 1.015, -10.0),
            (COLUMNS_HZ[key % 4], -16.0),
        ] {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, &x) in tone.iter().enumerate() {
                re += f64::from(x) * (TAU * hz * n as f64 / 8000.0).cos();
                im += f64::from(x) * (TAU * hz * n as f64 / 8000.0).sin();
            }
            let amplitude = 2.0 * re.hypot(im) / tone.len() as f64;
            let level = 20.0 * (amplitude / 32768.0).log10() + crate::FULL_SCALE_DBM0;
            assert!((level - dbm0).abs() < 0.1, "{hz} Hz: {level} dBm0");
        }
    }

    #[test]
    fn a_sequence_follows_from_its_seed() {
        let press = Press::default();
        assert_eq!(sequence(&press, &[], 3).pcm, sequence(&press, &[], 3).pcm);
        assert_ne!(sequence(&press, &[], 3).pcm, sequence(&press, &[], 4).pcm);
        let mut digits = sequence(&press, &[], 5).digits;
        digits.sort_unstable();
        let mut keys = KEYS.to_vec();
        keys.sort_unstable();
        assert_eq!(digits, keys);
    }
}
