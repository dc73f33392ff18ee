//! What a detection is asked for.
#![forbid(unsafe_code)]

use crate::time::Timeout;
use crate::types::{Error, MachineAnchor, MachineStrategy};
use std::fmt;
use zeroize::Zeroizing;

/// The longest URL and the longest secret that the C API has room for.
pub const URL_MOST: usize = 1023;
/// Likewise.
pub const SECRET_MOST: usize = 255;

/// A key that is wiped when it is let go, and never printed.
#[derive(Clone, Default, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A copy of it.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The key itself.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "set" })
    }
}

/// The properties of `detect_machine`, and what goes beyond the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineOptions {
    /// Go on after MACHINE until the beep, or the end of the greeting.
    pub detect_message_end: bool,
    /// With it: go on after READY, and emit when the machine speaks again.
    pub detect_interruptions: bool,
    /// Detector `amd`: human or machine.
    pub amd: bool,
    /// Detector `fax`.
    pub fax: bool,
    /// Silence after voice that makes it a human's.
    pub end_silence_timeout: Timeout,
    /// How long to wait for the first voice.
    pub initial_timeout: Timeout,
    /// Silence after a machine's voice that makes it ready; `None` is `end_silence_timeout`.
    pub machine_ready_timeout: Option<Timeout>,
    /// Ongoing voice that makes it a machine's.
    pub machine_voice_threshold: Timeout,
    /// Words in an utterance that make it a machine's.
    pub machine_words_threshold: u32,
    /// The whole time.
    pub timeout: Timeout,
    /// Fax tone CED is looked for.
    pub ced: bool,
    /// Fax tone CNG is.
    pub cng: bool,
    /// The host waits for the end.
    pub wait: bool,
    /// How to decide.
    pub strategy: MachineStrategy,
    /// From when the timeouts count.
    pub anchor: MachineAnchor,
    /// How long after HUMAN a beep or a fax tone may still override it.
    pub listen_on: Timeout,
    /// Verdicts that may still change are complete too.
    pub provisional: bool,
    /// Where events are posted; empty for nowhere.
    pub status_url: String,
    /// The key of the posts' signatures; empty for none.
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
            machine_voice_threshold: Timeout::ms(1250),
            machine_words_threshold: 6,
            timeout: Timeout::ms(30_000),
            ced: true,
            cng: false,
            wait: true,
            strategy: MachineStrategy::Thresholds,
            anchor: MachineAnchor::Start,
            listen_on: Timeout::ms(0),
            provisional: false,
            status_url: String::new(),
            status_secret: Secret::default(),
        }
    }
}

impl MachineOptions {
    /// The value of `machine_ready_timeout`, its default included.
    pub fn ready_timeout(&self) -> Timeout {
        self.machine_ready_timeout
            .unwrap_or(self.end_silence_timeout)
    }

    /// A number of words, if it can be one.
    pub fn checked_words(words: i64) -> Result<u32, Error> {
        match u32::try_from(words) {
            Ok(words @ 1..=1000) => Ok(words),
            _ => Err(Error::invalid(format!(
                "machine_words_threshold is {words}: it must be 1 to 1000"
            ))),
        }
    }

    /// Whether they go together.
    pub fn check(&self) -> Result<(), Error> {
        if !self.amd && !self.fax {
            return Err(Error::invalid("detectors: amd, fax, or both"));
        }
        if self.fax && !self.ced && !self.cng {
            return Err(Error::invalid("tone: CED, CNG, or both"));
        }
        for (name, text, most) in [
            ("status_url", self.status_url.as_str(), URL_MOST),
            ("status_secret", self.status_secret.as_str(), SECRET_MOST),
        ] {
            if text.len() > most {
                return Err(Error::invalid(format!(
                    "{name} has {} bytes: {most} is the most",
                    text.len()
                )));
            }
            if text.contains('\0') {
                return Err(Error::invalid(format!("{name} has a NUL in it")));
            }
        }
        Ok(())
    }
}
