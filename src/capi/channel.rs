//! Channels: one for each call.

use super::engine::{earwig_engine, on_engine};
use super::{
    control, on_channel, on_media, read_struct, read_text, struct_room, switch, unsigned,
    versioned, wait_ms, write_out, write_struct, write_text,
};
use crate::engine::{Channel, ChannelOptions};
use earwig_core::types::{Error, Status, Stream};
use std::ffi::c_char;
use std::sync::Arc;

/// One call. Reference counted.
#[allow(non_camel_case_types)]
pub type earwig_channel = Channel;

/// How a channel is to be.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_channel_options {
    /// Size of this struct; set by `earwig_channel_options_init`.
    pub struct_size: usize,
    /// A label for log lines, UTF-8, copied; NULL (default) for none.
    pub name: *const c_char,
    /// Rate of the samples that are written to RX: 8000 (default, and what 0 means), 16000, 32000 or 48000.
    pub rx_rate_hz: i32,
    /// Rate of the samples that are written to TX, likewise.
    pub tx_rate_hz: i32,
    /// Audio that each stream can hold until a worker comes by: 100 to 10000 ms; 1000 is the default, and what 0 means.
    pub ring_ms: i32,
    /// If nothing arrives on RX for this long, wall time is added to media time, so that no job outlives a dead stream: up to
    /// 60000 ms; 500 is the default. 0: media time alone, so that an hour of audio is heard as fast as it is written.
    pub stall_ms: i32,
    /// Events that can wait: 8 to 4096; 64 is the default, and what 0 means.
    pub event_capacity: i32,
    /// 1: jobs may run before the answer, on early media. 0 (default): they may not.
    pub early_media: i32,
}

/// Counters of a channel.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_channel_stats {
    /// Size of this struct, set by the host.
    pub struct_size: usize,
    /// Media time: what was heard of RX, gaps, and wall time added while nothing came.
    pub media_ms: i64,
    /// Samples written to RX, at its rate, without gaps.
    pub rx_samples: u64,
    /// Samples written to TX, likewise.
    pub tx_samples: u64,
    /// Samples of gaps in both streams, those of overruns included.
    pub gap_samples: u64,
    /// Writes that found the ring full.
    pub overruns: u64,
    /// Progress events that found the queue full.
    pub events_dropped: u64,
    /// Digits that found the digit buffer full.
    pub digits_dropped: u64,
}

versioned! {
    earwig_channel_options { name, rx_rate_hz, tx_rate_hz, ring_ms, stall_ms, event_capacity, early_media }
    earwig_channel_stats { media_ms, rx_samples, tx_samples, gap_samples, overruns, events_dropped, digits_dropped }
}

/// Fills in the defaults.
///
/// Returns `EARWIG_ERR_NULL` if `options` is NULL. Any thread.
///
/// # Safety
/// `options` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_options_init(
    options: *mut earwig_channel_options,
) -> Status {
    let defaults = ChannelOptions::default();
    let value = earwig_channel_options {
        struct_size: 0,
        name: std::ptr::null(),
        rx_rate_hz: defaults.rx_rate_hz as i32,
        tx_rate_hz: defaults.tx_rate_hz as i32,
        ring_ms: defaults.ring_ms as i32,
        stall_ms: defaults.stall_ms as i32,
        event_capacity: defaults.event_capacity as i32,
        early_media: 0,
    };
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(options, value) }
}

/// # Safety
/// `options` is NULL or readable as its `struct_size` says; its texts are NULL or end in a NUL.
unsafe fn read_options(options: *const earwig_channel_options) -> Result<ChannelOptions, Error> {
    let defaults = ChannelOptions::default();
    if options.is_null() {
        return Ok(defaults);
    }
    // SAFETY: S3, as the caller promises.
    let (o, name) = unsafe {
        let o = read_struct(options)?;
        (o, read_text(o.name)?)
    };
    // A field that a short struct does not have is zero: its default.
    let or = |name: &str, value: i32, default: u32| match value {
        0 => Ok(default),
        value => unsigned(name, value),
    };
    Ok(ChannelOptions {
        name: name.unwrap_or("").to_string(),
        rx_rate_hz: or("rx_rate_hz", o.rx_rate_hz, defaults.rx_rate_hz)?,
        tx_rate_hz: or("tx_rate_hz", o.tx_rate_hz, defaults.tx_rate_hz)?,
        ring_ms: or("ring_ms", o.ring_ms, defaults.ring_ms)?,
        stall_ms: unsigned("stall_ms", o.stall_ms)?,
        event_capacity: or(
            "event_capacity",
            o.event_capacity,
            defaults.event_capacity as u32,
        )? as usize,
        early_media: switch("early_media", o.early_media)?,
    })
}

