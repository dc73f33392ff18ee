//! The burst tracker: follows one or two steady tones from hop to hop.
#![forbid(unsafe_code)]

use super::bin_history::{BinHistory, FinePeak};
use super::burst::Burst;
use super::hum::Hum;
use super::onset::Onset;
use super::peaks::{LOBE, Peaks, harmonics, lobe, second_harmonic, strongest_other, total};
use super::tone::Tone;
use crate::detect::stft::{HOP, Spectrum, WINDOW};
use crate::time::Samples;

/// Minimum power of a tone with its neighbors: -48 dBm0 (amplitude 90).
const MIN_LOBE: f32 = LOBE * 90.0 * 90.0;

/// Maximum change of a steady tone's frequency from hop to hop, in noise of the same power.
const MAX_CHANGE_HZ: f32 = 6.0;

/// Steady hops that confirm a burst: 40 ms.
const CONFIRM_HOPS: u32 = 4;

/// Hops without its tone that a confirmed burst survives, 50 ms: a phase reversal, a click or a lost packet.
const MAX_MISSED: u32 = 5;

/// A hop is disturbed, by a click, if the tone has this share of the power or less, and had that share or more before.
const DISTURBED_SHARE: f32 = 0.7;
const UNDISTURBED_SHARE: f32 = 0.9;

/// The same before it is confirmed.
const MAX_MISSED_UNCONFIRMED: u32 = 2;

/// Minimum power of a full hop, relative to the recent power: -1.5 dB.
const FULL_HOP_RATIO: f32 = 0.7;

/// Minimum length and bins of the bursts that get a fine spectrum: where ringback pairs beat.
const FINE_MIN_HOPS: u32 = 16;
const FINE_BINS: std::ops::RangeInclusive<usize> = 12..=16;

/// Bins in which phase reversals are detected: 2100 Hz.
const REVERSAL_BINS: std::ops::RangeInclusive<usize> = 66..=68;

/// Distance of the middle of the window from its end.
const HALF_WINDOW: Samples = (WINDOW / 2) as Samples;

/// The measurements of a burst that lasts.
#[derive(Clone, Debug, Default)]
struct ActiveBurst {
    start: Samples,
    /// Middle of the window at the latest tone hop.
    last: Samples,
    /// Power at the first hop after that, from which the end is interpolated.
    offset_power: f32,
    /// Recent power, smoothed, and that of the latest tone hop.
    recent_power: f32,
    last_power: f32,
    first: Tone,
    second: Option<Tone>,
    /// See [`Burst`].
    tone_hops: u32,
    missed_hops: u32,
    /// Hops without the tone since the latest tone hop.
    missed: u32,
    confirmed: bool,
    /// Sums over full hops, and their number.
    shares: f32,
    energies: f32,
    inverse_energies: f32,
    full_hops: u32,
    /// Sum over the full hops with a residual, and their number.
    residual_peaks: f32,
    residual_hops: u32,
    /// Sum over the full hops.
    second_harmonics: f32,
    /// Sums of the changes over pairs of full hops, and their number.
    jitter: f32,
    jitter2: f32,
    roughness: f32,
    slope: f32,
    steps: u32,
    /// Frequencies at the latest tone hop.
    last_hz: f32,
    last_hz2: f32,
    /// The latest hop was a full tone hop.
    after_full: bool,
    low_hz: f32,
    high_hz: f32,
    beating_hops: u32,
    reversals: u32,
    /// Hops since the last phase reversal.
    since_reversal: u32,
    history: BinHistory,
}

/// Whether a hop continues the burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HopKind {
    Tone,
    Missed,
}

impl ActiveBurst {
    fn new(onset: &Onset, spectrum: &Spectrum, hum: &Hum, middle: Samples) -> Self {
        let peaks = &onset.peaks;
        let mut active = Self {
            start: onset.start(peaks.lobes),
            last: middle,
            recent_power: peaks.lobes,
            last_power: peaks.lobes,
            low_hz: f32::MAX,
            ..Self::default()
        };
        // A second tone that was absent one hop ago is noise.
        active.second = peaks.second.and_then(|bin| onset.tone(bin));
        if let Some(first) = onset.tone(peaks.bin) {
            active.first = first;
            active.process(spectrum, hum, middle);
        } else {
            active.first = Tone::new(peaks.bin, spectrum.bins[peaks.bin]);
            active.second = None;
        }
        active
    }

