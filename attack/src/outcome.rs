//! The figures of a scenario. A scenario runs in a process of its own and prints them; the main process reads them from its output.

/// How a figure compares with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within its limit.
    Pass,
    /// Beyond its limit.
    Fail,
    /// Without a limit.
    Note,
    /// Not measured on this machine.
    Skipped,
}

impl Verdict {
    /// Its word in the output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Note => "",
            Self::Skipped => "skipped",
        }
    }
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The measured value; of a skipped figure, the reason.
    pub value: String,
    /// What it must be; empty without a limit.
    pub limit: String,
    /// The comparison.
    pub verdict: Verdict,
}

/// First word of a figure's line.
const MARK: &str = "figure";

fn print(name: &str, value: &str, limit: &str, verdict: Verdict) {
    let text = |t: &str| t.replace(['\t', '\n'], " ");
    println!(
        "{MARK}\t{}\t{}\t{}\t{}",
        verdict.word(),
        text(name),
        text(value),
        text(limit)
    );
}

/// Prints a figure and whether it is within its limit.
pub fn figure(name: &str, value: &str, limit: &str, ok: bool) {
    let verdict = if ok { Verdict::Pass } else { Verdict::Fail };
    print(name, value, limit, verdict);
}

/// Prints a count that must be 0.
pub fn none(name: &str, count: usize) {
    figure(name, &count.to_string(), "0", count == 0);
}

/// Prints a count that must be `expected`.
pub fn all(name: &str, count: usize, expected: usize) {
    figure(
        name,
        &format!("{count} of {expected}"),
        "all",
        count == expected,
    );
}

/// Prints a figure without a limit.
pub fn note(name: &str, value: &str) {
    print(name, value, "", Verdict::Note);
}

/// Prints that a part could not be run on this machine.
pub fn skip(name: &str, why: &str) {
    print(name, why, "", Verdict::Skipped);
}

/// The figure of a line that a scenario printed; `None` for any other line.
pub fn parse(line: &str) -> Option<Figure> {
    let parts: Vec<&str> = line.split('\t').collect();
    let [MARK, word, name, value, limit] = parts[..] else {
        return None;
    };
    let verdicts = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Note,
        Verdict::Skipped,
    ];
    Some(Figure {
        name: name.into(),
        value: value.into(),
        limit: limit.into(),
        verdict: verdicts.into_iter().find(|v| v.word() == word)?,
    })
}

/// The value below which `part` (0 to 1) of the sorted values lie.
pub fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
