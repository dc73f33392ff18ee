//! What a detection is asked for.

use super::options::{self, JobOptions};
use super::recorder_options::EARWIG_DEFAULT;
use super::{array_text, init_struct, known, switch, text_array, timeout, timeout_ms, versioned};
use earwig_core::job::machine::{MachineOptions, SECRET_MOST, Secret, URL_MOST};
use earwig_core::job::options::parse_machine;
use earwig_core::types::{Error, MachineAnchor, MachineStrategy, Status};
use std::ffi::c_char;
use zeroize::Zeroize;

/// Of `detectors`: human or machine.
pub const EARWIG_DETECT_AMD: i32 = 1;
/// Of `detectors`: fax.
pub const EARWIG_DETECT_FAX: i32 = 2;
/// Of `tone`: the tone of a fax machine that answers, 2100 Hz in all its forms, or its V.21 preamble.
pub const EARWIG_TONE_CED: i32 = 1;
/// Of `tone`: the tone of a fax machine that calls, 1100 Hz.
pub const EARWIG_TONE_CNG: i32 = 2;

// cbindgen reads no sums: the lengths of the texts below are literals.
const _: () = assert!(URL_MOST + 1 == 1024 && SECRET_MOST + 1 == 256);

/// What a detection is asked for; the defaults are the seed's.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct earwig_machine_options {
    /// Size of this struct; set by `earwig_machine_options_init`.
    pub struct_size: usize,
    /// 1: after MACHINE go on until the beep, or the end of the greeting. 0 (default): the first verdict is the end.
    pub detect_message_end: i32,
    /// 1: with `detect_message_end`, go on after READY too, and foreach_field NOT_READY when the machine speaks again. 0 (default).
    pub detect_interruptions: i32,
    /// `EARWIG_DETECT_AMD`, `EARWIG_DETECT_FAX`, or both (default).
    pub detectors: i32,
    /// Silence after voice that makes it a human's: 1000 by default; `EARWIG_FOREVER`, as for all times here.
    pub end_silence_timeout_ms: i64,
    /// How long to wait for the first voice: 4500 by default.
    pub initial_timeout_ms: i64,
    /// Silence after a machine's voice before READY; `EARWIG_DEFAULT` (default): that of `end_silence_timeout_ms`.
    pub machine_ready_timeout_ms: i64,
    /// Ongoing voice that makes it a machine's, 1250 by default. Pauses of up to 200 ms do not interrupt it.
    pub machine_voice_threshold_ms: i64,
    /// Words in one utterance that make it a machine's, 6 by default: 1 to 1000.
    pub machine_words_threshold: i32,
    /// The whole time: 30,000 by default.
    pub timeout_ms: i64,
    /// `EARWIG_TONE_CED` (default), `EARWIG_TONE_CNG`, or both.
    pub tone: i32,
    /// 1 (default): `earwig_machine_detect` waits for the end. 0: it only starts.
    pub wait: i32,
    /// An `earwig_machine_strategy`; THRESHOLDS by default.
    pub strategy: i32,
    /// From when the timeouts count, an `earwig_machine_anchor`; START by default.
    pub anchor: i32,
    /// How long after HUMAN a beep or a fax tone may still override it; 0 (default): HUMAN is the end.
    pub listen_on_ms: i64,
    /// 1: with the adaptive strategy, foreach_field verdicts that may still change too. 0 (default).
    pub provisional: i32,
    /// Where the events are posted, NUL-terminated: an http or https URL; "" (default) for nowhere.
    pub status_url: [c_char; 1024],
    /// The key of the posts' HMAC-SHA256 signatures, NUL-terminated; "" (default): they are not signed.
    pub status_secret: [c_char; 256],
}

versioned! {
    earwig_machine_options {
        detect_message_end, detect_interruptions, detectors, end_silence_timeout_ms, initial_timeout_ms,
        machine_ready_timeout_ms, machine_voice_threshold_ms, machine_words_threshold, timeout_ms, tone, wait, strategy,
        anchor, listen_on_ms, provisional, status_url, status_secret
    }
}

fn flags(first: bool, second: bool) -> i32 {
    i32::from(first) | i32::from(second) << 1
}

/// Two switches in one number.
fn two(name: &str, value: i32) -> Result<[bool; 2], Error> {
    match value {
        1..=3 => Ok([value & 1 != 0, value & 2 != 0]),
        other => Err(Error::invalid(format!(
            "{name} is {other}: it must be 1, 2 or 3"
        ))),
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

/// Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
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

/// Reads options from text, over what `options` holds (call `earwig_machine_options_init` first).
///
/// `text`: `timeout=20,detectors=amd,fax,status_url="http://..."`, or the seed's JSON object, alone or in one named
/// `detect_machine`. The keys are the seed's: `detect_message_end`, `detectors`, `end_silence_timeout`, `initial_timeout`,
/// `machine_ready_timeout`, `machine_voice_threshold`, `machine_words_threshold`, `status_url`, `timeout`, `tone`, `wait`; and
/// `detect_interruptions`, `strategy`, `anchor`, `listen_on`, `provisional`, `status_secret`. Times are in seconds, with
/// fractions; `None`, `null` or `forever` is no limit. A value with commas stands in double quotes. Empty text changes nothing.
/// `error`, `error_size`: room for the text of what is wrong, NUL-terminated; NULL and 0 if nobody wants it.
/// Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
/// thread.
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
