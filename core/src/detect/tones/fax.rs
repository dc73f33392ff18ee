//! The tones of fax machines and modems: CNG, and the kinds of CED.
#![forbid(unsafe_code)]

use super::bin_history::BinHistory;
use super::burst::Burst;
use super::context::Context;
use crate::detect::fact::Fax;
use crate::detect::stft::{HOP, Spectrum};
use crate::time::{Samples, from_ms};
use crate::types::FaxTone;

/// T.30: 2100 +-15 Hz, and the error of the measure.
const CED_HZ: f32 = 2100.0;
const CED_OFF_HZ: f32 = 24.0;

/// Told after this: a phase reversal at 450 +-25 ms has been seen.
const CED_MS: u64 = 540;

/// Of the hops so far, at least this part shows the tone.
const CED_GOOD: f32 = 0.7;

/// V.8: 15 Hz at 20 %.
const AM_HZ: f32 = 15.0;
const AM_DEPTH: f32 = 0.1;

/// T.30: 1100 +-38 Hz for 0.5 s +-15 %, then 3 s +-15 %, and the error of the measure.
const CNG_HZ: f32 = 1100.0;
const CNG_OFF_HZ: f32 = 43.0;
const CNG_ON_MS: std::ops::RangeInclusive<u64> = 412..=588;
const CNG_EVERY_MS: std::ops::RangeInclusive<u64> = 2950..=4050;

/// Silence that follows a first CNG that stands for itself.
const CNG_QUIET_MS: u64 = 200;

/// And sound that is let pass meanwhile.
const CNG_LOUD: u32 = 5;

/// V.25: a modem that calls, 1300 Hz for 0.5 to 0.7 s. Nothing is told of it, but it is no beep.
const CALLING_HZ: std::ops::RangeInclusive<f32> = 1280.0..=1320.0;
const CALLING_MS: std::ops::RangeInclusive<u64> = 450..=750;

/// Looks for fax machines.
#[derive(Clone, Debug, Default)]
pub(super) struct Faxes {
    /// This burst has been told, by its start.
    told: Option<Samples>,
    /// A first CNG that waits for its silence, and hops of sound meanwhile.
    waiting: Option<(Burst, u32)>,
    /// The start of the CNG before.
    before: Option<Samples>,
    /// CNG has been told.
    cng: bool,
}

/// Whether it is 2100 Hz.
fn is_ced(burst: &Burst) -> bool {
    (burst.hz - CED_HZ).abs() <= CED_OFF_HZ && burst.hz2 == 0.0
}

fn is_cng(burst: &Burst) -> bool {
    (burst.hz - CNG_HZ).abs() <= CNG_OFF_HZ
        && burst.hz2 == 0.0
        && CNG_ON_MS.contains(&(burst.length() / from_ms(1)))
}

fn is_calling(burst: &Burst) -> bool {
    CALLING_HZ.contains(&burst.hz)
        && burst.hz2 == 0.0
        && CALLING_MS.contains(&(burst.length() / from_ms(1)))
}

impl Faxes {
    /// A tone sounds for sure.
    pub fn sounds(&mut self, live: &Burst, line: &BinHistory, now: Samples) -> Option<Fax> {
        if !is_ced(live) || self.told == Some(live.start) || now < live.start + from_ms(CED_MS) {
            return None;
        }
        let hops = (now - live.start) as f32 / HOP as f32;
        if (live.good as f32) < CED_GOOD * hops {
            return None;
        }
        self.told = Some(live.start);
        let tone = if line.modulation(AM_HZ, 0) > AM_DEPTH {
            FaxTone::Ansam
        } else if live.reversals > 0 {
            FaxTone::AnsPr
        } else {
            FaxTone::Ced
        };
        Some(Fax {
            tone,
            start: live.start,
            at: now,
        })
    }

    /// A burst is over: whether it is a fax machine's.
    pub fn add(&mut self, burst: &Burst, scene: &Context, now: Samples) -> (bool, Option<Fax>) {
        if self.told == Some(burst.start) {
            return (true, None);
        }
        self.waiting = None;
        if !is_cng(burst) {
            return (is_calling(burst) && !scene.voice(), None);
        }
        let before = self.before.replace(burst.start);
        if self.cng {
            return (true, None);
        }
        let again =
            before.is_some_and(|at| CNG_EVERY_MS.contains(&((burst.start - at) / from_ms(1))));
        if again {
            return (true, Some(self.tell(burst, now)));
        }
        if scene.voice() {
            return (false, None);
        }
        self.waiting = Some((*burst, 0));
        (true, None)
    }

    /// A hop after a CNG.
    pub fn see(&mut self, spectrum: &Spectrum, scene: &Context) -> Option<Fax> {
        let (burst, loud) = self.waiting.as_mut()?;
        if spectrum.at < burst.end + from_ms(20) {
            return None;
        }
        if spectrum.energy > (burst.energy / 4.0).max(2.5 * scene.noise()) {
            *loud += 1;
            if *loud > CNG_LOUD {
                self.waiting = None;
            }
            return None;
        }
        if spectrum.at < burst.end + from_ms(CNG_QUIET_MS) {
            return None;
        }
        let burst = *burst;
        self.waiting = None;
        Some(self.tell(&burst, spectrum.at + HOP as Samples))
    }

    fn tell(&mut self, burst: &Burst, now: Samples) -> Fax {
        self.cng = true;
        Fax {
            tone: FaxTone::Cng,
            start: burst.start,
            at: now,
        }
    }
}
