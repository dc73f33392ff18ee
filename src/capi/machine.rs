//! A detection finds out who answered an outgoing call: a person, a machine or a fax. Start it at the answer, or
//! earlier with `early_media` and `EARWIG_MACHINE_ANCHOR_ANSWER`. Its verdict arrives 80 to 170 ms after a
//! threshold; `timeout_ms` is exact.

use super::channel::earwig_channel;
use super::machine_options::earwig_machine_options;
use super::options::read_options;
use super::{
    on_channel, on_channel_blocking, read_text, struct_room, text_array, versioned, wait_ms,
    write_struct,
};
use earwig_core::job::machine::MachineResult;
use earwig_core::time::{Samples, from_ms, to_ms};
use earwig_core::types::{
    Error, FaxTone, MachineAnchor, MachineCause, MachineEvent, MachineKind, MachineReadyOn,
    MachineStrategy, MachineVerdict, NetworkTone, Status,
};
use std::ffi::c_char;

/// Result of a detection, or what is known so far.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_machine_result {
    /// Size of this struct in bytes; set by `earwig_machine_result_init`.
    pub struct_size: usize,
    /// Who answered; DETECTING before the verdict.
    pub verdict: MachineVerdict,
    /// Which rule gave the verdict; NONE before it.
    pub cause: MachineCause,
    /// The cause with its numbers, such as "MAXWORDS-6-6"; NUL-terminated.
    pub cause_text: [c_char; 64],
    /// Confidence of the verdict, 0 to 1: 1 for a verdict by thresholds, 0 for UNKNOWN. With the adaptive strategy it is a
    /// probability: of 100 verdicts with 0.9, ninety are right.
    pub confidence: f32,
    /// 1 if a beep was detected, else 0.
    pub beep: i32,
    /// Media time at which the beep began, ms; -1 without a beep.
    pub beep_ms: i64,
    /// Frequency of the beep, Hz; 0 without a beep.
    pub beep_hz: f32,
    /// 1 if the machine is ready for a message, else 0.
    pub ready: i32,
    /// The fax tone that was detected.
    pub fax_tone: FaxTone,
    /// The last tone of the network before the verdict.
    pub network_tone: NetworkTone,
    /// Duration, ms, from the moment at which the timeouts began to count (`anchor`) to the end.
    pub detect_ms: i64,
    /// Media time of the verdict, ms; -1 before it.
    pub verdict_ms: i64,
    /// Media time of the first voice, ms; -1 if there was none.
    pub onset_ms: i64,
    /// Media time at which the voice before the verdict ended, ms; -1 if it had not ended.
    pub greeting_end_ms: i64,
    /// Time from `greeting_end_ms` to the verdict, ms; -1 if that is -1.
    pub latency_ms: i64,
    /// Words of the utterance that gave the verdict.
    pub words: i32,
    /// Voice in that utterance without its pauses, ms.
    pub voice_ms: i64,
    /// Media time at which it began, ms.
    pub started_ms: i64,
    /// Media time at which it ended, ms.
    pub ended_ms: i64,
    /// What answered, as far as it is known; it may change until the end.
    pub kind: MachineKind,
    /// Probability of the kind by its rules, 0 to 1; 0 with NONE.
    pub kind_confidence: f32,
}

versioned! {
    earwig_machine_result {
        verdict, cause, cause_text, confidence, beep, beep_ms, beep_hz, ready, fax_tone, network_tone, detect_ms, verdict_ms,
        onset_ms, greeting_end_ms, latency_ms, words, voice_ms, started_ms, ended_ms, kind,
        kind_confidence;
        verdict: MachineVerdict, cause: MachineCause, fax_tone: FaxTone, network_tone: NetworkTone, kind: MachineKind
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
            kind: o.kind.kind,
            kind_confidence: o.kind.confidence,
        }
    }
}

/// Returns the name of a verdict, such as "human".
///
/// # Parameters
///
/// - `verdict`: an `earwig_machine_verdict`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_verdict_str(verdict: i32) -> *const c_char {
    MachineVerdict::from_i32(verdict)
        .map_or(c"UNKNOWN", MachineVerdict::text)
        .as_ptr()
}

