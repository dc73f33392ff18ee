//! The network's tones: ringback, busy, reorder, dial tone (E.180 and its national supplements).
#![forbid(unsafe_code)]

use super::bin_history::Peak;
use super::burst::Burst;
use super::context::Context;
use super::steadiness;
use crate::detect::fact::Network;
use crate::time::{Samples, from_ms};
use crate::types::NetworkTone;

/// Error of a frequency: the network's 1 %, and the measure's.
const OFF_HZ: f32 = 7.0;

/// Pairs of ringback: North America, Britain, Australia, the Philippines.
const RINGING: [(f32, f32); 4] = [
    (440.0, 480.0),
    (400.0, 450.0),
    (400.0, 425.0),
    (425.0, 480.0),
];

/// North America's busy and reorder.
const BUSY: (f32, f32) = (480.0, 620.0);

/// Dial tones of two frequencies.
const DIAL: [(f32, f32); 2] = [(350.0, 440.0), (350.0, 450.0)];

/// The single tones of all the others: 400 to 450 Hz, the network's 1 %, and 2 Hz of the measure's.
const SINGLE_HZ: std::ops::RangeInclusive<f32> = 394.0..=456.5;

/// A second line of a pair is at most this much weaker: 10 dB. Sidelines of a modulation: 17 dB.
const PAIR_PART: f32 = 0.1;
const SIDE_PART: f32 = 0.02;

/// Modulations of ringback, Hz: Japan 16 to 20, others 25, 33 and 40.
const SIDE_HZ: std::ops::RangeInclusive<f32> = 13.0..=43.0;

/// The shortest ringing that is known by its frequencies alone, and by its length (E.180: 0.67 to 1.5 s; Turkey 2 s).
const RING_MS: u64 = 250;
const RING_ALONE_MS: std::ops::RangeInclusive<u64> = 640..=2300;

/// From one ringing to the next.
const RING_EVERY_MS: std::ops::RangeInclusive<u64> = 2000..=7000;

/// One after the other: the tone's length and the silence before it (E.180).
const ON_MS: std::ops::RangeInclusive<u64> = 130..=820;
const OFF_MS: std::ops::RangeInclusive<u64> = 110..=820;

/// The network's bursts are all as long; but not the two of Britain's congestion, at 400 Hz.
const ALIKE_MS: u64 = 60;

/// Together: up to here it is reorder, and up to there busy.
const REORDER_MS: u64 = 645;
const BUSY_MS: u64 = 1250;

/// A dial tone of two frequencies is sure after this, one of a single one when no ringback is as long.
const DIAL_MS: u64 = 500;
const DIAL_ALONE_MS: u64 = 2700;

/// What a burst may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sound {
    Ringing(f32, f32),
    Busy(f32, f32),
    Dial(f32, f32),
    Single(f32),
}

/// Hears the cadence of the network's tones.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks {
    before: Option<(Sound, Burst)>,
    /// Busy or reorder has been told, and a dial tone.
    told: bool,
    dial: bool,
    rings: bool,
}

fn is_near(a: (f32, f32), hz: f32, hz2: f32) -> bool {
    let near = |x: f32, y: f32| (x - y).abs() < OFF_HZ;
    (near(a.0, hz) && near(a.1, hz2)) || (near(a.0, hz2) && near(a.1, hz))
}

/// Two lines that a window of 32 ms does not keep apart, or the sidelines of a modulation.
fn ringing(fine: &[Peak; 3]) -> Option<Sound> {
    let [first, second, third] = fine;
    let strong = |peak: &Peak, part: f32| peak.power > part * first.power && first.power > 0.0;
    if strong(second, PAIR_PART) {
        let (low, high) = (first.hz.min(second.hz), first.hz.max(second.hz));
        let known = RINGING.iter().find(|&&pair| {
            is_near(pair, low, high) && (high - low - (pair.1 - pair.0)).abs() < OFF_HZ
        });
        if known.is_some() {
            return Some(Sound::Ringing(low, high));
        }
    }
    let off = |peak: &Peak| peak.hz - first.hz;
    let modulated = strong(third, SIDE_PART)
        && SINGLE_HZ.contains(&first.hz)
        && SIDE_HZ.contains(&off(second).abs())
        && (off(second) + off(third)).abs() < 5.0;
    modulated.then_some(Sound::Ringing(first.hz, 0.0))
}

fn sound(burst: &Burst, fine: &[Peak; 3], noise: f32) -> Option<Sound> {
    if !steadiness::is_pure(burst, noise) {
        return None;
    }
    if let Some(ringing) = ringing(fine) {
        return Some(ringing);
    }
    let (low, high) = (burst.hz.min(burst.hz2), burst.hz.max(burst.hz2));
    if RINGING.iter().any(|&pair| is_near(pair, low, high)) {
        return Some(Sound::Ringing(low, high));
    }
    if !steadiness::is_steady(burst, noise) {
        return None;
    }
    if burst.hz2 > 0.0 {
        let dial = || DIAL.iter().any(|&pair| is_near(pair, low, high));
        return if is_near(BUSY, low, high) {
            Some(Sound::Busy(low, high))
        } else {
            dial().then_some(Sound::Dial(low, high))
        };
    }
    SINGLE_HZ
        .contains(&burst.hz)
        .then_some(Sound::Single(burst.hz))
}

