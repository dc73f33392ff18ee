//! A slow or dead server does not delay the events to others.

use super::hooks::{Hooks, event, short_limits};
use super::server::{Server, ok};
use earwig::engine::webhook::{Limits, Post};
use earwig_core::types::MachineEvent;
use std::time::{Duration, Instant};

/// Time until the server receives an event.
fn delay(hooks: &Hooks, server: &Server) -> Duration {
    let begun = Instant::now();
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next().at - begun
}

#[test]
fn a_slow_server_does_not_delay_events_to_another() {
    let slow = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(500));
        ok(stream);
    });
    let other = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&slow.url("/"));
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    assert!(delay(&hooks, &other) < Duration::from_millis(250));
    assert_eq!(hooks.settled(), [3, 0, 0]);
}

#[test]
fn a_slow_request_does_not_delay_another_call_at_the_same_server() {
    let server = Server::new(|number, stream| {
        if number == 0 {
            std::thread::sleep(Duration::from_millis(500));
        }
        ok(stream);
    });
    let hooks = Hooks::new(short_limits());
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next();
    assert!(delay(&hooks, &server) < Duration::from_millis(250));
    assert_eq!(hooks.settled(), [2, 0, 0]);
}

#[test]
fn a_thousand_calls_to_dead_servers_do_not_delay_another() {
    let dead: Vec<Server> = (0..10).map(|_| Server::silent()).collect();
    let other = Server::accepting();
    let hooks = Hooks::new(Limits {
        read_timeout: Duration::from_secs(30),
        slow_after: Duration::from_millis(100),
        ..short_limits()
    });
    let calls: Vec<Post> = (0..1000)
        .map(|i| hooks.open(&dead[i % dead.len()].url("/")))
        .collect();
    for post in &calls {
        post.send(event(MachineEvent::Human));
    }
    // The dead servers are slow after 100 ms.
    for _ in 0..5 {
        assert!(delay(&hooks, &other) < Duration::from_millis(600));
    }
    // 1000 events to the dead servers; the last event to the other one may still count.
    assert!(hooks.stats().waiting >= 1000);
}

#[test]
fn send_does_not_block_if_no_server_answers() {
    let dead = Server::silent();
    let hooks = Hooks::new(short_limits());
    let posts: Vec<Post> = (0..1000).map(|_| hooks.open(&dead.url("/"))).collect();
    let begun = Instant::now();
    for _ in 0..9 {
        posts
            .iter()
            .for_each(|post| post.send(event(MachineEvent::Ready)));
    }
    // 9,000 events take less time than one attempt.
    assert!(begun.elapsed() < Duration::from_millis(500));
    assert_eq!(hooks.stats().waiting, 9000);
}
