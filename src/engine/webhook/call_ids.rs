//! The ids of a call in its callbacks.
#![forbid(unsafe_code)]

use earwig_core::types::Error;

/// The longest id, in bytes.
const MAX_ID_BYTES: usize = 255;

/// The ids that a host set for a call. An id that was not set is an empty string in the JSON; an empty `control_id` becomes a UUID
/// of the job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallIds {
    /// `params.call_id`.
    pub call_id: String,
    /// `params.node_id`.
    pub node_id: String,
    /// `params.segment_id`.
    pub segment_id: String,
    /// `project_id`.
    pub project_id: String,
    /// `space_id`.
    pub space_id: String,
    /// `params.control_id`; if it is empty, each job gets its own UUID.
    pub control_id: String,
    /// `event_channel`.
    pub event_channel: String,
}

impl CallIds {
    /// Sets the id `name`, spelled as in the JSON, to at most 255 bytes. On an error nothing changes.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let id = match name {
            "call_id" => &mut self.call_id,
            "node_id" => &mut self.node_id,
            "segment_id" => &mut self.segment_id,
            "project_id" => &mut self.project_id,
            "space_id" => &mut self.space_id,
            "control_id" => &mut self.control_id,
            "event_channel" => &mut self.event_channel,
            _ => {
                return Err(Error::invalid(format!(
                    "\"{name}\" is no id: call_id, node_id, segment_id, project_id, space_id, control_id or event_channel"
                )));
            }
        };
        if value.len() > MAX_ID_BYTES {
            return Err(Error::invalid(format!(
                "{name} has {} bytes: at most {MAX_ID_BYTES}",
                value.len()
            )));
        }
        *id = value.to_owned();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_takes_the_names_of_the_json() {
        let mut ids = CallIds::default();
        for name in [
            "call_id",
            "node_id",
            "segment_id",
            "project_id",
            "space_id",
            "control_id",
            "event_channel",
        ] {
            ids.set(name, name).unwrap();
        }
        assert_eq!(
            [
                ids.call_id,
                ids.node_id,
                ids.segment_id,
                ids.project_id,
                ids.space_id,
                ids.control_id,
                ids.event_channel
            ]
            .join(" "),
            "call_id node_id segment_id project_id space_id control_id event_channel"
        );
    }

    #[test]
    fn an_unknown_name_and_a_value_over_255_bytes_are_refused() {
        let mut ids = CallIds::default();
        assert!(ids.set("callid", "1").unwrap_err().text.contains("callid"));
        assert!(ids.set("call_id", &"1".repeat(256)).is_err());
        assert_eq!(ids, CallIds::default());
    }
}
