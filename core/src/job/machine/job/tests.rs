//! The rules of `detect_machine`, in media time.

mod after_machine;
mod anchors;
mod beep;
mod endings;
mod fax;
mod fax_timeout;
mod kinds;
mod listen_on;
mod max_ms;
mod message_end;
mod network;
mod random;
mod ready_on;
mod revise;
mod spoken;
mod thresholds;
mod timeouts;
mod words;

use super::*;
use crate::detect::fact::{Beep, Frame};
use crate::detect::pipeline::Preview;
use crate::job::options::parse_machine;
use crate::time::from_ms;

/// A detection under test. Times are in milliseconds.
pub(super) struct Bench {
    job: MachineJob,
    outputs: Vec<MachineOutput>,
    now: u64,
    /// Lag of the facts behind the audio.
    lag: u64,
}

pub(super) fn start(options: &str) -> Bench {
    start_at(0, options, CallTimes::default())
}

/// Starts at media time `now`.
fn start_at(now: u64, options: &str, call: CallTimes) -> Bench {
    let options = parse_machine(options, MachineOptions::default()).unwrap();
    start_with(now, options, call)
}

fn start_with(now: u64, options: MachineOptions, call: CallTimes) -> Bench {
    Bench {
        job: MachineJob::start(options, from_ms(now), call),
        outputs: Vec::new(),
        now,
        lag: 0,
    }
}

fn beep(from: u64, to: u64) -> Fact {
    Fact::Beep(Beep {
        start: from_ms(from),
        end: from_ms(to),
        hz: 1000.0,
        hz2: 0.0,
        level_dbm0: -20.0,
    })
}

fn fax(tone: FaxTone, from: u64, at: u64) -> Fact {
    Fact::Fax(Fax {
        tone,
        start: from_ms(from),
        at: from_ms(at),
    })
}

fn network(tone: NetworkTone, from: u64, to: u64) -> Fact {
    Fact::Network(Network {
        tone,
        start: from_ms(from),
        end: from_ms(to),
        hz: 480.0,
        hz2: 620.0,
    })
}

impl Bench {
    /// Advances time in steps of 5 ms.
    pub(super) fn until(mut self, ms: u64) -> Self {
        while self.now < ms {
            self.now += 5;
            let complete_until = self.now.saturating_sub(self.lag);
            let now = from_ms(self.now);
            self.job.advance(from_ms(complete_until), now);
            if self.job.next_limit().is_some_and(|at| at <= now) {
                self.job.reach_limit(&self.preview(), now);
            }
            self.outputs.append(self.job.outputs());
        }
        self
    }

    /// With a lag something may have begun, which the facts do not say yet.
    fn preview(&self) -> Preview {
        Preview {
            facts: vec![],
            quiet: self.lag == 0,
        }
    }

    /// Reports a fact now.
    pub(super) fn fact(mut self, fact: Fact) -> Self {
        self.job.process(&fact, from_ms(self.now));
        self.outputs.append(self.job.outputs());
        self
    }

    /// Voice from `from` to `to`.
    pub(super) fn voice(self, from: u64, to: u64) -> Self {
        let lag = self.lag;
        self.until(from + lag)
            .fact(Fact::VoiceBegins { at: from_ms(from) })
            .until(to + lag)
            .fact(Fact::VoiceEnds { at: from_ms(to) })
    }

    /// Voice from `from` to `to` with the frames that the classifier takes for a voice.
    fn speech(self, from: u64, to: u64) -> Self {
        self.speech_of(120.0, from, to)
    }

    /// The same of a voice with this pitch.
    fn speech_of(self, pitch_hz: f32, from: u64, to: u64) -> Self {
        let bench = self
            .until(from)
            .fact(Fact::VoiceBegins { at: from_ms(from) });
        (from / 10..to / 10)
            .fold(bench, |bench, i| {
                let frame = Frame {
                    at: from_ms(i * 10),
                    level_dbm0: -20.0,
                    floor_dbm0: -60.0,
                    voice: 0.95,
                    voiced: 0.8,
                    pitch_hz,
                    ..Frame::default()
                };
                bench.fact(Fact::Frame(frame)).until(i * 10 + 10)
            })
            .until(to)
            .fact(Fact::VoiceEnds { at: from_ms(to) })
    }

    /// From now on the classifier takes any voice for a machine's, or for a person's.
    fn sounds_like(mut self, machine: bool) -> Self {
        // More than it has learned, and more than the other way round before.
        let log_odds = if machine { 60.0 } else { -30.0 };
        self.job.classifier.add_evidence(log_odds);
        self
    }

    /// `count` words of 200 ms, one every 500 ms.
    fn words(self, from: u64, count: u64) -> Self {
        (0..count).fold(self, |bench, i| {
            bench.voice(from + 500 * i, from + 500 * i + 200)
        })
    }

    /// A tone of no type.
    fn tone(self, from: u64, to: u64) -> Self {
        let bench = self.until(from);
        (from / 10..to / 10).fold(bench, |bench, i| {
            let frame = Frame {
                at: from_ms(i * 10),
                tone: true,
                ..Frame::default()
            };
            bench.fact(Fact::Frame(frame)).until(i * 10 + 10)
        })
    }

    /// A beep, reported 50 ms after its end.
    fn beep(self, from: u64, to: u64) -> Self {
        self.tone(from, to).until(to + 50).fact(beep(from, to))
    }

    fn answered(mut self) -> Self {
        self.job.answered(from_ms(self.now));
        self
    }

    fn media(mut self) -> Self {
        self.job.media(from_ms(self.now));
        self
    }

    fn stop(mut self) -> Self {
        self.job.stop(from_ms(self.now));
        self.outputs.append(self.job.outputs());
        self
    }

    fn hangup(mut self) -> Self {
        self.job.hangup(from_ms(self.now));
        self.outputs.append(self.job.outputs());
        self
    }

    /// One line for each output: time, event or verdict, and at the end the text of the cause.
    pub(super) fn log(&self) -> Vec<String> {
        let line = |output: &MachineOutput| match output {
            MachineOutput::Event {
                event, at, beep, ..
            } => format!("{} {event}{}", to_ms(*at), if *beep { " beep" } else { "" }),
            MachineOutput::Provisional { at, verdict, .. } => format!("{} {verdict}?", to_ms(*at)),
            MachineOutput::Ended(result) => {
                let (verdict, text) = (result.verdict, &result.text);
                format!("{} finished {verdict} {text}", to_ms(result.ended))
            }
        };
        self.outputs.iter().map(line).collect()
    }

    /// The last line of the log.
    fn end(&self) -> String {
        self.log().pop().unwrap_or_default()
    }

    fn result(&self) -> &MachineResult {
        match self.outputs.last() {
            Some(MachineOutput::Ended(result)) => result,
            other => panic!("the detection has not ended: {other:?}"),
        }
    }
}
