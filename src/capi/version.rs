//! Versions, names of statuses, leak checks.

use earwig_core::types::Status;
use std::ffi::{CStr, c_char};

/// The version of the C API. It changes whenever a host that was built for the one before could fail.
pub const EARWIG_ABI_VERSION: u32 = 1;

/// No time limit, wherever a time in milliseconds is asked for.
pub const EARWIG_FOREVER: i64 = -1;

/// The most digits that the buffer holds and a collection returns.
pub const EARWIG_DIGITS_MAX: usize = 32;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// The version of the C API of the library that is loaded.
///
/// A host compares it with `EARWIG_ABI_VERSION` once, at load, and refuses to work if they differ. Any thread; never fails.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_abi_version() -> u32 {
    EARWIG_ABI_VERSION
}

/// The version of the library, such as "0.1.0". Static text; any thread; never fails.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Says in English what a status means.
///
/// Static text, never NULL, also for a value that is no status. Any thread, the media thread too.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_status_str(status: i32) -> *const c_char {
    Status::from_i32(status)
        .map_or(c"unknown status", Status::text)
        .as_ptr()
}

/// Engines and channels of this process that are not freed yet: 0 once all were given back and their threads came by.
///
/// For leak checks. Any thread; never fails.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_live_handles() -> u64 {
    crate::engine::live_handles()
}
