//! The module without the feature `webhook`: `check_url` refuses every URL, so nothing is posted.
#![forbid(unsafe_code)]

use super::{CallIds, Limits, WebhookEvent, WebhookStats};
use earwig_core::job::machine::Secret;
use earwig_core::types::Error;
use std::convert::Infallible;
use std::time::Duration;

/// A checked URL; no value exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedUrl(Infallible);

/// Refuses every URL.
pub fn check_url(_url: &str) -> Result<CheckedUrl, Error> {
    Err(Error::invalid(
        "status_url cannot be used: this library was built without webhooks",
    ))
}

/// Posts the events of one job; no value exists.
#[derive(Clone, Debug)]
pub struct Post(Infallible);

impl Post {
    /// The job's control id.
    pub fn control_id(&self) -> &str {
        match self.0 {}
    }

    /// Queues an event.
    pub fn send(&self, _event: WebhookEvent) {
        match self.0 {}
    }
}

/// The callbacks of an engine, which has none.
#[derive(Debug, Default)]
pub struct Webhooks;

impl Webhooks {
    /// Callbacks that are never used.
    pub fn new() -> Self {
        Self
    }

    /// Ignores the limits.
    pub fn with_limits(_limits: Limits) -> Self {
        Self
    }

    /// Cannot be called, because no [`CheckedUrl`] exists.
    pub fn open(
        &self,
        _spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> Result<(), Error>,
        url: CheckedUrl,
        _secret: Secret,
        _ids: CallIds,
    ) -> Result<Post, Error> {
        match url.0 {}
    }

    /// Does nothing.
    pub fn close(&self, _grace: Duration) {}

    /// All counters are 0.
    pub fn stats(&self) -> WebhookStats {
        WebhookStats::default()
    }
}
