//! The addresses of a name. The system's resolver blocks, so it has threads of its own, a few; one name that does not resolve
//! holds no more than one of them.
#![forbid(unsafe_code)]

use super::url::Host;
use crate::engine::sync::lock;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Resolver that are looked up at the same time.
pub const RESOLVERS: usize = 8;

/// The resolver does not say how long an answer holds; a change is seen after this.
const FOUND_FOR: Duration = Duration::from_secs(10);

/// Time until a name that was not found is looked up again.
const MISSED_FOR: Duration = Duration::from_millis(300);

/// Resolver that are remembered though nobody asks.
const NAMES_KEPT: usize = 1024;

/// What the resolver said last, and until when it holds.
type Entry = Arc<tokio::sync::Mutex<Option<(Instant, Found)>>>;

type Found = Result<Vec<IpAddr>, String>;

/// The names that were asked for.
#[derive(Default)]
pub struct Resolver {
    known: Mutex<HashMap<String, Entry>>,
}

impl Resolver {
    /// The addresses of a host, in the order in which the system wants them tried.
    pub async fn addresses(&self, host: &Host) -> Found {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name.clone(),
        };
        // Who comes while the name is looked up waits for that here.
        let mut known = self.entry(&name).lock_owned().await;
        if let Some((until, found)) = &*known
            && Instant::now() < *until
        {
            return found.clone();
        }
        // The lookup keeps the lock even if its asker gives up: the resolver's thread goes on as well.
        let lookup = tokio::spawn(async move {
            let found = look_up(&name).await;
            let hold = if found.is_ok() { FOUND_FOR } else { MISSED_FOR };
            *known = Some((Instant::now() + hold, found.clone()));
            found
        });
        lookup
            .await
            .unwrap_or_else(|e| Err(format!("the name was not looked up: {e}")))
    }

    fn entry(&self, name: &str) -> Entry {
        let mut known = lock(&self.known);
        if known.len() >= NAMES_KEPT {
            known.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        known.entry(name.to_owned()).or_default().clone()
    }
}

async fn look_up(name: &str) -> Found {
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
