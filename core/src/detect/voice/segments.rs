//! Segmentation: turns the likelihoods of voice into segments with a start and an end.
//!
//! A segment starts once the likelihoods of the last 80 ms add up to a threshold. It ends after a hangover of 70 ms without
//! voice, longer than the closure of a plosive. Both edges are then moved to where the level leaves and meets the noise floor.
#![forbid(unsafe_code)]

use super::features::MIN_VOICE_LEVEL;
use crate::detect::fact::Fact;
use crate::detect::stft::HOP;
use crate::time::Samples;

/// Hops kept for the edges: 160 ms.
const HISTORY: usize = 16;

/// Sum of the last likelihoods that starts a segment.
const START_SUM: f32 = 4.5;
/// Number of these likelihoods.
const START_HOPS: usize = 8;

/// A hop is voice above this likelihood.
const MIN_LIKELIHOOD: f32 = 0.5;

/// Hops without voice that do not end a segment.
const HANGOVER_HOPS: u32 = 7;

/// Maximum hops from the first voiced hop back to the start of its segment.
const MAX_START_HOPS: usize = 5;

/// Maximum hops of a decaying sound that the network reports as voice after its end.
const MAX_END_HOPS: usize = 6;

/// Level of an edge, log2 of power: above the noise floor and below the maximum of the segment; the higher one applies.
const EDGE_ABOVE_FLOOR: f32 = 1.7;
const EDGE_BELOW_MAX: f32 = 8.5;

/// Start of a sound in samples, relative to the start of the first hop that shows it: the window reaches back before the hop.
const START_OFFSET: i64 = -40;
/// End of a sound, relative to the end of the last hop that shows it.
const END_OFFSET: i64 = -72;

/// One hop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hop {
    /// First sample.
    pub at: Samples,
    /// Likelihood of voice, 0 to 1.
    pub voice: f32,
    /// Level, log2 of the mean square.
    pub level: f32,
    /// Noise floor in the same unit.
    pub floor: f32,
}

/// The segmenter of one stream.
#[derive(Clone, Debug)]
pub struct Segmenter {
    /// The latest hops, oldest first.
    hops: [Hop; HISTORY],
    /// Start of the segment that lasts.
    since: Option<Samples>,
    /// Hops since the last one with voice.
    quiet_hops: u32,
    /// End of the segment if no voice follows.
    end: Samples,
    /// End of the previous segment: the next one does not start earlier.
    last_end: Samples,
    /// Maximum level of the segment, slowly decaying.
    max_level: f32,
}

impl Default for Segmenter {
    fn default() -> Self {
        Self {
            hops: [Hop {
                level: f32::MIN,
                ..Hop::default()
            }; HISTORY],
            since: None,
            quiet_hops: 0,
            end: 0,
            last_end: 0,
            max_level: f32::MIN,
        }
    }
}

impl Segmenter {
    /// Processes one hop and appends the edges found.
    pub fn process(&mut self, hop: Hop, facts: &mut Vec<Fact>) {
        self.hops.rotate_left(1);
        self.hops[HISTORY - 1] = hop;
        let voice = hop.voice > MIN_LIKELIHOOD;
        if self.since.is_some() {
            self.extend(hop, voice, facts);
        } else if voice {
            let sum: f32 = self.hops[HISTORY - START_HOPS..]
                .iter()
                .map(|h| h.voice)
                .sum();
            if sum >= START_SUM {
                self.start(facts);
            }
        }
    }

    fn start(&mut self, facts: &mut Vec<Fact>) {
        let recent = &self.hops[HISTORY - START_HOPS..];
        self.max_level = recent.iter().map(|h| h.level).fold(f32::MIN, f32::max);
        let mut first = HISTORY - START_HOPS
            + recent
                .iter()
                .position(|h| h.voice > MIN_LIKELIHOOD)
                .unwrap_or(0);
        // Back, or forward, to where the level rose above the noise floor.
        let min = (first - 1).max(MAX_START_HOPS) - MAX_START_HOPS;
        while first > min.max(1)
            && self.is_audible(&self.hops[first - 1])
            && self.is_free(first - 1)
        {
            first -= 1;
        }
        while first < HISTORY - 1 && !self.is_audible(&self.hops[first]) {
            first += 1;
        }
        let at = self.hops[first]
            .at
            .saturating_add_signed(START_OFFSET)
            .max(self.last_end);
        let at = if self.hops[first].at == 0 { 0 } else { at };
        self.since = Some(at);
        self.quiet_hops = 0;
        let last = self.hops[HISTORY - 1];
        self.end = end_of(last.at);
        facts.push(Fact::VoiceBegins { at });
    }

