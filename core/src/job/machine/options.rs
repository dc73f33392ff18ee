//! Options of a detection.
#![forbid(unsafe_code)]

use crate::time::Timeout;
use crate::types::{Error, MachineAnchor, MachineReadyOn, MachineStrategy};
use std::fmt;
use zeroize::Zeroizing;

/// Longest `status_url`, bytes: the C API's field less its NUL.
pub const URL_MAX: usize = 1023;
/// Longest `status_secret`, bytes: the C API's field less its NUL.
pub const SECRET_MAX: usize = 255;

/// A secret that is wiped when it is dropped. `Debug` prints only whether it is set.
#[derive(Clone, Default, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Copies `text`.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The secret's text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "set" })
    }
}

/// Options of `detect_machine`; the defaults are those of the contract (docs/reference/contract.md).
#[derive(Clone, Debug, PartialEq)]
pub struct MachineOptions {
    /// Continue after MACHINE until the beep or the end of the greeting.
    pub detect_message_end: bool,
    /// With `detect_message_end`: continue after READY, and emit NOT_READY when the machine speaks again.
    pub detect_interruptions: bool,
    /// The detector `amd`: human or machine.
    pub amd: bool,
    /// The detector `fax`.
    pub fax: bool,
    /// Silence after voice that gives HUMAN.
    pub end_silence_timeout: Timeout,
    /// Limit on the wait for the first voice.
    pub initial_timeout: Timeout,
    /// Silence after a machine's voice that gives READY; `None`: `end_silence_timeout`.
    pub machine_ready_timeout: Option<Timeout>,
    /// What gives READY, with `detect_message_end`.
    pub ready_on: MachineReadyOn,
    /// Ongoing voice that gives MACHINE.
    pub machine_voice_threshold: Timeout,
    /// Words in one utterance that give MACHINE, 1 to 1000.
    pub machine_words_threshold: u32,
    /// Limit on the whole detection.
    pub timeout: Timeout,
    /// Detect the fax tone CED.
    pub ced: bool,
    /// Detect the fax tone CNG.
    pub cng: bool,
    /// `machine_detect` waits for the end.
    pub wait: bool,
    /// Rules of the first verdict.
    pub strategy: MachineStrategy,
    /// Start of the timeouts.
    pub anchor: MachineAnchor,
    /// Time after HUMAN in which a beep or a fax tone overrides it.
    pub listen_on: Timeout,
    /// Time after `initial_timeout` in which a fax tone still counts.
    pub fax_timeout: Timeout,
    /// Emit provisional verdicts too.
    pub provisional: bool,
    /// Balance of the adaptive strategy's errors, 0 to 100: at 0 people are never lost, at 100 machines are never missed.
    pub sensitivity: u8,
    /// Limit on the adaptive strategy's verdict after the first voice, ms; 0: no limit.
    pub max_ms: u64,
    /// While `listen_on` lasts, speech that goes on as a machine's does replaces HUMAN by MACHINE.
    pub revise: bool,
    /// Continue after MACHINE until a person comes on the line.
    pub after_machine: bool,
    /// URL to which events are posted; empty: none.
    pub status_url: String,
    /// Key of the posts' signatures; empty: unsigned.
    pub status_secret: Secret,
}

impl Default for MachineOptions {
    fn default() -> Self {
        Self {
            detect_message_end: false,
            detect_interruptions: false,
            amd: true,
            fax: true,
            end_silence_timeout: Timeout::ms(1000),
            initial_timeout: Timeout::ms(4500),
            machine_ready_timeout: None,
            ready_on: MachineReadyOn::Any,
            machine_voice_threshold: Timeout::ms(1250),
            machine_words_threshold: 6,
            timeout: Timeout::ms(30_000),
            ced: true,
            cng: false,
            wait: true,
            strategy: MachineStrategy::Thresholds,
            anchor: MachineAnchor::Start,
            listen_on: Timeout::ms(0),
            fax_timeout: Timeout::ms(0),
            provisional: false,
            sensitivity: 50,
            max_ms: 0,
            revise: false,
            after_machine: false,
            status_url: String::new(),
            status_secret: Secret::default(),
        }
    }
}

impl MachineOptions {
    /// `machine_ready_timeout` or its default, `end_silence_timeout`.
    pub fn ready_timeout(&self) -> Timeout {
        self.machine_ready_timeout
            .unwrap_or(self.end_silence_timeout)
    }

    /// Checks a number of words from the host: 1 to 1000.
    pub fn checked_words(words: i64) -> Result<u32, Error> {
        match u32::try_from(words) {
            Ok(words @ 1..=1000) => Ok(words),
            _ => Err(Error::invalid(format!(
                "machine_words_threshold is {words}: it must be 1 to 1000"
            ))),
        }
    }

    /// Checks a sensitivity from the host: 0 to 100.
    pub fn checked_sensitivity(sensitivity: i64) -> Result<u8, Error> {
        match u8::try_from(sensitivity) {
            Ok(sensitivity @ 0..=100) => Ok(sensitivity),
            _ => Err(Error::invalid(format!(
                "sensitivity is {sensitivity}: it must be 0 to 100"
            ))),
        }
    }

    /// Refuses combinations without a detector or a tone, and texts that are too long or contain a NUL.
    pub fn check(&self) -> Result<(), Error> {
        if !self.amd && !self.fax {
            return Err(Error::invalid("detectors: amd, fax, or both"));
        }
        if self.fax && !self.ced && !self.cng {
            return Err(Error::invalid("tone: CED, CNG, or both"));
        }
        for (name, text, max) in [
            ("status_url", self.status_url.as_str(), URL_MAX),
            ("status_secret", self.status_secret.as_str(), SECRET_MAX),
        ] {
            if text.len() > max {
                return Err(Error::invalid(format!(
                    "{name} has {} bytes: it must have at most {max}",
                    text.len()
                )));
            }
            if text.contains('\0') {
                return Err(Error::invalid(format!("{name} contains a NUL")));
            }
        }
        Ok(())
    }
}
