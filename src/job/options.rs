//! Options as text, for every host: `key=value,key=value` or a JSON object, under the seeds' own names.
#![forbid(unsafe_code)]

use super::collect::CollectOptions;
use super::digits::DigitSet;
use super::record::options::{Existing, RecordOptions};
use crate::cause::{Error, FileFormat, RecordSource};
use crate::codec::cipher::Cipher;
use crate::time::Timeout;
use serde_json::Value;
use zeroize::Zeroizing;

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

/// The keys of a recording's options.
const RECORD_KEYS: &str = "file_format, rate, seconds_timeout, max_bytes, milliseconds_max_silence, \
     milliseconds_initial_silence, barge_in, cipher, source, silence_dbm0, squelch_dtmf, overwrite, append";

/// Reads a recording's options over those that are there already; an error changes nothing.
pub fn parse_record(text: &str, base: RecordOptions) -> Result<RecordOptions, Error> {
    let mut options = base;
    let mut overwrite = options.existing == Existing::Overwrite;
    let mut append = options.existing == Existing::Append;
    for (key, value) in pairs(text)? {
        let key = key.as_str();
        match key {
            "file_format" => {
                options.file_format = value.name(key, FileFormat::ALL, FileFormat::name)?;
            }
            "source" => options.source = value.name(key, RecordSource::ALL, RecordSource::name)?,
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
                    "{key}: no such option; there are {RECORD_KEYS}"
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
            Ok((key, Raw(raw.map(Zeroizing::new))))
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
            let none = ["none", "null", "forever"];
            let raw = (!none.iter().any(|n| value.eq_ignore_ascii_case(n)))
                .then(|| Zeroizing::new(value.to_string()));
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

    fn record(text: &str) -> Result<RecordOptions, Error> {
        parse_record(text, RecordOptions::default())
    }

    #[test]
    fn a_recordings_options_read_the_same_in_both_spellings() {
        let plain = record(
            "file_format=ulaw,rate=11025,max_bytes=0,milliseconds_max_silence=2000,barge_in=yes,source=both,append=true,\
             cipher=000102030405060708090a0b0c0d0e0f:00000000000000000000000000000000",
        )
        .unwrap();
        let json = record(
            r#"{"file_format":"ulaw","rate":11025,"max_bytes":0,"milliseconds_max_silence":2000,"barge_in":true,
            "source":"both","append":true,"cipher":"000102030405060708090A0B0C0D0E0F:00000000000000000000000000000000"}"#,
        )
        .unwrap();
        for o in [plain, json] {
            assert_eq!(
                (o.file_format, o.rate_hz, o.max_bytes),
                (FileFormat::Ulaw, 11025, 0)
            );
            assert_eq!(
                (o.max_silence_ms, o.barge_in, o.existing),
                (2000, true, Existing::Append)
            );
            assert_eq!(o.source, RecordSource::Both);
            assert_eq!(o.cipher.unwrap().key.bytes()[15], 15);
        }
    }

    #[test]
    fn what_is_wrong_with_a_recordings_options_is_said_without_the_key() {
        for (text, part) in [
            ("file_format=mp3", "alaw, ulaw, oki, ima"),
            ("rate=44100", "11025"),
            ("rate=-1", "0 or more"),
            ("max_bytes=-1", "0 or more"),
            ("max_bytes=1e9", "whole number"),
            ("source=left", "rx, tx, mixed, both"),
            ("silence_dbm0=-70", "-60"),
            ("silence_dbm0=NaN", "a number"),
            ("barge_in=perhaps", "true or false"),
            ("overwrite=1,append=1", "one of them"),
            ("cipher=0011223344", "KEY:IV"),
            ("cipher=0011223344:00", "5 bytes"),
            ("cipher=000102030405060708090a0b0c0d0e0f:00", "IV of 1"),
            ("cipher=zz:00", "hexadecimal"),
            ("cipher=0:0", "hexadecimal"),
            ("filename=x", "no such option"),
        ] {
            let error = record(text).expect_err(text);
            assert!(error.text.contains(part), "{text}: {error}");
            assert!(!error.text.contains("001122"), "{text}: {error}");
        }
    }
}
