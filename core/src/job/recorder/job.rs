//! The state machine of `record`: audio spans, digits and host commands go in; segments of the file and the cause come out.
//!
//! Times are samples at the file's rate since the start of the recording.
//!
//! - `max_bytes`, `milliseconds_max_silence`, `milliseconds_initial_silence`, `seconds_timeout`: 0 is no limit. The earliest
//!   limit ends the recording at its exact sample; at the same sample, a digit wins over the size, the size over silence, and
//!   silence over the timeout.
//! - Without `milliseconds_initial_silence` the file begins at once, and so does the count of silence. With it, the file begins
//!   200 ms before the first audio; without audio the recording ends with SILENCE and an empty file.
//! - `barge_in`: the file ends where the digit's tone begins. A digit that began before the recording does not count.
//! - While the recording is paused, nothing is written; while it is masked, silence is written. Neither counts as silence of the
//!   caller.
#![forbid(unsafe_code)]

use crate::detect::silence::AudioSpan;
use crate::types::RecorderCause;
use std::collections::VecDeque;

/// Audio before the first audio span that goes into the file, ms.
pub const BEFORE_AUDIO_MS: u64 = 200;

/// Longest lag of the silence detector's audio spans, ms.
const MAX_SPAN_LAG_MS: u64 = 400;

/// Margin on both sides of a DTMF tone, ms: the accuracy of its start and end.
const TONE_MARGIN_MS: u64 = 5;

/// Limits of a recording, in samples at the file's rate; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Samples of the file.
    pub size: Option<u64>,
    /// Silence that ends the recording.
    pub max_silence: Option<u64>,
    /// Wait for the first audio, with which the file then begins.
    pub initial_silence: Option<u64>,
    /// Length of the whole recording.
    pub timeout: Option<u64>,
    /// Whether a digit ends the recording.
    pub barge_in: bool,
    /// Whether DTMF tones are replaced by silence in the file.
    pub squelch_dtmf: bool,
}

/// A segment of the recording's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First sample.
    pub from: u64,
    /// First sample after it.
    pub to: u64,
    /// How the segment is written.
    pub treatment: Treatment,
}

/// How a segment is written to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Not written.
    Drop,
    /// Written unchanged.
    Keep,
    /// Written with RX replaced by silence.
    Squelch,
    /// Written as silence.
    Mask,
}

/// A host's command to a running recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Stop writing.
    Pause,
    /// Continue writing.
    Resume,
    /// Write silence.
    Mask,
    /// Write audio again.
    Unmask,
}

/// A change of state at a time of the recording.
#[derive(Clone, Copy, Debug)]
enum Transition {
    Control(Control),
    ToneBegins,
    ToneEnds,
}

/// How a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why it ended.
    pub cause: RecorderCause,
    /// Time at which it ended; after a limit, the time at which it was reached.
    pub at: u64,
}

/// A running recording.
#[derive(Clone, Debug)]
pub struct RecorderJob {
    limits: Limits,
    rate_hz: u32,
    /// End of the segments so far.
    decided: u64,
    /// Samples in the file.
    written: u64,
    /// The file has begun: the wait for the first audio is over.
    begun: bool,
    /// Start of the silence.
    silence_since: u64,
    audio_detected: bool,
    /// Time before which all audio spans are known.
    spans_until: u64,
    /// Time before which all digits are known.
    digits_until: u64,
    /// Audio spans that may still matter.
    spans: Vec<AudioSpan>,
    /// Transitions to come, in order of time.
    transitions: VecDeque<(u64, Transition)>,
    /// Start of the digit that ends the recording.
    digit: Option<u64>,
    paused: bool,
    masked: bool,
    /// Number of tones that sound; the margins of two tones may overlap.
    tones: u32,
    ended: Option<Ended>,
}

impl RecorderJob {
    /// Starts a recording. `tone`: a DTMF tone sounds at the start.
    pub fn new(limits: Limits, rate_hz: u32, tone: bool) -> Self {
        Self {
            limits,
            rate_hz,
            decided: 0,
            written: 0,
            begun: limits.initial_silence.is_none(),
            silence_since: 0,
            audio_detected: false,
            spans_until: 0,
            digits_until: 0,
            spans: Vec::new(),
            transitions: VecDeque::new(),
            digit: None,
            paused: false,
            masked: false,
            tones: u32::from(tone),
            ended: None,
        }
    }

