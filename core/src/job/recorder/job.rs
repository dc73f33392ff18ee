//! A recording: the seed's `record`, as a machine that is told what was heard and answers what goes into the file.
//!
//! Its time is samples at the file's rate since the start. It is told how far the audio was judged, where it stands out of
//! silence, and which digits came; it answers pieces, in order, and in the end a cause. Rules, under the seed's words:
//!
//! - `max_bytes`, `milliseconds_max_silence`, `milliseconds_initial_silence`, `seconds_timeout`: 0 is no limit. The earliest
//!   ends the recording, to the sample; on the same sample a digit beats the size, the size silence, silence the timeout.
//! - Without `milliseconds_initial_silence` the file begins at once, and silence counts from there. With it the file begins
//!   at the first audio, with 200 ms of what came before; if none comes, the end is SILENCE and the file empty.
//! - `barge_in`: the file ends where the digit's tone begins. A digit that began before the recording is none of its.
//! - While it is paused nothing is written, and while it is masked silence is; neither counts as the caller's silence.
#![forbid(unsafe_code)]

use crate::detect::silence::AudioSpan;
use crate::types::RecorderCause;
use std::collections::VecDeque;

/// What a recording that waits for the first audio keeps of what came before it.
pub const BEFORE_AUDIO_MS: u64 = 200;

/// Faint audio is known this late; while the first is waited for, so much more is kept back.
const KNOWN_LATE_MS: u64 = 400;

/// A tone's start is known to a few milliseconds; so much before it is cut or silenced, and so much after.
const TONE_MARGIN_MS: u64 = 5;

/// The limits of a recording, in samples at the file's rate; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Samples that may be written.
    pub size: Option<u64>,
    /// Silence after which to stop.
    pub max_silence: Option<u64>,
    /// Silence to wait for audio before the file begins.
    pub initial_silence: Option<u64>,
    /// The whole time.
    pub timeout: Option<u64>,
    /// A digit ends it.
    pub barge_in: bool,
    /// DTMF tones are silenced in the file.
    pub squelch_dtmf: bool,
}

/// What becomes of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its first sample.
    pub from: u64,
    /// The one behind its last.
    pub to: u64,
    /// How it goes into the file.
    pub fate: Fate,
}

/// How a piece goes into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Not at all.
    Dropped,
    /// As it is.
    Kept,
    /// With silence instead of the far party.
    Squelched,
    /// As silence.
    Masked,
}

/// What a host does to a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Nothing is written from here on.
    Pause,
    /// It is written again.
    Resume,
    /// Silence is written from here on.
    Mask,
    /// Audio is written again.
    Unmask,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Control(Control),
    ToneBegins,
    ToneEnds,
}

/// How a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub cause: RecorderCause,
    /// When: a limit's own moment, not that at which it was noticed.
    pub at: u64,
}

/// A recording that runs.
#[derive(Clone, Debug)]
pub struct RecorderJob {
    limits: Limits,
    rate_hz: u32,
    /// Everything before is kept or dropped.
    decided: u64,
    written: u64,
    /// The file has begun.
    begun: bool,
    /// From when silence counts.
    quiet_since: u64,
    audio_detected: bool,
    /// Audio is judged, and digits are told, up to these.
    heard_until: u64,
    complete_until: u64,
    stretches: Vec<AudioSpan>,
    changes: VecDeque<(u64, Change)>,
    digit: Option<u64>,
    paused: bool,
    masked: bool,
    /// Tones that sound.
    tones: u32,
    ended: Option<Ended>,
}

