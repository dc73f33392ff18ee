//! Who answered: by the thresholds, by the adaptive strategy, and by Asterisk's AMD().

use super::{Asterisk, Fact, Truth, ms, quantile, share};
use earwig_core::job::machine::MachineResult;
use earwig_core::time::to_ms;
use earwig_core::types::{MachineEvent, MachineVerdict};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A verdict by whoever judges.
#[derive(Clone, Copy)]
struct Judged {
    result: MachineVerdict,
    at_ms: Option<f64>,
}

type Judge<'a> = (&'static str, Box<dyn Fn(&Fact) -> Option<Judged> + 'a>);

fn ours(outcome: &MachineResult) -> Option<Judged> {
    Some(Judged {
        result: outcome.verdict,
        at_ms: outcome.verdict_at.map(|at| to_ms(at) as f64),
    })
}

fn judges(asterisk: Option<&Asterisk>) -> Vec<Judge<'_>> {
    let mut judges: Vec<Judge> = vec![
        ("thresholds", Box::new(|heard| ours(heard.thresholds()))),
        ("adaptive", Box::new(|heard| ours(&heard.adaptive))),
    ];
    if let Some(asterisk) = asterisk {
        judges.push((
            "AMD()",
            Box::new(|heard| {
                let verdict = asterisk.verdict(&heard.label.file)?;
                let result = match verdict.status.as_str() {
                    "HUMAN" => MachineVerdict::Human,
                    "MACHINE" => MachineVerdict::Machine,
                    _ => MachineVerdict::Unknown,
                };
                Some(Judged {
                    result,
                    at_ms: verdict.verdict_ms,
                })
            }),
        ));
    }
    judges
}

fn right(truth: Truth, result: MachineVerdict) -> bool {
    match truth {
        Truth::Human => result == MachineVerdict::Human,
        Truth::Machine => result == MachineVerdict::Machine,
        Truth::Noise => result == MachineVerdict::Unknown,
    }
}

/// The tables.
pub fn tables(heard: &[Fact], asterisk: Option<&Asterisk>) -> String {
    let judges = judges(asterisk);
    let judged: Vec<&Fact> = heard.iter().filter(|h| h.truth().is_some()).collect();
    let mut text = String::from(
        "\n## Who answered\n\nFiles of the development corpus and what was said of them.\n\n",
    );
    text += &confusion(&judged, &judges);
    text += "\nRight, by language and by source: people called human, machines called machine.\n\n";
    text += &right_by("language", &judged, &judges, |h| h.label.language.clone());
    text.push('\n');
    text += &right_by("source", &judged, &judges, |h| h.label.source.clone());
    text += "\nWhen, in ms. From the end of the voice of people (by the labels; where they say nothing, by the voice heard) to a right \
             verdict; and from the first voice of machines.\n\n";
    text += &times(&judged, &judges);
    text += &ends(heard);
    if asterisk.is_none() {
        text += "\nAsterisk's AMD() is left out: benches/amd.py has not run (hosts/asterisk/fetch.sh fetches an Asterisk).\n";
    }
    text
}

const RESULTS: [MachineVerdict; 4] = [
    MachineVerdict::Human,
    MachineVerdict::Machine,
    MachineVerdict::Fax,
    MachineVerdict::Unknown,
];

fn confusion(files: &[&Fact], judges: &[Judge]) -> String {
    let mut rows: BTreeMap<(Truth, bool, &str), Vec<&Fact>> = BTreeMap::new();
    for &file in files {
        let Some(truth) = file.truth() else { continue };
        rows.entry((truth, false, file.kind()))
            .or_default()
            .push(file);
        let all = match truth {
            Truth::Human => "**all people**",
            Truth::Machine => "**all machines**",
            Truth::Noise => continue,
        };
        rows.entry((truth, true, all)).or_default().push(file);
    }
    let mut text = String::from(
        "| who answers | judge | human | machine | fax | unknown |\n|---|---|---|---|---|---|\n",
    );
    for ((_, _, name), files) in rows {
        for (judge, verdict) in judges {
            let results: Vec<MachineVerdict> = files
                .iter()
                .filter_map(|file| Some(verdict(file)?.result))
                .collect();
            let _ = write!(text, "| {name}, {} files | {judge} |", files.len());
            for wanted in RESULTS {
                let count = results.iter().filter(|&&result| result == wanted).count();
                let _ = write!(
                    text,
                    " {count} ({:.1} %) |",
                    100.0 * count as f64 / results.len().max(1) as f64
                );
            }
            text.push('\n');
        }
    }
    text
}

