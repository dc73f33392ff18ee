//! The JSON of a callback. `docs/reference/contract.md` states its keys, their nesting, order and types.
#![forbid(unsafe_code)]

use super::{CallIds, WebhookEvent};
use earwig_core::types::{Error, Status};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::{SystemTime, UNIX_EPOCH};

/// Fields are written in the order of their declaration.
#[derive(Serialize)]
struct Callback<'a> {
    event_type: &'a str,
    event_channel: &'a str,
    timestamp: Box<RawValue>,
    project_id: &'a str,
    space_id: &'a str,
    params: Params<'a>,
}

#[derive(Serialize)]
struct Params<'a> {
    control_id: &'a str,
    detect: Detect<'a>,
    call_id: &'a str,
    node_id: &'a str,
    segment_id: &'a str,
}

#[derive(Serialize)]
struct Detect<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    params: DetectParams<'a>,
}

#[derive(Serialize)]
struct DetectParams<'a> {
    event: &'a str,
    /// `true`, or absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    beep: bool,
}

/// The body of one callback, without white space.
pub fn json(ids: &CallIds, event: &WebhookEvent) -> serde_json::Result<String> {
    serde_json::to_string(&Callback {
        event_type: "calling.call.detect",
        event_channel: &ids.event_channel,
        // A JSON number that keeps its trailing zeros, unlike an f64.
        timestamp: RawValue::from_string(timestamp(event.at))?,
        project_id: &ids.project_id,
        space_id: &ids.space_id,
        params: Params {
            control_id: &ids.control_id,
            detect: Detect {
                kind: if event.fax { "fax" } else { "machine" },
                params: DetectParams {
                    event: event.event.name(),
                    beep: event.beep,
                },
            },
            call_id: &ids.call_id,
            node_id: &ids.node_id,
            segment_id: &ids.segment_id,
        },
    })
}

/// Seconds since 1970 with 6 decimals; 0 for a time before 1970.
fn timestamp(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:06}", since.as_secs(), since.subsec_micros())
}

/// A random UUID (RFC 9562, version 4). Fails if the kernel has no random bytes, where `Uuid::new_v4` would panic.
pub fn uuid() -> Result<String, Error> {
    let mut bytes = [0; 16];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|e| Error::new(Status::ErrSystem, format!("no random bytes: {e}")))?;
    Ok(uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use earwig_core::types::MachineEvent;
    use std::time::Duration;

    /// The example of docs/reference/contract.md.
    const EXAMPLE: &str = r#"{
        "event_type": "calling.call.detect",
        "event_channel": "swml:be38xxxx-8xxx-4xxxx-9fxx-bxxxxxxxxx",
        "timestamp": 1745332535.668522,
        "project_id": "p-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        "space_id": "s-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        "params": {
            "control_id": "c-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "detect": {
                "type": "machine",
                "params": {
                    "event": "MACHINE",
                    "beep": true
                }
            },
            "call_id": "i-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "node_id": "n-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "segment_id": "g-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        }
    }"#;

    fn ids() -> CallIds {
        CallIds {
            call_id: "i-xxxx-xxxx-xxxx-xxxxxxxxxxxx".into(),
            node_id: "n-xxxx-xxxx-xxxx-xxxxxxxxxxxx".into(),
            segment_id: "g-xxxx-xxxx-xxxx-xxxxxxxxxxxx".into(),
            project_id: "p-xxxx-xxxx-xxxx-xxxxxxxxxxxx".into(),
            space_id: "s-xxxx-xxxx-xxxx-xxxxxxxxxxxx".into(),
            control_id: "c-xxxx-xxxx-xxxx-xxxxxxxxxxxx".into(),
            event_channel: "swml:be38xxxx-8xxx-4xxxx-9fxx-bxxxxxxxxx".into(),
        }
    }

    fn event(event: MachineEvent) -> WebhookEvent {
        WebhookEvent {
            event,
            beep: false,
            fax: false,
            at: UNIX_EPOCH + Duration::from_micros(1_745_332_535_668_522),
        }
    }

    #[test]
    fn the_json_is_the_contracts_example_without_white_space() {
        let body = json(
            &ids(),
            &WebhookEvent {
                beep: true,
                ..event(MachineEvent::Machine)
            },
        )
        .unwrap();
        assert_eq!(body, EXAMPLE.replace(|c: char| c.is_ascii_whitespace(), ""));
    }

    #[test]
    fn beep_is_absent_unless_a_beep_was_detected() {
        let body = json(&ids(), &event(MachineEvent::Human)).unwrap();
        assert!(body.contains(r#""detect":{"type":"machine","params":{"event":"HUMAN"}}"#));
    }

    #[test]
    fn a_fax_tone_has_type_fax_and_finished_is_lower_case() {
        let fax = |kind| {
            json(
                &ids(),
                &WebhookEvent {
                    fax: true,
                    ..event(kind)
                },
            )
            .unwrap()
        };
        assert!(fax(MachineEvent::Ced).contains(r#"{"type":"fax","params":{"event":"CED"}}"#));
        assert!(
            fax(MachineEvent::Finished).contains(r#"{"type":"fax","params":{"event":"finished"}}"#)
        );
    }

    #[test]
    fn an_id_may_contain_any_character() {
        let mut ids = ids();
        ids.call_id = "a\"\\\n\u{1}\u{e4}".into();
        let body = json(&ids, &event(MachineEvent::Unknown)).unwrap();
        assert!(body.is_ascii() || body.contains('\u{e4}'));
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["params"]["call_id"], "a\"\\\n\u{1}\u{e4}");
    }

    #[test]
    fn the_timestamp_has_six_decimals() {
        assert_eq!(
            timestamp(UNIX_EPOCH + Duration::from_micros(1_000_007)),
            "1.000007"
        );
        assert_eq!(timestamp(UNIX_EPOCH - Duration::from_secs(1)), "0.000000");
    }

    #[test]
    fn a_uuid_has_version_4_and_is_unique() {
        let (one, other) = (uuid().unwrap(), uuid().unwrap());
        assert_ne!(one, other);
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&one.as_bytes()[19]));
    }
}