/// Returns the name of what answered, such as "voicemail".
///
/// # Parameters
///
/// - `kind`: an `earwig_machine_kind`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_kind_str(kind: i32) -> *const c_char {
    MachineKind::from_i32(kind)
        .map_or(c"UNKNOWN", MachineKind::text)
        .as_ptr()
}

/// Returns the name of an event, such as "NOT_READY" or "finished".
///
/// # Parameters
///
/// - `event`: an `earwig_machine_event`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_event_str(event: i32) -> *const c_char {
    MachineEvent::from_i32(event)
        .map_or(c"UNKNOWN", MachineEvent::text)
        .as_ptr()
}

/// Returns the name of a cause, such as "MAXWORDS".
///
/// # Parameters
///
/// - `cause`: an `earwig_machine_cause`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_cause_str(cause: i32) -> *const c_char {
    MachineCause::from_i32(cause)
        .map_or(c"UNKNOWN", MachineCause::text)
        .as_ptr()
}

/// Returns the name of a strategy as options spell it, such as "adaptive".
///
/// # Parameters
///
/// - `strategy`: an `earwig_machine_strategy`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_strategy_str(strategy: i32) -> *const c_char {
    MachineStrategy::from_i32(strategy)
        .map_or(c"UNKNOWN", MachineStrategy::text)
        .as_ptr()
}

/// Returns the name of what makes a machine READY as options spell it, such as "silence".
///
/// # Parameters
///
/// - `ready_on`: an `earwig_machine_ready_on`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_ready_on_str(ready_on: i32) -> *const c_char {
    MachineReadyOn::from_i32(ready_on)
        .map_or(c"UNKNOWN", MachineReadyOn::text)
        .as_ptr()
}

/// Returns the name of an anchor as options spell it, such as "first_media".
///
/// # Parameters
///
/// - `anchor`: an `earwig_machine_anchor`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_machine_anchor_str(anchor: i32) -> *const c_char {
    MachineAnchor::from_i32(anchor)
        .map_or(c"UNKNOWN", MachineAnchor::text)
        .as_ptr()
}

/// Returns the name of a fax tone, such as "ANSAM".
///
/// # Parameters
///
/// - `tone`: an `earwig_fax_tone`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_fax_tone_str(tone: i32) -> *const c_char {
    FaxTone::from_i32(tone)
        .map_or(c"UNKNOWN", FaxTone::text)
        .as_ptr()
}

/// Returns the name of a tone of the network, such as "BUSY".
///
/// # Parameters
///
/// - `tone`: an `earwig_network_tone`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_network_tone_str(tone: i32) -> *const c_char {
    NetworkTone::from_i32(tone)
        .map_or(c"UNKNOWN", NetworkTone::text)
        .as_ptr()
}

/// Sets a result to verdict DETECTING, and `struct_size`.
///
/// # Parameters
///
/// - `result`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `result` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `result` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_result_init(result: *mut earwig_machine_result) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(result, (&MachineResult::new(0)).into()) }
}

/// Detects who answered and waits until the detection ends. With `wait` 0 it starts the detection and returns.
///
/// A host that writes the audio on the same thread uses `earwig_machine_start`: this function would wait for its own
/// caller.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
/// - `options`: the options; NULL for the defaults.
/// - `result`: receives the result, DETECTING with `wait` 0; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`: the detection ended, for example with cause HANGUP; with `wait` 0, it started.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_BUSY`: a detection runs.
/// - `EARWIG_ERR_FULL`: the event queue is full of endings.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback with `wait` 1.
/// - `EARWIG_ERR_INVALID`: an option is out of range, or `status_url` is no http or https URL.
/// - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
/// - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` or `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Blocks unless `wait` is 0. May be called from a callback with `wait` 0.
///
/// # Safety
/// `channel` is NULL or lives; `options` is NULL or readable, `result` NULL or writable, as their `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_detect(
    channel: *mut earwig_channel,
    options: *const earwig_machine_options,
    result: *mut earwig_machine_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(result)?;
            let detected = c.machine_detect(read_options(options)?)?;
            let known = match &detected {
                Some(result) => result.into(),
                None => (&MachineResult::new(c.media())).into(),
            };
            write_struct(result, known)
        })
    }
}

