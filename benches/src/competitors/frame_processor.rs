//! What listens for tones of fax machines and for voice: spandsp and WebRTC, a detector at a time.

#[cfg(spandsp)]
use super::spandsp;

/// A detector under test, fed with frames of 20 ms; what it says does not matter here.
pub trait Listens {
    /// Hears a frame.
    fn frame(&mut self, pcm: &[i16]);
}

/// A name, and how to make one.
pub type Maker = (&'static str, fn() -> Box<dyn Listens>);

/// Those that are there.
pub fn all() -> Vec<Maker> {
    vec![
        #[cfg(spandsp)]
        ("spandsp DTMF", || Box::new(spandsp::Dtmf::new(false))),
        #[cfg(spandsp)]
        ("spandsp CNG", || Box::new(spandsp::ConnectTone::cng())),
        #[cfg(spandsp)]
        ("spandsp CED or V.21", || {
            Box::new(spandsp::ConnectTone::ced())
        }),
        #[cfg(feature = "webrtc-vad")]
        ("WebRTC VAD", || Box::new(Vad::new())),
    ]
}

#[cfg(feature = "webrtc-vad")]
struct Vad(webrtc_vad::Vad);

#[cfg(feature = "webrtc-vad")]
impl Vad {
    fn new() -> Self {
        use webrtc_vad::{SampleRate::Rate8kHz, VadMode::Aggressive};
        Self(webrtc_vad::Vad::new_with_rate_and_mode(
            Rate8kHz, Aggressive,
        ))
    }
}

#[cfg(feature = "webrtc-vad")]
impl Listens for Vad {
    fn frame(&mut self, pcm: &[i16]) {
        std::hint::black_box(self.0.is_voice_segment(pcm).is_ok());
    }
}
