//! Voicemail beeps: a steady tone followed by silence.
#![forbid(unsafe_code)]

use super::burst::Burst;
use super::context::Context;
use super::peaks::{LOBE, lobe, total};
use super::steadiness;
use crate::detect::fact::Beep;
use crate::detect::stft::{BIN_HZ, Spectrum};
use crate::dsp::level::amplitude_to_dbm0;
use crate::time::{Samples, from_ms};

/// Length of a beep: 80 to 2500 ms, and the measurement error.
const MIN_MS: u64 = 66;
const MAX_MS: u64 = 2600;

/// Frequency of a beep: 350 to 2500 Hz, and the measurement error.
const MIN_HZ: f32 = 344.0;
const MAX_HZ: f32 = 2530.0;

/// Minimum share of the tone in the total power: 6 dB above the noise, minus its random variation.
const MIN_SHARE: f32 = 0.7;

/// Maximum roughness of two tones (see `Burst`), in noise too: a chord decays.
const PAIR_MAX_ROUGHNESS: f32 = 0.11;

/// Maximum jitter (see `Burst`), in noise too.
const MAX_JITTER_HZ: f32 = 2.3;

/// Minimum squared amplitude: -42 dBm0.
const MIN_POWER: f32 = 180.0 * 180.0;

/// Silence that must follow a beep: 120 ms in hops.
const SILENT_HOPS: u32 = 12;
/// Maximum energy of silence, relative to the beep and relative to the noise; the larger one applies.
const SILENCE_PER_BEEP: f32 = 0.1;
const SILENCE_PER_NOISE: f32 = 2.5;

/// Hops above that level that are tolerated meanwhile: a click.
const MAX_LOUD_HOPS: u32 = 4;

/// Minimum share of the beep's frequency in the power of a hop that is an echo or the next part of the beep.
const MIN_OWN_SHARE: f32 = 0.8;
/// Maximum power of an echo, relative to the beep: -6 dB.
const MAX_ECHO: f32 = 0.25;
/// Maximum hops from the onset of the next part of a beep until the tracker has it.
const MAX_ONSET_HOPS: u32 = 10;

/// Maximum gap between two parts of a beep, and between a beep and its echo.
const REPEAT_MS: u64 = 300;

/// A tone at a frequency of the network is a beep if it does not repeat within this time.
const NETWORK_WAIT_MS: u64 = 650;

/// Frequencies of the network's single tones.
const NETWORK_HZ: std::ops::RangeInclusive<f32> = 385.0..=500.0;

/// Maximum gap between two tones of a melody or of a SIT.
const MELODY_GAP_MS: u64 = 250;

/// Tolerance within which two frequencies are the same.
const SAME_HZ_RATIO: f32 = 0.02;

/// A possible beep, until the silence after it is long enough.
#[derive(Clone, Copy, Debug)]
struct Pending {
    burst: Burst,
    silent_hops: u32,
    loud_hops: u32,
    /// Loud hops of its own frequency that belong to no burst yet.
    onset_hops: u32,
}

impl Pending {
    fn new(burst: Burst) -> Self {
        Self {
            burst,
            silent_hops: 0,
            loud_hops: 0,
            onset_hops: 0,
        }
    }
}

/// Whether a burst has the frequency of a beep and begins soon after it.
fn repeats(burst: &Burst, beep: &Burst) -> bool {
    (burst.hz / beep.hz - 1.0).abs() < SAME_HZ_RATIO && burst.start < beep.end + from_ms(REPEAT_MS)
}

/// The beep detector of one stream.
#[derive(Clone, Debug, Default)]
pub(super) struct BeepDetector {
    pending: Option<Pending>,
    /// The beep reported last.
    reported: Option<Burst>,
    /// Frequency and end of the previous tone.
    last_tone: (f32, Samples),
}

