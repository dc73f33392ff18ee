//! spandsp's detectors and its GSM 06.10 codec.
#![allow(dead_code, reason = "the programs use different parts")]

use super::DtmfDetector;
use super::frame_processor::FrameProcessor;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

unsafe extern "C" {
    fn dtmf_rx_init(s: *mut c_void, callback: *const c_void, user: *mut c_void) -> *mut c_void;
    fn dtmf_rx_parms(
        s: *mut c_void,
        dial_tone: c_int,
        twist: c_int,
        reverse: c_int,
        threshold: c_int,
    );
    fn dtmf_rx(s: *mut c_void, amp: *const i16, samples: c_int) -> c_int;
    fn dtmf_rx_get(s: *mut c_void, digits: *mut c_char, max: c_int) -> usize;
    fn dtmf_rx_free(s: *mut c_void) -> c_int;
    fn modem_connect_tones_rx_init(
        s: *mut c_void,
        tone: c_int,
        callback: *const c_void,
        user: *mut c_void,
    ) -> *mut c_void;
    fn modem_connect_tones_rx(s: *mut c_void, amp: *const i16, len: c_int) -> c_int;
    fn modem_connect_tones_rx_get(s: *mut c_void) -> c_int;
    fn modem_connect_tones_rx_free(s: *mut c_void) -> c_int;
    fn gsm0610_init(s: *mut c_void, packing: c_int) -> *mut c_void;
    fn gsm0610_encode(s: *mut c_void, code: *mut u8, amp: *const i16, len: c_int) -> c_int;
    fn gsm0610_decode(s: *mut c_void, amp: *mut i16, code: *const u8, len: c_int) -> c_int;
    fn gsm0610_free(s: *mut c_void) -> c_int;
}

/// `dtmf_rx`, with its defaults.
pub struct Dtmf(*mut c_void);

impl Dtmf {
    pub fn new(dial_tone_filter: bool) -> Self {
        // SAFETY: NULL makes it allocate its state; values below zero keep its default limits.
        unsafe {
            let state = dtmf_rx_init(ptr::null_mut(), ptr::null(), ptr::null_mut());
            assert!(!state.is_null(), "spandsp cannot allocate its state");
            if dial_tone_filter {
                dtmf_rx_parms(state, 1, -1, -1, -99);
            }
            Self(state)
        }
    }
}

impl DtmfDetector for Dtmf {
    fn process(&mut self, pcm: &[i16], digits: &mut Vec<u8>) {
        let mut text = [0 as c_char; 129];
        // SAFETY: the state is live, the lengths are those of the slices, and one byte is left for the NUL.
        let count = unsafe {
            dtmf_rx(self.0, pcm.as_ptr(), pcm.len() as c_int);
            dtmf_rx_get(self.0, text.as_mut_ptr(), 128)
        };
        digits.extend(text[..count].iter().map(|&c| c as u8));
    }
}

impl Drop for Dtmf {
    fn drop(&mut self) {
        // SAFETY: the state is live and not used again.
        unsafe { dtmf_rx_free(self.0) };
    }
}

impl FrameProcessor for Dtmf {
    fn process(&mut self, pcm: &[i16]) {
        DtmfDetector::process(self, pcm, &mut Vec::new());
    }
}

/// `modem_connect_tones_rx`.
pub struct ConnectTone(*mut c_void);

impl ConnectTone {
    /// Detects CNG, the tone of a calling fax machine.
    pub fn cng() -> Self {
        const FAX_CNG: c_int = 1;
        Self::new(FAX_CNG)
    }

    /// Detects an answering fax machine: CED, or the V.21 preamble.
    pub fn ced() -> Self {
        const FAX_CED_OR_PREAMBLE: c_int = 7;
        Self::new(FAX_CED_OR_PREAMBLE)
    }

    fn new(tone: c_int) -> Self {
        // SAFETY: NULL makes it allocate its state; without a callback, results are polled.
        let state = unsafe {
            modem_connect_tones_rx_init(ptr::null_mut(), tone, ptr::null(), ptr::null_mut())
        };
        assert!(!state.is_null(), "spandsp cannot allocate its state");
        Self(state)
    }
}

impl FrameProcessor for ConnectTone {
    fn process(&mut self, pcm: &[i16]) {
        // SAFETY: the state is live, the length is that of the slice.
        unsafe {
            modem_connect_tones_rx(self.0, pcm.as_ptr(), pcm.len() as c_int);
            std::hint::black_box(modem_connect_tones_rx_get(self.0));
        }
    }
}

impl Drop for ConnectTone {
    fn drop(&mut self) {
        // SAFETY: the state is live and not used again.
        unsafe { modem_connect_tones_rx_free(self.0) };
    }
}

/// Encodes and decodes with GSM 06.10, in frames of 20 ms.
pub fn through_gsm(pcm: &[i16]) -> Vec<i16> {
    const WAV49_NONE: c_int = 0;
    let mut out = Vec::with_capacity(pcm.len());
    // SAFETY: the states are live; a frame is 160 samples, and no packing of it has more than 76 bytes.
    unsafe {
        let (encoder, decoder) = (
            gsm0610_init(ptr::null_mut(), WAV49_NONE),
            gsm0610_init(ptr::null_mut(), WAV49_NONE),
        );
        for frame in pcm.chunks_exact(160) {
            let (mut code, mut decoded) = ([0u8; 160], [0i16; 320]);
            let bytes = gsm0610_encode(encoder, code.as_mut_ptr(), frame.as_ptr(), 160);
            let count = gsm0610_decode(decoder, decoded.as_mut_ptr(), code.as_ptr(), bytes);
            out.extend_from_slice(&decoded[..count as usize]);
        }
        gsm0610_free(encoder);
        gsm0610_free(decoder);
    }
    out
}
