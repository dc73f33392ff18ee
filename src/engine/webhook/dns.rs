//! Resolves names to addresses. The system's resolver blocks, so a few threads call it. Slow and missing names share few of them, and
//! each name occupies at most one, however long its lookup takes.
#![forbid(unsafe_code)]

use super::limiter::Limiter;
use super::url::Host;
use crate::engine::sync::lock;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Lookups in progress at a time, each on its own thread.
pub const MAX_LOOKUPS: usize = 32;

/// Lifetime of an answer in the cache: the system's resolver does not report the TTL of the DNS record.
const POSITIVE_TTL: Duration = Duration::from_secs(10);

/// Lifetime of a failure in the cache: as long as its lookup took, but at least this.
const NEGATIVE_TTL: Duration = Duration::from_millis(300);

/// RFC 8767: if a lookup takes longer, the previous answer is used meanwhile.
const STALE_AFTER: Duration = Duration::from_millis(100);

/// A lookup that takes longer moves its name out of the quick lane.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// Names in the cache above which those that are not in use are removed.
const MAX_NAMES: usize = 4096;

type Answer = Result<Vec<IpAddr>, String>;

/// What is known about one name.
#[derive(Default)]
struct Entry {
    /// The last answer and when it expires.
    last: Option<(Instant, Answer)>,
    /// The lookup in progress.
    lookup: Option<watch::Receiver<Option<Answer>>>,
}

/// A cache in front of the system's resolver.
pub struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    cache: Mutex<HashMap<String, Entry>>,
    limiter: Limiter<String>,
    resolve: fn(&str) -> io::Result<Vec<IpAddr>>,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new(|name| Ok((name, 0).to_socket_addrs()?.map(|a| a.ip()).collect()))
    }
}

impl Resolver {
    /// With another resolver than the system's.
    fn new(resolve: fn(&str) -> io::Result<Vec<IpAddr>>) -> Self {
        Self {
            shared: Arc::new(Shared {
                cache: Mutex::default(),
                limiter: Limiter::new(MAX_LOOKUPS, 1, SLOW_AFTER),
                resolve,
            }),
        }
    }

    /// The addresses of a host, in the order in which the system prefers them.
    pub async fn addresses(&self, host: &Host) -> Answer {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name,
        };
        let (previous, mut lookup) = {
            let mut cache = lock(&self.shared.cache);
            if cache.len() >= MAX_NAMES && !cache.contains_key(name) {
                cache.retain(|_, entry| entry.lookup.is_some());
            }
            let entry = cache.entry(name.clone()).or_default();
            if let Some((expires, answer)) = &entry.last
                && Instant::now() < *expires
            {
                return answer.clone();
            }
            let lookup = entry.lookup.get_or_insert_with(|| self.start(name));
            (entry.last.clone(), lookup.clone())
        };
        let answer = async {
            match lookup.wait_for(Option::is_some).await {
                Ok(answer) => answer.clone().unwrap_or_else(|| Err(String::new())),
                Err(_) => Err("the name was not looked up".into()),
            }
        };
        match previous {
            Some((_, previous @ Ok(_))) => tokio::time::timeout(STALE_AFTER, answer)
                .await
                .unwrap_or(previous),
            _ => answer.await,
        }
    }

    /// Starts a lookup. It continues after a timeout of its callers, as the resolver's thread does.
    fn start(&self, name: &str) -> watch::Receiver<Option<Answer>> {
        let (sender, receiver) = watch::channel(None);
        let (shared, name) = (self.shared.clone(), name.to_owned());
        tokio::spawn(async move {
            let answer = shared.look_up(name).await;
            let _ = sender.send(Some(answer));
        });
        receiver
    }
}

impl Shared {
    async fn look_up(&self, name: String) -> Answer {
        let permit = self.limiter.acquire(&name).await;
        let begun = Instant::now();
        let (resolve, own) = (self.resolve, name.clone());
        let found = tokio::task::spawn_blocking(move || resolve(&own)).await;
        let took = begun.elapsed();
        let answer = match found {
            Ok(Ok(addresses)) => Ok(without_repetition(addresses)),
            Ok(Err(e)) => Err(format!("the name was not found: {e}")),
            Err(e) => Err(format!("the name was not looked up: {e}")),
        };
        let ttl = if answer.is_ok() {
            self.limiter.answered(&name, took);
            POSITIVE_TTL
        } else {
            self.limiter.failed(&name);
            NEGATIVE_TTL.max(took)
        };
        drop(permit);
        let entry = Entry {
            last: Some((Instant::now() + ttl, answer.clone())),
            lookup: None,
        };
        lock(&self.cache).insert(name, entry);
        answer
    }
}

fn without_repetition(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(MAX_LOOKUPS)
            .build()
            .unwrap();
        let result = runtime.block_on(future);
        runtime.shutdown_background();
        result
    }

    fn host(name: &str) -> Host {
        Host::Name(name.into())
    }

    /// Names that begin with "dead" take 1 s and fail; all others have an address.
    fn some_dead() -> Resolver {
        Resolver::new(|name| {
            if name.starts_with("dead") {
                std::thread::sleep(Duration::from_secs(1));
                return Err(io::Error::other("no answer"));
            }
            Ok(vec![ADDRESS, ADDRESS])
        })
    }

    #[test]
    fn names_that_never_answer_do_not_delay_a_name_that_has() {
        run(async {
            let resolver = Arc::new(some_dead());
            assert_eq!(resolver.addresses(&host("good")).await, Ok(vec![ADDRESS]));
            for i in 0..1000 {
                let resolver = resolver.clone();
                tokio::spawn(async move { resolver.addresses(&host(&format!("dead{i}"))).await });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            // The answer has expired, and the lookup takes place.
            lock(&resolver.shared.cache).remove("good");
            let begun = Instant::now();
            assert!(resolver.addresses(&host("good")).await.is_ok());
            assert!(begun.elapsed() < Duration::from_millis(500));
        });
    }

    #[test]
    fn a_name_whose_lookup_hangs_has_its_previous_addresses() {
        run(async {
            let resolver = Resolver::new(|_| {
                std::thread::sleep(Duration::from_secs(1));
                Ok(vec![])
            });
            let expired = Entry {
                last: Some((Instant::now(), Ok(vec![ADDRESS]))),
                lookup: None,
            };
            lock(&resolver.shared.cache).insert("slow".into(), expired);
            let begun = Instant::now();
            assert_eq!(resolver.addresses(&host("slow")).await, Ok(vec![ADDRESS]));
            assert!(begun.elapsed() < Duration::from_millis(900));
        });
    }

    #[test]
    fn callers_of_one_name_share_a_lookup_and_a_failure_is_kept_as_long_as_it_took() {
        run(async {
            let resolver = Arc::new(some_dead());
            let begun = Instant::now();
            let calls: Vec<_> = (0..100)
                .map(|_| {
                    let resolver = resolver.clone();
                    tokio::spawn(async move { resolver.addresses(&host("dead")).await })
                })
                .collect();
            for call in calls {
                assert!(call.await.unwrap().unwrap_err().contains("no answer"));
            }
            assert!(resolver.addresses(&host("dead")).await.is_err());
            assert!(begun.elapsed() < Duration::from_millis(1900));
        });
    }
}
