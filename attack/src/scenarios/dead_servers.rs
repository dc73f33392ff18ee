//! Status callbacks to thousands of dead servers beside a good one.

use super::{Scale, Scenario};
use crate::outcome::{all, figure, note, percentile};
use crate::recordings::call;
use earwig::engine::Engine;
use earwig_core::job::machine::MachineOptions;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub const SCENARIO: Scenario = Scenario {
    name: "dead-servers",
    title: "1,000 dead servers of each kind beside a good one",
    text: "Calls whose `status_url` is one of 4,000 addresses in 127.0.0.0/8: connections refused, black-holed (a full backlog), accepted without \
an answer, and answered after 6 s. A call for each begins within 5 s. Meanwhile a call every 20 ms posts to a good server that has answered \
before, and every second one to a good server that is new. The delay is from the hang-up to the request at the server.",
    run,
};

/// Longest delay of 95 % of the posts to the known good server, ms.
const LIMIT_MS: f64 = 200.0;

/// What the slow server waits before it answers: longer than the sender does.
const SLOW: Duration = Duration::from_secs(6);

/// Time over which the calls to dead servers begin.
const FLOOD: Duration = Duration::from_secs(5);

const KINDS: usize = 4;

/// Times of arrival at the good servers, by the call's id.
type Arrivals = Arc<Mutex<HashMap<String, Instant>>>;

/// A server that answers at once, and keeps connections open.
fn good_server(address: Ipv4Addr, arrivals: Arrivals) -> u16 {
    let listener = TcpListener::bind((address, 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let arrivals = arrivals.clone();
            std::thread::spawn(move || while answer(&stream, &arrivals).is_some() {});
        }
    });
    port
}

/// Answers one request; `None` at the end of the connection.
fn answer(mut stream: &TcpStream, arrivals: &Arrivals) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let at = Instant::now();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body);
    let id = body.split_once("\"call_id\":\"")?.1.split('"').next()?;
    arrivals
        .lock()
        .expect("no panic")
        .entry(id.to_owned())
        .or_insert(at);
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .ok()
}

/// The dead servers: one listener for all addresses of a kind. Dropping it closes them.
struct Dead {
    ports: [u16; KINDS],
    _listeners: Vec<TcpListener>,
    _backlog: Vec<TcpStream>,
}

fn dead_servers() -> Dead {
    let listen = || TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a port");
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    // Nobody listens at a port that was given back.
    let refused = port(&listen());
    // A backlog that is full: the system drops what comes next.
    let black_hole = listen();
    rustix::net::listen(&black_hole, 0).expect("a smaller backlog");
    let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port(&black_hole));
    let mut backlog = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&to.into(), Duration::from_millis(200)) {
        backlog.push(stream);
    }
    let silent = listen();
    rustix::net::listen(&silent, 4096).expect("a larger backlog");
    let slow = listen();
    rustix::net::listen(&slow, 4096).expect("a larger backlog");
    let ports = [refused, port(&black_hole), port(&silent), port(&slow)];
    let accepting = slow.try_clone().expect("a descriptor");
    std::thread::spawn(move || {
        for stream in accepting.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                std::thread::sleep(SLOW);
                let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                let _ = (&stream).read(&mut [0; 4096]);
            });
        }
    });
    Dead {
        ports,
        _listeners: vec![black_hole, silent, slow],
        _backlog: backlog,
    }
}

/// A call that hangs up at once: its detection posts `finished`. Returns the time of the hang-up.
fn post(engine: &Engine, url: String, id: &str) -> Instant {
    let channel = call(engine, 0);
    channel.set_id("call_id", id).expect("an id");
    let options = MachineOptions {
        status_url: url,
        ..MachineOptions::default()
    };
    channel.machine_start(options).expect("a detection");
    channel.hangup().expect("a call");
    let at = Instant::now();
    channel.drop_handle();
    at
}

fn run(scale: Scale) {
    let each = scale.pick(250, 1000);
    let seconds = scale.pick(8, 30);
    let engine = Engine::new(2).expect("an engine");
    let arrivals = Arrivals::default();
    let known = good_server(Ipv4Addr::LOCALHOST, arrivals.clone());
    let known_url = format!("http://127.0.0.1:{known}/");
    for n in 0..20 {
        post(&engine, known_url.clone(), &format!("first {n}"));
    }
    std::thread::sleep(Duration::from_millis(500));
    let dead = dead_servers();
    let begun = Instant::now();
    let (mut known_posts, mut new_posts) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..each * KINDS {
                let due = begun + FLOOD.mul_f64(n as f64 / (each * KINDS) as f64);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let (kind, n) = (n % KINDS, n / KINDS);
                let address =
                    Ipv4Addr::new(127, 10 + kind as u8, (n / 250) as u8, (1 + n % 250) as u8);
                post(
                    &engine,
                    format!("http://{address}:{}/", dead.ports[kind]),
                    "dead",
                );
            }
        });
        for n in 0..seconds * 50 {
            let due = begun + Duration::from_millis(20 * n);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let id = format!("known {n}");
            known_posts.push((post(&engine, known_url.clone(), &id), id));
            if n % 50 == 25 {
                let address =
                    Ipv4Addr::new(127, 20, (n / 250 / 50) as u8, (1 + n / 50 % 250) as u8);
                let port = good_server(address, arrivals.clone());
                let id = format!("new {n}");
                new_posts.push((post(&engine, format!("http://{address}:{port}/"), &id), id));
            }
        }
    });
    // The sender has up to 2 s for a lookup or a connection; what arrives later is lost to the figures.
    std::thread::sleep(Duration::from_secs(3));
    let (arrivals, now) = (arrivals.lock().expect("no panic"), Instant::now());
    let arrived = |posts: &[(Instant, String)]| {
        posts
            .iter()
            .filter(|(_, id)| arrivals.contains_key(id))
            .count()
    };
    // A post that has not arrived is at least as late as it is old.
    let delays = |posts: &[(Instant, String)]| -> Vec<f64> {
        let delay = |(at, id): &(Instant, String)| {
            (*arrivals.get(id).unwrap_or(&now) - *at).as_secs_f64() * 1e3
        };
        posts.iter().map(delay).collect()
    };
    let (known, new) = (delays(&known_posts), delays(&new_posts));
    note("dead servers", &(each * KINDS).to_string());
    all(
        "posts that reached the known good server",
        arrived(&known_posts),
        known_posts.len(),
    );
    note(
        "delay, half of the posts at most",
        &format!("{:.0} ms", percentile(&known, 0.5)),
    );
    let late = percentile(&known, 0.95);
    figure(
        "delay, 95 % of the posts at most",
        &format!("{late:.0} ms"),
        &format!("{LIMIT_MS} ms"),
        late <= LIMIT_MS,
    );
    note(
        "delay, all posts at most",
        &format!("{:.0} ms", percentile(&known, 1.0)),
    );
    note(
        "posts to new good servers: arrived, delay at most",
        &format!(
            "{} of {}, {:.0} ms",
            arrived(&new_posts),
            new_posts.len(),
            percentile(&new, 1.0)
        ),
    );
    let posts = engine.stats().posts;
    note(
        "posts sent, failed, dropped",
        &format!("{}, {}, {}", posts.sent, posts.failed, posts.dropped),
    );
}
