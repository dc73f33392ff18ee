//! A library that was built without the feature `webhook`: every URL is refused, and nothing is ever posted.
#![forbid(unsafe_code)]

use super::{CallIds, Limits, WebhookEvent, WebhookStats};
use earwig_core::job::machine::Secret;
use earwig_core::types::Error;
use std::convert::Infallible;
use std::time::Duration;

/// A URL that callbacks can go to: there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedUrl(Infallible);

/// Refuses every URL.
pub fn check_url(_url: &str) -> Result<CheckedUrl, Error> {
    Err(Error::invalid(
        "status_url cannot be used: this library was built without webhooks",
    ))
}

/// A job's way to its URL: there is none.
#[derive(Clone, Debug)]
pub struct Post(Infallible);

impl Post {
    /// The job's control id.
    pub fn control_id(&self) -> &str {
        match self.0 {}
    }

    /// Leaves a notice.
    pub fn send(&self, _event: WebhookEvent) {
        match self.0 {}
    }
}

/// The callbacks of an engine: none.
#[derive(Debug, Default)]
pub struct Webhooks;

impl Webhooks {
    /// Without callbacks.
    pub fn new() -> Self {
        Self
    }

    /// Likewise.
    pub fn with_limits(_limits: Limits) -> Self {
        Self
    }

    /// Cannot be called, for there is no checked URL.
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

    /// Zeros.
    pub fn stats(&self) -> WebhookStats {
        WebhookStats::default()
    }
}
