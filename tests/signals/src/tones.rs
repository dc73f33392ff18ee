//! Tones other than DTMF: fax machines (T.30, V.8, V.25, V.21), the network (E.180), voicemail beeps.
//!
//! A [`ToneSpec`] states level, tolerances and noise; a [`Tape`] collects the parts of a signal.

use crate::{amplitude, gauss, samples, to_pcm};
use fastrand::Rng;
use std::f64::consts::TAU;

/// Level, deviations from the standard, and noise of the tones of a tape.
#[derive(Clone, Debug, PartialEq)]
pub struct ToneSpec {
    /// Level of each tone.
    pub dbm0: f64,
    /// Deviation of each frequency in Hz.
    pub hz_off: f64,
    /// Factor on each duration.
    pub timing: f64,
    /// Power ratio of a single tone to the white noise from 0 to 4 kHz, in dB; `None`: no noise.
    pub snr_db: Option<f64>,
    /// Seed of the random phases and the noise.
    pub seed: u64,
}

impl Default for ToneSpec {
    /// -10 dBm0, no deviation, no noise.
    fn default() -> Self {
        Self {
            dbm0: -10.0,
            hz_off: 0.0,
            timing: 1.0,
            snr_db: None,
            seed: 1,
        }
    }
}

/// Variations of a tone over time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shape {
    /// Duration of fade-in and fade-out in ms.
    pub fade_ms: f64,
    /// Decay in dB per second, as of a bell.
    pub decay_db_s: f64,
    /// Change of the frequency from start to end in Hz.
    pub glide_hz: f64,
    /// Square wave instead of a sine.
    pub square: bool,
    /// Frequency in Hz and depth (0 to 1) of the amplitude modulation.
    pub modulation: Option<(f64, f64)>,
    /// Interval of the phase reversals in ms.
    pub reversal_ms: Option<f64>,
}

/// A signal made of consecutive parts, 8 kHz.
#[derive(Clone, Debug)]
pub struct Tape {
    spec: ToneSpec,
    signal: Vec<f64>,
    rng: Rng,
}

impl Tape {
    /// Starts with 200 to 210 ms of silence.
    pub fn new(spec: &ToneSpec) -> Self {
        let mut rng = Rng::with_seed(spec.seed);
        Self {
            spec: spec.clone(),
            signal: vec![0.0; samples(200.0) + rng.usize(0..samples(10.0))],
            rng,
        }
    }

    /// Length so far in samples.
    pub fn now(&self) -> usize {
        self.signal.len()
    }

    /// Appends silence. `ToneSpec::timing` does not apply.
    pub fn pause(mut self, ms: f64) -> Self {
        self.signal.resize(self.now() + samples(ms), 0.0);
        self
    }

    /// Appends silence.
    pub fn off(self, ms: f64) -> Self {
        let timing = self.spec.timing;
        self.pause(ms * timing)
    }

    /// Appends simultaneous tones.
    pub fn on(self, ms: f64, hz: &[f64]) -> Self {
        self.shaped(ms, hz, &Shape::default())
    }

    /// Appends simultaneous tones of a shape.
    pub fn shaped(mut self, ms: f64, hz: &[f64], shape: &Shape) -> Self {
        let count = samples(ms * self.spec.timing);
        let mut sum = vec![0.0; count];
        for &hz in hz {
            let mut phase = TAU * self.rng.f64();
            for (n, x) in sum.iter_mut().enumerate() {
                let at_ms = n as f64 / 8.0;
                let mut gain = amplitude(self.spec.dbm0 - shape.decay_db_s * at_ms / 1000.0);
                let edge_ms = at_ms.min((count - n) as f64 / 8.0);
                if edge_ms < shape.fade_ms {
                    gain *= 0.5 - 0.5 * (std::f64::consts::PI * edge_ms / shape.fade_ms).cos();
                }
                if let Some((hz, depth)) = shape.modulation {
                    gain *= 1.0 + depth * (TAU * hz * at_ms / 1000.0).sin();
                }
                if shape
                    .reversal_ms
                    .is_some_and(|ms| (at_ms / ms) as usize % 2 == 1)
                {
                    gain = -gain;
                }
                *x += gain
                    * if shape.square {
                        square(phase, hz)
                    } else {
                        phase.sin()
                    };
                let glide = shape.glide_hz * n as f64 / count as f64;
                phase += TAU * (hz + self.spec.hz_off + glide) / 8000.0;
            }
        }
        self.signal.extend(sum);
        self
    }

