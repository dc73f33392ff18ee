//! What a channel is about, for whoever operates it: nothing of it is taken away.
#![forbid(unsafe_code)]

use super::channel::{Channel, ChannelStats};
use super::disk::Recorded;
use super::job::Slot;
use crate::cause::CallState;
use crate::job::collect::Collected;
use crate::job::machine::Outcome;

/// The latest job of a kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Latest<T> {
    /// There never was one.
    Never,
    /// It runs; what is known so far, if anything is.
    Runs(Option<T>),
    /// How it ended.
    Ended(T),
}

impl<T: Clone> Latest<T> {
    fn of(slot: &Slot<T>, so_far: Option<&T>) -> Self {
        match (slot.ended(), slot.running()) {
            (Some(ended), _) => Self::Ended(ended.clone()),
            (None, Some(_)) => Self::Runs(so_far.cloned()),
            (None, None) => Self::Never,
        }
    }
}

/// What a channel is about.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelStatus {
    /// Its label.
    pub name: String,
    /// Where the call is in its life.
    pub state: CallState,
    /// The digits in the buffer, as its worker last saw it.
    pub digits: String,
    /// The collection that runs or ran last.
    pub collect: Latest<Collected>,
    /// The recording, likewise.
    pub record: Latest<Recorded>,
    /// The detection, likewise.
    pub machine: Latest<Outcome>,
    /// Counters.
    pub stats: ChannelStats,
}

impl Channel {
    /// What the channel is about.
    pub fn status(&self) -> ChannelStatus {
        let stats = self.stats();
        let desk = self.desk();
        ChannelStatus {
            name: self.label.clone(),
            state: self.state(),
            digits: desk.digits.clone(),
            collect: Latest::of(&desk.outbox.collect, None),
            record: Latest::of(&desk.outbox.record, None),
            machine: Latest::of(&desk.outbox.machine, desk.machine.as_ref()),
            stats,
        }
    }
}
