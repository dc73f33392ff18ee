//! Times of right verdicts, and of READY.

use super::methods::Method;
use crate::sections::Set;
use earwig_benches::calls::{Test, Truth};
use earwig_benches::judged::Judged;
use earwig_benches::statistics::{ms, quantile};
use std::fmt::Write;

/// A verdict later than this after a person's greeting is late: the person has waited too long.
const LATE_MS: f64 = 2000.0;

/// READY this long before the labelled end of the beep is early.
const EARLY_MS: f64 = 50.0;

/// The section's tables.
pub fn tables(set: &Set, methods: &[Method]) -> String {
    let mut text = String::from(
        "\nTime of right verdicts on the recordings, ms: for people since the end of their speech, for machines since their first voice. Both are \
         those of the labels, or the detected ones where a file has no such label.\n\n\
         | who answers, since | method | verdicts | median | 95 % | over 2 s |\n|---|---|---|---|---|---|\n",
    );
    for (name, truth) in [
        ("people, the end of their speech", Truth::Human),
        ("machines, their first voice", Truth::Machine),
    ] {
        for (method, verdict) in methods {
            let mut times: Vec<f64> = set
                .calls
                .iter()
                .filter(|call| call.call.truth == truth)
                .filter(|call| matches!(call.call.test, Test::Original | Test::Greeting))
                .filter_map(|call| call.right_after_ms(&verdict(call)?))
                .collect();
            // No person waits for the verdict on a machine.
            let late = match truth {
                Truth::Human => times.iter().filter(|&&t| t > LATE_MS).count().to_string(),
                _ => "-".to_owned(),
            };
            if times.is_empty() {
                continue;
            }
            let _ = writeln!(
                text,
                "| {name} | {method} | {} | {} | {} | {late} |",
                times.len(),
                ms(quantile(&mut times, 0.5)),
                ms(quantile(&mut times, 0.95))
            );
        }
    }
    text + &message_ends(set)
}

/// With `detect_message_end`: the time of READY relative to the end of the beep.
fn message_ends(set: &Set) -> String {
    let (mut count, mut beeps, mut early) = (0, 0, 0);
    let mut after = Vec::new();
    let is_machine =
        |call: &&Judged| call.call.truth == Truth::Machine && call.call.test == Test::Original;
    for call in set.calls.iter().filter(is_machine) {
        let label = set
            .recordings
            .iter()
            .map(|recording| &recording.label)
            .find(|label| label.file == call.call.file);
        let Some(beep_end) = label.and_then(|label| label.beep_end_ms) else {
            continue;
        };
        count += 1;
        let Some(ready) = call.ready else {
            continue;
        };
        beeps += usize::from(ready.beep);
        let delay = ready.at_ms - beep_end;
        if delay < -EARLY_MS {
            early += 1;
        } else {
            after.push(delay);
        }
    }
    if count == 0 {
        return String::new();
    }
    format!(
        "\nWith `detect_message_end=true` (thresholds) on {count} machines with a beep: READY on a detected beep in {beeps}, READY before the \
         beep's end in {early}. In all others READY comes {} ms (median) and {} ms (95 %) after the beep's end.\n",
        ms(quantile(&mut after, 0.5)),
        ms(quantile(&mut after, 0.95)),
    )
}
