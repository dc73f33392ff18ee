//! A slow or dead server delays no other's events.

use super::hooks::{Hooks, event, quick};
use super::server::{Server, ok};
use earwig::engine::webhook::{Limits, Post};
use earwig_core::types::MachineEvent;
use std::time::{Duration, Instant};

/// Time until an event is received.
fn delay(hooks: &Hooks, server: &Server) -> Duration {
    let begun = Instant::now();
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next().at - begun
}

#[test]
fn a_slow_server_does_not_delay_another_call() {
    let slow = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(500));
        ok(stream);
    });
    let other = Server::taking();
    let hooks = Hooks::new(quick());
    let post = hooks.open(&slow.url("/"));
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    assert!(delay(&hooks, &other) < Duration::from_millis(250));
    assert_eq!(hooks.settled(), [3, 0, 0]);
}

#[test]
fn a_slow_call_does_not_delay_another_at_the_same_server() {
    let server = Server::new(|number, stream| {
        if number == 0 {
            std::thread::sleep(Duration::from_millis(500));
        }
        ok(stream);
    });
    let hooks = Hooks::new(quick());
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next();
    assert!(delay(&hooks, &server) < Duration::from_millis(250));
    assert_eq!(hooks.settled(), [2, 0, 0]);
}

#[test]
fn a_thousand_calls_to_servers_that_have_just_died_delay_no_other() {
    let dead: Vec<Server> = (0..10).map(|_| Server::silent()).collect();
    let other = Server::taking();
    let hooks = Hooks::new(Limits {
        read: Duration::from_secs(30),
        quick: Duration::from_millis(100),
        ..quick()
    });
    let calls: Vec<Post> = (0..1000)
        .map(|i| hooks.open(&dead[i % dead.len()].url("/")))
        .collect();
    for post in &calls {
        post.send(event(MachineEvent::Human));
    }
    // As long as it takes to see that they are slow, and no longer.
    for _ in 0..5 {
        assert!(delay(&hooks, &other) < Duration::from_millis(600));
    }
    // All of theirs; the last of the others may not have been seen to be taken.
    assert!(hooks.stats().waiting >= 1000);
}

#[test]
fn leaving_a_notice_takes_no_time_even_if_nobody_listens() {
    let dead = Server::silent();
    let hooks = Hooks::new(quick());
    let posts: Vec<Post> = (0..1000).map(|_| hooks.open(&dead.url("/"))).collect();
    let begun = Instant::now();
    for _ in 0..9 {
        posts
            .iter()
            .for_each(|post| post.send(event(MachineEvent::Ready)));
    }
    // 9,000 of them: far less than one attempt at one.
    assert!(begun.elapsed() < Duration::from_millis(500));
    assert_eq!(hooks.stats().waiting, 9000);
}
