//! Many dead servers of all kinds, and some that answer. `EARWIG_DEAD_SERVERS=1000` makes a crowd of that size of each kind alone too,
//! for a minute; the figures are printed (`--nocapture`).

use super::hooks::{Hooks, event, send_call};
use super::server::{Request, Server, ok};
use earwig::engine::webhook::{CallIds, Limits, Post};
use earwig_core::types::MachineEvent;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Posts of which the delay is measured.
const POSTS: usize = 100;

/// How a server is dead.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The connection is refused.
    Refuses,
    /// The first packet is lost.
    NeverConnects,
    /// The request has no answer.
    NeverAnswers,
    /// As above, after one answer.
    NoLongerAnswers,
    /// The TLS handshake has no answer.
    NeverEndsTheHandshake,
    /// The name is not found; how long its lookup takes is up to the system's resolver.
    HasNoAddress,
}

const KINDS: [Kind; 6] = [
    Kind::Refuses,
    Kind::NeverConnects,
    Kind::NeverAnswers,
    Kind::NoLongerAnswers,
    Kind::NeverEndsTheHandshake,
    Kind::HasNoAddress,
];

/// Dead servers, each with an address of its own in 127.0.0.0/8. One listener for all addresses is enough for each kind.
struct Crowd {
    urls: Vec<String>,
    /// Those of [`Kind::NoLongerAnswers`].
    turning_urls: Vec<String>,
    /// They stop answering.
    turned: Arc<AtomicBool>,
    _full: (TcpListener, Vec<TcpStream>),
}

impl Crowd {
    /// `count` servers whose kinds take turns.
    fn new(count: usize, kinds: &[Kind]) -> Self {
        let full = full_listener();
        let never = port_of(&full.0);
        let refusing = {
            let free = TcpListener::bind("127.9.9.9:0").unwrap();
            port_of(&free)
        };
        let turned = Arc::new(AtomicBool::new(false));
        let silent = silent_listener(Arc::new(AtomicBool::new(true)));
        let turning = silent_listener(turned.clone());
        let mut urls = Vec::new();
        let mut turning_urls = Vec::new();
        for i in 0..count {
            let ip = address(10, i);
            urls.push(match kinds[i % kinds.len()] {
                Kind::Refuses => format!("http://{ip}:{refusing}/"),
                Kind::NeverConnects => format!("http://{ip}:{never}/"),
                Kind::NeverAnswers => format!("http://{ip}:{silent}/"),
                Kind::NoLongerAnswers => {
                    turning_urls.push(format!("http://{ip}:{turning}/"));
                    format!("http://{ip}:{turning}/")
                }
                Kind::NeverEndsTheHandshake => format!("https://{ip}:{silent}/"),
                Kind::HasNoAddress => format!("http://server-{i}.invalid/"),
            });
        }
        Self {
            urls,
            turning_urls,
            turned,
            _full: full,
        }
    }

    /// Posts to the servers that still answer, then they stop.
    fn turn(&self, hooks: &Hooks) {
        for url in &self.turning_urls {
            hooks.open(url).send(event(MachineEvent::Human));
        }
        assert_eq!(hooks.settled(), [self.turning_urls.len() as u64, 0, 0]);
        self.turned.store(true, Ordering::SeqCst);
    }

    /// Starts one call to each server, with all its events.
    fn call_all(&self, hooks: &Hooks) -> Vec<Post> {
        let posts: Vec<Post> = self.urls.iter().map(|url| hooks.open(url)).collect();
        posts.iter().for_each(send_call);
        posts
    }
}

/// The address of server `i` in network 127.`network`.0.0/16.
fn address(network: u8, i: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, network, (i / 250) as u8, (i % 250) as u8 + 1)
}

fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

/// A listener on all addresses whose queue is full: the kernel drops the first packet of each connection.
fn full_listener() -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    // SAFETY: the descriptor is that of a listener, whose queue becomes as short as it can be.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(&listener)));
    let connect = || TcpStream::connect_timeout(&to, Duration::from_millis(300)).ok();
    let streams: Vec<TcpStream> = std::iter::from_fn(connect).take(10).collect();
    assert!(streams.len() < 10, "the queue is never full");
    (listener, streams)
}

/// Accepts on all addresses; answers 200 and closes until `is_silent`, then never answers. Returns its port.
fn silent_listener(is_silent: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    // SAFETY: the descriptor is that of a listener: a thousand connections may come at once.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 4096) }, 0);
    let port = port_of(&listener);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            if is_silent.load(Ordering::SeqCst) {
                // Those that the client has closed would use up the descriptors.
                open.push((Instant::now(), stream));
                open.retain(|(at, _)| at.elapsed() < Duration::from_secs(6));
            } else if Request::read(&mut stream).is_some() {
                ok(&mut stream);
            }
        }
    });
    port
}

