//! DTMF from audio (ITU-T Q.23, Q.24): samples in, key presses out.
//!
//! Every 5 ms the front end looks at the eight frequencies through a window of 10 ms ([`Look`]). Looks that show the same
//! row and column gather into a [`Press`], and a press becomes a digit once it is long enough, at the right frequencies,
//! strong enough, within the twist, and pure enough ([`Press::is_digit`]). What makes this sharper than a bank of filters
//! with a threshold:
//!
//! - The phase of a bin against its own of 10 ms before gives the tone's frequency to about 1 Hz even in noise, so that
//!   1.5 % off is accepted and 3.5 % off refused.
//! - The same phases, added as vectors, stay in step for a tone and fall apart for speech.
//! - Purity is first the share of all energy. Where that is low (noise, a dial tone, a voice prompt), the share of the
//!   energy between 600 and 1800 Hz decides, more looks are asked for, and the rest must have been there before: what
//!   comes together with the tones belongs to them, as the other harmonics of a vowel do.
//! - A key press begins from one moment to the next, and then stays as it is.
#![forbid(unsafe_code)]

use crate::cause::Error;
use crate::dsp::bank::{Bank, Complex, Fold, GAIN, HOP, energy};
use crate::dsp::level::{amplitude_to_dbm0, db_to_power, dbm0_to_amplitude};
use crate::time::{RATE_HZ, Samples};
use once_cell::sync::Lazy;
use std::f64::consts::PI;

/// Q.23: the four rows, then the four columns.
const FREQUENCIES_HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

/// Q.23: the digit of each row and column.
const KEYS: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

/// Q.24 and ES 201 235: 1.5 % + 2 Hz must be accepted; 3 Hz more are for noise. 3.5 % lie well beyond.
const TOLERANCE_PART: f32 = 0.015;
const TOLERANCE_HZ: f32 = 5.0;

/// A grid over the band of the tones; neighbours overlap by half, so that its sum is the band's energy.
const BAND_HZ: [f64; 12] = [
    650.0, 750.0, 850.0, 950.0, 1050.0, 1150.0, 1250.0, 1350.0, 1450.0, 1550.0, 1650.0, 1750.0,
];

static TONES: Lazy<Bank<8>> = Lazy::new(|| Bank::new(FREQUENCIES_HZ));
static BAND: Lazy<Bank<12>> = Lazy::new(|| Bank::new(BAND_HZ));

/// What a tone at exactly its frequency turns by from look to look (5 ms) and over two looks (10 ms); to be undone.
static TURN: Lazy<[[Complex; 8]; 2]> = Lazy::new(|| {
    [1.0, 2.0].map(|looks| {
        FREQUENCIES_HZ
            .map(|hz| Complex::unit(-2.0 * PI * hz * looks * HOP as f64 / f64::from(RATE_HZ)))
    })
});

/// Looks that the detector remembers.
const HISTORY: usize = 4;

/// Looks of a press that are remembered and judged: 80 ms.
const MEMORY: usize = 16;

/// Looks that an interruption of 10 ms can hide; it does not break a tone.
const INTERRUPTED: u32 = 2;

/// A look counts if it is at most this far below the strongest of its press: 4.5 dB, so that of a tone of 20 ms at most
/// four count, and of one of 40 ms at least seven.
const FULL: f32 = 0.35;

/// A tone that falls by this much is over, for an echo is not the tone: 7 dB.
const FALLEN: f32 = 0.2;

/// What the detector accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// dB that the row may be above the column. AT&T: 8; NTT 5, ETSI 6, Brazil 9, Australia 10.
    pub normal_twist_db: f32,
    /// dB that the column may be above the row. AT&T: 4.
    pub reverse_twist_db: f32,
    /// Weakest level of each tone. Q.24 asks for -25 and many lines need -36 with 8 dB of twist; RFC 2833 refuses -55.
    pub min_level_dbm0: f32,
    /// Shortest tone that is always a digit. Q.24: 40.
    pub min_tone_ms: u32,
    /// Shortest pause that always divides two digits. Q.24: 40.
    pub min_pause_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            normal_twist_db: 8.0,
            reverse_twist_db: 4.0,
            min_level_dbm0: -45.0,
            min_tone_ms: 40,
            min_pause_ms: 40,
        }
    }
}

