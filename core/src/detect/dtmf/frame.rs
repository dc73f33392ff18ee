//! Analysis frames: the eight DTMF frequencies every 5 ms, through a Hann window of 10 ms.
#![forbid(unsafe_code)]

use super::Thresholds;
use crate::dsp::bank::{Bank, Complex, Fold, HOP, Spectrum, energy};
use crate::time::RATE_HZ;
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// Q.23: the four rows, then the four columns.
pub(super) const FREQUENCIES_HZ: [f64; 8] =
    [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

/// A grid over the band of the tones. Adjacent bins overlap by half, so their sum is the energy of the band.
const BAND_HZ: [f64; 12] = [
    650.0, 750.0, 850.0, 950.0, 1050.0, 1150.0, 1250.0, 1350.0, 1450.0, 1550.0, 1650.0, 1750.0,
];

/// Tables computed at first use and shared by all detectors.
struct Tables {
    tones: Bank<8>,
    band: Bank<12>,
    /// For each frequency, the rotation that cancels its phase advance over 5 and over 10 ms.
    derotation_5ms: [Complex; 8],
    derotation_10ms: [Complex; 8],
}

static TABLES: Lazy<Tables> = Lazy::new(|| {
    let derotation = |hops: usize| {
        FREQUENCIES_HZ
            .map(|hz| Complex::unit(-2.0 * PI * hz * (hops * HOP) as f64 / f64::from(RATE_HZ)))
    };
    Tables {
        tones: Bank::new(FREQUENCIES_HZ),
        band: Bank::new(BAND_HZ),
        derotation_5ms: derotation(1),
        derotation_10ms: derotation(2),
    }
});

/// Share of the window's energy above which the tones are clean. The share of the band is then not computed.
pub(super) const CLEAN_SHARE: f32 = 0.88;

/// Minimum share of the band's energy that the two tones of a frame have.
const MIN_BAND_SHARE: f32 = 0.4;

/// Minimum share of the window's energy that the two tones of a frame have: -13 dB.
const MIN_SHARE: f32 = 0.05;

/// Tangent of the phase by which a tone 40 Hz off its nominal frequency advances in 5 ms.
const TAN_40_HZ: f32 = 3.08;

/// Windows kept for comparison: 20 ms.
const HISTORY: usize = 4;

/// The strongest row and the strongest column of one window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ToneFrame {
    pub row: usize,
    pub column: usize,
    /// Squared amplitudes.
    pub row_power: f32,
    pub column_power: f32,
    /// Phase advance of row and column over 10 ms, relative to their nominal frequencies.
    pub rotation: [Complex; 2],
    /// Energy of the window.
    pub energy: f32,
    /// Share of the tones in the energy of their band, 600 to 1800 Hz.
    pub band_share: f32,
}

impl ToneFrame {
    pub fn power(&self) -> f32 {
        self.row_power + self.column_power
    }

    pub fn key(&self) -> (usize, usize) {
        (self.row, self.column)
    }
}

/// Spectrum and energy of a window, with or without a key in it.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    spectrum: Spectrum<8>,
    energy: f32,
}

/// The signal 15 ms before a candidate: squared amplitudes at its two frequencies, and the total energy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Background {
    pub row_power: f32,
    pub column_power: f32,
    pub energy: f32,
}

/// Collects samples into hops of 5 ms and analyzes each window of two hops.
#[derive(Clone, Debug, Default)]
pub(super) struct FrameAnalyzer {
    hop: Hop,
    filled: usize,
    /// The previous hop, last sample first.
    previous_reversed: Hop,
    previous_energy: f32,
    /// A ring of the latest windows; `latest` is the index of the newest.
    history: [Window; HISTORY],
    latest: usize,
}

#[derive(Clone, Debug)]
#[repr(align(64))]
struct Hop([i16; HOP]);

impl Default for Hop {
    fn default() -> Self {
        Self([0; HOP])
    }
}

impl FrameAnalyzer {
    /// Copies samples until the hop is full. Returns the number of samples copied, and whether the hop is full.
    pub fn push(&mut self, samples: &[i16]) -> (usize, bool) {
        let count = samples.len().min(HOP - self.filled);
        self.hop.0[self.filled..self.filled + count].copy_from_slice(&samples[..count]);
        self.filled += count;
        if self.filled < HOP {
            return (count, false);
        }
        self.filled = 0;
        (count, true)
    }

