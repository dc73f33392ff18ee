//! G.711, as ITU-T's G.191 codes it: the sign by one's complement, so that -1 is the smallest negative value.
//!
//! Both curves are chains of straight pieces, each half as steep as the one before, so a code is the least of what its pieces'
//! lines say: no search and no table, and the compiler makes vectors of the loops.
#![forbid(unsafe_code)]

use crate::dsp::LEVEL;
use fearless_simd::dispatch;

/// One sample in A-law.
#[inline(always)]
pub fn alaw(sample: i16) -> u8 {
    let sign = sample >> 15;
    // 11 bits; the first two segments are one line.
    let magnitude = (sample ^ sign) >> 4;
    let mut code = magnitude;
    for segment in 1..7 {
        code = code.min((magnitude >> segment) + (segment << 4));
    }
    (code ^ (sign & 0x80) ^ 0xd5) as u8
}

/// One sample in mu-law.
#[inline(always)]
pub fn ulaw(sample: i16) -> u8 {
    let sign = sample >> 15;
    // 13 bits and the bias of 33, which makes every segment a power of two.
    let magnitude = (((sample ^ sign) >> 2) + 33).min(0x1fff);
    let mut code = (magnitude >> 1) - 16;
    for segment in 1..8 {
        code = code.min((magnitude >> (segment + 1)) + (segment << 4) - 16);
    }
    !(code ^ (sign & 0x80)) as u8
}

/// Appends A-law.
pub fn encode_alaw(samples: &[i16], out: &mut Vec<u8>) {
    encode(samples, out, alaw);
}

/// Appends mu-law.
pub fn encode_ulaw(samples: &[i16], out: &mut Vec<u8>) {
    encode(samples, out, ulaw);
}

#[inline(always)]
fn encode(samples: &[i16], out: &mut Vec<u8>, code: impl Fn(i16) -> u8) {
    let begins = out.len();
    out.resize(begins + samples.len(), 0);
    let made = &mut out[begins..];
    dispatch!(*LEVEL, _ => encode_each(samples, made, code));
}

#[inline(always)]
fn encode_each(samples: &[i16], out: &mut [u8], code: impl Fn(i16) -> u8) {
    for (byte, &sample) in out.iter_mut().zip(samples) {
        *byte = code(sample);
    }
}

/// The sample of an A-law byte.
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

/// The sample of a mu-law byte.
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
