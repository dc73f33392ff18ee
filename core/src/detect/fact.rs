//! Facts: the outputs of all detectors other than DTMF. Times are samples at 8 kHz of media time.
#![forbid(unsafe_code)]

use crate::time::Samples;
use crate::types::{FaxTone, NetworkTone};

/// Bands of a [`Frame`], 0 to 4000 Hz.
pub const BANDS: usize = 19;

/// One output of a detector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// Features of 10 ms of audio, one for each hop in order: the input of the adaptive classifier.
    Frame(Frame),
    /// A voice segment began.
    VoiceBegins {
        /// Its first sample.
        at: Samples,
    },
    /// The voice segment ended.
    VoiceEnds {
        /// The first sample after it.
        at: Samples,
    },
    /// A voicemail beep ended.
    Beep(Beep),
    /// A fax or modem tone was identified.
    Fax(Fax),
    /// A network tone was identified.
    Network(Network),
}

/// The features of 10 ms of audio.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// First sample.
    pub at: Samples,
    /// Level within the telephone band, 156 to 3375 Hz.
    pub level_dbm0: f32,
    /// Noise floor of the line in the same band.
    pub floor_dbm0: f32,
    /// Likelihood of voice, 0 to 1; 0 during a tone.
    pub voice: f32,
    /// A tone lasts.
    pub tone: bool,
    /// All samples are zero.
    pub blank: bool,
    /// Periodicity at a voice's pitch, 0 to 1.
    pub voiced: f32,
    /// Pitch, 73 to 400 Hz. Meaningful only if `voiced` is high.
    pub pitch_hz: f32,
    /// log2 of the mean square in each band.
    pub bands: [f32; BANDS],
}

/// A voicemail beep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beep {
    /// First sample.
    pub start: Samples,
    /// First sample after it.
    pub end: Samples,
    /// Frequency in Hz.
    pub hz: f32,
    /// Frequency of the second tone in Hz; 0 if there is only one.
    pub hz2: f32,
    /// Level of both tones together.
    pub level_dbm0: f32,
}

/// A fax or modem tone, reported once, as soon as it is identified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fax {
    /// Type of tone.
    pub tone: FaxTone,
    /// First sample.
    pub start: Samples,
    /// Time at which it was identified.
    pub at: Samples,
}

/// A network tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Network {
    /// Type of tone.
    pub tone: NetworkTone,
    /// First sample of the burst that identified it. SIT: of the first of the three tones.
    pub start: Samples,
    /// First sample after that burst. SIT: after the last of the three tones. Dial tone, which still lasts: time of the report.
    pub end: Samples,
    /// Frequency in Hz.
    pub hz: f32,
    /// Frequency of the second tone in Hz; 0 if there is only one.
    pub hz2: f32,
}
