//! The curve: false verdicts and times at each setting of `sensitivity`.

use super::summary::ROWS;
use earwig_benches::calls::{Test, Truth};
use earwig_benches::judged::{Judged, settings};
use earwig_benches::statistics::{ms, quantile, share};
use std::fmt::Write;

/// Columns of the curve by the names of the summary's rows, with their headings.
const COLUMNS: [(&str, &str); 13] = [
    ("people called machine", "people called machine"),
    ("... one free sentence of 2.5 to 5 s", "free sentence"),
    ("machines called human", "machines called human"),
    ("... a pause of 0.6 s put in", "pause 0.6 s"),
    ("... a pause of 1.0 s put in", "pause 1.0 s"),
    ("... one phrase under 2 s", "one phrase"),
    (
        "greetings, 0.25 s after the first sentence",
        "greetings, 0.25 s",
    ),
    ("greetings, 0.6 s after the first sentence", "0.6 s"),
    ("greetings, 1.0 s after the first sentence", "1.0 s"),
    ("greetings, the first sentence alone", "first sentence"),
    ("noise called human or machine", "noise called human"),
    ("music called human or machine", "music called human"),
    ("", "without a verdict"),
];

/// The table: a row for each setting. Columns without calls are left out.
pub fn table(calls: &[Judged]) -> String {
    let settings = settings();
    let mut text = String::from(
        "\nThe curve. Times are those of right verdicts, median and 95 %, ms: person after the end of the speech, machine after its first voice.\n",
    );
    if settings.len() == 1 {
        text += "The library has no option `sensitivity`: the curve is one point.\n";
    }
    let columns: Vec<(&str, Vec<&Judged>)> = COLUMNS
        .iter()
        .map(|(row, heading)| (*heading, members(calls, row)))
        .filter(|(_, calls)| !calls.is_empty())
        .collect();
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).collect();
    let _ = writeln!(
        text,
        "\n| sensitivity | {} | person | machine |\n|---|{}---|---|",
        headings.join(" | "),
        "---|".repeat(columns.len())
    );
    for (setting, (sensitivity, _)) in settings.iter().enumerate() {
        let _ = write!(text, "| {sensitivity} |");
        for (heading, calls) in &columns {
            let counts = |call: &&&Judged| {
                let verdict = call.dial[setting];
                match *heading {
                    "without a verdict" => verdict.is_missing(),
                    heading if heading.ends_with("called human") => {
                        verdict.verdict == earwig_core::types::MachineVerdict::Human
                    }
                    _ => verdict.is_wrong(call.call.truth),
                }
            };
            let wrong = calls.iter().filter(counts).count();
            let _ = write!(text, " {} |", share(wrong, calls.len()));
        }
        for truth in [Truth::Human, Truth::Machine] {
            let mut times: Vec<f64> = calls
                .iter()
                .filter(|call| call.call.truth == truth && is_whole(call))
                .filter_map(|call| call.right_after_ms(&call.dial[setting]))
                .collect();
            let (median, most) = (quantile(&mut times, 0.5), quantile(&mut times, 0.95));
            let _ = write!(text, " {}, {} |", ms(median), ms(most));
        }
        text.push('\n');
    }
    text
}

fn is_whole(call: &Judged) -> bool {
    matches!(call.call.test, Test::Original | Test::Greeting)
}

/// The calls of the summary's row `name`; without a name, all people and machines as they were recorded.
fn members<'a>(calls: &'a [Judged], name: &str) -> Vec<&'a Judged> {
    let row = ROWS.iter().find(|(row, _)| *row == name);
    let spoken =
        |call: &Judged| is_whole(call) && matches!(call.call.truth, Truth::Human | Truth::Machine);
    calls
        .iter()
        .filter(|call| row.map_or(spoken(call), |(_, belongs)| belongs(call)))
        .collect()
}
