//! Counts with their intervals, and quantiles.

/// Normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_964;

/// The Wilson score interval of a share at 95 % confidence, per cent. Source: Wilson 1927, without continuity correction. `of` is at
/// least 1.
pub fn wilson(count: usize, of: usize) -> (f64, f64) {
    let (n, share) = (of as f64, count as f64 / of as f64);
    let centre = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + Z * Z / n);
    (
        ((centre - half) * scale).max(0.0),
        ((centre + half) * scale).min(100.0),
    )
}

/// A share as a count and a percentage: `12 of 48 (25.0 %)`; a dash if there is nothing to count.
pub fn share(count: usize, of: usize) -> String {
    match of {
        0 => "-".to_owned(),
        _ => format!(
            "{count} of {of} ({:.1} %)",
            100.0 * count as f64 / of as f64
        ),
    }
}

/// A share with its Wilson interval: `12 of 48 (25.0 %, 14.9 to 38.8)`.
pub fn share_within(count: usize, of: usize) -> String {
    if of == 0 {
        return "-".to_owned();
    }
    let (low, high) = wilson(count, of);
    let per_cent = 100.0 * count as f64 / of as f64;
    format!("{count} of {of} ({per_cent:.1} %, {low:.1} to {high:.1})")
}

/// Sorts `values` and returns the quantile `part` (0 to 1); `None` without values.
pub fn quantile(values: &mut [f64], part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part) as usize;
    values.get(at.min(values.len().checked_sub(1)?)).copied()
}

/// Milliseconds without decimals, or a dash.
pub fn ms(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.0}"))
}
