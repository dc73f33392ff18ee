//! From how much like voice each hop is to bursts of it, with their true edges.
//!
//! A burst begins when enough of it was facts within a short while, and ends when nothing was for as long as a plosive's gap may
//! last. Its edges are where the level leaves and meets the line's noise near there.
#![forbid(unsafe_code)]

use crate::detect::fact::Fact;
use crate::detect::stft::HOP;
use crate::time::Samples;

/// Hops that are remembered for the edges.
const MEMORY: usize = 16;

/// A burst is sure once the likelihoods of the last hops add up to this.
const ENOUGH: f32 = 4.5;
/// So many of them.
const WITHIN: usize = 8;

/// A hop is voice if it is more likely than this to be.
const VOICE: f32 = 0.5;

/// Gaps up to this, 60 ms, do not split a burst.
const HOLD: u32 = 7;

/// An edge is found at most so many hops before the first that was voice.
const BACK: usize = 5;

/// What is facts as voice for so many hops behind the true end.
const FADE: usize = 6;

/// The level at an edge is this above the line's noise (log2 of power), or this below the burst's loudest.
const EDGE_ABOVE: f32 = 1.7;
const EDGE_BELOW: f32 = 8.5;

/// From a look's hop to the moment at which a sound that begins there is first seen, and was last.
const SEEN: i64 = -40;
const LAST_SEEN: i64 = -72;

/// One hop, as it is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hop {
    /// Its first sample.
    pub at: Samples,
    /// How likely it is voice.
    pub voice: f32,
    /// log2 of its power, and of the line's noise.
    pub level: f32,
    /// See `level`.
    pub floor: f32,
}

/// The bursts of one stream.
#[derive(Clone, Debug)]
pub struct Segments {
    hops: [Hop; MEMORY],
    /// A burst lasts since then.
    since: Option<Samples>,
    /// Hops since the last that was voice.
    quiet: u32,
    /// The end, should it end now.
    end: Samples,
    /// Where the last one ended: a new one does not reach before it.
    ended: Samples,
    loudest: f32,
}

impl Default for Segments {
    fn default() -> Self {
        Self {
            hops: [Hop {
                level: f32::MIN,
                ..Hop::default()
            }; MEMORY],
            since: None,
            quiet: 0,
            end: 0,
            ended: 0,
            loudest: f32::MIN,
        }
    }
}

impl Segments {
    /// Hears one hop.
    pub fn hear(&mut self, hop: Hop, facts: &mut Vec<Fact>) {
        self.hops.rotate_left(1);
        self.hops[MEMORY - 1] = hop;
        let voice = hop.voice > VOICE;
        if self.since.is_some() {
            self.go_on(hop, voice, facts);
        } else if voice {
            let sum: f32 = self.hops[MEMORY - WITHIN..].iter().map(|h| h.voice).sum();
            if sum >= ENOUGH {
                self.begin(facts);
            }
        }
    }

    fn begin(&mut self, facts: &mut Vec<Fact>) {
        let recent = &self.hops[MEMORY - WITHIN..];
        self.loudest = recent.iter().map(|h| h.level).fold(f32::MIN, f32::max);
        let mut first = MEMORY - WITHIN + recent.iter().position(|h| h.voice > VOICE).unwrap_or(0);
        // Back to where it rose out of the noise, or on to there.
        let least = (first - 1).max(BACK) - BACK;
        while first > least.max(1)
            && self.stands_out(&self.hops[first - 1])
            && self.known(first - 1)
        {
            first -= 1;
        }
        while first < MEMORY - 1 && !self.stands_out(&self.hops[first]) {
            first += 1;
        }
        let at = self.hops[first]
            .at
            .saturating_add_signed(SEEN)
            .max(self.ended);
        let at = if self.hops[first].at == 0 { 0 } else { at };
        self.since = Some(at);
        self.quiet = 0;
        let last = self.hops[MEMORY - 1];
        self.end = end_of(last.at);
        facts.push(Fact::VoiceBegins { at });
    }

    /// There was such a hop, and it belongs to no earlier burst.
    fn known(&self, index: usize) -> bool {
        let hop = &self.hops[index];
        hop.level > f32::MIN && hop.at >= self.ended
    }

    fn stands_out(&self, hop: &Hop) -> bool {
        hop.level > (hop.floor + EDGE_ABOVE).max(self.loudest - EDGE_BELOW)
    }

    fn go_on(&mut self, hop: Hop, voice: bool, facts: &mut Vec<Fact>) {
        self.loudest = self.loudest.max(hop.level) - 0.01;
        if voice {
            self.quiet = 0;
            self.end = end_of(hop.at);
            return;
        }
        self.quiet += 1;
        if self.stands_out(&hop) && end_of(hop.at) < self.end + 4 * HOP as Samples {
            // What fades out still belongs to it.
            self.end = end_of(hop.at);
        }
        if self.quiet > HOLD {
            self.close(facts);
        }
    }

    fn close(&mut self, facts: &mut Vec<Fact>) {
        let Some(since) = self.since.take() else {
            return;
        };
        // Back to the last hop that stood out.
        let mut end = self.end;
        for hop in self.hops.iter().rev() {
            if end_of(hop.at) <= end {
                if self.stands_out(hop) || end_of(hop.at) + ((FADE * HOP) as Samples) < self.end {
                    break;
                }
                end = end_of(hop.at).saturating_sub(HOP as Samples);
            }
        }
        let end = end.max(since + HOP as Samples);
        self.ended = end;
        self.loudest = f32::MIN;
        facts.push(Fact::VoiceEnds { at: end });
    }

    /// The stream is over at `now`.
    pub fn finish(&mut self, now: Samples, facts: &mut Vec<Fact>) {
        self.end = self.end.min(now);
        if self.since.is_some() && self.quiet == 0 {
            self.end = now;
            self.since = None;
            self.ended = now;
            facts.push(Fact::VoiceEnds { at: now });
        } else {
            self.close(facts);
        }
    }

    /// Every edge before this one is told, if hops up to `now` were facts.
    pub fn complete_until(&self, now: Samples) -> Samples {
        let back = match self.since {
            Some(_) => self.quiet as usize + FADE + 3,
            None => {
                let recent = &self.hops[MEMORY - WITHIN..];
                let voice = recent.iter().position(|hop| hop.voice > VOICE);
                BACK + 2 + voice.map_or(0, |first| WITHIN - first)
            }
        };
        now.saturating_sub((back * HOP) as Samples).max(self.ended)
    }
}

/// The end of a sound that was seen for the last time at `at`.
fn end_of(at: Samples) -> Samples {
    at.saturating_add_signed(LAST_SEEN + HOP as i64)
}