    /// Appends samples, such as speech, unchanged.
    pub fn play(mut self, pcm: &[i16]) -> Self {
        self.signal.extend(pcm.iter().map(|&x| f64::from(x)));
        self
    }

    /// Appends CNG with this number of bursts.
    pub fn cng(mut self, bursts: usize) -> Self {
        for _ in 0..bursts {
            self = self.on(500.0, &[1100.0]).off(3000.0);
        }
        self
    }

    /// Appends plain CED (V.25 ANS).
    pub fn ced(self, ms: f64) -> Self {
        self.on(ms, &[2100.0])
    }

    /// Appends V.25 ANS with phase reversals.
    pub fn ans_pr(self, ms: f64) -> Self {
        let reversal_ms = Some(450.0 * self.spec.timing);
        let shape = Shape {
            reversal_ms,
            ..Shape::default()
        };
        self.shaped(ms, &[2100.0], &shape)
    }

    /// Appends V.8 ANSam, with or without phase reversals.
    pub fn ansam(self, ms: f64, reversals: bool) -> Self {
        let shape = Shape {
            modulation: Some((15.0, 0.2)),
            reversal_ms: reversals.then_some(450.0 * self.spec.timing),
            ..Shape::default()
        };
        self.shaped(ms, &[2100.0], &shape)
    }

    /// Appends V.21 at 300 bit/s on the upper channel: HDLC flags for `flags_ms`, then random bits for `data_ms`.
    pub fn v21(mut self, flags_ms: f64, data_ms: f64) -> Self {
        const FLAG: [bool; 8] = [false, true, true, true, true, true, true, false];
        let count = samples(flags_ms + data_ms);
        let flags = (flags_ms * 0.3) as usize;
        let mut phase = TAU * self.rng.f64();
        let gain = amplitude(self.spec.dbm0);
        let (mut bit, mut one) = (usize::MAX, false);
        for n in 0..count {
            let now = n * 300 / 8000;
            if now != bit {
                bit = now;
                one = if bit < flags {
                    FLAG[bit % 8]
                } else {
                    self.rng.bool()
                };
            }
            self.signal.push(gain * phase.sin());
            let hz = if one { 1650.0 } else { 1850.0 };
            phase += TAU * (hz + self.spec.hz_off) / 8000.0;
        }
        self
    }

    /// Appends the three tones of SIT.
    pub fn sit(mut self, hz: [f64; 3], ms: [f64; 3], gap_ms: f64) -> Self {
        for (hz, ms) in hz.into_iter().zip(ms) {
            self = self.on(ms, &[hz]).pause(gap_ms);
        }
        self
    }

    /// Appends a cadence of (on, off) pairs, repeated `times` times.
    pub fn cadence(mut self, hz: &[f64], on_off_ms: &[(f64, f64)], times: usize) -> Self {
        for _ in 0..times {
            for &(on, off) in on_off_ms {
                self = self.on(on, hz).off(off);
            }
        }
        self
    }

    /// Adds the noise and converts the signal to samples.
    pub fn pcm(mut self) -> Vec<i16> {
        if let Some(snr_db) = self.spec.snr_db {
            let deviation = amplitude(self.spec.dbm0 - snr_db) / 2f64.sqrt();
            for x in &mut self.signal {
                *x += deviation * gauss(&mut self.rng);
            }
        }
        to_pcm(&self.signal)
    }
}

/// A square wave, limited to the harmonics below 3.8 kHz.
fn square(phase: f64, hz: f64) -> f64 {
    (1..40)
        .step_by(2)
        .take_while(|&n| f64::from(n) * hz < 3800.0)
        .map(|n| (f64::from(n) * phase).sin() / f64::from(n))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_has_the_specified_level_and_length() {
        let tape = Tape::new(&ToneSpec::default());
        let from = tape.now();
        let pcm = tape.on(1000.0, &[1000.0]).pcm();
        assert_eq!(pcm.len(), from + 8000);
        let power = pcm[from..]
            .iter()
            .map(|&x| f64::from(x).powi(2))
            .sum::<f64>()
            / 8000.0;
        assert!((10.0 * (2.0 * power).log10() - 20.0 * amplitude(-10.0).log10()).abs() < 0.05);
    }

    #[test]
    fn three_flags_are_a_whole_number_of_cycles() {
        let tape = Tape::new(&ToneSpec::default());
        let from = tape.now();
        let pcm = tape.v21(400.0, 0.0).pcm();
        let flags = &pcm[from..];
        assert!((0..1000).all(|n| (flags[n] - flags[n + 640]).abs() <= 2));
    }
}