impl Limits {
    /// Whether each value is in its range.
    pub fn check(&self) -> Result<(), Error> {
        let ranges = [
            ("normal_twist_db", self.normal_twist_db, 0.0, 20.0),
            ("reverse_twist_db", self.reverse_twist_db, 0.0, 20.0),
            ("min_level_dbm0", self.min_level_dbm0, -60.0, 0.0),
            ("min_tone_ms", self.min_tone_ms as f32, 30.0, 500.0),
            ("min_pause_ms", self.min_pause_ms as f32, 30.0, 500.0),
        ];
        for (name, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(Error::invalid(format!(
                    "{name} is {value}: it must be {least} to {most}"
                )));
            }
        }
        Ok(())
    }
}

/// What was heard. Times are samples at 8 kHz since the detector was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A digit is sure; its tone goes on.
    Start {
        /// ASCII.
        digit: u8,
        /// First sample of the tone.
        start: Samples,
    },
    /// The tone is over.
    End {
        /// ASCII.
        digit: u8,
        /// First sample of the tone.
        start: Samples,
        /// First sample after the tone.
        end: Samples,
        /// Level of the row's tone.
        low_dbm0: f32,
        /// Level of the column's tone.
        high_dbm0: f32,
    },
}

/// The limits as the detector compares them.
#[derive(Clone, Copy, Debug)]
struct Thresholds {
    /// Powers of a bin, in squared amplitude.
    floor: f32,
    normal_twist: f32,
    reverse_twist: f32,
    /// Looks that a clean tone needs.
    looks: usize,
    /// Looks without the tone that end a digit.
    pause: u32,
}

/// A tone at a limit is measured a little to either side of it.
const MARGIN_DB: f32 = 1.0;

impl Thresholds {
    fn new(limits: &Limits) -> Self {
        let looks = |ms: u32| (ms * RATE_HZ / 1000) as usize / HOP;
        Self {
            floor: dbm0_to_amplitude(limits.min_level_dbm0 - MARGIN_DB).powi(2),
            normal_twist: db_to_power(limits.normal_twist_db + MARGIN_DB),
            reverse_twist: db_to_power(limits.reverse_twist_db + MARGIN_DB),
            // Of eight looks in the shortest tone, one may be lost at each end and one to noise.
            looks: looks(limits.min_tone_ms).saturating_sub(3).max(2),
            pause: looks(limits.min_pause_ms).saturating_sub(2).max(2) as u32,
        }
    }
}

/// One look at the eight frequencies.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    row: usize,
    column: usize,
    /// Squared amplitudes.
    row_power: f32,
    column_power: f32,
    /// Phase against the look before and the one before that, less what the bin's own frequency turns: row, column.
    turn_5ms: [Complex; 2],
    turn_10ms: [Complex; 2],
    /// Energy of the window; the tones' share of it, and of the energy of their band.
    energy: f32,
    share: f32,
    band_share: f32,
}

impl Look {
    fn power(&self) -> f32 {
        self.row_power + self.column_power
    }

    fn key(&self) -> (usize, usize) {
        (self.row, self.column)
    }
}

/// One stream's detector, 8 kHz.
#[derive(Clone, Debug)]
pub struct Detector {
    thresholds: Thresholds,
    now: Samples,
    hop: [i16; HOP],
    filled: usize,
    earlier: [i16; HOP],
    earlier_energy: f32,
    /// Spectra and energies of the last looks, the latest first.
    spectra: [[Complex; 8]; HISTORY],
    energies: [f32; HISTORY],
    /// The key that sounds, and a candidate beside it.
    sounding: Option<Press>,
    candidate: Option<Press>,
}

impl Detector {
    /// A detector at rest.
    pub fn new(limits: Limits) -> Self {
        Self {
            thresholds: Thresholds::new(&limits),
            now: 0,
            hop: [0; HOP],
            filled: 0,
            earlier: [0; HOP],
            earlier_energy: 0.0,
            spectra: [[Complex::default(); 8]; HISTORY],
            energies: [0.0; HISTORY],
            sounding: None,
            candidate: None,
        }
    }

