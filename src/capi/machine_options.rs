//! Options of a detection.

use super::options::{self, JobOptions};
use super::status::EARWIG_DEFAULT;
use super::{array_text, init_struct, known, switch, text_array, timeout, timeout_ms, versioned};
use earwig_core::job::machine::{MachineOptions, SECRET_MAX, Secret, URL_MAX};
use earwig_core::job::options::parse_machine;
use earwig_core::types::{Error, MachineAnchor, MachineReadyOn, MachineStrategy, Status};
use std::ffi::c_char;
use zeroize::Zeroize;

/// Bit of `detectors`: human or machine.
pub const EARWIG_DETECT_AMD: i32 = 1;
/// Bit of `detectors`: fax.
pub const EARWIG_DETECT_FAX: i32 = 2;
/// Bit of `tone`: the tone of a fax machine that answers, 2100 Hz in all its forms, or its V.21 preamble.
pub const EARWIG_TONE_CED: i32 = 1;
/// Bit of `tone`: the tone of a fax machine that calls, 1100 Hz.
pub const EARWIG_TONE_CNG: i32 = 2;

// cbindgen reads no sums: the lengths of the texts below are literals.
const _: () = assert!(URL_MAX + 1 == 1024 && SECRET_MAX + 1 == 256);

/// Options of a detection. `earwig_machine_options_init` sets the defaults.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct earwig_machine_options {
    /// Size of this struct in bytes; set by `earwig_machine_options_init`.
    pub struct_size: usize,
    /// 1: after MACHINE go on until the beep or the end of the greeting (`ready_on`); NOT_READY is reported if the
    /// machine speaks on. 0 (default): the first verdict ends it.
    pub detect_message_end: i32,
    /// 1: with `detect_message_end`, go on after READY and report NOT_READY when the machine speaks again. 0
    /// (default): READY ends it.
    pub detect_interruptions: i32,
    /// `EARWIG_DETECT_AMD`, `EARWIG_DETECT_FAX`, or both (default).
    pub detectors: i32,
    /// Silence after voice that makes it a human, ms; 1000 by default. `EARWIG_FOREVER`: no limit.
    pub end_silence_timeout_ms: i64,
    /// Maximum wait for the first voice, ms; 4500 by default. `EARWIG_FOREVER`: no limit.
    pub initial_timeout_ms: i64,
    /// Silence after a machine's voice before READY, ms; `EARWIG_FOREVER`: no limit. `EARWIG_DEFAULT` (default):
    /// `end_silence_timeout_ms`.
    pub machine_ready_timeout_ms: i64,
    /// Continuous voice that makes it a machine, ms; 1250 by default. Pauses of up to 200 ms do not interrupt it.
    /// `EARWIG_FOREVER`: no limit.
    pub machine_voice_threshold_ms: i64,
    /// Words in one utterance that make it a machine: 1 to 1000; 6 by default.
    pub machine_words_threshold: i32,
    /// Maximum duration of the detection, ms; 30,000 by default. What was heard up to it decides. `EARWIG_FOREVER`: no
    /// limit.
    pub timeout_ms: i64,
    /// `EARWIG_TONE_CED` (default), `EARWIG_TONE_CNG`, or both.
    pub tone: i32,
    /// 1 (default): `earwig_machine_detect` waits for the end. 0: it starts the detection and returns.
    pub wait: i32,
    /// How to decide, an `earwig_machine_strategy`; `EARWIG_MACHINE_STRATEGY_THRESHOLDS` by default.
    pub strategy: i32,
    /// Moment from which the timeouts count, an `earwig_machine_anchor`; `EARWIG_MACHINE_ANCHOR_START` by default.
    pub anchor: i32,
    /// Time after HUMAN in which a beep or a fax tone may still replace it, ms. 0 (default): HUMAN ends it.
    /// `EARWIG_FOREVER`: no limit.
    pub listen_on_ms: i64,
    /// 1: with the adaptive strategy, report MACHINE_PROVISIONAL events too. 0 (default): do not.
    pub provisional: i32,
    /// http or https URL to which the events are posted, NUL-terminated. "" (default): none.
    pub status_url: [c_char; 1024],
    /// Key of the posts' HMAC-SHA256 signatures, NUL-terminated: "whsec_" and base64 (Standard Webhooks), or any text. ""
    /// (default): they are not signed. The library wipes its own copies; the host wipes this one.
    pub status_secret: [c_char; 256],
    /// Time after `initial_timeout_ms` in which a fax tone still counts, ms; UNKNOWN follows after it. 0 (default): UNKNOWN
    /// comes at once. `EARWIG_FOREVER`: until `timeout_ms`.
    pub fax_timeout_ms: i64,
    /// With `detect_message_end`, what makes the machine READY, an `earwig_machine_ready_on`;
    /// `EARWIG_MACHINE_READY_ON_ANY` by default.
    pub ready_on: i32,
    /// With the adaptive strategy, maximum time from the first voice to the verdict, ms: the likelier answerer is it then. 0
    /// (default): no limit.
    pub max_ms: i64,
    /// With the adaptive strategy, the balance of its errors: 0 to 100; 50 by default. Towards 0 people are never lost,
    /// towards 100 machines are never missed.
    pub sensitivity: i32,
    /// 1: with the adaptive strategy, while `listen_on_ms` lasts after HUMAN, speech that goes on as a machine's does gives
    /// MACHINE. 0 (default): only a beep or a fax tone replaces HUMAN.
    pub revise: i32,
    /// 1: with the adaptive strategy, go on after MACHINE and READY until a person comes on the line, which gives HUMAN, or
    /// until `timeout_ms`. 0 (default): do not.
    pub after_machine: i32,
}

