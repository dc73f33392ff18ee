//! The detection of machines.

use super::channel::earwig_channel;
use super::recorder::EARWIG_DEFAULT;
use super::{
    array_text, control, explain, known, on_channel, read_struct, read_text, sized, struct_room,
    switch, text_array, timeout, timeout_ms, wait_ms, write_struct,
};
use crate::cause::{
    Error, FaxTone, MachineAnchor, MachineCause, MachineEvent, MachineResult, MachineStrategy,
    NetworkTone, Status,
};
use crate::codec::cipher::scrub_stack;
use crate::job::machine::Outcome;
use crate::job::machine::options::{MachineOptions, SECRET_MOST, Secret, URL_MOST};
use crate::job::options::parse_machine;
use crate::time::{Samples, to_ms};
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
    /// 1: with `detect_message_end`, go on after READY too, and tell NOT_READY when the machine speaks again. 0 (default).
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
    /// 1: with the adaptive strategy, tell verdicts that may still change too. 0 (default).
    pub provisional: i32,
    /// Where the events are posted, NUL-terminated: an http or https URL; "" (default) for nowhere.
    pub status_url: [c_char; 1024],
    /// The key of the posts' HMAC-SHA256 signatures, NUL-terminated; "" (default): they are not signed.
    pub status_secret: [c_char; 256],
}

/// How a detection ended, or what is known so far.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_machine_outcome {
    /// Size of this struct; set by `earwig_machine_outcome_init`.
    pub struct_size: usize,
    /// Who answered; DETECTING while there is no verdict.
    pub result: MachineResult,
    /// Which rule gave the verdict.
    pub cause: MachineCause,
    /// The same with its figures, such as "MAXWORDS-6-6"; NUL-terminated.
    pub cause_text: [c_char; 64],
    /// How sure the verdict is: 0 to 1. A rule of thresholds is sure of itself, UNKNOWN is not.
    pub confidence: f32,
    /// 1 if a beep was heard.
    pub beep: i32,
    /// Media time of its start; -1 without one.
    pub beep_ms: i64,
    /// Its frequency; 0 without one.
    pub beep_hz: f32,
    /// 1 if the machine is ready for a message.
    pub ready: i32,
    /// The fax tone that was heard.
    pub fax_tone: FaxTone,
    /// The last of the network's tones before the verdict.
    pub network_tone: NetworkTone,
    /// What the detection took: from the moment at which its timeouts began to count (`anchor`) to its end.
    pub detect_ms: i64,
    /// Media time of the verdict; -1 before it.
    pub verdict_ms: i64,
    /// Media time of the first voice; -1 without one.
    pub onset_ms: i64,
    /// Media time at which the voice before the verdict ended; -1 if it had not.
    pub greeting_end_ms: i64,
    /// From there to the verdict; -1 likewise.
    pub latency_ms: i64,
    /// Words of the utterance that was judged.
    pub words: i32,
    /// Its voice, without the pauses.
    pub voice_ms: i64,
    /// Media time of the start.
    pub started_ms: i64,
    /// Media time of the end.
    pub ended_ms: i64,
}

sized! {
    earwig_machine_options {
        detect_message_end, detect_interruptions, detectors, end_silence_timeout_ms, initial_timeout_ms,
        machine_ready_timeout_ms, machine_voice_threshold_ms, machine_words_threshold, timeout_ms, tone, wait, strategy,
        anchor, listen_on_ms, provisional, status_url, status_secret
    }
    earwig_machine_outcome {
        result, cause, cause_text, confidence, beep, beep_ms, beep_hz, ready, fax_tone, network_tone, detect_ms, verdict_ms,
        onset_ms, greeting_end_ms, latency_ms, words, voice_ms, started_ms, ended_ms;
        result: MachineResult, cause: MachineCause, fax_tone: FaxTone, network_tone: NetworkTone
    }
}

fn flags(first: bool, second: bool) -> i32 {
    i32::from(first) | i32::from(second) << 1
}

