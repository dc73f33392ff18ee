//! Detectors whose cost is measured and whose results are discarded: spandsp's for DTMF and fax tones, WebRTC's for voice.

#[cfg(spandsp)]
use super::spandsp;

/// A detector that gets frames of 20 ms and whose results are discarded.
pub trait FrameProcessor {
    /// Processes a frame.
    fn process(&mut self, pcm: &[i16]);
}

/// A detector's name and constructor.
pub type Implementation = (&'static str, fn() -> Box<dyn FrameProcessor>);

/// All detectors that are linked.
pub fn all() -> Vec<Implementation> {
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
impl FrameProcessor for Vad {
    fn process(&mut self, pcm: &[i16]) {
        std::hint::black_box(self.0.is_voice_segment(pcm).is_ok());
    }
}
