//! The log function: the library logs to a function of the host, or nowhere.

use super::control;
use crate::engine::{in_callback, printable};
use earwig_core::types::{Error, Status};
use log::{Level, LevelFilter, Log, Metadata, Record};
use once_cell::sync::OnceCell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{PoisonError, RwLock};

/// Log function of the host.
///
/// - `user`: the pointer given to `earwig_log_set`.
/// - `level`: 1 error, 2 warning, 3 info, 4 debug, 5 trace.
/// - `target`, `message`: UTF-8, one line: control characters are escaped, as in `\n`. Valid until the function returns.
///
/// The library calls it on its own threads and inside control functions, from several threads at once, never on a
/// media thread or a worker. Workers queue up to 256 lines for a thread that calls it; further lines are dropped, and
/// their number is logged. A function that blocks therefore delays no audio. `earwig_engine_shutdown` returns after
/// the last line. It must not call `earwig_log_set` or a function of the library that blocks.
#[allow(non_camel_case_types)]
pub type earwig_log_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        level: i32,
        target: *const c_char,
        message: *const c_char,
    ),
>;

struct Sink {
    function: unsafe extern "C" fn(*mut c_void, i32, *const c_char, *const c_char),
    user: *mut c_void,
}

// SAFETY: S6: the host promises that its function may be called with its pointer on any thread.
unsafe impl Send for Sink {}
// SAFETY: S6, as above, from several threads at once.
unsafe impl Sync for Sink {}

static SINK: RwLock<Option<Sink>> = RwLock::new(None);
static INSTALLED: OnceCell<bool> = OnceCell::new();

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        let sink = SINK.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sink) = &*sink else { return };
        let level = match record.level() {
            Level::Error => 1,
            Level::Warn => 2,
            Level::Info => 3,
            Level::Debug => 4,
            Level::Trace => 5,
        };
        // One line, and no NUL, which would end the text early.
        let text = |s: String| CString::new(&*printable(&s)).unwrap_or_default();
        let (target, message) = (
            text(record.target().into()),
            text(record.args().to_string()),
        );
        in_callback(|| {
            // SAFETY: S6: the function and its pointer are valid until the sink is replaced, which waits for this lock.
            unsafe { (sink.function)(sink.user, level, target.as_ptr(), message.as_ptr()) }
        });
    }

    fn flush(&self) {}
}

/// Replaces the log function of the process. Without one, the library logs nothing.
///
/// When it returns, the previous function is not running and is not called again.
///
/// # Parameters
///
/// - `function`: the new log function; NULL for none.
/// - `user`: passed to `function`; may be NULL.
/// - `max_level`: highest level to log: 0 (off), 1 (error) to 5 (trace).
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: `max_level` is not 0 to 5.
/// - `EARWIG_ERR_STATE`: a Rust host has set a logger of its own.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback, or from the log function.
///
/// # Threads
///
/// Control thread. Blocks until the previous log function has returned. Not from a callback.
///
/// # Safety
/// `function` may be called with `user` on any thread until it is replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_log_set(
    function: earwig_log_fn,
    user: *mut c_void,
    max_level: i32,
) -> Status {
    control(|| {
        crate::engine::may_block()?;
        let level = match max_level {
            0 => LevelFilter::Off,
            1 => LevelFilter::Error,
            2 => LevelFilter::Warn,
            3 => LevelFilter::Info,
            4 => LevelFilter::Debug,
            5 => LevelFilter::Trace,
            _ => return Err(Error::invalid("max_level must be 0 to 5")),
        };
        if !INSTALLED.get_or_init(|| log::set_logger(&Logger).is_ok()) {
            return Err(Error::new(
                Status::ErrState,
                "the process has another logger",
            ));
        }
        let level = if function.is_some() {
            level
        } else {
            LevelFilter::Off
        };
        *SINK.write().unwrap_or_else(PoisonError::into_inner) =
            function.map(|function| Sink { function, user });
        log::set_max_level(level);
        Ok(())
    })
}
