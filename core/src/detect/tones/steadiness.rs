//! Whether a burst is made by a machine: steady as no voice is.
#![forbid(unsafe_code)]

use super::burst::Burst;

/// Q.23: the frequencies of digits.
const ROWS_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS_HZ: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// Digits within 2.5 %.
const DIGIT: f32 = 0.025;

/// What a clean tone may have besides itself, and may change from hop to hop: frequency in Hz, level as a part.
const REST: f32 = 0.06;
const JITTER_HZ: f32 = 0.35;
const ROUGH: f32 = 0.06;

/// And more in noise, by the noise's part of the sound; the frequency by its root.
const REST_NOISE: f32 = 1.8;
const JITTER_NOISE_HZ: f32 = 3.0;
const ROUGH_NOISE: f32 = 0.4;

/// Changes that must have been measured.
const STEPS: u32 = 2;

/// A short burst has at most this many, and its edges change its level from hop to hop by up to this part.
const SHORT: u32 = 4;
const ROUGH_SHORT: f32 = 0.25;

/// Two tones so close to each other are not a voice's, whose pitch is higher.
const CLOSE_HZ: f32 = 62.0;

/// Besides a tone, noise has no peak of more than this part of it.
const PEAKY: f32 = 0.1;

/// A bell falls by up to 60 dB a second.
const DECAY: f32 = 0.14;

/// Through a codec that models speech: from 480 Hz up, where voices are seldom alone.
const CODED_LEAST_HZ: f32 = 480.0;
const CODED_JITTER_HZ: f32 = 1.5;
const CODED_ROUGH: f32 = 0.15;
const CODED_RANGE_HZ: f32 = 5.0;

/// A cheap buzzer's frequency moves by this part of it.
const GLIDE: f32 = 0.02;

/// The noise's part of the sound: what there was before, but no more than what is not the tone's.
pub(super) fn noise_part(burst: &Burst, noise: f32) -> f32 {
    (noise * burst.faint).min(1.3 * (1.0 - burst.share))
}

/// Whether there is nothing beside its tones but this much noise (mean square).
pub(super) fn is_pure(burst: &Burst, noise: f32) -> bool {
    let rest = 1.0 - burst.share;
    rest <= REST + REST_NOISE * noise_part(burst, noise) && (rest <= REST || burst.other <= PEAKY)
}

/// Whether it is steadier than instruments are.
pub(super) fn is_immaculate(burst: &Burst, noise: f32) -> bool {
    let part = noise_part(burst, noise);
    let rest = 1.0 - burst.share;
    (rest < REST / 2.0 || (rest < REST_NOISE * part && burst.other < PEAKY / 2.0))
        && burst.jitter_hz < 0.5 * JITTER_HZ + JITTER_NOISE_HZ * part.sqrt()
        && burst.hz2 == 0.0
}

/// Whether it may be a pair of tones that beat, or a tone that is modulated: what a window of 32 ms does not keep apart.
pub(super) fn is_beating(burst: &Burst, noise: f32) -> bool {
    let close = burst.hz2 > 0.0 && (burst.hz - burst.hz2).abs() < CLOSE_HZ;
    is_pure(burst, noise) && burst.good >= 5 && (close || burst.paired * 4 >= burst.good)
}