/// Makes a channel. Its call state is IDLE: `earwig_channel_ringing` or `earwig_channel_answer` comes next.
///
/// `options`: NULL for the defaults. `out`: gets the channel, with one reference that the host gives back by
/// `earwig_channel_unref`.
/// Returns `EARWIG_ERR_NULL` (`engine`, `out`), `EARWIG_ERR_SIZE`, `EARWIG_ERR_INVALID` (a value out of its range),
/// `EARWIG_ERR_STATE` (the engine is shut down). Control thread.
///
/// # Safety
/// `engine` is NULL or lives; `options` is NULL or readable as its `struct_size` says; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_create(
    engine: *mut earwig_engine,
    options: *const earwig_channel_options,
    out: *mut *mut earwig_channel,
) -> Status {
    control(|| {
        // SAFETY: S1, as the caller promises.
        let engine = unsafe { on_engine(engine) }?;
        if out.is_null() {
            return Err(Status::ErrNull.into());
        }
        // SAFETY: S3, as the caller promises.
        let channel = engine.channel(unsafe { read_options(options) }?)?;
        // The worker holds it until the last handle is given back, so the pointer lives as long as a handle does (S1).
        let pointer = Arc::as_ptr(&channel).cast_mut();
        // SAFETY: S3: not NULL, writable.
        unsafe { write_out(out, pointer) }
    })
}

/// Takes one more reference. Returns `channel`; NULL stays NULL. Any thread, the media thread too.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_ref(channel: *mut earwig_channel) -> *mut earwig_channel {
    // SAFETY: S1, as the caller promises.
    if let Some(channel) = unsafe { channel.as_ref() } {
        channel.add_handle();
    }
    channel
}

/// Gives a reference back. After the last, jobs are dropped without an ending, no callback starts any more, and a worker
/// frees the channel. NULL is fine. Any thread, the media thread too.
///
/// # Safety
/// `channel` is NULL or a reference that the host holds; it is the host's no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_unref(channel: *mut earwig_channel) {
    // SAFETY: S1, as the caller promises.
    if let Some(channel) = unsafe { channel.as_ref() } {
        channel.drop_handle();
    }
}

/// Says that the call rings (or that early media flows): IDLE becomes RINGING.
///
/// Returns `EARWIG_ERR_STATE` if it is answered, `EARWIG_ERR_NULL`. Control thread.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_ringing(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.ringing()) }
}

/// Says that the call is answered. A new answer clears the digit buffer, so that a channel can be used for call after call;
/// one that is answered already stays as it is.
///
/// Returns `EARWIG_ERR_NULL`. Control thread.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_answer(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.answer()) }
}

/// Says that the call is over: the state becomes IDLE, all audio written before is heard, and every job ends with HANGUP.
///
/// Returns `EARWIG_ERR_HANGUP` if it was IDLE already, `EARWIG_ERR_NULL`. Any thread, the media thread too: it does not
/// allocate, block or enter the kernel.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_hangup(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_media(channel, |c| c.hangup()) }
}

/// Reads the call state into `out` (an `earwig_call_state`).
///
/// Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_get_state(
    channel: *mut earwig_channel,
    out: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| write_out(out, c.state() as i32)) }
}

