//! An engine owns the worker threads. A host creates one when it starts, and shuts it down before it unloads its own
//! code.

use super::{
    control, quiet_panics, read_struct, read_text, struct_room, unsigned, versioned, wait_ms,
    write_out, write_struct,
};
use crate::engine::webhook::Allow;
use crate::engine::{Engine, EngineOptions};
use earwig_core::types::{Error, Status};
use std::ffi::c_char;
use std::sync::Arc;

/// A pool of worker threads and the channels that they process. One for each host is enough. Reference counted.
#[allow(non_camel_case_types)]
pub type earwig_engine = Engine;

/// Options of an engine. `earwig_engine_options_init` sets the defaults.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_engine_options {
    /// Size of this struct in bytes; set by `earwig_engine_options_init`.
    pub struct_size: usize,
    /// Worker threads, 1 to 64. 0 (default): one for each processor, at most 4.
    pub workers: i32,
    /// Addresses to which events may be posted, checked after the name of a `status_url` was resolved: a comma-separated list of
    /// "public", "private", "loopback", "link-local", "all" and networks such as "10.1.0.0/16". NULL (default):
    /// "public,private,loopback". The host owns the text, which `earwig_engine_create` copies.
    pub webhook_allow: *const c_char,
}

/// Counters of an engine, since it was created.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_engine_stats {
    /// Size of this struct in bytes; set by `earwig_engine_stats_init`.
    pub struct_size: usize,
    /// Worker threads.
    pub workers: i32,
    /// Channels with at least one reference.
    pub channels: i32,
    /// Samples of RX that were processed, gaps included, at the rates of the channels.
    pub samples: u64,
    /// Writes that found a ring full, on channels that are freed. `earwig_channel_stats` has those of live channels.
    pub overruns: u64,
    /// Events that were posted to a `status_url` and accepted by its server (2xx).
    pub posts_sent: u64,
    /// Events that were given up: refused by the server, or without an answer in three attempts.
    pub posts_failed: u64,
    /// Events that found their queue full, or were not sent yet when the engine ended.
    pub posts_dropped: u64,
}

versioned! {
    earwig_engine_options { workers, webhook_allow }
    earwig_engine_stats { workers, channels, samples, overruns, posts_sent, posts_failed, posts_dropped }
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
pub unsafe extern "C" fn earwig_engine_options_init(options: *mut earwig_engine_options) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe {
        super::init_struct(
            options,
            earwig_engine_options {
                struct_size: 0,
                workers: 0,
                webhook_allow: std::ptr::null(),
            },
        )
    }
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
pub unsafe extern "C" fn earwig_engine_stats_init(stats: *mut earwig_engine_stats) -> Status {
    let zeros = earwig_engine_stats {
        struct_size: 0,
        workers: 0,
        channels: 0,
        samples: 0,
        overruns: 0,
        posts_sent: 0,
        posts_failed: 0,
        posts_dropped: 0,
    };
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(stats, zeros) }
}

/// Starts an engine. Its threads run until the last reference to it and to each of its channels is given back.
///
/// # Parameters
///
/// - `options`: the options; NULL for the defaults.
/// - `out`: receives the engine with one reference; release it with `earwig_engine_unref`.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `out` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
/// - `EARWIG_ERR_INVALID`: `workers` is out of range, or `webhook_allow` has a word that is no scope and no network. The log has
///   the reason.
/// - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `options` is NULL or readable as its `struct_size` says; `options->webhook_allow` is NULL or ends in a NUL; `out` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_create(
    options: *const earwig_engine_options,
    out: *mut *mut earwig_engine,
) -> Status {
    quiet_panics();
    control(|| {
        if out.is_null() {
            return Err(Status::ErrNull.into());
        }
        // SAFETY: S3, as the caller promises.
        let engine = unsafe { read_options(options) }.and_then(Engine::with_options);
        // There is no channel yet that could keep the text of an error.
        let engine =
            engine.inspect_err(|e| log::error!("the engine was not created: {}", e.text))?;
        let engine = Arc::into_raw(Arc::new(engine)).cast_mut();
        // SAFETY: S3: not NULL, writable.
        unsafe { write_out(out, engine) }
    })
}