versioned! {
    earwig_machine_options {
        detect_message_end, detect_interruptions, detectors, end_silence_timeout_ms, initial_timeout_ms,
        machine_ready_timeout_ms, machine_voice_threshold_ms, machine_words_threshold, timeout_ms, tone, wait, strategy,
        anchor, listen_on_ms, provisional, status_url, status_secret, fax_timeout_ms, ready_on,
        max_ms, sensitivity, revise, after_machine
    }
}

fn flags(first: bool, second: bool) -> i32 {
    i32::from(first) | i32::from(second) << 1
}

/// Two flags in one number.
fn two(name: &str, value: i32) -> Result<[bool; 2], Error> {
    match value {
        1..=3 => Ok([value & 1 != 0, value & 2 != 0]),
        other => Err(Error::invalid(format!(
            "{name} is {other}: it must be 1, 2 or 3"
        ))),
    }
}

impl earwig_machine_options {
    /// The default if the host's struct ends before the field: 0 is no default there.
    fn known_sensitivity(&self) -> Result<u8, Error> {
        if self.struct_size <= std::mem::offset_of!(Self, sensitivity) {
            return Ok(MachineOptions::default().sensitivity);
        }
        MachineOptions::checked_sensitivity(i64::from(self.sensitivity))
    }
}

impl JobOptions for earwig_machine_options {
    type Job = MachineOptions;

    fn of(o: &MachineOptions) -> Self {
        Self {
            struct_size: 0,
            detect_message_end: i32::from(o.detect_message_end),
            detect_interruptions: i32::from(o.detect_interruptions),
            detectors: flags(o.amd, o.fax),
            end_silence_timeout_ms: timeout_ms(o.end_silence_timeout),
            initial_timeout_ms: timeout_ms(o.initial_timeout),
            machine_ready_timeout_ms: o.machine_ready_timeout.map_or(EARWIG_DEFAULT, timeout_ms),
            machine_voice_threshold_ms: timeout_ms(o.machine_voice_threshold),
            machine_words_threshold: o.machine_words_threshold as i32,
            timeout_ms: timeout_ms(o.timeout),
            tone: flags(o.ced, o.cng),
            wait: i32::from(o.wait),
            strategy: o.strategy as i32,
            anchor: o.anchor as i32,
            listen_on_ms: timeout_ms(o.listen_on),
            provisional: i32::from(o.provisional),
            status_url: text_array(&o.status_url),
            status_secret: text_array(o.status_secret.as_str()),
            fax_timeout_ms: timeout_ms(o.fax_timeout),
            ready_on: o.ready_on as i32,
            max_ms: i64::try_from(o.max_ms).unwrap_or(i64::MAX),
            sensitivity: i32::from(o.sensitivity),
            revise: i32::from(o.revise),
            after_machine: i32::from(o.after_machine),
        }
    }

