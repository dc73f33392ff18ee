//! Options of a recording as text.
#![forbid(unsafe_code)]

use super::{Value, pairs};
use crate::codec::cipher::Cipher;
use crate::job::recorder::{Existing, RecorderOptions};
use crate::types::{Error, RecorderFormat, RecorderSource};
use zeroize::Zeroizing;

/// The keys, for the error on an unknown key.
const KEYS: &str = "file_format, rate, seconds_timeout, max_bytes, milliseconds_max_silence, \
     milliseconds_initial_silence, barge_in, cipher, source, silence_dbm0, squelch_dtmf, overwrite, append, file_mode,
     cipher_mac";

/// Parses the options of a recording. Keys that are absent keep their value in `base`.
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
            "file_mode" => options.file_mode = parse_file_mode(&value)?,
            "cipher_mac" => options.cipher_mac = value.boolean(key)?,
            "cipher" => options.cipher = parse_cipher(&value)?,
            _ => {
                return Err(Error::invalid(format!(
                    "{key}: no such option; there are {KEYS}"
                )));
            }
        }
    }
    options.existing = existing(overwrite, append)?;
    options.layout()?;
    Ok(options)
}

/// Combines the options `overwrite` and `append`; both at once are an error.
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

/// Parses permission bits in octal digits: `0640`, `640`.
fn parse_file_mode(value: &Value) -> Result<u32, Error> {
    let text = value.string();
    let octal = text.len() <= 4 && text.bytes().all(|c| (b'0'..=b'7').contains(&c));
    let mode = octal.then(|| u32::from_str_radix(text, 8).ok()).flatten();
    mode.ok_or_else(|| {
        Error::invalid(format!(
            "file_mode={text}: it must be three octal digits, 0600 to 0777, with read and write for the owner"
        ))
    })
}

/// Parses `KEY:IV`, both in hexadecimal digits; `None` stands for no encryption. Error texts do not contain the key.
fn parse_cipher(value: &Value) -> Result<Option<Cipher>, Error> {
    let Some(text) = value.0.as_ref() else {
        return Ok(None);
    };
    let (key, iv) = text
        .split_once(':')
        .ok_or_else(|| Error::invalid("cipher: it must be KEY:IV in hexadecimal digits"))?;
    Cipher::new(&hexadecimal(key)?, &hexadecimal(iv)?).map(Some)
}

/// Parses hexadecimal digits, two for each byte. The result is wiped when it is dropped.
pub fn hexadecimal(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let wrong =
        || Error::invalid("cipher: key and IV must be hexadecimal digits, two for each byte");
    if !text.len().is_multiple_of(2) || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    // Allocated once: a vector that grows leaves copies of the key in freed memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for at in (0..text.len()).step_by(2) {
        bytes.push(u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?);
    }
    Ok(bytes)
}
