//! Sounds without a person's answer: coughs, knocks, breath, talk in the background.

use super::filters::Biquad;
use earwig_signals::voice::scaled;
use earwig_signals::{RATE_HZ, amplitude, gauss, samples, to_pcm};
use fastrand::Rng;
use std::f64::consts::TAU;

/// A kind of generated noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// One to four bursts of breath, some with a rough throat.
    Cough,
    /// Clicks that ring, as of doors, keys and a handset.
    Knocks,
    /// Breathing in and out at the mouthpiece.
    Breath,
}

impl Noise {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Cough, Self::Knocks, Self::Breath];

    /// Name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cough => "generated coughs",
            Self::Knocks => "generated knocks",
            Self::Breath => "generated breath",
        }
    }
}

fn uniform(rng: &mut Rng, from: f64, to: f64) -> f64 {
    from + (to - from) * rng.f64()
}

/// A call of 2 to 6 s with the noise at -40 to -12 dBm0, over hiss at -80 to -55 dBm0.
pub fn noise(kind: Noise, rng: &mut Rng) -> Vec<i16> {
    let n = samples(uniform(rng, 2000.0, 6000.0));
    let sound = match kind {
        Noise::Cough => cough(n, rng),
        Noise::Knocks => knocks(n, rng),
        Noise::Breath => breath(n, rng),
    };
    on_hiss(scaled(sound, uniform(rng, -40.0, -12.0)), rng)
}

/// Talk in the background: voices that speak at once, far from the microphone, for 6 s, at -48 to -38 dBm0 each.
pub fn background_talk(voices: &[&[i16]], rng: &mut Rng) -> Vec<i16> {
    let n = samples(6000.0);
    let mut mixture = vec![0.0; n];
    for voice in voices {
        let from = rng.usize(..voice.len().max(1));
        let voice: Vec<f64> = (0..n)
            .map(|i| f64::from(voice[(from + i) % voice.len()]))
            .collect();
        let far = scaled(voice, uniform(rng, -48.0, -38.0));
        mixture.iter_mut().zip(far).for_each(|(x, y)| *x += y);
    }
    echo(&mut mixture, rng);
    Biquad::low_pass(2200.0).apply(&mut mixture);
    on_hiss(mixture, rng)
}

/// A room: 30 echoes within 200 ms, as loud together as the direct sound.
fn echo(signal: &mut [f64], rng: &mut Rng) {
    let echoes: Vec<(usize, f64)> = (0..30)
        .map(|_| {
            let ms = uniform(rng, 5.0, 200.0);
            let sign = if rng.bool() { 0.35 } else { -0.35 };
            (samples(ms), sign * (-ms / 80.0).exp())
        })
        .collect();
    let direct = signal.to_vec();
    for (i, x) in signal.iter_mut().enumerate() {
        for (delay, gain) in echoes.iter().filter(|(delay, _)| *delay <= i) {
            *x += direct[i - delay] * gain;
        }
    }
}

fn on_hiss(mut signal: Vec<f64>, rng: &mut Rng) -> Vec<i16> {
    let rms = amplitude(uniform(rng, -80.0, -55.0)) / 2f64.sqrt();
    signal.iter_mut().for_each(|x| *x += gauss(rng) * rms);
    to_pcm(&signal)
}

/// A burst of breath, filtered as by a mouth, that dies away.
fn puff(n: usize, rng: &mut Rng) -> Vec<f64> {
    let mut y: Vec<f64> = (0..n).map(|_| gauss(rng)).collect();
    for _ in 0..rng.usize(1..4) {
        let (hz, r) = (uniform(rng, 300.0, 3600.0), uniform(rng, 0.75, 0.95));
        Biquad::resonance(hz, r).apply(&mut y);
    }
    let (decay, rise) = (
        uniform(rng, 1.0, 6.0),
        (uniform(rng, 0.002, 0.08) * n as f64).max(1.0),
    );
    let mut y = scaled(y, 0.0);
    for (i, x) in y.iter_mut().enumerate() {
        let i = i as f64;
        *x *= (-i / n as f64 * decay).exp() * (i / rise).min(1.0);
    }
    y
}

/// The pulses of a throat whose pitch changes at random from period to period.
fn throat(n: usize, rng: &mut Rng) -> Vec<f64> {
    let (mut y, mut at) = (vec![0.0; n], 0.0);
    while (at as usize) < n {
        y[at as usize] = (-at / n as f64 * 4.0).exp();
        at += RATE_HZ / uniform(rng, 110.0, 400.0);
    }
    Biquad::resonance(750.0, 0.84).apply(&mut y);
    scaled(y, 0.0)
}

fn cough(n: usize, rng: &mut Rng) -> Vec<f64> {
    let (mut y, mut at) = (vec![0.0; n], samples(uniform(rng, 0.0, 600.0)));
    for _ in 0..rng.usize(1..5) {
        let length = samples(uniform(rng, 60.0, 400.0));
        let mut part = puff(length, rng);
        if rng.f64() < 0.6 {
            let gain = uniform(rng, 0.2, 1.2);
            let throat = throat(length, rng);
            part.iter_mut()
                .zip(throat)
                .for_each(|(x, t)| *x += t * gain);
        }
        let gain = 10f64.powf(uniform(rng, -9.0, 0.0) / 20.0);
        for (i, x) in part.into_iter().enumerate().take(n.saturating_sub(at)) {
            y[at + i] += x * gain;
        }
        at += length + samples(uniform(rng, 20.0, 600.0));
    }
    y
}

fn knocks(n: usize, rng: &mut Rng) -> Vec<f64> {
    let (mut y, mut at) = (vec![0.0; n], samples(uniform(rng, 0.0, 500.0)));
    while at < n {
        y[at] = uniform(rng, 0.2, 1.0);
        at += samples(uniform(rng, 50.0, 900.0));
    }
    let (hz, ring_ms) = (uniform(rng, 80.0, 2500.0), uniform(rng, 2.0, 60.0));
    Biquad::resonance(hz, (-1.0 / samples(ring_ms) as f64).exp()).apply(&mut y);
    y
}

fn breath(n: usize, rng: &mut Rng) -> Vec<f64> {
    let (hz, phase, corner) = (
        uniform(rng, 0.3, 1.2),
        rng.f64() * TAU,
        uniform(rng, 600.0, 3500.0),
    );
    let mut y: Vec<f64> = (0..n).map(|_| gauss(rng)).collect();
    Biquad::low_pass(corner).apply(&mut y);
    for (i, x) in y.iter_mut().enumerate() {
        *x *= (TAU * hz * i as f64 / RATE_HZ + phase).sin().max(0.0);
    }
    y
}
