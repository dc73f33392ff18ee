//! Swapped lines: people without their line, and machines on the lines of people. A judge that hears the line instead of the voice
//! takes the ones for the others.

use super::filters::Biquad;
use super::line_noise::LineNoise;
use super::speech::{HOP, Speech};
use earwig_signals::g711::{through_alaw, through_ulaw};
use earwig_signals::{samples, to_pcm};
use fastrand::Rng;

/// Level of what is left between the words of a cleaned recording, dBm0.
const CLEAN_DBM0: f64 = -72.0;
/// Hops around speech that are left alone.
const MARGIN: usize = 4;
/// Noise of a line that stands for real ones, dBm0.
const LINE_DBM0: std::ops::RangeInclusive<f64> = -66.0..=-35.0;
/// A line that goes on after the machine's last word, ms.
const AFTER_MS: f64 = 4000.0;

/// A person's line: its noise, and the level of speech on it.
pub struct Line {
    noise: LineNoise,
    speech_dbm0: f64,
}

impl Line {
    /// The line on which `pcm` was recorded; `None` if it cannot be told from the speech, or has no noise.
    pub fn of(pcm: &[i16]) -> Option<Self> {
        let speech = Speech::of(pcm)?;
        let noise = LineNoise::of(pcm, &speech);
        let usable = noise.is_real() && LINE_DBM0.contains(&noise.floor_dbm0());
        usable.then_some(Self {
            noise,
            speech_dbm0: speech.level_dbm0,
        })
    }
}

/// The recording without its line: what is between the words is at most -72 dBm0.
pub fn cleaned(pcm: &[i16]) -> Option<Vec<i16>> {
    let speech = Speech::of(pcm)?;
    let count = speech.voice.len();
    let gain = |hop: usize| {
        let near = hop.saturating_sub(MARGIN)..(hop + MARGIN + 1).min(count);
        match speech.voice[near].iter().any(|voice| *voice) {
            true => 1.0,
            false => 10f64.powf((CLEAN_DBM0 - speech.levels[hop]).min(0.0) / 20.0),
        }
    };
    let gains: Vec<f64> = (0..count).map(gain).collect();
    let signal: Vec<f64> = pcm
        .iter()
        .enumerate()
        .map(|(i, x)| {
            // The gain changes within a hop in a straight line.
            let hop = (i / HOP).min(count - 1);
            let next = gains[(hop + 1).min(count - 1)];
            let part = (i - hop * HOP).min(HOP) as f64 / HOP as f64;
            f64::from(*x) * (gains[hop] + (next - gains[hop]) * part)
        })
        .collect();
    Some(to_pcm(&signal))
}

/// The machine `pcm` on a person's line: at the level of the person's speech, in the band of a telephone, with the line's noise before
/// it, during it and for 4 s after it, through G.711.
pub fn on_line(pcm: &[i16], line: &Line, rng: &mut Rng) -> Option<Vec<i16>> {
    let speech = Speech::of(pcm)?;
    let gain = 10f64.powf((line.speech_dbm0 - speech.level_dbm0) / 20.0);
    let mut signal: Vec<f64> = pcm.iter().map(|x| f64::from(*x) * gain).collect();
    telephone_band(&mut signal);
    signal.resize(signal.len() + samples(AFTER_MS), 0.0);
    let noise = line.noise.samples(signal.len(), rng);
    signal.iter_mut().zip(noise).for_each(|(x, n)| *x += n);
    Some(through_g711(&to_pcm(&signal), rng))
}

/// Limits a signal to the band of a telephone, 300 to 3400 Hz.
pub fn telephone_band(signal: &mut [f64]) {
    Biquad::high_pass(300.0).apply(signal);
    Biquad::low_pass(3400.0).apply(signal);
}

/// Encodes in A-law or u-law, at random, and decodes.
pub fn through_g711(pcm: &[i16], rng: &mut Rng) -> Vec<i16> {
    let through = if rng.bool() {
        through_alaw
    } else {
        through_ulaw
    };
    pcm.iter().map(|x| through(*x)).collect()
}
