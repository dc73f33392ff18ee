//! Early pause: a machine that says its first phrase, is silent for a while, and speaks on. Most mailboxes begin so.

use super::line_noise::LineNoise;
use super::speech::{HOP, Speech, hops, runs};
use earwig_signals::{samples, to_pcm};
use fastrand::Rng;

/// Speech before the pause, s.
const BEFORE_SECONDS: std::ops::RangeInclusive<f64> = 0.9..=3.0;
/// Speech after the pause, s.
const AFTER_SECONDS: f64 = 0.5;
/// Hops of the shortest gap between two words, 60 ms.
const GAP: usize = 6;

/// A greeting with a pause.
pub struct Paused {
    /// The audio.
    pub pcm: Vec<i16>,
    /// First sample of the pause.
    pub at: usize,
}

/// Puts a pause of `ms` milliseconds, with the line's own noise, into the quietest gap between two words that has 0.9 to 3 s of speech
/// before it and 0.5 s after it. `None` if there is no such gap.
pub fn early_pause(pcm: &[i16], ms: f64, rng: &mut Rng) -> Option<Paused> {
    let speech = Speech::of(pcm)?;
    let at = quietest_gap(&speech)?;
    let noise = LineNoise::of(pcm, &speech).samples(samples(ms), rng);
    let mut paused = pcm[..at].to_vec();
    paused.extend(to_pcm(&noise));
    paused.extend_from_slice(&pcm[at..]);
    Some(Paused { pcm: paused, at })
}

/// The middle of the quietest 60 ms that are a gap, as a sample.
fn quietest_gap(speech: &Speech) -> Option<usize> {
    let spoken = |range: std::ops::Range<usize>| speech.voice[range].iter().filter(|v| **v).count();
    let within = hops(*BEFORE_SECONDS.start())..=hops(*BEFORE_SECONDS.end());
    runs(&speech.loud, false)
        .into_iter()
        .filter(|gap| gap.len() >= GAP && gap.end < speech.span.end)
        .filter(|gap| within.contains(&spoken(0..gap.start)))
        .filter(|gap| spoken(gap.end..speech.voice.len()) >= hops(AFTER_SECONDS))
        .flat_map(|gap| gap.start..=gap.end - GAP)
        .map(|first| {
            let level = speech.levels[first..first + GAP].iter().sum::<f64>();
            (level, (first + GAP / 2) * HOP)
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, at)| at)
}
