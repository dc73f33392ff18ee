//! Callbacks without an engine.

use earwig::engine::webhook::{
    CallIds, Limits, Post, WebhookEvent, WebhookStats, Webhooks, check_url,
};
use earwig_core::job::machine::Secret;
use earwig_core::types::MachineEvent;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Callbacks; their thread is waited for at the end.
pub struct Hooks {
    webhooks: Webhooks,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Short times, so that tests are.
pub fn quick() -> Limits {
    Limits {
        connect: Duration::from_millis(1000),
        read: Duration::from_millis(1000),
        pauses: vec![Duration::from_millis(20), Duration::from_millis(40)],
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

    /// Waits until nothing is left to send: sent, failed, dropped.
    pub fn settled(&self) -> [u64; 3] {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.stats().waiting > 0 {
            assert!(Instant::now() < deadline, "{:?}", self.stats());
            std::thread::sleep(Duration::from_millis(1));
        }
        let stats = self.stats();
        [stats.sent, stats.failed, stats.dropped]
    }

    /// Closes, and waits for the thread.
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

pub fn event(event: MachineEvent) -> WebhookEvent {
    WebhookEvent {
        event,
        beep: false,
        fax: false,
        at: SystemTime::now(),
    }
}

/// A call from its verdict to its end.
pub const CALL: [MachineEvent; 5] = [
    MachineEvent::Machine,
    MachineEvent::Ready,
    MachineEvent::NotReady,
    MachineEvent::Ready,
    MachineEvent::Finished,
];

/// The same as the server sees it.
pub const EVENTS: [&str; 5] = ["MACHINE", "READY", "NOT_READY", "READY", "finished"];

/// Leaves all of a call's notices.
pub fn tell_call(post: &Post) {
    CALL.into_iter().for_each(|of| post.send(event(of)));
}
