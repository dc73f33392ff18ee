//! The seed's rules, each by its name. No wall time passes.

mod anchors;
mod beep;
mod endings;
mod fax;
mod listen_on;
mod message_end;
mod network;
mod random;
mod thresholds;
mod timeouts;
mod words;

use super::*;
use crate::detect::fact::Frame;
use crate::job::options::parse_machine;
use crate::time::from_ms;

/// A detection under test, driven by a script of moments in milliseconds.
pub(super) struct Bench {
    job: MachineJob,
    outputs: Vec<MachineOutput>,
    now: u64,
    /// So much later it is complete what is facts.
    late: u64,
}

pub(super) fn start(options: &str) -> Bench {
    start_at(0, options, CallTimes::default())
}

/// Starts when the call has been going on for some time already.
fn start_at(now: u64, options: &str, call: CallTimes) -> Bench {
    let options = parse_machine(options, MachineOptions::default()).unwrap();
    start_with(now, options, call)
}

fn start_with(now: u64, options: MachineOptions, call: CallTimes) -> Bench {
    Bench {
        job: MachineJob::start(options, from_ms(now), call),
        outputs: Vec::new(),
        now,
        late: 0,
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
    /// Time passes in steps of 5 ms.
    pub(super) fn until(mut self, ms: u64) -> Self {
        while self.now < ms {
            self.now += 5;
            let complete = self.now.saturating_sub(self.late);
            self.job.time(from_ms(complete), from_ms(self.now));
            self.outputs.append(self.job.outputs());
        }
        self
    }

    pub(super) fn hear(mut self, facts: Fact) -> Self {
        self.job.fact(&facts, from_ms(self.now));
        self.outputs.append(self.job.outputs());
        self
    }

    /// Voice from one moment to another.
    pub(super) fn voice(self, from: u64, to: u64) -> Self {
        let late = self.late;
        self.until(from + late)
            .hear(Fact::VoiceBegins { at: from_ms(from) })
            .until(to + late)
            .hear(Fact::VoiceEnds { at: from_ms(to) })
    }

    /// Words of 200 ms, every 500 ms.
    fn words(self, from: u64, count: u64) -> Self {
        (0..count).fold(self, |bench, i| {
            bench.voice(from + 500 * i, from + 500 * i + 200)
        })
    }

    /// A tone sounds, whatever it is.
    fn tone(self, from: u64, to: u64) -> Self {
        let bench = self.until(from);
        (from / 10..to / 10).fold(bench, |bench, i| {
            let frame = Frame {
                at: from_ms(i * 10),
                tone: true,
                ..Frame::default()
            };
            bench.hear(Fact::Frame(frame)).until(i * 10 + 10)
        })
    }

    /// A beep, complete 50 ms after its end.
    fn beep(self, from: u64, to: u64) -> Self {
        self.tone(from, to).until(to + 50).hear(beep(from, to))
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

    /// Every event and when it was complete, and at the end the result and its cause.
    pub(super) fn story(&self) -> Vec<String> {
        let emit = |complete: &MachineOutput| match complete {
            MachineOutput::Event {
                event, at, beep, ..
            } => format!("{} {event}{}", to_ms(*at), if *beep { " beep" } else { "" }),
            MachineOutput::Provisional { at, verdict, .. } => format!("{} {verdict}?", to_ms(*at)),
            MachineOutput::Ended(o) => {
                format!("{} finished {} {}", to_ms(o.ended), o.verdict, o.text)
            }
        };
        self.outputs.iter().map(emit).collect()
    }

    /// The last line of the story.
    fn end(&self) -> String {
        self.story().pop().unwrap_or_default()
    }

    fn result(&self) -> &MachineResult {
        match self.outputs.last() {
            Some(MachineOutput::Ended(result)) => result,
            other => panic!("it has not ended: {other:?}"),
        }
    }
}
