//! The engine without threads: one stream of audio, media time alone, one report.
#![forbid(unsafe_code)]

use super::event::Event;
use super::leg::Leg;
use crate::cause::MachineEvent;
use crate::detect::heard::{Beep, Fax, Heard, Network};
use crate::dsp::bank::HOP;
use crate::dsp::decimate::Decimator;
use crate::job::machine::Outcome;
use crate::job::machine::options::MachineOptions;
use crate::time::{RATE_HZ, Samples, to_ms};

/// One key press that was heard. Milliseconds since the first sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeardDigit {
    /// `0123456789ABCD*#`
    pub digit: char,
    /// Start of the tone.
    pub start_ms: u64,
    /// End of the tone.
    pub end_ms: u64,
    /// Level of the row's tone.
    pub low_dbm0: f32,
    /// Level of the column's tone.
    pub high_dbm0: f32,
}

/// What was heard in a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Length of the audio.
    pub duration_ms: u64,
    /// Every digit, in order; no limit of 32.
    pub digits: String,
    /// The same with times and levels.
    pub dtmf: Vec<HeardDigit>,
    /// Who answered, if that was asked.
    pub machine: Option<Outcome>,
    /// What the detection told before its end, and when.
    pub events: Vec<(MachineEvent, Samples)>,
    /// Fax tones, if more than digits was listened for; likewise what follows.
    pub fax: Vec<Fax>,
    /// Beeps.
    pub beeps: Vec<Beep>,
    /// The network's tones.
    pub network: Vec<Network>,
    /// Voice: bursts, from their first sample to the one behind their last.
    pub voice: Vec<(Samples, Samples)>,
}

/// What comes after the end of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// Silence, until the detection is over.
    #[default]
    Silence,
    /// The call hangs up.
    Hangup,
}

/// Silence is not waited through for longer than this.
const SILENCE_MOST: Samples = 3600 * RATE_HZ as Samples;

/// A stream under analysis.
#[derive(Debug)]
pub struct Analysis {
    decimator: Decimator,
    leg: Leg,
    report: Report,
    /// A burst of voice that lasts.
    voice: Option<Samples>,
    detecting: bool,
}

impl Analysis {
    /// Listens for digits. `rate_hz`: 8000, 16000, 32000 or 48000; `None` for any other.
    pub fn new(rate_hz: u32) -> Option<Self> {
        Some(Self {
            decimator: Decimator::new(rate_hz)?,
            leg: Leg::new(),
            report: Report::default(),
            voice: None,
            detecting: false,
        })
    }

    /// Listens for voice, beeps, fax and network tones too.
    pub fn listen(&mut self) {
        self.leg.overhear();
    }

    /// Detects who answered; the call is answered with the first sample.
    pub fn detect(&mut self, options: MachineOptions) {
        self.leg.answer();
        self.leg.detect(0, options, false);
        self.detecting = true;
    }

    /// Hears samples in chunks of any size.
    pub fn write(&mut self, samples: &[i16]) {
        self.leg.rx(self.decimator.process(samples));
        self.gather();
    }

    /// Ends the stream.
    pub fn finish(mut self, after: After) -> Report {
        self.report.duration_ms = to_ms(self.leg.clock());
        let mut left = SILENCE_MOST;
        while after == After::Silence && self.detecting && left > 0 {
            self.leg.rx_gap(HOP as Samples);
            left -= HOP as Samples;
            self.gather();
        }
        self.leg.hangup();
        self.gather();
        self.report
    }

    fn gather(&mut self) {
        for event in self.leg.events().drain(..) {
            match event {
                Event::DigitEnd {
                    digit,
                    start,
                    end,
                    low_dbm0,
                    high_dbm0,
                    ..
                } => {
                    let digit = digit as char;
                    self.report.digits.push(digit);
                    self.report.dtmf.push(HeardDigit {
                        digit,
                        start_ms: to_ms(start),
                        end_ms: to_ms(end),
                        low_dbm0,
                        high_dbm0,
                    });
                }
                Event::Machine { event, at, .. } => self.report.events.push((event, at)),
                Event::MachineEnded { outcome, .. } => {
                    self.report
                        .events
                        .push((MachineEvent::Finished, outcome.ended));
                    self.report.machine = Some(*outcome);
                    self.detecting = false;
                }
                _ => {}
            }
        }
        for heard in self.leg.overheard() {
            match heard {
                Heard::Frame(_) => {}
                Heard::VoiceBegins { at } => self.voice = Some(at),
                Heard::VoiceEnds { at } => {
                    let from = self.voice.take().unwrap_or(at);
                    self.report.voice.push((from, at));
                }
                Heard::Beep(beep) => self.report.beeps.push(beep),
                Heard::Fax(fax) => self.report.fax.push(fax),
                Heard::Network(network) => self.report.network.push(network),
            }
        }
    }
}
