//! Options of a collection as text.
#![forbid(unsafe_code)]

use super::pairs;
use crate::job::dtmf::{DigitSet, DtmfOptions};
use crate::types::Error;

/// The keys, for the error on an unknown key.
const KEYS: &str =
    "clear, count, seconds_predigits_timeout, seconds_interdigit_timeout, end, seconds_timeout";

/// Parses the options of a collection. Keys that are absent keep their value in `base`.
pub fn parse_dtmf(text: &str, base: DtmfOptions) -> Result<DtmfOptions, Error> {
    let mut options = base;
    for (key, value) in pairs(text)? {
        let key = key.as_str();
        match key {
            "clear" => options.clear = value.boolean(key)?,
            "count" => options.count = DtmfOptions::checked_count(value.integer(key)?)?,
            "seconds_predigits_timeout" => options.predigits_timeout = value.timeout(key)?,
            "seconds_interdigit_timeout" => options.interdigit_timeout = value.timeout(key)?,
            "seconds_timeout" => options.timeout = value.timeout(key)?,
            "end" => options.end = DigitSet::parse(value.string().as_bytes())?,
            _ => {
                return Err(Error::invalid(format!(
                    "{key}: no such option; there are {KEYS}"
                )));
            }
        }
    }
    Ok(options)
}
