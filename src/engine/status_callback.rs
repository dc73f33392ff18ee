//! Status callback of one detection: posts its events to `status_url`.
#![forbid(unsafe_code)]

use super::webhook::{Post, WebhookEvent};
use earwig_core::event::Event;
use earwig_core::job::machine::MachineResult;
use earwig_core::types::{MachineEvent, MachineVerdict};
use std::time::SystemTime;

/// Posts the events of one detection.
#[derive(Debug)]
pub struct StatusCallback {
    job: u64,
    post: Post,
    /// The detection has the detector `fax` only.
    fax_only: bool,
}

impl StatusCallback {
    /// The callback of detection `job`. `fax_only`: it has the detector `fax` only.
    pub fn new(job: u64, post: Post, fax_only: bool) -> Self {
        Self {
            job,
            post,
            fax_only,
        }
    }

    /// Posts the event if it belongs to the detection. Returns whether it was the last one.
    pub fn on_event(&self, event: &Event) -> bool {
        match event {
            Event::Machine {
                job, event, beep, ..
            } if *job == self.job => {
                let fax = matches!(event, MachineEvent::Ced | MachineEvent::Cng);
                self.post(*event, *beep, fax);
                false
            }
            Event::MachineEnded { job, result } if *job == self.job => {
                self.finish(result);
                true
            }
            _ => false,
        }
    }

    /// Posts `finished`.
    pub fn finish(&self, result: &MachineResult) {
        let fax = result.verdict == MachineVerdict::Fax;
        self.post(MachineEvent::Finished, result.beep.is_some(), fax);
    }

    fn post(&self, event: MachineEvent, beep: bool, fax: bool) {
        self.post.send(WebhookEvent {
            event,
            beep,
            fax: fax || self.fax_only,
            at: SystemTime::now(),
        });
    }
}
