//! The detection of machines.

use super::channel::earwig_channel;
use super::machine_options::earwig_machine_options;
use super::options::read_options;
use super::{on_channel, struct_room, text_array, versioned, wait_ms, write_struct};
use earwig_core::job::machine::MachineResult;
use earwig_core::time::{Samples, to_ms};
use earwig_core::types::{
    FaxTone, MachineAnchor, MachineCause, MachineEvent, MachineStrategy, MachineVerdict,
    NetworkTone, Status,
};
use std::ffi::c_char;

/// How a detection ended, or what is known so far.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_machine_result {
    /// Size of this struct; set by `earwig_machine_result_init`.
    pub struct_size: usize,
    /// Who answered; DETECTING while there is no verdict.
    pub verdict: MachineVerdict,
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

versioned! {
    earwig_machine_result {
        verdict, cause, cause_text, confidence, beep, beep_ms, beep_hz, ready, fax_tone, network_tone, detect_ms, verdict_ms,
        onset_ms, greeting_end_ms, latency_ms, words, voice_ms, started_ms, ended_ms;
        verdict: MachineVerdict, cause: MachineCause, fax_tone: FaxTone, network_tone: NetworkTone
    }
}

impl From<&MachineResult> for earwig_machine_result {
    fn from(o: &MachineResult) -> Self {
        let ms = |at: Samples| to_ms(at) as i64;
        let known = |at: Option<Samples>| at.map_or(-1, ms);
        Self {
            struct_size: 0,
            verdict: o.verdict,
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
            verdict_ms: known(o.verdict_at),
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
pub extern "C" fn earwig_machine_verdict_str(verdict: i32) -> *const c_char {
    MachineVerdict::from_i32(verdict)
        .map_or(c"UNKNOWN", MachineVerdict::text)
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

/// Empties an outcome (DETECTING) and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
///
/// # Safety
/// `outcome` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_result_init(outcome: *mut earwig_machine_result) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(outcome, (&MachineResult::new(0)).into()) }
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
    outcome: *mut earwig_machine_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(outcome)?;
            let detected = c.machine_detect(read_options(options)?)?;
            let known = match &detected {
                Some(outcome) => outcome.into(),
                None => (&MachineResult::new(c.media())).into(),
            };
            write_struct(outcome, known)
        })
    }
}

/// Starts a detection in the background, whatever `wait` says. Events foreach_field how it goes, and MACHINE_ENDED that it is over;
/// `earwig_machine_wait` waits for that, `earwig_machine_get_result` looks.
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
    outcome: *mut earwig_machine_result,
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
pub unsafe extern "C" fn earwig_machine_get_result(
    channel: *mut earwig_channel,
    outcome: *mut earwig_machine_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(outcome)?;
            write_struct(outcome, (&c.machine_result()?).into())
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
    outcome: *mut earwig_machine_result,
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