    /// From now on these limits hold.
    pub fn set_limits(&mut self, limits: Limits) {
        self.thresholds = Thresholds::new(&limits);
    }

    /// Hears samples in chunks of any size; facts are appended.
    pub fn process(&mut self, mut samples: &[i16], facts: &mut Vec<Fact>) {
        while !samples.is_empty() {
            let take = samples.len().min(HOP - self.filled);
            self.hop[self.filled..self.filled + take].copy_from_slice(&samples[..take]);
            self.filled += take;
            self.now += take as Samples;
            samples = &samples[take..];
            if self.filled == HOP {
                self.filled = 0;
                self.hop_is_full(facts);
            }
        }
    }

    /// Hears that `count` samples were lost. They count as silence; a tone is held through 20 ms of it.
    pub fn gap(&mut self, count: Samples, facts: &mut Vec<Fact>) {
        // After a second of silence nothing is left that more of it could change.
        let heard = count.min(Samples::from(RATE_HZ) + count % HOP as Samples);
        for _ in 0..heard / HOP as Samples {
            self.process(&[0; HOP], facts);
        }
        self.process(&[0; HOP][..(heard % HOP as Samples) as usize], facts);
        self.now += count - heard;
    }

    /// The stream is over: a digit that lasts is ended.
    pub fn finish(&mut self, facts: &mut Vec<Fact>) {
        self.gap(HOP as Samples * 2, facts);
        self.now -= HOP as Samples * 2;
        if let Some(press) = self.sounding.take() {
            facts.push(press.end(self.now));
        }
        self.candidate = None;
    }

    /// Forgets all that it heard; the clock goes on.
    pub fn forget(&mut self) {
        self.hop = [0; HOP];
        self.earlier = [0; HOP];
        self.earlier_energy = 0.0;
        self.spectra = [[Complex::default(); 8]; HISTORY];
        self.energies = [0.0; HISTORY];
        self.sounding = None;
        self.candidate = None;
    }

    /// The sample up to which every digit that began has been told: now, unless something that may be one is sounding.
    pub fn told_until(&self) -> Samples {
        match &self.candidate {
            Some(press) => press.start().min(self.now),
            None => self.now,
        }
    }

    fn hop_is_full(&mut self, facts: &mut Vec<Fact>) {
        let look = self.look();
        let mut backwards = self.hop;
        backwards.reverse();
        self.earlier = backwards;

        if let Some(press) = &mut self.sounding
            && !press.goes_on(look.as_ref(), self.now)
            && press.missed >= self.thresholds.pause
        {
            facts.push(press.end(self.now));
            self.sounding = None;
        }
        let Some(look) = look else {
            if let Some(press) = &mut self.candidate {
                press.missed += 1;
                if press.missed > INTERRUPTED {
                    self.candidate = None;
                }
            }
            return;
        };
        // What sounds on, or comes back weakly within the pause (an echo), is no other press.
        if self.sounding.as_ref().is_some_and(|p| p.key == look.key()) {
            self.candidate = None;
            return;
        }
        let goes_on = self
            .candidate
            .as_mut()
            .is_some_and(|p| p.goes_on(Some(&look), self.now));
        // Another key may take its place; the splinters of an interruption may not.
        let replaced = |p: &Press| {
            p.missed > INTERRUPTED || (p.key != look.key() && look.power() > p.peak * FULL)
        };
        if !goes_on && self.candidate.as_ref().is_none_or(replaced) {
            // Three looks back: a first look that came late must not find its own tone there.
            let then = &self.spectra[HISTORY - 1];
            let before = Before {
                row_power: squared_amplitude(then[look.row]),
                column_power: squared_amplitude(then[4 + look.column]),
                energy: self.energies[HISTORY - 2].max(self.energies[HISTORY - 1]),
            };
            self.candidate = Some(Press::new(&look, before, self.now));
        }
        let candidate = self.candidate.as_ref().expect("set above");
        if candidate.missed == 0 && candidate.is_digit(&self.thresholds) {
            let press = self.candidate.take().expect("looked at above");
            if let Some(before) = self.sounding.take() {
                facts.push(before.end(press.start()));
            }
            facts.push(Fact::Start {
                digit: press.digit(),
                start: press.start(),
            });
            self.sounding = Some(press);
        }
    }

