//! Snapshot of a channel for operators. Taking one changes nothing.
#![forbid(unsafe_code)]

use super::{Channel, ChannelStats};
use crate::engine::job_slot::Slot;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::machine::MachineResult;
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::CallState;

/// The latest job of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum JobSnapshot<T> {
    /// None was ever started.
    Never,
    /// It runs; the result so far, if any.
    Running(Option<T>),
    /// It ended with this result.
    Ended(T),
}

impl<T: Clone> JobSnapshot<T> {
    fn of(slot: &Slot<T>, so_far: Option<&T>) -> Self {
        match (slot.ended(), slot.running()) {
            (Some(ended), _) => Self::Ended(ended.clone()),
            (None, Some(_)) => Self::Running(so_far.cloned()),
            (None, None) => Self::Never,
        }
    }
}

/// Snapshot of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSnapshot {
    /// Its name.
    pub name: String,
    /// State of the call.
    pub state: CallState,
    /// Digits in the buffer when its worker last published them.
    pub digits: String,
    /// The latest collection.
    pub dtmf: JobSnapshot<DtmfResult>,
    /// The latest recording.
    pub recorder: JobSnapshot<RecorderResult>,
    /// The latest detection.
    pub machine: JobSnapshot<MachineResult>,
    /// Counters.
    pub stats: ChannelStats,
}

impl Channel {
    /// Takes a snapshot.
    pub fn snapshot(&self) -> ChannelSnapshot {
        let stats = self.stats();
        let shared = self.lock();
        ChannelSnapshot {
            name: self.label.clone(),
            state: self.state(),
            digits: shared.digits.clone(),
            dtmf: JobSnapshot::of(&shared.outbox.dtmf, None),
            recorder: JobSnapshot::of(&shared.outbox.recorder, None),
            machine: JobSnapshot::of(&shared.outbox.machine, shared.machine.as_ref()),
            stats,
        }
    }
}
