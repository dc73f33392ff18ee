//! The engine's end.

use super::hooks::{EVENTS, Hooks, event, quick, tell_call};
use super::server::{Server, ok};
use earwig_core::types::MachineEvent;
use std::time::{Duration, Instant};

#[test]
fn what_waits_at_the_end_still_goes_out() {
    let server = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(30));
        ok(stream);
    });
    let hooks = Hooks::new(quick());
    let post = hooks.open(&server.url("/"));
    tell_call(&post);
    drop(post);
    hooks.end(Duration::from_secs(2));
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert_eq!(server.events(), EVENTS);
}

#[test]
fn what_has_not_gone_out_within_the_grace_is_dropped_and_counted() {
    let server = Server::silent();
    let hooks = Hooks::new(quick());
    let post = hooks.open(&server.url("/"));
    tell_call(&post);
    drop(post);
    let begun = Instant::now();
    hooks.end(Duration::from_millis(200));
    assert!((190..800).contains(&begun.elapsed().as_millis()));
    assert_eq!(hooks.settled(), [0, 0, 5]);
}

#[test]
fn the_thread_ends_at_once_if_nothing_waits() {
    let server = Server::taking();
    let hooks = Hooks::new(quick());
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    hooks.settled();
    let begun = Instant::now();
    hooks.end(Duration::from_secs(10));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_job_that_outlives_the_closing_is_served_to_its_end() {
    let server = Server::taking();
    let hooks = Hooks::new(quick());
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
