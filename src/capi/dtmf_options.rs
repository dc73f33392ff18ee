//! What a collection is asked for.

use super::options::{self, JobOptions};
use super::{array_text, init_struct, switch, text_array, timeout, timeout_ms, versioned};
use earwig_core::job::dtmf::DigitSet;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::options::parse_dtmf;
use earwig_core::types::{Error, Status};
use std::ffi::c_char;

/// What a collection is asked for; the defaults are the seed's: return at once what is in the digit buffer.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_dtmf_options {
    /// Size of this struct; set by `earwig_dtmf_options_init`.
    pub struct_size: usize,
    /// 1: clear the digit buffer first. 0 (default): look at it first.
    pub clear: i32,
    /// Digits to get: 1 to 32; 0 (default) is as many as the buffer holds, 32.
    pub count: i32,
    /// How long to wait for the first digit; 0 (default) returns at once; `EARWIG_FOREVER`.
    pub predigits_timeout_ms: i64,
    /// How long to wait between digits, 5000 by default; 0 returns at once after the first digit; `EARWIG_FOREVER`.
    pub interdigit_timeout_ms: i64,
    /// How long the whole may take; `EARWIG_FOREVER` (default).
    pub timeout_ms: i64,
    /// End digits, NUL-terminated, of `0123456789ABCD*#`; "" (default) for none.
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

/// Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
///
/// # Safety
/// `options` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_options_init(options: *mut earwig_dtmf_options) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { init_struct(options, earwig_dtmf_options::of(&DtmfOptions::default())) }
}

/// Reads options from text, over what `options` holds (call `earwig_dtmf_options_init` first).
///
/// `text`: `count=5,seconds_interdigit_timeout=1,end=#`, or a JSON object such as `{"count":5,"end":"*#"}`; the keys are the
/// seed's: `clear`, `count`, `seconds_predigits_timeout`, `seconds_interdigit_timeout`, `end`, `seconds_timeout`. Timeouts are
/// in seconds, with fractions; `None`, `null` or `forever` is no limit. Empty text changes nothing.
/// `error`, `error_size`: room for the text of what is wrong, NUL-terminated; NULL and 0 if nobody wants it.
/// Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
/// thread.
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
