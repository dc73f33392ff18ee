//! Status callbacks: what a call's detection finds is posted to a URL as JSON, each event in its turn.
//!
//! A worker leaves a [`WebhookEvent`] at its job's [`Post`] and goes on; one thread of the engine's, started by the first job that has
//! a URL, sends them all. Events of one job go out in order, each after the one before it was taken or given up. What a server
//! does to its own calls' events, it does not to those of others: a server has few turns at a time, and one that is slow waits
//! among the slow (`servers`).
//!
//! An event is tried three times: a network error, no answer in time, 408, 429 and 5xx are tried again; 2xx is success; all else
//! is final. Redirects are not followed, and no proxy of the environment is used. A server that took an event but whose answer
//! was lost gets it again. What finds no room in a queue is dropped and counted; the last place of each queue is kept for
//! `finished`.
//!
//! The thread ends when the engine is closed and no job is left; what waits then has [`GRACE`] to go out, and is dropped and
//! counted after it. A name that the system's resolver is still looking up is waited for beyond that.
#![forbid(unsafe_code)]

mod call_ids;
mod event;

#[cfg(feature = "webhook")]
mod connect;
#[cfg(feature = "webhook")]
mod dns;
#[cfg(feature = "webhook")]
mod http;
#[cfg(feature = "webhook")]
mod limiter;
#[cfg(feature = "webhook")]
mod payload;
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

pub use call_ids::CallIds;
#[cfg(not(feature = "webhook"))]
pub use disabled::{CheckedUrl, Post, Webhooks, check_url};
pub use event::{Limits, WebhookEvent, WebhookStats};
#[cfg(feature = "webhook")]
pub use queue::{Post, Webhooks};
#[cfg(feature = "webhook")]
pub use url::{CheckedUrl, check_url};

use std::time::Duration;

/// What waits when the last job is gone has so long to go out.
pub const GRACE: Duration = Duration::from_secs(2);
