//! Options as text, for every host: `key=value,key=value` or a JSON object, under the seeds' own names.
#![forbid(unsafe_code)]

use super::collect::CollectOptions;
use super::digits::DigitSet;
use crate::cause::Error;
use crate::time::Timeout;
use serde_json::Value;

/// The longest timeout that text may ask for, seconds (about 30 years); longer ones are slips of a key.
const SECONDS_MAX: f64 = 1e9;

/// The keys of a collection's options, for the error that names them.
const COLLECT_KEYS: &str =
    "clear, count, seconds_predigits_timeout, seconds_interdigit_timeout, end, seconds_timeout";

/// Reads a collection's options over those that are there already; an error changes nothing.
pub fn parse_collect(text: &str, base: CollectOptions) -> Result<CollectOptions, Error> {
    let mut options = base;
    for (key, value) in pairs(text)? {
        let key = key.as_str();
        match key {
            "clear" => options.clear = value.boolean(key)?,
            "count" => options.count = CollectOptions::checked_count(value.integer(key)?)?,
            "seconds_predigits_timeout" => options.predigits_timeout = value.timeout(key)?,
            "seconds_interdigit_timeout" => options.interdigit_timeout = value.timeout(key)?,
            "seconds_timeout" => options.timeout = value.timeout(key)?,
            "end" => options.end = DigitSet::parse(value.string().as_bytes())?,
            _ => {
                return Err(Error::invalid(format!(
                    "{key}: no such option; there are {COLLECT_KEYS}"
                )));
            }
        }
    }
    Ok(options)
}

/// One value, as either syntax gives it. `None` is the seeds' None, JSON's null.
#[derive(Debug)]
struct Raw(Option<String>);

impl Raw {
    fn string(&self) -> &str {
        self.0.as_deref().unwrap_or("")
    }

    fn boolean(&self, key: &str) -> Result<bool, Error> {
        match self.string().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            other => Err(Error::invalid(format!(
                "{key}={other}: it must be true or false"
            ))),
        }
    }

    fn integer(&self, key: &str) -> Result<i64, Error> {
        self.string().parse().map_err(|_| {
            Error::invalid(format!(
                "{key}={}: it must be a whole number",
                self.string()
            ))
        })
    }

    fn timeout(&self, key: &str) -> Result<Timeout, Error> {
        let Some(text) = self.0.as_deref() else {
            return Ok(Timeout::Forever);
        };
        let seconds: f64 = text
            .parse()
            .ok()
            .filter(|s| (0.0..=SECONDS_MAX).contains(s))
            .ok_or_else(|| {
                Error::invalid(format!(
                    "{key}={text}: it must be seconds, 0 or more, or None"
                ))
            })?;
        // Up, so that a tiny timeout does not turn into "return at once".
        Ok(Timeout::ms((seconds * 1000.0).ceil() as u64))
    }
}

fn pairs(text: &str) -> Result<Vec<(String, Raw)>, Error> {
    let text = text.trim();
    let pairs = if text.starts_with('{') {
        json_pairs(text)?
    } else {
        plain_pairs(text)?
    };
    for (i, (key, _)) in pairs.iter().enumerate() {
        if pairs[..i].iter().any(|(earlier, _)| earlier == key) {
            return Err(Error::invalid(format!("{key} is given twice")));
        }
    }
    Ok(pairs)
}

fn json_pairs(text: &str) -> Result<Vec<(String, Raw)>, Error> {
    let value: serde_json::Map<String, Value> =
        serde_json::from_str(text).map_err(|e| Error::invalid(format!("options: {e}")))?;
    value
        .into_iter()
        .map(|(key, value)| {
            let raw = match value {
                Value::Null => None,
                Value::Bool(b) => Some(b.to_string()),
                Value::Number(n) => Some(n.to_string()),
                Value::String(s) => Some(s),
                Value::Array(_) | Value::Object(_) => {
                    return Err(Error::invalid(format!(
                        "{key}: it must be a number, a string, true, false or null"
                    )));
                }
            };
            Ok((key, Raw(raw)))
        })
        .collect()
}

fn plain_pairs(text: &str) -> Result<Vec<(String, Raw)>, Error> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').ok_or_else(|| {
                Error::invalid(format!("\"{part}\": options are key=value,key=value"))
            })?;
            let value = value.trim();
            let raw = match value.to_ascii_lowercase().as_str() {
                "none" | "null" | "forever" => None,
                _ => Some(value.to_string()),
            };
            Ok((key.trim().to_string(), Raw(raw)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CollectOptions, Error> {
        parse_collect(text, CollectOptions::default())
    }

    #[test]
    fn the_seeds_example_reads_the_same_in_both_spellings() {
        let plain =
            parse("count=5, seconds_predigits_timeout=30,seconds_interdigit_timeout=1").unwrap();
        let json =
            parse(r#"{"count":5,"seconds_predigits_timeout":30,"seconds_interdigit_timeout":1.0}"#)
                .unwrap();
        assert_eq!(plain, json);
        assert_eq!(plain.count, 5);
        assert_eq!(plain.predigits_timeout, Timeout::ms(30_000));
        assert_eq!(plain.interdigit_timeout, Timeout::ms(1000));
        assert_eq!(plain.timeout, Timeout::Forever);
    }

    #[test]
    fn nothing_is_the_seeds_default() {
        assert_eq!(parse("").unwrap(), CollectOptions::default());
        assert_eq!(parse("{}").unwrap(), CollectOptions::default());
        assert_eq!(
            parse("end=None,seconds_timeout=None").unwrap(),
            CollectOptions::default()
        );
    }

    #[test]
    fn none_is_no_limit() {
        for text in [
            "seconds_predigits_timeout=None",
            "seconds_predigits_timeout=forever",
            r#"{"seconds_predigits_timeout":null}"#,
        ] {
            assert_eq!(
                parse(text).unwrap().predigits_timeout,
                Timeout::Forever,
                "{text}"
            );
        }
    }

    #[test]
    fn a_fraction_of_a_second_is_kept_and_never_becomes_zero() {
        assert_eq!(
            parse("seconds_timeout=2.5").unwrap().timeout,
            Timeout::ms(2500)
        );
        assert_eq!(
            parse("seconds_timeout=0.0001").unwrap().timeout,
            Timeout::ms(1)
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("count=33", "33"),
            ("count=-1", "-1"),
            ("count=x", "whole number"),
            ("count=", "whole number"),
            ("cuont=3", "no such option"),
            ("end=12Z", "\"Z\""),
            ("end=a", "\"a\""),
            ("clear=maybe", "true or false"),
            ("seconds_timeout=-1", "0 or more"),
            ("seconds_timeout=NaN", "0 or more"),
            ("seconds_timeout=inf", "0 or more"),
            ("count=1,count=2", "twice"),
            ("count", "key=value"),
            ("{\"count\":[1]}", "must be a number"),
            ("{\"count\":1", "options:"),
            ("{\"count\":1} x", "options:"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.text.contains(part), "{text}: {error}");
        }
    }
}
