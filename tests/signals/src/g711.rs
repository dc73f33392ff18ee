//! G.711 encoding and decoding in one step, independent of the codec under test: logarithmic segments of sixteen steps.

/// Encodes a sample in A-law and decodes it.
pub fn through_alaw(x: i16) -> i16 {
    let magnitude = if x < 0 {
        -(i32::from(x) + 1)
    } else {
        i32::from(x)
    } >> 4;
    // 11 bits; the first two segments have the same step.
    let decoded = if magnitude < 32 {
        ((magnitude & !1) << 4) + 16
    } else {
        let shift = magnitude.ilog2() - 4;
        (((magnitude >> shift) << shift) << 4) + (8 << shift)
    };
    (if x < 0 { -decoded } else { decoded }).clamp(-32768, 32767) as i16
}

/// Encodes a sample in u-law and decodes it.
pub fn through_ulaw(x: i16) -> i16 {
    const BIAS: i32 = 132;
    let magnitude = (i32::from(x).abs()).min(32635) + BIAS;
    let shift = magnitude.ilog2() - 4;
    let decoded = (((magnitude >> shift) << shift) + (1 << (shift - 1))) - BIAS;
    (if x < 0 { -decoded } else { decoded }) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_samples_are_decoded_as_in_the_standard() {
        assert_eq!(
            (through_ulaw(0), through_ulaw(32767), through_ulaw(-32768)),
            (0, 32124, -32124)
        );
        assert_eq!(
            (through_alaw(0), through_alaw(32767), through_alaw(-32768)),
            (16, 32256, -32256)
        );
    }

    #[test]
    fn a_second_pass_changes_nothing() {
        for x in (i16::MIN..=i16::MAX).step_by(7) {
            assert_eq!(through_ulaw(through_ulaw(x)), through_ulaw(x), "u-law {x}");
            assert_eq!(through_alaw(through_alaw(x)), through_alaw(x), "A-law {x}");
        }
    }

    #[test]
    fn the_error_is_at_most_a_step_of_the_segment() {
        for x in (i16::MIN..=i16::MAX).step_by(11) {
            let max = 16 + i32::from(x).abs() / 16;
            assert!(
                (i32::from(through_alaw(x)) - i32::from(x)).abs() <= max,
                "A-law {x}"
            );
            if i32::from(x).abs() < 32636 {
                assert!(
                    (i32::from(through_ulaw(x)) - i32::from(x)).abs() <= max,
                    "u-law {x}"
                );
            }
        }
    }
}
