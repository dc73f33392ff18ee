//! When the log-odds of a machine are enough for a verdict.
//!
//! While voice lasts, only MACHINE can be decided. In the pause after it, the highest log-odds that give HUMAN depend on the length
//! of the pause: a short "hello?" gets its verdict at once, a whole sentence of 1.5 s, which may be the first of a greeting, a
//! longer look. `sensitivity` moves all log-odds. `tools/train/decision.py` has the same rules and chose the numbers.
#![forbid(unsafe_code)]

use super::Answerer;

/// While voice lasts: the voice, s, from which on MACHINE can be decided, and the lowest log-odds of a machine that decide it there.
const VOICE_SECONDS: f32 = 1.3;
const VOICE_MACHINE: f32 = 1.5;

/// The same after much voice; in between, the log-odds are interpolated.
const LONG_VOICE_SECONDS: f32 = 3.5;
const LONG_VOICE_MACHINE: f32 = 0.5;

/// Shortest pause that decides, s, and highest log-odds of a machine that decide HUMAN there.
const SHORT_PAUSE_SECONDS: f32 = 0.6;
const SHORT_PAUSE_HUMAN: f32 = -0.8;

/// Pause that decides in any case, s, and highest log-odds of a machine that decide HUMAN there.
const LONG_PAUSE_SECONDS: f32 = 1.75;
const LONG_PAUSE_HUMAN: f32 = -0.1;

/// The same at this share of the way from the short to the long pause; in between, the limit is interpolated.
const MIDDLE: f32 = 0.4;
const MIDDLE_HUMAN: f32 = -1.2;

/// In a pause: lowest log-odds of a machine that decide MACHINE.
const PAUSE_MACHINE: f32 = 2.5;

/// Lowest log-odds of a voice against noise at which somebody is heard.
pub const MIN_VOICE: f32 = -0.7;

/// Log-odds by which `sensitivity` 0 and 100 differ from 50.
const SENSITIVITY_LOG_ODDS: f32 = 1.5;

/// From the log-odds at the verdict to those of a machine: constant and slope for each verdict, fitted by
/// `tools/train/train_classifier.py`.
const HUMAN_CONFIDENCE: [f32; 2] = [0.94, 2.85];
const MACHINE_CONFIDENCE: [f32; 2] = [1.62, 1.28];

/// Log-odds that `sensitivity`, 0 to 100, adds.
pub fn shift(sensitivity: u8) -> f32 {
    (f32::from(sensitivity) - 50.0) / 50.0 * SENSITIVITY_LOG_ODDS
}

/// The decision while voice lasts, of which there were `voice_seconds`.
pub fn while_voice_lasts(log_odds: f32, voice_seconds: f32) -> Option<Answerer> {
    let progress = (voice_seconds - VOICE_SECONDS) / (LONG_VOICE_SECONDS - VOICE_SECONDS);
    let min_machine = interpolated(progress.min(1.0), VOICE_MACHINE, LONG_VOICE_MACHINE);
    (progress >= 0.0 && log_odds >= min_machine).then_some(Answerer::Machine)
}

/// The value `progress`, 0 to 1, of the way from `start` to `end`.
fn interpolated(progress: f32, start: f32, end: f32) -> f32 {
    start * (1.0 - progress) + end * progress
}

/// Whether a pause of this length, s, is long enough for a decision.
pub fn is_pause(pause: f32) -> bool {
    pause >= SHORT_PAUSE_SECONDS
}

/// The decision after `pause` seconds of silence.
pub fn in_pause(log_odds: f32, pause: f32) -> Option<Answerer> {
    if !is_pause(pause) {
        return None;
    }
    let progress = (pause - SHORT_PAUSE_SECONDS) / (LONG_PAUSE_SECONDS - SHORT_PAUSE_SECONDS);
    if log_odds <= max_human(progress) {
        Some(Answerer::Human)
    } else if log_odds >= PAUSE_MACHINE || progress >= 1.0 {
        Some(Answerer::Machine)
    } else {
        None
    }
}

