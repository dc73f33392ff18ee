//! What is heard besides digits.
#![forbid(unsafe_code)]

use super::voice::Frame;
use crate::cause::{FaxTone, NetworkTone};
use crate::time::Samples;

/// One thing that was heard. Times are samples at 8 kHz, in the time that the ears were given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard {
    /// Every 10 ms, in order: what the adaptive strategy judges by.
    Frame(Frame),
    /// A burst of voice began then.
    VoiceBegins {
        /// Its true onset.
        at: Samples,
    },
    /// It is over since then.
    VoiceEnds {
        /// Its true end.
        at: Samples,
    },
    /// A voicemail's beep is over.
    Beep(Beep),
    /// A fax machine or a modem is there.
    Fax(Fax),
    /// The network speaks.
    Network(Network),
}

/// A beep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beep {
    /// Its first sample.
    pub start: Samples,
    /// The first sample behind it.
    pub end: Samples,
    /// Its frequency.
    pub hz: f32,
    /// That of its second tone; 0 if it has none.
    pub hz2: f32,
    /// Its level.
    pub level_dbm0: f32,
}

/// A tone of a fax machine or a modem, told once, as soon as it is sure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fax {
    /// Which.
    pub tone: FaxTone,
    /// Its first sample.
    pub start: Samples,
    /// When it was sure.
    pub at: Samples,
}

/// A tone of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Network {
    /// Which.
    pub tone: NetworkTone,
    /// The first sample of the burst, or of the first of three tones, by which it is known.
    pub start: Samples,
    /// The first sample behind it.
    pub end: Samples,
    /// Its frequency.
    pub hz: f32,
    /// That of its second tone; 0 if it has none.
    pub hz2: f32,
}