    /// Looks through the window of the last two hops; `None` if no key can be seen.
    fn look(&mut self) -> Option<Look> {
        let hop_energy = energy(&self.hop);
        let window_energy = hop_energy + self.earlier_energy;
        self.earlier_energy = hop_energy;
        self.energies.rotate_right(1);
        self.energies[0] = window_energy;
        self.spectra.rotate_right(1);

        // A tone of amplitude A has an energy of 40 A² in the window; nothing below half of the floor is worth a look.
        if window_energy < self.thresholds.floor * HOP as f32 / 2.0 {
            self.spectra[0] = [Complex::default(); 8];
            return None;
        }
        let fold = Fold::new(&self.earlier, &self.hop);
        let spectrum = TONES.spectrum(&fold);
        self.spectra[0] = spectrum;

        let power: [f32; 8] = spectrum.map(squared_amplitude);
        let strongest = |from: usize| {
            (from..from + 4)
                .max_by(|&a, &b| power[a].total_cmp(&power[b]))
                .unwrap_or(from)
        };
        let (row, column) = (strongest(0), strongest(4));
        let mut look = Look {
            row,
            column: column - 4,
            row_power: power[row],
            column_power: power[column],
            energy: window_energy,
            ..Look::default()
        };
        // Half the floor and twice the twist: the press is judged as a whole, a single look may be off.
        let t = &self.thresholds;
        if look.row_power.min(look.column_power) < t.floor / 2.0
            || look.row_power > look.column_power * t.normal_twist * 2.0
            || look.column_power > look.row_power * t.reverse_twist * 2.0
        {
            return None;
        }
        look.share = HOP as f32 * look.power() / window_energy;
        look.band_share = if look.share > RULES[0].share {
            1.0
        } else {
            // A Hann window spreads a tone's power over three bins 100 Hz apart as 1/4, 1, 1/4.
            let band: f32 = BAND
                .spectrum(&fold)
                .iter()
                .map(|c| c.power() / (GAIN * GAIN))
                .sum();
            1.5 * look.power() / band
        };
        if look.band_share < MIN_BAND_SHARE {
            return None;
        }
        for (i, bin) in [row, column].into_iter().enumerate() {
            look.turn_5ms[i] = spectrum[bin]
                .against(self.spectra[1][bin])
                .turned(TURN[0][bin]);
            look.turn_10ms[i] = spectrum[bin]
                .against(self.spectra[2][bin])
                .turned(TURN[1][bin]);
        }
        Some(look)
    }
}

fn squared_amplitude(bin: Complex) -> f32 {
    bin.power() / (GAIN * GAIN)
}

/// A look whose tones have less than this of their band's energy shows no key.
const MIN_BAND_SHARE: f32 = 0.4;

/// What a press must show, by how much of the energy is its own.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Looks beyond those that the shortest tone needs.
    more_looks: usize,
    /// Least share of all energy, and of the band's.
    share: f32,
    band_share: f32,
    /// Least length of the sum of the phase steps, against the sum of their lengths.
    in_step: f32,
    /// Most of each tone's power that may have been there 15 ms before.
    before: f32,
    /// Most that each tone's power may vary (standard deviation against mean).
    vary: f32,
    /// The rest of the energy must have been there before.
    rest_was_there: bool,
}