impl BeepDetector {
    /// Evaluates a burst that has ended and is neither a fax nor a network tone. `melody`: it continues a melody.
    pub fn burst_ended(&mut self, burst: Burst, context: &Context, melody: bool) {
        if burst.length() < from_ms(MIN_MS) {
            return;
        }
        let steady = steadiness::is_steady(&burst, context.noise());
        if self.continues(&burst, steady) || !steady {
            return;
        }
        let (hz, end) = std::mem::replace(&mut self.last_tone, (burst.hz, burst.end));
        let melody = melody
            || hz > 0.0
                && (burst.hz / hz - 1.0).abs() > SAME_HZ_RATIO
                && burst.start < end + from_ms(MELODY_GAP_MS);
        let fits = (MIN_MS..=MAX_MS).contains(&(burst.length() / from_ms(1)))
            && (MIN_HZ..MAX_HZ).contains(&burst.hz)
            && (burst.hz2 == 0.0 || burst.hz2 > MIN_HZ && burst.roughness < PAIR_MAX_ROUGHNESS)
            && burst.share > MIN_SHARE
            && burst.jitter_hz < MAX_JITTER_HZ
            && burst.power + burst.power2 > MIN_POWER
            && burst.missed_hops <= burst.tone_hops / 3
            && !steadiness::is_digit(&burst);
        if melody || !fits {
            self.pending = None;
            return;
        }
        self.pending = Some(Pending::new(burst));
    }

    /// Whether a burst is an echo or a further part of the beep before it, which then lasts until the end of that part. An
    /// unsteady part shows that the beep was a voice.
    fn continues(&mut self, burst: &Burst, steady: bool) -> bool {
        let Some(pending) = &mut self.pending else {
            return self.reported.is_some_and(|beep| repeats(burst, &beep));
        };
        if !repeats(burst, &pending.burst) {
            return false;
        }
        if burst.power < MAX_ECHO * pending.burst.power {
            return true;
        }
        let whole = Burst {
            end: burst.end,
            ..pending.burst
        };
        self.pending = (steady && whole.length() <= from_ms(MAX_MS)).then(|| Pending::new(whole));
        true
    }

    /// Evaluates a steady burst that lasts: unless it repeats the tone before, that was not a beep.
    pub fn burst_active(&mut self, active: &Burst) {
        if let Some(pending) = &mut self.pending {
            pending.onset_hops = 0;
            if !repeats(active, &pending.burst) {
                self.pending = None;
            } else if active.power >= MAX_ECHO * pending.burst.power {
                // The silence counts from the end of this part.
                pending.silent_hops = 0;
            }
        }
    }

    /// The latest burst is a network or fax tone: so was the tone before it.
    pub fn cancel(&mut self) {
        self.pending = None;
    }

    /// Processes a hop. Returns the pending beep once its silence is complete.
    pub fn process(&mut self, spectrum: &Spectrum, context: &Context) -> Option<Beep> {
        let pending = self.pending.as_mut()?;
        let burst = &pending.burst;
        if spectrum.at < burst.end + from_ms(10) {
            return None;
        }
        let limit = (SILENCE_PER_BEEP * burst.energy).max(SILENCE_PER_NOISE * context.noise());
        if spectrum.energy.min(context.mean_energy()) > limit {
            let own = lobe(&spectrum.power, (burst.hz / BIN_HZ).round() as usize);
            let is_own = own > MIN_OWN_SHARE * total(&spectrum.power);
            let is_echo = is_own && own < MAX_ECHO * LOBE * burst.power;
            let hops = if is_own {
                &mut pending.onset_hops
            } else {
                &mut pending.loud_hops
            };
            if !is_echo {
                *hops += 1;
                if pending.loud_hops > MAX_LOUD_HOPS || pending.onset_hops > MAX_ONSET_HOPS {
                    self.pending = None;
                }
                return None;
            }
        }
        pending.silent_hops += 1;
        let network = NETWORK_HZ.contains(&burst.hz) && burst.hz2 == 0.0;
        if pending.silent_hops < SILENT_HOPS
            || (network && spectrum.at < burst.end + from_ms(NETWORK_WAIT_MS))
        {
            return None;
        }
        self.take()
    }

    /// Whether a tone that has ended may still be a beep.
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Ends the stream, which counts as silence.
    pub fn finish(&mut self) -> Option<Beep> {
        self.take()
    }

    fn take(&mut self) -> Option<Beep> {
        let burst = self.pending.take()?.burst;
        self.reported = Some(burst);
        Some(Beep {
            start: burst.start,
            end: burst.end,
            hz: burst.hz,
            hz2: burst.hz2,
            level_dbm0: amplitude_to_dbm0((burst.power + burst.power2).sqrt()),
        })
    }
}
