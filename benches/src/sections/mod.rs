//! Sections of the accuracy report, a file for each.

mod amd;
mod analyzed;
pub mod digits;
pub mod machine;
pub mod tones;
pub mod voice;

pub use amd::AmdVerdicts;
pub use analyzed::{Analyzed, Answerer};

/// A share as a count and a percentage: `12 of 48 (25.0 %)`.
fn share(count: usize, of: usize) -> String {
    match of {
        0 => "-".to_owned(),
        _ => format!(
            "{count} of {of} ({:.1} %)",
            100.0 * count as f64 / of as f64
        ),
    }
}

/// Sorts `values` and returns the quantile `part` (0 to 1); `None` without values.
fn quantile(values: &mut [f64], part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part) as usize;
    values.get(at.min(values.len().checked_sub(1)?)).copied()
}

/// Milliseconds without decimals, or a dash.
fn ms(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.0}"))
}