/// Whether it is a steady tone, in this much noise (mean square).
pub(super) fn is_steady(burst: &Burst, noise: f32) -> bool {
    if !is_pure(burst, noise) {
        return false;
    }
    let part = noise_part(burst, noise);
    let rest = 1.0 - burst.share;
    // Of a short one the edges show, but its frequency stands.
    let short = burst.steps <= SHORT
        && burst.hz2 == 0.0
        && rest < 0.02 + REST_NOISE * part
        && burst.jitter_hz < 0.2 + JITTER_NOISE_HZ * part.sqrt();
    if burst.steps < STEPS {
        return short && burst.steps > 0;
    }
    let of_noise =
        JITTER_NOISE_HZ * part.sqrt() * (1.0 + part) * if burst.hz2 > 0.0 { 1.4 } else { 1.0 };
    let jitter = JITTER_HZ + of_noise;
    let rough = ROUGH + ROUGH_NOISE * part;
    let range = burst.high_hz - burst.low_hz;
    if is_like_voice(burst) {
        return burst.jitter_hz < JITTER_HZ / 2.0 + of_noise / 2.0
            && burst.rough < ROUGH / 2.0 + ROUGH_NOISE * part;
    }
    // A bell, or a buzzer that glides, but not both.
    let pure = rest < 0.75 * REST + REST_NOISE * part;
    let bell = burst.jitter_hz < jitter && burst.rough < DECAY + ROUGH_NOISE * part && pure;
    let glides = burst.jitter_hz < jitter + 0.9
        && burst.rough < rough + 0.03
        && pure
        && range < GLIDE * burst.hz
        && burst.hz2 == 0.0
        && burst.hz > 600.0;
    // A codec that models speech (GSM) shakes it, but leaves it alone and where it is.
    let coded = burst.steps > SHORT
        && burst.hz2 == 0.0
        && burst.hz > CODED_LEAST_HZ
        && rest < REST / 2.0 + REST_NOISE * part
        && burst.jitter_hz < CODED_JITTER_HZ
        && burst.rough < CODED_ROUGH
        && range < CODED_RANGE_HZ;
    (burst.jitter_hz < jitter && burst.rough < rough)
        || coded
        || (short && burst.rough < ROUGH_SHORT)
        || bell
        || glides
}

/// Whether it could be a modem's answer: 2100 Hz, however it is modulated.
pub(super) fn is_answer(burst: &Burst, noise: f32) -> bool {
    let part = noise_part(burst, noise);
    (burst.hz - 2100.0).abs() < 30.0
        && 1.0 - burst.share < 0.15 + REST_NOISE * part
        && burst.jitter_hz < 1.5 + JITTER_NOISE_HZ * part.sqrt()
}

/// Whether its two tones are a digit's.
pub(super) fn is_digit(burst: &Burst) -> bool {
    let (low, high) = (burst.hz.min(burst.hz2), burst.hz.max(burst.hz2));
    let near = |hz: f32, of: &[f32]| of.iter().any(|&x| (hz / x - 1.0).abs() < DIGIT);
    burst.hz2 > 0.0 && near(low, &ROWS_HZ) && near(high, &COLUMNS_HZ)
}

/// Two tones that are neighbouring harmonics of a voice's pitch.
fn is_like_voice(burst: &Burst) -> bool {
    if burst.hz2 == 0.0 {
        return false;
    }
    let (low, high) = (burst.hz.min(burst.hz2), burst.hz.max(burst.hz2));
    let pitch = high - low;
    let order = (low / pitch).round();
    (90.0..450.0).contains(&pitch) && order >= 1.0 && (low / pitch - order).abs() < 0.04 * order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn burst() -> Burst {
        Burst {
            hz: 700.0,
            low_hz: 699.8,
            high_hz: 700.2,
            share: 0.99,
            jitter_hz: 0.05,
            rough: 0.01,
            good: 30,
            steps: 25,
            faint: 1e-6,
            ..Burst::default()
        }
    }

    #[test]
    fn what_shakes_is_a_voice() {
        assert!(is_steady(&burst(), 0.0));
        let shaky = Burst {
            jitter_hz: 3.0,
            ..burst()
        };
        assert!(!is_steady(&shaky, 0.0));
    }

    #[test]
    fn what_is_besides_must_have_been_there_before() {
        let beside = Burst {
            share: 0.8,
            other: 0.04,
            jitter_hz: 1.0,
            rough: 0.08,
            ..burst()
        };
        assert!(!is_steady(&beside, 0.0));
        assert!(is_steady(&beside, 2e5));
        let peaky = Burst {
            other: 0.3,
            ..beside
        };
        assert!(!is_steady(&peaky, 2e5));
    }

    #[test]
    fn neighbouring_harmonics_are_held_to_more() {
        let two = |hz2: f32, jitter_hz: f32| Burst {
            hz: 600.0,
            hz2,
            jitter_hz,
            ..burst()
        };
        assert!(is_steady(&two(860.0, 0.3), 0.0) && !is_steady(&two(800.0, 0.3), 0.0));
        assert!(is_steady(&two(800.0, 0.1), 0.0));
    }
}
