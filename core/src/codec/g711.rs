//! G.711 as in the ITU-T reference implementation, G.191: the magnitude of a negative sample is its one's
//! complement, so -1 is the smallest negative value.
//!
//! Both curves consist of straight segments, each half as steep as the one before. They are concave, so a code is the minimum
//! over the lines of all segments. This needs no search and no table, and the compiler vectorizes the loops.
#![forbid(unsafe_code)]

use crate::dsp::LEVEL;
use fearless_simd::dispatch;

/// Encodes a sample in A-law.
#[inline(always)]
pub fn alaw(sample: i16) -> u8 {
    let sign = sample >> 15;
    // 11 bits. The first two segments are one line.
    let magnitude = (sample ^ sign) >> 4;
    let mut code = magnitude;
    for segment in 1..7 {
        code = code.min((magnitude >> segment) + (segment << 4));
    }
    (code ^ (sign & 0x80) ^ 0xd5) as u8
}

/// Encodes a sample in mu-law.
#[inline(always)]
pub fn ulaw(sample: i16) -> u8 {
    let sign = sample >> 15;
    // 13 bits, and the bias of 33 that makes the start of each segment a power of two.
    let magnitude = (((sample ^ sign) >> 2) + 33).min(0x1fff);
    let mut code = (magnitude >> 1) - 16;
    for segment in 1..8 {
        code = code.min((magnitude >> (segment + 1)) + (segment << 4) - 16);
    }
    !(code ^ (sign & 0x80)) as u8
}

/// Encodes samples in A-law and appends them.
pub fn encode_alaw(samples: &[i16], out: &mut Vec<u8>) {
    encode(samples, out, alaw);
}

/// Encodes samples in mu-law and appends them.
pub fn encode_ulaw(samples: &[i16], out: &mut Vec<u8>) {
    encode(samples, out, ulaw);
}

#[inline(always)]
fn encode(samples: &[i16], out: &mut Vec<u8>, code: impl Fn(i16) -> u8) {
    let start = out.len();
    out.resize(start + samples.len(), 0);
    let encoded = &mut out[start..];
    dispatch!(*LEVEL, _ => encode_each(samples, encoded, code));
}

#[inline(always)]
fn encode_each(samples: &[i16], out: &mut [u8], code: impl Fn(i16) -> u8) {
    for (byte, &sample) in out.iter_mut().zip(samples) {
        *byte = code(sample);
    }
}

/// Decodes an A-law byte.
pub fn decode_alaw(byte: u8) -> i16 {
    let code = byte ^ 0xd5;
    let (segment, step) = (i32::from(code >> 4 & 7), i32::from(code & 15));
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    (if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }) as i16
}

/// Decodes a mu-law byte.
pub fn decode_ulaw(byte: u8) -> i16 {
    let code = !byte;
    let (segment, step) = (i32::from(code >> 4 & 7), i32::from(code & 15));
    let magnitude = (((step << 3) + 0x84) << segment) - 0x84;
    (if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }) as i16
}
