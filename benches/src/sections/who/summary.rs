//! False verdicts on each kind of call.

use super::methods::{Method, missing, wrong};
use earwig_benches::calls::{Test, Truth};
use earwig_benches::judged::Judged;
use std::fmt::Write;

/// Speech of a long greeting of a person, s.
const LONG_SECONDS: std::ops::RangeInclusive<f64> = 2.5..=5.0;

/// A row: its name, and whether a call belongs to it.
pub type Row = (&'static str, fn(&Judged) -> bool);

fn is(call: &Judged, truth: Truth, test: Test) -> bool {
    call.call.truth == truth && call.call.test == test
}

/// The rows of the table.
pub const ROWS: [Row; 18] = [
    ("people called machine", |c| {
        is(c, Truth::Human, Test::Original)
    }),
    ("... who speak for 2.5 to 5 s", |c| {
        let seconds = c.speech_seconds().unwrap_or(0.0);
        is(c, Truth::Human, Test::Original) && LONG_SECONDS.contains(&seconds)
    }),
    ("... one free sentence of 2.5 to 5 s", |c| {
        is(c, Truth::Human, Test::FreeSentence)
    }),
    ("... without their line (swapped)", |c| {
        is(c, Truth::Human, Test::Swapped)
    }),
    ("machines called human", |c| {
        is(c, Truth::Machine, Test::Original)
    }),
    ("... a pause of 0.6 s put in", |c| {
        is(c, Truth::Machine, Test::Pause600)
    }),
    ("... a pause of 1.0 s put in", |c| {
        is(c, Truth::Machine, Test::Pause1000)
    }),
    ("... one phrase under 2 s", |c| {
        is(c, Truth::Machine, Test::Short)
    }),
    ("... on people's lines (swapped)", |c| {
        is(c, Truth::Machine, Test::Swapped)
    }),
    ("greetings, 0.25 s after the first sentence", |c| {
        is(c, Truth::Machine, Test::Greeting)
    }),
    ("greetings, 0.6 s after the first sentence", |c| {
        is(c, Truth::Machine, Test::Greeting600)
    }),
    ("greetings, 1.0 s after the first sentence", |c| {
        is(c, Truth::Machine, Test::Greeting1000)
    }),
    ("greetings, the first sentence alone", |c| {
        is(c, Truth::Machine, Test::FirstSentence)
    }),
    ("noise called human or machine", is_noise),
    ("... recorded", |c| is_noise(c) && !is_generated(c)),
    ("... generated", |c| is_noise(c) && is_generated(c)),
    ("... talk in the background", |c| {
        is_noise(c) && c.call.label == "talk in the background"
    }),
    ("music called human or machine", |c| {
        c.call.truth == Truth::Music
    }),
];

fn is_noise(call: &Judged) -> bool {
    call.call.truth == Truth::Noise
}

fn is_generated(call: &Judged) -> bool {
    call.call.source == "generated"
}

/// The table of a set's calls; rows without calls are left out.
pub fn table(calls: &[Judged], methods: &[Method]) -> String {
    let mut text = String::from(
        "\nFalse verdicts: count, percentage, and its 95 % interval (Wilson). UNKNOWN, in the last columns, is no false verdict.\n\n| calls |",
    );
    for (name, _) in methods {
        let _ = write!(text, " {name} |");
    }
    for (name, _) in methods {
        let _ = write!(text, " {name}: unknown |");
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(2 * methods.len()));
    for (name, belongs) in ROWS {
        let calls: Vec<&Judged> = calls.iter().filter(|call| belongs(call)).collect();
        if calls.is_empty() {
            continue;
        }
        let _ = write!(text, "| {name} |");
        for method in methods {
            let _ = write!(text, " {} |", wrong(calls.iter().copied(), method));
        }
        for method in methods {
            // For nobody and music UNKNOWN is right.
            let cell = match calls[0].call.truth {
                Truth::Human | Truth::Machine => missing(calls.iter().copied(), method),
                Truth::Noise | Truth::Music => "right".to_owned(),
            };
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}
