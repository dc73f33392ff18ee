//! Options as text, for every host: `key=value,key=value` or a JSON object, under the seeds' own names.
#![forbid(unsafe_code)]

mod machine;

pub use machine::parse_machine;

use crate::codec::cipher::Cipher;
use crate::job::dtmf::DigitSet;
use crate::job::dtmf::DtmfOptions;
use crate::job::recorder::{Existing, RecorderOptions};
use crate::time::Timeout;
use crate::types::{Error, RecorderFormat, RecorderSource};
use serde_json::Value;
use zeroize::Zeroizing;

/// The longest timeout that text may ask for, seconds (about 30 years); longer ones are slips of a key.
const SECONDS_MAX: f64 = 1e9;

/// The keys of a collection's options, for the error that names them.
const DTMF_KEYS: &str =
    "clear, count, seconds_predigits_timeout, seconds_interdigit_timeout, end, seconds_timeout";

/// Reads a collection's options over those that are there already; an error changes nothing.
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
                    "{key}: no such option; there are {DTMF_KEYS}"
                )));
            }
        }
    }
    Ok(options)
}

/// The keys of a recording's options.
const RECORDER_KEYS: &str = "file_format, rate, seconds_timeout, max_bytes, milliseconds_max_silence, \
     milliseconds_initial_silence, barge_in, cipher, source, silence_dbm0, squelch_dtmf, overwrite, append";

/// Reads a recording's options over those that are there already; an error changes nothing.
pub fn parse_recorder(text: &str, base: RecorderOptions) -> Result<RecorderOptions, Error> {
    let mut options = base;
    let mut overwrite = options.existing == Existing::Overwrite;
    let mut append = options.existing == Existing::Append;
    for (key, value) in pairs(text)? {
        let key = key.as_str();
        match key {
            "file_format" => {
                options.file_format = value.name(key, RecorderFormat::ALL, RecorderFormat::name)?;
            }
            "source" => {
                options.source = value.name(key, RecorderSource::ALL, RecorderSource::name)?
            }
            "rate" => options.rate_hz = value.amount(key)?,
            "seconds_timeout" => options.timeout = Some(value.timeout(key)?),
            "max_bytes" => options.max_bytes = value.amount(key)?,
            "milliseconds_max_silence" => options.max_silence_ms = value.amount(key)?,
            "milliseconds_initial_silence" => options.initial_silence_ms = value.amount(key)?,
            "barge_in" => options.barge_in = value.boolean(key)?,
            "silence_dbm0" => {
                let dbm0 = value.number(key)?;
                options.silence_dbm0 = (dbm0 != 0.0).then_some(dbm0);
            }
            "squelch_dtmf" => options.squelch_dtmf = value.boolean(key)?,
            "overwrite" => overwrite = value.boolean(key)?,
            "append" => append = value.boolean(key)?,
            "cipher" => options.cipher = value.cipher()?,
            _ => {
                return Err(Error::invalid(format!(
                    "{key}: no such option; there are {RECORDER_KEYS}"
                )));
            }
        }
    }
    options.existing = existing(overwrite, append)?;
    options.layout()?;
    Ok(options)
}

/// What two switches say about a file that exists.
pub fn existing(overwrite: bool, append: bool) -> Result<Existing, Error> {
    match (overwrite, append) {
        (false, false) => Ok(Existing::Refuse),
        (true, false) => Ok(Existing::Overwrite),
        (false, true) => Ok(Existing::Append),
        (true, true) => Err(Error::invalid(
            "overwrite and append: a recording can do one of them",
        )),
    }
}

/// One value, as either syntax gives it. `None` is the seeds' None, JSON's null.
/// It may be a key, and is wiped.
struct Raw(Option<Zeroizing<String>>);

impl Raw {
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

    /// Zero or more; None is no limit, which is zero.
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

    fn name<T: Copy>(&self, key: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, Error> {
        let wanted = self.string();
        let found = all.iter().find(|v| name(**v).eq_ignore_ascii_case(wanted));
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|v| name(*v)).collect();
            Error::invalid(format!(
                "{key}={wanted}: it must be one of {}",
                names.join(", ")
            ))
        })
    }

    /// `KEY:IV`, each in hexadecimal digits. What is wrong is said without the key.
    fn cipher(&self) -> Result<Option<Cipher>, Error> {
        let Some(text) = self.0.as_ref() else {
            return Ok(None);
        };
        let (key, iv) = text
            .split_once(':')
            .ok_or_else(|| Error::invalid("cipher: it must be KEY:IV in hexadecimal digits"))?;
        Cipher::new(&hexadecimal(key)?, &hexadecimal(iv)?).map(Some)
    }

    fn timeout(&self, key: &str) -> Result<Timeout, Error> {
        let Some(text) = self.0.as_ref().map(|text| text.as_str()) else {
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

/// Bytes of hexadecimal digits, two for each; they are wiped when they are let go.
pub fn hexadecimal(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let wrong =
        || Error::invalid("cipher: key and IV must be hexadecimal digits, two for each byte");
    if !text.len().is_multiple_of(2) || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    // All the room at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for at in (0..text.len()).step_by(2) {
        bytes.push(u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?);
    }
    Ok(bytes)
}

fn pairs(text: &str) -> Result<Vec<(String, Raw)>, Error> {
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

type Object = serde_json::Map<String, Value>;

fn json_object(text: &str) -> Result<Object, Error> {
    serde_json::from_str(text).map_err(|e| Error::invalid(format!("options: {e}")))
}

fn json_pairs(object: Object) -> Result<Vec<(String, Raw)>, Error> {
    object
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
            Ok((key, Raw(raw.map(Zeroizing::new))))
        })
        .collect()
}

/// Keys whose value is a list: a part without a key goes on with it.
const LISTS: [&str; 2] = ["detectors", "tone"];

/// Keys whose value no error shows.
const SECRETS: [&str; 2] = ["cipher", "status_secret"];

fn plain_pairs(text: &str) -> Result<Vec<(String, Raw)>, Error> {
    let mut pairs: Vec<(String, Raw)> = Vec::new();
    for part in parts(text)? {
        let Some((key, value)) = part.split_once('=') else {
            match pairs.last_mut() {
                Some((key, Raw(Some(list)))) if LISTS.contains(&key.as_str()) => {
                    list.push(',');
                    list.push_str(part);
                    continue;
                }
                // It may be the rest of a key that has a comma in it.
                Some((key, _)) if SECRETS.contains(&key.as_str()) => {
                    return Err(Error::invalid(format!(
                        "{key}: what has a comma in it stands in double quotes"
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
        let raw = match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
            Some(quoted) => Some(quoted),
            None if none.iter().any(|n| value.eq_ignore_ascii_case(n)) => None,
            None => Some(value),
        };
        let raw = raw.map(|value| Zeroizing::new(value.to_string()));
        pairs.push((key.trim().to_string(), Raw(raw)));
    }
    Ok(pairs)
}

/// What stands between commas; a comma within double quotes divides nothing.
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
