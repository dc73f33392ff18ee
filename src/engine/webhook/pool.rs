//! Idle connections, kept for the next event to the same server: a call has few events, and a TLS handshake costs more than a post.
#![forbid(unsafe_code)]

use super::http::Connection;
use super::url::Server;
use crate::engine::sync::lock;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Idle connections to one server.
const MAX_PER_SERVER: usize = 4;

/// Longest interval at which expired connections are closed.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The idle connections of an engine.
pub struct Pool {
    idle: Mutex<BTreeMap<Server, Vec<Idle>>>,
    /// Idle connections to all servers.
    max: usize,
    /// The right to use an idle connection without a permit of the limiter: as many as there are idle connections.
    reuses: Semaphore,
    /// Time after which an idle connection is closed.
    timeout: Duration,
}

struct Idle {
    since: Instant,
    connection: Connection,
}

impl Pool {
    /// At most `max` idle connections, each for `timeout`.
    pub fn new(max: usize, timeout: Duration) -> Self {
        Self {
            idle: Mutex::default(),
            max,
            reuses: Semaphore::new(max),
            timeout,
        }
    }

    /// A connection to `server` that may be used at once: it needs no permit of the limiter, so it never waits behind other servers.
    pub fn reuse(&self, server: &Server) -> Option<(Connection, SemaphorePermit<'_>)> {
        let reuse = self.reuses.try_acquire().ok()?;
        Some((self.take(server)?, reuse))
    }

    /// A connection to `server` that is open, the one used last.
    pub fn take(&self, server: &Server) -> Option<Connection> {
        let mut servers = lock(&self.idle);
        let idle = servers.get_mut(server)?;
        let mut connection = None;
        while let Some(last) = idle.pop() {
            if self.is_alive(&last) {
                connection = Some(last.connection);
                break;
            }
        }
        if idle.is_empty() {
            servers.remove(server);
        }
        connection
    }

    /// Keeps a connection. If there are too many, the one that was idle longest is closed.
    pub fn put(&self, server: &Server, connection: Connection) {
        let mut servers = lock(&self.idle);
        let own = servers.get(server).map_or(0, Vec::len);
        if own >= MAX_PER_SERVER || self.max == 0 {
            return;
        }
        if servers.values().map(Vec::len).sum::<usize>() >= self.max {
            let oldest = servers.iter().min_by_key(|(_, idle)| idle[0].since);
            if let Some(oldest) = oldest.map(|(server, _)| server.clone()) {
                remove_first(&mut servers, &oldest);
            }
        }
        servers.entry(server.clone()).or_default().push(Idle {
            since: Instant::now(),
            connection,
        });
    }

    /// Closes the connections that were idle too long or that their server has closed.
    pub fn sweep(&self) {
        lock(&self.idle).retain(|_, idle| {
            idle.retain(|one| self.is_alive(one));
            !idle.is_empty()
        });
    }

    fn is_alive(&self, idle: &Idle) -> bool {
        idle.since.elapsed() < self.timeout && idle.connection.is_ready()
    }
}

fn remove_first(servers: &mut BTreeMap<Server, Vec<Idle>>, server: &Server) {
    if let Some(idle) = servers.get_mut(server) {
        idle.remove(0);
        if idle.is_empty() {
            servers.remove(server);
        }
    }
}
