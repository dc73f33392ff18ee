//! The engine without threads: one stream of audio, media time alone, one report.
#![forbid(unsafe_code)]

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
pub struct Analysis {}

impl Analysis {
    /// `rate_hz`: 8000, 16000, 32000 or 48000; `None` for any other.
    pub fn new(_rate_hz: u32) -> Option<Self> {
        Some(Self {})
    }
    /// Hears samples in chunks of any size.
    pub fn write(&mut self, _samples: &[i16]) {}
    /// Ends the stream.
    pub fn finish(self) -> Report {
        Report::default()
    }
}