impl From<&MachineOptions> for earwig_machine_options {
    fn from(o: &MachineOptions) -> Self {
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

impl TryFrom<&earwig_machine_options> for MachineOptions {
    type Error = Error;

    fn try_from(o: &earwig_machine_options) -> Result<Self, Error> {
        let [amd, fax] = two("detectors", o.detectors)?;
        let [ced, cng] = two("tone", o.tone)?;
        let this = Self {
            detect_message_end: switch("detect_message_end", o.detect_message_end)?,
            detect_interruptions: switch("detect_interruptions", o.detect_interruptions)?,
            amd,
            fax,
            end_silence_timeout: timeout(o.end_silence_timeout_ms)?,
            initial_timeout: timeout(o.initial_timeout_ms)?,
            machine_ready_timeout: match o.machine_ready_timeout_ms {
                EARWIG_DEFAULT => None,
                ms => Some(timeout(ms)?),
            },
            machine_voice_threshold: timeout(o.machine_voice_threshold_ms)?,
            machine_words_threshold: Self::checked_words(i64::from(o.machine_words_threshold))?,
            timeout: timeout(o.timeout_ms)?,
            ced,
            cng,
            wait: switch("wait", o.wait)?,
            strategy: known("strategy", o.strategy, MachineStrategy::from_i32)?,
            anchor: known("anchor", o.anchor, MachineAnchor::from_i32)?,
            listen_on: timeout(o.listen_on_ms)?,
            provisional: switch("provisional", o.provisional)?,
            status_url: array_text("status_url", &o.status_url)?.as_str().to_owned(),
            status_secret: Secret::new(&array_text("status_secret", &o.status_secret)?),
        };
        this.check()?;
        Ok(this)
    }
}

/// # Safety
/// `options` is NULL or readable as its `struct_size` says.
unsafe fn read_options(options: *const earwig_machine_options) -> Result<MachineOptions, Error> {
    // SAFETY: S3, as the caller promises.
    let read = unsafe { copy_options(options) };
    scrub_stack();
    read
}

/// Apart, so that what it leaves on the stack can be scrubbed.
///
/// # Safety
/// As `read_options`.
#[inline(never)]
unsafe fn copy_options(options: *const earwig_machine_options) -> Result<MachineOptions, Error> {
    if options.is_null() {
        return Ok(MachineOptions::default());
    }
    // SAFETY: S3, as the caller promises.
    let mut copy = unsafe { read_struct(options) }?;
    let read = MachineOptions::try_from(&copy);
    copy.status_secret.zeroize();
    read
}

/// Likewise apart.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says.
#[inline(never)]
unsafe fn parse_options(
    text: *const c_char,
    options: *mut earwig_machine_options,
) -> Result<(), Error> {
    // SAFETY: S3, as the caller promises.
    let (text, mut base) = unsafe {
        (
            read_text(text)?.ok_or(Status::ErrNull)?,
            read_struct(options)?,
        )
    };
    let parsed = MachineOptions::try_from(&base).and_then(|o| parse_machine(text, o));
    base.status_secret.zeroize();
    // SAFETY: S3, as the caller promises.
    unsafe { write_struct(options, (&parsed?).into()) }
}

impl From<&Outcome> for earwig_machine_outcome {
    fn from(o: &Outcome) -> Self {
        let ms = |at: Samples| to_ms(at) as i64;
        let known = |at: Option<Samples>| at.map_or(-1, ms);
        Self {
            struct_size: 0,
            result: o.result,
            cause: o.cause,
            cause_text: text_array(&o.text),
            confidence: o.confidence,
            beep: i32::from(o.beep.is_some()),
            beep_ms: known(o.beep.map(|(start, _)| start)),
            beep_hz: o.beep.map_or(0.0, |(_, hz)| hz),
            ready: i32::from(o.ready),
            fax_tone: o.fax_tone,
            network_tone: o.network_tone,
            detect_ms: ms(o.took()),
            verdict_ms: known(o.verdict),
            onset_ms: known(o.onset),
            greeting_end_ms: known(o.greeting_end),
            latency_ms: known(o.latency()),
            words: o.words as i32,
            voice_ms: ms(o.voice),
            started_ms: ms(o.started),
            ended_ms: ms(o.ended),
        }
    }
}

/// The name of a result as the seed's variable has it, such as "human". Static text, never NULL, also for a value that is no
/// result ("UNKNOWN"). Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_result_str(result: i32) -> *const c_char {
    MachineResult::from_i32(result)
        .map_or(c"UNKNOWN", MachineResult::text)
        .as_ptr()
}

/// The name of an event as the seed has it, such as "NOT_READY" or "finished"; likewise.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_event_str(event: i32) -> *const c_char {
    MachineEvent::from_i32(event)
        .map_or(c"UNKNOWN", MachineEvent::text)
        .as_ptr()
}

/// The name of a cause, such as "MAXWORDS"; likewise.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_cause_str(cause: i32) -> *const c_char {
    MachineCause::from_i32(cause)
        .map_or(c"UNKNOWN", MachineCause::text)
        .as_ptr()
}

/// The name of a strategy, such as "adaptive"; likewise.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_strategy_str(strategy: i32) -> *const c_char {
    MachineStrategy::from_i32(strategy)
        .map_or(c"UNKNOWN", MachineStrategy::text)
        .as_ptr()
}

/// The name of an anchor, such as "first_media"; likewise.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_anchor_str(anchor: i32) -> *const c_char {
    MachineAnchor::from_i32(anchor)
        .map_or(c"UNKNOWN", MachineAnchor::text)
        .as_ptr()
}

