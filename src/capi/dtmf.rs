//! Digits are detected on RX during the whole call and are kept in the digit buffer, which holds `EARWIG_DIGITS_MAX`.
//! A collection takes digits out of the buffer until a condition is met. Digits that come by signalling are added with
//! `earwig_dtmf_inject`.

use super::channel::earwig_channel;
use super::dtmf_options::earwig_dtmf_options;
use super::options::read_options;
use super::{
    on_channel, on_channel_blocking, read_struct, struct_room, text_array, unsigned, versioned,
    wait_ms, write_out, write_struct, write_text,
};
use earwig_core::detect::dtmf::Limits;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::dtmf::digit as checked_digit;
use earwig_core::time::to_ms;
use earwig_core::types::{DtmfCause, Error, Status};
use std::ffi::c_char;

/// Result of a collection.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_dtmf_result {
    /// Size of this struct in bytes; set by `earwig_dtmf_result_init`.
    pub struct_size: usize,
    /// Why it ended.
    pub cause: DtmfCause,
    /// Number of digits, 0 to 32.
    pub count: i32,
    /// The digits, NUL-terminated. They are no longer in the digit buffer. An end digit is the last of them.
    pub digits: [c_char; 33],
    /// Media time at which it began, ms.
    pub started_ms: i64,
    /// Media time at which it ended, ms; for a timeout, the moment at which that ran out.
    pub ended_ms: i64,
}

/// Limits of the DTMF detector. `earwig_dtmf_limits_init` sets the defaults.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_dtmf_limits {
    /// Size of this struct in bytes; set by `earwig_dtmf_limits_init`.
    pub struct_size: usize,
    /// Maximum normal twist, the row's level above the column's: 0 to 20 dB; 8 by default (AT&T). NTT has 5, ETSI 6,
    /// Brazil 9, Australia 10.
    pub normal_twist_db: f32,
    /// Maximum reverse twist, the column's level above the row's: 0 to 20 dB; 4 by default (AT&T).
    pub reverse_twist_db: f32,
    /// Minimum level of each tone: -60 to 0 dBm0; -45 by default.
    pub min_level_dbm0: f32,
    /// A tone of this length is always a digit: 30 to 500 ms; 40 by default (Q.24). A tone of half of it is none.
    pub min_tone_ms: i32,
    /// A pause of this length always divides two digits: 30 to 500 ms; 40 by default (Q.24).
    pub min_pause_ms: i32,
}

versioned! {
    earwig_dtmf_result { cause, count, digits, started_ms, ended_ms; cause: DtmfCause }
    earwig_dtmf_limits { normal_twist_db, reverse_twist_db, min_level_dbm0, min_tone_ms, min_pause_ms }
}

impl From<&DtmfResult> for earwig_dtmf_result {
    fn from(collected: &DtmfResult) -> Self {
        Self {
            struct_size: 0,
            cause: collected.cause,
            count: collected.digits.len() as i32,
            digits: text_array(&collected.digits),
            started_ms: to_ms(collected.started) as i64,
            ended_ms: to_ms(collected.ended) as i64,
        }
    }
}

/// Returns the name of a cause, such as "COUNT".
///
/// # Parameters
///
/// - `cause`: an `earwig_dtmf_cause`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL; "UNKNOWN" for any other value.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_dtmf_cause_str(cause: i32) -> *const c_char {
    DtmfCause::from_i32(cause)
        .map_or(c"UNKNOWN", DtmfCause::text)
        .as_ptr()
}

/// Sets a result to cause NONE without digits, and `struct_size`.
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
pub unsafe extern "C" fn earwig_dtmf_result_init(result: *mut earwig_dtmf_result) -> Status {
    let empty = earwig_dtmf_result {
        struct_size: 0,
        cause: DtmfCause::None,
        count: 0,
        digits: [0; 33],
        started_ms: 0,
        ended_ms: 0,
    };
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(result, empty) }
}

/// Collects digits and waits until the collection ends.
///
/// A host that writes the audio on the same thread uses `earwig_dtmf_start`: this function would wait for its own
/// caller.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
/// - `options`: the options; NULL for the defaults.
/// - `result`: receives cause and digits; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`: the collection ended, for example with cause HANGUP.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
/// - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
/// - `EARWIG_ERR_BUSY`: a collection runs.
/// - `EARWIG_ERR_FULL`: the event queue is full of endings.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_INVALID`: `count` is not 0 to 32, `end` has a character that is no digit, or a timeout is below -1.
/// - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` or `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Blocks. Not from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `options` is NULL or readable, `result` NULL or writable, as their `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_collect(
    channel: *mut earwig_channel,
    options: *const earwig_dtmf_options,
    result: *mut earwig_dtmf_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.dtmf_collect(read_options(options)?)?).into())
        })
    }
}

/// Starts a collection and returns. Its ending is a DTMF_ENDED event.
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
/// - `EARWIG_ERR_BUSY`: a collection runs.
/// - `EARWIG_ERR_FULL`: the event queue is full of endings.
/// - `EARWIG_ERR_INVALID`: `count` is not 0 to 32, `end` has a character that is no digit, or a timeout is below -1.
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
pub unsafe extern "C" fn earwig_dtmf_start(
    channel: *mut earwig_channel,
    options: *const earwig_dtmf_options,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| c.dtmf_start(read_options(options)?).map(drop)) }
}

