use super::*;
use crate::engine::webhook::check_url;
use std::sync::mpsc::{Receiver, channel};
use std::time::SystemTime;

/// A thread that never runs.
type Thread = Box<dyn FnOnce() + Send>;

/// Callbacks whose thread does not run.
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
fn the_last_place_of_a_job_is_reserved_for_finished() {
    let stopped = Stopped::new(Limits {
        max_waiting_per_job: 4,
        ..Limits::default()
    });
    let post = stopped.open();
    for _ in 0..5 {
        post.send(event(MachineEvent::Ready));
    }
    assert_eq!(
        (
            stopped.webhooks.stats().waiting,
            stopped.webhooks.stats().dropped
        ),
        (3, 2)
    );
    post.send(event(MachineEvent::Finished));
    post.send(event(MachineEvent::Finished));
    assert_eq!(
        (
            stopped.webhooks.stats().waiting,
            stopped.webhooks.stats().dropped
        ),
        (4, 3)
    );
}

/// Sends one event for each of 20 jobs to an engine with 20 places; returns the numbers of those that wait.
fn waiting_of_20(stopped: &Stopped, kinds: &[MachineEvent], answers: Option<bool>) -> Vec<u64> {
    let posts: Vec<Post> = (0..20).map(|_| stopped.open()).collect();
    if let Some(answers) = answers {
        posts[0].handle.queue.set_answers(answers);
    }
    let mut waiting = Vec::new();
    for kind in kinds {
        posts.iter().for_each(|post| post.send(event(*kind)));
        waiting.push(stopped.webhooks.stats().waiting);
    }
    waiting
}

#[test]
fn places_are_reserved_for_finished_and_for_servers_that_answer() {
    let kinds = [MachineEvent::Human, MachineEvent::Finished];
    for (answers, expected) in [
        (Some(true), [18, 20]),
        (None, [16, 18]),
        (Some(false), [8, 10]),
    ] {
        let stopped = Stopped::new(Limits {
            max_waiting: 20,
            ..Limits::default()
        });
        assert_eq!(waiting_of_20(&stopped, &kinds, answers), expected);
        let dropped = stopped.webhooks.stats().dropped;
        assert_eq!(dropped, 40 - expected[1]);
    }
}

#[test]
fn the_first_job_starts_the_only_thread() {
    let stopped = Stopped::new(Limits::default());
    assert_eq!(stopped.threads.try_iter().count(), 0);
    let _posts = [stopped.open(), stopped.open()];
    assert_eq!(stopped.threads.try_iter().count(), 1);
}

#[test]
fn open_fails_if_the_thread_cannot_start() {
    let webhooks = Webhooks::new();
    let url = check_url("http://127.0.0.1:1/").unwrap();
    let refused = webhooks.open(
        |_| Err(Error::invalid("no thread")),
        url,
        Secret::default(),
        CallIds::default(),
    );
    assert_eq!(refused.unwrap_err().text, "no thread");
    assert_eq!(webhooks.shared.shutdown(false), Shutdown::No);
    webhooks.close(Duration::ZERO);
    assert_eq!(webhooks.shared.shutdown(false), Shutdown::Yes);
}

#[test]
fn a_thread_that_ended_is_replaced_and_its_waiting_events_are_dropped() {
    let stopped = Stopped::new(Limits::default());
    let post = stopped.open();
    post.send(event(MachineEvent::Human));
    // The thread ends without having run.
    drop(stopped.threads.try_recv());
    assert_eq!(
        (
            stopped.webhooks.stats().waiting,
            stopped.webhooks.stats().dropped
        ),
        (0, 1)
    );
    post.send(event(MachineEvent::Finished));
    assert_eq!(
        (
            stopped.webhooks.stats().waiting,
            stopped.webhooks.stats().dropped
        ),
        (0, 2)
    );
    stopped.open().send(event(MachineEvent::Human));
    assert_eq!(stopped.threads.try_iter().count(), 1);
}

#[test]
fn shutdown_waits_for_jobs_without_limit_and_for_events_during_the_grace() {
    let stopped = Stopped::new(Limits::default());
    let post = stopped.open();
    stopped.webhooks.close(Duration::from_secs(2));
    assert_eq!(stopped.webhooks.shared.shutdown(true), Shutdown::No);
    post.send(event(MachineEvent::Finished));
    drop(post);
    assert_eq!(
        stopped.webhooks.shared.shutdown(false),
        Shutdown::Soon(Duration::from_secs(2))
    );
    assert_eq!(stopped.webhooks.shared.shutdown(true), Shutdown::Yes);
}

#[test]
fn a_job_after_the_shutdown_starts_a_new_thread() {
    let stopped = Stopped::new(Limits::default());
    drop(stopped.open());
    stopped.webhooks.close(Duration::ZERO);
    assert_eq!(stopped.webhooks.shared.shutdown(false), Shutdown::Yes);
    let _post = stopped.open();
    assert_eq!(stopped.threads.try_iter().count(), 2);
    assert_eq!(stopped.webhooks.shared.shutdown(false), Shutdown::No);
}

#[test]
fn each_job_has_its_own_control_id_unless_the_host_set_one() {
    let stopped = Stopped::new(Limits::default());
    let (one, other) = (stopped.open(), stopped.open());
    assert_eq!(one.control_id().len(), 36);
    assert_ne!(one.control_id(), other.control_id());
    let url = check_url("http://127.0.0.1:1/").unwrap();
    let ids = CallIds {
        control_id: "mine".into(),
        ..CallIds::default()
    };
    let given = stopped
        .webhooks
        .open(|_| Ok(()), url, Secret::default(), ids)
        .unwrap();
    assert_eq!(given.control_id(), "mine");
}
