//! Who answered: the strategies `thresholds` and `adaptive`, and Asterisk's AMD(), on one set of calls.

mod breakdown;
mod curve;
mod methods;
mod reliability;
mod summary;
mod times;

use super::{AmdVerdicts, Set};
use methods::methods;

/// The section's text for a set.
pub fn tables(set: &Set, amd: Option<&AmdVerdicts>) -> String {
    let methods = methods(amd);
    let mut text = format!("\n## Who answered: {}\n", set.name);
    text += &summary::table(&set.calls, &methods);
    text += &curve::table(&set.calls);
    text += &breakdown::tables(&set.calls, &methods);
    text += &times::tables(set, &methods);
    text += &reliability::table(&set.calls);
    text
}
