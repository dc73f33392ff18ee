//! Where voice begins and ends, against the labels; and voice in noise.

use super::{Fact, ms, quantile, share};
use earwig_core::time::to_ms;
use std::fmt::Write;

/// The tables.
pub fn tables(heard: &[Fact]) -> String {
    let mut text = String::from(
        "\n## Voice\n\nThe first voice and the last, in ms behind the labels (people's are of a transcription, to some 50 ms).\n\n\
         | files | edge | found | median | 5 % | 95 % | within 100 ms |\n|---|---|---|---|---|---|---|\n",
    );
    for (name, group) in [
        ("people", "human"),
        ("prompts and greetings", "machine"),
        ("composed", "composed"),
    ] {
        let files: Vec<&Fact> = heard.iter().filter(|h| h.label.group == group).collect();
        let first = |h: &Fact| {
            let (start, _) = h.report.voice.first()?;
            Some(to_ms(*start) as f64 - h.label.speech_start_ms?)
        };
        let last = |h: &Fact| {
            let (_, end) = h.report.voice.last()?;
            Some(to_ms(*end) as f64 - h.label.greeting_end_ms?)
        };
        let labelled =
            |at: fn(&Fact) -> Option<f64>| files.iter().filter(|h| at(h).is_some()).count();
        row(
            &mut text,
            name,
            "first",
            labelled(|h| h.label.speech_start_ms),
            files.iter().filter_map(|h| first(h)).collect(),
        );
        row(
            &mut text,
            name,
            "last",
            labelled(|h| h.label.greeting_end_ms),
            files.iter().filter_map(|h| last(h)).collect(),
        );
    }
    let noise: Vec<&Fact> = heard
        .iter()
        .filter(|h| h.label.group == "silence_noise")
        .collect();
    let with_voice = noise.iter().filter(|h| !h.report.voice.is_empty()).count();
    let _ = writeln!(
        text,
        "\nNoise with anything taken for voice: {}.",
        share(with_voice, noise.len())
    );
    text
}

fn row(text: &mut String, name: &str, edge: &str, files: usize, mut errors: Vec<f64>) {
    let near = errors.iter().filter(|e| e.abs() <= 100.0).count();
    let _ = writeln!(
        text,
        "| {name} | {edge} | {} | {} | {} | {} | {} |",
        share(errors.len(), files),
        ms(quantile(&mut errors, 0.5)),
        ms(quantile(&mut errors, 0.05)),
        ms(quantile(&mut errors, 0.95)),
        share(near, files)
    );
}