    /// Measures one hop. `middle`: time of the middle of its window.
    fn process(&mut self, spectrum: &Spectrum, hum: &Hum, middle: Samples) -> HopKind {
        let power = &spectrum.power;
        let lobe1 = lobe(power, self.first.bin);
        let lobe2 = self.second.as_ref().map_or(0.0, |t| lobe(power, t.bin));
        let lobes = lobe1 + lobe2;
        let (rotation1, hz1) = self.first.advance(spectrum);
        let second = self.second.as_mut().map(|t| t.advance(spectrum));
        self.history.push(spectrum.bins[self.first.bin]);
        let loud = lobes > self.recent_power / 4.0 && lobes > MIN_LOBE / 2.0;
        let total = if loud {
            total(power) - hum.total()
        } else {
            0.0
        };
        let near = |tone: &Tone, hz: f32| match tone.count {
            0 => true,
            1 => (hz - tone.hz).abs() <= 2.0 * MAX_CHANGE_HZ,
            _ => (hz - tone.hz).abs() <= MAX_CHANGE_HZ,
        };
        let steady = near(&self.first, hz1)
            && self
                .second
                .as_ref()
                .zip(second)
                .is_none_or(|(t, (_, hz))| near(t, hz));
        let pair = self.history.is_pair(self.first.bin);
        self.beating_hops += u32::from(pair && !steady);
        let steady = steady || pair;
        let disturbed = lobes < DISTURBED_SHARE * total
            && self.full_hops >= 2
            && self.shares > UNDISTURBED_SHARE * self.full_hops as f32;
        if !loud || lobes < 0.3 * total || disturbed || !steady {
            if self.missed == 0 {
                self.offset_power = lobes;
            }
            self.missed += 1;
            self.after_full = false;
            return HopKind::Missed;
        }
        self.missed_hops += self.missed;
        self.missed = 0;
        self.first.add(rotation1, hz1, lobe1);
        if let (Some(tone), Some((rotation, hz))) = (self.second.as_mut(), second) {
            tone.add(rotation, hz, lobe2);
        }
        // Windows that the tone fills in part are not measured.
        let full = lobes > FULL_HOP_RATIO * self.recent_power.min(self.last_power);
        let hz2 = second.map_or(0.0, |(_, hz)| hz);
        if full && self.after_full {
            self.jitter += (hz1 - self.last_hz).abs();
            self.jitter2 += (hz2 - self.last_hz2).abs();
            let change = 1.0 - (lobes / self.last_power).min(self.last_power / lobes);
            self.roughness += change;
            self.slope += change.copysign(lobes - self.last_power);
            self.steps += 1;
        }
        if full {
            self.low_hz = self.low_hz.min(self.first.hz);
            self.high_hz = self.high_hz.max(self.first.hz);
            self.measure(spectrum, lobes, total);
        }
        self.after_full = full;
        (self.last_hz, self.last_hz2) = (hz1, hz2);
        self.last_power = lobes;
        self.recent_power += 0.3 * (lobes - self.recent_power);
        self.tone_hops += 1;
        self.last = middle;
        self.confirmed |= self.tone_hops >= CONFIRM_HOPS;
        self.detect_reversal();
        HopKind::Tone
    }

    /// Measures the spectrum of a full hop.
    fn measure(&mut self, spectrum: &Spectrum, lobes: f32, total: f32) {
        self.full_hops += 1;
        let mut own = lobes;
        if own < 0.95 * total {
            let more = harmonics(&spectrum.power, self.first.bin);
            if more > 0.05 * total {
                own += more;
            }
        }
        self.shares += (own / total).min(1.0);
        self.second_harmonics += second_harmonic(&spectrum.power, self.first.hz) / lobes;
        let residual = total - own;
        if residual > 0.04 * total {
            let second = self.second.as_ref().map_or(self.first.bin, |t| t.bin);
            self.residual_peaks +=
                strongest_other(&spectrum.power, self.first.bin, second) / residual;
            self.residual_hops += 1;
        }
        self.energies += spectrum.energy;
        self.inverse_energies += 1.0 / spectrum.energy.max(1.0);
    }

    /// Counts a reversal between the phases of 60 ms ago and of now.
    fn detect_reversal(&mut self) {
        self.since_reversal += 1;
        if REVERSAL_BINS.contains(&self.first.bin)
            && self.tone_hops > 8
            && self.since_reversal > 20
            && self.history.is_reversed(self.first.mean_hz())
        {
            self.reversals += 1;
            self.since_reversal = 0;
        }
    }

    /// The peaks of its fine spectrum; all zero if the burst is too short or not where ringback pairs beat.
    fn fine_peaks(&self) -> [FinePeak; 3] {
        if self.tone_hops < FINE_MIN_HOPS || !FINE_BINS.contains(&self.first.bin) {
            return [FinePeak::default(); 3];
        }
        self.history
            .fine_peaks(self.first.bin, self.missed as usize + 2)
    }

