//! Reading and parsing the options of jobs. Some hold secrets: no copy stays on the stack.

use super::versioned_struct::VersionedStruct;
use super::{control, explain, read_struct, read_text, write_struct};
use earwig_core::codec::cipher::scrub_stack;
use earwig_core::types::{Error, Status};
use std::ffi::c_char;

/// Options of a job as a struct of the C API.
pub trait JobOptions: VersionedStruct {
    /// The job's own options.
    type Job: Default;

    /// The struct for these options.
    fn of(job: &Self::Job) -> Self;

    /// The job's options; refuses values that are out of range.
    fn job(&self) -> Result<Self::Job, Error>;

    /// Reads a text; options that it does not name stay as in `base`.
    fn parse(text: &str, base: Self::Job) -> Result<Self::Job, Error>;

    /// Wipes secrets.
    fn wipe(&mut self) {}
}

/// Reads the host's options; NULL is the defaults.
///
/// # Safety
/// `options` is NULL or readable as its `struct_size` says (S3).
pub unsafe fn read_options<T: JobOptions>(options: *const T) -> Result<T::Job, Error> {
    // SAFETY: S3, as the caller promises.
    let read = unsafe { copy_options(options) };
    scrub_stack();
    read
}

/// A function of its own, so that its caller can scrub its stack.
///
/// # Safety
/// As `read_options`.
#[inline(never)]
unsafe fn copy_options<T: JobOptions>(options: *const T) -> Result<T::Job, Error> {
    if options.is_null() {
        return Ok(T::Job::default());
    }
    // SAFETY: S3, as the caller promises.
    let mut copy = unsafe { read_struct(options) }?;
    let read = copy.job();
    copy.wipe();
    read
}

/// Reads a text into the host's options, and copies the text of an error to the host.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says; `error` is NULL or
/// has `error_size` writable bytes (S3).
pub unsafe fn parse_options<T: JobOptions>(
    text: *const c_char,
    options: *mut T,
    error: *mut c_char,
    error_size: usize,
) -> Status {
    control(|| {
        // SAFETY: S3, as the caller promises.
        let result = unsafe { parse_over(text, options) };
        scrub_stack();
        // SAFETY: S3, as the caller promises.
        unsafe { explain(result, error, error_size) }
    })
}

/// A function of its own, so that its caller can scrub its stack.
///
/// # Safety
/// As `parse_options`.
#[inline(never)]
unsafe fn parse_over<T: JobOptions>(text: *const c_char, options: *mut T) -> Result<(), Error> {
    if options.is_null() {
        return Err(Status::ErrNull.into());
    }
    // SAFETY: S3, as the caller promises.
    let (text, base) = unsafe {
        (
            read_text(text)?.ok_or(Status::ErrNull)?,
            copy_options(options)?,
        )
    };
    let mut parsed = T::of(&T::parse(text, base)?);
    // SAFETY: S3, as the caller promises.
    let written = unsafe { write_struct(options, parsed) };
    parsed.wipe();
    written
}
