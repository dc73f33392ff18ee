//! Servers that are missing, slow, or answer with errors.

use super::hooks::{EVENTS, Hooks, event, send_call, short_limits};
use super::server::{Request, Server, ok, respond, status};
use earwig::engine::webhook::{CallIds, Limits};
use earwig_core::types::MachineEvent;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Sends one event to a server; returns the number of requests, and the numbers of events sent, failed and dropped.
fn post_once(
    limits: Limits,
    answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static,
) -> (usize, [u64; 3]) {
    let server = Server::new(answer);
    let hooks = Hooks::new(limits);
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    let settled = hooks.settled();
    (server.events().len(), settled)
}

#[test]
fn a_server_that_starts_later_receives_the_events() {
    // Other loopback addresses, so that no other test gets the port before the server has it.
    let address = Server::at("127.7.1.1:0".parse().unwrap(), |_, _| {});
    let free = std::net::TcpListener::bind("127.7.1.2:0").unwrap();
    let later = free.local_addr().unwrap();
    drop((address, free));
    let hooks = Hooks::new(Limits {
        retry_delays: vec![Duration::from_millis(300), Duration::from_millis(300)],
        ..short_limits()
    });
    let post = hooks.open(&format!("http://{later}/"));
    send_call(&post);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(hooks.stats().waiting, 5);
    let server = Server::at(later, |_, stream| ok(stream));
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert_eq!(server.events(), EVENTS);
}

#[test]
fn each_event_fails_if_no_server_listens() {
    let free = std::net::TcpListener::bind("127.7.2.1:0").unwrap();
    let url = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&url);
    send_call(&post);
    assert_eq!(hooks.settled(), [0, 5, 0]);
}

#[test]
fn a_missing_answer_times_out_and_the_next_event_follows() {
    let server = Server::new(|number, stream| {
        if number < 3 {
            let _ = stream.read(&mut [0]);
        } else {
            ok(stream);
        }
    });
    let hooks = Hooks::new(Limits {
        read_timeout: Duration::from_millis(100),
        ..short_limits()
    });
    let post = hooks.open(&server.url("/"));
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    assert_eq!(hooks.settled(), [1, 1, 0]);
    assert_eq!(server.events(), ["HUMAN", "HUMAN", "HUMAN", "finished"]);
}

#[test]
fn an_event_has_three_attempts_with_the_same_body_before_the_next() {
    let server = Server::new(|number, stream| {
        let answers = ["500 Oops", "503 Later", "200 OK", "200 OK"];
        status(stream, answers[number]);
    });
    let hooks = Hooks::new(short_limits());
    let post = hooks.open_as(&server.url("/"), "secret", CallIds::default());
    post.send(event(MachineEvent::Machine));
    post.send(event(MachineEvent::Ready));
    assert_eq!(hooks.settled(), [2, 0, 0]);
    let [one, two, three, next] = [(); 4].map(|()| server.next());
    assert_eq!(one.body, two.body);
    assert_eq!(one.body, three.body);
    let id = |request: &Request| request.header("webhook-id").unwrap().to_owned();
    assert_eq!(id(&one), id(&two));
    assert_eq!(id(&one), id(&three));
    assert_ne!(id(&one), id(&next));
    assert_eq!(next.event(), "READY");
    // The delays of `short_limits`.
    assert!(two.at - one.at >= Duration::from_millis(20));
    assert!(three.at - two.at >= Duration::from_millis(40));
}

#[test]
fn a_temporary_status_is_retried() {
    for answer in [
        "408 Request Timeout",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        let result = post_once(short_limits(), move |_, stream| status(stream, answer));
        assert_eq!(result, (3, [0, 1, 0]), "{answer}");
    }
}

#[test]
fn a_permanent_status_is_final() {
    for answer in [
        "304 Not Modified",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "101 Switching Protocols",
    ] {
        let result = post_once(short_limits(), move |_, stream| status(stream, answer));
        assert_eq!(result, (1, [0, 1, 0]), "{answer}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::accepting();
    let to = elsewhere.url("/");
    for answer in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Moved",
        "308 Moved",
    ] {
        let to = to.clone();
        let result = post_once(short_limits(), move |_, stream| {
            respond(
                stream,
                &format!("HTTP/1.1 {answer}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"),
            );
        });
        assert_eq!(result, (1, [0, 1, 0]), "{answer}");
    }
    assert_eq!(elsewhere.events().len(), 0);
}

#[test]
fn an_answer_that_is_not_http_is_retried() {
    for answer in [
        "",
        "hello\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200",
    ] {
        let result = post_once(short_limits(), move |_, stream| respond(stream, answer));
        assert_eq!(result, (3, [0, 1, 0]), "{answer}");
    }
}

#[test]
fn a_head_over_16_kib_fails_the_attempt() {
    let begun = Instant::now();
    let (count, settled) = post_once(short_limits(), |_, stream| {
        respond(stream, "HTTP/1.1 200 OK\r\nX: ");
        while stream.write_all(&[b'x'; 1024]).is_ok() {}
    });
    assert_eq!((count, settled), (3, [0, 1, 0]));
    // The limit is the length, not the timeout.
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn an_endless_body_is_not_read_to_its_end() {
    let server = Server::new(|_, stream| {
        respond(stream, "HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 1024]).is_ok() {}
    });
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    let begun = Instant::now();
    send_call(&post);
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_missing_body_does_not_delay_the_next_event() {
    let server = Server::new(|_, stream| {
        respond(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        let _ = stream.read(&mut [0]);
    });
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    let begun = Instant::now();
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    assert_eq!(hooks.settled(), [2, 0, 0]);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_full_queue_drops_and_counts_events_but_not_finished() {
    let server = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(100));
        ok(stream);
    });
    let hooks = Hooks::new(Limits {
        max_waiting_per_job: 3,
        ..short_limits()
    });
    let post = hooks.open(&server.url("/"));
    send_call(&post);
    assert_eq!(hooks.settled(), [3, 0, 2]);
    assert_eq!(server.events(), ["MACHINE", "READY", "finished"]);
}