/// The name of a fax tone, such as "ANSAM"; likewise.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_fax_tone_str(tone: i32) -> *const c_char {
    FaxTone::from_i32(tone)
        .map_or(c"UNKNOWN", FaxTone::text)
        .as_ptr()
}

/// The name of a tone of the network, such as "BUSY"; likewise.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_network_tone_str(tone: i32) -> *const c_char {
    NetworkTone::from_i32(tone)
        .map_or(c"UNKNOWN", NetworkTone::text)
        .as_ptr()
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
    unsafe { super::init_struct(options, (&MachineOptions::default()).into()) }
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
    control(|| {
        // SAFETY: S3, as the caller promises.
        let result = unsafe { parse_options(text, options) };
        scrub_stack();
        // SAFETY: S3, as the caller promises.
        unsafe { explain(result, error, error_size) }
    })
}

/// Empties an outcome (DETECTING) and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
///
/// # Safety
/// `outcome` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_outcome_init(
    outcome: *mut earwig_machine_outcome,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(outcome, (&Outcome::new(0)).into()) }
}

/// The seed's `detect_machine`: detects and waits until that ends; with `wait` 0 it only starts, and `outcome` is DETECTING.
///
/// `options`: NULL for the defaults. It must not wait on the thread that writes the channel's audio, for it would wait for
/// itself: such a host uses `earwig_machine_start`.
/// Returns `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
/// `EARWIG_ERR_BUSY` if a detection runs, `EARWIG_ERR_FULL` if the queue is full of endings, `EARWIG_ERR_DEADLOCK` from a
/// callback, `EARWIG_ERR_INVALID` (a value out of its range, a URL that is not http or https), `EARWIG_ERR_NULL`,
/// `EARWIG_ERR_SIZE`: then nothing has started. A hang-up while it waits is no error but a cause. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `options` is NULL or readable, `outcome` NULL or writable, as their `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_detect(
    channel: *mut earwig_channel,
    options: *const earwig_machine_options,
    outcome: *mut earwig_machine_outcome,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(outcome)?;
            let detected = c.machine_detect(read_options(options)?)?;
            let known = match &detected {
                Some(outcome) => outcome.into(),
                None => (&Outcome::new(c.media())).into(),
            };
            write_struct(outcome, known)
        })
    }
}

/// Starts a detection in the background, whatever `wait` says. Events tell how it goes, and MACHINE_ENDED that it is over;
/// `earwig_machine_wait` waits for that, `earwig_machine_get_outcome` looks.
///
/// `options`: NULL for the defaults.
/// Returns what `earwig_machine_detect` does, but for `EARWIG_ERR_DEADLOCK`. Control thread; does not block.
///
/// # Safety
/// `channel` is NULL or lives; `options` is NULL or readable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_start(
    channel: *mut earwig_channel,
    options: *const earwig_machine_options,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| c.machine_start(read_options(options)?)) }
}

/// Waits until the detection that runs ends, or answers how the last one did.
///
/// `timeout_ms`: or `EARWIG_FOREVER`; when it runs out, the detection goes on.
/// Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_AGAIN` if none was started, `EARWIG_ERR_DEADLOCK` from a callback,
/// `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `outcome` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_wait(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    outcome: *mut earwig_machine_outcome,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(outcome)?;
            write_struct(outcome, (&c.machine_wait(wait_ms(timeout_ms)?)?).into())
        })
    }
}

/// Reads how the last detection ended. Returns `EARWIG_ERR_AGAIN` while one runs and before the first, `EARWIG_ERR_NULL`,
/// `EARWIG_ERR_SIZE`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `outcome` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_get_outcome(
    channel: *mut earwig_channel,
    outcome: *mut earwig_machine_outcome,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(outcome)?;
            write_struct(outcome, (&c.machine_outcome()?).into())
        })
    }
}

/// Reads what was known of the detection that runs when it last told an event (DETECTING before its verdict), or how the last
/// one ended. Returns `EARWIG_ERR_AGAIN` before the first, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `outcome` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_get_progress(
    channel: *mut earwig_channel,
    outcome: *mut earwig_machine_outcome,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(outcome)?;
            write_struct(outcome, (&c.machine_progress()?).into())
        })
    }
}

/// Ends the detection that runs, if any: its verdict stays, and without one it is UNKNOWN with cause STOPPED. Waits until it
/// has ended.
///
/// `timeout_ms`: 0 does not wait; `EARWIG_FOREVER`.
/// Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback (unless `timeout_ms` is 0), `EARWIG_ERR_INVALID`,
/// `EARWIG_ERR_NULL`. Control thread.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_stop(
    channel: *mut earwig_channel,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.machine_stop(wait_ms(timeout_ms)?)) }
}