/// Starts a detection and returns; `wait` is ignored. MACHINE events report its progress, a MACHINE_ENDED event its
/// end. If it ends at READY by silence, a MACHINE_BEEP event reports each beep that follows, until `timeout_ms`,
/// `earwig_machine_stop`, the hang-up or the next detection.
///
/// It begins at the place in the audio that is written when this is called.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
/// - `options`: the options; NULL for the defaults.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_BUSY`: a detection runs.
/// - `EARWIG_ERR_FULL`: the event queue is full of endings.
/// - `EARWIG_ERR_INVALID`: an option is out of range, or `status_url` is no http or https URL.
/// - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
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

/// Adds words of the host's own speech recogniser to the running detection. Phrases of machines and of people in them, which
/// docs/reference/phrases.md lists, change the kind, and with the adaptive strategy the odds; each counts once. Words never
/// give a verdict before voice was heard.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `text`: the words, UTF-8, NUL-terminated, at most 1023 bytes. "" changes nothing.
/// - `at_ms`: media time at which they began, ms, on the channel's clock (`media_ms` of `earwig_channel_get_stats`); 0 or
///   more. Words from before the detection count for nothing.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was added, as with each status below.
/// - `EARWIG_ERR_STATE`: no detection runs, or the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_INVALID`: `text` is not UTF-8 or too long, or `at_ms` is negative.
/// - `EARWIG_ERR_NULL`: `channel` or `text` is NULL.
///
/// # Threads
///
/// Control thread, never a media thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `text` is NULL or ends in a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_add_words(
    channel: *mut earwig_channel,
    text: *const c_char,
    at_ms: i64,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            let text = read_text(text)?.ok_or(Status::ErrNull)?;
            let at = u64::try_from(at_ms)
                .map_err(|_| Error::invalid(format!("at_ms is {at_ms}: it must be 0 or more")))?;
            c.machine_add_words(text, from_ms(at))
        })
    }
}

/// Waits until the running detection ends and reads its result. If none runs, it reads the last result at once.
///
/// Takes the MACHINE_ENDED event of that detection out of the queue, unless the channel has a callback.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
/// - `result`: receives the result; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: the detection goes on.
/// - `EARWIG_ERR_AGAIN`: no detection was started on this channel.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
/// - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
/// - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Blocks. Not from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `result` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_wait(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    result: *mut earwig_machine_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.machine_wait(wait_ms(timeout_ms)?)?).into())
        })
    }
}

/// Reads the result of the last detection, also after a hang-up, any number of times.
///
/// Takes the MACHINE_ENDED event of that detection out of the queue, unless the channel has a callback.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `result`: receives the result; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_AGAIN`: a detection runs, or none was started.
/// - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
/// - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `result` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_get_result(
    channel: *mut earwig_channel,
    result: *mut earwig_machine_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.machine_result()?).into())
        })
    }
}

/// Reads what was known of the running detection at its last event, or the result of the last one. No event is taken
/// out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `result`: receives the result so far, DETECTING before the verdict; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_AGAIN`: no detection was started on this channel.
/// - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
/// - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `result` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_get_progress(
    channel: *mut earwig_channel,
    result: *mut earwig_machine_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.machine_progress()?).into())
        })
    }
}

/// Ends the running detection and waits until it has ended. A verdict that it has given stays; without one the result
/// is UNKNOWN with cause STOPPED. If none runs, the last one reports no MACHINE_BEEP from here on. No event is taken
/// out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `timeout_ms`: maximum wait, ms; 0 requests the end and does not wait; `EARWIG_FOREVER`: no limit.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: the detection ends later.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback with a `timeout_ms` other than 0.
/// - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Blocks unless `timeout_ms` is 0. May be called from a callback with `timeout_ms` 0.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_stop(
    channel: *mut earwig_channel,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel_blocking(channel, |c| c.machine_stop(wait_ms(timeout_ms)?)) }
}
