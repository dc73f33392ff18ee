//! Network tones: ringback, busy, reorder and dial tone (E.180 and its supplement of national tones).
#![forbid(unsafe_code)]

use super::bin_history::FinePeak;
use super::burst::Burst;
use super::context::Context;
use super::steadiness;
use crate::detect::fact::Network;
use crate::time::{Samples, from_ms};
use crate::types::NetworkTone;

/// Maximum difference of two bursts of one tone, and tolerance of a ringback pair: voices and chords have pairs as close.
const TOLERANCE_HZ: f32 = 7.0;

/// Tolerance of a frequency: 1.5 % of the network, and a measurement error of 2 Hz.
const TOLERANCE: f32 = 0.015;
const MEASUREMENT_HZ: f32 = 2.0;

/// Ringback pairs: North America, Britain, Australia, the Philippines.
const RINGBACK: [(f32, f32); 4] = [
    (440.0, 480.0),
    (400.0, 450.0),
    (400.0, 425.0),
    (425.0, 480.0),
];

/// Busy and reorder in North America.
const BUSY: (f32, f32) = (480.0, 620.0);

/// Dial tones with two frequencies.
const DIAL: [(f32, f32); 2] = [(350.0, 440.0), (350.0, 450.0)];

/// Single tones of all other networks: 400 to 450 Hz, 1.5 % of the network, and a measurement error of 1 Hz.
const SINGLE_HZ: std::ops::RangeInclusive<f32> = 393.0..=458.0;

/// Minimum power of the second tone of a pair relative to the first, -10 dB, and of a modulation's sidebands, -17 dB.
const MIN_PAIR_RATIO: f32 = 0.1;
const MIN_SIDEBAND_RATIO: f32 = 0.02;

/// Modulation frequencies of ringback: Japan 16 to 20 Hz, others 25, 33 and 40 Hz.
const MODULATION_HZ: std::ops::RangeInclusive<f32> = 13.0..=43.0;

/// Minimum length of ringback with characteristic frequencies.
const MIN_RING_MS: u64 = 250;
/// Length by which a single tone is ringback (E.180: 0.67 to 1.5 s; Turkey: 2 s).
const SINGLE_RING_MS: std::ops::RangeInclusive<u64> = 640..=2300;

/// Period of ringback.
const RING_PERIOD_MS: std::ops::RangeInclusive<u64> = 2000..=7000;

/// E.180: length of a burst of busy or reorder, and of the pause before it.
const ON_MS: std::ops::RangeInclusive<u64> = 130..=820;
const OFF_MS: std::ops::RangeInclusive<u64> = 110..=820;

/// Maximum difference of two bursts of one cadence. Exception: congestion in Britain, at 400 Hz.
const SAME_LENGTH_MS: u64 = 60;

/// Maximum period of reorder and of busy.
const MAX_REORDER_PERIOD_MS: u64 = 645;
const MAX_BUSY_PERIOD_MS: u64 = 1250;

/// Length after which a dial tone with two frequencies is reported, and one with a single frequency, which must be longer than
/// any ringback.
const PAIR_DIAL_MS: u64 = 500;
const SINGLE_DIAL_MS: u64 = 2700;

/// Type of a burst by its frequencies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Signal {
    Ringback(f32, f32),
    Busy(f32, f32),
    Dial(f32, f32),
    Single(f32),
}

/// The network tone detector of one stream.
#[derive(Clone, Debug, Default)]
pub(super) struct NetworkDetector {
    /// The previous burst of the network.
    last: Option<(Signal, Burst)>,
    busy_reported: bool,
    dial_reported: bool,
    ringback_reported: bool,
}

fn is_near(a: (f32, f32), hz: f32, hz2: f32) -> bool {
    let near = |x: f32, y: f32| (x - y).abs() < TOLERANCE * x + MEASUREMENT_HZ;
    (near(a.0, hz) && near(a.1, hz2)) || (near(a.0, hz2) && near(a.1, hz))
}

/// Whether the tones of a pair, the lower one first, are those of a ringback pair.
fn is_ringback(pair: (f32, f32), low: f32, high: f32) -> bool {
    (pair.0 - low).abs() < TOLERANCE_HZ && (pair.1 - high).abs() < TOLERANCE_HZ
}