/// Found on clean and disturbed key presses by [generators](../../tests) and on an hour of speech and music; a press
/// must satisfy one of them.
const RULES: [Rule; 6] = [
    // A tone and hardly anything else.
    Rule {
        more_looks: 1,
        share: 0.88,
        band_share: 0.88,
        in_step: 0.92,
        before: 0.2,
        vary: 0.35,
        rest_was_there: false,
    },
    // The same with an echo or an interruption: its level varies, its phase does not.
    Rule {
        more_looks: 1,
        share: 0.88,
        band_share: 0.88,
        in_step: 0.98,
        before: 0.2,
        vary: 0.5,
        rest_was_there: false,
    },
    // In noise 6 dB below the tones.
    Rule {
        more_looks: 1,
        share: 0.65,
        band_share: 0.88,
        in_step: 0.85,
        before: 0.2,
        vary: 0.4,
        rest_was_there: true,
    },
    // In noise 3 dB below the tones.
    Rule {
        more_looks: 3,
        share: 0.5,
        band_share: 0.87,
        in_step: 0.93,
        before: 0.25,
        vary: 0.36,
        rest_was_there: true,
    },
    // Over a dial tone, up to 6 dB above the digits.
    Rule {
        more_looks: 2,
        share: 0.05,
        band_share: 0.92,
        in_step: 0.93,
        before: 0.15,
        vary: 0.35,
        rest_was_there: true,
    },
    // A long press that stays what it is, whatever else there is.
    Rule {
        more_looks: 8,
        share: 0.5,
        band_share: 0.83,
        in_step: 0.94,
        before: 0.2,
        vary: 0.4,
        rest_was_there: false,
    },
];

/// What counts as having been there: noise of 10 ms may be this much more than that of 10 ms before.
const REST_GROWS: f32 = 2.5;

/// What was there 15 ms before a press: squared amplitudes at its tones, and all energy.
#[derive(Clone, Copy, Debug)]
struct Before {
    row_power: f32,
    column_power: f32,
    energy: f32,
}

/// Looks of one key, one after the other.
#[derive(Clone, Debug)]
struct Press {
    key: (usize, usize),
    before: Before,
    looks: [Look; MEMORY],
    count: usize,
    /// Moment (a window's middle) of the first and the latest look, and the powers that tell where the edges are.
    first: Samples,
    latest: Samples,
    rise: [f32; 3],
    fall: f32,
    peak: f32,
    /// Looks since the latest that showed the key.
    missed: u32,
    /// Sums of powers of looks that stand between others: free of the edges.
    row_sum: f32,
    column_sum: f32,
    summed: u32,
}

impl Press {
    fn new(look: &Look, before: Before, now: Samples) -> Self {
        let middle = now.saturating_sub(HOP as Samples);
        let mut press = Self {
            key: look.key(),
            before,
            looks: [Look::default(); MEMORY],
            count: 0,
            first: middle,
            latest: middle,
            rise: [0.0; 3],
            fall: 0.0,
            peak: 0.0,
            missed: 0,
            row_sum: 0.0,
            column_sum: 0.0,
            summed: 0,
        };
        press.add(look, now);
        press
    }

    fn digit(&self) -> u8 {
        KEYS[self.key.0][self.key.1]
    }

    fn add(&mut self, look: &Look, now: Samples) {
        if self.count >= 2 && self.missed == 0 {
            let before = &self.looks[(self.count - 1) % MEMORY];
            self.row_sum += before.row_power;
            self.column_sum += before.column_power;
            self.summed += 1;
        }
        if self.count < self.rise.len() {
            self.rise[self.count] = look.power();
        }
        self.looks[self.count % MEMORY] = *look;
        self.count += 1;
        self.peak = self.peak.max(look.power());
        self.latest = now - HOP as Samples;
        self.missed = 0;
        self.fall = 0.0;
    }

    /// Takes the look in if it shows this key at its strength; counts it as missed otherwise.
    fn goes_on(&mut self, look: Option<&Look>, now: Samples) -> bool {
        match look {
            Some(look) if look.key() == self.key && look.power() > self.peak * FALLEN => {
                self.add(look, now);
                true
            }
            look => {
                if self.missed == 0 {
                    self.fall = look
                        .filter(|l| l.key() == self.key)
                        .map_or(0.0, Look::power);
                }
                self.missed += 1;
                false
            }
        }
    }

