//! What Asterisk's AMD() said of the same files: the CSV of `benches/amd.py`.

use std::collections::HashMap;

/// A verdict.
pub struct Verdict {
    pub status: String,
    pub verdict_ms: Option<f64>,
}

/// Verdicts by file.
pub struct Asterisk(HashMap<String, Verdict>);

impl Asterisk {
    /// Reads them, if they are there.
    pub fn read(path: &str) -> Option<Self> {
        let table = std::fs::read_to_string(path).ok()?;
        let rows = table.lines().skip(1).filter_map(|line| {
            let mut fields = line.split(',');
            let (file, status) = (fields.next()?, fields.next()?);
            let verdict = Verdict {
                status: status.to_owned(),
                verdict_ms: fields.nth(1).and_then(|ms| ms.parse().ok()),
            };
            Some((file.to_owned(), verdict))
        });
        Some(Self(rows.collect()))
    }

    /// What it said of a file.
    pub fn verdict(&self, file: &str) -> Option<&Verdict> {
        self.0.get(file)
    }
}
