use super::*;
use crate::engine::webhook::check_url;
use std::sync::mpsc::{Receiver, channel};
use std::time::SystemTime;

/// A thread that is never run.
type Thread = Box<dyn FnOnce() + Send>;

struct Stopped {
    webhooks: Webhooks,
    threads: Receiver<Thread>,
    start: std::sync::mpsc::Sender<Thread>,
}

impl Stopped {
    fn new(limits: Limits) -> Self {
        let (start, threads) = channel();
        Self {
            webhooks: Webhooks::with_limits(limits),
            threads,
            start,
        }
    }

    fn open(&self) -> Post {
        let spawn = |thread| {
            self.start.send(thread).unwrap();
            Ok(())
        };
        let url = check_url("http://127.0.0.1:1/").unwrap();
        self.webhooks
            .open(spawn, url, Secret::default(), CallIds::default())
            .unwrap()
    }
}

fn event(event: MachineEvent) -> WebhookEvent {
    WebhookEvent {
        event,
        beep: false,
        fax: false,
        at: SystemTime::now(),
    }
}

#[test]
fn a_jobs_last_place_is_kept_for_finished() {
    let w = Stopped::new(Limits {
        per_job: 4,
        ..Limits::default()
    });
    let post = w.open();
    for _ in 0..5 {
        post.send(event(MachineEvent::Ready));
    }
    assert_eq!(
        (w.webhooks.stats().waiting, w.webhooks.stats().dropped),
        (3, 2)
    );
    post.send(event(MachineEvent::Finished));
    post.send(event(MachineEvent::Finished));
    assert_eq!(
        (w.webhooks.stats().waiting, w.webhooks.stats().dropped),
        (4, 3)
    );
}

#[test]
fn an_engines_last_tenth_is_kept_for_finished() {
    let w = Stopped::new(Limits {
        per_engine: 20,
        ..Limits::default()
    });
    let posts: Vec<Post> = (0..20).map(|_| w.open()).collect();
    for post in &posts {
        post.send(event(MachineEvent::Human));
    }
    assert_eq!(
        (w.webhooks.stats().waiting, w.webhooks.stats().dropped),
        (18, 2)
    );
    for post in &posts {
        post.send(event(MachineEvent::Finished));
    }
    assert_eq!(
        (w.webhooks.stats().waiting, w.webhooks.stats().dropped),
        (20, 20)
    );
}

#[test]
fn the_thread_is_started_by_the_first_job_alone() {
    let w = Stopped::new(Limits::default());
    assert_eq!(w.threads.try_iter().count(), 0);
    let _posts = [w.open(), w.open()];
    assert_eq!(w.threads.try_iter().count(), 1);
}

#[test]
fn a_thread_that_cannot_be_started_refuses_the_job() {
    let w = Webhooks::new();
    let url = check_url("http://127.0.0.1:1/").unwrap();
    let refused = w.open(
        |_| Err(Error::invalid("no thread")),
        url,
        Secret::default(),
        CallIds::default(),
    );
    assert_eq!(refused.unwrap_err().text, "no thread");
    assert_eq!(w.shared.over(false), Shutdown::No);
    w.close(Duration::ZERO);
    assert_eq!(w.shared.over(false), Shutdown::Yes);
}

#[test]
fn a_thread_that_ended_is_started_again_and_what_waited_for_it_is_dropped() {
    let w = Stopped::new(Limits::default());
    let post = w.open();
    post.send(event(MachineEvent::Human));
    // It ends without having run.
    drop(w.threads.try_recv());
    assert_eq!(
        (w.webhooks.stats().waiting, w.webhooks.stats().dropped),
        (0, 1)
    );
    post.send(event(MachineEvent::Finished));
    assert_eq!(
        (w.webhooks.stats().waiting, w.webhooks.stats().dropped),
        (0, 2)
    );
    w.open().send(event(MachineEvent::Human));
    assert_eq!(w.threads.try_iter().count(), 1);
}

#[test]
fn the_end_waits_for_jobs_without_limit_and_for_notices_as_long_as_it_was_told() {
    let w = Stopped::new(Limits::default());
    let post = w.open();
    w.webhooks.close(Duration::from_secs(2));
    assert_eq!(w.webhooks.shared.over(true), Shutdown::No);
    post.send(event(MachineEvent::Finished));
    drop(post);
    assert_eq!(
        w.webhooks.shared.over(false),
        Shutdown::Soon(Duration::from_secs(2))
    );
    assert_eq!(w.webhooks.shared.over(true), Shutdown::Yes);
}

#[test]
fn a_job_that_comes_after_the_end_starts_the_thread_again() {
    let w = Stopped::new(Limits::default());
    drop(w.open());
    w.webhooks.close(Duration::ZERO);
    assert_eq!(w.webhooks.shared.over(false), Shutdown::Yes);
    let _post = w.open();
    assert_eq!(w.threads.try_iter().count(), 2);
    assert_eq!(w.webhooks.shared.over(false), Shutdown::No);
}

#[test]
fn each_job_has_a_control_id_of_its_own_unless_the_host_gave_one() {
    let w = Stopped::new(Limits::default());
    let (one, other) = (w.open(), w.open());
    assert_eq!(one.control_id().len(), 36);
    assert_ne!(one.control_id(), other.control_id());
    let url = check_url("http://127.0.0.1:1/").unwrap();
    let ids = CallIds {
        control_id: "mine".into(),
        ..CallIds::default()
    };
    let given = w
        .webhooks
        .open(|_| Ok(()), url, Secret::default(), ids)
        .unwrap();
    assert_eq!(given.control_id(), "mine");
}
