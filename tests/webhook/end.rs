//! Closing the callbacks.

use super::hooks::{EVENTS, Hooks, event, send_call, short_limits};
use super::server::{Server, ok};
use earwig_core::types::MachineEvent;
use std::time::{Duration, Instant};

#[test]
fn waiting_events_go_out_during_the_grace() {
    let server = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(30));
        ok(stream);
    });
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    send_call(&post);
    drop(post);
    hooks.end(Duration::from_secs(2));
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert_eq!(server.events(), EVENTS);
}

#[test]
fn events_that_wait_after_the_grace_are_dropped_and_counted() {
    let server = Server::silent();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    send_call(&post);
    drop(post);
    let begun = Instant::now();
    hooks.end(Duration::from_millis(200));
    assert!((190..800).contains(&begun.elapsed().as_millis()));
    assert_eq!(hooks.settled(), [0, 0, 5]);
}

#[test]
fn the_thread_ends_at_once_if_no_event_waits() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    hooks.settled();
    let begun = Instant::now();
    hooks.end(Duration::from_secs(10));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_job_that_ends_after_the_closing_posts_all_its_events() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    std::thread::scope(|scope| {
        let end = scope.spawn(|| hooks.end(Duration::from_secs(2)));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!end.is_finished());
        post.send(event(MachineEvent::Finished));
        drop(post);
    });
    assert_eq!(hooks.settled(), [1, 0, 0]);
    assert_eq!(server.events(), ["finished"]);
}
