//! Accuracy of machine detection: the strategies `thresholds` and `adaptive`, and Asterisk's AMD().

use super::{AmdVerdicts, Analyzed, Answerer, ms, quantile, share};
use earwig_core::job::machine::MachineResult;
use earwig_core::time::to_ms;
use earwig_core::types::{MachineEvent, MachineVerdict};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A verdict of one method on one file.
#[derive(Clone, Copy)]
struct TimedVerdict {
    verdict: MachineVerdict,
    /// Milliseconds since the start of the file.
    at_ms: Option<f64>,
}

/// A detection method: its name, and its verdict on a file.
type Method<'a> = (
    &'static str,
    Box<dyn Fn(&Analyzed) -> Option<TimedVerdict> + 'a>,
);

fn timed(result: &MachineResult) -> Option<TimedVerdict> {
    Some(TimedVerdict {
        verdict: result.verdict,
        at_ms: result.verdict_at.map(|at| to_ms(at) as f64),
    })
}

fn methods(amd: Option<&AmdVerdicts>) -> Vec<Method<'_>> {
    let mut methods: Vec<Method> = vec![
        ("thresholds", Box::new(|file| timed(file.thresholds()))),
        ("adaptive", Box::new(|file| timed(&file.adaptive))),
    ];
    if let Some(amd) = amd {
        methods.push((
            "AMD()",
            Box::new(|file| {
                let amd = amd.verdict(&file.label.file)?;
                let verdict = match amd.status.as_str() {
                    "HUMAN" => MachineVerdict::Human,
                    "MACHINE" => MachineVerdict::Machine,
                    _ => MachineVerdict::Unknown,
                };
                Some(TimedVerdict {
                    verdict,
                    at_ms: amd.verdict_ms,
                })
            }),
        ));
    }
    methods
}

fn is_correct(answerer: Answerer, verdict: MachineVerdict) -> bool {
    match answerer {
        Answerer::Human => verdict == MachineVerdict::Human,
        Answerer::Machine => verdict == MachineVerdict::Machine,
        Answerer::Noise => verdict == MachineVerdict::Unknown,
    }
}

/// The section's text.
pub fn tables(files: &[Analyzed], amd: Option<&AmdVerdicts>) -> String {
    let methods = methods(amd);
    let calls: Vec<&Analyzed> = files.iter().filter(|f| f.answerer().is_some()).collect();
    let mut text =
        String::from("\n## Who answered\n\nVerdicts on the files of the development corpus.\n\n");
    text += &confusion(&calls, &methods);
    text +=
        "\nCorrect verdicts by language and by source: human for people, machine for machines.\n\n";
    text += &correct_by("language", &calls, &methods, |f| f.label.language.clone());
    text.push('\n');
    text += &correct_by("source", &calls, &methods, |f| f.label.source.clone());
    text += "\nTime of correct verdicts, in ms: for people since the end of their voice, for machines since their first voice. Both are \
             those of the labels, or of the detected voice where a file has no such label.\n\n";
    text += &times(&calls, &methods);
    text += &message_ends(files);
    if amd.is_none() {
        text += "\nAsterisk's AMD() is left out: benches/amd.py has not run (hosts/asterisk/fetch.sh fetches an Asterisk).\n";
    }
    text
}

const VERDICTS: [MachineVerdict; 4] = [
    MachineVerdict::Human,
    MachineVerdict::Machine,
    MachineVerdict::Fax,
    MachineVerdict::Unknown,
];

fn confusion(files: &[&Analyzed], methods: &[Method]) -> String {
    // The total of an answerer, `true`, sorts after its categories.
    let mut rows: BTreeMap<(Answerer, bool, &str), Vec<&Analyzed>> = BTreeMap::new();
    for &file in files {
        let Some(answerer) = file.answerer() else {
            continue;
        };
        rows.entry((answerer, false, file.category()))
            .or_default()
            .push(file);
        let all = match answerer {
            Answerer::Human => "**all people**",
            Answerer::Machine => "**all machines**",
            Answerer::Noise => continue,
        };
        rows.entry((answerer, true, all)).or_default().push(file);
    }
    let mut text = String::from(
        "| who answers | method | human | machine | fax | unknown |\n|---|---|---|---|---|---|\n",
    );
    for ((_, _, name), files) in rows {
        for (method, detect) in methods {
            let verdicts: Vec<MachineVerdict> = files
                .iter()
                .filter_map(|file| Some(detect(file)?.verdict))
                .collect();
            let _ = write!(text, "| {name}, {} files | {method} |", files.len());
            for wanted in VERDICTS {
                let count = verdicts.iter().filter(|&&v| v == wanted).count();
                let _ = write!(
                    text,
                    " {count} ({:.1} %) |",
                    100.0 * count as f64 / verdicts.len().max(1) as f64
                );
            }
            text.push('\n');
        }
    }
    text
}

