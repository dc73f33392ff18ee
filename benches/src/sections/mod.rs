//! What `make accuracy` prints, a file for each part.

mod asterisk;
pub mod digits;
mod heard;
pub mod machine;
pub mod tones;
pub mod voice;

pub use asterisk::Asterisk;
pub use heard::{Fact, Truth};

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

/// A quantile of what there is, sorted here.
fn quantile(values: &mut [f64], part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part) as usize;
    values.get(at.min(values.len().checked_sub(1)?)).copied()
}

/// Milliseconds, or a dash.
fn ms(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.0}"))
}
