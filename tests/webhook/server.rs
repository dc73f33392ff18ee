//! An HTTP server of a few lines, each connection with its own thread.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a client sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request line, and the header's lines.
    pub head: String,
    pub body: String,
    pub at: Instant,
}

impl Request {
    /// The event that was told.
    pub fn event(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        let event = &json["params"]["detect"]["params"]["event"];
        event.as_str().unwrap().to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Reads one; `None` if the client went away.
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

/// A server, and what it was sent.
pub struct Server {
    pub address: SocketAddr,
    pub requests: Mutex<Receiver<Request>>,
}

impl Server {
    /// `answer` is called with the number of the request, from 0.
    pub fn new(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer)
    }

    pub fn at(
        address: SocketAddr,
        answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        let shared = Arc::new((Mutex::new(0), sender, answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let (count, sender, answer) = &*shared;
                    let mut stream = stream.unwrap();
                    let Some(request) = Request::read(&mut stream) else {
                        return;
                    };
                    let number = {
                        let mut count = count.lock().unwrap();
                        *count += 1;
                        // The test may be over.
                        let _ = sender.send(request);
                        *count - 1
                    };
                    answer(number, &mut stream);
                });
            }
        });
        Self {
            address,
            requests: Mutex::new(requests),
        }
    }

    /// One that takes everything.
    pub fn taking() -> Self {
        Self::new(|_, stream| ok(stream))
    }

    /// One that reads and never answers.
    pub fn silent() -> Self {
        Self::new(|_, stream| {
            let _ = stream.read(&mut [0]);
        })
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// The next request.
    pub fn next(&self) -> Request {
        let requests = self.requests.lock().unwrap();
        requests
            .recv_timeout(Duration::from_secs(3))
            .expect("a request comes")
    }

    /// What was told so far.
    pub fn events(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.try_iter().map(|r| r.event()).collect()
    }
}

/// Writes; the client may be gone.
pub fn say(stream: &mut impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

pub fn ok(stream: &mut impl Write) {
    status(stream, "200 OK");
}

pub fn status(stream: &mut impl Write, status: &str) {
    say(
        stream,
        &format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok"),
    );
}