    fn job(&self) -> Result<MachineOptions, Error> {
        let [amd, fax] = two("detectors", self.detectors)?;
        let [ced, cng] = two("tone", self.tone)?;
        let this = MachineOptions {
            detect_message_end: switch("detect_message_end", self.detect_message_end)?,
            detect_interruptions: switch("detect_interruptions", self.detect_interruptions)?,
            amd,
            fax,
            end_silence_timeout: timeout(self.end_silence_timeout_ms)?,
            initial_timeout: timeout(self.initial_timeout_ms)?,
            machine_ready_timeout: match self.machine_ready_timeout_ms {
                EARWIG_DEFAULT => None,
                ms => Some(timeout(ms)?),
            },
            machine_voice_threshold: timeout(self.machine_voice_threshold_ms)?,
            machine_words_threshold: MachineOptions::checked_words(i64::from(
                self.machine_words_threshold,
            ))?,
            timeout: timeout(self.timeout_ms)?,
            ced,
            cng,
            wait: switch("wait", self.wait)?,
            strategy: known("strategy", self.strategy, MachineStrategy::from_i32)?,
            anchor: known("anchor", self.anchor, MachineAnchor::from_i32)?,
            listen_on: timeout(self.listen_on_ms)?,
            provisional: switch("provisional", self.provisional)?,
            status_url: array_text("status_url", &self.status_url)?
                .as_str()
                .to_owned(),
            status_secret: Secret::new(&array_text("status_secret", &self.status_secret)?),
            fax_timeout: timeout(self.fax_timeout_ms)?,
            ready_on: known("ready_on", self.ready_on, MachineReadyOn::from_i32)?,
            max_ms: u64::try_from(self.max_ms).map_err(|_| {
                Error::invalid(format!("max_ms is {}: it must be 0 or more", self.max_ms))
            })?,
            sensitivity: self.known_sensitivity()?,
            revise: switch("revise", self.revise)?,
            after_machine: switch("after_machine", self.after_machine)?,
        };
        this.check()?;
        Ok(this)
    }

    fn parse(text: &str, base: MachineOptions) -> Result<MachineOptions, Error> {
        parse_machine(text, base)
    }

    fn wipe(&mut self) {
        self.status_secret.zeroize();
    }
}

/// Sets all options to their defaults, and `struct_size`.
///
/// # Parameters
///
/// - `options`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `options` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `options` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_options_init(
    options: *mut earwig_machine_options,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe {
        init_struct(
            options,
            earwig_machine_options::of(&MachineOptions::default()),
        )
    }
}

/// Reads options from text into `options`. Options that the text does not name keep their values.
///
/// Keys: `detect_message_end`, `detect_interruptions`, `detectors`, `end_silence_timeout`, `initial_timeout`,
/// `machine_ready_timeout`, `ready_on`, `machine_voice_threshold`, `machine_words_threshold`, `timeout`, `tone`,
/// `wait`, `strategy`, `anchor`, `listen_on`, `fax_timeout`, `provisional`, `sensitivity`, `max_ms`, `revise`,
/// `after_machine`, `status_url`, `status_secret`. Times are in seconds, with fractions, but `max_ms` in whole
/// milliseconds; `None`, `null` and `forever` mean no limit, for `machine_ready_timeout` its default. A value with
/// commas stands in double quotes.
///
/// # Parameters
///
/// - `text`: `timeout=20,detectors="amd,fax",status_url="http://..."`, or a JSON object with the same keys, alone or
///   as the member `detect_machine`. "" changes nothing. UTF-8, at most 64 KiB.
/// - `options`: the options to change; `earwig_machine_options_init` must have set them.
/// - `error`: receives the text of the error, NUL-terminated, cut to fit, "" without one; NULL if it is not wanted.
/// - `error_size`: bytes at `error`; 0 if it is not wanted.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: a key is unknown or a value is out of range. `options` is unchanged.
/// - `EARWIG_ERR_NULL`: `text` or `options` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says; `error` is NULL or
/// has `error_size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_options_parse(
    text: *const c_char,
    options: *mut earwig_machine_options,
    error: *mut c_char,
    error_size: usize,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { options::parse_options(text, options, error, error_size) }
}
