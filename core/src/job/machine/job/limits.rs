//! Limits of time: `initial_timeout`, `fax_timeout`, `listen_on`, `max_ms` and `timeout`.
//!
//! What happened before a limit decides, and the limit is the time of the ending. At the limit itself the facts still lag the
//! audio, so [`MachineJob::reach_limit`] gets a preview. At `timeout` and `max_ms` the preview decides. At the others it decides if
//! nothing can have begun before them; otherwise the job waits for the facts.
#![forbid(unsafe_code)]

use super::{MAX_BEEP_LAG, MAX_CNG_LAG, MachineJob, State, cause_text};
use crate::detect::pipeline::Preview;
use crate::time::{Samples, from_ms, to_ms};
use crate::types::{MachineAnchor, MachineCause, NetworkTone};

impl MachineJob {
    /// Time of the next limit, at which [`MachineJob::reach_limit`] must be called; `None` if there is none. It may have passed
    /// before it became known.
    pub fn next_limit(&self) -> Option<Samples> {
        if self.state == State::Ended {
            return None;
        }
        let wait = self.wait_limit().filter(|at| self.previewed != Some(*at));
        let max = self.max_limit().filter(|at| self.max_reached != Some(*at));
        [self.timeout_at(), wait, max].into_iter().flatten().min()
    }

    /// Media time `now` has reached [`MachineJob::next_limit`], and all facts reported so far have been processed. `preview`: what
    /// the detectors would report if no audio followed.
    pub fn reach_limit(&mut self, preview: &Preview, now: Samples) {
        let Some(timeout_at) = self.timeout_at().filter(|at| *at <= now) else {
            return self.reach_wait_limit(preview, now);
        };
        let at = timeout_at.max(self.latest);
        for fact in &preview.facts {
            self.process(fact, at);
        }
        self.advance(at, at);
        self.expire(at);
    }

    fn reach_wait_limit(&mut self, preview: &Preview, now: Samples) {
        if let Some(at) = self.max_limit().filter(|at| *at <= now) {
            self.max_reached = Some(at);
            self.decide_at_max(preview, now);
        }
        if let Some(at) = self.wait_limit().filter(|at| *at <= now) {
            self.previewed = Some(at);
            if preview.quiet {
                self.advance(now, now);
            }
        }
    }

    /// The likelier answerer is the verdict if there is voice. The facts of the preview come again, so that only a copy of the
    /// classifier gets them.
    fn decide_at_max(&mut self, preview: &Preview, now: Samples) {
        let mut classifier = self.classifier.clone();
        for fact in &preview.facts {
            classifier.process(fact);
        }
        let estimate = classifier.estimate(now);
        if classifier.has_voice() && !estimate.noise {
            self.decide_likelier(estimate, self.complete_until, now);
        }
    }

    /// Time at which `max_ms` expires.
    pub(super) fn max_limit(&self) -> Option<Samples> {
        let decides = self.state == State::Listening
            && self.options.amd
            && self.options.max_ms > 0
            && self.is_adaptive();
        let onset = self.result.onset.filter(|_| decides)?;
        Some(onset.saturating_add(from_ms(self.options.max_ms)))
    }

    /// Time at which `timeout` expires.
    pub fn timeout_at(&self) -> Option<Samples> {
        self.options.timeout.deadline(self.anchored_at()?)
    }

    /// Time at which the present wait ends: for the first voice, for a fax tone, or for a beep or a fax tone after HUMAN.
    fn wait_limit(&self) -> Option<Samples> {
        match self.state {
            State::Listening if self.options.amd && !self.has_voice() => {
                self.options.initial_timeout.deadline(self.initial_since()?)
            }
            State::AwaitingFax(until) | State::ListeningOn(until) => until,
            _ => None,
        }
    }

    /// Start of `initial_timeout`.
    fn initial_since(&self) -> Option<Samples> {
        let since = match self.options.anchor {
            MachineAnchor::FirstVoice => self.result.started,
            _ => self.anchored_at()?,
        };
        // With the adaptive strategy, initial_timeout restarts at each ringback tone.
        let last_ringback = self.last_ringback.filter(|_| self.is_adaptive());
        Some(since.max(last_ringback.unwrap_or(0)))
    }

    /// The time of [`Self::wait_limit`] once it is certain that the wait is over. A tone that sounds at the limit may become a beep:
    /// the wait ends with that tone.
    pub(super) fn wait_ended_at(&self, complete_until: Samples) -> Option<Samples> {
        let limit = self.wait_limit().filter(|at| complete_until >= *at)?;
        let lag = match self.options.fax && self.options.cng {
            true => MAX_CNG_LAG,
            false => MAX_BEEP_LAG,
        };
        let tone_end = match self.tone.filter(|tone| tone.start < limit) {
            Some(tone) if tone.is_near(complete_until, lag) => return None,
            tone => tone.map_or(0, |tone| tone.end),
        };
        Some(limit.max(tone_end).max(self.latest))
    }

    /// Ends with UNKNOWN after `initial_timeout` without voice.
    pub(super) fn apply_initial_timeout(&mut self, complete_until: Samples) {
        let (Some(since), Some(at)) = (self.initial_since(), self.wait_ended_at(complete_until))
        else {
            return;
        };
        match self.result.network_tone {
            NetworkTone::None | NetworkTone::Dial => {
                let text = cause_text("INITIALSILENCE", at - since, self.options.initial_timeout);
                self.give_up(MachineCause::InitialSilence, text, at);
            }
            tone => {
                let (cause, text) = self.network_cause(tone, at);
                self.give_up(cause, text, at);
            }
        }
    }

    /// There was no voice up to `at`: ends with UNKNOWN, or waits for a fax tone for `fax_timeout`.
    fn give_up(&mut self, cause: MachineCause, text: String, at: Samples) {
        self.given_up = (cause, text);
        if self.options.fax && !self.options.fax_timeout.is_zero() {
            self.state = State::AwaitingFax(self.options.fax_timeout.deadline(at));
        } else {
            self.decide_given_up(at);
        }
    }

    /// Ends with UNKNOWN and the cause for which `amd` gave up.
    pub(super) fn decide_given_up(&mut self, at: Samples) {
        let (cause, text) = std::mem::take(&mut self.given_up);
        self.decide_unknown(cause, text, at);
    }

    /// The network tone as the cause of UNKNOWN: there was no voice up to `at`.
    pub(super) fn network_cause(&self, tone: NetworkTone, at: Samples) -> (MachineCause, String) {
        let cause = match tone {
            NetworkTone::Busy => MachineCause::Busy,
            NetworkTone::Reorder => MachineCause::Reorder,
            NetworkTone::Sit => MachineCause::Sit,
            _ => MachineCause::Ringback,
        };
        let elapsed_ms = to_ms(at.saturating_sub(self.result.started));
        (cause, format!("{cause}-{elapsed_ms}"))
    }

    /// Ends at `at`, where `timeout` has expired.
    fn expire(&mut self, at: Samples) {
        match self.state {
            State::Listening => {
                let since = self.anchored_at().unwrap_or(at);
                let text = cause_text("TOOLONG", at - since, self.options.timeout);
                self.decide_unknown(MachineCause::TooLong, text, at);
            }
            State::AwaitingFax(_) => self.decide_given_up(at),
            _ => {}
        }
        self.finish(at);
    }
}