/// Waits until the running collection ends and reads its result. If none runs, it reads the last result at once.
///
/// Takes the DTMF_ENDED event of that collection out of the queue, unless the channel has a callback.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
/// - `result`: receives cause and digits; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: the collection goes on.
/// - `EARWIG_ERR_AGAIN`: no collection was started on this channel.
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
pub unsafe extern "C" fn earwig_dtmf_wait(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    result: *mut earwig_dtmf_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.dtmf_wait(wait_ms(timeout_ms)?)?).into())
        })
    }
}

/// Reads the result of the last collection, also after a hang-up, any number of times.
///
/// Takes the DTMF_ENDED event of that collection out of the queue, unless the channel has a callback.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `result`: receives cause and digits; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_AGAIN`: a collection runs, or none was started.
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
pub unsafe extern "C" fn earwig_dtmf_get_result(
    channel: *mut earwig_channel,
    result: *mut earwig_dtmf_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(result)?;
            write_struct(result, (&c.dtmf_result()?).into())
        })
    }
}

/// Reads the cause of the last collection. No event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `cause`: receives an `earwig_dtmf_cause`; NONE while a collection runs and before the first.
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
pub unsafe extern "C" fn earwig_dtmf_get_cause(
    channel: *mut earwig_channel,
    cause: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| write_out(cause, c.dtmf_cause() as i32)) }
}

/// Ends the running collection with cause NONE and the digits so far, and waits until it has ended. No effect if none
/// runs. No event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `timeout_ms`: maximum wait, ms; 0 requests the end and does not wait; `EARWIG_FOREVER`: no limit.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: the collection ends later.
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
pub unsafe extern "C" fn earwig_dtmf_stop(channel: *mut earwig_channel, timeout_ms: i64) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel_blocking(channel, |c| c.dtmf_stop(wait_ms(timeout_ms)?)) }
}

/// Empties the digit buffer, at the place in the audio that is written when this is called.
///
/// # Parameters
///
/// - `channel`: the channel.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_clear(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            c.dtmf_clear();
            Ok(())
        })
    }
}

/// Adds a digit that came by signalling (RFC 4733, SIP INFO).
///
/// A press that comes by signalling and in-band counts once: each press of one source stands for at most one of the
/// other source within 500 ms.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be RINGING or ANSWERED.
/// - `digit`: ASCII, one of `0123456789ABCD*#`.
/// - `duration_ms`: time for which the key has been held, up to now: 0 to 3,600,000 ms; 0 if it is unknown.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_INVALID`: `digit` is no digit, or `duration_ms` is out of range.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_inject(
    channel: *mut earwig_channel,
    digit: i32,
    duration_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            let digit = checked_digit(digit)?;
            if !(0..=3_600_000).contains(&duration_ms) {
                return Err(Error::invalid(format!(
                    "duration_ms is {duration_ms}: it must be 0 to 3600000"
                )));
            }
            c.dtmf_inject(digit, duration_ms.unsigned_abs())
        })
    }
}

/// Waits until all audio written and all requests made before this call are processed, and copies the digits in the
/// buffer. They stay in it.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `text`: receives the digits, NUL-terminated, cut to fit.
/// - `size`: bytes at `text`, at least 1; `EARWIG_DIGITS_MAX` + 1 are always enough.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_SIZE`: `size` is 0.
/// - `EARWIG_ERR_NULL`: `channel` or `text` is NULL.
///
/// # Threads
///
/// Control thread. Blocks for one round of a worker. Not from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `text` is NULL or has `size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_get_digits(
    channel: *mut earwig_channel,
    text: *mut c_char,
    size: usize,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel_blocking(channel, |c| write_text(text, size, &c.dtmf_digits()?)) }
}

/// Sets all limits to their defaults, and `struct_size`.
///
/// # Parameters
///
/// - `limits`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `limits` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `limits` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_limits_init(limits: *mut earwig_dtmf_limits) -> Status {
    let defaults = Limits::default();
    let value = earwig_dtmf_limits {
        struct_size: 0,
        normal_twist_db: defaults.normal_twist_db,
        reverse_twist_db: defaults.reverse_twist_db,
        min_level_dbm0: defaults.min_level_dbm0,
        min_tone_ms: defaults.min_tone_ms as i32,
        min_pause_ms: defaults.min_pause_ms as i32,
    };
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(limits, value) }
}

/// Replaces the limits of the channel's DTMF detector, at the place in the audio that is written when this is called.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `limits`: the new limits.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: a limit is out of range. Nothing changes.
/// - `EARWIG_ERR_NULL`: `channel` or `limits` is NULL.
/// - `EARWIG_ERR_SIZE`: `limits->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `limits` is NULL or readable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_set_limits(
    channel: *mut earwig_channel,
    limits: *const earwig_dtmf_limits,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            let limits = read_struct(limits)?;
            let limits = Limits {
                normal_twist_db: limits.normal_twist_db,
                reverse_twist_db: limits.reverse_twist_db,
                min_level_dbm0: limits.min_level_dbm0,
                min_tone_ms: unsigned("min_tone_ms", limits.min_tone_ms)?,
                min_pause_ms: unsigned("min_pause_ms", limits.min_pause_ms)?,
            };
            limits.check()?;
            c.dtmf_set_limits(limits);
            Ok(())
        })
    }
}
