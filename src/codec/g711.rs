//! G.711, as ITU-T's G.191 codes it: the sign by one's complement, so that -1 is the smallest negative value.
//!
//! Segment and step of a magnitude are the exponent and the first four bits of the fraction of a floating-point number, so no
//! search and no table is needed, and the compiler makes vectors of the loops.
#![forbid(unsafe_code)]

/// Bits of the exponent and four of the fraction of a small integer.
fn exponent_and_step(magnitude: i32) -> i32 {
    ((magnitude as f32).to_bits() >> 19) as i32
}

/// One sample in A-law.
pub fn alaw(sample: i16) -> u8 {
    let sample = i32::from(sample);
    let sign = sample >> 31;
    // 12 bits of magnitude; the first two segments are linear in steps of one.
    let magnitude = (sample ^ sign) >> 4;
    let curved = exponent_and_step(magnitude) - ((127 + 3) << 4);
    let code = if magnitude < 16 { magnitude } else { curved };
    (code as u8) ^ if sign < 0 { 0x55 } else { 0xd5 }
}

/// One sample in mu-law.
pub fn ulaw(sample: i16) -> u8 {
    let sample = i32::from(sample);
    let sign = sample >> 31;
    // 13 bits of magnitude and the bias of 33 make every segment a power of two.
    let magnitude = (((sample ^ sign) >> 2) + 33).min(0x1fff);
    let code = exponent_and_step(magnitude) - ((127 + 5) << 4);
    !(code as u8) ^ if sign < 0 { 0x80 } else { 0 }
}

/// Appends A-law.
pub fn encode_alaw(samples: &[i16], out: &mut Vec<u8>) {
    out.extend(samples.iter().map(|&s| alaw(s)));
}

/// Appends mu-law.
pub fn encode_ulaw(samples: &[i16], out: &mut Vec<u8>) {
    out.extend(samples.iter().map(|&s| ulaw(s)));
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
