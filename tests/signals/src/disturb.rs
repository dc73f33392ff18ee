//! Disturbances of a signal by the line and by codecs.

use crate::{add_sine, g711, gauss, samples, to_pcm};
use fastrand::Rng;
use std::f64::consts::TAU;

/// A disturbance. Apply those of the line before those of the codec.
#[derive(Clone, Debug, PartialEq)]
pub enum Disturbance {
    /// White noise.
    Noise {
        /// Power ratio of both tones to the noise from 0 to 4 kHz.
        snr_db: f64,
    },
    /// Continuous tones, such as a dial tone: frequency in Hz and level in dBm0 of each.
    Tones(Vec<(f64, f64)>),
    /// An echo.
    Echo {
        /// Delay.
        ms: f64,
        /// Attenuation.
        db: f64,
    },
    /// A background signal, such as speech.
    Over {
        /// The background, repeated as needed.
        signal: Vec<i16>,
        /// Power ratio of both tones to the background.
        snr_db: f64,
    },
    /// Loss of packets of 20 ms, which become silence.
    Loss {
        /// Loss rate in per cent.
        per_cent: f64,
    },
    /// Through G.711 A-law and back.
    Alaw,
    /// Through G.711 u-law and back.
    Ulaw,
}

impl Disturbance {
    /// Applies the disturbance to `signal`, whose digits have this power. A codec puts its output into `pcm`.
    pub(crate) fn apply(
        &self,
        signal: &mut [f64],
        pcm: &mut Option<Vec<i16>>,
        power: f64,
        rng: &mut Rng,
    ) {
        match self {
            Self::Noise { snr_db } => {
                let deviation = (power / 10f64.powf(snr_db / 10.0)).sqrt();
                for x in signal {
                    *x += deviation * gauss(rng);
                }
            }
            Self::Tones(tones) => {
                for &(hz, dbm0) in tones {
                    add_sine(signal, hz, dbm0, TAU * rng.f64());
                }
            }
            Self::Echo { ms, db } => {
                let (delay, gain) = (samples(*ms), 10f64.powf(-db / 20.0));
                let before = signal.to_vec();
                for (x, earlier) in signal[delay..].iter_mut().zip(before) {
                    *x += gain * earlier;
                }
            }
            Self::Over {
                signal: background,
                snr_db,
            } => {
                let background_power = background
                    .iter()
                    .map(|&x| f64::from(x).powi(2))
                    .sum::<f64>()
                    / background.len() as f64;
                let gain = (power / background_power / 10f64.powf(snr_db / 10.0)).sqrt();
                let from = rng.usize(0..background.len());
                for (x, &other) in signal.iter_mut().zip(background.iter().cycle().skip(from)) {
                    *x += gain * f64::from(other);
                }
            }
            Self::Loss { per_cent } => {
                let frame = samples(20.0);
                let from = rng.usize(0..frame);
                for frame in signal[from..].chunks_mut(frame) {
                    if rng.f64() * 100.0 < *per_cent {
                        frame.fill(0.0);
                    }
                }
            }
            Self::Alaw => *pcm = Some(to_pcm(signal).into_iter().map(g711::through_alaw).collect()),
            Self::Ulaw => *pcm = Some(to_pcm(signal).into_iter().map(g711::through_ulaw).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(x: &[f64]) -> f64 {
        x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64
    }

    #[test]
    fn noise_has_the_specified_snr() {
        let mut signal = vec![0.0; 80_000];
        Disturbance::Noise { snr_db: 6.0 }.apply(
            &mut signal,
            &mut None,
            1e6,
            &mut Rng::with_seed(1),
        );
        assert!((10.0 * (1e6 / power(&signal)).log10() - 6.0).abs() < 0.1);
    }

    #[test]
    fn loss_has_the_specified_rate() {
        let mut signal = vec![1.0; 1_600_000];
        Disturbance::Loss { per_cent: 10.0 }.apply(
            &mut signal,
            &mut None,
            1.0,
            &mut Rng::with_seed(1),
        );
        assert!((power(&signal) - 0.9).abs() < 0.01);
    }

    #[test]
    fn an_echo_is_delayed_and_attenuated() {
        let mut signal = vec![0.0; 400];
        signal[0] = 1000.0;
        Disturbance::Echo { ms: 20.0, db: 10.0 }.apply(
            &mut signal,
            &mut None,
            1.0,
            &mut Rng::with_seed(1),
        );
        assert_eq!(signal[0], 1000.0);
        assert!((signal[160] - 316.2).abs() < 0.1);
    }
}
