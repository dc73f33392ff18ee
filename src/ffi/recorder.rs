//! Recordings.

use super::channel::earwig_channel;
use super::{
    control, explain, known, on_channel, read_struct, read_text, sized, struct_room, switch,
    text_array, timeout, timeout_ms, unsigned, wait_ms, write_out, write_struct,
};
use crate::cause::{Error, FileFormat, RecordSource, RecorderCause, RecorderState, Status};
use crate::codec::cipher::{Cipher, scrub_stack};
use crate::engine::{Channel, Recorded, state_after};
use crate::job::options::{existing, parse_record};
use crate::job::record::Control;
use crate::job::record::options::{Existing, RecordOptions};
use crate::time::to_ms;
use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroize;

/// A time that is the default of the call that reads it.
pub const EARWIG_DEFAULT: i64 = -2;

/// What a recording is asked for; the defaults are the seed's.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct earwig_recorder_options {
    /// Size of this struct; set by `earwig_recorder_options_init`.
    pub struct_size: usize,
    /// The codec, an `earwig_file_format`; A-law by default.
    pub file_format: i32,
    /// 8000 (default), 6000, 11000, 11025, 16000 or 48000.
    pub rate_hz: i32,
    /// How long the whole may take; `EARWIG_DEFAULT` (default) is 120,000 for `earwig_recorder_record` and no limit for
    /// `earwig_recorder_start`; `EARWIG_FOREVER`.
    pub timeout_ms: i64,
    /// The most audio bytes, 1,920,000 by default; 0 is no limit. Of a file that is appended to, all of it counts.
    pub max_bytes: i64,
    /// Silence after which to stop, 10,000 by default; 0 is no limit.
    pub max_silence_ms: i64,
    /// Silence to wait for audio before the file begins, which is then 200 ms before the audio; 0 (default): it begins at once.
    pub initial_silence_ms: i64,
    /// 1: a DTMF digit ends it, and its tone is not in the file. 0 (default).
    pub barge_in: i32,
    /// What is recorded, an `earwig_record_source`; RX by default.
    pub source: i32,
    /// The level that divides silence from audio, -60 to -10 dBm0; 0 (default): what stands out of the line's own noise.
    pub silence_dbm0: f32,
    /// 1: DTMF tones of the far party are silent in the file. 0 (default).
    pub squelch_dtmf: i32,
    /// 1: a file that exists is replaced once the recording is whole. 0 (default): it is refused.
    pub overwrite: i32,
    /// 1: the recording goes on behind a file that exists. 0 (default).
    pub append: i32,
    /// Bytes of `key`: 16, 24 or 32; 0 (default): the file is not encrypted.
    pub key_bytes: i32,
    /// Bytes of `iv`: 16; 0 without a key.
    pub iv_bytes: i32,
    /// AES key. The library wipes its own copies; this one is the host's.
    pub key: [u8; 32],
    /// Initialisation vector.
    pub iv: [u8; 16],
}

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

sized! {
    earwig_recorder_options {
        file_format, rate_hz, timeout_ms, max_bytes, max_silence_ms, initial_silence_ms, barge_in, source, silence_dbm0,
        squelch_dtmf, overwrite, append, key_bytes, iv_bytes, key, iv
    }
    earwig_recorder_result {
        cause, state, audio_detected, started_ms, ended_ms, duration_ms, bytes, error;
        cause: RecorderCause, state: RecorderState
    }
}

impl From<&RecordOptions> for earwig_recorder_options {
    fn from(o: &RecordOptions) -> Self {
        let mut this = Self {
            struct_size: 0,
            file_format: o.file_format as i32,
            rate_hz: o.rate_hz as i32,
            timeout_ms: o.timeout.map_or(EARWIG_DEFAULT, timeout_ms),
            max_bytes: o.max_bytes as i64,
            max_silence_ms: o.max_silence_ms as i64,
            initial_silence_ms: o.initial_silence_ms as i64,
            barge_in: i32::from(o.barge_in),
            source: o.source as i32,
            silence_dbm0: o.silence_dbm0.unwrap_or(0.0),
            squelch_dtmf: i32::from(o.squelch_dtmf),
            overwrite: i32::from(o.existing == Existing::Overwrite),
            append: i32::from(o.existing == Existing::Append),
            key_bytes: 0,
            iv_bytes: 0,
            key: [0; 32],
            iv: [0; 16],
        };
        if let Some(cipher) = &o.cipher {
            let key = cipher.key.bytes();
            this.key[..key.len()].copy_from_slice(key);
            this.key_bytes = key.len() as i32;
            this.iv = cipher.iv;
            this.iv_bytes = cipher.iv.len() as i32;
        }
        this
    }
}

fn cipher(o: &earwig_recorder_options) -> Result<Option<Cipher>, Error> {
    let part = |name, all: &'static str, bytes: i32, most: usize| {
        usize::try_from(bytes)
            .ok()
            .filter(|&b| b <= most)
            .ok_or_else(|| Error::invalid(format!("cipher: {name} is {bytes}: it must be {all}")))
    };
    let key = part("key_bytes", "0, 16, 24 or 32", o.key_bytes, o.key.len())?;
    let iv = part("iv_bytes", "0 or 16", o.iv_bytes, o.iv.len())?;
    match (key, iv) {
        (0, 0) => Ok(None),
        (0, _) => Err(Error::invalid("cipher: there is an IV, and no key")),
        (key, iv) => Cipher::new(&o.key[..key], &o.iv[..iv]).map(Some),
    }
}

