//! Limits the connections of each server, and those of all slow servers together: a slow or dead server does not delay the callbacks
//! to others.
#![forbid(unsafe_code)]

use super::event::Limits;
use super::url::Host;
use crate::engine::sync::lock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

/// Servers above which those without an event to send are forgotten.
const MAX_SERVERS: usize = 1024;

/// Time between two log records about one server.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Connections to all servers.
pub struct Limiter {
    by_address: Mutex<HashMap<(Host, u16), Arc<Server>>>,
    /// Connections to fast servers, and to slow ones.
    lanes: [Semaphore; 2],
    max_connections_per_server: usize,
    slow_after: Duration,
}

/// State of one server.
pub struct Server {
    connections: Semaphore,
    /// Its last connection took longer than [`Limits::slow_after`].
    slow: AtomicBool,
    log: Mutex<LogState>,
}

/// Limits the log records about one server.
#[derive(Default)]
struct LogState {
    last: Option<Instant>,
    /// Failures since then without a record.
    suppressed: u64,
}

/// Permits one connection; dropping it frees the place.
pub struct Permit<'a> {
    limiter: &'a Limiter,
    server: &'a Server,
    _connection: SemaphorePermit<'a>,
    lane: SemaphorePermit<'a>,
}

impl Limiter {
    pub fn new(limits: &Limits) -> Self {
        Self {
            by_address: Mutex::default(),
            lanes: [limits.max_connections.max(1); 2].map(Semaphore::new),
            max_connections_per_server: limits.max_connections_per_server.max(1),
            slow_after: limits.slow_after,
        }
    }

    /// The state of the server at this address.
    pub fn server(&self, host: &Host, port: u16) -> Arc<Server> {
        let mut servers = lock(&self.by_address);
        if servers.len() >= MAX_SERVERS {
            servers.retain(|_, server| Arc::strong_count(server) > 1);
        }
        let server = servers.entry((host.clone(), port));
        let new = || {
            Arc::new(Server {
                connections: Semaphore::new(self.max_connections_per_server),
                slow: AtomicBool::new(false),
                log: Mutex::default(),
            })
        };
        server.or_insert_with(new).clone()
    }

    /// Waits for a permit. The semaphores are never closed, so there is no error.
    pub async fn acquire<'a>(&'a self, server: &'a Server) -> Result<Permit<'a>, AcquireError> {
        let connection = server.connections.acquire().await?;
        loop {
            let slow = server.slow.load(Ordering::Relaxed);
            let lane = self.lanes[usize::from(slow)].acquire().await?;
            // The server may have changed its lane during the wait.
            if server.slow.load(Ordering::Relaxed) == slow {
                return Ok(Permit {
                    limiter: self,
                    server,
                    _connection: connection,
                    lane,
                });
            }
        }
    }

    /// A connection that takes longer makes its server slow.
    pub fn slow_after(&self) -> Duration {
        self.slow_after
    }

    /// Records the duration of a connection to `server`, which decides its lane.
    pub fn record_duration(&self, server: &Server, duration: Duration) {
        server
            .slow
            .store(duration > self.slow_after, Ordering::Relaxed);
    }
}

impl Permit<'_> {
    /// Marks the server as slow during the connection. Its place moves to the slow lane, if there is room in it.
    pub fn mark_slow(&mut self) {
        self.server.slow.store(true, Ordering::Relaxed);
        if let Ok(lane) = self.limiter.lanes[1].try_acquire() {
            self.lane = lane;
        }
    }
}

impl Server {
    /// Counts a failure. `Some` if it should be logged, with the number of failures since the last log record that were not.
    pub fn failures_to_log(&self) -> Option<u64> {
        let mut log = lock(&self.log);
        if log.last.is_some_and(|last| last.elapsed() < LOG_INTERVAL) {
            log.suppressed += 1;
            return None;
        }
        log.last = Some(Instant::now());
        Some(std::mem::take(&mut log.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(limiter: &Limiter, port: u16) -> Arc<Server> {
        limiter.server(&Host::Name("a".into()), port)
    }

    fn run<T>(f: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(f)
    }

    /// Whether a connection is permitted at once.
    async fn free(limiter: &Limiter, server: &Server) -> bool {
        let permit = tokio::time::timeout(Duration::ZERO, limiter.acquire(server));
        permit.await.is_ok()
    }

    #[test]
    fn connections_to_slow_servers_use_no_place_of_fast_ones() {
        run(async {
            let limiter = Limiter::new(&Limits {
                max_connections: 2,
                max_connections_per_server: 2,
                ..Limits::default()
            });
            let [slow, other, fast] = [1, 2, 3].map(|port| server(&limiter, port));
            limiter.record_duration(&slow, Duration::from_secs(2));
            limiter.record_duration(&other, Duration::from_secs(2));
            let _one = limiter.acquire(&slow).await;
            let _two = limiter.acquire(&slow).await;
            assert!(!free(&limiter, &slow).await);
            assert!(!free(&limiter, &other).await);
            assert!(free(&limiter, &fast).await);
            limiter.record_duration(&other, Duration::from_millis(20));
            assert!(free(&limiter, &other).await);
        });
    }

    #[test]
    fn a_connection_that_turns_slow_frees_its_place_among_the_fast() {
        run(async {
            let limiter = Limiter::new(&Limits {
                max_connections: 1,
                ..Limits::default()
            });
            let [slow, fast] = [1, 2].map(|port| server(&limiter, port));
            let mut permit = limiter.acquire(&slow).await.unwrap();
            assert!(!free(&limiter, &fast).await);
            // A connection that waits in the lane of fast servers changes to the other.
            let mut waiting = std::pin::pin!(limiter.acquire(&slow));
            let soon = Duration::from_millis(1);
            assert!(tokio::time::timeout(soon, &mut waiting).await.is_err());
            permit.mark_slow();
            assert!(tokio::time::timeout(soon, &mut waiting).await.is_err());
            assert!(free(&limiter, &fast).await);
            drop(permit);
            assert!(tokio::time::timeout(soon, &mut waiting).await.is_ok());
        });
    }

    #[test]
    fn one_server_has_a_limited_number_of_connections() {
        run(async {
            let limiter = Limiter::new(&Limits {
                max_connections_per_server: 1,
                ..Limits::default()
            });
            let [one, other] = [1, 2].map(|port| server(&limiter, port));
            let permit = limiter.acquire(&one).await;
            assert!(!free(&limiter, &server(&limiter, 1)).await);
            assert!(free(&limiter, &other).await);
            drop(permit);
            assert!(free(&limiter, &one).await);
        });
    }

    #[test]
    fn the_first_failure_of_a_server_is_logged_and_then_one_per_interval() {
        let limiter = Limiter::new(&Limits::default());
        let server = server(&limiter, 1);
        assert_eq!(server.failures_to_log(), Some(0));
        assert_eq!(server.failures_to_log(), None);
        lock(&server.log).last = None;
        assert_eq!(server.failures_to_log(), Some(1));
    }

    #[test]
    fn servers_without_an_event_to_send_are_forgotten_above_1024() {
        let limiter = Limiter::new(&Limits::default());
        let kept = server(&limiter, 1);
        limiter.record_duration(&kept, Duration::from_secs(2));
        for port in 2..=2000 {
            server(&limiter, port);
        }
        assert!(lock(&limiter.by_address).len() <= MAX_SERVERS);
        assert!(server(&limiter, 1).slow.load(Ordering::Relaxed));
    }
}
