//! Recordings.

use super::channel::earwig_channel;
use super::options::read_options;
use super::recorder_options::earwig_recorder_options;
use super::{on_channel, struct_room, text_array, versioned, wait_ms, write_out, write_struct};
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

/// How a recording ended.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_recorder_result {
    /// Size of this struct; set by `earwig_recorder_result_init`.
    pub struct_size: usize,
    /// Why it ended.
    pub cause: RecorderCause,
    /// The state that it left behind: IDLE or ERROR; RECORDING after a wait whose time ran out.
    pub state: RecorderState,
    /// 1 if there was audio in it, 0 if it is silence alone, -1 if that is not known yet.
    pub audio_detected: i32,
    /// Media time of its start.
    pub started_ms: i64,
    /// Media time of its end: for a limit, the moment at which it was reached.
    pub ended_ms: i64,
    /// Length of the audio in the file.
    pub duration_ms: i64,
    /// Its bytes, without the header.
    pub bytes: i64,
    /// What went wrong, if the cause is ERROR; NUL-terminated.
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

/// The channel as the engine shares it: a recording holds it until its file is whole.
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

/// The name of a cause as the seed has it, such as "SILENCE". Static text, never NULL, also for a value that is no cause
/// ("UNKNOWN"). Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_cause_str(cause: i32) -> *const c_char {
    RecorderCause::from_i32(cause)
        .map_or(c"UNKNOWN", RecorderCause::text)
        .as_ptr()
}

/// The name of a state as the seed has it, such as "RECORDING"; as `earwig_recorder_cause_str`.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_state_str(state: i32) -> *const c_char {
    RecorderState::from_i32(state)
        .map_or(c"UNKNOWN", RecorderState::text)
        .as_ptr()
}

/// The name of a codec as the seed has it, such as "alaw"; as `earwig_recorder_cause_str`.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_format_str(format: i32) -> *const c_char {
    RecorderFormat::from_i32(format)
        .map_or(c"UNKNOWN", RecorderFormat::text)
        .as_ptr()
}

/// The name of a source in options: "rx", "tx", "mixed", "both"; as `earwig_recorder_cause_str`.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_recorder_source_str(source: i32) -> *const c_char {
    RecorderSource::from_i32(source)
        .map_or(c"UNKNOWN", RecorderSource::text)
        .as_ptr()
}

/// Empties a result and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
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

/// The seed's `record`: records to a file and waits until that ends.
///
/// `filename`: as `earwig_recorder_start` has it. `options`: NULL for the defaults. `out`: gets cause, length and whether there
/// was audio; the file has its name then. It must not be called on the thread that writes the channel's audio, for it would
/// wait for itself: such a host uses `earwig_recorder_start`.
/// Returns the errors of `earwig_recorder_start`, and `EARWIG_ERR_DEADLOCK` from a callback: then nothing has started. A hang-up
/// or a full disk while it records is no error but a cause. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `filename` is NULL or ends in a NUL; `options` is NULL or readable, `out` NULL or writable, as
/// their `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_record(
    channel: *mut earwig_channel,
    filename: *const c_char,
    options: *const earwig_recorder_options,
    out: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            let (path, options) = (read_path(filename)?, read_options(options)?);
            write_struct(out, (&shared(c)?.recorder_record(path, options)?).into())
        })
    }
}

/// The seed's `start`: begins a recording and returns. Its ending is an event, and is there for `earwig_recorder_wait` and
/// `earwig_recorder_get_result`.
///
/// `filename`: a path, in any bytes, that does not end in `.part`; its directory must exist. While it is recorded the file is
/// called `FILENAME.part`; it gets its name when it is whole. `options`: NULL for the defaults. It begins at the place in the
/// audio that has been written when its file has been made, before this returns.
/// Returns `EARWIG_ERR_BUSY` if a recording is in progress, `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is
/// not answered (unless `early_media`), `EARWIG_ERR_FILE` (it exists, is being recorded to, cannot be written, or cannot be
/// appended to), `EARWIG_ERR_INVALID` (an option out of its range, an empty name), `EARWIG_ERR_FULL` if the queue is full of
/// endings, `EARWIG_ERR_SYSTEM`, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`: then nothing has started, and nothing is left behind.
/// Control thread; it makes the file, and blocks for as long as that takes.
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

