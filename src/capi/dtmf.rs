//! The collection of digits.

use super::channel::earwig_channel;
use super::dtmf_options::earwig_dtmf_options;
use super::options::read_options;
use super::{
    on_channel, read_struct, struct_room, text_array, unsigned, versioned, wait_ms, write_out,
    write_struct, write_text,
};
use earwig_core::detect::dtmf::Limits;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::dtmf::digit as checked_digit;
use earwig_core::time::to_ms;
use earwig_core::types::{DtmfCause, Error, Status};
use std::ffi::c_char;

/// How a collection ended.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_dtmf_result {
    /// Size of this struct; set by `earwig_dtmf_result_init`.
    pub struct_size: usize,
    /// Why it ended.
    pub cause: DtmfCause,
    /// How many digits there are.
    pub count: i32,
    /// The digits, NUL-terminated; they have left the digit buffer. An end digit is the last of them.
    pub digits: [c_char; 33],
    /// Media time of its start.
    pub started_ms: i64,
    /// Media time of its end: for a timeout, the moment at which it ran out.
    pub ended_ms: i64,
}

/// What the DTMF detector accepts.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_dtmf_limits {
    /// Size of this struct; set by `earwig_dtmf_limits_init`.
    pub struct_size: usize,
    /// How far the row's tone may be above the column's: 0 to 20 dB; 8 by default (AT&T). NTT has 5, ETSI 6, Brazil 9,
    /// Australia 10.
    pub normal_twist_db: f32,
    /// How far the column's tone may be above the row's: 0 to 20 dB; 4 by default (AT&T).
    pub reverse_twist_db: f32,
    /// Weakest level of each tone: -60 to 0 dBm0; -45 by default.
    pub min_level_dbm0: f32,
    /// Shortest tone that is always a digit: 30 to 500 ms; 40 by default (Q.24). One of half that is none.
    pub min_tone_ms: i32,
    /// Shortest pause that always divides two digits: 30 to 500 ms; 40 by default (Q.24).
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

/// The name of a cause as the seed has it, such as "COUNT". Static text, never NULL, also for a value that is no cause
/// ("UNKNOWN"). Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_dtmf_cause_str(cause: i32) -> *const c_char {
    DtmfCause::from_i32(cause)
        .map_or(c"UNKNOWN", DtmfCause::text)
        .as_ptr()
}

/// Empties a result and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
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

/// The seed's `get_digits`: collects digits and waits until that ends.
///
/// `options`: NULL for the defaults. `out`: gets cause and digits. It must not be called on the thread that writes the
/// channel's audio, for it would wait for itself: such a host uses `earwig_dtmf_start`.
/// Returns `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
/// `EARWIG_ERR_BUSY` if a collection runs, `EARWIG_ERR_FULL` if the queue is full of endings, `EARWIG_ERR_DEADLOCK` from a
/// callback, `EARWIG_ERR_INVALID` (a count over 32, an end digit that is none, a timeout below -1), `EARWIG_ERR_NULL`,
/// `EARWIG_ERR_SIZE`: then nothing has started. A hang-up while it waits is no error but a cause. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `options` is NULL or readable, `out` NULL or writable, as their `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_collect(
    channel: *mut earwig_channel,
    options: *const earwig_dtmf_options,
    out: *mut earwig_dtmf_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            write_struct(out, (&c.dtmf_collect(read_options(options)?)?).into())
        })
    }
}

/// Starts a collection and returns. Its ending is an event, and is there for `earwig_dtmf_wait` and `earwig_dtmf_get_result`.
///
/// `options`: NULL for the defaults. It begins at the place in the audio that has been written when it is called.
/// Returns the errors of `earwig_dtmf_collect` but `EARWIG_ERR_DEADLOCK`. Control thread; does not block.
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

/// Waits until the collection ends; answers at once how the last one did if none runs.
///
/// `timeout_ms`: or `EARWIG_FOREVER`. Reading a result takes its DTMF_ENDED event out of the queue, unless there is a callback:
/// an ending is heard once.
/// Returns `EARWIG_ERR_TIMEOUT` (the collection goes on), `EARWIG_ERR_AGAIN` (none was ever started), `EARWIG_ERR_DEADLOCK` from
/// a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`, `EARWIG_ERR_INVALID`. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_wait(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    out: *mut earwig_dtmf_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            write_struct(out, (&c.dtmf_wait(wait_ms(timeout_ms)?)?).into())
        })
    }
}

/// Reads how the last collection ended, also after the hang-up.
///
/// Returns `EARWIG_ERR_AGAIN` while one runs and before the first, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. The event goes as with
/// `earwig_dtmf_wait`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_get_result(
    channel: *mut earwig_channel,
    out: *mut earwig_dtmf_result,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            write_struct(out, (&c.dtmf_result()?).into())
        })
    }
}

/// The seed's `cause()`: reads the cause (an `earwig_dtmf_cause`) of the last collection, NONE while one runs and before the
/// first.
///
/// Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_get_cause(
    channel: *mut earwig_channel,
    out: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| write_out(out, c.dtmf_cause() as i32)) }
}

/// Ends the running collection with NONE and the digits so far, and waits until it has ended. Nothing happens if none runs.
///
/// `timeout_ms`: how long to wait, or `EARWIG_FOREVER`; 0 does not wait.
/// Returns `EARWIG_ERR_TIMEOUT` (the collection ends later), `EARWIG_ERR_DEADLOCK` from a callback (unless `timeout_ms` is 0),
/// `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_stop(channel: *mut earwig_channel, timeout_ms: i64) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.dtmf_stop(wait_ms(timeout_ms)?)) }
}

/// The seed's `clear_digits()`: empties the digit buffer.
///
/// Returns `EARWIG_ERR_NULL`. Control thread; does not block.
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

/// Puts in a digit that came by signalling (RFC 4733, SIP INFO). The same key press heard in-band counts once: each press of
/// one way stands for at most one of the other within half a second.
///
/// `digit`: one of `0123456789ABCD*#`. `duration_ms`: how long the key was held, up to now; 0 if it is not known.
/// Returns `EARWIG_ERR_INVALID` (no digit; a duration that is negative or over an hour), `EARWIG_ERR_HANGUP` if the call is IDLE,
/// `EARWIG_ERR_NULL`. Control thread; does not block.
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

/// Copies out the digits in the buffer, once all that was written and asked so far is done. They stay in it.
///
/// `text`, `size`: room for them, NUL-terminated; 33 is always enough, less cuts them.
/// Returns `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE` (`size` is 0). Control thread; waits for a
/// worker.
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
    unsafe { on_channel(channel, |c| write_text(text, size, &c.dtmf_digits()?)) }
}

/// Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
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

/// From now on the channel's DTMF detector has these limits.
///
/// Returns `EARWIG_ERR_INVALID` (a value out of its range), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Control thread; does not block.
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
