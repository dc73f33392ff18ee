#![doc = include_str!("overview.md")]
//!
//! This is the only folder with `unsafe`; the numbered invariants in its comments are those of `docs/internals/safety.md`. Each function
//! checks its arguments, catches panics and returns a status. One file for each section of the header; `build/sections.rs`
//! lists them.

mod channel;
mod channel_json;
mod dtmf;
mod dtmf_options;
mod engine;
mod event;
mod field_names;
mod fields;
mod log;
mod machine;
mod machine_options;
mod options;
mod recorder;
mod recorder_options;
mod status;
mod version;
mod versioned_struct;

pub use channel::*;
pub use channel_json::*;
pub use dtmf::*;
pub use dtmf_options::*;
pub use engine::*;
pub use event::*;
pub use fields::*;
pub use log::*;
pub use machine::*;
pub use machine_options::*;
pub use recorder::*;
pub use recorder_options::*;
pub use status::*;
pub use version::*;

use crate::engine::{Channel, log as log_line};
use ::log::Level;
use earwig_core::time::{Timeout, to_ms};
use earwig_core::types::{Error, Status};
use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::Duration;
use versioned_struct::{
    array_text, init_struct, known, read_struct, struct_room, versioned, write_struct,
};

/// Longest text that is read from the host, bytes.
const TEXT_MAX: usize = 64 * 1024;

thread_local! {
    /// This thread is inside a control call.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Has panics inside the library logged instead of printed. Panics of a Rust host go to its own hook.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let host = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = INSIDE.get()
                || std::thread::current()
                    .name()
                    .is_some_and(|n| n.starts_with("earwig"));
            if ours {
                log_line(Level::Error, "earwig", format_args!("{info}"));
            } else {
                host(info)
            }
        }));
    });
}

/// Runs a control call: returns the status of its error, and ERR_PANIC after a panic.
fn control(f: impl FnOnce() -> Result<(), Error>) -> Status {
    let before = INSIDE.replace(true);
    let status = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(error)) => error.status,
        Err(_) => Status::ErrPanic,
    };
    INSIDE.set(before);
    status
}

/// Runs a control call on a channel and keeps the text of its error there.
///
/// # Safety
/// `channel` is NULL or a handle that lives during the call (S1).
unsafe fn on_channel(
    channel: *const Channel,
    f: impl FnOnce(&Channel) -> Result<(), Error>,
) -> Status {
    control(|| {
        // SAFETY: S1, as the caller promises.
        let channel = unsafe { channel.as_ref() }.ok_or(Status::ErrNull)?;
        f(channel).inspect_err(|error| {
            if error.status != Status::ErrAgain {
                channel.set_error(&error.text);
            }
        })
    })
}

/// Keeps a channel during a blocking call.
struct Held<'a>(&'a Channel);

impl<'a> Held<'a> {
    fn new(channel: &'a Channel) -> Self {
        channel.hold();
        Self(channel)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.unpin();
    }
}

/// Runs a control call that blocks. The channel lives until it returns, even if the host gives its last handle back meanwhile.
///
/// # Safety
/// `channel` is NULL or a handle that lives when the call begins (S1).
unsafe fn on_channel_blocking(
    channel: *const Channel,
    f: impl FnOnce(&Channel) -> Result<(), Error>,
) -> Status {
    // SAFETY: S1, as the caller promises.
    let _held = unsafe { channel.as_ref() }.map(Held::new);
    // SAFETY: S1: `_held` keeps it.
    unsafe { on_channel(channel, f) }
}

/// Runs a media call: nothing that allocates, blocks or enters the kernel.
///
/// # Safety
/// `channel` is NULL or a handle that lives during the call (S1).
unsafe fn on_media(
    channel: *const Channel,
    f: impl FnOnce(&Channel) -> Result<(), Status>,
) -> Status {
    // SAFETY: S1, as the caller promises.
    let Some(channel) = (unsafe { channel.as_ref() }) else {
        return Status::ErrNull;
    };
    match catch_unwind(AssertUnwindSafe(|| f(channel))) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(status)) => status,
        Err(_) => Status::ErrPanic,
    }
}

