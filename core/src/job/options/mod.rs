//! Options as text, for all hosts: `key=value,key=value` or a JSON object, with the option names of the contract
//! (docs/reference/contract.md).
#![forbid(unsafe_code)]

mod dtmf;
mod machine;
mod recorder;

pub use dtmf::parse_dtmf;
pub use machine::parse_machine;
pub use recorder::{existing, hexadecimal, parse_recorder};

use crate::time::Timeout;
use crate::types::Error;
use serde_json::Value as Json;
use zeroize::Zeroizing;

/// Longest timeout in text, s (about 30 years); a longer one is taken for a typing error.
const MAX_TIMEOUT_S: f64 = 1e9;

/// The value of one key. `None` stands for None in the plain syntax and null in JSON. The text is wiped when it is dropped,
/// because it may be a secret.
struct Value(Option<Zeroizing<String>>);

impl Value {
    /// The text; empty for `None`.
    fn string(&self) -> &str {
        self.0.as_ref().map_or("", |text| text.as_str())
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

    /// An integer of 0 or more; `None` is no limit, which is 0.
    fn amount<T: TryFrom<i64>>(&self, key: &str) -> Result<T, Error> {
        let value = match self.0 {
            None => 0,
            Some(_) => self.integer(key)?,
        };
        T::try_from(value)
            .map_err(|_| Error::invalid(format!("{key}={value}: it must be 0 or more")))
    }

    fn number(&self, key: &str) -> Result<f32, Error> {
        let number = self.string().parse().ok().filter(|n: &f32| n.is_finite());
        number
            .ok_or_else(|| Error::invalid(format!("{key}={}: it must be a number", self.string())))
    }

    /// One of the values of an enum, by its name in any case.
    fn name<T: Copy>(&self, key: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, Error> {
        let text = self.string();
        let found = all.iter().find(|v| name(**v).eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|v| name(*v)).collect();
            Error::invalid(format!(
                "{key}={text}: it must be one of {}",
                names.join(", ")
            ))
        })
    }

    /// Seconds, as a fraction if need be; `None` is [`Timeout::Forever`].
    fn timeout(&self, key: &str) -> Result<Timeout, Error> {
        let Some(text) = self.0.as_ref().map(|text| text.as_str()) else {
            return Ok(Timeout::Forever);
        };
        let seconds: f64 = text
            .parse()
            .ok()
            .filter(|s| (0.0..=MAX_TIMEOUT_S).contains(s))
            .ok_or_else(|| {
                Error::invalid(format!(
                    "{key}={text}: it must be seconds, 0 or more, or None"
                ))
            })?;
        // Rounded up: 0 would mean "return at once".
        Ok(Timeout::ms((seconds * 1000.0).ceil() as u64))
    }
}

/// The key and value pairs of a text in either syntax. A key that occurs twice is an error.
fn pairs(text: &str) -> Result<Vec<(String, Value)>, Error> {
    let text = text.trim();
    let pairs = if text.starts_with('{') {
        json_pairs(json_object(text)?)?
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

type Object = serde_json::Map<String, Json>;

fn json_object(text: &str) -> Result<Object, Error> {
    serde_json::from_str(text).map_err(|e| Error::invalid(format!("options: {e}")))
}

fn json_pairs(object: Object) -> Result<Vec<(String, Value)>, Error> {
    object
        .into_iter()
        .map(|(key, value)| {
            let text = match value {
                Json::Null => None,
                Json::Bool(b) => Some(b.to_string()),
                Json::Number(n) => Some(n.to_string()),
                Json::String(s) => Some(s),
                Json::Array(_) | Json::Object(_) => {
                    return Err(Error::invalid(format!(
                        "{key}: it must be a number, a string, true, false or null"
                    )));
                }
            };
            Ok((key, Value(text.map(Zeroizing::new))))
        })
        .collect()
}

/// Keys whose value is a list: a part without `=` after one of them belongs to the list.
const LISTS: [&str; 2] = ["detectors", "tone"];

/// Keys whose value must not occur in an error text.
const SECRETS: [&str; 2] = ["cipher", "status_secret"];

fn plain_pairs(text: &str) -> Result<Vec<(String, Value)>, Error> {
    let mut pairs: Vec<(String, Value)> = Vec::new();
    for part in parts(text)? {
        let Some((key, value)) = part.split_once('=') else {
            match pairs.last_mut() {
                Some((key, Value(Some(list)))) if LISTS.contains(&key.as_str()) => {
                    list.push(',');
                    list.push_str(part);
                    continue;
                }
                // The part may be the rest of a secret that contains a comma.
                Some((key, _)) if SECRETS.contains(&key.as_str()) => {
                    return Err(Error::invalid(format!(
                        "{key}: a value with a comma must be in double quotes"
                    )));
                }
                _ => {
                    return Err(Error::invalid(format!(
                        "\"{part}\": options are key=value,key=value"
                    )));
                }
            }
        };
        let value = value.trim();
        let none = ["none", "null", "forever"];
        let text = match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
            Some(quoted) => Some(quoted),
            None if none.iter().any(|n| value.eq_ignore_ascii_case(n)) => None,
            None => Some(value),
        };
        let text = text.map(|value| Zeroizing::new(value.to_string()));
        pairs.push((key.trim().to_string(), Value(text)));
    }
    Ok(pairs)
}

/// Splits at commas outside double quotes.
fn parts(text: &str) -> Result<Vec<&str>, Error> {
    let mut quoted = false;
    let parts = text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let parts: Vec<&str> = parts.map(str::trim).filter(|p| !p.is_empty()).collect();
    if quoted {
        return Err(Error::invalid("a double quote is not closed"));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
