//! One or two tones that stay what they are, hop after hop: a burst of tone.
#![forbid(unsafe_code)]

use super::bin_history::{BinHistory, Peak};
use super::burst::Burst;
use super::onset::Onset;
use super::peaks::{LOBE, PeakFinder, harmonics, lobe, strongest_other, total};
use super::tone::Tone;
use crate::detect::stft::{HOP, Spectrum, WINDOW};
use crate::time::Samples;

/// -48 dBm0: the weakest tone that is looked at (amplitude 90).
const LEAST_LOBE: f32 = LOBE * 90.0 * 90.0;

/// From one hop to the next a steady tone's frequency is within this, noise of its own power and all.
const STEADY_HZ: f32 = 6.0;

/// So many hops of a steady tone are one for sure.
const SURE: u32 = 4;

/// A burst outlives so many hops without its tone: a phase reversal, a lost frame.
const MISSED: u32 = 4;

/// A hop shows the tone in full if it is at most so much weaker than those before: 1.5 dB.
const FULL: f32 = 0.7;

/// Bursts of so many hops, where pairs of tones beat, are looked at more finely.
const FINE: u32 = 16;
const FINE_BINS: std::ops::RangeInclusive<usize> = 12..=16;

/// Where the phase may reverse: 2100 Hz.
const REVERSING: std::ops::RangeInclusive<usize> = 66..=68;

/// The window's middle, before the end of the newest hop.
const MIDDLE: Samples = (WINDOW / 2) as Samples;

/// A burst that lasts.
#[derive(Clone, Debug, Default)]
struct Live {
    start: Samples,
    /// The window's middle at the latest good hop, and the power there and at the first hop after it.
    latest: Samples,
    fall: f32,
    /// Power of late, and that of the hop before.
    recent: f32,
    before: f32,
    first: Tone,
    second: Option<Tone>,
    good: u32,
    bad: u32,
    missed: u32,
    sure: bool,
    shares: f32,
    others: f32,
    rests: u32,
    jitter: f32,
    jitter2: f32,
    hz2_before: f32,
    steps: u32,
    full: u32,
    hz_before: f32,
    unbroken: bool,
    rough: f32,
    low_hz: f32,
    high_hz: f32,
    energies: f32,
    faint: f32,
    paired: u32,
    reversals: u32,
    reversed: u32,
    line: BinHistory,
}

/// What a hop says of a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hop {
    Good,
    Missed,
}

impl Live {
    fn new(rise: &Onset, spectrum: &Spectrum, middle: Samples) -> Self {
        let look = &rise.look;
        let mut live = Self {
            start: rise.start(look.lobes),
            latest: middle,
            recent: look.lobes,
            before: look.lobes,
            low_hz: f32::MAX,
            ..Self::default()
        };
        // A second tone that was not there the hop before is noise.
        live.second = look.second.and_then(|bin| rise.tone(bin));
        if let Some(first) = rise.tone(look.bin) {
            live.first = first;
            live.see(spectrum, middle);
        } else {
            live.first = Tone::new(look.bin, spectrum.bins[look.bin]);
            live.second = None;
        }
        live
    }

    fn see(&mut self, spectrum: &Spectrum, middle: Samples) -> Hop {
        let power = &spectrum.power;
        let lobe1 = lobe(power, self.first.bin);
        let lobe2 = self.second.as_ref().map_or(0.0, |t| lobe(power, t.bin));
        let lobes = lobe1 + lobe2;
        let (turn1, hz1) = self.first.turn(spectrum);
        let turn2 = self.second.as_mut().map(|t| t.turn(spectrum));
        self.line.push(spectrum.bins[self.first.bin]);
        let loud = lobes > self.recent / 4.0 && lobes > LEAST_LOBE / 2.0;
        let total = if loud { total(power) } else { 0.0 };
        let near = |tone: &Tone, hz: f32| match tone.count {
            0 => true,
            1 => (hz - tone.hz).abs() <= 2.0 * STEADY_HZ,
            _ => (hz - tone.hz).abs() <= STEADY_HZ,
        };
        let steady = near(&self.first, hz1)
            && self
                .second
                .as_ref()
                .zip(turn2)
                .is_none_or(|(t, (_, hz))| near(t, hz));
        let pair = self.line.is_pair(self.first.bin);
        self.paired += u32::from(pair && !steady);
        let steady = steady || pair;
        if !loud || lobes < 0.3 * total || !steady {
            if self.missed == 0 {
                self.fall = lobes;
            }
            self.missed += 1;
            self.unbroken = false;
            return Hop::Missed;
        }
        self.bad += self.missed;
        self.missed = 0;
        self.first.add(turn1, hz1, lobe1);
        if let (Some(tone), Some((turn, hz))) = (self.second.as_mut(), turn2) {
            tone.add(turn, hz, lobe2);
        }
        // A window that the tone fills in part tells less.
        let full = lobes > FULL * self.recent;
        let hz2 = turn2.map_or(0.0, |(_, hz)| hz);
        if full && self.unbroken {
            self.jitter += (hz1 - self.hz_before).abs();
            self.jitter2 += (hz2 - self.hz2_before).abs();
            self.rough += 1.0 - (lobes / self.before).min(self.before / lobes);
            self.steps += 1;
        }
        if full {
            self.low_hz = self.low_hz.min(self.first.hz);
            self.high_hz = self.high_hz.max(self.first.hz);
            self.measure(spectrum, lobes, total);
        }
        self.unbroken = full;
        (self.hz_before, self.hz2_before) = (hz1, hz2);
        self.before = lobes;
        self.recent += 0.3 * (lobes - self.recent);
        self.good += 1;
        self.latest = middle;
        self.sure |= self.good >= SURE;
        self.look_for_reversal();
        Hop::Good
    }

