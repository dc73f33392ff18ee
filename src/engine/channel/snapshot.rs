//! Snapshots of a channel for operators.
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
    /// No job of this kind was started.
    Never,
    /// The job runs; its progress, if any.
    Running(Option<T>),
    /// The job ended with this result.
    Ended(T),
}

impl<T: Clone> JobSnapshot<T> {
    fn of(slot: &Slot<T>, progress: Option<&T>) -> Self {
        match (slot.result(), slot.running()) {
            (Some(result), _) => Self::Ended(result.clone()),
            (None, Some(_)) => Self::Running(progress.cloned()),
            (None, None) => Self::Never,
        }
    }
}

/// Snapshot of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSnapshot {
    /// Name of the channel.
    pub name: String,
    /// State of the call.
    pub state: CallState,
    /// Digits in the buffer, as last published by the worker.
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
    /// Takes a snapshot. The event queue is unchanged.
    pub fn snapshot(&self) -> ChannelSnapshot {
        let stats = self.stats();
        let shared = self.lock();
        ChannelSnapshot {
            name: self.name.clone(),
            state: self.state(),
            digits: shared.digits.clone(),
            dtmf: JobSnapshot::of(&shared.outbox.dtmf, None),
            recorder: JobSnapshot::of(&shared.outbox.recorder, None),
            machine: JobSnapshot::of(&shared.outbox.machine, shared.machine.as_ref()),
            stats,
        }
    }
}