    /// Clears the history. A partly filled hop continues.
    pub fn reset(&mut self) {
        *self = Self {
            filled: self.filled,
            ..Self::default()
        };
    }

    /// Analyzes the window of the last two hops. Returns `None` if it shows no key.
    pub fn analyze(&mut self, t: &Thresholds) -> Option<ToneFrame> {
        let frame = self.analyze_window(t);
        self.previous_reversed.0 = self.hop.0;
        self.previous_reversed.0.reverse();
        frame
    }

    /// The background of `frame`, which must be the latest: 15 ms back, so that a first frame that came late does not find
    /// its own tone there.
    pub fn background(&self, frame: &ToneFrame) -> Background {
        let window = self.window(3);
        Background {
            row_power: window.spectrum.squared_amplitude(frame.row),
            column_power: window.spectrum.squared_amplitude(4 + frame.column),
            energy: self.window(2).energy.max(window.energy),
        }
    }

    fn analyze_window(&mut self, t: &Thresholds) -> Option<ToneFrame> {
        let hop_energy = energy(&self.hop.0);
        let window_energy = hop_energy + self.previous_energy;
        self.previous_energy = hop_energy;
        self.latest = (self.latest + 1) % HISTORY;

        // A tone of amplitude A has an energy of 40 A² in the window. Below half of the minimum level there is no key.
        if window_energy < t.min_power * HOP as f32 / 2.0 {
            self.history[self.latest] = Window {
                energy: window_energy,
                ..Window::default()
            };
            return None;
        }
        let tables = &*TABLES;
        let fold = Fold::new(&self.previous_reversed.0, &self.hop.0);
        let spectrum = tables.tones.spectrum(&fold);
        self.history[self.latest] = Window {
            spectrum,
            energy: window_energy,
        };

        let power = spectrum.squared_amplitudes();
        let stronger = |a: usize, b: usize| if power[b] > power[a] { b } else { a };
        let strongest = |at: usize| stronger(stronger(at, at + 1), stronger(at + 2, at + 3));
        let bins = [strongest(0), strongest(4)];
        let [row_power, column_power] = bins.map(|bin| power[bin]);
        let share = HOP as f32 * (row_power + column_power) / window_energy;
        // Half of the minimum level and twice the twist: the limits apply to the whole candidate, one frame may exceed them.
        if row_power.min(column_power) < t.min_power / 2.0
            || row_power > column_power * t.normal_twist * 2.0
            || column_power > row_power * t.reverse_twist * 2.0
            || share < MIN_SHARE
        {
            return None;
        }
        let (one, two) = (self.window(1), self.window(2));
        let rotation_5ms = bins.map(|b| {
            spectrum
                .bin(b)
                .mul_conj(one.spectrum.bin(b))
                .rotated(tables.derotation_5ms[b])
        });
        // The phase is comparable only if the tone was present 5 ms ago. A tone 40 Hz off belongs to no key.
        let off = |i: usize| {
            one.spectrum.squared_amplitude(bins[i]) * 2.0 > power[bins[i]]
                && rotation_5ms[i].im.abs() > TAN_40_HZ * rotation_5ms[i].re
        };
        if off(0) || off(1) {
            return None;
        }
        // A Hann window spreads a tone's power over three bins 100 Hz apart as 1/4, 1, 1/4.
        let band = || {
            1.5 * (row_power + column_power)
                / tables
                    .band
                    .spectrum(&fold)
                    .squared_amplitudes()
                    .iter()
                    .sum::<f32>()
        };
        let band_share = if share > CLEAN_SHARE { 1.0 } else { band() };
        if band_share < MIN_BAND_SHARE {
            return None;
        }
        Some(ToneFrame {
            row: bins[0],
            column: bins[1] - 4,
            row_power,
            column_power,
            rotation: bins.map(|b| {
                spectrum
                    .bin(b)
                    .mul_conj(two.spectrum.bin(b))
                    .rotated(tables.derotation_10ms[b])
            }),
            energy: window_energy,
            band_share,
        })
    }

    /// The window `hops` hops before the latest.
    fn window(&self, hops: usize) -> &Window {
        &self.history[(self.latest + HISTORY - hops) % HISTORY]
    }
}
