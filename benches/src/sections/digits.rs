//! Accuracy of digit detection, compared with spandsp on the same audio.

use crate::competitors::{self, Implementation, detect_digits, through_gsm};
use earwig_signals::corpus;
use earwig_signals::disturb::Disturbance::{self, Alaw, Echo, Loss, Noise, Over, Tones, Ulaw};
use earwig_signals::dtmf::{Press, sequence};
use earwig_signals::score::Score;
use std::fmt::Write;

/// Seeds of the random sequences; each sequence has sixteen digits.
const SEEDS: std::ops::Range<u64> = 0..50;

/// Generated signals of one row.
struct Case {
    name: String,
    /// Percentage of digits to detect, as the standards demand it; empty if they do not say.
    wanted: &'static str,
    press: Press,
    disturbances: Vec<Disturbance>,
    gsm: bool,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add =
        |name: &str, wanted: &'static str, press: Press, disturbances: Vec<Disturbance>| {
            cases.push(Case {
                name: name.into(),
                wanted,
                press,
                disturbances,
                gsm: false,
            });
        };
    let press = Press::default;
    let timed = |tone_ms, pause_ms| Press {
        tone_ms,
        pause_ms,
        ..Press::default()
    };
    let at = |row_dbm0, column_dbm0| Press {
        row_dbm0,
        column_dbm0,
        ..Press::default()
    };
    add("50 ms on, 50 ms off", "100", press(), vec![]);
    add("40 / 40 ms", "100", timed(40.0, 40.0), vec![]);
    add(
        "50 / 43 ms (93 ms per digit)",
        "100",
        timed(50.0, 43.0),
        vec![],
    );
    add("30 / 30 ms", "may", timed(30.0, 30.0), vec![]);
    add("20 / 60 ms", "0", timed(20.0, 60.0), vec![]);
    for (off, wanted) in [(1.5, "100"), (-1.5, "100"), (3.5, "0"), (-3.5, "0")] {
        let (row, column) = (
            Press {
                row_off: off,
                ..press()
            },
            Press {
                column_off: off,
                ..press()
            },
        );
        add(&format!("row {off:+} %"), wanted, row, vec![]);
        add(&format!("column {off:+} %"), wanted, column, vec![]);
        add(
            &format!("both {off:+} %"),
            wanted,
            Press {
                row_off: off,
                column_off: off,
                ..press()
            },
            vec![],
        );
    }
    add("column 4 dB above row", "100", at(-14.0, -10.0), vec![]);
    add("row 8 dB above column", "100", at(-10.0, -18.0), vec![]);
    for (level, wanted) in [(0.0, "100"), (-25.0, "100"), (-36.0, "100"), (-55.0, "0")] {
        add(
            &format!("{level} dBm0 each"),
            wanted,
            at(level, level),
            vec![],
        );
    }
    for (snr_db, wanted) in [
        (15.0, "100"),
        (10.0, "100"),
        (9.0, ""),
        (6.0, "99"),
        (3.0, ""),
    ] {
        add(
            &format!("noise, {snr_db} dB SNR"),
            wanted,
            press(),
            vec![Noise { snr_db }],
        );
    }
    add(
        "interruption of 10 ms in 100 ms",
        "100",
        Press {
            interruption_ms: 10.0,
            ..timed(100.0, 50.0)
        },
        vec![],
    );
    add(
        "interruption of 20 ms in 100 ms",
        "",
        Press {
            interruption_ms: 20.0,
            ..timed(100.0, 50.0)
        },
        vec![],
    );
    for (above, wanted) in [(-4.0, "98"), (0.0, "98"), (6.0, ""), (12.0, "")] {
        let tones = vec![(350.0, -10.0 + above), (440.0, -10.0 + above)];
        add(
            &format!("over 350+440 Hz, each {above:+} dB relative to each tone"),
            wanted,
            press(),
            vec![Tones(tones)],
        );
    }
    for (above, wanted) in [(-2.0, "98"), (0.0, "98"), (6.0, "")] {
        let tones = vec![(425.0, -10.0 + above)];
        add(
            &format!("over 425 Hz, {above:+} dB relative to each tone"),
            wanted,
            press(),
            vec![Tones(tones)],
        );
    }
    add(
        "echo, 20 ms delay, 10 dB down",
        "100",
        press(),
        vec![Echo { ms: 20.0, db: 10.0 }],
    );
    add(
        "10 % of frames lost, 100 ms tones",
        "97",
        timed(100.0, 100.0),
        vec![Loss { per_cent: 10.0 }],
    );
    add("G.711 A-law", "100", press(), vec![Alaw]);
    add("G.711 u-law", "100", press(), vec![Ulaw]);
    if let Some((_, speech)) = corpus::group("talkoff")
        .into_iter()
        .find(|(name, _)| name.contains("libri"))
    {
        add(
            "over speech, 5 dB SNR, 100 ms tones",
            "",
            timed(100.0, 100.0),
            vec![Over {
                signal: speech,
                snr_db: 5.0,
            }],
        );
    }
    for (name, press) in [
        ("GSM 06.10, 50 / 50 ms", press()),
        ("GSM 06.10, 80 / 80 ms", timed(80.0, 80.0)),
    ] {
        cases.push(Case {
            name: name.into(),
            wanted: "",
            press,
            disturbances: vec![],
            gsm: true,
        });
    }
    cases
}

