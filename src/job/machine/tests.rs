//! The seed's rules, each by its name. No wall time passes.

use super::*;
use crate::job::options::parse_machine;
use crate::time::from_ms;

/// A detection under test, driven by a script of moments in milliseconds.
pub(super) struct Bench {
    job: Machine,
    told: Vec<Told>,
    now: u64,
}

pub(super) fn start(options: &str) -> Bench {
    let options = parse_machine(options, MachineOptions::default()).unwrap();
    Bench {
        job: Machine::start(options, 0, Call::default()),
        told: Vec::new(),
        now: 0,
    }
}

impl Bench {
    /// Time passes in steps of 5 ms.
    pub(super) fn until(mut self, ms: u64) -> Self {
        while self.now < ms {
            self.now += 5;
            self.job.time(from_ms(self.now), from_ms(self.now));
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
        self.until(from)
            .hear(Heard::VoiceBegins { at: from_ms(from) })
            .until(to)
            .hear(Heard::VoiceEnds { at: from_ms(to) })
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
}

#[test]
fn voice_and_then_end_silence_is_a_human() {
    let story = start("").voice(500, 1000).until(3000).story();
    assert_eq!(story, ["2000 HUMAN", "2000 finished human HUMAN-1000-1000"]);
}