    fn burst(&self) -> Burst {
        let n = self.full_hops.max(1) as f32;
        let full = self.recent_power.sqrt();
        let half = full / 2.0;
        let after = if self.missed == 0 {
            full
        } else {
            self.offset_power.sqrt()
        };
        let last = self.last_power.sqrt();
        let forward = if self.missed == 0 {
            0.0
        } else if after >= half {
            1.0
        } else {
            ((last - half) / (last - after).max(half)).clamp(0.0, 1.0)
        };
        let end = self.last + (forward * HOP as f32) as Samples;
        Burst {
            start: self.start,
            end: end.max(self.start),
            hz: self.first.mean_hz(),
            hz2: self.second.map_or(0.0, |t| t.mean_hz()),
            power: self.first.mean_power(),
            power2: self.second.map_or(0.0, |t| t.mean_power()),
            tone_hops: self.tone_hops,
            missed_hops: self.missed_hops,
            share: self.shares / n,
            residual_peak: self.residual_peaks / self.residual_hops.max(1) as f32,
            jitter_hz: self.jitter.max(self.jitter2) / self.steps.max(1) as f32,
            roughness: self.roughness / self.steps.max(1) as f32,
            slope: self.slope / self.steps.max(1) as f32,
            second_harmonic: self.second_harmonics / n,
            low_hz: self.low_hz,
            high_hz: self.high_hz,
            reversals: self.reversals,
            energy: self.energies / n,
            inverse_energy: self.inverse_energies / n,
            steps: self.steps,
            beating_hops: self.beating_hops,
        }
    }
}

/// Follows the tones of one stream into bursts.
#[derive(Clone, Debug, Default)]
pub(super) struct BurstTracker {
    hum: Hum,
    onset: Option<Onset>,
    active: Option<ActiveBurst>,
}

impl BurstTracker {
    /// Processes one hop. Returns the burst that ended and the peaks of its fine spectrum.
    pub fn process(&mut self, spectrum: &Spectrum) -> Option<(Burst, [FinePeak; 3])> {
        let middle = (spectrum.at + HOP as Samples).saturating_sub(HALF_WINDOW);
        let mut ended = None;
        self.hum.process(spectrum);
        if let Some(active) = &mut self.active {
            if active.process(spectrum, &self.hum, middle) == HopKind::Tone {
                self.onset = None;
                return None;
            }
            let max_missed = if active.confirmed {
                MAX_MISSED
            } else {
                MAX_MISSED_UNCONFIRMED
            };
            if active.missed > max_missed {
                ended = active
                    .confirmed
                    .then(|| (active.burst(), active.fine_peaks()));
                self.active = None;
            }
        }
        self.detect_onset(spectrum, middle);
        ended
    }

    fn detect_onset(&mut self, spectrum: &Spectrum, middle: Samples) {
        let Some(peaks) = Peaks::find(spectrum, &self.hum, MIN_LOBE) else {
            self.onset = None;
            return;
        };
        let extended = self
            .onset
            .as_mut()
            .is_some_and(|onset| onset.extend(&peaks));
        let onset = self.onset.get_or_insert_with(|| Onset::new(peaks, middle));
        if !extended {
            *onset = Onset::new(peaks, middle);
        } else if self.active.is_none() && onset.is_complete() {
            self.active = Some(ActiveBurst::new(onset, spectrum, &self.hum, middle));
            self.onset = None;
            return;
        }
        onset.store(spectrum);
    }

    /// The measurements so far of the confirmed burst that lasts, if one does.
    pub fn active(&self) -> Option<Burst> {
        self.active
            .as_ref()
            .filter(|active| active.confirmed)
            .map(ActiveBurst::burst)
    }

    /// Start of the burst that lasts, confirmed or not, or of an onset.
    pub fn since(&self) -> Option<Samples> {
        match (&self.active, &self.onset) {
            (Some(active), _) => Some(active.start),
            (None, Some(onset)) => Some(onset.first),
            (None, None) => None,
        }
    }

    /// The peaks of the fine spectrum of the burst that lasts.
    pub fn fine_peaks(&self) -> [FinePeak; 3] {
        self.active
            .as_ref()
            .map_or_else(Default::default, ActiveBurst::fine_peaks)
    }

    /// The history of the first tone's bin in the burst that lasts.
    pub fn history(&self) -> Option<&BinHistory> {
        self.active.as_ref().map(|active| &active.history)
    }
}
