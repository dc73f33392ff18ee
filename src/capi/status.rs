//! Values of times, the size of a digit buffer, and the status that functions return. The overview says what the
//! values of times mean.

use earwig_core::types::Status;
use std::ffi::c_char;

/// No limit: for times in milliseconds that a function waits, or that an option sets as a timeout.
pub const EARWIG_FOREVER: i64 = -1;

/// The default of the function that reads the options: for the option fields that name it.
pub const EARWIG_DEFAULT: i64 = -2;

/// Capacity of the digit buffer, and the maximum number of digits in a result.
pub const EARWIG_DIGITS_MAX: usize = 32;

/// Returns the English text of a status.
///
/// # Parameters
///
/// - `status`: an `earwig_status`; any other value is allowed.
///
/// # Returns
///
/// Static text, never NULL. For a value that is no status: "unknown status".
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_status_str(status: i32) -> *const c_char {
    Status::from_i32(status)
        .map_or(c"unknown status", Status::text)
        .as_ptr()
}
