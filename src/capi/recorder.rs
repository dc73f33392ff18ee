//! A recording writes a WAV file while the call goes on. A thread of the engine writes to the disk: no media thread
//! and no worker waits for it. The file has its final name, and the recording its result, when all bytes are written.

use super::channel::earwig_channel;
use super::options::read_options;
use super::recorder_options::earwig_recorder_options;
use super::{
    on_channel, on_channel_blocking, struct_room, text_array, versioned, wait_ms, write_out,
    write_struct,
};
use crate::engine::{Channel, state_after};
use earwig_core::job::recorder::Control;
use earwig_core::job::recorder::RecorderResult;
use earwig_core::time::to_ms;
use earwig_core::types::{
    Error, RecorderCause, RecorderFormat, RecorderSource, RecorderState, Status,
};
use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Result of a recording.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_recorder_result {
    /// Size of this struct in bytes; set by `earwig_recorder_result_init`.
    pub struct_size: usize,
    /// Why it ended.
    pub cause: RecorderCause,
    /// State after it: IDLE, or ERROR if it failed. After a wait that timed out: RECORDING.
    pub state: RecorderState,
    /// 1 if it has audio, 0 if it is silence, -1 if that is not known yet.
    pub audio_detected: i32,
    /// Media time at which it began, ms.
    pub started_ms: i64,
    /// Media time at which it ended, ms; for a limit, the moment at which that was reached.
    pub ended_ms: i64,
    /// Length of the audio in the file, ms.
    pub duration_ms: i64,
    /// Bytes of audio in the file, without its header.
    pub bytes: i64,
    /// What failed, NUL-terminated; "" unless the cause is ERROR.
    pub error: [c_char; 256],
}

versioned! {
    earwig_recorder_result {
        cause, state, audio_detected, started_ms, ended_ms, duration_ms, bytes, error;
        cause: RecorderCause, state: RecorderState
    }
}

/// # Safety
/// `filename` is NULL or ends in a NUL, and lives as long as the result.
unsafe fn read_path<'a>(filename: *const c_char) -> Result<&'a Path, Error> {
    if filename.is_null() {
        return Err(Status::ErrNull.into());
    }
    // SAFETY: S3: it ends in a NUL.
    let name = unsafe { CStr::from_ptr(filename) };
    if name.is_empty() {
        return Err(Error::invalid("filename: it is empty"));
    }
    Ok(Path::new(OsStr::from_bytes(name.to_bytes())))
}

/// The channel's own `Arc`: a recording holds it until its file is complete.
fn shared(channel: &Channel) -> Result<Arc<Channel>, Error> {
    channel.upgrade().ok_or_else(|| Status::ErrHangup.into())
}

const EMPTY: earwig_recorder_result = earwig_recorder_result {
    struct_size: 0,
    cause: RecorderCause::None,
    state: RecorderState::Idle,
    audio_detected: -1,
    started_ms: 0,
    ended_ms: 0,
    duration_ms: 0,
    bytes: 0,
    error: [0; 256],
};

impl From<&RecorderResult> for earwig_recorder_result {
    fn from(recorded: &RecorderResult) -> Self {
        Self {
            struct_size: 0,
            cause: recorded.cause,
            state: state_after(recorded.cause),
            audio_detected: i32::from(recorded.audio_detected),
            started_ms: to_ms(recorded.started) as i64,
            ended_ms: to_ms(recorded.ended) as i64,
            duration_ms: recorded.duration_ms as i64,
            bytes: recorded.bytes as i64,
            error: text_array(&recorded.error),
        }
    }
}

/// Returns the name of a cause, such as "SILENCE".
///
/// # Parameters
///
/// - `cause`: an `earwig_recorder_cause`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_cause_str(cause: i32) -> *const c_char {
    RecorderCause::from_i32(cause)
        .map_or(c"UNKNOWN", RecorderCause::text)
        .as_ptr()
}

