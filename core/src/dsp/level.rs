//! Levels in dBm0.
#![forbid(unsafe_code)]

/// G.711: level of a full-scale sine in A-law, dBm0. Mu-law has +3.17; the difference is ignored.
#[allow(clippy::approx_constant)]
pub const FULL_SCALE_DBM0: f32 = 3.14;

/// Level in dBm0 of a sine of this amplitude; 32,768 is full scale.
pub fn amplitude_to_dbm0(amplitude: f32) -> f32 {
    20.0 * (amplitude.max(1e-3) / 32768.0).log10() + FULL_SCALE_DBM0
}

/// Amplitude of a sine of this level; 32,768 is full scale.
pub fn dbm0_to_amplitude(dbm0: f32) -> f32 {
    32768.0 * 10f32.powf((dbm0 - FULL_SCALE_DBM0) / 20.0)
}

/// Converts dB to a ratio of powers.
pub fn db_to_power(db: f32) -> f32 {
    10f32.powf(db / 10.0)
}
