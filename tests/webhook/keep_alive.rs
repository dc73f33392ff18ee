//! Connections that are kept for the next event.

use super::hooks::{Hooks, event, send_call, short_limits};
use super::server::{Server, ok};
use earwig::engine::webhook::Limits;
use earwig_core::types::MachineEvent;
use std::time::{Duration, Instant};

/// Waits until the servers have this number of open connections together.
fn await_open(servers: &[Server], expected: usize) {
    let deadline = Instant::now() + Duration::from_secs(5);
    let open = || servers.iter().map(Server::open_connections).sum::<usize>();
    while open() != expected {
        assert!(Instant::now() < deadline, "{} are open", open());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_events_of_all_calls_use_one_connection_after_the_other() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    for i in 1..=20 {
        send_call(&hooks.open(&server.url("/")));
        assert_eq!(hooks.settled(), [5 * i, 0, 0]);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_the_server_closed_costs_no_attempt() {
    let server = Server::new(|_, stream| ok(stream));
    let hooks = Hooks::new(Limits {
        retry_delays: vec![],
        ..short_limits()
    });
    for i in 1..=20 {
        send_call(&hooks.open(&server.url("/")));
        assert_eq!(hooks.settled(), [5 * i, 0, 0]);
    }
    assert_eq!(server.events().len(), 100);
}

#[test]
fn an_idle_connection_is_closed_after_its_timeout() {
    let server = Server::accepting();
    let hooks = Hooks::new(Limits {
        idle_timeout: Duration::from_millis(100),
        ..short_limits()
    });
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    server.next();
    await_open(&[server], 0);
}

#[test]
fn idle_connections_are_limited_and_the_oldest_is_closed_first() {
    let servers: Vec<Server> = (0..6).map(|_| Server::accepting()).collect();
    let hooks = Hooks::new(Limits {
        max_idle_connections: 2,
        ..short_limits()
    });
    for (i, server) in servers.iter().enumerate() {
        hooks
            .open(&server.url("/"))
            .send(event(MachineEvent::Human));
        assert_eq!(hooks.settled(), [i as u64 + 1, 0, 0]);
    }
    await_open(&servers, 2);
    let open = servers.iter().map(Server::open_connections);
    assert_eq!(open.collect::<Vec<_>>(), [0, 0, 0, 0, 1, 1]);
}
