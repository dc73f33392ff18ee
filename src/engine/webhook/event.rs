//! What is posted, within what limits, and the counters.
#![forbid(unsafe_code)]

use earwig_core::types::MachineEvent;
use std::time::{Duration, SystemTime};

/// One event of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookEvent {
    /// What happened. What the seed does not know is not posted: network tones, `ERROR`.
    pub event: MachineEvent,
    /// A beep was heard.
    pub beep: bool,
    /// `detect.type` is `fax` rather than `machine`.
    pub fax: bool,
    /// When it happened, by the wall clock.
    pub at: SystemTime,
}

#[cfg(feature = "webhook")]
impl WebhookEvent {
    /// Whether the seed knows the event.
    pub(super) fn is_posted(&self) -> bool {
        use MachineEvent as E;
        match self.event {
            E::Human | E::Machine | E::Ready | E::NotReady | E::Unknown => true,
            E::Ced | E::Cng | E::Finished => true,
            E::None | E::Error | E::Ringback | E::Busy | E::Reorder | E::Sit => false,
        }
    }
}

/// Times and bounds; no bound is below 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A connection must stand within this, its name found and TLS agreed.
    pub connect: Duration,
    /// The answer's status must be there within this.
    pub read: Duration,
    /// Pauses between attempts; there is one attempt more.
    pub pauses: Vec<Duration>,
    /// Notices of one job that can wait; the last place is kept for `finished`.
    pub per_job: usize,
    /// Notices of an engine that can wait; a tenth is kept for `finished`.
    pub per_engine: usize,
    /// Connections to one server at a time.
    pub per_server: usize,
    /// Connections to all servers that answered within [`Limits::quick`], and as many to all others.
    pub connections: usize,
    /// A server that held its last connection for longer is slow.
    pub quick: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            read: Duration::from_secs(5),
            pauses: vec![Duration::from_millis(500), Duration::from_secs(1)],
            per_job: 64,
            per_engine: 10_000,
            per_server: 64,
            connections: 192,
            quick: Duration::from_secs(1),
        }
    }
}

/// Counters of an engine's callbacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookStats {
    /// Notices that a server took (2xx).
    pub sent: u64,
    /// Notices that were given up: refused, or without an answer at every attempt.
    pub failed: u64,
    /// Notices that found no room, or no time at the engine's end.
    pub dropped: u64,
    /// Notices that wait or are on their way.
    pub waiting: u64,
}
