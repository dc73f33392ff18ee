//! Whether a burst comes from a machine: steadier in frequency and level than a voice.
#![forbid(unsafe_code)]

use super::burst::Burst;

/// Q.23: the frequencies of DTMF.
const ROWS_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS_HZ: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// Tolerance of a DTMF frequency.
const DTMF_TOLERANCE: f32 = 0.025;

/// Limits of a clean tone: the residual's share of the power, the jitter, the roughness (see `Burst`).
const MAX_RESIDUAL: f32 = 0.06;
const MAX_JITTER_HZ: f32 = 0.35;
const MAX_ROUGHNESS: f32 = 0.06;

/// Increase of these limits in noise, per unit of the noise's share of the power; for the jitter, of the square root of the
/// share.
const RESIDUAL_PER_NOISE: f32 = 1.8;
const JITTER_PER_NOISE_HZ: f32 = 3.0;
const ROUGHNESS_PER_NOISE: f32 = 0.4;

/// Minimum steps (see `Burst`) of a burst that is not short.
const MIN_STEPS: u32 = 2;

/// A short burst has at most this many steps. Its edges raise its roughness.
const SHORT_STEPS: u32 = 4;
const SHORT_MAX_ROUGHNESS: f32 = 0.25;

/// Distance below which two tones beat. The pitch of a voice is higher.
const BEATING_HZ: f32 = 62.0;

/// Maximum share of the strongest bin in a residual that is noise.
const MAX_NOISE_PEAK: f32 = 0.1;

/// Maximum roughness of a bell, which decays by up to 60 dB per second.
const BELL_MAX_ROUGHNESS: f32 = 0.14;

/// Limits of a tone after a speech codec: the range of its frequency is absolute or relative, the larger one.
const CODED_MAX_JITTER_HZ: f32 = 2.3;
const CODED_MAX_ROUGHNESS: f32 = 0.22;
const CODED_MAX_RANGE_HZ: f32 = 6.5;
const CODED_MAX_RANGE: f32 = 0.0075;
/// Below this frequency, where most single partials of voices are, the jitter and the roughness are limited more.
const CODED_LOW_HZ: f32 = 480.0;
const CODED_LOW_MAX_JITTER_HZ: f32 = 1.2;
const CODED_LOW_MAX_ROUGHNESS: f32 = 0.12;
const CODED_LOW_MAX_RANGE_HZ: f32 = 3.5;

/// A tone that decays at one rate: at least this share of its roughness is decay, which is at most 150 dB per second.
const MIN_DECAY_SHARE: f32 = 0.75;
const DECAY_MAX_ROUGHNESS: f32 = 0.3;
const DECAY_MIN_STEPS: u32 = 8;

/// Limits of a tone with a click, whose residual is broadband.
const CLICK_MAX_RESIDUAL: f32 = 0.13;
const CLICK_MAX_PEAK: f32 = 0.1;
const CLICK_MAX_JITTER_HZ: f32 = 0.8;
const CLICK_MAX_ROUGHNESS: f32 = 0.09;
const CLICK_MAX_HARMONIC: f32 = 0.006;

/// Maximum second harmonic of a tone, -20 dB, and its increase per unit of the noise's share. That of a held vowel or of a sung
/// note is stronger in nine of ten.
const MAX_SECOND_HARMONIC: f32 = 0.01;
const SECOND_HARMONIC_PER_NOISE: f32 = 0.1;

/// Maximum range of a buzzer's gliding frequency, relative to it.
const MAX_GLIDE: f32 = 0.02;

/// Share of the line's noise in the power of the burst, at most the residual. `noise`, here and below: mean square of the noise
/// before the burst.
pub(super) fn noise_share(burst: &Burst, noise: f32) -> f32 {
    (noise * burst.inverse_energy).min(1.3 * (1.0 - burst.share))
}

/// Whether the burst contains only its tones and noise.
pub(super) fn is_pure(burst: &Burst, noise: f32) -> bool {
    let residual = 1.0 - burst.share;
    residual <= MAX_RESIDUAL + RESIDUAL_PER_NOISE * noise_share(burst, noise)
        && (residual <= MAX_RESIDUAL || burst.residual_peak <= MAX_NOISE_PEAK)
}

