//! The engine without threads: one stream of audio, media time alone, one report.
#![forbid(unsafe_code)]

use super::leg::{Event, Leg};
use crate::dsp::decimate::Decimator;
use crate::time::to_ms;

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
}

/// A stream under analysis.
#[derive(Debug)]
pub struct Analysis {
    decimator: Decimator,
    leg: Leg,
    report: Report,
}

impl Analysis {
    /// `rate_hz`: 8000, 16000, 32000 or 48000; `None` for any other.
    pub fn new(rate_hz: u32) -> Option<Self> {
        Some(Self {
            decimator: Decimator::new(rate_hz)?,
            leg: Leg::new(),
            report: Report::default(),
        })
    }

    /// Hears samples in chunks of any size.
    pub fn write(&mut self, samples: &[i16]) {
        self.leg.rx(self.decimator.process(samples));
        self.gather();
    }

    /// Ends the stream.
    pub fn finish(mut self) -> Report {
        self.leg.hangup();
        self.gather();
        self.report.duration_ms = to_ms(self.leg.clock());
        self.report
    }

    fn gather(&mut self) {
        for event in self.leg.events().drain(..) {
            if let Event::DigitEnd {
                digit,
                start,
                end,
                low_dbm0,
                high_dbm0,
                ..
            } = event
            {
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
        }
    }
}