/// Raises the soft limit of descriptors to the hard one, because both ends of each connection are in this process. Returns it.
fn raise_descriptors() -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the struct is readable and writable.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
    }
    limit.rlim_cur
}

/// The times from an event to its request, sorted.
struct Delays(Vec<Duration>);

impl Delays {
    /// Sends [`POSTS`] events to the URLs at a fixed rate, each of a call of its own, whether or not those before have arrived.
    fn measure(
        hooks: &Hooks,
        server: &Server,
        pause: Duration,
        url: impl Fn(usize) -> String,
    ) -> Self {
        let begun = Instant::now();
        let sent: Vec<Instant> = (0..POSTS)
            .map(|i| {
                let due = begun + pause * i as u32;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let ids = CallIds {
                    call_id: i.to_string(),
                    ..CallIds::default()
                };
                let post = hooks.open_as(&url(i), "", ids);
                let at = Instant::now();
                post.send(event(MachineEvent::Human));
                at
            })
            .collect();
        let requests = server.requests.lock().unwrap();
        let delay = |_| {
            let request = requests.recv_timeout(Duration::from_secs(60)).unwrap();
            let json: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            let call: usize = json["params"]["call_id"].as_str().unwrap().parse().unwrap();
            request.at - sent[call]
        };
        let mut delays: Vec<Duration> = (0..POSTS).map(delay).collect();
        delays.sort();
        Self(delays)
    }

    fn percentile(&self, percent: usize) -> Duration {
        self.0[(self.0.len() * percent).div_ceil(100) - 1]
    }

    fn print(&self, what: &str) {
        let [p50, p95, max] = [50, 95, 100].map(|p| self.percentile(p).as_secs_f64() * 1000.0);
        println!("{what}: p50 {p50:.1} ms, p95 {p95:.1} ms, max {max:.1} ms");
    }
}

/// Posts to `count` dead servers, and meanwhile to servers that answer: the delays of one that keeps its connection, of one that closes
/// it after each post, and of servers that are new.
fn delays_among(count: usize, kinds: &[Kind], pause: Duration) -> [Delays; 3] {
    let crowd = Crowd::new(count, kinds);
    let keeping = Server::accepting();
    let closing = Server::new(|_, stream| ok(stream));
    let everywhere = Server::at("0.0.0.0:0".parse().unwrap(), |_, stream| ok(stream));
    let hooks = Hooks::new(Limits::default());
    let keeping_url = keeping.url("/");
    // By name, so that each post asks for its addresses.
    let closing_url = format!("http://localhost:{}/", closing.address.port());
    crowd.turn(&hooks);
    for (server, url) in [(&keeping, &keeping_url), (&closing, &closing_url)] {
        hooks.open(url).send(event(MachineEvent::Human));
        server.next();
    }
    let _posts = crowd.call_all(&hooks);
    let port = everywhere.address.port();
    let (hooks, keeping, closing, everywhere) = (&hooks, &keeping, &closing, &everywhere);
    let delays = std::thread::scope(|scope| {
        [
            scope.spawn(|| Delays::measure(hooks, keeping, pause, |_| keeping_url.clone())),
            scope.spawn(|| Delays::measure(hooks, closing, pause, |_| closing_url.clone())),
            scope.spawn(|| {
                let url = |i| format!("http://{}:{port}/", address(20, i));
                Delays::measure(hooks, everywhere, pause, url)
            }),
        ]
        .map(|thread| thread.join().unwrap())
    });
    println!("{count} dead servers, {kinds:?}, {POSTS} posts to each of these:");
    for (delays, name) in delays
        .iter()
        .zip(["one connection", "a connection each", "new servers"])
    {
        delays.print(name);
    }
    delays
}

#[test]
fn dead_servers_of_all_kinds_do_not_delay_one_that_answers() {
    raise_descriptors();
    // Other tests run at the same time.
    let bound = Duration::from_millis(500);
    // Without names: a machine may have no resolver.
    let delays = delays_among(250, &KINDS[..5], Duration::from_millis(20));
    assert!(delays.iter().all(|d| d.percentile(95) <= bound));
}

#[test]
fn a_crowd_of_the_size_that_was_asked_for_delays_an_answering_server_by_200_ms_at_most() {
    let Ok(count) = std::env::var("EARWIG_DEAD_SERVERS") else {
        return;
    };
    let count = count.parse().unwrap();
    let descriptors = raise_descriptors();
    assert!(
        descriptors >= 8192,
        "{descriptors} descriptors: the limit must be 8192"
    );
    let bound = Duration::from_millis(200);
    let crowds = std::iter::once(&KINDS[..]).chain(KINDS.chunks(1));
    for kinds in crowds {
        let delays = delays_among(count, kinds, Duration::from_millis(100));
        assert!(delays[0].percentile(95) <= bound && delays[1].percentile(95) <= bound);
    }
}
