//! Permits for connections and lookups: waits for the places of [`Lanes`].
#![forbid(unsafe_code)]

use super::lanes::{Lane, LaneBounds, Lanes};
use crate::engine::sync::lock;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::oneshot;

/// Places of one server that is new, and of one that failed: its other events wait for the outcome.
const NEW_PER_SERVER: usize = 4;
const FAILED_PER_SERVER: usize = 2;

/// Limits what is done at a time for servers `K`.
pub struct Limiter<K: Clone + Ord> {
    lanes: Mutex<Lanes<K, oneshot::Sender<Lane>>>,
    slow_after: Duration,
}

/// A place; dropping it gives it back.
pub struct Permit<'a, K: Clone + Ord> {
    limiter: &'a Limiter<K>,
    server: K,
    lane: Lane,
}

/// Gives back a place that was granted but never used, if its future is dropped.
struct Ticket<'a, K: Clone + Ord> {
    limiter: &'a Limiter<K>,
    server: &'a K,
    grant: oneshot::Receiver<Lane>,
}

impl<K: Clone + Ord> Limiter<K> {
    /// `places` together, of which at most a half is for new servers, an eighth for slow and a twelfth for failed ones; one server has
    /// `per_server` at most. A server is slow if its last answer took longer than `slow_after`.
    pub fn new(places: usize, per_server: usize, slow_after: Duration) -> Self {
        let lane = |part: usize, per_server: usize| LaneBounds {
            places: (places / part).max(1),
            per_server: per_server.max(1),
        };
        let bounds = [
            lane(1, per_server),
            lane(8, per_server.div_ceil(2)),
            lane(2, per_server.min(NEW_PER_SERVER)),
            lane(12, per_server.min(FAILED_PER_SERVER)),
        ];
        Self {
            lanes: Mutex::new(Lanes::new(places.max(1), bounds)),
            slow_after,
        }
    }

    /// Waits for a place.
    pub async fn acquire<'a>(&'a self, server: &'a K) -> Permit<'a, K> {
        loop {
            let (sender, grant) = oneshot::channel();
            lock(&self.lanes).wait(server, sender);
            let mut ticket = Ticket {
                limiter: self,
                server,
                grant,
            };
            self.grant();
            // The sender is only dropped after it has sent.
            if let Ok(lane) = (&mut ticket.grant).await {
                return Permit {
                    limiter: self,
                    server: server.clone(),
                    lane,
                };
            }
        }
    }

    /// Something that takes longer makes its server slow.
    pub fn slow_after(&self) -> Duration {
        self.slow_after
    }

    /// The server answered after this time.
    pub fn answered(&self, server: &K, took: Duration) {
        let lane = if took > self.slow_after {
            Lane::Slow
        } else {
            Lane::Quick
        };
        self.set_lane(server, lane);
    }

    /// The server has not answered within [`Limiter::slow_after`]. One that is known as slow has more time.
    pub fn overdue(&self, server: &K) {
        let lane = lock(&self.lanes).lane(server);
        if lane != Lane::Slow {
            self.set_lane(server, Lane::Failed);
        }
    }

    /// The server did not answer.
    pub fn failed(&self, server: &K) {
        self.set_lane(server, Lane::Failed);
    }

    fn set_lane(&self, server: &K, lane: Lane) {
        lock(&self.lanes).set_lane(server, lane);
        self.grant();
    }

    fn leave(&self, server: &K, lane: Lane) {
        lock(&self.lanes).leave(server, lane);
        self.grant();
    }

    /// Hands the free places to those who wait.
    fn grant(&self) {
        loop {
            let mut lanes = lock(&self.lanes);
            let Some((ticket, server, lane)) = lanes.next() else {
                return;
            };
            if ticket.send(lane).is_err() {
                lanes.leave(&server, lane);
            }
        }
    }
}

impl<K: Clone + Ord> Permit<'_, K> {
    /// Whether the server answered quickly the last time.
    pub fn is_quick(&self) -> bool {
        self.lane == Lane::Quick
    }

    /// Whether others wait for this place, which can be given back if nothing is lost. Places of slow and failed servers are not asked
    /// back: they are few, and not in the way of others.
    pub fn is_wanted(&self) -> bool {
        matches!(self.lane, Lane::Quick | Lane::New)
            && lock(&self.limiter.lanes).is_wanted(self.lane)
    }
}

impl<K: Clone + Ord> Drop for Permit<'_, K> {
    fn drop(&mut self) {
        self.limiter.leave(&self.server, self.lane);
    }
}

impl<K: Clone + Ord> Drop for Ticket<'_, K> {
    fn drop(&mut self) {
        self.grant.close();
        if let Ok(lane) = self.grant.try_recv() {
            self.limiter.leave(self.server, lane);
        }
    }
}
