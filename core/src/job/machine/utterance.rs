//! Counts words and utterances from voice segments.
#![forbid(unsafe_code)]

use crate::time::{MS, Samples};

/// Shortest voice segment that is a word, 100 ms (Asterisk's `min_word_length`).
const MIN_WORD: Samples = 100 * MS;

/// Longest pause within ongoing voice, 200 ms; pauses within words and between fluent words are shorter.
const MAX_ONGOING_PAUSE: Samples = 200 * MS;

/// An utterance so far: voice segments with pauses shorter than `end_silence_timeout`. Times are media time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utterance {
    /// Start of the voice segment that lasts.
    segment: Option<Samples>,
    /// The segment that lasts was counted as a word.
    counted: bool,
    /// Time up to which the last word lasted, so far.
    spoken_until: Samples,
    /// End of the last beep.
    beep_ended: Option<Samples>,
    /// End of the last segment.
    ended: Option<Samples>,
    /// Start of ongoing voice.
    ongoing_since: Samples,
    words: u32,
    voice: Samples,
    onset: Option<Samples>,
}

impl Utterance {
    /// A voice segment begins. A pause of `max_pause` or more begins a new utterance.
    pub fn begins(&mut self, at: Samples, max_pause: Option<Samples>) {
        let pause = self.ended.map(|end| at.saturating_sub(end));
        let is_new = pause.is_none_or(|pause| max_pause.is_some_and(|max| pause >= max));
        if is_new {
            *self = Self {
                onset: Some(at),
                spoken_until: self.spoken_until,
                beep_ended: self.beep_ended,
                ..Self::default()
            };
        }
        if is_new || pause.is_some_and(|pause| pause > MAX_ONGOING_PAUSE) {
            self.ongoing_since = at;
        }
        self.segment = Some(at);
        self.counted = false;
    }

    /// The voice segment ends.
    pub fn ends(&mut self, at: Samples) {
        self.advance(at);
        if let Some(start) = self.segment.take() {
            self.voice += at.saturating_sub(start);
            self.ended = Some(at);
        }
    }

    /// Advances time: counts the segment that lasts as a word once it is long enough.
    pub fn advance(&mut self, now: Samples) {
        if let Some(start) = self.segment
            && !self.counted
            && now.saturating_sub(start) >= MIN_WORD
        {
            self.counted = true;
            self.words += 1;
        }
        if self.segment.is_some() && self.counted {
            self.spoken_until = self.spoken_until.max(now);
        }
    }

    /// A beep ended at `at`: silence counts from there.
    pub fn beep_ended(&mut self, at: Samples) {
        self.beep_ended = Some(at);
    }

    /// Time up to which the last word lasted, so far; 0 before the first.
    pub fn spoken_until(&self) -> Samples {
        self.spoken_until
    }

    /// Words so far.
    pub fn words(&self) -> u32 {
        self.words
    }

    /// Length of the voice so far, without pauses.
    pub fn voice(&self, now: Samples) -> Samples {
        self.voice + self.segment.map_or(0, |start| now.saturating_sub(start))
    }

    /// Length of the ongoing voice, with pauses of up to 200 ms.
    pub fn ongoing(&self, now: Samples) -> Samples {
        match (self.segment, self.ended) {
            (Some(_), _) => now.saturating_sub(self.ongoing_since),
            (None, Some(ended)) => ended.saturating_sub(self.ongoing_since),
            (None, None) => 0,
        }
    }

    /// Start of the utterance; `None` before the first segment.
    pub fn onset(&self) -> Option<Samples> {
        self.onset
    }

    /// Start of the silence: the end of the last segment, or of a later beep; `None` while a segment lasts and before the first.
    pub fn silent_since(&self) -> Option<Samples> {
        let ended = self.ended.max(self.beep_ended);
        ended.filter(|_| self.segment.is_none())
    }

    /// End of the last segment; `None` while one lasts.
    pub fn ended(&self) -> Option<Samples> {
        self.ended.filter(|_| self.segment.is_none())
    }

    /// Whether all segments have ended and none was long enough for a word: a click or a breath.
    pub fn has_no_word(&self) -> bool {
        self.segment.is_none() && self.words == 0
    }
}
