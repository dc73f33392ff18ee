//! A channel is one call, or one call after another: each `earwig_channel_answer` after a hang-up begins a new call.
//! It has two streams of audio, RX (from the far party) and TX (to the far party), a digit buffer, up to three running
//! jobs and a queue of events.
//!
//! A call is IDLE, RINGING or ANSWERED. Audio is accepted while it is RINGING or ANSWERED. Jobs run while it is
//! ANSWERED, and with `early_media` while it is RINGING.

use super::engine::{earwig_engine, on_engine};
use super::{
    control, on_channel, on_channel_blocking, on_media, read_struct, read_text, struct_room,
    switch, unsigned, versioned, wait_ms, write_out, write_struct, write_text,
};
use crate::engine::{Channel, ChannelOptions};
use earwig_core::types::{Error, Status, Stream};
use std::ffi::c_char;
use std::sync::Arc;

/// One call at a time: its audio, digit buffer, jobs and events. Reference counted.
#[allow(non_camel_case_types)]
pub type earwig_channel = Channel;

/// Options of a channel. `earwig_channel_options_init` sets the defaults.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_channel_options {
    /// Size of this struct in bytes; set by `earwig_channel_options_init`.
    pub struct_size: usize,
    /// Label for log lines and `earwig_channel_to_json`, UTF-8; copied. NULL (default): none.
    pub name: *const c_char,
    /// Sample rate of RX: 8000, 16000, 32000 or 48000 Hz. 0: the default, 8000.
    pub rx_rate_hz: i32,
    /// Sample rate of TX: 8000, 16000, 32000 or 48000 Hz. 0: the default, 8000.
    pub tx_rate_hz: i32,
    /// Capacity of each stream's ring: 100 to 10,000 ms of audio. 0: the default, 1000. A worker empties it every 10
    /// ms.
    pub ring_ms: i32,
    /// If no audio arrives on RX for this time, media time advances with the wall clock, so that no job outlives a
    /// dead stream: 1 to 60,000 ms; 500 by default. 0: off; media time is samples and gaps alone, for hosts that read
    /// audio from files.
    pub stall_ms: i32,
    /// Events that the queue holds: 8 to 4096. 0: the default, 64.
    pub event_capacity: i32,
    /// 1: jobs may run before the answer, while the call is RINGING. 0 (default): only while it is ANSWERED.
    pub early_media: i32,
}

/// Counters of a channel, since it was created.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_channel_stats {
    /// Size of this struct in bytes; set by `earwig_channel_stats_init`.
    pub struct_size: usize,
    /// Media time, ms: RX that was processed, gaps included, and wall-clock time added during stalls.
    pub media_ms: i64,
    /// Samples written to RX, at its rate, without gaps.
    pub rx_samples: u64,
    /// Samples written to TX, at its rate, without gaps.
    pub tx_samples: u64,
    /// Samples of gaps in RX and TX, those of overruns included.
    pub gap_samples: u64,
    /// Writes that found the ring full.
    pub overruns: u64,
    /// Progress events that found the event queue full. Endings are never dropped.
    pub events_dropped: u64,
    /// Digits that found the digit buffer full.
    pub digits_dropped: u64,
}

versioned! {
    earwig_channel_options { name, rx_rate_hz, tx_rate_hz, ring_ms, stall_ms, event_capacity, early_media }
    earwig_channel_stats { media_ms, rx_samples, tx_samples, gap_samples, overruns, events_dropped, digits_dropped }
}

/// Sets all options to their defaults, and `struct_size`.
///
/// # Parameters
///
/// - `options`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `options` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
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

/// Sets all counters to 0, and `struct_size`.
///
/// # Parameters
///
/// - `stats`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `stats` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `stats` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_stats_init(stats: *mut earwig_channel_stats) -> Status {
    let zeros = earwig_channel_stats {
        struct_size: 0,
        media_ms: 0,
        rx_samples: 0,
        tx_samples: 0,
        gap_samples: 0,
        overruns: 0,
        events_dropped: 0,
        digits_dropped: 0,
    };
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(stats, zeros) }
}

/// Reads the host's options; NULL is the defaults.
///
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
    // Zero, also in a field that a shorter struct does not have, is the default.
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

/// Creates a channel. Its call is IDLE: `earwig_channel_ringing` or `earwig_channel_answer` comes next.
///
/// # Parameters
///
/// - `engine`: the engine that processes the channel.
/// - `options`: the options; NULL for the defaults.
/// - `out`: receives the channel with one reference; release it with `earwig_channel_unref`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `engine` or `out` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
/// - `EARWIG_ERR_INVALID`: an option is out of range, or `name` is not UTF-8.
/// - `EARWIG_ERR_STATE`: the engine is shut down.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
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

/// Takes one more reference to a channel. Each thread that may begin a call on the channel while another thread gives
/// its reference back needs one of its own.
///
/// # Parameters
///
/// - `channel`: the channel; NULL is allowed.
///
/// # Returns
///
/// `channel`.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
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

/// Gives one reference back. After the last one a worker ends the running jobs without an event, finishes the file of
/// a recording with the audio written so far, and frees the channel; no callback starts any more.
///
/// A function that blocks holds the channel until it returns, so the last reference may be given back meanwhile: the
/// function returns `EARWIG_ERR_HANGUP`, and then the channel is freed. After `earwig_channel_hangup`, functions that
/// wait for a collection or a detection still return its result.
///
/// # Parameters
///
/// - `channel`: the channel; NULL does nothing. The caller must hold the reference that it gives back: a second
///   `unref` of one reference is undefined, and so is any use of the channel after the last.
///
/// # Returns
///
/// Nothing.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
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