/// Identifies ringback by its fine spectrum: a pair that a window of 32 ms does not resolve, or the sidebands of a modulation.
fn ringback(fine_peaks: &[FinePeak; 3]) -> Option<Signal> {
    let [first, second, third] = fine_peaks;
    let strong =
        |peak: &FinePeak, ratio: f32| peak.power > ratio * first.power && first.power > 0.0;
    if strong(second, MIN_PAIR_RATIO) {
        let (low, high) = (first.hz.min(second.hz), first.hz.max(second.hz));
        let known = RINGBACK.iter().find(|&&pair| {
            is_ringback(pair, low, high) && (high - low - (pair.1 - pair.0)).abs() < TOLERANCE_HZ
        });
        if known.is_some() {
            return Some(Signal::Ringback(low, high));
        }
    }
    let off = |peak: &FinePeak| peak.hz - first.hz;
    let modulated = strong(third, MIN_SIDEBAND_RATIO)
        && SINGLE_HZ.contains(&first.hz)
        && MODULATION_HZ.contains(&off(second).abs())
        && (off(second) + off(third)).abs() < 5.0;
    modulated.then_some(Signal::Ringback(first.hz, 0.0))
}

/// Identifies a burst by its frequencies. `noise`: mean square of the noise of the line.
fn signal(burst: &Burst, fine_peaks: &[FinePeak; 3], noise: f32) -> Option<Signal> {
    if !steadiness::is_pure(burst, noise) {
        return None;
    }
    if let Some(signal) = ringback(fine_peaks) {
        return Some(signal);
    }
    let (low, high) = (burst.hz.min(burst.hz2), burst.hz.max(burst.hz2));
    if RINGBACK.iter().any(|&pair| is_ringback(pair, low, high)) {
        return Some(Signal::Ringback(low, high));
    }
    if !steadiness::is_steady(burst, noise) {
        return None;
    }
    if burst.hz2 > 0.0 {
        let dial = || DIAL.iter().any(|&pair| is_near(pair, low, high));
        return if is_near(BUSY, low, high) {
            Some(Signal::Busy(low, high))
        } else {
            dial().then_some(Signal::Dial(low, high))
        };
    }
    SINGLE_HZ
        .contains(&burst.hz)
        .then_some(Signal::Single(burst.hz))
}

impl Signal {
    fn hz(self) -> (f32, f32) {
        match self {
            Self::Ringback(a, b) | Self::Busy(a, b) | Self::Dial(a, b) => (a, b),
            Self::Single(a) => (a, 0.0),
        }
    }

    fn is_same(self, other: Self) -> bool {
        let ((a, b), (c, d)) = (self.hz(), other.hz());
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
            && (a - c).abs() < TOLERANCE_HZ
            && (b - d).abs() < TOLERANCE_HZ
    }

    fn report(self, tone: NetworkTone, start: Samples, end: Samples) -> Network {
        let (hz, hz2) = self.hz();
        Network {
            tone,
            start,
            end,
            hz,
            hz2,
        }
    }
}

impl NetworkDetector {
    /// Evaluates a burst that has ended. Returns whether it is a network tone, and the tone when it is identified. Ringback is
    /// identified at each burst; busy and reorder once. `melody`: the burst continues a melody.
    pub fn burst_ended(
        &mut self,
        burst: &Burst,
        fine_peaks: &[FinePeak; 3],
        context: &Context,
        melody: bool,
    ) -> (bool, Option<Network>) {
        let Some(signal) = signal(burst, fine_peaks, context.noise()) else {
            return (false, None);
        };
        if melody {
            self.last = None;
            return (false, None);
        }
        let ms = burst.length() / from_ms(1);
        let previous = self.last.replace((signal, *burst));
        let previous = previous
            .filter(|(other, _)| signal.is_same(*other))
            .map(|b| b.1);
        let gap = previous.map(|b| burst.start.saturating_sub(b.end) / from_ms(1));
        let tone = match signal {
            Signal::Dial(..) => None,
            Signal::Ringback(..) => (ms >= MIN_RING_MS).then_some(NetworkTone::Ringback),
            Signal::Busy(..) => gap.and_then(|gap| cadence(ms, gap, 0.0)),
            Signal::Single(hz) => {
                let period = previous.map(|b| (burst.start - b.start) / from_ms(1));
                let repeated = period.is_some_and(|ms| RING_PERIOD_MS.contains(&ms));
                let is_ringback = SINGLE_RING_MS.contains(&ms)
                    && (!context.has_voice() || self.ringback_reported || repeated);
                let same_length = previous.is_some_and(|b| {
                    (b.length() / from_ms(1)).abs_diff(ms) <= SAME_LENGTH_MS
                        || (hz - 400.0).abs() < TOLERANCE_HZ
                });
                let by_cadence = gap
                    .filter(|_| same_length)
                    .and_then(|gap| cadence(ms, gap, hz));
                by_cadence.or(is_ringback.then_some(NetworkTone::Ringback))
            }
        };
        let single = matches!(signal, Signal::Single(_));
        self.ringback_reported |= tone == Some(NetworkTone::Ringback);
        let is_network = !single || tone.is_some() || self.busy_reported;
        let is_busy = matches!(tone, Some(NetworkTone::Busy | NetworkTone::Reorder));
        let reported = tone.filter(|_| !(is_busy && self.busy_reported));
        self.busy_reported |= is_busy;
        (
            is_network,
            reported.map(|tone| signal.report(tone, burst.start, burst.end)),
        )
    }

