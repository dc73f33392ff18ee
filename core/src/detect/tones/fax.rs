//! Tones of fax machines and modems: CNG, and the variants of CED.
#![forbid(unsafe_code)]

use super::bin_history::BinHistory;
use super::burst::Burst;
use super::context::Context;
use crate::detect::fact::Fax;
use crate::detect::stft::{HOP, Spectrum};
use crate::time::{Samples, from_ms};
use crate::types::FaxTone;

/// T.30: CED has 2100 Hz +-15 Hz; the tolerance includes the measurement error.
const CED_HZ: f32 = 2100.0;
const CED_TOLERANCE_HZ: f32 = 24.0;

/// Time after which CED is reported: late enough for the phase reversal at 450 +-25 ms.
const CED_MS: u64 = 540;

/// Minimum share of the hops that show the tone.
const CED_MIN_HOPS_RATIO: f32 = 0.7;

/// V.8: ANSam is modulated by 15 Hz with a depth of 0.2.
const AM_HZ: f32 = 15.0;
const MIN_AM_DEPTH: f32 = 0.1;

/// T.30: CNG has 1100 Hz +-38 Hz for 0.5 s +-15 %, then 3 s +-15 % of silence; the limits include the measurement error.
const CNG_HZ: f32 = 1100.0;
const CNG_TOLERANCE_HZ: f32 = 43.0;
const CNG_ON_MS: std::ops::RangeInclusive<u64> = 412..=588;
const CNG_PERIOD_MS: std::ops::RangeInclusive<u64> = 2950..=4050;

/// Silence after which a single CNG burst is reported.
const CNG_SILENCE_MS: u64 = 200;

/// Loud hops that are tolerated meanwhile.
const CNG_MAX_LOUD_HOPS: u32 = 5;

/// V.25: the calling tone of a modem, 1300 Hz for 0.5 to 0.7 s. It is not reported, but it is not a beep either.
const CALLING_HZ: std::ops::RangeInclusive<f32> = 1280.0..=1320.0;
const CALLING_MS: std::ops::RangeInclusive<u64> = 450..=750;

/// The fax tone detector of one stream.
#[derive(Clone, Debug, Default)]
pub(super) struct FaxDetector {
    /// Start of the burst that was reported last.
    reported: Option<Samples>,
    /// A single CNG burst until the silence after it is long enough, and the loud hops meanwhile.
    pending: Option<(Burst, u32)>,
    /// Start of the previous CNG burst.
    last_cng: Option<Samples>,
    cng_reported: bool,
}

fn is_ced(burst: &Burst) -> bool {
    (burst.hz - CED_HZ).abs() <= CED_TOLERANCE_HZ && burst.hz2 == 0.0
}

fn is_cng(burst: &Burst) -> bool {
    (burst.hz - CNG_HZ).abs() <= CNG_TOLERANCE_HZ
        && burst.hz2 == 0.0
        && CNG_ON_MS.contains(&(burst.length() / from_ms(1)))
}

fn is_calling(burst: &Burst) -> bool {
    CALLING_HZ.contains(&burst.hz)
        && burst.hz2 == 0.0
        && CALLING_MS.contains(&(burst.length() / from_ms(1)))
}

impl FaxDetector {
    /// Evaluates a steady burst that lasts. Returns CED or a variant of it, once for each burst.
    pub fn burst_active(
        &mut self,
        active: &Burst,
        history: &BinHistory,
        now: Samples,
    ) -> Option<Fax> {
        if !is_ced(active)
            || self.reported == Some(active.start)
            || now < active.start + from_ms(CED_MS)
        {
            return None;
        }
        let hops = (now - active.start) as f32 / HOP as f32;
        if (active.tone_hops as f32) < CED_MIN_HOPS_RATIO * hops {
            return None;
        }
        self.reported = Some(active.start);
        let tone = if history.modulation(AM_HZ, 0) > MIN_AM_DEPTH {
            FaxTone::Ansam
        } else if active.reversals > 0 {
            FaxTone::AnsPr
        } else {
            FaxTone::Ced
        };
        Some(Fax {
            tone,
            start: active.start,
            at: now,
        })
    }

    /// Evaluates a burst that has ended. Returns whether it is a tone of a fax machine or modem, and CNG when it is identified.
    pub fn burst_ended(
        &mut self,
        burst: &Burst,
        context: &Context,
        now: Samples,
    ) -> (bool, Option<Fax>) {
        if self.reported == Some(burst.start) {
            return (true, None);
        }
        self.pending = None;
        if !is_cng(burst) {
            return (is_calling(burst) && !context.has_voice(), None);
        }
        let previous = self.last_cng.replace(burst.start);
        if self.cng_reported {
            return (true, None);
        }
        let repeated =
            previous.is_some_and(|at| CNG_PERIOD_MS.contains(&((burst.start - at) / from_ms(1))));
        if repeated {
            return (true, Some(self.report_cng(burst, now)));
        }
        if context.has_voice() {
            return (false, None);
        }
        self.pending = Some((*burst, 0));
        (true, None)
    }

    /// Whether a burst that has ended may still be CNG.
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Processes a hop. Returns the pending CNG once its silence is complete.
    pub fn process(&mut self, spectrum: &Spectrum, context: &Context) -> Option<Fax> {
        let (burst, loud_hops) = self.pending.as_mut()?;
        if spectrum.at < burst.end + from_ms(20) {
            return None;
        }
        if spectrum.energy > (burst.energy / 4.0).max(2.5 * context.noise()) {
            *loud_hops += 1;
            if *loud_hops > CNG_MAX_LOUD_HOPS {
                self.pending = None;
            }
            return None;
        }
        if spectrum.at < burst.end + from_ms(CNG_SILENCE_MS) {
            return None;
        }
        let burst = *burst;
        self.pending = None;
        Some(self.report_cng(&burst, spectrum.at + HOP as Samples))
    }

    fn report_cng(&mut self, burst: &Burst, now: Samples) -> Fax {
        self.cng_reported = true;
        Fax {
            tone: FaxTone::Cng,
            start: burst.start,
            at: now,
        }
    }
}