/// Table of correct verdicts, grouped by `key` and answerer.
fn correct_by(
    heading: &str,
    files: &[&Analyzed],
    methods: &[Method],
    key: impl Fn(&Analyzed) -> String,
) -> String {
    let mut rows: BTreeMap<(Answerer, String), Vec<&Analyzed>> = BTreeMap::new();
    for &file in files {
        if let Some(answerer @ (Answerer::Human | Answerer::Machine)) = file.answerer() {
            rows.entry((answerer, key(file))).or_default().push(file);
        }
    }
    let mut text = format!("| {heading} | label |");
    methods
        .iter()
        .for_each(|(method, _)| text += &format!(" {method} |"));
    let _ = writeln!(text, "\n|---|---|{}", "---|".repeat(methods.len()));
    for ((answerer, name), files) in rows {
        let label = if answerer == Answerer::Human {
            "human"
        } else {
            "machine"
        };
        let _ = write!(text, "| {name} | {label} |");
        for (_, detect) in methods {
            let verdicts: Vec<_> = files.iter().filter_map(|file| detect(file)).collect();
            let correct = verdicts
                .iter()
                .filter(|v| is_correct(answerer, v.verdict))
                .count();
            let _ = write!(text, " {} |", share(correct, verdicts.len()));
        }
        text.push('\n');
    }
    text
}

/// A verdict later than this after a person's greeting is late: the person has waited too long.
const LATE_MS: f64 = 2000.0;

fn times(files: &[&Analyzed], methods: &[Method]) -> String {
    let mut text = String::from(
        "| who answers, since | method | verdicts | median | 90 % | over 2 s |\n|---|---|---|---|---|---|\n",
    );
    let greeting_end = |file: &Analyzed| {
        let voice = || file.report.voice.last().map(|&(_, end)| to_ms(end) as f64);
        file.label.greeting_end_ms.or_else(voice)
    };
    let onset = |file: &Analyzed| {
        let voice = || {
            file.report
                .voice
                .first()
                .map(|&(start, _)| to_ms(start) as f64)
        };
        file.label.speech_start_ms.or_else(voice)
    };
    type Since<'a> = &'a dyn Fn(&Analyzed) -> Option<f64>;
    let rows: [(&str, Answerer, Since); 2] = [
        (
            "people, the end of their voice",
            Answerer::Human,
            &greeting_end,
        ),
        ("machines, their first voice", Answerer::Machine, &onset),
    ];
    for (name, answerer, since) in rows {
        for (method, detect) in methods {
            let mut times: Vec<f64> = files
                .iter()
                .filter(|file| file.answerer() == Some(answerer))
                .filter_map(|file| {
                    let timed = detect(file).filter(|v| is_correct(answerer, v.verdict))?;
                    Some(timed.at_ms? - since(file)?)
                })
                .collect();
            // No person waits for the verdict on a machine.
            let late = match answerer {
                Answerer::Human => times.iter().filter(|&&t| t > LATE_MS).count().to_string(),
                _ => "-".to_owned(),
            };
            let _ = writeln!(
                text,
                "| {name} | {method} | {} | {} | {} | {late} |",
                times.len(),
                ms(quantile(&mut times, 0.5)),
                ms(quantile(&mut times, 0.9))
            );
        }
    }
    text
}

/// Tolerance of READY before the labelled end of the beep.
const EARLY_MS: f64 = 50.0;

/// With `detect_message_end`: the time of READY relative to the end of the beep.
fn message_ends(files: &[Analyzed]) -> String {
    let (mut count, mut beeps, mut early) = (0, 0, 0);
    let mut after = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.answerer() == Some(Answerer::Machine))
    {
        let Some(beep_end) = file.label.beep_end_ms else {
            continue;
        };
        count += 1;
        let is_ready = |&&(event, _): &&(MachineEvent, u64)| event == MachineEvent::Ready;
        let Some(&(_, at)) = file.message_end.events.iter().find(is_ready) else {
            continue;
        };
        beeps += usize::from(
            file.message_end
                .machine
                .as_ref()
                .is_some_and(|result| result.beep.is_some()),
        );
        let delay = to_ms(at) as f64 - beep_end;
        if delay < -EARLY_MS {
            early += 1;
        } else {
            after.push(delay);
        }
    }
    format!(
        "\nWith `detect_message_end=true` (thresholds) on {count} machines with a beep: READY on a detected beep in {beeps}, READY before the \
         beep's end in {early}. In all others READY comes {} ms (median) and {} ms (90 %) after the beep's end.\n",
        ms(quantile(&mut after, 0.5)),
        ms(quantile(&mut after, 0.9)),
    )
}