    /// Evaluates a steady burst that lasts. Returns a dial tone, once.
    pub fn burst_active(
        &mut self,
        active: &Burst,
        fine_peaks: impl FnOnce() -> [FinePeak; 3],
        noise: f32,
        now: Samples,
    ) -> Option<Network> {
        let ms = (now - active.start) / from_ms(1);
        let could_be = if active.hz2 > 0.0 {
            ms >= PAIR_DIAL_MS
        } else {
            ms >= SINGLE_DIAL_MS && SINGLE_HZ.contains(&active.hz)
        };
        if self.dial_reported || !could_be {
            return None;
        }
        let fine_peaks = if active.hz2 > 0.0 {
            [FinePeak::default(); 3]
        } else {
            fine_peaks()
        };
        let signal = signal(active, &fine_peaks, noise)?;
        if !matches!(signal, Signal::Dial(..) | Signal::Single(_)) {
            return None;
        }
        self.dial_reported = true;
        Some(signal.report(NetworkTone::Dial, active.start, now))
    }
}

/// Identifies a burst of `on_ms` after a pause of `off_ms`. `hz`: frequency of a single tone, 0 for a pair.
fn cadence(on_ms: u64, off_ms: u64, hz: f32) -> Option<NetworkTone> {
    if !ON_MS.contains(&on_ms) || !OFF_MS.contains(&off_ms) {
        return None;
    }
    // 0.4 s on, 0.2 s off: ringback with two bursts. Busy and reorder have bursts and pauses of about the same length.
    if hz > 0.0 && (330..=470).contains(&on_ms) && off_ms * 8 < on_ms * 5 {
        return Some(NetworkTone::Ringback);
    }
    // Britain: 0.4 s on, 0.35 s off, 0.225 s on, 0.525 s off at 400 Hz.
    let british = (hz - 400.0).abs() < TOLERANCE_HZ
        && (190..=260).contains(&on_ms)
        && (300..=400).contains(&off_ms);
    let period = on_ms + off_ms;
    // Reorder in China has 0.7 s on, 0.7 s off.
    Some(
        if british || period <= MAX_REORDER_PERIOD_MS || period > MAX_BUSY_PERIOD_MS {
            NetworkTone::Reorder
        } else {
            NetworkTone::Busy
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_cadences_are_identified() {
        use NetworkTone::{Busy, Reorder, Ringback};
        let cases = [
            ("Germany, busy", 480, 480, 425.0, Busy),
            ("Germany, congestion", 240, 240, 425.0, Reorder),
            ("Italy, congestion", 200, 200, 425.0, Reorder),
            ("France, busy", 500, 500, 440.0, Busy),
            ("Britain, busy", 375, 375, 400.0, Busy),
            ("Britain, congestion", 225, 350, 400.0, Reorder),
            ("China, busy", 350, 350, 450.0, Busy),
            ("China, congestion", 700, 700, 450.0, Reorder),
            ("Malaysia, ringback", 400, 200, 425.0, Ringback),
            ("North America, reorder", 300, 200, 0.0, Reorder),
        ];
        for (name, on, off, hz, tone) in cases {
            assert_eq!(cadence(on, off, hz), Some(tone), "{name}");
        }
        assert_eq!(cadence(2000, 500, 425.0), None);
        assert_eq!(cadence(500, 50, 425.0), None);
    }
}
