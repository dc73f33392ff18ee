//! What is done when it does not go well.

use super::hooks::{EVENTS, Hooks, event, quick, tell_call};
use super::server::{Server, ok, say, status};
use earwig::engine::webhook::{CallIds, Limits};
use earwig_core::types::MachineEvent;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Sends one event to a server; answers how often it was asked, and what came of it: sent, failed, dropped.
fn asked(
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
fn a_server_that_is_not_there_yet_is_tried_again() {
    // An address of its own, so that nobody else is given the port meanwhile.
    let address = Server::at("127.7.1.1:0".parse().unwrap(), |_, _| {});
    let free = std::net::TcpListener::bind("127.7.1.2:0").unwrap();
    let there = free.local_addr().unwrap();
    drop((address, free));
    let hooks = Hooks::new(Limits {
        pauses: vec![Duration::from_millis(300), Duration::from_millis(300)],
        ..quick()
    });
    let post = hooks.open(&format!("http://{there}/"));
    tell_call(&post);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(hooks.stats().waiting, 5);
    let server = Server::at(there, |_, stream| ok(stream));
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert_eq!(server.events(), EVENTS);
}

#[test]
fn a_server_that_is_never_there_fails_each_event() {
    let free = std::net::TcpListener::bind("127.7.2.1:0").unwrap();
    let url = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let hooks = Hooks::new(quick());
    let post = hooks.open(&url);
    tell_call(&post);
    assert_eq!(hooks.settled(), [0, 5, 0]);
}

#[test]
fn an_answer_that_never_comes_is_given_up_and_the_next_event_follows() {
    let server = Server::new(|number, stream| {
        if number < 3 {
            let _ = stream.read(&mut [0]);
        } else {
            ok(stream);
        }
    });
    let hooks = Hooks::new(Limits {
        read: Duration::from_millis(100),
        ..quick()
    });
    let post = hooks.open(&server.url("/"));
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    assert_eq!(hooks.settled(), [1, 1, 0]);
    assert_eq!(server.events(), ["HUMAN", "HUMAN", "HUMAN", "finished"]);
}

#[test]
fn an_event_is_tried_three_times_with_the_same_body_before_the_next() {
    let server = Server::new(|number, stream| {
        let answers = ["500 Oops", "503 Later", "200 OK", "200 OK"];
        status(stream, answers[number]);
    });
    let hooks = Hooks::new(quick());
    let post = hooks.open_as(&server.url("/"), "secret", CallIds::default());
    post.send(event(MachineEvent::Machine));
    post.send(event(MachineEvent::Ready));
    assert_eq!(hooks.settled(), [2, 0, 0]);
    let [one, two, three, next] = [(); 4].map(|()| server.next());
    assert_eq!(one.body, two.body);
    assert_eq!(one.body, three.body);
    assert_eq!(next.event(), "READY");
    // The pauses, 20 and 40 ms here.
    assert!(two.at - one.at >= Duration::from_millis(20));
    assert!(three.at - two.at >= Duration::from_millis(40));
}

#[test]
fn what_may_pass_is_tried_again() {
    for answer in [
        "408 Request Timeout",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        let answered = asked(quick(), move |_, stream| status(stream, answer));
        assert_eq!(answered, (3, [0, 1, 0]), "{answer}");
    }
}

#[test]
fn what_will_not_pass_is_final() {
    for answer in [
        "304 Not Modified",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "101 Switching Protocols",
    ] {
        let answered = asked(quick(), move |_, stream| status(stream, answer));
        assert_eq!(answered, (1, [0, 1, 0]), "{answer}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::taking();
    let to = elsewhere.url("/");
    for answer in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Moved",
        "308 Moved",
    ] {
        let to = to.clone();
        let answered = asked(quick(), move |_, stream| {
            say(
                stream,
                &format!("HTTP/1.1 {answer}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"),
            );
        });
        assert_eq!(answered, (1, [0, 1, 0]), "{answer}");
    }
    assert_eq!(elsewhere.events().len(), 0);
}

#[test]
fn an_answer_that_is_not_http_is_a_network_error() {
    for answer in [
        "",
        "hello\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200",
    ] {
        let answered = asked(quick(), move |_, stream| say(stream, answer));
        assert_eq!(answered, (3, [0, 1, 0]), "{answer}");
    }
}

#[test]
fn a_head_without_an_end_is_given_up() {
    let begun = Instant::now();
    let (count, settled) = asked(quick(), |_, stream| {
        say(stream, "HTTP/1.1 200 OK\r\nX: ");
        while stream.write_all(&[b'x'; 1024]).is_ok() {}
    });
    assert_eq!((count, settled), (3, [0, 1, 0]));
    // By its length, not by the time.
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_body_without_an_end_is_not_read() {
    let server = Server::new(|_, stream| {
        say(stream, "HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 1024]).is_ok() {}
    });
    let hooks = Hooks::new(quick());
    let post = hooks.open(&server.url("/"));
    let begun = Instant::now();
    tell_call(&post);
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_body_that_never_comes_is_not_waited_for() {
    let server = Server::new(|_, stream| {
        say(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        let _ = stream.read(&mut [0]);
    });
    let hooks = Hooks::new(quick());
    let post = hooks.open(&server.url("/"));
    let begun = Instant::now();
    post.send(event(MachineEvent::Human));
    post.send(event(MachineEvent::Finished));
    assert_eq!(hooks.settled(), [2, 0, 0]);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn what_finds_no_room_is_dropped_and_counted_but_finished_is_received() {
    let server = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(100));
        ok(stream);
    });
    let hooks = Hooks::new(Limits {
        per_job: 3,
        ..quick()
    });
    let post = hooks.open(&server.url("/"));
    tell_call(&post);
    assert_eq!(hooks.settled(), [3, 0, 2]);
    assert_eq!(server.events(), ["MACHINE", "READY", "finished"]);
}
