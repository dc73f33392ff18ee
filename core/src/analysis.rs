//! Analysis of one audio stream in media time: samples go in, a report comes out.
#![forbid(unsafe_code)]

use crate::call::Call;
use crate::detect::fact::{Beep, Fact, Fax, Network};
use crate::dsp::bank::HOP;
use crate::event::Event;
use crate::job::machine::MachineOptions;
use crate::job::machine::MachineResult;
use crate::time::{RATE_HZ, Samples, to_ms};
use crate::types::MachineEvent;

/// One in-band key press. Times are milliseconds since the first sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DtmfPress {
    /// One of `0123456789ABCD*#`.
    pub digit: char,
    /// Start of the tone.
    pub start_ms: u64,
    /// End of the tone.
    pub end_ms: u64,
    /// Level of the row's tone, dBm0.
    pub low_dbm0: f32,
    /// Level of the column's tone, dBm0.
    pub high_dbm0: f32,
}

/// Report on a stream. `Samples` are media time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Length of the audio, ms.
    pub duration_ms: u64,
    /// All digits, in order, without the buffer's limit of 32.
    pub digits: String,
    /// The digits with times and levels.
    pub dtmf: Vec<DtmfPress>,
    /// Result of the detection, if one was started.
    pub machine: Option<MachineResult>,
    /// Events of the detection, with their times.
    pub events: Vec<(MachineEvent, Samples)>,
    /// Fax tones. This field and those below are empty without [`Analysis::log_facts`].
    pub fax: Vec<Fax>,
    /// Beeps.
    pub beeps: Vec<Beep>,
    /// Network tones.
    pub network: Vec<Network>,
    /// Voice segments: first sample, and first sample after the segment.
    pub voice: Vec<(Samples, Samples)>,
}

/// What follows the end of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// Silence until the detection ends.
    #[default]
    Silence,
    /// The call hangs up.
    Hangup,
}

/// Longest silence after the end of a stream, 1 hour.
const MAX_SILENCE: Samples = 3600 * RATE_HZ as Samples;

/// Analysis of a stream.
#[derive(Debug)]
pub struct Analysis {
    call: Call,
    report: Report,
    /// Start of the voice segment that lasts.
    voice: Option<Samples>,
    detecting: bool,
}

impl Analysis {
    /// An analysis that reports digits. `None` unless `rate_hz` is 8000, 16000, 32000 or 48000.
    pub fn new(rate_hz: u32) -> Option<Self> {
        Some(Self {
            call: Call::new([rate_hz; 2])?,
            report: Report::default(),
            voice: None,
            detecting: false,
        })
    }

    /// Reports voice, beeps, fax tones and network tones too.
    pub fn log_facts(&mut self) {
        self.call.log_facts();
    }

    /// Starts a detection; the call is answered at the current sample.
    pub fn detect(&mut self, options: MachineOptions) {
        self.call.answer();
        self.call.start_machine(0, options, false);
        self.detecting = true;
    }

    /// Analyzes samples, in chunks of any size.
    pub fn write(&mut self, samples: &[i16]) {
        self.call.rx(samples);
        self.collect();
    }

    /// Ends the stream and returns the report.
    pub fn finish(mut self, after: After) -> Report {
        self.report.duration_ms = to_ms(self.call.clock());
        let mut left = MAX_SILENCE;
        while after == After::Silence && self.detecting && left > 0 {
            self.call.stall(HOP as Samples);
            left -= HOP as Samples;
            self.collect();
        }
        self.call.hangup();
        self.collect();
        self.report
    }

    /// Moves events and facts into the report.
    fn collect(&mut self) {
        for event in self.call.events().drain(..) {
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
                    self.report.dtmf.push(DtmfPress {
                        digit,
                        start_ms: to_ms(start),
                        end_ms: to_ms(end),
                        low_dbm0,
                        high_dbm0,
                    });
                }
                Event::Machine { event, at, .. } => self.report.events.push((event, at)),
                Event::MachineEnded { result, .. } => {
                    self.report
                        .events
                        .push((MachineEvent::Finished, result.ended));
                    self.report.machine = Some(*result);
                    self.detecting = false;
                }
                _ => {}
            }
        }
        for fact in self.call.take_facts() {
            match fact {
                Fact::Frame(_) => {}
                Fact::VoiceBegins { at } => self.voice = Some(at),
                Fact::VoiceEnds { at } => {
                    let from = self.voice.take().unwrap_or(at);
                    self.report.voice.push((from, at));
                }
                Fact::Beep(beep) => self.report.beeps.push(beep),
                Fact::Fax(fax) => self.report.fax.push(fax),
                Fact::Network(network) => self.report.network.push(network),
            }
        }
    }
}
