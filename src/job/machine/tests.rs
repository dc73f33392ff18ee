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
use crate::detect::voice::Frame;
use crate::job::options::parse_machine;
use crate::time::from_ms;

/// A detection under test, driven by a script of moments in milliseconds.
pub(super) struct Bench {
    job: Machine,
    told: Vec<Told>,
    now: u64,
    /// So much later it is told what is heard.
    late: u64,
}

pub(super) fn start(options: &str) -> Bench {
    start_at(0, options, Call::default())
}

/// Starts when the call has been going on for some time already.
fn start_at(now: u64, options: &str, call: Call) -> Bench {
    let options = parse_machine(options, MachineOptions::default()).unwrap();
    start_with(now, options, call)
}

fn start_with(now: u64, options: MachineOptions, call: Call) -> Bench {
    Bench {
        job: Machine::start(options, from_ms(now), call),
        told: Vec::new(),
        now,
        late: 0,
    }
}

fn beep(from: u64, to: u64) -> Heard {
    Heard::Beep(Beep {
        start: from_ms(from),
        end: from_ms(to),
        hz: 1000.0,
        hz2: 0.0,
        level_dbm0: -20.0,
    })
}

fn fax(tone: FaxTone, from: u64, at: u64) -> Heard {
    Heard::Fax(Fax {
        tone,
        start: from_ms(from),
        at: from_ms(at),
    })
}

fn network(tone: NetworkTone, from: u64, to: u64) -> Heard {
    Heard::Network(Network {
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
            let told = self.now.saturating_sub(self.late);
            self.job.time(from_ms(told), from_ms(self.now));
            self.told.append(self.job.told());
        }
        self
    }

    pub(super) fn hear(mut self, heard: Heard) -> Self {
        self.job.hear(&heard, from_ms(self.now));
        self.told.append(self.job.told());
        self
    }

    /// Voice from one moment to another.
    pub(super) fn voice(self, from: u64, to: u64) -> Self {
        let late = self.late;
        self.until(from + late)
            .hear(Heard::VoiceBegins { at: from_ms(from) })
            .until(to + late)
            .hear(Heard::VoiceEnds { at: from_ms(to) })
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
            bench.hear(Heard::Frame(frame)).until(i * 10 + 10)
        })
    }

    /// A beep, told 50 ms after its end.
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
        self.told.append(self.job.told());
        self
    }

    fn hangup(mut self) -> Self {
        self.job.hangup(from_ms(self.now));
        self.told.append(self.job.told());
        self
    }

    /// Every event and when it was told, and at the end the result and its cause.
    pub(super) fn story(&self) -> Vec<String> {
        let tell = |told: &Told| match told {
            Told::Event {
                event, at, beep, ..
            } => format!("{} {event}{}", to_ms(*at), if *beep { " beep" } else { "" }),
            Told::Provisional { at, result, .. } => format!("{} {result}?", to_ms(*at)),
            Told::Ended(o) => format!("{} finished {} {}", to_ms(o.ended), o.result, o.text),
        };
        self.told.iter().map(tell).collect()
    }

    /// The last line of the story.
    fn end(&self) -> String {
        self.story().pop().unwrap_or_default()
    }

    fn outcome(&self) -> &Outcome {
        match self.told.last() {
            Some(Told::Ended(outcome)) => outcome,
            other => panic!("it has not ended: {other:?}"),
        }
    }
}
