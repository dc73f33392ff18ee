//! Who is measured: earwig and spandsp behind one face.

use earwig_core::detect::dtmf::{Detector, DtmfFact, Limits};

#[cfg(spandsp)]
mod spandsp;
#[allow(dead_code, reason = "each of the two programs uses its part")]
pub mod tones;

/// A detector under test, as it is fed by a PBX: frames of 20 ms.
pub trait Hears {
    /// Hears a frame; digits are appended.
    fn frame(&mut self, pcm: &[i16], digits: &mut Vec<u8>);
}

/// Who there is: a name, and how to make one.
pub type Maker = (&'static str, fn() -> Box<dyn Hears>);

/// Ours first.
pub fn all() -> Vec<Maker> {
    vec![
        ("earwig", || {
            Box::new(Ours {
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

/// GSM 06.10 there and back, for those who ask for it; `None` without spandsp, whose codec it is.
#[allow(dead_code)]
pub fn through_gsm(pcm: &[i16]) -> Option<Vec<i16>> {
    #[cfg(spandsp)]
    return Some(spandsp::through_gsm(pcm));
    #[cfg(not(spandsp))]
    {
        let _ = pcm;
        None
    }
}

struct Ours {
    detector: Detector,
    facts: Vec<DtmfFact>,
}

impl Hears for Ours {
    fn frame(&mut self, pcm: &[i16], digits: &mut Vec<u8>) {
        self.detector.process(pcm, &mut self.facts);
        for fact in self.facts.drain(..) {
            if let DtmfFact::Start { digit, .. } = fact {
                digits.push(digit);
            }
        }
    }
}

/// All digits that are heard in `pcm`.
pub fn heard(maker: &Maker, pcm: &[i16]) -> Vec<u8> {
    let (mut hears, mut digits) = (maker.1(), Vec::new());
    for frame in pcm.chunks(160) {
        hears.frame(frame, &mut digits);
    }
    digits
}