/// Whether it is steadier than a musical instrument.
pub(super) fn is_very_steady(burst: &Burst, noise: f32) -> bool {
    let noise_share = noise_share(burst, noise);
    let residual = 1.0 - burst.share;
    (residual < MAX_RESIDUAL / 2.0
        || (residual < RESIDUAL_PER_NOISE * noise_share
            && burst.residual_peak < MAX_NOISE_PEAK / 2.0))
        && burst.jitter_hz < 0.5 * MAX_JITTER_HZ + JITTER_PER_NOISE_HZ * noise_share.sqrt()
        && burst.hz2 == 0.0
}

/// Whether it may be a pair of beating tones or a modulated tone, which a window of 32 ms does not resolve.
pub(super) fn is_beating(burst: &Burst, noise: f32) -> bool {
    let close = burst.hz2 > 0.0 && (burst.hz - burst.hz2).abs() < BEATING_HZ;
    is_pure(burst, noise)
        && burst.tone_hops >= 5
        && (close || burst.beating_hops * 4 >= burst.tone_hops)
}

/// Whether it has the second harmonic of a voice and varies more than a buzzer.
fn has_harmonic(burst: &Burst, noise_share: f32) -> bool {
    burst.hz2 == 0.0
        && burst.second_harmonic > MAX_SECOND_HARMONIC + SECOND_HARMONIC_PER_NOISE * noise_share
        && (burst.jitter_hz > (MAX_JITTER_HZ + JITTER_PER_NOISE_HZ * noise_share.sqrt()) / 2.0
            || burst.roughness > MAX_ROUGHNESS / 2.0 + ROUGHNESS_PER_NOISE * noise_share)
}

/// Whether it is a tone with a click.
fn has_click(burst: &Burst) -> bool {
    burst.hz2 == 0.0
        && burst.steps >= SHORT_STEPS
        && 1.0 - burst.share < CLICK_MAX_RESIDUAL
        && burst.residual_peak < CLICK_MAX_PEAK
        && burst.jitter_hz < CLICK_MAX_JITTER_HZ
        && burst.roughness < CLICK_MAX_ROUGHNESS
        && burst.second_harmonic < CLICK_MAX_HARMONIC
        && burst.high_hz - burst.low_hz < CODED_MAX_RANGE * burst.hz
}

