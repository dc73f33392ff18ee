//! `after_machine`: a person who comes on the line after MACHINE.
//!
//! What sound can show: after the machine's last voice something else than voice (ringback, music, silence), then a short turn of
//! another voice, and silence that waits for a reply. A classifier that begins to listen between the two judges the turn. A turn that
//! is too long, that another sound follows, or whose voice is the machine's, is the machine's.
#![forbid(unsafe_code)]

mod profile;

use self::profile::Profile;
use super::classifier::features::{MAX_BACKGROUND_VOICE, MIN_VOICE};
use super::classifier::{Answerer, Classifier};
use super::phrases::add_capped;
use crate::detect::fact::{Fact, Frame};
use crate::time::{MS, Samples};
use crate::types::NetworkTone;

/// Time without voice after the machine's, 1.5 s, after which voice may be another's. After ringback it takes none.
const MIN_GAP: Samples = 1500 * MS;

/// Voice of a turn, 0.2 to 2.5 s. Shorter segments than 100 ms are clicks.
const MIN_TURN: Samples = 200 * MS;
const MAX_TURN: Samples = 2500 * MS;
const MIN_SEGMENT: Samples = 100 * MS;

/// Silence after a turn in which a person waits: 1.0 s, or 1.8 s after more than 1 s of voice.
const SHORT_WAIT: Samples = 1000 * MS;
const LONG_WAIT: Samples = 1800 * MS;
const SHORT_TURN: Samples = 1000 * MS;

/// Highest probability of a machine, by the classifier that heard the turn alone.
const MAX_MACHINE: f32 = 0.5;

/// Pauses up to this length, 0.5 s, are of the machine's recording: its background is measured there.
const MAX_PAUSE: Samples = 500 * MS;

/// A turn of voice that may be a person's.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// Length of its ended segments.
    voice: Samples,
    /// End of the last one.
    end: Samples,
    profile: Profile,
}

/// Listens since something followed the machine's voice.
#[derive(Clone, Debug)]
struct Listener {
    since: Samples,
    classifier: Classifier,
    /// Log-odds that words have added to the classifier's.
    words: f32,
    turn: Option<Turn>,
}

/// Who speaks after MACHINE. Times are media time.
#[derive(Clone, Debug)]
pub struct AfterMachine {
    sensitivity: u8,
    machine: Profile,
    /// The voice segment that lasts.
    segment: Profile,
    voice_since: Option<Samples>,
    /// End of the last voice or beep.
    quiet_since: Option<Samples>,
    listener: Option<Listener>,
}

impl AfterMachine {
    /// Before any voice. `sensitivity`: that of the detection.
    pub fn new(sensitivity: u8) -> Self {
        Self {
            sensitivity,
            machine: Profile::default(),
            segment: Profile::default(),
            voice_since: None,
            quiet_since: None,
            listener: None,
        }
    }

    /// Processes one fact, from the start of the detection on.
    pub fn process(&mut self, fact: &Fact) {
        if let Some(listener) = &mut self.listener {
            listener.classifier.process(fact);
        }
        match fact {
            Fact::Frame(frame) => self.process_frame(frame),
            Fact::VoiceBegins { at } => {
                self.voice_since = Some(*at);
                if let Some(listener) = &mut self.listener {
                    listener.turn.get_or_insert_default();
                }
            }
            Fact::VoiceEnds { at } => self.end_segment(*at),
            Fact::Beep(beep) => {
                self.give_back();
                self.quiet_since = Some(beep.end);
            }
            Fact::Network(network) if network.tone == NetworkTone::Ringback => {
                self.give_back();
                if self.quiet_since.is_some() {
                    self.listen(network.end);
                }
            }
            Fact::Network(_) | Fact::Fax(_) => {}
        }
    }

    fn process_frame(&mut self, frame: &Frame) {
        if frame.tone {
            return;
        }
        if frame.voice > MIN_VOICE {
            self.segment.add_voice(frame);
        } else if frame.voice < MAX_BACKGROUND_VOICE && self.voice_since.is_none() {
            let near = |since: Samples| frame.at <= since + MAX_PAUSE;
            match &mut self.listener {
                Some(Listener {
                    turn: Some(turn), ..
                }) => turn.profile.add_background(frame),
                None if self.quiet_since.is_some_and(near) => self.machine.add_background(frame),
                _ => {}
            }
        }
    }

    fn end_segment(&mut self, at: Samples) {
        let Some(since) = self.voice_since.take() else {
            return;
        };
        let (voice, segment) = (at.saturating_sub(since), std::mem::take(&mut self.segment));
        let turn = self
            .listener
            .as_mut()
            .and_then(|listener| listener.turn.as_mut());
        match turn {
            Some(turn) if voice >= MIN_SEGMENT => {
                turn.voice += voice;
                turn.end = at;
                turn.profile.add(&segment);
            }
            // A click before the turn.
            Some(turn) if turn.voice == 0 => self.listener_without_turn(),
            Some(_) => {}
            None => self.machine.add(&segment),
        }
        if voice >= MIN_SEGMENT {
            self.quiet_since = Some(at);
        }
    }

    fn listener_without_turn(&mut self) {
        if let Some(listener) = &mut self.listener {
            listener.turn = None;
        }
    }

    /// A classifier listens from `since` on.
    fn listen(&mut self, since: Samples) {
        self.listener = Some(Listener {
            since,
            classifier: Classifier::new(self.sensitivity),
            words: 0.0,
            turn: None,
        });
    }

    /// The classifier of the turn.
    #[cfg(test)]
    pub fn turn_classifier(&mut self) -> Option<&mut Classifier> {
        self.listener
            .as_mut()
            .map(|listener| &mut listener.classifier)
    }

    /// The turn, if there is one, was the machine's.
    pub fn give_back(&mut self) {
        if let Some(Listener {
            turn: Some(turn), ..
        }) = self.listener.take()
        {
            self.machine.add(&turn.profile);
        }
    }

    /// Adds log-odds of a machine from words that began at `at`. Returns `false` if they are not of a turn.
    pub fn add_words(&mut self, log_odds: f32, at: Samples) -> bool {
        match &mut self.listener {
            Some(listener) if at >= listener.since => {
                let change = add_capped(&mut listener.words, log_odds);
                listener.classifier.add_evidence(change);
                true
            }
            _ => false,
        }
    }

    /// All facts before `now` were processed, and MACHINE is the verdict. Returns the probability of a person if one has come on
    /// the line.
    pub fn advance(&mut self, now: Samples) -> Option<f32> {
        let Some(listener) = &self.listener else {
            let quiet = self.quiet_since.filter(|_| self.voice_since.is_none())?;
            if now >= quiet + MIN_GAP {
                self.listen(now);
            }
            return None;
        };
        let turn = listener.turn?;
        let lasting = self
            .voice_since
            .map_or(0, |since| now.saturating_sub(since));
        if turn.voice + lasting > MAX_TURN {
            self.give_back();
            return None;
        }
        let wait = if turn.voice > SHORT_TURN {
            LONG_WAIT
        } else {
            SHORT_WAIT
        };
        if self.voice_since.is_some() || turn.voice == 0 || now < turn.end + wait {
            return None;
        }
        let estimate = listener.classifier.estimate(now);
        let is_person = turn.voice >= MIN_TURN
            && listener.classifier.has_voice()
            && estimate.decided != Some(Answerer::Machine)
            && estimate.machine < MAX_MACHINE
            && turn.profile.differs(&self.machine);
        self.give_back();
        is_person.then_some(1.0 - estimate.machine)
    }
}