/// Returns the name of a state, such as "RECORDING".
///
/// # Parameters
///
/// - `state`: an `earwig_recorder_state`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_state_str(state: i32) -> *const c_char {
    RecorderState::from_i32(state)
        .map_or(c"UNKNOWN", RecorderState::text)
        .as_ptr()
}

/// Returns the name of a codec as options spell it, such as "alaw".
///
/// # Parameters
///
/// - `format`: an `earwig_recorder_format`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_format_str(format: i32) -> *const c_char {
    RecorderFormat::from_i32(format)
        .map_or(c"UNKNOWN", RecorderFormat::text)
        .as_ptr()
}

/// Returns the name of a source as options spell it: "rx", "tx", "mixed" or "both".
///
/// # Parameters
///
/// - `source`: an `earwig_recorder_source`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_source_str(source: i32) -> *const c_char {
    RecorderSource::from_i32(source)
        .map_or(c"UNKNOWN", RecorderSource::text)
        .as_ptr()
}

/// Sets a result to cause NONE and state IDLE, and `struct_size`.
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
pub unsafe extern "C" fn earwig_recorder_result_init(
    result: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(result, EMPTY) }
}

/// Records to a file and waits until the recording ends and the file is complete.
///
/// A host that writes the audio on the same thread uses `earwig_recorder_start`: this function would wait for its own
/// caller.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
/// - `filename`: path of the file; see `earwig_recorder_start`.
/// - `options`: the options; NULL for the defaults.
/// - `result`: receives cause, length, and whether it has audio; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`: the recording ended, for example with cause HANGUP, or with cause ERROR because the disk is full.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_BUSY`: a recording of this call is in progress, or its file is being finished.
/// - `EARWIG_ERR_FILE`: the file exists, is being recorded to, or cannot be created or appended to.
/// - `EARWIG_ERR_FULL`: the event queue is full of endings.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_INVALID`: an option is out of range, or `filename` is empty or ends in `.part`.
/// - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
/// - `EARWIG_ERR_NULL`: `channel`, `filename` or `result` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` or `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Blocks. Not from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `filename` is NULL or ends in a NUL; `options` is NULL or readable, `result` NULL or writable, as
/// their `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_record(
    channel: *mut earwig_channel,
    filename: *const c_char,
    options: *const earwig_recorder_options,
    result: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(result)?;
            let (path, options) = (read_path(filename)?, read_options(options)?);
            write_struct(result, (&shared(c)?.recorder_record(path, options)?).into())
        })
    }
}

/// Starts a recording and returns. Its ending is a RECORDER_ENDED event.
///
/// The file is created before this returns; the recording begins at the place in the audio that is written then.
///
/// Within a call the next recording can start when the file of the last one is complete. After a hang-up and an answer
/// it starts at once: the last call's file is completed meanwhile, its RECORDER_ENDED event still comes (`start_ms`
/// tells the two apart), and state, cause and result are those of the new recording.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
/// - `filename`: path of the file, any bytes, NUL-terminated; it must not end in `.part`, and its directory must
///   exist. During the recording the file is called `filename.part`; it gets its name when it is complete.
/// - `options`: the options; NULL for the defaults.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, and no file is left, as with each status below.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_BUSY`: a recording of this call is in progress, or its file is being finished.
/// - `EARWIG_ERR_FILE`: the file exists, is being recorded to, or cannot be created or appended to.
/// - `EARWIG_ERR_FULL`: the event queue is full of endings.
/// - `EARWIG_ERR_INVALID`: an option is out of range, or `filename` is empty or ends in `.part`.
/// - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
/// - `EARWIG_ERR_NULL`: `channel` or `filename` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Blocks while the file system creates the file. May be called from a callback, which should be
/// avoided.
///
/// # Safety
/// `channel` is NULL or lives; `filename` is NULL or ends in a NUL; `options` is NULL or readable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_start(
    channel: *mut earwig_channel,
    filename: *const c_char,
    options: *const earwig_recorder_options,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            let (path, options) = (read_path(filename)?, read_options(options)?);
            shared(c)?.recorder_start(path, options)
        })
    }
}

