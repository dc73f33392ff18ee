//! Callbacks without an engine.

use earwig::engine::webhook::{
    CallIds, Limits, Post, WebhookEvent, WebhookStats, Webhooks, check_url,
};
use earwig_core::job::machine::Secret;
use earwig_core::types::MachineEvent;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Callbacks; dropping them joins their thread.
pub struct Hooks {
    webhooks: Webhooks,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Short timeouts and delays, for fast tests.
pub fn short_limits() -> Limits {
    Limits {
        connect_timeout: Duration::from_millis(1000),
        read_timeout: Duration::from_millis(1000),
        retry_delays: vec![Duration::from_millis(20), Duration::from_millis(40)],
        ..Limits::default()
    }
}

impl Hooks {
    pub fn new(limits: Limits) -> Self {
        Self {
            webhooks: Webhooks::with_limits(limits),
            threads: Mutex::default(),
        }
    }

    pub fn open(&self, url: &str) -> Post {
        self.open_as(url, "", CallIds::default())
    }

    pub fn open_as(&self, url: &str, secret: &str, ids: CallIds) -> Post {
        let spawn = |run| {
            self.threads.lock().unwrap().push(std::thread::spawn(run));
            Ok(())
        };
        let url = check_url(url).unwrap();
        self.webhooks
            .open(spawn, url, Secret::new(secret), ids)
            .unwrap()
    }

    pub fn stats(&self) -> WebhookStats {
        self.webhooks.stats()
    }

    /// Waits until no event waits; returns the numbers of events sent, failed and dropped.
    pub fn settled(&self) -> [u64; 3] {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.stats().waiting > 0 {
            assert!(Instant::now() < deadline, "{:?}", self.stats());
            std::thread::sleep(Duration::from_millis(1));
        }
        let stats = self.stats();
        [stats.sent, stats.failed, stats.dropped]
    }

    /// Closes the callbacks and joins the thread.
    pub fn end(&self, grace: Duration) {
        self.webhooks.close(grace);
        for thread in self.threads.lock().unwrap().drain(..) {
            thread.join().unwrap();
        }
    }
}

impl Drop for Hooks {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end(Duration::ZERO);
        }
    }
}

pub fn event(kind: MachineEvent) -> WebhookEvent {
    WebhookEvent {
        event: kind,
        beep: false,
        fax: false,
        at: SystemTime::now(),
    }
}

/// The events of a call from its verdict to its end.
pub const CALL: [MachineEvent; 5] = [
    MachineEvent::Machine,
    MachineEvent::Ready,
    MachineEvent::NotReady,
    MachineEvent::Ready,
    MachineEvent::Finished,
];

/// [`CALL`] as the server receives it.
pub const EVENTS: [&str; 5] = ["MACHINE", "READY", "NOT_READY", "READY", "finished"];

/// Queues all events of [`CALL`].
pub fn send_call(post: &Post) {
    CALL.into_iter().for_each(|kind| post.send(event(kind)));
}
