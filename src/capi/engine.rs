//! Engines.

use super::{
    control, quiet_panics, read_struct, struct_room, unsigned, versioned, wait_ms, write_out,
    write_struct,
};
use crate::engine::Engine;
use earwig_core::types::{Error, Status};
use std::sync::Arc;

/// The workers and what they serve; one for each host is enough. Reference counted.
#[allow(non_camel_case_types)]
pub type earwig_engine = Engine;

/// How an engine is to be.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_engine_options {
    /// Size of this struct; set by `earwig_engine_options_init`.
    pub struct_size: usize,
    /// Threads that detect; 0 (default) is one for each processor, four at most; up to 64.
    pub workers: i32,
}

/// Counters of an engine.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_engine_stats {
    /// Size of this struct, set by the host.
    pub struct_size: usize,
    /// Threads that detect.
    pub workers: i32,
    /// Channels with handles.
    pub channels: i32,
    /// Samples of RX that were processed, gaps included, at the channels' rates.
    pub samples: u64,
    /// Writes that found a ring full, on channels that are gone.
    pub overruns: u64,
    /// Events that were posted to a `status_url` and taken there (2xx).
    pub posts_sent: u64,
    /// Events that were given up: refused, or without an answer at each of three attempts.
    pub posts_failed: u64,
    /// Events that found no room in a queue, or no time when the engine ended.
    pub posts_dropped: u64,
}

versioned! {
    earwig_engine_options { workers }
    earwig_engine_stats { workers, channels, samples, overruns, posts_sent, posts_failed, posts_dropped }
}

/// Fills in the defaults.
///
/// Returns `EARWIG_ERR_NULL` if `options` is NULL. Any thread.
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
            },
        )
    }
}

/// Starts an engine: its threads run until the last handle of it and of its channels is given back.
///
/// `options`: NULL for the defaults. `out`: gets the engine, with one reference that the host gives back by
/// `earwig_engine_unref`.
/// Returns `EARWIG_ERR_NULL` (`out`), `EARWIG_ERR_SIZE`, `EARWIG_ERR_INVALID` (`workers`), `EARWIG_ERR_SYSTEM` (no thread
/// could be started). Control thread.
///
/// # Safety
/// `options` is NULL or readable as its `struct_size` says; `out` is NULL or writable.
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
        let workers = if options.is_null() {
            0
        } else {
            // SAFETY: S3, as the caller promises.
            unsigned("workers", unsafe { read_struct(options) }?.workers)?
        };
        let engine = Arc::into_raw(Arc::new(Engine::new(workers)?)).cast_mut();
        // SAFETY: S3: not NULL, writable.
        unsafe { write_out(out, engine) }
    })
}

/// Takes one more reference. Returns `engine`; NULL stays NULL. Any thread.
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

/// Gives a reference back. After the last, the threads end once the last channel is freed. NULL is fine. Any thread but a
/// media thread.
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

/// Ends an engine and waits until each of its threads has ended, so that a host can be sure that none of its code runs any
/// more. The reference is still the host's to give back.
///
/// `timeout_ms`: how long to wait, or `EARWIG_FOREVER`.
/// Returns `EARWIG_ERR_BUSY` while channels have handles (nothing changes), `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a
/// callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_INVALID`. Control thread; blocks.
///
/// # Safety
/// `engine` is NULL or lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_shutdown(
    engine: *mut earwig_engine,
    timeout_ms: i64,
) -> Status {
    // SAFETY: S1, as the caller promises.
    control(|| unsafe { on_engine(engine) }?.shutdown(wait_ms(timeout_ms)?))
}

/// Reads an engine's counters.
///
/// Returns `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
///
/// # Safety
/// `engine` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_engine_get_stats(
    engine: *mut earwig_engine,
    out: *mut earwig_engine_stats,
) -> Status {
    control(|| {
        // SAFETY: S1 and S3, as the caller promises.
        let (engine, _) = unsafe { (on_engine(engine)?, struct_room(out)?) };
        let stats = engine.stats();
        let value = earwig_engine_stats {
            struct_size: 0,
            workers: stats.workers as i32,
            channels: stats.channels as i32,
            samples: stats.samples,
            overruns: stats.overruns,
            posts_sent: stats.posts.sent,
            posts_failed: stats.posts.failed,
            posts_dropped: stats.posts.dropped,
        };
        // SAFETY: S3, as the caller promises.
        unsafe { write_struct(out, value) }
    })
}

/// # Safety
/// `engine` is NULL or lives as long as the result.
pub(super) unsafe fn on_engine<'a>(engine: *const earwig_engine) -> Result<&'a Engine, Error> {
    // SAFETY: S1, as the caller promises.
    unsafe { engine.as_ref() }.ok_or_else(|| Status::ErrNull.into())
}
