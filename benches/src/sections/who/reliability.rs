//! Reliability of the confidence: of the verdicts with a confidence of 0.9, nine in ten should be right.

use earwig_benches::calls::{Test, Truth};
use earwig_benches::judged::Judged;
use earwig_benches::statistics::share_within;
use earwig_core::types::MachineVerdict;
use std::fmt::Write;

/// Classes of confidence: from, and up to.
const CLASSES: [(f64, f64); 6] = [
    (0.5, 0.6),
    (0.6, 0.7),
    (0.7, 0.8),
    (0.8, 0.9),
    (0.9, 0.95),
    (0.95, 1.0),
];

/// The table of the classifier's default.
pub fn table(calls: &[Judged]) -> String {
    let mut text = String::from(
        "\nReliability of the confidence: of the verdicts in each class, how many are right. *Recordings* are people and machines as recorded; *all \
         calls* are those of every test but the swapped ones, noise and music included.\n\n\
         | confidence | HUMAN, recordings | MACHINE, recordings | HUMAN, all calls | MACHINE, all calls |\n|---|---|---|---|---|\n",
    );
    for class in CLASSES {
        let _ = write!(text, "| {} to {} |", class.0, class.1);
        for members in [is_recording as fn(&Judged) -> bool, is_straight] {
            for verdict in [MachineVerdict::Human, MachineVerdict::Machine] {
                let of: Vec<&Judged> = calls
                    .iter()
                    .filter(|call| members(call) && call.adaptive().verdict == verdict)
                    .filter(|call| is_within(call.adaptive().confidence, class))
                    .collect();
                let right = |call: &&&Judged| call.adaptive().is_right(call.call.truth);
                let right = of.iter().filter(right).count();
                let _ = write!(text, " {} |", share_within(right, of.len()));
            }
        }
        text.push('\n');
    }
    text
}

/// The last class includes its end.
fn is_within(confidence: f64, (from, to): (f64, f64)) -> bool {
    from <= confidence && (confidence < to || to == 1.0)
}

fn is_recording(call: &Judged) -> bool {
    let spoken = matches!(call.call.truth, Truth::Human | Truth::Machine);
    spoken && matches!(call.call.test, Test::Original | Test::Greeting)
}

fn is_straight(call: &Judged) -> bool {
    call.call.test != Test::Swapped
}