    /// Samples in the file so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Whether audio went into the file.
    pub fn audio_detected(&self) -> bool {
        self.audio_detected
    }

    /// Cause and time of the end; `None` while the recording runs.
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Adds an audio span, or a longer part of the last one.
    pub fn add_span(&mut self, span: AudioSpan) {
        self.spans.push(span);
    }

    /// All audio spans before `spans_until` and all starts and ends of digits before `digits_until` have been added.
    pub fn set_complete_until(&mut self, spans_until: u64, digits_until: u64) {
        self.spans_until = self.spans_until.max(spans_until);
        self.digits_until = self.digits_until.max(digits_until);
    }

    /// A key press that began at `start`. `tone`: it is in-band.
    pub fn digit(&mut self, start: u64, tone: bool) {
        // Digits arrive in order, so all earlier ones are known.
        self.digits_until = self.digits_until.max(start);
        if self.limits.barge_in && self.digit.is_none() {
            let margin = if tone { self.ms(TONE_MARGIN_MS) } else { 0 };
            self.digit = Some(start.saturating_sub(margin));
        }
    }

    /// A DTMF tone of RX begins.
    pub fn tone_begins(&mut self, at: u64) {
        let at = at.saturating_sub(self.ms(TONE_MARGIN_MS));
        self.add_transition(at, Transition::ToneBegins);
    }

    /// The DTMF tone ends.
    pub fn tone_ends(&mut self, at: u64) {
        self.add_transition(at + self.ms(TONE_MARGIN_MS), Transition::ToneEnds);
    }

    /// A command of the host at time `at`.
    pub fn control(&mut self, at: u64, control: Control) {
        self.add_transition(at, Transition::Control(control));
    }

    fn add_transition(&mut self, at: u64, transition: Transition) {
        let at = at.max(self.decided);
        let index = self.transitions.partition_point(|(t, _)| *t <= at);
        self.transitions.insert(index, (at, transition));
    }

    /// Appends the segments up to `now`, as far as spans and digits are known.
    pub fn advance(&mut self, now: u64, segments: &mut Vec<Segment>) {
        let silence = self.limits.max_silence.or(self.limits.initial_silence);
        let digits = self.limits.barge_in || self.limits.squelch_dtmf;
        let spans_until = silence.map_or(u64::MAX, |_| self.spans_until);
        let digits_until = if digits { self.digits_until } else { u64::MAX };
        self.decide(now.min(spans_until).min(digits_until), segments);
    }

    /// Ends the recording at `at` with a cause from outside, unless a limit was reached before.
    pub fn end(&mut self, cause: RecorderCause, at: u64, segments: &mut Vec<Segment>) {
        let at = at.max(self.decided);
        self.decide(at, segments);
        if self.ended.is_none() {
            self.ended = Some(Ended { cause, at });
        }
    }

    /// Appends the segments up to `until`, or up to the end of the recording.
    fn decide(&mut self, until: u64, segments: &mut Vec<Segment>) {
        while self.ended.is_none() {
            while let Some(&(at, transition)) = self.transitions.front()
                && at <= self.decided
            {
                self.transitions.pop_front();
                self.apply(transition);
            }
            let last = (self.decided, self.begun);
            if self.begun {
                let to = self.transitions.front().map_or(until, |c| until.min(c.0));
                self.write(to, segments);
            } else {
                self.wait_for_audio(until, segments);
            }
            if last == (self.decided, self.begun) {
                break;
            }
        }
        let lag = self.ms(MAX_SPAN_LAG_MS);
        self.spans.retain(|s| s.to + lag > self.decided);
    }

    fn apply(&mut self, transition: Transition) {
        match transition {
            Transition::Control(Control::Pause) => self.paused = true,
            Transition::Control(Control::Resume) => self.paused = false,
            Transition::Control(Control::Mask) => self.masked = true,
            Transition::Control(Control::Unmask) => self.masked = false,
            Transition::ToneBegins => self.tones += 1,
            Transition::ToneEnds => self.tones = self.tones.saturating_sub(1),
        }
        if matches!(transition, Transition::Control(_)) {
            self.silence_since = self.silence_since.max(self.decided);
        }
    }

