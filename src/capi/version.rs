//! A host compares the version of the loaded library with that of this header once, and may give the library a log
//! function.

use std::ffi::{CStr, c_char};

/// Version of the C API that this header describes. It changes when a host built with the previous version could
/// fail.
pub const EARWIG_ABI_VERSION: u32 = 1;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// Returns the version of the C API of the loaded library.
///
/// A host compares it with `EARWIG_ABI_VERSION` once, after loading the library, and stops if they differ.
///
/// # Parameters
///
/// None.
///
/// # Returns
///
/// The version. It never fails.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_abi_version() -> u32 {
    EARWIG_ABI_VERSION
}

/// Returns the version of the library, such as "0.1.0".
///
/// # Parameters
///
/// None.
///
/// # Returns
///
/// Static text, never NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Counts the engines and channels of this process whose memory is not freed yet. For leak checks: it becomes 0 a
/// moment after the last reference is given back, when the library's threads have freed everything.
///
/// # Parameters
///
/// None.
///
/// # Returns
///
/// The number of engines and channels. It never fails.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn earwig_live_handles() -> u64 {
    crate::engine::live_handles()
}
