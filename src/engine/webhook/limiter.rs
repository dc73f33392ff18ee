//! Whose turn it is to connect: what keeps a slow or dead server from delaying the callbacks to others.
#![forbid(unsafe_code)]

use super::event::Limits;
use super::url::Host;
use crate::engine::sync::lock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

/// Limiter that are remembered though nothing is on its way to them.
const SERVERS_KEPT: usize = 1024;

/// Time between two lines in the log about one server.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// All servers that callbacks go to.
pub struct Limiter {
    by_address: Mutex<HashMap<(Host, u16), Arc<Server>>>,
    /// Connections to servers that were quick the last time, and to those that were not.
    lanes: [Semaphore; 2],
    per_server: usize,
    quick: Duration,
}

/// One server.
pub struct Server {
    turns: Semaphore,
    slow: AtomicBool,
    told: Mutex<Told>,
}

/// What the log was told.
#[derive(Default)]
struct Told {
    at: Option<Instant>,
    untold: u64,
}

/// The right to one connection.
pub struct Permit<'a> {
    servers: &'a Limiter,
    server: &'a Server,
    _own: SemaphorePermit<'a>,
    lane: SemaphorePermit<'a>,
}

impl Limiter {
    pub fn new(limits: &Limits) -> Self {
        Self {
            by_address: Mutex::default(),
            lanes: [limits.connections.max(1); 2].map(Semaphore::new),
            per_server: limits.per_server.max(1),
            quick: limits.quick,
        }
    }

    /// The server at this address.
    pub fn at(&self, host: &Host, port: u16) -> Arc<Server> {
        let mut servers = lock(&self.by_address);
        if servers.len() >= SERVERS_KEPT {
            servers.retain(|_, server| Arc::strong_count(server) > 1);
        }
        let server = servers.entry((host.clone(), port));
        let new = || {
            Arc::new(Server {
                turns: Semaphore::new(self.per_server),
                slow: AtomicBool::new(false),
                told: Mutex::default(),
            })
        };
        server.or_insert_with(new).clone()
    }

    /// Waits for a turn. The semaphores are never closed.
    pub async fn turn<'a>(&'a self, server: &'a Server) -> Result<Permit<'a>, AcquireError> {
        let own = server.turns.acquire().await?;
        loop {
            let slow = server.slow.load(Ordering::Relaxed);
            let lane = self.lanes[usize::from(slow)].acquire().await?;
            // While it waited in one lane, the server may have come into the other.
            if server.slow.load(Ordering::Relaxed) == slow {
                return Ok(Permit {
                    servers: self,
                    server,
                    _own: own,
                    lane,
                });
            }
        }
    }

    /// A connection that is held for longer makes its server slow.
    pub fn quick(&self) -> Duration {
        self.quick
    }

    /// A connection to it was held for so long.
    pub fn held(&self, server: &Server, time: Duration) {
        server.slow.store(time > self.quick, Ordering::Relaxed);
    }
}

impl Permit<'_> {
    /// The connection is held for long: it makes room for those to quick servers, if there is room among the slow.
    pub fn is_slow(&mut self) {
        self.server.slow.store(true, Ordering::Relaxed);
        if let Ok(lane) = self.servers.lanes[1].try_acquire() {
            self.lane = lane;
        }
    }
}

impl Server {
    /// Whether the log is to be told of a failure now, and how many it was not told of since the last.
    pub fn tell(&self) -> Option<u64> {
        let mut told = lock(&self.told);
        if told.at.is_some_and(|at| at.elapsed() < LOG_EVERY) {
            told.untold += 1;
            return None;
        }
        told.at = Some(Instant::now());
        Some(std::mem::take(&mut told.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(servers: &Limiter, port: u16) -> Arc<Server> {
        servers.at(&Host::Name("a".into()), port)
    }

    fn run<T>(f: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(f)
    }

    /// Whether a turn is free at once.
    async fn free(servers: &Limiter, server: &Server) -> bool {
        let turn = tokio::time::timeout(Duration::ZERO, servers.turn(server));
        turn.await.is_ok()
    }

    #[test]
    fn a_slow_servers_connections_take_no_turn_of_a_quick_one() {
        run(async {
            let servers = Limiter::new(&Limits {
                connections: 2,
                per_server: 2,
                ..Limits::default()
            });
            let [slow, other, quick] = [1, 2, 3].map(|port| server(&servers, port));
            servers.held(&slow, Duration::from_secs(2));
            servers.held(&other, Duration::from_secs(2));
            let _one = servers.turn(&slow).await;
            let _two = servers.turn(&slow).await;
            assert!(!free(&servers, &slow).await);
            assert!(!free(&servers, &other).await);
            assert!(free(&servers, &quick).await);
            servers.held(&other, Duration::from_millis(20));
            assert!(free(&servers, &other).await);
        });
    }

    #[test]
    fn a_connection_that_turns_out_slow_makes_room_for_a_quick_one() {
        run(async {
            let servers = Limiter::new(&Limits {
                connections: 1,
                ..Limits::default()
            });
            let [slow, quick] = [1, 2].map(|port| server(&servers, port));
            let mut turn = servers.turn(&slow).await.unwrap();
            assert!(!free(&servers, &quick).await);
            // One that waits behind it in the wrong lane goes to the right one.
            let mut behind = std::pin::pin!(servers.turn(&slow));
            let soon = Duration::from_millis(1);
            assert!(tokio::time::timeout(soon, &mut behind).await.is_err());
            turn.is_slow();
            assert!(tokio::time::timeout(soon, &mut behind).await.is_err());
            assert!(free(&servers, &quick).await);
            drop(turn);
            assert!(tokio::time::timeout(soon, &mut behind).await.is_ok());
        });
    }

    #[test]
    fn one_server_has_so_many_turns() {
        run(async {
            let servers = Limiter::new(&Limits {
                per_server: 1,
                ..Limits::default()
            });
            let [one, other] = [1, 2].map(|port| server(&servers, port));
            let turn = servers.turn(&one).await;
            assert!(!free(&servers, &server(&servers, 1)).await);
            assert!(free(&servers, &other).await);
            drop(turn);
            assert!(free(&servers, &one).await);
        });
    }

    #[test]
    fn the_log_is_told_of_a_servers_first_failure_and_then_now_and_then() {
        let servers = Limiter::new(&Limits::default());
        let server = server(&servers, 1);
        assert_eq!(server.tell(), Some(0));
        assert_eq!(server.tell(), None);
        lock(&server.told).at = None;
        assert_eq!(server.tell(), Some(1));
    }

    #[test]
    fn servers_to_which_nothing_goes_are_forgotten_when_they_are_many() {
        let servers = Limiter::new(&Limits::default());
        let kept = server(&servers, 1);
        servers.held(&kept, Duration::from_secs(2));
        for port in 2..=2000 {
            server(&servers, port);
        }
        assert!(lock(&servers.by_address).len() <= SERVERS_KEPT);
        assert!(server(&servers, 1).slow.load(Ordering::Relaxed));
    }
}
