//! The log sink: what the library has to say goes to a function of the host's, or nowhere.

use super::control;
use crate::engine::in_callback;
use earwig_core::types::{Error, Status};
use log::{Level, LevelFilter, Log, Metadata, Record};
use once_cell::sync::OnceCell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{PoisonError, RwLock};

/// A host's log function. `level`: 1 error, 2 warning, 3 info, 4 debug, 5 trace. `target` and `message` are UTF-8 and live
/// for the call alone. It is called on the library's threads and in control calls, never on a media thread, from several
/// threads at once; it must not call `earwig_log_set` or anything that blocks.
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
        // A NUL inside a text would end it early.
        let text = |s: String| CString::new(s.replace('\0', " ")).unwrap_or_default();
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

/// Sets the function that gets the library's log lines, in place of the one before.
///
/// `function`: NULL for none. `user`: handed to it. `max_level`: 0 off, 1 error ... 5 trace.
/// When this returns, the function before is not running and will not be called any more.
/// Returns `EARWIG_ERR_INVALID` for a level out of range, `EARWIG_ERR_STATE` if a Rust host has set a logger of its own,
/// `EARWIG_ERR_DEADLOCK` from a callback. Control thread.
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