/// Ends the running recording with cause ABORTED and waits until its file is complete. No effect if none runs. No
/// event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
/// - `timeout_ms`: maximum wait, ms; 0 requests the end and does not wait; `EARWIG_FOREVER`: no limit.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: the disk is slow. The request stays, and the recording ends later.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
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
pub unsafe extern "C" fn earwig_recorder_stop(
    channel: *mut earwig_channel,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel_blocking(channel, |c| c.recorder_stop(wait_ms(timeout_ms)?)) }
}

/// Waits until the running recording ends and its file is complete, and reads its result. If none runs, it reads the
/// last result at once; before the first recording that is cause NONE, state IDLE and `audio_detected` -1.
///
/// Takes the RECORDER_ENDED event of that recording out of the queue, unless the channel has a callback.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`, when this is called.
/// - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
/// - `result`: receives the result; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: the recording goes on. `result` has cause TIMEOUT and state RECORDING.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. `earwig_recorder_get_result` reads a result after the hang-up.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
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
pub unsafe extern "C" fn earwig_recorder_wait(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    result: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(result)?;
            match c.recorder_wait(wait_ms(timeout_ms)?) {
                Ok(Some(recorded)) => write_struct(result, (&recorded).into()),
                Ok(None) => write_struct(result, EMPTY),
                Err(error) => {
                    if error.status == Status::ErrTimeout {
                        let value = earwig_recorder_result {
                            cause: RecorderCause::Timeout,
                            state: RecorderState::Recording,
                            ..EMPTY
                        };
                        write_struct(result, value)?;
                    }
                    Err(error)
                }
            }
        })
    }
}

/// Reads the result of the last recording, also after a hang-up, any number of times.
///
/// Takes the RECORDER_ENDED event of that recording out of the queue, unless the channel has a callback.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `result`: receives the result; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_AGAIN`: a recording is in progress, its file is being finished, or none was started.
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
pub unsafe extern "C" fn earwig_recorder_get_result(
    channel: *mut earwig_channel,
    result: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.recorder_result()?).into())
        })
    }
}

/// Reads the state of the recorder: RECORDING until the file is complete, ERROR after a recording that failed, else
/// IDLE. No event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `state`: receives an `earwig_recorder_state`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `channel` or `state` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `state` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_state(
    channel: *mut earwig_channel,
    state: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            write_out(state, c.recorder_info().state as i32)
        })
    }
}

/// Reads the cause of the last recording. No event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `cause`: receives an `earwig_recorder_cause`; NONE while a recording is in progress and before the first.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `channel` or `cause` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `cause` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_cause(
    channel: *mut earwig_channel,
    cause: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            write_out(cause, c.recorder_info().cause as i32)
        })
    }
}

/// Reads whether the last recording has audio. No event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `detected`: receives 1 if it has audio, 0 if it is silence, -1 while a recording is in progress and before the
///   first.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `channel` or `detected` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `detected` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_audio_detected(
    channel: *mut earwig_channel,
    detected: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            write_out(
                detected,
                c.recorder_info().audio_detected.map_or(-1, i32::from),
            )
        })
    }
}

/// Pauses the running recording, from the place in the audio that is written when this is called: nothing is written
/// to the file, and silence does not count.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_pause(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Pause)) }
}

/// Resumes a paused recording, from the place in the audio that is written when this is called.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_resume(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Resume)) }
}

/// Masks the running recording, from the place in the audio that is written when this is called: silence is written
/// in place of the audio, for example while the caller says a card number.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_mask(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Mask)) }
}

/// Ends the masking of a recording, at the place in the audio that is written when this is called.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_unmask(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Unmask)) }
}