/// Copies audio in. This is the media thread's call: it does not allocate, block, log or enter the kernel.
///
/// `stream`: `EARWIG_STREAM_RX` (what the PBX reads from the far party; digits come from it) or `EARWIG_STREAM_TX` (what it
/// plays). `samples`: `count` signed 16-bit samples, mono, at the stream's rate; a frame of any size.
/// Returns `EARWIG_ERR_OVERRUN` if the ring is full (the tail is dropped and left as a gap, so the clock stays true),
/// `EARWIG_ERR_BUSY` if another thread is writing to this stream (nothing is written), `EARWIG_ERR_HANGUP` if the call is IDLE,
/// `EARWIG_ERR_INVALID` (`stream`, more than an hour at once, samples at an odd address), `EARWIG_ERR_NULL`.
/// One thread at a time for each stream.
///
/// # Safety
/// `channel` is NULL or lives; `samples` is NULL or has `count` readable samples.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_write(
    channel: *mut earwig_channel,
    stream: i32,
    samples: *const i16,
    count: usize,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe {
        on_media(channel, |c| {
            let stream = Stream::from_i32(stream).ok_or(Status::ErrInvalid)?;
            if count == 0 {
                return c.write(stream, &[]);
            }
            if samples.is_null() {
                return Err(Status::ErrNull);
            }
            if !samples.is_aligned() || count > isize::MAX as usize / size_of::<i16>() {
                return Err(Status::ErrInvalid);
            }
            // SAFETY: S3: `count` samples are readable, aligned, and not more than the address space.
            c.write(stream, std::slice::from_raw_parts(samples, count))
        })
    }
}

/// Says that `count` samples are missing here: a lost packet, comfort noise, silence suppression. The clock goes on by them.
/// This is the media thread's call, with the errors of `earwig_channel_write`.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_write_gap(
    channel: *mut earwig_channel,
    stream: i32,
    count: usize,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe {
        on_media(channel, |c| {
            c.write_gap(Stream::from_i32(stream).ok_or(Status::ErrInvalid)?, count)
        })
    }
}

/// Waits until all that was written and asked so far has been heard and done; its events and results are there then.
///
/// A host that reads audio from files writes less than `ring_ms`, flushes, and writes on: nothing is lost, and nothing waits
/// for a clock. `timeout_ms`: or `EARWIG_FOREVER`.
/// Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`. Control thread;
/// blocks.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_flush(
    channel: *mut earwig_channel,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.flush(wait_ms(timeout_ms)?)) }
}

/// Copies out the text of the last error of a control call on this channel, "" if there was none.
///
/// `text`, `size`: room for it; cut to fit, always NUL-terminated.
/// Returns `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE` (`size` is 0). Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `text` is NULL or has `size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_get_error(
    channel: *mut earwig_channel,
    text: *mut c_char,
    size: usize,
) -> Status {
    control(|| {
        // SAFETY: S1 and S3, as the caller promises.
        unsafe {
            write_text(
                text,
                size,
                &channel.as_ref().ok_or(Status::ErrNull)?.error(),
            )
        }
    })
}

/// Reads a channel's counters.
///
/// Returns `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_get_stats(
    channel: *mut earwig_channel,
    out: *mut earwig_channel_stats,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            let stats = c.stats();
            write_struct(
                out,
                earwig_channel_stats {
                    struct_size: 0,
                    media_ms: stats.media_ms as i64,
                    rx_samples: stats.rx_samples,
                    tx_samples: stats.tx_samples,
                    gap_samples: stats.gap_samples,
                    overruns: stats.overruns,
                    events_dropped: stats.events_dropped,
                    digits_dropped: stats.digits_dropped,
                },
            )
        })
    }
}

/// Sets one of the ids by which the call goes in the events that are posted to `status_url`, for detections that start from now
/// on.
///
/// `name`: `call_id`, `node_id`, `segment_id`, `project_id`, `space_id`, `control_id` or `event_channel`. `value`: up to 255
/// bytes; "" (before it is set) is an empty string there, but for `control_id`, which is then made for each detection.
/// Returns `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`. Control thread.
///
/// # Safety
/// `channel` is NULL or lives; `name` and `value` are NULL or end in a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_set_id(
    channel: *mut earwig_channel,
    name: *const c_char,
    value: *const c_char,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            let name = read_text(name)?.ok_or(Status::ErrNull)?;
            c.set_id(name, read_text(value)?.ok_or(Status::ErrNull)?)
        })
    }
}