fn right_by(
    what: &str,
    files: &[&Fact],
    judges: &[Judge],
    name: impl Fn(&Fact) -> String,
) -> String {
    let mut rows: BTreeMap<(Truth, String), Vec<&Fact>> = BTreeMap::new();
    for &file in files {
        if let Some(truth @ (Truth::Human | Truth::Machine)) = file.truth() {
            rows.entry((truth, name(file))).or_default().push(file);
        }
    }
    let mut text = format!("| {what} | truth |");
    judges
        .iter()
        .for_each(|(judge, _)| text += &format!(" {judge} |"));
    let _ = writeln!(text, "\n|---|---|{}", "---|".repeat(judges.len()));
    for ((truth, name), files) in rows {
        let truth_name = if truth == Truth::Human {
            "human"
        } else {
            "machine"
        };
        let _ = write!(text, "| {name} | {truth_name} |");
        for (_, verdict) in judges {
            let results: Vec<_> = files.iter().filter_map(|file| verdict(file)).collect();
            let hits = results.iter().filter(|v| right(truth, v.result)).count();
            let _ = write!(text, " {} |", share(hits, results.len()));
        }
        text.push('\n');
    }
    text
}

/// The longest wait after a greeting that nobody takes ill.
const LATE_MS: f64 = 2000.0;

fn times(files: &[&Fact], judges: &[Judge]) -> String {
    let mut text = String::from(
        "| from, to | judge | verdicts | median | 90 % | over 2 s |\n|---|---|---|---|---|---|\n",
    );
    let greeting_end = |h: &Fact| {
        let voice = || h.report.voice.last().map(|&(_, end)| to_ms(end) as f64);
        h.label.greeting_end_ms.or_else(voice)
    };
    let onset = |h: &Fact| {
        let voice = || {
            h.report
                .voice
                .first()
                .map(|&(start, _)| to_ms(start) as f64)
        };
        h.label.speech_start_ms.or_else(voice)
    };
    type From<'a> = &'a dyn Fn(&Fact) -> Option<f64>;
    let rows: [(&str, Truth, From); 2] = [
        (
            "people, the end of their voice",
            Truth::Human,
            &greeting_end,
        ),
        ("machines, their first voice", Truth::Machine, &onset),
    ];
    for (name, truth, from) in rows {
        for (judge, verdict) in judges {
            let mut times: Vec<f64> = files
                .iter()
                .filter(|file| file.truth() == Some(truth))
                .filter_map(|file| {
                    let judged = verdict(file).filter(|v| right(truth, v.result))?;
                    Some(judged.at_ms? - from(file)?)
                })
                .collect();
            // A machine's verdict may come whenever it is sure.
            let late = match truth {
                Truth::Human => times.iter().filter(|&&t| t > LATE_MS).count().to_string(),
                _ => "-".to_owned(),
            };
            let _ = writeln!(
                text,
                "| {name} | {judge} | {} | {} | {} | {late} |",
                times.len(),
                ms(quantile(&mut times, 0.5)),
                ms(quantile(&mut times, 0.9))
            );
        }
    }
    text
}

/// With `detect_message_end`: whether READY comes behind the beep.
fn ends(heard: &[Fact]) -> String {
    let (mut files, mut beeps, mut early) = (0, 0, 0);
    let mut after = Vec::new();
    for h in heard.iter().filter(|h| h.truth() == Some(Truth::Machine)) {
        let Some(beep_end) = h.label.beep_end_ms else {
            continue;
        };
        files += 1;
        let is_ready = |&&(event, _): &&(MachineEvent, u64)| event == MachineEvent::Ready;
        let Some(&(_, at)) = h.to_the_end.events.iter().find(is_ready) else {
            continue;
        };
        beeps += usize::from(
            h.to_the_end
                .machine
                .as_ref()
                .is_some_and(|o| o.beep.is_some()),
        );
        let late = to_ms(at) as f64 - beep_end;
        if late < -50.0 {
            early += 1;
        } else {
            after.push(late);
        }
    }
    format!(
        "\nWith `detect_message_end=true` (thresholds) on {files} machines with a beep: READY by the beep {beeps}, before the beep's end {early}; \
         otherwise after it by {} ms (median) and {} ms (90 %).\n",
        ms(quantile(&mut after, 0.5)),
        ms(quantile(&mut after, 0.9)),
    )
}
