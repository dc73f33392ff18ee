//! A small HTTP server with a thread per connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line and the header lines.
    pub head: String,
    pub body: String,
    /// Time at which the head was complete.
    pub at: Instant,
}

impl Request {
    /// The event in the JSON.
    pub fn event(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        let event = &json["params"]["detect"]["params"]["event"];
        event.as_str().unwrap().to_owned()
    }

    /// The value of a header; the name is case-insensitive.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Reads a request; `None` if the client closes the connection first.
    pub fn read(stream: &mut impl Read) -> Option<Self> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let mut request = Self {
            head,
            body: String::new(),
            at: Instant::now(),
        };
        let length = request.header("content-length")?.parse().ok()?;
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).unwrap();
        Some(request)
    }
}

/// A server and the requests that it has received.
pub struct Server {
    pub address: SocketAddr,
    pub requests: Mutex<Receiver<Request>>,
    counters: Arc<Counters>,
}

/// Connections of a server.
#[derive(Default)]
struct Counters {
    total: AtomicUsize,
    open: AtomicUsize,
}

impl Server {
    /// A server on a free port. It calls `answer` with the number of each request, counted from 0, and its connection, which it then
    /// closes.
    pub fn new(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer)
    }

    /// The same on `address`.
    pub fn at(
        address: SocketAddr,
        answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        Self::start(address, move |number, stream| {
            answer(number, stream);
            false
        })
    }

    /// A server whose `answer` returns whether the connection stays open.
    fn start(
        address: SocketAddr,
        answer: impl Fn(usize, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let counters = Arc::new(Counters::default());
        let (sender, requests) = channel();
        let shared = Arc::new((AtomicUsize::new(0), sender, answer, counters.clone()));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let (count, sender, answer, counters) = &*shared;
                    counters.total.fetch_add(1, Ordering::SeqCst);
                    counters.open.fetch_add(1, Ordering::SeqCst);
                    let mut stream = stream.unwrap();
                    while let Some(request) = Request::read(&mut stream) {
                        let number = count.fetch_add(1, Ordering::SeqCst);
                        // Fails if the test has ended.
                        let _ = sender.send(request);
                        if !answer(number, &mut stream) {
                            break;
                        }
                    }
                    counters.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            address,
            requests: Mutex::new(requests),
            counters,
        }
    }

    /// A server that answers 200 to every request and keeps its connections open.
    pub fn accepting() -> Self {
        Self::start("127.0.0.1:0".parse().unwrap(), |_, stream| {
            ok(stream);
            true
        })
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.counters.total.load(Ordering::SeqCst)
    }

    /// The number of connections that are open.
    pub fn open_connections(&self) -> usize {
        self.counters.open.load(Ordering::SeqCst)
    }

    /// A server that reads requests and never answers.
    pub fn silent() -> Self {
        Self::new(|_, stream| {
            let _ = stream.read(&mut [0]);
        })
    }

    /// The URL of a path and query on this server.
    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// The next request; waits up to 3 s for it.
    pub fn next(&self) -> Request {
        let requests = self.requests.lock().unwrap();
        requests
            .recv_timeout(Duration::from_secs(3))
            .expect("a request within 3 s")
    }

    /// The events of the requests so far.
    pub fn events(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.try_iter().map(|r| r.event()).collect()
    }
}

/// Writes, and ignores the error if the client has closed the connection.
pub fn respond(stream: &mut impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

/// Answers 200.
pub fn ok(stream: &mut impl Write) {
    status(stream, "200 OK");
}

/// Answers with this status.
pub fn status(stream: &mut impl Write, status: &str) {
    respond(
        stream,
        &format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok"),
    );
}
