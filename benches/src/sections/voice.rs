//! Accuracy of voice detection: start and end of voice by the labels, and false voice in noise.

use super::{Recording, Set};
use earwig_benches::statistics::{ms, quantile, share};
use earwig_core::time::to_ms;
use std::fmt::Write;

/// The section's text.
pub fn tables(set: &Set) -> String {
    let files = &set.recordings;
    let mut text = format!(
        "\n## Voice: {}\n\nStart of the first voice and end of the last, in ms after the labels. The labels of people come from a transcription and are \
         accurate to about 50 ms.\n\n\
         | files | edge | found | median | 5 % | 95 % | within 100 ms |\n|---|---|---|---|---|---|---|\n",
        set.name
    );
    for (name, group) in [
        ("people", "human"),
        ("prompts and greetings", "machine"),
        ("composed", "composed"),
    ] {
        let files: Vec<&Recording> = files.iter().filter(|f| f.label.group == group).collect();
        let first = |file: &Recording| {
            let (start, _) = file.voice.first()?;
            Some(to_ms(*start) as f64 - file.label.speech_start_ms?)
        };
        let last = |file: &Recording| {
            let (_, end) = file.voice.last()?;
            Some(to_ms(*end) as f64 - file.label.greeting_end_ms?)
        };
        let labelled =
            |at: fn(&Recording) -> Option<f64>| files.iter().filter(|f| at(f).is_some()).count();
        row(
            &mut text,
            name,
            "first",
            labelled(|f| f.label.speech_start_ms),
            files.iter().filter_map(|f| first(f)).collect(),
        );
        row(
            &mut text,
            name,
            "last",
            labelled(|f| f.label.greeting_end_ms),
            files.iter().filter_map(|f| last(f)).collect(),
        );
    }
    let noise: Vec<&Recording> = files
        .iter()
        .filter(|f| f.label.group == "silence_noise")
        .collect();
    let with_voice = noise.iter().filter(|f| !f.voice.is_empty()).count();
    let _ = writeln!(
        text,
        "\nFiles of noise with false voice: {}.",
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
