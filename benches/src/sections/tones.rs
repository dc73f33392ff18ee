//! Beeps, fax tones and the network's, against the labels; and what is heard of them where there are none.

use super::{Fact, share};
use earwig_core::detect::fact::Beep;
use earwig_core::time::to_ms;
use earwig_core::types::NetworkTone;
use earwig_signals::corpus::Label;
use std::fmt::Write;

/// A beep's begin may be off by so much.
const BEEP_OFF_MS: f64 = 50.0;
/// A frequency may be off by so much of itself.
const HZ_OFF: f64 = 0.015;

/// The tables.
pub fn tables(heard: &[Fact]) -> String {
    let mut text = String::from("\n## Beeps, fax and network tones\n\n");
    text += &found(heard);
    text += "\nHeard where there are none:\n\n";
    text += &false_ones(heard);
    text
}

fn is_it(beep: &Beep, label: &Label) -> bool {
    let start = label.beep_start_ms.unwrap_or(f64::MAX);
    (to_ms(beep.start) as f64 - start).abs() <= BEEP_OFF_MS
}

fn found(heard: &[Fact]) -> String {
    let mut text = String::from("| tone | found |\n|---|---|\n");
    for (name, group) in [
        ("beeps by themselves", "beep"),
        ("beeps behind a composed greeting", "composed"),
    ] {
        let files: Vec<&Fact> = heard
            .iter()
            .filter(|h| h.label.group == group && h.label.beep_start_ms.is_some())
            .collect();
        let hits: Vec<(&Fact, &Beep)> = files
            .iter()
            .filter_map(|&h| Some((h, h.report.beeps.iter().find(|b| is_it(b, &h.label))?)))
            .collect();
        let right = |&&(h, beep): &&(&Fact, &Beep)| {
            let hz = h.label.beep_hz.unwrap_or(0.0);
            (f64::from(beep.hz) - hz).abs() <= HZ_OFF * hz
        };
        let (hz, count) = (hits.iter().filter(right).count(), files.len());
        let _ = writeln!(
            text,
            "| {name}: begin within {BEEP_OFF_MS} ms | {} |\n| {name}: frequency within {} % | {} |",
            share(hits.len(), count),
            HZ_OFF * 100.0,
            share(hz, count)
        );
    }
    let in_group =
        |group: &str| -> Vec<&Fact> { heard.iter().filter(|h| h.label.group == group).collect() };
    let fax = in_group("fax_ced");
    let hits = fax.iter().filter(|h| {
        let start = h.label.tone_start_ms.unwrap_or(0.0);
        h.report
            .fax
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
        .filter(|h| h.report.network.iter().any(|n| n.tone == NetworkTone::Sit));
    let _ = writeln!(
        text,
        "| special information tone | {} |",
        share(hits.count(), sit.len())
    );
    text
}

/// Audio without beeps or tones: a name, and which files are of it.
type Part = (&'static str, fn(&Label) -> bool);

fn false_ones(heard: &[Fact]) -> String {
    let parts: [Part; 6] = [
        ("people", |l| l.label.starts_with("human")),
        ("prompts and greetings", |l| l.label.starts_with("machine")),
        ("talk-off, speech", |l| l.label.starts_with("speech")),
        ("music", |l| l.label == "music"),
        ("digits", |l| l.group == "dtmf"),
        ("noise", |l| l.group == "silence_noise"),
    ];
    let mut text =
        String::from("| audio | beeps | fax tones | network tones |\n|---|---|---|---|\n");
    for (name, is_part) in parts {
        let files: Vec<&Fact> = heard.iter().filter(|h| is_part(&h.label)).collect();
        let total: u64 = files.iter().map(|h| h.report.duration_ms).sum();
        let (mut beeps, mut fax, mut network) = (0, 0, Vec::new());
        for h in &files {
            let false_beeps = h.report.beeps.iter().filter(|b| !is_it(b, &h.label));
            beeps += false_beeps.count();
            fax += h.report.fax.len();
            network.extend(h.report.network.iter().map(|n| n.tone));
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
            "| {name}: {} files, {:.2} h | {beeps} | {fax} | {network} |",
            files.len(),
            total as f64 / 3_600_000.0
        );
    }
    text
}
