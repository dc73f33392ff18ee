//! Intervals and quantiles.

use earwig_benches::statistics::{quantile, share, share_within, wilson};

fn assert_interval(count: usize, of: usize, low: f64, high: f64) {
    let (measured_low, measured_high) = wilson(count, of);
    assert!(
        (measured_low - low).abs() < 0.05 && (measured_high - high).abs() < 0.05,
        "{count} of {of}: {measured_low} to {measured_high}, not {low} to {high}"
    );
}

#[test]
fn wilson_intervals_are_the_published_ones() {
    // Newcombe 1998, table I, method 3.
    assert_interval(81, 263, 25.53, 36.62);
    assert_interval(15, 148, 6.24, 16.05);
    assert_interval(0, 20, 0.0, 16.11);
    assert_interval(1, 29, 0.61, 17.18);
}

#[test]
fn an_interval_stays_within_0_and_100() {
    assert_interval(20, 20, 83.89, 100.0);
    assert!(wilson(0, 3).0 == 0.0 && wilson(3, 3).1 == 100.0);
}

#[test]
fn shares_have_count_percentage_and_interval() {
    assert_eq!(share(12, 48), "12 of 48 (25.0 %)");
    assert_eq!(share_within(12, 48), "12 of 48 (25.0 %, 14.9 to 38.8)");
    assert_eq!(share(0, 0), "-");
    assert_eq!(share_within(0, 0), "-");
}

#[test]
fn a_quantile_is_one_of_the_values() {
    let mut values = [3.0, 1.0, 2.0, 4.0];
    assert_eq!(quantile(&mut values, 0.5), Some(3.0));
    assert_eq!(quantile(&mut values, 1.0), Some(4.0));
    assert_eq!(quantile(&mut [], 0.5), None);
}