    /// Before the first audio: drops the silence.
    fn wait_for_audio(&mut self, until: u64, segments: &mut Vec<Segment>) {
        let (end, cause) = earliest([
            (self.digit, RecorderCause::Bargein),
            (self.limits.initial_silence, RecorderCause::Silence),
            (self.limits.timeout, RecorderCause::Timeout),
        ]);
        let keep = self.ms(BEFORE_AUDIO_MS);
        let first = self.spans.iter().map(|s| s.from).min();
        // A digit that began before the audio may not be known yet.
        if let Some(first) = first.filter(|&first| first < end && first <= until) {
            let begin = first.saturating_sub(keep).max(self.decided);
            self.push(begin, Treatment::Drop, segments);
            self.begun = true;
            self.silence_since = begin;
        } else if end <= until {
            self.push(end.max(self.decided), Treatment::Drop, segments);
            self.end_here(cause);
        } else {
            // Audio that may belong to the beginning of the file stays undecided.
            let until = until.saturating_sub(keep + self.ms(MAX_SPAN_LAG_MS));
            self.push(until.max(self.decided), Treatment::Drop, segments);
        }
    }

    /// After the first audio: writes up to the next transition or limit.
    fn write(&mut self, to: u64, segments: &mut Vec<Segment>) {
        let suspended = self.paused || self.masked;
        let room = self
            .limits
            .size
            .map(|size| size.saturating_sub(self.written));
        let room = room.filter(|&room| room == 0 || !self.paused);
        let silence = if suspended {
            None
        } else {
            self.silence_deadline()
        };
        let (end, cause) = earliest([
            (self.digit, RecorderCause::Bargein),
            (
                room.map(|room| self.decided.saturating_add(room)),
                RecorderCause::Size,
            ),
            (silence, RecorderCause::Silence),
            (self.limits.timeout, RecorderCause::Timeout),
        ]);
        let until = end.min(to).max(self.decided);
        let treatment = match (self.paused, self.masked) {
            (true, _) => Treatment::Drop,
            (_, true) => Treatment::Mask,
            _ if self.limits.squelch_dtmf && self.tones > 0 => Treatment::Squelch,
            _ => Treatment::Keep,
        };
        let since = self.decided.saturating_sub(self.ms(MAX_SPAN_LAG_MS));
        let overlaps = |s: &AudioSpan| s.from < until && s.to > since;
        self.audio_detected |= !suspended && self.spans.iter().any(overlaps);
        self.push(until, treatment, segments);
        if end <= to {
            self.end_here(cause);
        }
    }

    /// Time at which `max_silence` is reached, by the spans known so far.
    fn silence_deadline(&mut self) -> Option<u64> {
        let max_silence = self.limits.max_silence?;
        loop {
            let deadline = self.silence_since.saturating_add(max_silence);
            let silence_since = self.silence_since;
            let last_end = self
                .spans
                .iter()
                .filter(|s| s.from < deadline && s.to > silence_since)
                .map(|s| s.to)
                .max();
            match last_end {
                Some(end) => self.silence_since = end,
                None => return Some(deadline),
            }
        }
    }

    /// Appends a segment up to `to`.
    fn push(&mut self, to: u64, treatment: Treatment, segments: &mut Vec<Segment>) {
        if to > self.decided {
            segments.push(Segment {
                from: self.decided,
                to,
                treatment,
            });
            if treatment != Treatment::Drop {
                self.written += to - self.decided;
            }
            self.decided = to;
        }
    }

    fn end_here(&mut self, cause: RecorderCause) {
        self.ended = Some(Ended {
            cause,
            at: self.decided,
        });
    }

    fn ms(&self, ms: u64) -> u64 {
        samples(ms, self.rate_hz)
    }
}

/// Samples of `ms` milliseconds at a file's rate, rounded to the nearest; saturates.
pub fn samples(ms: u64, rate_hz: u32) -> u64 {
    ms.saturating_mul(u64::from(rate_hz)).saturating_add(500) / 1000
}

/// The earliest end; of two at the same time, the first in the list.
fn earliest<const N: usize>(ends: [(Option<u64>, RecorderCause); N]) -> (u64, RecorderCause) {
    ends.into_iter()
        .filter_map(|(at, cause)| Some((at?, cause)))
        .min_by_key(|(at, _)| *at)
        .unwrap_or((u64::MAX, RecorderCause::None))
}

#[cfg(test)]
mod tests;