    /// Whether what has been seen is a digit.
    fn is_digit(&self, t: &Thresholds) -> bool {
        let seen = &self.looks[..self.count.min(MEMORY)];
        let peak = seen.iter().map(Look::power).fold(0.0, f32::max);
        let full = || seen.iter().filter(|l| l.power() >= peak * FULL);
        let count = full().count();
        if count < t.looks {
            return false;
        }
        let mean = |f: fn(&Look) -> f32| full().map(f).sum::<f32>() / count as f32;
        let (row, column) = (mean(|l| l.row_power), mean(|l| l.column_power));
        if row.min(column) < t.floor
            || row > column * t.normal_twist
            || column > row * t.reverse_twist
        {
            return false;
        }
        let in_step = |tone: usize| {
            let bin = if tone == 0 {
                self.key.0
            } else {
                4 + self.key.1
            };
            let (mut slow, mut fast, mut length) = (Complex::default(), Complex::default(), 0.0);
            for look in full() {
                slow = slow.plus(look.turn_10ms[tone]);
                fast = fast.plus(look.turn_5ms[tone]);
                length += look.turn_10ms[tone].power().sqrt();
            }
            let tolerance = FREQUENCIES_HZ[bin] as f32 * TOLERANCE_PART + TOLERANCE_HZ;
            let off_hz = slow.phase() * 100.0 / std::f32::consts::TAU;
            // Over 10 ms, 100 Hz off look like none; over 5 ms they do not.
            let coarse_hz = fast.phase() * 200.0 / std::f32::consts::TAU;
            if off_hz.abs() > tolerance || coarse_hz.abs() > tolerance + 15.0 {
                return 0.0;
            }
            slow.power().sqrt() / length.max(1e-9)
        };
        let vary = |f: fn(&Look) -> f32, mean: f32| {
            let variance = full().map(|l| (f(l) - mean).powi(2)).sum::<f32>() / count as f32;
            variance.sqrt() / mean
        };
        let in_step = in_step(0).min(in_step(1));
        let vary = vary(|l| l.row_power, row).max(vary(|l| l.column_power, column));
        let before = (self.before.row_power / row).max(self.before.column_power / column);
        let energy = mean(|l| l.energy);
        let share = HOP as f32 * (row + column) / energy;
        let band_share = mean(|l| l.band_share);
        let rest = energy * (1.0 - share);
        RULES.iter().any(|rule| {
            count >= t.looks + rule.more_looks
                && share >= rule.share
                && band_share >= rule.band_share
                && in_step >= rule.in_step
                && before <= rule.before
                && vary <= rule.vary
                && (!rule.rest_was_there || rest <= self.before.energy * REST_GROWS)
        })
    }

    /// Where the tone began: a window that it fills by half shows half of its amplitude.
    fn start(&self) -> Samples {
        let half = self.peak / 4.0;
        let full_at = self.rise[..self.count.min(3)]
            .iter()
            .position(|&p| p >= half)
            .unwrap_or(0);
        let at = self.first + (full_at * HOP) as Samples;
        let above = self.rise[full_at].sqrt();
        let below = if full_at == 0 {
            0.0
        } else {
            self.rise[full_at - 1].sqrt()
        };
        let full = self.peak.sqrt();
        let back = if above > below {
            (above - full / 2.0) / (full / 2.0).max(above - below)
        } else {
            0.0
        };
        at.saturating_sub((back.clamp(0.0, 1.0) * HOP as f32) as Samples)
    }

    fn end(&self, now: Samples) -> Fact {
        let n = self.summed.max(1) as f32;
        let (row, column) = if self.summed > 0 {
            (self.row_sum / n, self.column_sum / n)
        } else {
            let last = &self.looks[(self.count - 1) % MEMORY];
            (last.row_power, last.column_power)
        };
        let full = self.peak.sqrt();
        let above = self.looks[(self.count - 1) % MEMORY]
            .power()
            .sqrt()
            .min(full);
        let below = self.fall.sqrt();
        let on = ((above - full / 2.0) / (full / 2.0).max(above - below)).clamp(0.0, 1.0);
        let start = self.start();
        Fact::End {
            digit: self.digit(),
            start,
            end: (self.latest + (on * HOP as f32) as Samples).clamp(start, now.max(start)),
            low_dbm0: amplitude_to_dbm0(row.sqrt()),
            high_dbm0: amplitude_to_dbm0(column.sqrt()),
        }
    }
}
