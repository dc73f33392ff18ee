//! An event to post, the limits of the sender, and its counters.
#![forbid(unsafe_code)]

use super::Allow;
use earwig_core::types::MachineEvent;
use rustix::process::{Resource, getrlimit};
use std::time::{Duration, SystemTime};

/// One event of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The event. Network tones and `ERROR` are not posted: the contract has no callback for them.
    pub event: MachineEvent,
    /// A beep was detected.
    pub beep: bool,
    /// `detect.type` is `fax` rather than `machine`.
    pub fax: bool,
    /// Wall-clock time of the event.
    pub at: SystemTime,
}

#[cfg(feature = "webhook")]
impl WebhookEvent {
    /// Whether the contract has a callback for the event (docs/reference/contract.md).
    pub(super) fn is_posted(&self) -> bool {
        use MachineEvent as E;
        match self.event {
            E::Human | E::Machine | E::Ready | E::NotReady | E::Unknown => true,
            E::Ced | E::Cng | E::Finished => true,
            E::None | E::Error | E::Ringback | E::Busy | E::Reorder | E::Sit => false,
        }
    }
}

/// Allowed addresses, timeouts and bounds; each bound is at least 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Addresses to which connections are made.
    pub allow: Allow,
    /// Timeout of DNS lookup, TCP connection and TLS handshake together.
    pub connect_timeout: Duration,
    /// Timeout from the start of the request to the status of the response.
    pub read_timeout: Duration,
    /// Delays between attempts; the number of attempts is one more.
    pub retry_delays: Vec<Duration>,
    /// Events that can wait per job; the last place is reserved for `finished`.
    pub max_waiting_per_job: usize,
    /// Events that can wait per engine. A tenth of the places is reserved for `finished`, a tenth for servers that answer, and a half
    /// is closed to servers that do not.
    pub max_waiting: usize,
    /// Simultaneous connections to one server that answers; fewer to one that is new, slow or failed.
    pub max_connections_per_server: usize,
    /// Simultaneous connections to all servers.
    pub max_connections: usize,
    /// Idle connections to all servers.
    pub max_idle_connections: usize,
    /// Time after which an idle connection is closed.
    pub idle_timeout: Duration,
    /// A server is slow if its last answer took longer.
    pub slow_after: Duration,
    /// A connection that is not established by then gives its place to another server that waits for it.
    pub yield_after: Duration,
}

impl Default for Limits {
    /// At most a third of the descriptors that the process may have are used.
    fn default() -> Self {
        let descriptors = descriptors();
        Self {
            allow: Allow::default(),
            connect_timeout: Duration::from_secs(2),
            read_timeout: Duration::from_secs(5),
            retry_delays: vec![Duration::from_millis(500), Duration::from_secs(1)],
            max_waiting_per_job: 64,
            max_waiting: 10_000,
            max_connections_per_server: 64,
            max_connections: (descriptors / 4).clamp(96, 2048),
            max_idle_connections: (descriptors / 24).clamp(16, 128),
            idle_timeout: Duration::from_secs(30),
            slow_after: Duration::from_secs(1),
            yield_after: Duration::from_millis(250),
        }
    }
}

/// The soft limit of the process's descriptors.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| limit as usize)
}

/// Counters of an engine's callbacks, in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookStats {
    /// Accepted by a server (2xx).
    pub sent: u64,
    /// Rejected by a server, or failed at the last attempt.
    pub failed: u64,
    /// Dropped because a queue was full, or because the grace at the engine's end was over.
    pub dropped: u64,
    /// Waiting or being sent.
    pub waiting: u64,
}
