//! SoX's encoders, through libsox. They write to memory, so that no file system is measured.

use super::{Codec, FrameEncoder};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;

#[repr(C)]
struct SignalInfo {
    rate: f64,
    channels: u32,
    precision: u32,
    length: u64,
    mult: *mut f64,
}

#[repr(C)]
struct EncodingInfo {
    encoding: c_int,
    bits_per_sample: u32,
    compression: f64,
    reverse: [c_int; 3],
    opposite_endian: c_int,
}

unsafe extern "C" {
    fn sox_init() -> c_int;
    /// Returns a pointer to a struct whose first field is the verbosity.
    fn sox_get_globals() -> *mut u32;
    fn sox_open_mem_write(
        buffer: *mut c_void,
        size: usize,
        signal: *const SignalInfo,
        encoding: *const EncodingInfo,
        filetype: *const c_char,
        oob: *const c_void,
    ) -> *mut c_void;
    fn sox_write(ft: *mut c_void, buf: *const i32, len: usize) -> usize;
    fn sox_close(ft: *mut c_void) -> c_int;
}

/// An encoder that writes a raw file to memory. SoX takes samples of 32 bits; they are converted before the timing starts.
pub struct Encoder {
    file: *mut c_void,
    wide: Vec<i32>,
    at: usize,
    _memory: Vec<u8>,
}

impl Encoder {
    pub fn new(codec: Codec, pcm: &[i16]) -> Self {
        static INIT: Once = Once::new();
        // SAFETY: `sox_init` is called once, before all other functions; nothing else writes the verbosity.
        INIT.call_once(|| unsafe {
            assert_eq!(sox_init(), 0, "libsox cannot be initialized");
            *sox_get_globals() = 0;
        });
        // Values of `sox_encoding_t`.
        let (filetype, encoding, bits): (&CStr, _, _) = match codec {
            Codec::Ulaw => (c"ul", 9, 8),
            Codec::Alaw => (c"al", 10, 8),
            Codec::Ima => (c"wav", 16, 4),
            Codec::Oki => (c"vox", 17, 4),
        };
        let signal = SignalInfo {
            rate: 8000.0,
            channels: 1,
            precision: 0,
            length: pcm.len() as u64,
            mult: ptr::null_mut(),
        };
        let encoding = EncodingInfo {
            encoding,
            bits_per_sample: bits,
            compression: f64::INFINITY,
            // SOX_OPTION_DEFAULT: as the format defines it.
            reverse: [2; 3],
            opposite_endian: 0,
        };
        let mut memory = vec![0; pcm.len() + 65_536];
        // SAFETY: the memory outlives the file and does not move; the other arguments are only read during the call.
        let file = unsafe {
            sox_open_mem_write(
                memory.as_mut_ptr().cast(),
                memory.len(),
                &signal,
                &encoding,
                filetype.as_ptr(),
                ptr::null(),
            )
        };
        assert!(!file.is_null(), "libsox cannot write {filetype:?}");
        Self {
            file,
            wide: pcm.iter().map(|&x| i32::from(x) << 16).collect(),
            at: 0,
            _memory: memory,
        }
    }
}

impl FrameEncoder for Encoder {
    fn encode_frame(&mut self, pcm: &[i16], _out: &mut Vec<u8>) {
        let frame = &self.wide[self.at..self.at + pcm.len()];
        // SAFETY: the file is open, the length is the slice's.
        let written = unsafe { sox_write(self.file, frame.as_ptr(), frame.len()) };
        assert_eq!(written, frame.len(), "libsox wrote fewer samples");
        self.at += pcm.len();
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the file is open and not used again.
        unsafe { sox_close(self.file) };
    }
}