    fn measure(&mut self, spectrum: &Spectrum, lobes: f32, total: f32) {
        self.full += 1;
        let mut own = lobes;
        if own < 0.95 * total {
            let more = harmonics(&spectrum.power, self.first.bin);
            if more > 0.05 * total {
                own += more;
            }
        }
        self.shares += (own / total).min(1.0);
        let rest = total - own;
        if rest > 0.04 * total {
            let second = self.second.as_ref().map_or(self.first.bin, |t| t.bin);
            self.others += strongest_other(&spectrum.power, self.first.bin, second) / rest;
            self.rests += 1;
        }
        self.energies += spectrum.energy;
        self.faint += 1.0 / spectrum.energy.max(1.0);
    }

    /// The phase of 60 ms ago against that of now.
    fn look_for_reversal(&mut self) {
        self.reversed += 1;
        if REVERSING.contains(&self.first.bin)
            && self.good > 8
            && self.reversed > 20
            && self.line.turned(self.first.mean_hz())
        {
            self.reversals += 1;
            self.reversed = 0;
        }
    }

    /// Its fine spectrum, if it is long enough and where pairs of tones beat.
    fn fine(&self) -> [Peak; 3] {
        if self.good < FINE || !FINE_BINS.contains(&self.first.bin) {
            return [Peak::default(); 3];
        }
        self.line.peaks(self.first.bin, self.missed as usize + 2)
    }

    fn burst(&self) -> Burst {
        let n = self.full.max(1) as f32;
        let full = self.recent.sqrt();
        let half = full / 2.0;
        let fall = if self.missed == 0 {
            full
        } else {
            self.fall.sqrt()
        };
        let last = self.before.sqrt();
        let on = if self.missed == 0 {
            0.0
        } else if fall >= half {
            1.0
        } else {
            ((last - half) / (last - fall).max(half)).clamp(0.0, 1.0)
        };
        let end = self.latest + (on * HOP as f32) as Samples;
        Burst {
            start: self.start,
            end: end.max(self.start),
            hz: self.first.mean_hz(),
            hz2: self.second.map_or(0.0, |t| t.mean_hz()),
            power: self.first.mean_power(),
            power2: self.second.map_or(0.0, |t| t.mean_power()),
            good: self.good,
            bad: self.bad,
            share: self.shares / n,
            other: self.others / self.rests.max(1) as f32,
            jitter_hz: self.jitter.max(self.jitter2) / self.steps.max(1) as f32,
            rough: self.rough / self.steps.max(1) as f32,
            low_hz: self.low_hz,
            high_hz: self.high_hz,
            reversals: self.reversals,
            energy: self.energies / n,
            faint: self.faint / n,
            steps: self.steps,
            paired: self.paired,
        }
    }
}

/// Follows what is tonal.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    rise: Option<Onset>,
    live: Option<Live>,
}

impl Track {
    /// Sees a hop; a burst that is over is answered.
    pub fn see(&mut self, spectrum: &Spectrum) -> Option<(Burst, [Peak; 3])> {
        let middle = (spectrum.at + HOP as Samples).saturating_sub(MIDDLE);
        let mut over = None;
        if let Some(live) = &mut self.live {
            if live.see(spectrum, middle) == Hop::Good {
                self.rise = None;
                return None;
            }
            let patience = if live.sure { MISSED } else { 2 };
            if live.missed > patience {
                over = live.sure.then(|| (live.burst(), live.fine()));
                self.live = None;
            }
        }
        self.look_for_one(spectrum, middle);
        over
    }

    fn look_for_one(&mut self, spectrum: &Spectrum, middle: Samples) {
        let Some(look) = PeakFinder::new(spectrum, LEAST_LOBE) else {
            self.rise = None;
            return;
        };
        let goes_on = self.rise.as_mut().is_some_and(|rise| rise.goes_on(&look));
        let rise = self.rise.get_or_insert_with(|| Onset::begin(look, middle));
        if !goes_on {
            *rise = Onset::begin(look, middle);
        } else if self.live.is_none() && rise.has_risen() {
            self.live = Some(Live::new(rise, spectrum, middle));
            self.rise = None;
            return;
        }
        rise.keep(spectrum);
    }

    /// The burst that lasts, if there is one for sure.
    pub fn live(&self) -> Option<Burst> {
        self.live.as_ref().filter(|l| l.sure).map(Live::burst)
    }

    /// Since when something sounds that may be a tone.
    pub fn since(&self) -> Option<Samples> {
        match (&self.live, &self.rise) {
            (Some(live), _) => Some(live.start),
            (None, Some(rise)) => Some(rise.first),
            (None, None) => None,
        }
    }

    /// The fine spectrum of the burst that lasts.
    pub fn fine(&self) -> [Peak; 3] {
        self.live.as_ref().map_or_else(Default::default, Live::fine)
    }

    /// The values of the burst's bin.
    pub fn line(&self) -> Option<&BinHistory> {
        self.live.as_ref().map(|l| &l.line)
    }
}
