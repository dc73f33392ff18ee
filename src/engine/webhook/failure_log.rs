//! Which failures are logged: the first of each server, then one in each interval.
#![forbid(unsafe_code)]

use super::url::Server;
use crate::engine::sync::lock;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time between two log records about one server.
const INTERVAL: Duration = Duration::from_secs(10);

/// Servers above which those without a recent record are forgotten.
const MAX_SERVERS: usize = 1024;

/// The last records about each server.
#[derive(Default)]
pub struct FailureLog {
    servers: Mutex<BTreeMap<Server, LastRecord>>,
}

struct LastRecord {
    at: Instant,
    /// Failures since then without a record.
    suppressed: u64,
}

impl FailureLog {
    /// Counts a failure. `Some` if it should be logged, with the number of failures since the last record that were not.
    pub fn count(&self, server: &Server) -> Option<u64> {
        let mut servers = lock(&self.servers);
        if servers.len() >= MAX_SERVERS {
            servers.retain(|_, last| last.at.elapsed() < INTERVAL);
        }
        let now = Instant::now();
        match servers.get_mut(server) {
            Some(last) if last.at.elapsed() < INTERVAL => {
                last.suppressed += 1;
                None
            }
            Some(last) => {
                last.at = now;
                Some(std::mem::take(&mut last.suppressed))
            }
            None => {
                let first = LastRecord {
                    at: now,
                    suppressed: 0,
                };
                servers.insert(server.clone(), first);
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::webhook::url::Host;

    #[test]
    fn the_first_failure_of_a_server_is_logged_and_then_one_per_interval() {
        let log = FailureLog::default();
        let server = Server {
            https: false,
            host: Host::Name("a".into()),
            port: 1,
        };
        assert_eq!(log.count(&server), Some(0));
        assert_eq!(log.count(&server), None);
        let mut servers = lock(&log.servers);
        let last = servers.get_mut(&server).unwrap();
        last.at = last.at.checked_sub(INTERVAL).unwrap();
        drop(servers);
        assert_eq!(log.count(&server), Some(1));
    }
}