/// # Safety
/// `options` is NULL or readable as its `struct_size` says; its text is NULL or ends in a NUL.
unsafe fn read_options(options: *const earwig_engine_options) -> Result<EngineOptions, Error> {
    if options.is_null() {
        return Ok(EngineOptions::default());
    }
    // SAFETY: S3, as the caller promises.
    let options = unsafe { read_struct(options) }?;
    // SAFETY: S3, as the caller promises.
    let webhook_allow = unsafe { read_text(options.webhook_allow) }?;
    Ok(EngineOptions {
        workers: unsigned("workers", options.workers)?,
        webhook_allow: webhook_allow.map_or_else(|| Ok(Allow::default()), Allow::parse)?,
    })
}

/// Takes one more reference to an engine.
///
/// # Parameters
///
/// - `engine`: the engine; NULL is allowed.
///
/// # Returns
///
/// `engine`.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `engine` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_ref(engine: *mut earwig_engine) -> *mut earwig_engine {
    if !engine.is_null() {
        // SAFETY: S1: it came from Arc::into_raw and lives.
        unsafe { Arc::increment_strong_count(engine.cast_const()) };
    }
    engine
}

/// Gives one reference back. After the last one, the engine's threads end as soon as its last channel is freed.
///
/// A host that may unload its code calls `earwig_engine_shutdown` first.
///
/// # Parameters
///
/// - `engine`: the engine; NULL does nothing. The caller must hold the reference that it gives back: a second `unref`
///   of one reference is undefined.
///
/// # Returns
///
/// Nothing.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `engine` is NULL or a reference that the host holds; it is the host's no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_unref(engine: *mut earwig_engine) {
    if !engine.is_null() {
        control(|| {
            // SAFETY: S1: it came from Arc::into_raw, and this reference is given up here.
            unsafe { Arc::decrement_strong_count(engine.cast_const()) };
            Ok(())
        });
    }
}

/// Ends an engine and waits until its threads have ended: none of the host's functions is called any more.
///
/// The caller keeps its reference. A second shutdown has no effect. After it no channel can be created.
///
/// # Parameters
///
/// - `engine`: the engine. All references to its channels must have been given back.
/// - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
///
/// # Returns
///
/// - `EARWIG_OK`: all threads have ended.
/// - `EARWIG_ERR_BUSY`: a channel has references. The engine goes on.
/// - `EARWIG_ERR_TIMEOUT`: the engine ends later; a disk, a function of the host, or a function that blocks on a channel
///   has not come to an end.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
/// - `EARWIG_ERR_NULL`: `engine` is NULL.
///
/// # Threads
///
/// Control thread. Blocks. Not from a callback.
///
/// # Safety
/// `engine` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_shutdown(
    engine: *mut earwig_engine,
    timeout_ms: i64,
) -> Status {
    control(|| {
        // SAFETY: S1, as the caller promises.
        unsafe { on_engine(engine) }?;
        // SAFETY: S1: it came from Arc::into_raw and lives. This reference keeps it until the wait is over.
        let engine = unsafe {
            Arc::increment_strong_count(engine.cast_const());
            Arc::from_raw(engine.cast_const())
        };
        engine.shutdown(wait_ms(timeout_ms)?)
    })
}

/// Reads the counters of an engine.
///
/// # Parameters
///
/// - `engine`: the engine.
/// - `stats`: receives the counters; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `engine` or `stats` is NULL.
/// - `EARWIG_ERR_SIZE`: `stats->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `engine` is NULL or lives; `stats` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_get_stats(
    engine: *mut earwig_engine,
    stats: *mut earwig_engine_stats,
) -> Status {
    control(|| {
        // SAFETY: S1 and S3, as the caller promises.
        let (engine, _) = unsafe { (on_engine(engine)?, struct_room(stats)?) };
        let counters = engine.stats();
        let value = earwig_engine_stats {
            struct_size: 0,
            workers: counters.workers as i32,
            channels: counters.channels as i32,
            samples: counters.samples,
            overruns: counters.overruns,
            posts_sent: counters.posts.sent,
            posts_failed: counters.posts.failed,
            posts_dropped: counters.posts.dropped,
        };
        // SAFETY: S3, as the caller promises.
        unsafe { write_struct(stats, value) }
    })
}

/// # Safety
/// `engine` is NULL or lives as long as the result.
pub(super) unsafe fn on_engine<'a>(engine: *const earwig_engine) -> Result<&'a Engine, Error> {
    // SAFETY: S1, as the caller promises.
    unsafe { engine.as_ref() }.ok_or_else(|| Status::ErrNull.into())
}
