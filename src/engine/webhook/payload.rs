//! The JSON of a callback: the seed's names, nesting, order and types.
#![forbid(unsafe_code)]

use super::{CallIds, WebhookEvent};
use earwig_core::types::{Error, Status};
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// The body of one callback, without white space.
pub fn json(ids: &CallIds, notice: &WebhookEvent) -> String {
    let text = |s: &str| serde_json::Value::from(s).to_string();
    let kind = if notice.fax { "fax" } else { "machine" };
    let beep = if notice.beep { r#","beep":true"# } else { "" };
    format!(
        concat!(
            r#"{{"event_type":"calling.call.detect","event_channel":{},"timestamp":{},"#,
            r#""project_id":{},"space_id":{},"params":{{"control_id":{},"#,
            r#""detect":{{"type":"{}","params":{{"event":"{}"{}}}}},"#,
            r#""call_id":{},"node_id":{},"segment_id":{}}}}}"#
        ),
        text(&ids.event_channel),
        timestamp(notice.at),
        text(&ids.project_id),
        text(&ids.space_id),
        text(&ids.control_id),
        kind,
        notice.event.name(),
        beep,
        text(&ids.call_id),
        text(&ids.node_id),
        text(&ids.segment_id),
    )
}

/// Seconds since 1970, with microseconds.
fn timestamp(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:06}", since.as_secs(), since.subsec_micros())
}

/// A random UUID (RFC 9562, version 4).
pub fn uuid() -> Result<String, Error> {
    let mut bytes = [0; 16];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|e| Error::new(Status::ErrSystem, format!("no random bytes: {e}")))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut uuid = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        let dash = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(uuid, "{dash}{byte:02x}");
    }
    Ok(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use earwig_core::types::MachineEvent;
    use std::time::Duration;

    /// The seed's example.
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

    fn notice(event: MachineEvent) -> WebhookEvent {
        WebhookEvent {
            event,
            beep: false,
            fax: false,
            at: UNIX_EPOCH + Duration::from_micros(1_745_332_535_668_522),
        }
    }

    #[test]
    fn it_is_the_seeds_example_byte_for_byte_but_for_white_space() {
        let body = json(
            &ids(),
            &WebhookEvent {
                beep: true,
                ..notice(MachineEvent::Machine)
            },
        );
        assert_eq!(body, EXAMPLE.replace(|c: char| c.is_ascii_whitespace(), ""));
    }

    #[test]
    fn beep_is_absent_when_none_was_heard() {
        let body = json(&ids(), &notice(MachineEvent::Human));
        assert!(body.contains(r#""detect":{"type":"machine","params":{"event":"HUMAN"}}"#));
    }

    #[test]
    fn a_fax_tone_is_of_type_fax_and_finished_is_lower_case() {
        let fax = |event| {
            json(
                &ids(),
                &WebhookEvent {
                    fax: true,
                    ..notice(event)
                },
            )
        };
        assert!(fax(MachineEvent::Ced).contains(r#"{"type":"fax","params":{"event":"CED"}}"#));
        assert!(
            fax(MachineEvent::Finished).contains(r#"{"type":"fax","params":{"event":"finished"}}"#)
        );
    }

    #[test]
    fn an_id_may_hold_anything() {
        let mut ids = ids();
        ids.call_id = "a\"\\\n\u{1}\u{e4}".into();
        let body = json(&ids, &notice(MachineEvent::Unknown));
        assert!(body.is_ascii() || body.contains('\u{e4}'));
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["params"]["call_id"], "a\"\\\n\u{1}\u{e4}");
    }

    #[test]
    fn the_timestamp_has_six_places() {
        assert_eq!(
            timestamp(UNIX_EPOCH + Duration::from_micros(1_000_007)),
            "1.000007"
        );
        assert_eq!(timestamp(UNIX_EPOCH - Duration::from_secs(1)), "0.000000");
    }

    #[test]
    fn a_uuid_is_of_version_4_and_new_each_time() {
        let (one, other) = (uuid().unwrap(), uuid().unwrap());
        assert_ne!(one, other);
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&one.as_bytes()[19]));
    }
}
