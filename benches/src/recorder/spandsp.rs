//! spandsp's encoders.

use super::{Codec, FrameEncoder};
use std::ffi::{c_int, c_void};
use std::ptr;

unsafe extern "C" {
    fn g711_init(s: *mut c_void, mode: c_int) -> *mut c_void;
    fn g711_encode(s: *mut c_void, out: *mut u8, amp: *const i16, len: c_int) -> c_int;
    fn g711_free(s: *mut c_void) -> c_int;
    fn ima_adpcm_init(s: *mut c_void, variant: c_int, chunk: c_int) -> *mut c_void;
    fn ima_adpcm_encode(s: *mut c_void, out: *mut u8, amp: *const i16, len: c_int) -> c_int;
    fn ima_adpcm_free(s: *mut c_void) -> c_int;
    fn oki_adpcm_init(s: *mut c_void, bit_rate: c_int) -> *mut c_void;
    fn oki_adpcm_encode(s: *mut c_void, out: *mut u8, amp: *const i16, len: c_int) -> c_int;
    fn oki_adpcm_free(s: *mut c_void) -> c_int;
}

type Encode = unsafe extern "C" fn(*mut c_void, *mut u8, *const i16, c_int) -> c_int;
type Free = unsafe extern "C" fn(*mut c_void) -> c_int;

/// An encoder with its state.
pub struct Encoder {
    state: *mut c_void,
    encode: Encode,
    free: Free,
}

impl Encoder {
    pub fn new(codec: Codec) -> Self {
        /// Variant of IMA ADPCM: blocks of 505 samples with a header, as in a WAV file.
        const IMA4: c_int = 0;
        // SAFETY: NULL makes it allocate its state.
        let (state, encode, free): (_, Encode, Free) = unsafe {
            match codec {
                Codec::Alaw => (g711_init(ptr::null_mut(), 0), g711_encode, g711_free),
                Codec::Ulaw => (g711_init(ptr::null_mut(), 1), g711_encode, g711_free),
                Codec::Ima => (
                    ima_adpcm_init(ptr::null_mut(), IMA4, 505),
                    ima_adpcm_encode,
                    ima_adpcm_free,
                ),
                Codec::Oki => (
                    oki_adpcm_init(ptr::null_mut(), 32_000),
                    oki_adpcm_encode,
                    oki_adpcm_free,
                ),
            }
        };
        assert!(!state.is_null(), "spandsp cannot allocate its state");
        Self {
            state,
            encode,
            free,
        }
    }
}

impl FrameEncoder for Encoder {
    fn encode_frame(&mut self, pcm: &[i16], out: &mut Vec<u8>) {
        // At most one byte per sample and one block header.
        let at = out.len();
        out.resize(at + pcm.len() + 64, 0);
        // SAFETY: the state is live, `out` has room for the encoded frame.
        let bytes = unsafe {
            (self.encode)(
                self.state,
                out[at..].as_mut_ptr(),
                pcm.as_ptr(),
                pcm.len() as c_int,
            )
        };
        out.truncate(at + bytes as usize);
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the state is live and not used again.
        unsafe { (self.free)(self.state) };
    }
}
