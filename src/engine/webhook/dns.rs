//! Resolves names to addresses. The system's resolver blocks, so a few threads call it; each name occupies at most one of them,
//! however long its lookup takes.
#![forbid(unsafe_code)]

use super::url::Host;
use crate::engine::sync::lock;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Lookups in progress at a time, each on its own thread.
pub const MAX_LOOKUPS: usize = 8;

/// Lifetime of an answer in the cache: the system's resolver does not report the TTL of the DNS record.
const POSITIVE_TTL: Duration = Duration::from_secs(10);

/// Lifetime of a failure in the cache.
const NEGATIVE_TTL: Duration = Duration::from_millis(300);

/// Names in the cache above which those that are not in use are removed.
const MAX_NAMES: usize = 1024;

/// The last answer for one name, and when it expires. The lock is held during a lookup.
type Entry = Arc<tokio::sync::Mutex<Option<(Instant, Answer)>>>;

type Answer = Result<Vec<IpAddr>, String>;

/// A cache in front of the system's resolver.
#[derive(Default)]
pub struct Resolver {
    cache: Mutex<HashMap<String, Entry>>,
}

impl Resolver {
    /// The addresses of a host, in the order in which the system prefers them.
    pub async fn addresses(&self, host: &Host) -> Answer {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name.clone(),
        };
        // Callers that ask during a lookup of the same name wait here for its answer.
        let mut cached = self.entry(&name).lock_owned().await;
        if let Some((expires, answer)) = &*cached
            && Instant::now() < *expires
        {
            return answer.clone();
        }
        // The lookup keeps the lock after a timeout of its caller: the resolver's thread continues as well.
        let lookup = tokio::spawn(async move {
            let answer = resolve(&name).await;
            let ttl = if answer.is_ok() {
                POSITIVE_TTL
            } else {
                NEGATIVE_TTL
            };
            *cached = Some((Instant::now() + ttl, answer.clone()));
            answer
        });
        lookup
            .await
            .unwrap_or_else(|e| Err(format!("the name was not looked up: {e}")))
    }

    fn entry(&self, name: &str) -> Entry {
        let mut cache = lock(&self.cache);
        if cache.len() >= MAX_NAMES {
            cache.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        cache.entry(name.to_owned()).or_default().clone()
    }
}

async fn resolve(name: &str) -> Answer {
    let found = tokio::net::lookup_host((name, 0)).await;
    let found = found.map_err(|e| format!("the name was not found: {e}"))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
    }
    Ok(addresses)
}
