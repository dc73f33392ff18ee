//! What the detector sees: every 5 ms the eight frequencies, through a window of 10 ms.
#![forbid(unsafe_code)]

use super::Thresholds;
use crate::dsp::bank::{Bank, Complex, Fold, HOP, Spectrum, energy};
use crate::time::RATE_HZ;
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// Q.23: the four rows, then the four columns.
pub(super) const FREQUENCIES_HZ: [f64; 8] =
    [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

/// A grid over the band of the tones; neighbours overlap by half, so that its sum is the band's energy.
const BAND_HZ: [f64; 12] = [
    650.0, 750.0, 850.0, 950.0, 1050.0, 1150.0, 1250.0, 1350.0, 1450.0, 1550.0, 1650.0, 1750.0,
];

/// What is computed once.
struct Tables {
    tones: Bank<8>,
    band: Bank<12>,
    /// What a tone at exactly its frequency turns by in 5 and in 10 ms; to be undone.
    turn_5ms: [Complex; 8],
    turn_10ms: [Complex; 8],
}

static TABLES: Lazy<Tables> = Lazy::new(|| {
    let turn = |hops: usize| {
        FREQUENCIES_HZ
            .map(|hz| Complex::unit(-2.0 * PI * hz * (hops * HOP) as f64 / f64::from(RATE_HZ)))
    };
    Tables {
        tones: Bank::new(FREQUENCIES_HZ),
        band: Bank::new(BAND_HZ),
        turn_5ms: turn(1),
        turn_10ms: turn(2),
    }
});

/// Share of all energy above which a tone is clean, and nobody asks for its band's.
pub(super) const CLEAN: f32 = 0.88;

/// A look whose tones have less than this of their band's energy shows no key.
const MIN_BAND_SHARE: f32 = 0.4;

/// A look whose tones have less than this of all energy shows none either: 13 dB.
const MIN_SHARE: f32 = 0.05;

/// Sine against cosine of what 40 Hz turn in 5 ms.
const OFF_40_HZ: f32 = 3.08;

/// Looks that are remembered.
const HISTORY: usize = 4;

/// One look at the eight frequencies.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ToneFrame {
    pub row: usize,
    pub column: usize,
    /// Squared amplitudes.
    pub row_power: f32,
    pub column_power: f32,
    /// Phases against those of 10 ms before, less what the bins' own frequencies turn.
    pub turn: [Complex; 2],
    /// Energy of the window, and the tones' share of that of their band.
    pub energy: f32,
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

/// What a window held, whether it showed a key or not.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    spectrum: Spectrum<8>,
    energy: f32,
}

/// What was there 15 ms before a press: squared amplitudes at its tones, and all energy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    pub row_power: f32,
    pub column_power: f32,
    pub energy: f32,
}

/// Gathers samples into hops, and looks once one is full.
#[derive(Clone, Debug, Default)]
pub(super) struct FrameAnalyzer {
    hop: Hop,
    filled: usize,
    /// The hop before, backwards.
    earlier: Hop,
    earlier_energy: f32,
    /// The last looks' spectra and energies; `latest` is the place of the latest.
    history: [Moment; HISTORY],
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
    /// Takes samples until a hop is full; answers how many it took, and whether it is.
    pub fn take(&mut self, samples: &[i16]) -> (usize, bool) {
        let count = samples.len().min(HOP - self.filled);
        self.hop.0[self.filled..self.filled + count].copy_from_slice(&samples[..count]);
        self.filled += count;
        if self.filled < HOP {
            return (count, false);
        }
        self.filled = 0;
        (count, true)
    }

    /// Forgets what it saw; a hop that is half full goes on.
    pub fn forget(&mut self) {
        *self = Self {
            filled: self.filled,
            ..Self::default()
        };
    }

    /// Looks through the window of the last two hops.
    pub fn look(&mut self, t: &Thresholds) -> Option<ToneFrame> {
        let look = self.see(t);
        self.earlier.0 = self.hop.0;
        self.earlier.0.reverse();
        look
    }

    /// What was there 15 ms before this look, which is the latest: far enough back that a first look that came late does
    /// not find its own tone there.
    pub fn before(&self, look: &ToneFrame) -> Before {
        let then = self.ago(3);
        Before {
            row_power: then.spectrum.squared_amplitude(look.row),
            column_power: then.spectrum.squared_amplitude(4 + look.column),
            energy: self.ago(2).energy.max(then.energy),
        }
    }

    /// `None` if no key can be seen.
    fn see(&mut self, t: &Thresholds) -> Option<ToneFrame> {
        let hop_energy = energy(&self.hop.0);
        let window_energy = hop_energy + self.earlier_energy;
        self.earlier_energy = hop_energy;
        self.latest = (self.latest + 1) % HISTORY;

        // A tone of amplitude A has an energy of 40 A² in the window; nothing below half of the floor is worth a look.
        if window_energy < t.floor * HOP as f32 / 2.0 {
            self.history[self.latest] = Moment {
                energy: window_energy,
                ..Moment::default()
            };
            return None;
        }
        let tables = &*TABLES;
        let fold = Fold::new(&self.earlier.0, &self.hop.0);
        let spectrum = tables.tones.spectrum(&fold);
        self.history[self.latest] = Moment {
            spectrum,
            energy: window_energy,
        };

        let power = spectrum.squared_amplitudes();
        let stronger = |a: usize, b: usize| if power[b] > power[a] { b } else { a };
        let strongest = |at: usize| stronger(stronger(at, at + 1), stronger(at + 2, at + 3));
        let bins = [strongest(0), strongest(4)];
        let [row_power, column_power] = bins.map(|bin| power[bin]);
        let share = HOP as f32 * (row_power + column_power) / window_energy;
        // Half the floor and twice the twist: the press is judged as a whole, a single look may be off.
        if row_power.min(column_power) < t.floor / 2.0
            || row_power > column_power * t.normal_twist * 2.0
            || column_power > row_power * t.reverse_twist * 2.0
            || share < MIN_SHARE
        {
            return None;
        }
        let (one, two) = (self.ago(1), self.ago(2));
        let turn_5ms = bins.map(|b| {
            spectrum
                .bin(b)
                .against(one.spectrum.bin(b))
                .turned(tables.turn_5ms[b])
        });
        // A tone that sounded 5 ms ago has a phase to compare with; what is 40 Hz off is no key.
        let off = |i: usize| {
            one.spectrum.squared_amplitude(bins[i]) * 2.0 > power[bins[i]]
                && turn_5ms[i].im.abs() > OFF_40_HZ * turn_5ms[i].re
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
        let band_share = if share > CLEAN { 1.0 } else { band() };
        if band_share < MIN_BAND_SHARE {
            return None;
        }
        Some(ToneFrame {
            row: bins[0],
            column: bins[1] - 4,
            row_power,
            column_power,
            turn: bins.map(|b| {
                spectrum
                    .bin(b)
                    .against(two.spectrum.bin(b))
                    .turned(tables.turn_10ms[b])
            }),
            energy: window_energy,
            band_share,
        })
    }

    /// The moment `looks` looks before the latest.
    fn ago(&self, looks: usize) -> &Moment {
        &self.history[(self.latest + HISTORY - looks) % HISTORY]
    }
}
