//! DTMF from audio: the detector. (Its inside is being laid; the shape is what callers see.)
#![forbid(unsafe_code)]

/// What the detector accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// dB that the row may be above the column.
    pub normal_twist_db: f32,
    /// dB that the column may be above the row.
    pub reverse_twist_db: f32,
    /// Weakest level of each tone.
    pub min_level_dbm0: f32,
    /// Shortest tone that is always a digit.
    pub min_tone_ms: u32,
    /// Shortest pause that always divides two digits.
    pub min_pause_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { normal_twist_db: 8.0, reverse_twist_db: 4.0, min_level_dbm0: -36.0, min_tone_ms: 40, min_pause_ms: 40 }
    }
}

/// What was heard. Times are samples at 8 kHz since the detector was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A digit is sure; its tone goes on.
    Start {
        /// ASCII.
        digit: u8,
        /// First sample of the tone.
        start: u64,
    },
    /// The tone is over.
    End {
        /// ASCII.
        digit: u8,
        /// First sample of the tone.
        start: u64,
        /// First sample after the tone.
        end: u64,
        /// Level of the row's tone.
        low_dbm0: f32,
        /// Level of the column's tone.
        high_dbm0: f32,
    },
}

/// One stream's detector, 8 kHz.
#[derive(Clone, Debug)]
pub struct Detector {}

impl Detector {
    /// A detector at rest.
    pub fn new(_limits: Limits) -> Self {
        Self {}
    }
    /// Hears samples in chunks of any size; facts are appended.
    pub fn process(&mut self, _samples: &[i16], _facts: &mut Vec<Fact>) {}
    /// Hears that `count` samples were lost.
    pub fn gap(&mut self, _count: u64, _facts: &mut Vec<Fact>) {}
    /// The stream is over: a digit that lasts is ended.
    pub fn finish(&mut self, _facts: &mut Vec<Fact>) {}
}
