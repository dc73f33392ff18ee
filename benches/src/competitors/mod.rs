//! The DTMF detectors under test: earwig's, and spandsp's where it is linked.

use earwig_core::detect::dtmf::{Detector, DtmfFact, Limits};

#[allow(dead_code, reason = "the programs use different parts")]
pub mod frame_processor;
#[cfg(spandsp)]
mod spandsp;

/// A DTMF detector under test. It gets frames of 20 ms, as from a PBX.
pub trait DtmfDetector {
    /// Processes a frame and appends the digits whose start it detects.
    fn process(&mut self, pcm: &[i16], digits: &mut Vec<u8>);
}

/// An implementation's name and constructor.
pub type Implementation = (&'static str, fn() -> Box<dyn DtmfDetector>);

/// All implementations that are linked; earwig's is the first.
pub fn all() -> Vec<Implementation> {
    vec![
        ("earwig", || {
            Box::new(Earwig {
                detector: Detector::new(Limits::default()),
                facts: Vec::new(),
            })
        }),
        #[cfg(spandsp)]
        ("spandsp", || Box::new(spandsp::Dtmf::new(false))),
        #[cfg(spandsp)]
        ("spandsp with its dial tone filter", || {
            Box::new(spandsp::Dtmf::new(true))
        }),
    ]
}

/// Encodes and decodes with GSM 06.10. Uses spandsp's codec; `None` without spandsp.
#[allow(dead_code, reason = "the programs use different parts")]
pub fn through_gsm(pcm: &[i16]) -> Option<Vec<i16>> {
    #[cfg(spandsp)]
    return Some(spandsp::through_gsm(pcm));
    #[cfg(not(spandsp))]
    {
        let _ = pcm;
        None
    }
}

struct Earwig {
    detector: Detector,
    facts: Vec<DtmfFact>,
}

impl DtmfDetector for Earwig {
    fn process(&mut self, pcm: &[i16], digits: &mut Vec<u8>) {
        self.detector.process(pcm, &mut self.facts);
        for fact in self.facts.drain(..) {
            if let DtmfFact::Start { digit, .. } = fact {
                digits.push(digit);
            }
        }
    }
}

/// The digits that an implementation detects in `pcm`.
pub fn detect_digits(implementation: &Implementation, pcm: &[i16]) -> Vec<u8> {
    let (mut detector, mut digits) = (implementation.1(), Vec::new());
    for frame in pcm.chunks(160) {
        detector.process(frame, &mut digits);
    }
    digits
}