/// The seed's `stop`: ends the recording that is in progress with ABORTED and waits until its file is whole; nothing happens if
/// none is.
///
/// `timeout_ms`: how long to wait, or `EARWIG_FOREVER`; 0 asks and does not wait.
/// Returns `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
/// `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback (unless it does not wait), `EARWIG_ERR_INVALID`,
/// `EARWIG_ERR_NULL`. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_stop(
    channel: *mut earwig_channel,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_stop(wait_ms(timeout_ms)?)) }
}

/// The seed's `wait_until_finished`: waits until the recording ends and its file is whole; answers at once how the last one
/// ended if none is in progress.
///
/// `timeout_ms`: or `EARWIG_FOREVER`. Reading a result takes its RECORD_ENDED event out of the queue, unless there is a callback:
/// an ending is heard once.
/// Returns `EARWIG_ERR_TIMEOUT` (the recording goes on; `out` has the cause TIMEOUT and the state RECORDING),
/// `EARWIG_ERR_HANGUP` if the call is IDLE when it is called, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
/// `EARWIG_ERR_AGAIN` (none was ever started), `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`,
/// `EARWIG_ERR_INVALID`. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_wait(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    out: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            match c.recorder_wait(wait_ms(timeout_ms)?) {
                Ok(recorded) => write_struct(out, (&recorded).into()),
                Err(error) => {
                    if error.status == Status::ErrTimeout {
                        let value = earwig_recorder_result {
                            cause: RecorderCause::Timeout,
                            state: RecorderState::Recording,
                            ..EMPTY
                        };
                        write_struct(out, value)?;
                    }
                    Err(error)
                }
            }
        })
    }
}

/// Reads how the last recording ended, also after the hang-up.
///
/// Returns `EARWIG_ERR_AGAIN` while one is in progress and before the first, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. The event goes
/// as with `earwig_recorder_wait`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_result(
    channel: *mut earwig_channel,
    out: *mut earwig_recorder_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            write_struct(out, (&c.recorder_result()?).into())
        })
    }
}

/// The seed's `state()`: reads the state (an `earwig_recorder_state`): RECORDING until the file is whole, ERROR after a recording
/// that failed, IDLE otherwise.
///
/// Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_state(
    channel: *mut earwig_channel,
    out: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| write_out(out, c.recorder_info().state as i32)) }
}

/// The seed's `cause()`: reads the cause (an `earwig_recorder_cause`) of the last recording, NONE while one is in progress and
/// before the first.
///
/// Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_cause(
    channel: *mut earwig_channel,
    out: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| write_out(out, c.recorder_info().cause as i32)) }
}

/// The seed's `audio_detected_in_recording()`: 1 if there was audio in the last recording, 0 if it is silence alone, -1 (the
/// seed's None) while one is in progress and before the first.
///
/// Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_get_audio_detected(
    channel: *mut earwig_channel,
    out: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            write_out(out, c.recorder_info().audio_detected.map_or(-1, i32::from))
        })
    }
}

/// From here on nothing is written to the file, and silence does not count.
///
/// Returns `EARWIG_ERR_STATE` if no recording is in progress or the call is not answered, `EARWIG_ERR_HANGUP` if it is IDLE,
/// `EARWIG_ERR_NULL`. It takes place where the audio is that has been written when it is called. Control thread; does not block.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_pause(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Pause)) }
}

/// From here on audio is written again; as `earwig_recorder_pause`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_resume(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Resume)) }
}

/// From here on silence is written in place of the audio, such as while a card's number is said; as `earwig_recorder_pause`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_mask(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Mask)) }
}

/// From here on audio is written again; as `earwig_recorder_pause`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_unmask(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.recorder_control(Control::Unmask)) }
}