/// Writes a value to the host's memory.
///
/// # Safety
/// `to` is NULL or writable (S3).
unsafe fn write_out<T>(to: *mut T, value: T) -> Result<(), Error> {
    if to.is_null() {
        return Err(Status::ErrNull.into());
    }
    // SAFETY: S3: writable and not NULL.
    unsafe { to.write_unaligned(value) };
    Ok(())
}

/// Reads a text from the host; NULL is `None`.
///
/// # Safety
/// `text` is NULL or ends in a NUL (S3); it is not changed while the result lives.
unsafe fn read_text<'a>(text: *const c_char) -> Result<Option<&'a str>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: S3: it ends in a NUL.
    let text = unsafe { CStr::from_ptr(text) };
    if text.count_bytes() > TEXT_MAX {
        return Err(Error::invalid("a text is longer than 64 KiB"));
    }
    text.to_str()
        .map(Some)
        .map_err(|_| Error::invalid("a text is not UTF-8"))
}

/// Copies a text to the host, cut at a character boundary so that it and its NUL fit in `size` bytes.
///
/// # Safety
/// `to` is NULL or has `size` writable bytes (S3).
unsafe fn write_text(to: *mut c_char, size: usize, text: &str) -> Result<(), Error> {
    if to.is_null() {
        return Err(Status::ErrNull.into());
    }
    if size == 0 {
        return Err(Status::ErrSize.into());
    }
    let length = cut(text, size - 1);
    // SAFETY: S3: `size` bytes are writable, and `length` is less.
    unsafe {
        to.cast::<u8>()
            .copy_from_nonoverlapping(text.as_ptr(), length);
        to.add(length).write(0);
    }
    Ok(())
}

/// Length of the longest prefix of `text` that has at most `max` bytes and ends at a character boundary.
fn cut(text: &str, max: usize) -> usize {
    (0..=max.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// A text as an array of a struct, NUL-terminated, cut to fit.
fn text_array<const N: usize>(text: &str) -> [c_char; N] {
    let length = cut(text, N - 1);
    let mut array = [0; N];
    for (to, from) in array.iter_mut().zip(&text.as_bytes()[..length]) {
        *to = *from as c_char;
    }
    array
}

/// Maximum wait of a call; `None` is EARWIG_FOREVER.
fn wait_ms(ms: i64) -> Result<Option<Duration>, Error> {
    match ms {
        EARWIG_FOREVER => Ok(None),
        0.. => Ok(Some(Duration::from_millis(ms.unsigned_abs()))),
        _ => Err(Error::invalid(format!(
            "a time of {ms} ms: it must be 0 or more, or EARWIG_FOREVER"
        ))),
    }
}

/// A timeout in a job's options.
fn timeout(ms: i64) -> Result<Timeout, Error> {
    Ok(wait_ms(ms)?.map_or(Timeout::Forever, |t| Timeout::ms(t.as_millis() as u64)))
}

/// The same in milliseconds.
fn timeout_ms(timeout: Timeout) -> i64 {
    match timeout {
        Timeout::Forever => EARWIG_FOREVER,
        Timeout::After(samples) => to_ms(samples) as i64,
    }
}

/// Copies the error of a parse to the host, if it wants it.
///
/// # Safety
/// `error` is NULL or has `size` writable bytes (S3).
unsafe fn explain(result: Result<(), Error>, error: *mut c_char, size: usize) -> Result<(), Error> {
    if !error.is_null() && size > 0 {
        let text = result.as_ref().err().map_or("", |e| e.text.as_ref());
        // SAFETY: S3: not NULL, `size` bytes are writable.
        unsafe { write_text(error, size, text) }?;
    }
    result
}

/// A number from the host that must not be negative and must fit in `T`.
fn unsigned<T: TryFrom<i64>>(name: &str, value: impl Into<i64>) -> Result<T, Error> {
    let value = value.into();
    T::try_from(value).map_err(|_| Error::invalid(format!("{name} is {value}: it is out of range")))
}

/// A flag from the host.
fn switch(name: &str, value: i32) -> Result<bool, Error> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Error::invalid(format!(
            "{name} is {other}: it must be 0 or 1"
        ))),
    }
}
