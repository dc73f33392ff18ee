//! Status callbacks: the events of a detection are posted to a URL as JSON, in order.
//!
//! A worker calls [`Post::send`] with a [`WebhookEvent`] and continues; one thread of the engine, started by the first job with a
//! URL, sends all events. The thread sends one event of a job at a time: the next one starts after the server has accepted the
//! previous one, or after its last attempt. A connection stays open for the next event to its server (`pool`). A new connection needs a
//! place: a server earns one in the quick lane by having answered; servers that are new, slow or dead share few (`lanes`), so they do
//! not delay events to the others. DNS lookups are shared out in the same way (`dns`).
//!
//! Each event has three attempts. A network error, a timeout, 408, 429 and 5xx are retried; 2xx is success; every other status is
//! final. A connection that the server has closed since its last event costs no attempt. The client follows no redirect and ignores
//! the proxy variables of the environment. A server receives an event twice if its first answer was lost. An event that finds its
//! queue full is dropped and counted; the last place of each queue is reserved for `finished`.
//!
//! The thread ends when the engine is closed and the last job is gone. Events that wait then have [`GRACE`] to go out; after that
//! they are dropped and counted. A lookup in progress in the system's resolver cannot be cancelled and may extend the grace.
#![forbid(unsafe_code)]

mod allow;
mod call_ids;
mod event;

#[cfg(feature = "webhook")]
mod client;
#[cfg(feature = "webhook")]
mod connect;
#[cfg(feature = "webhook")]
mod dns;
#[cfg(feature = "webhook")]
mod failure_log;
#[cfg(feature = "webhook")]
mod http;
#[cfg(feature = "webhook")]
mod lanes;
#[cfg(feature = "webhook")]
mod limiter;
#[cfg(feature = "webhook")]
mod payload;
#[cfg(feature = "webhook")]
mod pool;
#[cfg(feature = "webhook")]
mod queue;
#[cfg(feature = "webhook")]
mod sender;
#[cfg(feature = "webhook")]
mod signature;
#[cfg(feature = "webhook")]
mod socket;
#[cfg(feature = "webhook")]
mod tls;
#[cfg(feature = "webhook")]
mod url;

#[cfg(not(feature = "webhook"))]
mod disabled;

pub use allow::Allow;
pub use call_ids::CallIds;
#[cfg(not(feature = "webhook"))]
pub use disabled::{CheckedUrl, Post, Webhooks, check_url};
pub use event::{Limits, WebhookEvent, WebhookStats};
#[cfg(feature = "webhook")]
pub use queue::{Post, Webhooks};
#[cfg(feature = "webhook")]
pub use url::{CheckedUrl, check_url};

use std::time::Duration;

/// Time for the waiting events to go out after the last job is gone.
pub const GRACE: Duration = Duration::from_secs(2);
