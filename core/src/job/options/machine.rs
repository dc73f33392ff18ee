//! Options of a detection as text.
#![forbid(unsafe_code)]

use super::{Json, Value, json_object, json_pairs, pairs};
use crate::job::machine::{MachineOptions, Secret};
use crate::types::{Error, MachineAnchor, MachineReadyOn, MachineStrategy};

/// The keys, for the error on an unknown key.
const KEYS: &str = "detect_message_end, detect_interruptions, detectors, end_silence_timeout, initial_timeout, \
     machine_ready_timeout, ready_on, machine_voice_threshold, machine_words_threshold, status_url, timeout, tone, wait, strategy, \
     anchor, listen_on, fax_timeout, provisional, sensitivity, max_ms, revise, after_machine, status_secret";

/// Parses the options of a detection. Keys that are absent keep their value in `base`. A JSON object may be wrapped as
/// `{"detect_machine": {...}}`.
pub fn parse_machine(text: &str, base: MachineOptions) -> Result<MachineOptions, Error> {
    let mut o = base;
    for (key, value) in machine_pairs(text)? {
        let key = key.as_str();
        match key {
            "detect_message_end" => o.detect_message_end = value.boolean(key)?,
            "detect_interruptions" => o.detect_interruptions = value.boolean(key)?,
            "detectors" => [o.amd, o.fax] = value.members(key, ["amd", "fax"])?,
            "end_silence_timeout" => o.end_silence_timeout = value.timeout(key)?,
            "initial_timeout" => o.initial_timeout = value.timeout(key)?,
            // Here None is the default, not `Timeout::Forever`.
            "machine_ready_timeout" => {
                o.machine_ready_timeout = match value.0 {
                    None => None,
                    Some(_) => Some(value.timeout(key)?),
                }
            }
            "ready_on" => {
                o.ready_on = value.name(key, MachineReadyOn::ALL, MachineReadyOn::name)?;
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
            "fax_timeout" => o.fax_timeout = value.timeout(key)?,
            "provisional" => o.provisional = value.boolean(key)?,
            "sensitivity" => {
                o.sensitivity = MachineOptions::checked_sensitivity(value.integer(key)?)?;
            }
            "max_ms" => o.max_ms = value.amount(key)?,
            "revise" => o.revise = value.boolean(key)?,
            "after_machine" => o.after_machine = value.boolean(key)?,
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

/// The [`pairs`] of a text whose JSON object may be wrapped as `{"detect_machine": {...}}`.
fn machine_pairs(text: &str) -> Result<Vec<(String, Value)>, Error> {
    if !text.trim_start().starts_with('{') {
        return pairs(text);
    }
    let mut object = json_object(text)?;
    if object.len() == 1
        && let Some(Json::Object(inner)) = object.get_mut("detect_machine")
    {
        object = std::mem::take(inner);
    }
    json_pairs(object)
}

impl Value {
    /// Which of two names a list contains. An unknown name or an empty list is an error.
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
