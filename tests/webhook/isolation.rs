//! A slow or dead server does not delay the events to others.

use super::hooks::{Hooks, event, short_limits};
use super::server::{Server, ok};
use earwig::engine::webhook::{Limits, Post};
use earwig_core::types::MachineEvent;
use std::io::Read;
use std::time::{Duration, Instant};

/// Time until the server receives an event.
fn delay(hooks: &Hooks, server: &Server) -> Duration {
    let begun = Instant::now();
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next().at - begun
}

/// A delay that a loaded machine may add. Each test would wait longer if it failed.
const TOLERANCE: Duration = Duration::from_secs(2);

/// Limits under which a request without an answer lasts longer than a test.
fn patient_limits() -> Limits {
    Limits {
        read_timeout: Duration::from_secs(60),
        ..short_limits()
    }
}

#[test]
fn a_slow_server_does_not_delay_events_to_another() {
    let slow = Server::silent();
    let other = Server::accepting();
    let hooks = Hooks::new(patient_limits());
    let post = hooks.open(&slow.url("/"));
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    slow.next();
    assert!(delay(&hooks, &other) < TOLERANCE);
    assert_eq!(hooks.stats().failed, 0);
}

#[test]
fn a_slow_request_does_not_delay_another_call_at_the_same_server() {
    let server = Server::new(|number, stream| {
        if number == 0 {
            let _ = stream.read(&mut [0]);
        }
        ok(stream);
    });
    let hooks = Hooks::new(patient_limits());
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next();
    assert!(delay(&hooks, &server) < TOLERANCE);
    assert_eq!(hooks.stats().failed, 0);
}

#[test]
fn a_thousand_calls_to_dead_servers_do_not_delay_another() {
    let dead: Vec<Server> = (0..10).map(|_| Server::silent()).collect();
    let other = Server::accepting();
    let hooks = Hooks::new(patient_limits());
    let calls: Vec<Post> = (0..1000)
        .map(|i| hooks.open(&dead[i % dead.len()].url("/")))
        .collect();
    for post in &calls {
        post.send(event(MachineEvent::Human));
    }
    for _ in 0..5 {
        assert!(delay(&hooks, &other) < TOLERANCE);
    }
    // 1000 events to the dead servers; the last event to the other one may still count.
    assert!(hooks.stats().waiting >= 1000);
}

#[test]
fn a_server_without_answers_has_few_connections() {
    let dead = Server::silent();
    let hooks = Hooks::new(Limits {
        slow_after: Duration::from_millis(10),
        ..patient_limits()
    });
    let calls: Vec<Post> = (0..100).map(|_| hooks.open(&dead.url("/"))).collect();
    for post in &calls {
        post.send(event(MachineEvent::Human));
    }
    for _ in 0..4 {
        dead.next();
    }
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(dead.connections(), 4);
}

#[test]
fn send_does_not_block_if_no_server_answers() {
    let dead = Server::silent();
    let hooks = Hooks::new(patient_limits());
    let posts: Vec<Post> = (0..1000).map(|_| hooks.open(&dead.url("/"))).collect();
    let begun = Instant::now();
    for _ in 0..8 {
        posts
            .iter()
            .for_each(|post| post.send(event(MachineEvent::Ready)));
    }
    // 8,000 events take less time than one attempt.
    assert!(begun.elapsed() < Duration::from_secs(10));
    let stats = hooks.stats();
    assert_eq!(stats.waiting + stats.dropped, 8000);
    assert!(stats.waiting > 3000);
}
