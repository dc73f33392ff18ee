//! False verdicts on the recordings themselves by class, language, source and seconds of speech.

use super::methods::{Method, wrong};
use earwig_benches::calls::{Test, Truth};
use earwig_benches::judged::Judged;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Upper ends of the classes of speech, s.
const SECONDS: [(f64, &str); 5] = [
    (0.5, "under 0.5 s"),
    (1.0, "0.5 to 1 s"),
    (1.5, "1 to 1.5 s"),
    (2.5, "1.5 to 2.5 s"),
    (5.0, "2.5 to 5 s"),
];

/// Class of the call's speech: its order, and its name.
fn seconds_class(call: &Judged) -> Option<(usize, String)> {
    let seconds = call.speech_seconds()?;
    let class = SECONDS.iter().position(|(end, _)| seconds < *end);
    Some(match class {
        Some(class) => (class, SECONDS[class].1.to_owned()),
        None => (SECONDS.len(), "over 5 s".to_owned()),
    })
}

/// The section's tables.
pub fn tables(calls: &[Judged], methods: &[Method]) -> String {
    let whole = |call: &&Judged| {
        let person_or_machine = matches!(call.call.truth, Truth::Human | Truth::Machine);
        person_or_machine && matches!(call.call.test, Test::Original | Test::Greeting)
    };
    let spoken: Vec<&Judged> = calls.iter().filter(whole).collect();
    let unordered = |text: &str| Some((0, text.to_owned()));
    let mut text = String::from(
        "\nFalse verdicts on the recordings by class, language, source, and seconds from the first voice to the last: people called machine, \
         machines called human.\n",
    );
    text += &by("class", &spoken, methods, |c| unordered(&c.call.label));
    text += &by("language", &spoken, methods, |c| {
        unordered(&c.call.language)
    });
    text += &by("source", &spoken, methods, |c| unordered(&c.call.source));
    text += &by("speech", &spoken, methods, seconds_class);
    text
}

/// Table of the false verdicts, grouped by truth and `key`, which also orders the rows.
fn by(
    heading: &str,
    calls: &[&Judged],
    methods: &[Method],
    key: impl Fn(&Judged) -> Option<(usize, String)>,
) -> String {
    let mut rows: BTreeMap<(Truth, (usize, String)), Vec<&Judged>> = BTreeMap::new();
    for &call in calls {
        if let Some(key) = key(call) {
            rows.entry((call.call.truth, key)).or_default().push(call);
        }
    }
    let mut text = format!("\n| {heading} | who |");
    for (name, _) in methods {
        let _ = write!(text, " {name} |");
    }
    let _ = writeln!(text, "\n|---|---|{}", "---|".repeat(methods.len()));
    for ((truth, (_, name)), calls) in rows {
        let who = if truth == Truth::Human {
            "people"
        } else {
            "machines"
        };
        let _ = write!(text, "| {name} | {who} |");
        for method in methods {
            let _ = write!(text, " {} |", wrong(calls.iter().copied(), method));
        }
        text.push('\n');
    }
    text
}
