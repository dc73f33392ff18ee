//! Results and events as names and values, so that all hosts report the same names, and a channel as JSON.

use super::field_names::{self, Field};
use super::versioned_struct::VersionedStruct;
use super::{
    control, earwig_dtmf_result, earwig_event, earwig_machine_result, earwig_recorder_result,
    known, read_struct,
};
use earwig_core::types::{Error, FieldSet, Status};
use std::ffi::{CString, c_char, c_void};

/// Field function of the host, called once for each field.
///
/// - `user`: the pointer given to the function that calls it.
/// - `name`: the field's name in snake case, NUL-terminated; valid until the function returns.
/// - `value`: its value as text, UTF-8, NUL-terminated; valid until the function returns. A cause is its name, a flag
///   "true" or "false", a number decimal digits.
///
/// It runs on the thread that called, and may call any function of this API.
#[allow(non_camel_case_types)]
pub type earwig_field_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, name: *const c_char, value: *const c_char)>;

/// Calls `function` with each of `fields` that has a name in `set`.
///
/// # Safety
/// `function` may be called with `user` (S6).
unsafe fn foreach_field(
    fields: &[Field],
    set: FieldSet,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Result<(), Error> {
    let function = function.ok_or(Status::ErrNull)?;
    let text = |text: &str| CString::new(text).map_err(|_| Error::invalid("a NUL in a text"));
    for field in fields {
        if let Some(name) = field.name(set) {
            let (name, value) = (text(name)?, text(&field.value.to_string())?);
            // SAFETY: S6: the host's function, on the thread that called.
            unsafe { function(user, name.as_ptr(), value.as_ptr()) };
        }
    }
    Ok(())
}

/// Calls `function` with each field that `fields` returns for a struct of the host.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says (S3); `function` may be called with `user` (S6).
unsafe fn foreach_result_field<T: VersionedStruct>(
    result: *const T,
    fields: impl FnOnce(&T) -> Vec<Field>,
    set: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    control(|| {
        // SAFETY: S3, as the caller promises.
        let fields = fields(&unsafe { read_struct(result) }?);
        let set = known("set", set, FieldSet::from_i32)?;
        // SAFETY: S6, as the caller promises.
        unsafe { foreach_field(&fields, set, function, user) }
    })
}

/// Calls `function` with each field of a collection's result, in a fixed order. Later versions may add fields.
///
/// - FIELDS: `cause`, `digits`, `started_ms`, `ended_ms`.
/// - VARIABLES: `earwig_cause`.
///
/// # Parameters
///
/// - `result`: the result.
/// - `set`: an `earwig_field_set`.
/// - `function`: called for each field.
/// - `user`: passed to `function`; may be NULL.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: `set` or an enum in `result` is out of range. `function` was not called.
/// - `EARWIG_ERR_NULL`: `result` or `function` is NULL.
/// - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_result_foreach_field(
    result: *const earwig_dtmf_result,
    set: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    // SAFETY: S3 and S6, as the caller promises.
    unsafe { foreach_result_field(result, field_names::dtmf, set, function, user) }
}

/// Calls `function` with each field of a recording's result, in a fixed order. Later versions may add fields.
///
/// - FIELDS: `cause`, `state`, `audio_detected`, `duration_ms`, `bytes`, `started_ms`, `ended_ms`, and `error` if it
///   is not empty.
/// - VARIABLES: `earwig_cause`, `earwig_recorder_state`, `earwig_audio_detected`, `earwig_record_ms`,
///   `earwig_record_bytes`, `earwig_error`.
///
/// Whether there is audio is "yes" or "no", and "" while that is not known.
///
/// # Parameters
///
/// - `result`: the result.
/// - `set`: an `earwig_field_set`.
/// - `function`: called for each field.
/// - `user`: passed to `function`; may be NULL.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: `set` or an enum in `result` is out of range. `function` was not called.
/// - `EARWIG_ERR_NULL`: `result` or `function` is NULL.
/// - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_result_foreach_field(
    result: *const earwig_recorder_result,
    set: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    // SAFETY: S3 and S6, as the caller promises.
    unsafe { foreach_result_field(result, field_names::recorder, set, function, user) }
}

/// Calls `function` with each field of a detection's result, in a fixed order. Later versions may add fields.
///
/// - FIELDS: `cause` (with its numbers), `confidence`, `kind`, `kind_confidence`, `beep`, `beep_ms`, `beep_hz`, `ready`,
///   `fax_tone`, `network_tone`, `detect_ms`, `verdict_ms`, `onset_ms`, `greeting_end_ms`, `latency_ms`, `words`,
///   `voice_ms`, `started_ms`, `ended_ms`, `result`.
/// - VARIABLES: `detect_cause` (with its numbers), `earwig_confidence` (0.00 to 1.00), `earwig_machine_kind`,
///   `earwig_machine_kind_confidence` (0.00 to 1.00), `detect_machine_beep`, `detect_ms`, `earwig_onset_ms`,
///   `detect_result`. The last one is set last: a host that waits for it finds the
///   others.
///
/// # Parameters
///
/// - `result`: the result.
/// - `set`: an `earwig_field_set`.
/// - `function`: called for each field.
/// - `user`: passed to `function`; may be NULL.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: `set` or an enum in `result` is out of range. `function` was not called.
/// - `EARWIG_ERR_NULL`: `result` or `function` is NULL.
/// - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_result_foreach_field(
    result: *const earwig_machine_result,
    set: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    // SAFETY: S3 and S6, as the caller promises.
    unsafe { foreach_result_field(result, field_names::machine, set, function, user) }
}

/// Calls `function` with each field of an event, in a fixed order. Later versions may add fields. A field that a
/// result has too has the same name.
///
/// - DIGIT: `digit`, `source`, `at_ms`, `start_ms`, `end_ms`, `stored`.
/// - DIGIT_END: `digit`, `at_ms`, `start_ms`, `end_ms`, `low_dbm0`, `high_dbm0`, `twist_db`.
/// - DTMF_ENDED: `cause`, `digits`, `started_ms`, `ended_ms`.
/// - RECORDER_ENDED: `cause`, `audio_detected`, `duration_ms`, `bytes`, `started_ms`, `ended_ms`.
/// - MACHINE: `machine_event`, `beep`, `confidence`, `at_ms`, `hz`, `kind`, `kind_confidence`.
/// - MACHINE_PROVISIONAL: `machine_event` ("PROVISIONAL"), `beep`, `confidence`, `at_ms`, `result`.
/// - MACHINE_BEEP: `at_ms`, `start_ms`, `end_ms`, `hz`.
/// - MACHINE_ENDED: `machine_event` ("finished"), `beep`, `confidence`, `at_ms`, `kind`, `kind_confidence`, `cause`,
///   `beep_hz`, `detect_ms`, `onset_ms`, `result`, `started_ms`, `ended_ms`.
///
/// # Parameters
///
/// - `event`: the event.
/// - `function`: called for each field.
/// - `user`: passed to `function`; may be NULL.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: an enum in `event` is out of range. `function` was not called.
/// - `EARWIG_ERR_NULL`: `event` or `function` is NULL.
/// - `EARWIG_ERR_SIZE`: `event->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `event` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_event_foreach_field(
    event: *const earwig_event,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    control(|| {
        // SAFETY: S3 and S6, as the caller promises.
        unsafe {
            foreach_field(
                &field_names::event(&read_struct(event)?),
                FieldSet::Fields,
                function,
                user,
            )
        }
    })
}
