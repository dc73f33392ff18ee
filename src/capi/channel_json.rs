//! State of a channel as JSON.

use super::channel::earwig_channel;
use super::field_names::{self, Field, Value};
use super::{
    earwig_dtmf_result, earwig_machine_result, earwig_recorder_result, on_channel, write_text,
};
use crate::engine::{ChannelSnapshot, JobSnapshot};
use earwig_core::types::{Error, FieldSet, Status};
use std::ffi::c_char;

/// `"name":value,...` of all that are fields.
fn members(fields: &[Field]) -> String {
    let members = fields.iter().filter_map(|field| {
        let name = field.name(FieldSet::Fields)?;
        Some(format!(r#""{name}":{}"#, field.value.json()))
    });
    members.collect::<Vec<_>>().join(",")
}

/// A job as an object; `null` before the first.
fn job<T>(job: &JobSnapshot<T>, fields: impl Fn(&T) -> Vec<Field>) -> String {
    let (runs, known) = match job {
        JobSnapshot::Never => return "null".into(),
        JobSnapshot::Running(result) => (true, result.as_ref()),
        JobSnapshot::Ended(result) => (false, Some(result)),
    };
    let mut all = vec![Field::new("running", Value::Flag(runs))];
    if let Some(known) = known {
        all.extend(fields(known));
    }
    format!("{{{}}}", members(&all))
}

fn json(channel: &ChannelSnapshot) -> String {
    let text = |field, text: &str| Field::new(field, Value::Text(text.to_owned()));
    let number = |field, number: u64| Field::new(field, Value::Number(number as i64));
    let stats = &channel.stats;
    format!(
        r#"{{{},"dtmf":{},"recorder":{},"machine":{},{}}}"#,
        members(&[
            text("name", &channel.name),
            text("call_state", channel.state.name()),
            text("digits", &channel.digits),
        ]),
        job(&channel.dtmf, |o| field_names::dtmf(
            &earwig_dtmf_result::from(o)
        )),
        job(&channel.recorder, |o| field_names::recorder(
            &earwig_recorder_result::from(o)
        )),
        job(&channel.machine, |o| field_names::machine(
            &earwig_machine_result::from(o)
        )),
        members(&[
            number("media_ms", stats.media_ms),
            number("rx_samples", stats.rx_samples),
            number("tx_samples", stats.tx_samples),
            number("gap_samples", stats.gap_samples),
            number("overruns", stats.overruns),
            number("events_dropped", stats.events_dropped),
            number("digits_dropped", stats.digits_dropped),
        ]),
    )
}

/// Writes the state of a channel as one JSON object, for operators.
///
/// Members: `name`, `call_state`, `digits` (the digit buffer), `dtmf`, `recorder`, `machine`, and the counters of
/// `earwig_channel_stats`. `dtmf`, `recorder` and `machine` describe the last job of their kind: an object with
/// `running` and the fields of its result, `null` before the first job. While a detection runs, `machine` has what is
/// known so far. Numbers are JSON numbers, flags booleans. No event is taken out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `json`: receives the object, UTF-8, NUL-terminated.
/// - `size`: bytes at `json`. 4096 are enough for a channel whose `name` has less than 1000.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_SIZE`: the object does not fit: `json` is ""; the error's text has the number of bytes.
/// - `EARWIG_ERR_NULL`: `channel` or `json` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `json` is NULL or has `size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_to_json(
    channel: *mut earwig_channel,
    json: *mut c_char,
    size: usize,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            // Refuses NULL and a size of 0, and leaves "" if the object does not fit.
            write_text(json, size, "")?;
            let object = self::json(&c.snapshot());
            if object.len() >= size {
                return Err(Error::new(
                    Status::ErrSize,
                    format!("the JSON takes {} bytes, not {size}", object.len() + 1),
                ));
            }
            write_text(json, size, &object)
        })
    }
}
