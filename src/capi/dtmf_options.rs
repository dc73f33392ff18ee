//! Options of a collection.

use super::options::{self, JobOptions};
use super::{array_text, init_struct, switch, text_array, timeout, timeout_ms, versioned};
use earwig_core::job::dtmf::DigitSet;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::options::parse_dtmf;
use earwig_core::types::{Error, Status};
use std::ffi::c_char;

/// Options of a collection. With the defaults it returns the digits in the buffer at once.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_dtmf_options {
    /// Size of this struct in bytes; set by `earwig_dtmf_options_init`.
    pub struct_size: usize,
    /// 1: clear the digit buffer first. 0 (default): digits in the buffer count.
    pub clear: i32,
    /// Digits to collect: 1 to 32. 0 (default): 32, the capacity of the buffer.
    pub count: i32,
    /// Maximum wait for the first digit, ms. 0 (default): return at once. `EARWIG_FOREVER`: no limit.
    pub predigits_timeout_ms: i64,
    /// Interdigit timeout, ms: maximum time from the press of one key to the press of the next; 5000 by default. 0:
    /// return after the first digit. `EARWIG_FOREVER`: no limit.
    pub interdigit_timeout_ms: i64,
    /// Maximum duration of the collection, ms. 0: return at once. `EARWIG_FOREVER` (default): no limit.
    pub timeout_ms: i64,
    /// End digits, NUL-terminated, out of `0123456789ABCD*#`. "" (default): none.
    pub end: [c_char; 32],
}

versioned! {
    earwig_dtmf_options { clear, count, predigits_timeout_ms, interdigit_timeout_ms, timeout_ms, end }
}

impl JobOptions for earwig_dtmf_options {
    type Job = DtmfOptions;

    fn of(o: &DtmfOptions) -> Self {
        let end: String = o.end.digits().map(char::from).collect();
        Self {
            struct_size: 0,
            clear: i32::from(o.clear),
            count: i32::from(o.count),
            predigits_timeout_ms: timeout_ms(o.predigits_timeout),
            interdigit_timeout_ms: timeout_ms(o.interdigit_timeout),
            timeout_ms: timeout_ms(o.timeout),
            end: text_array(&end),
        }
    }

    fn job(&self) -> Result<DtmfOptions, Error> {
        Ok(DtmfOptions {
            clear: switch("clear", self.clear)?,
            count: DtmfOptions::checked_count(i64::from(self.count))?,
            predigits_timeout: timeout(self.predigits_timeout_ms)?,
            interdigit_timeout: timeout(self.interdigit_timeout_ms)?,
            end: DigitSet::parse(array_text("end", &self.end)?.as_bytes())?,
            timeout: timeout(self.timeout_ms)?,
        })
    }

    fn parse(text: &str, base: DtmfOptions) -> Result<DtmfOptions, Error> {
        parse_dtmf(text, base)
    }
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
pub unsafe extern "C" fn earwig_dtmf_options_init(options: *mut earwig_dtmf_options) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { init_struct(options, earwig_dtmf_options::of(&DtmfOptions::default())) }
}

/// Reads options from text into `options`. Options that the text does not name keep their values.
///
/// Keys: `clear`, `count`, `end`, `seconds_predigits_timeout`, `seconds_interdigit_timeout`, `seconds_timeout`. Times
/// are in seconds, with fractions; `None`, `null` and `forever` mean no limit.
///
/// # Parameters
///
/// - `text`: `count=5,seconds_interdigit_timeout=1,end=#`, or a JSON object such as `{"count":5,"end":"*#"}`. ""
///   changes nothing. UTF-8, at most 64 KiB.
/// - `options`: the options to change; `earwig_dtmf_options_init` must have set them.
/// - `error`: receives the text of the error, NUL-terminated, cut to fit, "" without one; NULL if it is not wanted.
/// - `error_size`: bytes at `error`; 0 if it is not wanted.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: a key is unknown or a value is out of range. `options` is unchanged.
/// - `EARWIG_ERR_NULL`: `text` or `options` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says; `error` is NULL or
/// has `error_size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_options_parse(
    text: *const c_char,
    options: *mut earwig_dtmf_options,
    error: *mut c_char,
    error_size: usize,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { options::parse_options(text, options, error, error_size) }
}
