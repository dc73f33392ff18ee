//! What a channel is about, for whoever operates the host.

use super::channel::earwig_channel;
use super::field_names::{self, Field, Value};
use super::{
    earwig_dtmf_result, earwig_machine_result, earwig_recorder_result, on_channel, write_text,
};
use crate::engine::{ChannelSnapshot, JobSnapshot};
use earwig_core::types::{Error, FieldSet, Status};
use std::ffi::c_char;

/// `"name":value,...` of what is told as fields.
fn members(fields: &[Field]) -> String {
    let members = fields.iter().filter_map(|field| {
        let name = field.name(FieldSet::Fields)?;
        Some(format!(r#""{name}":{}"#, field.value.json()))
    });
    members.collect::<Vec<_>>().join(",")
}

/// One job: null if there never was one.
fn job<T>(job: &JobSnapshot<T>, fields: impl Fn(&T) -> Vec<Field>) -> String {
    let (runs, known) = match job {
        JobSnapshot::Never => return "null".into(),
        JobSnapshot::Running(so_far) => (true, so_far.as_ref()),
        JobSnapshot::Ended(result) => (false, Some(result)),
    };
    let mut all = vec![Field::new("running", Value::Flag(runs))];
    if let Some(known) = known {
        all.extend(fields(known));
    }
    format!("{{{}}}", members(&all))
}

fn json(status: &ChannelSnapshot) -> String {
    let text = |field, text: &str| Field::new(field, Value::Text(text.to_owned()));
    let number = |field, number: u64| Field::new(field, Value::Number(number as i64));
    let stats = &status.stats;
    format!(
        r#"{{{},"dtmf":{},"recorder":{},"machine":{},{}}}"#,
        members(&[
            text("name", &status.name),
            text("call_state", status.state.name()),
            text("digits", &status.digits),
        ]),
        job(&status.dtmf, |o| field_names::dtmf(
            &earwig_dtmf_result::from(o)
        )),
        job(&status.recorder, |o| field_names::recorder(
            &earwig_recorder_result::from(o)
        )),
        job(&status.machine, |o| field_names::machine(
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

/// Writes what the channel is about as one JSON object, for an operator: `name`, `call_state`, `digits` (those in the buffer),
/// `dtmf`, `recorder` and `machine`, and the counters of `earwig_channel_stats`.
///
/// Of the three jobs each is null if there never was one, otherwise an object: `running`, and the fields that the
/// `earwig_..._each` of its result tells, of the last one or, of a detection that runs, what is known so far. Numbers are numbers, flags
/// booleans. No ending is taken out of the queue.
/// `json`, `size`: room for it, NUL-terminated; 4096 bytes are enough if the channel's name has less than 1000.
/// Returns `EARWIG_ERR_SIZE` if it does not fit (the error's text says how many bytes it takes; "" is written), `EARWIG_ERR_NULL`.
/// Any thread but a media thread; does not block.
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
            // Says whether there is room at all, and leaves it empty if there is not enough.
            write_text(json, size, "")?;
            let status = self::json(&c.snapshot());
            if status.len() >= size {
                return Err(Error::new(
                    Status::ErrSize,
                    format!("the status takes {} bytes, not {size}", status.len() + 1),
                ));
            }
            write_text(json, size, &status)
        })
    }
}