impl Sound {
    fn hz(self) -> (f32, f32) {
        match self {
            Self::Ringing(a, b) | Self::Busy(a, b) | Self::Dial(a, b) => (a, b),
            Self::Single(a) => (a, 0.0),
        }
    }

    fn is_same(self, other: Self) -> bool {
        let ((a, b), (c, d)) = (self.hz(), other.hz());
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
            && (a - c).abs() < OFF_HZ
            && (b - d).abs() < OFF_HZ
    }

    fn tell(self, tone: NetworkTone, start: Samples, end: Samples) -> Network {
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

impl Networks {
    /// A burst is over: whether it is the network's, and what is known by it.
    pub fn add(
        &mut self,
        burst: &Burst,
        fine: &[Peak; 3],
        scene: &Context,
        melody: bool,
    ) -> (bool, Option<Network>) {
        let Some(sound) = sound(burst, fine, scene.noise()) else {
            return (false, None);
        };
        if melody {
            self.before = None;
            return (false, None);
        }
        let ms = burst.length() / from_ms(1);
        let before = self.before.replace((sound, *burst));
        let before = before
            .filter(|(other, _)| sound.is_same(*other))
            .map(|b| b.1);
        let gap = before.map(|b| burst.start.saturating_sub(b.end) / from_ms(1));
        let tone = match sound {
            Sound::Dial(..) => None,
            Sound::Ringing(..) => (ms >= RING_MS).then_some(NetworkTone::Ringback),
            Sound::Busy(..) => gap.and_then(|gap| cadence(ms, gap, 0.0)),
            Sound::Single(hz) => {
                let every = before.map(|b| (burst.start - b.start) / from_ms(1));
                let again = every.is_some_and(|ms| RING_EVERY_MS.contains(&ms));
                let alone = RING_ALONE_MS.contains(&ms) && (!scene.voice() || self.rings || again);
                let as_long = before.is_some_and(|b| {
                    (b.length() / from_ms(1)).abs_diff(ms) <= ALIKE_MS
                        || (hz - 400.0).abs() < OFF_HZ
                });
                let in_cadence = gap.filter(|_| as_long).and_then(|gap| cadence(ms, gap, hz));
                in_cadence.or(alone.then_some(NetworkTone::Ringback))
            }
        };
        let single = matches!(sound, Sound::Single(_));
        self.rings |= tone == Some(NetworkTone::Ringback);
        let mine = !single || tone.is_some() || self.told;
        let once = matches!(tone, Some(NetworkTone::Busy | NetworkTone::Reorder));
        let told = tone.filter(|_| !(once && self.told));
        self.told |= once;
        (
            mine,
            told.map(|tone| sound.tell(tone, burst.start, burst.end)),
        )
    }

    /// A tone sounds for sure: whether it is a dial tone.
    pub fn sounds(
        &mut self,
        live: &Burst,
        fine: impl FnOnce() -> [Peak; 3],
        noise: f32,
        now: Samples,
    ) -> Option<Network> {
        let ms = (now - live.start) / from_ms(1);
        let could_be = if live.hz2 > 0.0 {
            ms >= DIAL_MS
        } else {
            ms >= DIAL_ALONE_MS && SINGLE_HZ.contains(&live.hz)
        };
        if self.dial || !could_be {
            return None;
        }
        let fine = if live.hz2 > 0.0 {
            [Peak::default(); 3]
        } else {
            fine()
        };
        let sound = sound(live, &fine, noise)?;
        if !matches!(sound, Sound::Dial(..) | Sound::Single(_)) {
            return None;
        }
        self.dial = true;
        Some(sound.tell(NetworkTone::Dial, live.start, now))
    }
}

/// What a tone of this length after such a silence is.
fn cadence(on_ms: u64, off_ms: u64, hz: f32) -> Option<NetworkTone> {
    if !ON_MS.contains(&on_ms) || !OFF_MS.contains(&off_ms) {
        return None;
    }
    // 0.4 s on, 0.2 s off: ringback of two bursts. Reorder and busy are about as long on as off.
    if hz > 0.0 && (330..=470).contains(&on_ms) && off_ms * 8 < on_ms * 5 {
        return Some(NetworkTone::Ringback);
    }
    // Britain: 0.4 s on, 0.35 s off, 0.225 s on, 0.525 s off at 400 Hz.
    let british = (hz - 400.0).abs() < OFF_HZ
        && (190..=260).contains(&on_ms)
        && (300..=400).contains(&off_ms);
    let period = on_ms + off_ms;
    // China's 0.7 s and 0.7 s is reorder too.
    Some(if british || period <= REORDER_MS || period > BUSY_MS {
        NetworkTone::Reorder
    } else {
        NetworkTone::Busy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cadences_of_many_countries_have_their_names() {
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