fn score(case: &Case, implementation: &Implementation) -> Option<Score> {
    let mut score = Score::default();
    for seed in SEEDS {
        let mut sequence = sequence(&case.press, &case.disturbances, seed);
        if case.gsm {
            sequence.pcm = through_gsm(&sequence.pcm)?;
        }
        score.add(
            &sequence.digits,
            &detect_digits(implementation, &sequence.pcm),
        );
    }
    Some(score)
}

fn header(text: &mut String, first: &str, implementations: &[Implementation]) {
    let names: Vec<&str> = implementations.iter().map(|m| m.0).collect();
    let _ = writeln!(
        text,
        "| {first} | {} |\n|---|---|{}",
        names.join(" | "),
        "---|".repeat(implementations.len() - 1)
    );
}

fn generated(implementations: &[Implementation]) -> String {
    let mut text = String::new();
    header(&mut text, "audio | wanted", implementations);
    text = text.replacen("|---|", "|---|---|", 1);
    for case in cases() {
        let _ = write!(text, "| {} | {} |", case.name, case.wanted);
        for implementation in implementations {
            let cell = match score(&case, implementation) {
                None => "-".into(),
                Some(s) if s.extra > 0 => format!("{:.1} + {} extra", s.per_cent(), s.extra),
                Some(s) => format!("{:.1}", s.per_cent()),
            };
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}

fn real(implementations: &[Implementation]) -> String {
    let mut text = String::new();
    header(&mut text, "real audio", implementations);
    let mut row = |name: String, count: &dyn Fn(&Implementation) -> String| {
        let cells: Vec<String> = implementations.iter().map(count).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    };
    let (files, labels) = (corpus::group("dtmf"), corpus::digits());
    let pcm = |name: &str| {
        files
            .iter()
            .find(|(file, _)| file == name)
            .map(|(_, pcm)| pcm.as_slice())
    };
    row(
        format!("recorded digits: correct files of {}", labels.len()),
        &|implementation| {
            let correct = labels.iter().filter(|(name, digits)| {
                pcm(name).is_some_and(|pcm| detect_digits(implementation, pcm) == digits.as_bytes())
            });
            correct.count().to_string()
        },
    );
    let talkoff = corpus::group("talkoff");
    let groups = ["human", "machine", "composed", "silence_noise"].map(|g| (g, corpus::group(g)));
    let is_music = |name: &str| ["moh_", "wesnoth_"].iter().any(|m| name.contains(m));
    let mut parts: Vec<(&str, Vec<&[i16]>)> = vec![
        (
            "talk-off, speech",
            talkoff
                .iter()
                .filter(|f| !is_music(&f.0))
                .map(|f| f.1.as_slice())
                .collect(),
        ),
        (
            "talk-off, music",
            talkoff
                .iter()
                .filter(|f| is_music(&f.0))
                .map(|f| f.1.as_slice())
                .collect(),
        ),
    ];
    for (name, files) in &groups {
        parts.push((name, files.iter().map(|f| f.1.as_slice()).collect()));
    }
    for (name, files) in parts {
        let hours = files.iter().map(|pcm| pcm.len()).sum::<usize>() as f64 / 8000.0 / 3600.0;
        row(
            format!(
                "{name}: false digits in {hours:.2} h ({} files)",
                files.len()
            ),
            &|implementation| {
                files
                    .iter()
                    .map(|pcm| detect_digits(implementation, pcm).len())
                    .sum::<usize>()
                    .to_string()
            },
        );
    }
    text
}

/// The section's text.
pub fn tables() -> String {
    let implementations = competitors::all();
    let mut text = format!(
        "Percentage of {} digits detected, and the number of extra digits: detected but not sent.\n\n{}",
        SEEDS.count() * 16,
        generated(&implementations)
    );
    if corpus::folder().is_some() {
        text += &format!("\nThe development corpus:\n\n{}", real(&implementations));
    }
    if implementations.len() == 1 {
        text += "\nspandsp is not linked (libspandsp-dev): its columns are left out.\n";
    }
    text
}
