//! Tones that are no digits: a voicemail's beep, fax machines, the network.
#![forbid(unsafe_code)]

use super::ear::Sight;
use super::heard::Heard;
use crate::time::Samples;

/// One stream's detector of tones.
#[derive(Clone, Debug, Default)]
pub struct Tones {}

impl Tones {
    /// Sees one hop. Answers since when what sounds now is a tone and no voice, if it is.
    pub fn see(&mut self, _sight: &Sight, _heard: &mut Vec<Heard>) -> Option<Samples> {
        None
    }

    /// The stream is over.
    pub fn finish(&mut self, _now: Samples, _heard: &mut Vec<Heard>) {}
}
