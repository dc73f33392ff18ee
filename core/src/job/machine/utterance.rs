//! Words and utterances, from the bursts of voice.
#![forbid(unsafe_code)]

use crate::time::{RATE_HZ, Samples};

const MS: Samples = RATE_HZ as Samples / 1000;

/// The shortest burst that is a word (Asterisk's `min_word_length`).
const WORD: Samples = 100 * MS;

/// Voice goes on through pauses as long as this; stops within words and between fluent ones are shorter.
const ONGOING: Samples = 200 * MS;

/// What was said, up to now: bursts of voice, with pauses that are shorter than `end_silence_timeout`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utterance {
    /// The burst that lasts, since.
    burst: Option<Samples>,
    /// It was counted as a word.
    counted: bool,
    /// The end of the last burst.
    ended: Option<Samples>,
    /// Where ongoing voice began.
    run: Samples,
    words: u32,
    voice: Samples,
    onset: Option<Samples>,
}

impl Utterance {
    /// A burst begins; `pause`: a longer one makes another utterance.
    pub fn begins(&mut self, at: Samples, pause: Option<Samples>) {
        let quiet = self.ended.map(|end| at.saturating_sub(end));
        let is_new = quiet.is_none_or(|quiet| pause.is_some_and(|pause| quiet >= pause));
        if is_new {
            *self = Self {
                onset: Some(at),
                ..Self::default()
            };
        }
        if is_new || quiet.is_some_and(|quiet| quiet > ONGOING) {
            self.run = at;
        }
        self.burst = Some(at);
        self.counted = false;
    }

    /// The burst is over.
    pub fn ends(&mut self, at: Samples) {
        self.time(at);
        if let Some(burst) = self.burst.take() {
            self.voice += at.saturating_sub(burst);
            self.ended = Some(at);
        }
    }

    /// Time passes: a burst becomes a word.
    pub fn time(&mut self, now: Samples) {
        if let Some(burst) = self.burst
            && !self.counted
            && now.saturating_sub(burst) >= WORD
        {
            self.counted = true;
            self.words += 1;
        }
    }

    /// Words so far.
    pub fn words(&self) -> u32 {
        self.words
    }

    /// Voice so far, without the pauses.
    pub fn voice(&self, now: Samples) -> Samples {
        self.voice + self.burst.map_or(0, |burst| now.saturating_sub(burst))
    }

    /// How long voice has been going on, short pauses included.
    pub fn ongoing(&self, now: Samples) -> Samples {
        match (self.burst, self.ended) {
            (Some(_), _) => now.saturating_sub(self.run),
            (None, Some(ended)) => ended.saturating_sub(self.run),
            (None, None) => 0,
        }
    }

    /// Where it began; `None` if nothing was said.
    pub fn onset(&self) -> Option<Samples> {
        self.onset
    }

    /// Where the last burst ended; `None` while one lasts.
    pub fn ended(&self) -> Option<Samples> {
        self.ended.filter(|_| self.burst.is_none())
    }

    /// What was said was no word: a click, a breath.
    pub fn is_nothing(&self) -> bool {
        self.burst.is_none() && self.words == 0
    }
}
