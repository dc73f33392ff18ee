//! Resampler of soxr, the SoX resampler library.

use super::StreamResampler;
use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};
use std::ptr;

#[repr(C)]
struct IoSpec {
    input: c_int,
    output: c_int,
    scale: f64,
    e: *mut c_void,
    flags: c_ulong,
}

#[repr(C)]
struct QualitySpec {
    precision: f64,
    phase_response: f64,
    passband_end: f64,
    stopband_begin: f64,
    e: *mut c_void,
    flags: c_ulong,
}

unsafe extern "C" {
    fn soxr_quality_spec(recipe: c_ulong, flags: c_ulong) -> QualitySpec;
    fn soxr_create(
        from: f64,
        to: f64,
        channels: c_uint,
        error: *mut *const c_char,
        io: *const IoSpec,
        quality: *const QualitySpec,
        runtime: *const c_void,
    ) -> *mut c_void;
    fn soxr_process(
        s: *mut c_void,
        input: *const c_void,
        input_len: usize,
        taken: *mut usize,
        output: *mut c_void,
        output_len: usize,
        given: *mut usize,
    ) -> *const c_char;
    fn soxr_delete(s: *mut c_void);
}

/// A resampler at quality `SOXR_HQ`, with 16 bits in and out.
pub struct Resampler {
    state: *mut c_void,
    room: [i16; 4096],
}

impl Resampler {
    pub fn new(from: u32, to: u32) -> Self {
        const HQ: c_ulong = 4;
        const INT16: c_int = 3;
        const NO_DITHER: c_ulong = 8;
        let io = IoSpec {
            input: INT16,
            output: INT16,
            scale: 1.0,
            e: ptr::null_mut(),
            flags: NO_DITHER,
        };
        // SAFETY: all arguments are only read during the call; NULL means that no error text is wanted.
        let state = unsafe {
            let quality = soxr_quality_spec(HQ, 0);
            soxr_create(
                f64::from(from),
                f64::from(to),
                1,
                ptr::null_mut(),
                &io,
                &quality,
                ptr::null(),
            )
        };
        assert!(!state.is_null(), "soxr refuses {from} to {to} Hz");
        Self {
            state,
            room: [0; 4096],
        }
    }

    /// Processes `len` samples at `input`, or the end of the stream if it is NULL, and appends the output.
    fn push(&mut self, mut input: *const i16, mut len: usize, out: &mut Vec<i16>) {
        loop {
            let (mut taken, mut given) = (0, 0);
            // SAFETY: the state is live, `input` has `len` samples or is NULL, the output has the length of `room`.
            let error = unsafe {
                soxr_process(
                    self.state,
                    input.cast(),
                    len,
                    &mut taken,
                    self.room.as_mut_ptr().cast(),
                    self.room.len(),
                    &mut given,
                )
            };
            assert!(error.is_null(), "soxr failed");
            out.extend_from_slice(&self.room[..given]);
            if !input.is_null() {
                input = input.wrapping_add(taken);
                len -= taken;
            }
            if len == 0 && given < self.room.len() {
                return;
            }
        }
    }
}

impl StreamResampler for Resampler {
    fn process(&mut self, pcm: &[i16], out: &mut Vec<i16>) {
        self.push(pcm.as_ptr(), pcm.len(), out);
    }

    fn finish(&mut self, out: &mut Vec<i16>) {
        self.push(ptr::null(), 0, out);
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        // SAFETY: the state is live and not used again.
        unsafe { soxr_delete(self.state) };
    }
}
