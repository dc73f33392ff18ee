//! Results and events as names and values, so that every host tells its users the same.

use super::field_names::{self, Field};
use super::versioned_struct::VersionedStruct;
use super::{
    control, earwig_dtmf_result, earwig_event, earwig_machine_result, earwig_recorder_result,
    known, read_struct,
};
use earwig_core::types::{Error, FieldSet, Status};
use std::ffi::{CString, c_char, c_void};

/// A host's function for one name and its value; both are its own for the call alone. The name is in snake case. The value is
/// ready for a dialplan: a cause by its name, a flag as "true" or "false", a number in decimal digits.
#[allow(non_camel_case_types)]
pub type earwig_field_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, name: *const c_char, value: *const c_char)>;

/// # Safety
/// `function` may be called with `user` (S6).
unsafe fn foreach_field(
    fields: &[Field],
    names: FieldSet,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Result<(), Error> {
    let function = function.ok_or(Status::ErrNull)?;
    let text = |text: &str| CString::new(text).map_err(|_| Error::invalid("a NUL in a text"));
    for field in fields {
        if let Some(name) = field.name(names) {
            let (name, value) = (text(name)?, text(&field.value.to_string())?);
            // SAFETY: S6: the host's function, on the thread that called.
            unsafe { function(user, name.as_ptr(), value.as_ptr()) };
        }
    }
    Ok(())
}

/// Tells what `fields` makes of a host's struct.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says (S3); `function` may be called with `user` (S6).
unsafe fn foreach_result_field<T: VersionedStruct>(
    result: *const T,
    fields: impl FnOnce(&T) -> Vec<Field>,
    names: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    control(|| {
        // SAFETY: S3, as the caller promises.
        let fields = fields(&unsafe { read_struct(result) }?);
        let names = known("names", names, FieldSet::from_i32)?;
        // SAFETY: S6, as the caller promises.
        unsafe { foreach_field(&fields, names, function, user) }
    })
}

/// Tells a collection's result: calls `function` with each name and its value, in an order that stays.
///
/// `names`: an `earwig_field_set`. VARIABLES: `earwig_cause`. FIELDS: `cause`, `digits`, `started_ms`, `ended_ms`.
/// Later versions foreach_field more. Returns `EARWIG_ERR_INVALID` (`names`, or an enum of the struct's), `EARWIG_ERR_NULL`,
/// `EARWIG_ERR_SIZE`: then nothing was told. Any thread but a media thread; `function` may make any call of this API.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_dtmf_result_foreach_field(
    result: *const earwig_dtmf_result,
    names: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    // SAFETY: S3 and S6, as the caller promises.
    unsafe { foreach_result_field(result, field_names::dtmf, names, function, user) }
}

/// Tells a recording's result, as `earwig_dtmf_result_foreach_field`.
///
/// VARIABLES: `earwig_cause`, `earwig_recorder_state`, `earwig_audio_detected` ("yes", "no", or "" if it is not known),
/// `earwig_record_ms`, `earwig_record_bytes`, `earwig_error`. FIELDS: `cause`, `state`, `audio_detected`, `duration_ms`, `bytes`,
/// `started_ms`, `ended_ms`, and `error` if there was one.
///
/// # Safety
/// `result` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_result_foreach_field(
    result: *const earwig_recorder_result,
    names: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    // SAFETY: S3 and S6, as the caller promises.
    unsafe { foreach_result_field(result, field_names::recorder, names, function, user) }
}

/// Tells a detection's outcome, as `earwig_dtmf_result_foreach_field`.
///
/// VARIABLES: `detect_cause` (with its figures), `earwig_confidence` (0.00 to 1.00), `detect_machine_beep`, `detect_ms`,
/// `earwig_onset_ms`, and last `detect_result`, so that whoever sees that finds the others. FIELDS: `cause`, `confidence`, `beep`,
/// `beep_ms`, `beep_hz`, `ready`, `fax_tone`, `network_tone`, `detect_ms`, `verdict_ms`, `onset_ms`, `greeting_end_ms`, `latency_ms`,
/// `words`, `voice_ms`, `started_ms`, `ended_ms`, `result`.
///
/// # Safety
/// `outcome` is NULL or readable as its `struct_size` says; `function` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_machine_result_foreach_field(
    outcome: *const earwig_machine_result,
    names: i32,
    function: earwig_field_fn,
    user: *mut c_void,
) -> Status {
    // SAFETY: S3 and S6, as the caller promises.
    unsafe { foreach_result_field(outcome, field_names::machine, names, function, user) }
}

/// Tells an event's fields, as `earwig_dtmf_result_foreach_field`; what is the same as in a result has the same name.
///
/// DIGIT: `digit`, `source`, `at_ms`, `start_ms`, `end_ms`, `stored`. DIGIT_END: `digit`, `at_ms`, `start_ms`, `end_ms`, `low_dbm0`,
/// `high_dbm0`, `twist_db`. DTMF_ENDED: `cause`, `digits`, `started_ms`, `ended_ms`. RECORD_ENDED: `cause`, `audio_detected`,
/// `duration_ms`, `bytes`, `started_ms`, `ended_ms`. MACHINE: `machine_event`, `beep`, `confidence`, `at_ms`, `hz`.
/// MACHINE_PROVISIONAL: `machine_event` ("PROVISIONAL"), `beep`, `confidence`, `at_ms`, `result`. MACHINE_ENDED: `machine_event`
/// ("finished"), `beep`, `confidence`, `at_ms`, `cause`, `beep_hz`, `detect_ms`, `onset_ms`, `result`, `started_ms`, `ended_ms`.
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
