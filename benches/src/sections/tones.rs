//! Accuracy of the detection of beeps, fax tones and network tones: hits by the labels, and false detections in other audio.

use super::{Recording, Set};
use earwig_benches::statistics::share;
use earwig_core::detect::fact::Beep;
use earwig_core::time::to_ms;
use earwig_core::types::NetworkTone;
use earwig_signals::corpus::Label;
use std::fmt::Write;

/// Tolerance of a beep's start.
const BEEP_TOLERANCE_MS: f64 = 50.0;
/// Tolerance of a beep's frequency, as a share of it.
const HZ_TOLERANCE: f64 = 0.015;

/// The section's text.
pub fn tables(set: &Set) -> String {
    let files = &set.recordings;
    let mut text = format!("\n## Beeps, fax and network tones: {}\n\n", set.name);
    text += &hits(files);
    text += "\nFalse detections:\n\n";
    text += &false_detections(files);
    text
}

/// Whether the detected beep is that of the label.
fn matches(beep: &Beep, label: &Label) -> bool {
    let start = label.beep_start_ms.unwrap_or(f64::MAX);
    (to_ms(beep.start) as f64 - start).abs() <= BEEP_TOLERANCE_MS
}

fn hits(files: &[Recording]) -> String {
    let mut text = String::from("| tone | found |\n|---|---|\n");
    for (name, group) in [
        ("beeps by themselves", "beep"),
        ("beeps after a composed greeting", "composed"),
    ] {
        let with_beep: Vec<&Recording> = files
            .iter()
            .filter(|f| f.label.group == group && f.label.beep_start_ms.is_some())
            .collect();
        let hits: Vec<(&Recording, &Beep)> = with_beep
            .iter()
            .filter_map(|&f| Some((f, f.beeps.iter().find(|b| matches(b, &f.label))?)))
            .collect();
        let right_hz = |&&(file, beep): &&(&Recording, &Beep)| {
            let hz = file.label.beep_hz.unwrap_or(0.0);
            (f64::from(beep.hz) - hz).abs() <= HZ_TOLERANCE * hz
        };
        let (hz, count) = (hits.iter().filter(right_hz).count(), with_beep.len());
        let _ = writeln!(
            text,
            "| {name}: start within {BEEP_TOLERANCE_MS} ms | {} |\n| {name}: frequency within {} % | {} |",
            share(hits.len(), count),
            HZ_TOLERANCE * 100.0,
            share(hz, count)
        );
    }
    let in_group = |group: &str| -> Vec<&Recording> {
        files.iter().filter(|f| f.label.group == group).collect()
    };
    let fax = in_group("fax_ced");
    let hits = fax.iter().filter(|file| {
        let start = file.label.tone_start_ms.unwrap_or(0.0);
        file.fax
            .iter()
            .any(|f| (to_ms(f.start) as f64 - start).abs() < 200.0)
    });
    let _ = writeln!(
        text,
        "| 2100 Hz of a fax machine or modem | {} |",
        share(hits.count(), fax.len())
    );
    let sit = in_group("sit");
    let hits = sit
        .iter()
        .filter(|f| f.network.iter().any(|n| n.tone == NetworkTone::Sit));
    let _ = writeln!(
        text,
        "| special information tone | {} |",
        share(hits.count(), sit.len())
    );
    text
}

/// Audio without labelled tones: its name, and which files belong to it.
type Category = (&'static str, fn(&Label) -> bool);

fn false_detections(files: &[Recording]) -> String {
    let categories: [Category; 6] = [
        ("people", |l| l.label.starts_with("human")),
        ("prompts and greetings", |l| l.label.starts_with("machine")),
        ("talk-off, speech", |l| l.label.starts_with("speech")),
        ("music", |l| l.label == "music"),
        ("digits", |l| l.group == "dtmf"),
        ("noise", |l| l.group == "silence_noise"),
    ];
    let mut text =
        String::from("| audio | beeps | fax tones | network tones |\n|---|---|---|---|\n");
    for (name, belongs) in categories {
        let files: Vec<&Recording> = files.iter().filter(|f| belongs(&f.label)).collect();
        let hours = files.iter().map(|f| f.seconds).sum::<f64>() / 3600.0;
        let (mut beeps, mut fax, mut network) = (0, 0, Vec::new());
        for file in &files {
            let false_beeps = file.beeps.iter().filter(|b| !matches(b, &file.label));
            beeps += false_beeps.count();
            fax += file.fax.len();
            network.extend(file.network.iter().map(|n| n.tone));
        }
        let names = [
            NetworkTone::Ringback,
            NetworkTone::Busy,
            NetworkTone::Reorder,
            NetworkTone::Sit,
            NetworkTone::Dial,
        ];
        let by_name: Vec<String> = names
            .iter()
            .map(|name| (name, network.iter().filter(|n| *n == name).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let network = if by_name.is_empty() {
            "0".to_owned()
        } else {
            by_name.join(", ")
        };
        let _ = writeln!(
            text,
            "| {name}: {} files, {hours:.2} h | {beeps} | {fax} | {network} |",
            files.len(),
        );
    }
    text
}
