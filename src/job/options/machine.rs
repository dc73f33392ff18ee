//! A detection's options as text.
#![forbid(unsafe_code)]

use super::{Raw, pairs};
use crate::cause::{Error, MachineAnchor, MachineStrategy};
use crate::job::machine::options::{MachineOptions, Secret};
use serde_json::Value;
use zeroize::Zeroizing;

/// The keys, for the error that names them.
const KEYS: &str = "detect_message_end, detect_interruptions, detectors, end_silence_timeout, initial_timeout, \
     machine_ready_timeout, machine_voice_threshold, machine_words_threshold, status_url, timeout, tone, wait, strategy, \
     anchor, listen_on, provisional, status_secret";

/// Reads a detection's options over those that are there already; an error changes nothing. The seed's object may stand in
/// one named `detect_machine`, as it does in a document.
pub fn parse_machine(text: &str, base: MachineOptions) -> Result<MachineOptions, Error> {
    let mut o = base;
    let unwrapped = unwrapped(text);
    for (key, value) in pairs(unwrapped.as_deref().map_or(text, |t| t))? {
        let key = key.as_str();
        match key {
            "detect_message_end" => o.detect_message_end = value.boolean(key)?,
            "detect_interruptions" => o.detect_interruptions = value.boolean(key)?,
            "detectors" => [o.amd, o.fax] = value.members(key, ["amd", "fax"])?,
            "end_silence_timeout" => o.end_silence_timeout = value.timeout(key)?,
            "initial_timeout" => o.initial_timeout = value.timeout(key)?,
            // None is its default, not a wait without end.
            "machine_ready_timeout" => {
                o.machine_ready_timeout = match value.0 {
                    None => None,
                    Some(_) => Some(value.timeout(key)?),
                }
            }
            "machine_voice_threshold" => o.machine_voice_threshold = value.timeout(key)?,
            "machine_words_threshold" => {
                o.machine_words_threshold = MachineOptions::checked_words(value.integer(key)?)?;
            }
            "status_url" => o.status_url = value.string().to_owned(),
            "status_secret" => o.status_secret = Secret::new(value.string()),
            "timeout" => o.timeout = value.timeout(key)?,
            "tone" => [o.ced, o.cng] = value.members(key, ["CED", "CNG"])?,
            "wait" => o.wait = value.boolean(key)?,
            "strategy" => {
                o.strategy = value.name(key, MachineStrategy::ALL, MachineStrategy::name)?;
            }
            "anchor" => o.anchor = value.name(key, MachineAnchor::ALL, MachineAnchor::name)?,
            "listen_on" => o.listen_on = value.timeout(key)?,
            "provisional" => o.provisional = value.boolean(key)?,
            _ => {
                return Err(Error::invalid(format!(
                    "{key}: no such option; there are {KEYS}"
                )));
            }
        }
    }
    o.check()?;
    Ok(o)
}

/// What stands in `{"detect_machine": {...}}`.
fn unwrapped(text: &str) -> Option<Zeroizing<String>> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
    match (object.len(), object.get("detect_machine")) {
        (1, Some(inner @ Value::Object(_))) => Some(Zeroizing::new(inner.to_string())),
        _ => None,
    }
}

impl Raw {
    /// Which of two names a list has.
    fn members(&self, key: &str, names: [&str; 2]) -> Result<[bool; 2], Error> {
        let mut found = [false; 2];
        for part in self.string().split([',', '+', '|', '&']) {
            let part = part.trim();
            match names.iter().position(|n| n.eq_ignore_ascii_case(part)) {
                Some(at) => found[at] = true,
                None => {
                    return Err(Error::invalid(format!(
                        "{key}={}: it must be {}, {}, or both",
                        self.string(),
                        names[0],
                        names[1]
                    )));
                }
            }
        }
        Ok(found)
    }
}