    /// Whether there was such a hop and it belongs to no earlier segment.
    fn is_free(&self, index: usize) -> bool {
        let hop = &self.hops[index];
        hop.level > f32::MIN && hop.at >= self.last_end
    }

    /// Whether the level is above that of an edge.
    fn is_audible(&self, hop: &Hop) -> bool {
        hop.level > (hop.floor + EDGE_ABOVE_FLOOR).max(self.max_level - EDGE_BELOW_MAX)
    }

    fn extend(&mut self, hop: Hop, voice: bool, facts: &mut Vec<Fact>) {
        self.max_level = self.max_level.max(hop.level) - 0.01;
        if voice {
            self.quiet_hops = 0;
            self.end = end_of(hop.at);
            return;
        }
        self.quiet_hops += 1;
        if self.is_audible(&hop) && end_of(hop.at) < self.end + 4 * HOP as Samples {
            // A decaying sound belongs to the segment.
            self.end = end_of(hop.at);
        }
        if self.quiet_hops > HANGOVER_HOPS {
            self.stop(facts);
        }
    }

    fn stop(&mut self, facts: &mut Vec<Fact>) {
        let Some(since) = self.since.take() else {
            return;
        };
        // Back to the last audible hop.
        let mut end = self.end;
        for hop in self.hops.iter().rev() {
            if end_of(hop.at) <= end {
                if self.is_audible(hop)
                    || end_of(hop.at) + ((MAX_END_HOPS * HOP) as Samples) < self.end
                {
                    break;
                }
                end = end_of(hop.at).saturating_sub(HOP as Samples);
            }
        }
        let end = end.max(since + HOP as Samples);
        self.last_end = end;
        self.max_level = f32::MIN;
        facts.push(Fact::VoiceEnds { at: end });
    }

    /// Ends the stream at `now` and with it the segment that lasts.
    pub fn finish(&mut self, now: Samples, facts: &mut Vec<Fact>) {
        self.end = self.end.min(now);
        if self.since.is_some() && self.quiet_hops == 0 {
            self.end = now;
            self.since = None;
            self.last_end = now;
            facts.push(Fact::VoiceEnds { at: now });
        } else {
            self.stop(facts);
        }
    }

    /// Whether no segment lasts and none can begin in the hops that are not complete.
    pub fn is_quiet(&self) -> bool {
        let recent = &self.hops[HISTORY - START_HOPS - MAX_START_HOPS..];
        self.since.is_none() && recent.iter().all(|hop| is_quiet((hop.level, hop.floor)))
    }

    /// Time before which all edges have been reported, if the hops up to `now` were processed.
    pub fn complete_until(&self, now: Samples) -> Samples {
        let back = match self.since {
            Some(_) => self.quiet_hops as usize + MAX_END_HOPS + 3,
            None => {
                let recent = &self.hops[HISTORY - START_HOPS..];
                let voice = recent.iter().position(|hop| hop.voice > MIN_LIKELIHOOD);
                MAX_START_HOPS + 2 + voice.map_or(0, |first| START_HOPS - first)
            }
        };
        now.saturating_sub((back * HOP) as Samples)
            .max(self.last_end)
    }
}

/// Whether a level is too low for voice, or too near to the noise floor for an edge; both log2 of the mean square.
pub fn is_quiet((level, floor): (f32, f32)) -> bool {
    level < MIN_VOICE_LEVEL || level <= floor + EDGE_ABOVE_FLOOR
}

/// End of a sound that last shows in the hop at `at`.
fn end_of(at: Samples) -> Samples {
    at.saturating_add_signed(END_OFFSET + HOP as i64)
}
