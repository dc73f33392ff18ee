//! Resampler of speexdsp.

use super::StreamResampler;
use std::ffi::{c_int, c_void};
use std::ptr;

unsafe extern "C" {
    fn speex_resampler_init(
        channels: u32,
        from: u32,
        to: u32,
        quality: c_int,
        error: *mut c_int,
    ) -> *mut c_void;
    fn speex_resampler_skip_zeros(s: *mut c_void) -> c_int;
    fn speex_resampler_get_input_latency(s: *mut c_void) -> c_int;
    fn speex_resampler_process_int(
        s: *mut c_void,
        channel: u32,
        input: *const i16,
        input_len: *mut u32,
        output: *mut i16,
        output_len: *mut u32,
    ) -> c_int;
    fn speex_resampler_destroy(s: *mut c_void);
}

/// A resampler whose output is aligned with its input: it skips the zeros of the filter's delay.
pub struct Resampler {
    state: *mut c_void,
    room: [i16; 4096],
}

impl Resampler {
    pub fn new(from: u32, to: u32, quality: c_int) -> Self {
        // SAFETY: it allocates its state; NULL means that no error code is wanted.
        let state = unsafe { speex_resampler_init(1, from, to, quality, ptr::null_mut()) };
        assert!(!state.is_null(), "speexdsp cannot allocate its state");
        // SAFETY: the state is live.
        unsafe { speex_resampler_skip_zeros(state) };
        Self {
            state,
            room: [0; 4096],
        }
    }
}

impl StreamResampler for Resampler {
    fn process(&mut self, mut pcm: &[i16], out: &mut Vec<i16>) {
        while !pcm.is_empty() {
            let (mut taken, mut given) = (pcm.len() as u32, self.room.len() as u32);
            // SAFETY: the state is live, the lengths are those of the slices.
            let error = unsafe {
                speex_resampler_process_int(
                    self.state,
                    0,
                    pcm.as_ptr(),
                    &mut taken,
                    self.room.as_mut_ptr(),
                    &mut given,
                )
            };
            assert_eq!(error, 0, "speexdsp failed");
            out.extend_from_slice(&self.room[..given as usize]);
            pcm = &pcm[taken as usize..];
        }
    }

    fn finish(&mut self, out: &mut Vec<i16>) {
        // SAFETY: the state is live.
        let latency = unsafe { speex_resampler_get_input_latency(self.state) };
        self.process(&vec![0; latency as usize], out);
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        // SAFETY: the state is live and not used again.
        unsafe { speex_resampler_destroy(self.state) };
    }
}