impl RecorderJob {
    /// Starts; `tone`: one sounds already.
    pub fn new(limits: Limits, rate_hz: u32, tone: bool) -> Self {
        Self {
            limits,
            rate_hz,
            decided: 0,
            written: 0,
            begun: limits.initial_silence.is_none(),
            quiet_since: 0,
            audio_detected: false,
            heard_until: 0,
            complete_until: 0,
            stretches: Vec::new(),
            changes: VecDeque::new(),
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

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Audio was found.
    pub fn audio(&mut self, stretch: AudioSpan) {
        self.stretches.push(stretch);
    }

    /// Audio before `heard` was judged; digits that began before `told` were told.
    pub fn known(&mut self, heard: u64, told: u64) {
        self.heard_until = self.heard_until.max(heard);
        self.complete_until = self.complete_until.max(told);
    }

    /// A key press that began at `start`; it counts for barge-in. `tone`: it is in the audio.
    pub fn digit(&mut self, start: u64, tone: bool) {
        // Digits are told in order: there was none before it.
        self.complete_until = self.complete_until.max(start);
        if self.limits.barge_in && self.digit.is_none() {
            let margin = if tone { self.ms(TONE_MARGIN_MS) } else { 0 };
            self.digit = Some(start.saturating_sub(margin));
        }
    }

    /// A tone begins in the audio.
    pub fn tone_begins(&mut self, at: u64) {
        let at = at.saturating_sub(self.ms(TONE_MARGIN_MS));
        self.change(at, Change::ToneBegins);
    }

    /// The tone is over.
    pub fn tone_ends(&mut self, at: u64) {
        self.change(at + self.ms(TONE_MARGIN_MS), Change::ToneEnds);
    }

    /// The host pauses, resumes, masks or unmasks here.
    pub fn control(&mut self, at: u64, control: Control) {
        self.change(at, Change::Control(control));
    }

    fn change(&mut self, at: u64, change: Change) {
        let at = at.max(self.decided);
        let place = self.changes.partition_point(|(t, _)| *t <= at);
        self.changes.insert(place, (at, change));
    }

    /// Decides as much as is known of the time up to `now`.
    pub fn advance(&mut self, now: u64, pieces: &mut Vec<Piece>) {
        let silence = self.limits.max_silence.or(self.limits.initial_silence);
        let digits = self.limits.barge_in || self.limits.squelch_dtmf;
        let heard = silence.map_or(u64::MAX, |_| self.heard_until);
        let told = if digits {
            self.complete_until
        } else {
            u64::MAX
        };
        self.decide(now.min(heard).min(told), pieces);
    }

    /// Ends it at `at` for a reason from outside, unless a limit was reached before.
    pub fn end(&mut self, cause: RecorderCause, at: u64, pieces: &mut Vec<Piece>) {
        let at = at.max(self.decided);
        self.decide(at, pieces);
        if self.ended.is_none() {
            self.ended = Some(Ended { cause, at });
        }
    }

    fn decide(&mut self, until: u64, pieces: &mut Vec<Piece>) {
        while self.ended.is_none() {
            while let Some(&(at, change)) = self.changes.front()
                && at <= self.decided
            {
                self.changes.pop_front();
                self.apply(change);
            }
            let before = (self.decided, self.begun);
            if self.begun {
                let to = self.changes.front().map_or(until, |c| until.min(c.0));
                self.write(to, pieces);
            } else {
                self.wait(until, pieces);
            }
            if before == (self.decided, self.begun) {
                break;
            }
        }
        let late = self.ms(KNOWN_LATE_MS);
        self.stretches.retain(|s| s.to + late > self.decided);
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Control(Control::Pause) => self.paused = true,
            Change::Control(Control::Resume) => self.paused = false,
            Change::Control(Control::Mask) => self.masked = true,
            Change::Control(Control::Unmask) => self.masked = false,
            Change::ToneBegins => self.tones += 1,
            Change::ToneEnds => self.tones = self.tones.saturating_sub(1),
        }
        if matches!(change, Change::Control(_)) {
            self.quiet_since = self.quiet_since.max(self.decided);
        }
    }

    /// Waits for the first audio.
    fn wait(&mut self, until: u64, pieces: &mut Vec<Piece>) {
        let (end, cause) = earliest([
            (self.digit, RecorderCause::Bargein),
            (self.limits.initial_silence, RecorderCause::Silence),
            (self.limits.timeout, RecorderCause::Timeout),
        ]);
        let keep = self.ms(BEFORE_AUDIO_MS);
        let first = self.stretches.iter().map(|s| s.from).min();
        if let Some(first) = first.filter(|&first| first < end) {
            let begin = first.saturating_sub(keep).max(self.decided);
            self.take(begin, Fate::Dropped, pieces);
            self.begun = true;
            self.quiet_since = begin;
        } else if end <= until {
            self.take(end.max(self.decided), Fate::Dropped, pieces);
            self.stop(cause);
        } else {
            // What may yet turn out to be the file's beginning stays undecided.
            let sure = until.saturating_sub(keep + self.ms(KNOWN_LATE_MS));
            self.take(sure.max(self.decided), Fate::Dropped, pieces);
        }
    }

    fn write(&mut self, to: u64, pieces: &mut Vec<Piece>) {
        let still = self.paused || self.masked;
        let room = self
            .limits
            .size
            .map(|size| size.saturating_sub(self.written));
        let full = room.filter(|&room| room == 0 || !self.paused);
        let silence = if still { None } else { self.silence() };
        let (end, cause) = earliest([
            (self.digit, RecorderCause::Bargein),
            (
                full.map(|room| self.decided.saturating_add(room)),
                RecorderCause::Size,
            ),
            (silence, RecorderCause::Silence),
            (self.limits.timeout, RecorderCause::Timeout),
        ]);
        let until = end.min(to).max(self.decided);
        let fate = match (self.paused, self.masked) {
            (true, _) => Fate::Dropped,
            (_, true) => Fate::Masked,
            _ if self.limits.squelch_dtmf && self.tones > 0 => Fate::Squelched,
            _ => Fate::Kept,
        };
        let since = self.decided.saturating_sub(self.ms(KNOWN_LATE_MS));
        let heard = |s: &AudioSpan| s.from < until && s.to > since;
        self.audio_detected |= !still && self.stretches.iter().any(heard);
        self.take(until, fate, pieces);
        if end <= to {
            self.stop(cause);
        }
    }

    /// When it will have been silent for too long, as far as is known.
    fn silence(&mut self) -> Option<u64> {
        let most = self.limits.max_silence?;
        loop {
            let deadline = self.quiet_since.saturating_add(most);
            let quiet_since = self.quiet_since;
            let later = self
                .stretches
                .iter()
                .filter(|s| s.from < deadline && s.to > quiet_since)
                .map(|s| s.to)
                .max();
            match later {
                Some(later) => self.quiet_since = later,
                None => return Some(deadline),
            }
        }
    }

    fn take(&mut self, to: u64, fate: Fate, pieces: &mut Vec<Piece>) {
        if to > self.decided {
            pieces.push(Piece {
                from: self.decided,
                to,
                fate,
            });
            if fate != Fate::Dropped {
                self.written += to - self.decided;
            }
            self.decided = to;
        }
    }

    fn stop(&mut self, cause: RecorderCause) {
        self.ended = Some(Ended {
            cause,
            at: self.decided,
        });
    }

    fn ms(&self, ms: u64) -> u64 {
        samples(ms, self.rate_hz)
    }
}

/// Samples of so many milliseconds at a file's rate, to the nearest; saturates.
pub fn samples(ms: u64, rate_hz: u32) -> u64 {
    ms.saturating_mul(u64::from(rate_hz)).saturating_add(500) / 1000
}

/// The earliest end; of two at once, the first in the list.
fn earliest<const N: usize>(ends: [(Option<u64>, RecorderCause); N]) -> (u64, RecorderCause) {
    ends.into_iter()
        .filter_map(|(at, cause)| Some((at?, cause)))
        .min_by_key(|(at, _)| *at)
        .unwrap_or((u64::MAX, RecorderCause::None))
}

#[cfg(test)]
mod tests;