/// Highest log-odds of a machine that decide HUMAN, `progress` of the way from the short to the long pause.
fn max_human(progress: f32) -> f32 {
    if progress < MIDDLE {
        interpolated(progress / MIDDLE, SHORT_PAUSE_HUMAN, MIDDLE_HUMAN)
    } else {
        let rest = (progress - MIDDLE) / (1.0 - MIDDLE);
        interpolated(rest.min(1.0), MIDDLE_HUMAN, LONG_PAUSE_HUMAN)
    }
}

/// The answerer if there is no more time.
pub fn likelier(log_odds: f32) -> Answerer {
    if log_odds > LONG_PAUSE_HUMAN {
        Answerer::Machine
    } else {
        Answerer::Human
    }
}

/// The probability of log-odds.
pub fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Probability that this verdict is right, at this probability of a machine.
pub fn confidence(machine: f32, answerer: Answerer) -> f32 {
    let machine = machine.clamp(1e-4, 1.0 - 1e-4);
    let log_odds = (machine / (1.0 - machine)).ln();
    match answerer {
        Answerer::Human => {
            let [constant, slope] = HUMAN_CONFIDENCE;
            1.0 - probability(constant + slope * log_odds)
        }
        Answerer::Machine => {
            let [constant, slope] = MACHINE_CONFIDENCE;
            probability(constant + slope * log_odds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_human_depends_on_the_pause() {
        let too_short = SHORT_PAUSE_SECONDS - 0.01;
        assert_eq!(in_pause(-9.0, too_short), None);
        let (short, long) = (SHORT_PAUSE_SECONDS, LONG_PAUSE_SECONDS);
        assert_eq!(in_pause(SHORT_PAUSE_HUMAN, short), Some(Answerer::Human));
        assert_eq!(in_pause(SHORT_PAUSE_HUMAN + 0.01, short), None);
        assert_eq!(in_pause(LONG_PAUSE_HUMAN, long), Some(Answerer::Human));
        assert_eq!(
            in_pause(LONG_PAUSE_HUMAN + 0.01, long),
            Some(Answerer::Machine)
        );
        assert_eq!(
            [0.0, MIDDLE, 1.0].map(max_human),
            [SHORT_PAUSE_HUMAN, MIDDLE_HUMAN, LONG_PAUSE_HUMAN]
        );
    }

    #[test]
    fn machine_needs_its_voice_or_a_pause_and_more_evidence() {
        let machine = Some(Answerer::Machine);
        assert_eq!(while_voice_lasts(9.0, VOICE_SECONDS - 0.01), None);
        assert_eq!(while_voice_lasts(VOICE_MACHINE, VOICE_SECONDS), machine);
        assert_eq!(while_voice_lasts(VOICE_MACHINE - 0.01, VOICE_SECONDS), None);
        assert_eq!(while_voice_lasts(LONG_VOICE_MACHINE, 9.0), machine);
        assert_eq!(while_voice_lasts(LONG_VOICE_MACHINE - 0.01, 9.0), None);
        assert_eq!(in_pause(PAUSE_MACHINE, SHORT_PAUSE_SECONDS), machine);
        assert_eq!(in_pause(PAUSE_MACHINE - 0.01, SHORT_PAUSE_SECONDS), None);
    }

    #[test]
    fn sensitivity_moves_the_log_odds_both_ways() {
        assert_eq!(
            [0, 50, 100].map(shift),
            [-SENSITIVITY_LOG_ODDS, 0.0, SENSITIVITY_LOG_ODDS]
        );
    }

    #[test]
    fn confidence_rises_with_the_evidence_and_is_a_probability() {
        for (answerer, certain, doubtful) in
            [(Answerer::Human, 0.0, 0.4), (Answerer::Machine, 1.0, 0.6)]
        {
            let [certain, doubtful] =
                [certain, doubtful].map(|machine| confidence(machine, answerer));
            assert!((0.0..=1.0).contains(&certain) && (0.0..=1.0).contains(&doubtful));
            assert!(
                certain > 0.9 && certain > doubtful,
                "{answerer:?}: {certain}, {doubtful}"
            );
        }
    }
}