/// Sets the call to RINGING: it rings, or early media flows. No effect if it is RINGING.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be IDLE or RINGING.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_STATE`: the call is ANSWERED.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_ringing(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.ringing()) }
}

/// Sets the call to ANSWERED and clears the digit buffer. No effect if it is ANSWERED.
///
/// After a hang-up the next answer begins a new call: a channel can be used for one call after another.
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
pub unsafe extern "C" fn earwig_channel_answer(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel(channel, |c| c.answer()) }
}

/// Ends the call: its state becomes IDLE. Audio written before is processed; then all running jobs end with cause
/// HANGUP.
///
/// # Parameters
///
/// - `channel`: the channel.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_HANGUP`: the call is IDLE.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_hangup(channel: *mut earwig_channel) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_media(channel, |c| c.hangup()) }
}

/// Reads the state of the call.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `state`: receives an `earwig_call_state`.
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
pub unsafe extern "C" fn earwig_channel_get_state(
    channel: *mut earwig_channel,
    state: *mut i32,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe { on_channel(channel, |c| write_out(state, c.state() as i32)) }
}

/// Copies samples into a stream. Media time advances by the samples of RX.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be RINGING or ANSWERED.
/// - `stream`: `EARWIG_STREAM_RX` or `EARWIG_STREAM_TX`. Digits and verdicts come from RX.
/// - `samples`: signed 16-bit samples, mono, native byte order, at the stream's rate. NULL is allowed if `count` is
///   0.
/// - `count`: samples to write: any frame size, at most one hour.
///
/// # Returns
///
/// - `EARWIG_OK`: all samples are written.
/// - `EARWIG_ERR_OVERRUN`: the ring is full. The samples that fit are written; the rest becomes a gap, so media time
///   stays right.
/// - `EARWIG_ERR_BUSY`: another thread is writing to this stream. Nothing is written.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing is written.
/// - `EARWIG_ERR_INVALID`: `stream` is unknown, `count` is over one hour, or `samples` is at an odd address.
/// - `EARWIG_ERR_NULL`: `channel` is NULL, or `samples` is NULL and `count` is not 0.
///
/// # Threads
///
/// Media thread: it does not allocate, block, log or make a system call. One thread at a time for each stream. May be
/// called from a callback.
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

/// Adds a gap to a stream: samples that are missing because of a lost packet, comfort noise or silence suppression.
/// Media time advances by the gaps of RX.
///
/// # Parameters
///
/// - `channel`: the channel; its call must be RINGING or ANSWERED.
/// - `stream`: `EARWIG_STREAM_RX` or `EARWIG_STREAM_TX`.
/// - `count`: missing samples at the stream's rate, at most one hour.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_BUSY`: another thread is writing to this stream. Nothing is added.
/// - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing is added.
/// - `EARWIG_ERR_INVALID`: `stream` is unknown, or `count` is over one hour.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Media thread: it does not allocate, block, log or make a system call. One thread at a time for each stream. May be
/// called from a callback.
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

/// Waits until all audio written and all requests made before this call are processed, and the files of the recordings
/// that ended by then are complete. Their events are in the queue then, and jobs that ended have their results.
///
/// A host that reads audio from files writes less than `ring_ms`, flushes, and goes on: no sample is lost, and no
/// time is spent waiting for a clock.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: processing, or the disk, goes on.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
/// - `EARWIG_ERR_NULL`: `channel` is NULL.
///
/// # Threads
///
/// Control thread. Blocks. Not from a callback.
///
/// # Safety
/// `channel` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_flush(
    channel: *mut earwig_channel,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    unsafe { on_channel_blocking(channel, |c| c.flush(wait_ms(timeout_ms)?)) }
}

/// Copies the text of the last error that a control function returned for this channel. `EARWIG_ERR_AGAIN` is no
/// error here.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `text`: receives the text, UTF-8, NUL-terminated, cut to fit; "" if there was no error.
/// - `size`: bytes at `text`, at least 1; 256 are enough for most texts.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_SIZE`: `size` is 0.
/// - `EARWIG_ERR_NULL`: `channel` or `text` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
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

/// Reads the counters of a channel.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `stats`: receives the counters; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `channel` or `stats` is NULL.
/// - `EARWIG_ERR_SIZE`: `stats->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `stats` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_get_stats(
    channel: *mut earwig_channel,
    stats: *mut earwig_channel_stats,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(stats)?;
            let counters = c.stats();
            write_struct(
                stats,
                earwig_channel_stats {
                    struct_size: 0,
                    media_ms: counters.media_ms as i64,
                    rx_samples: counters.rx_samples,
                    tx_samples: counters.tx_samples,
                    gap_samples: counters.gap_samples,
                    overruns: counters.overruns,
                    events_dropped: counters.events_dropped,
                    digits_dropped: counters.digits_dropped,
                },
            )
        })
    }
}

/// Sets an id of the call for the events that detections post to their `status_url`. It applies to detections that
/// start after it.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `name`: `call_id`, `node_id`, `segment_id`, `project_id`, `space_id`, `control_id` or `event_channel`.
/// - `value`: UTF-8, up to 255 bytes, copied. Each id is "" until it is set. An empty `control_id` is replaced by a
///   new UUID in each detection.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: `name` is unknown, or `value` is too long or not UTF-8.
/// - `EARWIG_ERR_NULL`: `channel`, `name` or `value` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
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
