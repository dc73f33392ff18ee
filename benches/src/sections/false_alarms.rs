//! False beeps and digits in an hour of speech, of music, and of messages without beep.

use super::{Recording, Set};
use std::fmt::Write;

/// Audio without beeps and digits: its name, and whether a recording belongs to it.
type Audio = (&'static str, fn(&Recording) -> bool);

/// The table of a set.
pub fn tables(set: &Set) -> String {
    let audio: [Audio; 2] = [
        ("speech", |recording| {
            let label = &recording.label;
            let speech = label.label.starts_with("speech") || label.label.starts_with("human");
            speech && label.group != "composed"
        }),
        ("music", |recording| recording.label.label == "music"),
    ];
    let mut text = format!(
        "\nFalse beeps and digits, {}:\n\n| audio | files | hours | beeps | beeps an hour | digits | digits an hour |\n|---|---|---|---|---|---|---|\n",
        set.name
    );
    for (name, belongs) in audio {
        let files: Vec<&Recording> = set.recordings.iter().filter(|r| belongs(r)).collect();
        let hours = files.iter().map(|file| file.seconds).sum::<f64>() / 3600.0;
        let beeps: usize = files.iter().map(|file| file.beeps.len()).sum();
        let digits: usize = files.iter().map(|file| file.digits).sum();
        let hourly = |count: usize| match files.is_empty() {
            true => "-".to_owned(),
            false => format!("{:.2}", count as f64 / hours),
        };
        let _ = writeln!(
            text,
            "| {name} | {} | {hours:.2} | {beeps} | {} | {digits} | {} |",
            files.len(),
            hourly(beeps),
            hourly(digits)
        );
    }
    text
}