impl TryFrom<&earwig_recorder_options> for RecordOptions {
    type Error = Error;

    fn try_from(o: &earwig_recorder_options) -> Result<Self, Error> {
        let this = Self {
            file_format: known("file_format", o.file_format, FileFormat::from_i32)?,
            rate_hz: unsigned("rate", o.rate_hz)?,
            timeout: match o.timeout_ms {
                EARWIG_DEFAULT => None,
                ms => Some(timeout(ms)?),
            },
            max_bytes: unsigned("max_bytes", o.max_bytes)?,
            max_silence_ms: unsigned("max_silence_ms", o.max_silence_ms)?,
            initial_silence_ms: unsigned("initial_silence_ms", o.initial_silence_ms)?,
            barge_in: switch("barge_in", o.barge_in)?,
            source: known("source", o.source, RecordSource::from_i32)?,
            silence_dbm0: (o.silence_dbm0 != 0.0).then_some(o.silence_dbm0),
            squelch_dtmf: switch("squelch_dtmf", o.squelch_dtmf)?,
            existing: existing(
                switch("overwrite", o.overwrite)?,
                switch("append", o.append)?,
            )?,
            cipher: cipher(o)?,
        };
        this.layout()?;
        Ok(this)
    }
}

/// # Safety
/// `options` is NULL or readable as its `struct_size` says.
unsafe fn read_options(options: *const earwig_recorder_options) -> Result<RecordOptions, Error> {
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
unsafe fn copy_options(options: *const earwig_recorder_options) -> Result<RecordOptions, Error> {
    if options.is_null() {
        return Ok(RecordOptions::default());
    }
    // SAFETY: S3, as the caller promises.
    let mut copy = unsafe { read_struct(options) }?;
    let read = RecordOptions::try_from(&copy);
    copy.key.zeroize();
    read
}

/// Likewise apart.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says.
#[inline(never)]
unsafe fn parse_options(
    text: *const c_char,
    options: *mut earwig_recorder_options,
) -> Result<(), Error> {
    if options.is_null() {
        return Err(Status::ErrNull.into());
    }
    // SAFETY: S3, as the caller promises.
    let (text, base) = unsafe {
        (
            read_text(text)?.ok_or(Status::ErrNull)?,
            copy_options(options)?,
        )
    };
    let mut parsed: earwig_recorder_options = (&parse_record(text, base)?).into();
    // SAFETY: S3, as the caller promises.
    let written = unsafe { write_struct(options, parsed) };
    parsed.key.zeroize();
    written
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
    channel.shared().ok_or_else(|| Status::ErrHangup.into())
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

impl From<&Recorded> for earwig_recorder_result {
    fn from(recorded: &Recorded) -> Self {
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
pub extern "C" fn earwig_file_format_str(format: i32) -> *const c_char {
    FileFormat::from_i32(format)
        .map_or(c"UNKNOWN", FileFormat::text)
        .as_ptr()
}

/// The name of a source in options: "rx", "tx", "mixed", "both"; as `earwig_recorder_cause_str`.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_record_source_str(source: i32) -> *const c_char {
    RecordSource::from_i32(source)
        .map_or(c"UNKNOWN", RecordSource::text)
        .as_ptr()
}

/// Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
///
/// # Safety
/// `options` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_options_init(
    options: *mut earwig_recorder_options,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(options, (&RecordOptions::default()).into()) }
}

/// Reads options from text, over what `options` holds (call `earwig_recorder_options_init` first).
///
/// `text`: `file_format=ulaw,milliseconds_max_silence=2000,barge_in=yes`, or a JSON object of the same keys; they are the
/// seed's: `file_format` (alaw, ulaw, oki, ima, s16bit, u8bit), `rate`, `seconds_timeout`, `max_bytes`,
/// `milliseconds_max_silence`, `milliseconds_initial_silence`, `barge_in`, `cipher` (KEY:IV in hexadecimal digits); and beyond it
/// `source` (rx, tx, mixed, both), `silence_dbm0`, `squelch_dtmf`, `overwrite`, `append`. Empty text changes nothing.
/// `error`, `error_size`: room for the text of what is wrong, NUL-terminated (never with the key in it); NULL and 0 if nobody
/// wants it.
/// Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
/// thread.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says; `error` is NULL or
/// has `error_size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_options_parse(
    text: *const c_char,
    options: *mut earwig_recorder_options,
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
            write_struct(out, (&shared(c)?.record(path, options)?).into())
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
            shared(c)?.record_start(path, options)
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
    unsafe { on_channel(channel, |c| c.record_stop(wait_ms(timeout_ms)?)) }
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
            match c.record_wait(wait_ms(timeout_ms)?) {
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
            write_struct(out, (&c.recorded()?).into())
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
    unsafe { on_channel(channel, |c| write_out(out, c.recorder().state as i32)) }
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
    unsafe { on_channel(channel, |c| write_out(out, c.recorder().cause as i32)) }
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
            write_out(out, c.recorder().audio_detected.map_or(-1, i32::from))
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
    unsafe { on_channel(channel, |c| c.record_control(Control::Pause)) }
}

/// From here on audio is written again; as `earwig_recorder_pause`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_resume(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.record_control(Control::Resume)) }
}

/// From here on silence is written in place of the audio, such as while a card's number is said; as `earwig_recorder_pause`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_mask(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.record_control(Control::Mask)) }
}

/// From here on audio is written again; as `earwig_recorder_pause`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_unmask(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.record_control(Control::Unmask)) }
}
