//! One sentence, then silence: of a machine, which has no more to say, and of a person, who waits for a reply.

use super::line_noise::LineNoise;
use super::speech::{HOP, Speech, samples_ms, seconds};
use earwig_signals::{samples, to_pcm};
use fastrand::Rng;
use std::ops::{Range, RangeInclusive};

/// Length of a machine's short sentence, s.
const SHORT_SECONDS: Range<f64> = 0.4..2.0;
/// Hops of a pause that ends it, 250 ms.
const SHORT_PAUSE: usize = 25;
/// Length of a person's free sentence, s.
const FREE_SECONDS: RangeInclusive<f64> = 2.5..=5.0;
/// Hops of a pause that ends it, 300 ms.
const FREE_PAUSE: usize = 30;
/// Samples that are kept before and after a sentence, 60 ms.
const MARGIN: usize = 6 * HOP;
/// Silence on the line after a person's sentence, ms.
const AFTER_MS: f64 = 4000.0;

/// A sentence, and what follows it.
pub struct Sentence {
    /// The audio.
    pub pcm: Vec<i16>,
    /// Start and end of the speech, ms.
    pub speech_ms: (f64, f64),
}

/// The first phrase of a machine, if it is shorter than 2 s, and nothing after it.
pub fn short_machine(pcm: &[i16]) -> Option<Sentence> {
    let speech = Speech::of(pcm)?;
    let first = speech.phrases(SHORT_PAUSE).into_iter().next()?;
    if !SHORT_SECONDS.contains(&seconds(first.len())) {
        return None;
    }
    let end = (first.end * HOP + MARGIN).min(pcm.len());
    Some(Sentence {
        pcm: pcm[..end].to_vec(),
        speech_ms: (samples_ms(first.start * HOP), samples_ms(first.end * HOP)),
    })
}

/// The first sentence of 2.5 to 5 s in a caller's free speech, and 4 s of the line's own silence.
pub fn free_sentence(pcm: &[i16], rng: &mut Rng) -> Option<Sentence> {
    let speech = Speech::of(pcm)?;
    let sentence = speech
        .phrases(FREE_PAUSE)
        .into_iter()
        .find(|phrase| FREE_SECONDS.contains(&seconds(phrase.len())))?;
    let start = (sentence.start * HOP).saturating_sub(MARGIN);
    let end = (sentence.end * HOP + MARGIN).min(pcm.len());
    let noise = LineNoise::of(pcm, &speech).samples(samples(AFTER_MS), rng);
    let mut audio = pcm[start..end].to_vec();
    audio.extend(to_pcm(&noise));
    Some(Sentence {
        pcm: audio,
        speech_ms: (
            samples_ms(sentence.start * HOP - start),
            samples_ms(sentence.end * HOP - start),
        ),
    })
}
