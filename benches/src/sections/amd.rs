//! Verdicts of Asterisk's AMD() on the same files, from the CSV that `benches/amd.py` writes.

use std::collections::HashMap;

/// A verdict of AMD().
pub struct Verdict {
    /// Value of `AMDSTATUS`.
    pub status: String,
    /// Milliseconds since the start of the file.
    pub verdict_ms: Option<f64>,
}

/// Verdicts by file.
pub struct AmdVerdicts(HashMap<String, Verdict>);

impl AmdVerdicts {
    /// Reads the CSV at `path`; `None` if it cannot be read.
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

    /// The verdict on a file of the corpus.
    pub fn verdict(&self, file: &str) -> Option<&Verdict> {
        self.0.get(file)
    }
}