/// Whether it is a steady tone.
pub(super) fn is_steady(burst: &Burst, noise: f32) -> bool {
    let noise_share = noise_share(burst, noise);
    if has_harmonic(burst, noise_share) {
        return false;
    }
    if !is_pure(burst, noise) {
        return has_click(burst);
    }
    let residual = 1.0 - burst.share;
    // The edges of a short burst affect its level, but not its frequency.
    let short = burst.steps <= SHORT_STEPS
        && burst.hz2 == 0.0
        && residual < 0.02 + RESIDUAL_PER_NOISE * noise_share
        && burst.jitter_hz < 0.2 + JITTER_PER_NOISE_HZ * noise_share.sqrt();
    if burst.steps < MIN_STEPS {
        return short && burst.steps > 0;
    }
    let noise_jitter_hz = JITTER_PER_NOISE_HZ
        * noise_share.sqrt()
        * (1.0 + noise_share)
        * if burst.hz2 > 0.0 { 1.4 } else { 1.0 };
    let max_jitter_hz = MAX_JITTER_HZ + noise_jitter_hz;
    let max_roughness = MAX_ROUGHNESS + ROUGHNESS_PER_NOISE * noise_share;
    let range = burst.high_hz - burst.low_hz;
    if is_like_voice(burst) {
        return burst.jitter_hz < MAX_JITTER_HZ / 2.0 + noise_jitter_hz / 2.0
            && burst.roughness < MAX_ROUGHNESS / 2.0 + ROUGHNESS_PER_NOISE * noise_share;
    }
    // A decaying bell or a gliding buzzer, but not both.
    let pure = residual < 0.75 * MAX_RESIDUAL + RESIDUAL_PER_NOISE * noise_share;
    let bell = burst.jitter_hz < max_jitter_hz
        && burst.roughness < BELL_MAX_ROUGHNESS + ROUGHNESS_PER_NOISE * noise_share
        && pure;
    let buzzer = burst.jitter_hz < max_jitter_hz + 0.9
        && burst.roughness < max_roughness + 0.03
        && pure
        && range < MAX_GLIDE * burst.hz
        && burst.hz2 == 0.0
        && burst.hz > 600.0;
    let clean =
        burst.hz2 == 0.0 && residual < MAX_RESIDUAL / 2.0 + RESIDUAL_PER_NOISE * noise_share;
    let (coded_jitter_hz, coded_roughness, coded_range_hz) = if burst.hz < CODED_LOW_HZ {
        (
            CODED_LOW_MAX_JITTER_HZ,
            CODED_LOW_MAX_ROUGHNESS,
            CODED_LOW_MAX_RANGE_HZ,
        )
    } else {
        (
            CODED_MAX_JITTER_HZ,
            CODED_MAX_ROUGHNESS,
            CODED_MAX_RANGE_HZ.max(CODED_MAX_RANGE * burst.hz),
        )
    };
    // A speech codec (GSM) adds jitter, but no residual and no drift.
    let coded = clean
        && burst.steps >= SHORT_STEPS
        && burst.jitter_hz < coded_jitter_hz
        && burst.roughness < coded_roughness
        && range < coded_range_hz;
    let decaying = clean
        && burst.steps >= DECAY_MIN_STEPS
        && burst.jitter_hz < max_jitter_hz
        && burst.roughness < DECAY_MAX_ROUGHNESS
        && burst.slope < -MIN_DECAY_SHARE * burst.roughness;
    (burst.jitter_hz < max_jitter_hz && burst.roughness < max_roughness)
        || coded
        || decaying
        || has_click(burst)
        || (short && burst.roughness < SHORT_MAX_ROUGHNESS)
        || bell
        || buzzer
}

/// Whether it may be an answer tone (CED, ANS, ANSam): 2100 Hz with any modulation.
pub(super) fn is_answer_tone(burst: &Burst, noise: f32) -> bool {
    let noise_share = noise_share(burst, noise);
    (burst.hz - 2100.0).abs() < 30.0
        && 1.0 - burst.share < 0.15 + RESIDUAL_PER_NOISE * noise_share
        && burst.jitter_hz < 1.5 + JITTER_PER_NOISE_HZ * noise_share.sqrt()
}

/// Whether its two tones are those of a DTMF digit.
pub(super) fn is_digit(burst: &Burst) -> bool {
    let (low, high) = (burst.hz.min(burst.hz2), burst.hz.max(burst.hz2));
    let near = |hz: f32, of: &[f32]| of.iter().any(|&x| (hz / x - 1.0).abs() < DTMF_TOLERANCE);
    burst.hz2 > 0.0 && near(low, &ROWS_HZ) && near(high, &COLUMNS_HZ)
}

/// Whether its two tones may be adjacent harmonics of a voice.
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
            roughness: 0.01,
            tone_hops: 30,
            steps: 25,
            inverse_energy: 1e-6,
            ..Burst::default()
        }
    }

    #[test]
    fn a_burst_with_jitter_is_not_steady() {
        assert!(is_steady(&burst(), 0.0));
        let jittery = Burst {
            jitter_hz: 3.0,
            ..burst()
        };
        assert!(!is_steady(&jittery, 0.0));
    }

    #[test]
    fn a_residual_must_be_noise_that_was_present_before() {
        let noisy = Burst {
            share: 0.8,
            residual_peak: 0.04,
            jitter_hz: 1.0,
            roughness: 0.08,
            ..burst()
        };
        assert!(!is_steady(&noisy, 0.0));
        assert!(is_steady(&noisy, 2e5));
        let peaky = Burst {
            residual_peak: 0.3,
            ..noisy
        };
        assert!(!is_steady(&peaky, 2e5));
    }

    #[test]
    fn adjacent_harmonics_of_a_voice_must_be_steadier() {
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
