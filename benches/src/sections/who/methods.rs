//! The methods that are compared.

use crate::sections::AmdVerdicts;
use earwig_benches::calls::Test;
use earwig_benches::judged::{Judged, Verdict};
use earwig_benches::statistics::share_within;
use earwig_core::types::MachineVerdict;

/// A method: its name, and its verdict on a call; `None` for calls that it did not judge.
pub type Method<'a> = (&'static str, Box<dyn Fn(&Judged) -> Option<Verdict> + 'a>);

/// `thresholds`, `adaptive`, and AMD() if its verdicts are there.
pub fn methods(amd: Option<&AmdVerdicts>) -> Vec<Method<'_>> {
    let mut methods: Vec<Method> = vec![
        ("thresholds", Box::new(|call| Some(call.thresholds))),
        ("adaptive", Box::new(|call| Some(*call.adaptive()))),
    ];
    if let Some(amd) = amd {
        methods.push((
            "AMD()",
            Box::new(|call| {
                let is_file = call.call.test == Test::Original;
                let amd = amd.verdict(&call.call.file).filter(|_| is_file)?;
                let verdict = match amd.status.as_str() {
                    "HUMAN" => MachineVerdict::Human,
                    "MACHINE" => MachineVerdict::Machine,
                    _ => MachineVerdict::Unknown,
                };
                Some(Verdict {
                    verdict,
                    at_ms: amd.verdict_ms,
                    confidence: 0.0,
                })
            }),
        ));
    }
    methods
}

/// False verdicts of a method as a cell of a table.
pub fn wrong<'a>(calls: impl IntoIterator<Item = &'a Judged>, method: &Method) -> String {
    count(calls, method, |call, verdict| {
        verdict.is_wrong(call.call.truth)
    })
}

/// Calls without a verdict as a cell of a table.
pub fn missing<'a>(calls: impl IntoIterator<Item = &'a Judged>, method: &Method) -> String {
    count(calls, method, |_, verdict| verdict.is_missing())
}

fn count<'a>(
    calls: impl IntoIterator<Item = &'a Judged>,
    (_, verdict): &Method,
    counts: impl Fn(&Judged, &Verdict) -> bool,
) -> String {
    let judged = calls
        .into_iter()
        .filter_map(|call| Some((call, verdict(call)?)));
    let counted: Vec<bool> = judged.map(|(call, v)| counts(call, &v)).collect();
    let wrong = counted.iter().filter(|counts| **counts).count();
    share_within(wrong, counted.len())
}
