//! HTTPS. The system's certificates stay as they are: a child process gets others from `SSL_CERT_FILE`.

use super::hooks::{EVENTS, Hooks, event, send_call, short_limits};
use super::server::{Request, ok};
use earwig::engine::webhook::Limits;
use earwig_core::types::MachineEvent;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A server with this certificate that answers 200 to every request. Returns its address, its requests, and the number of handshakes
/// behind which there was a request.
fn server(
    certified: &CertifiedKey<rcgen::KeyPair>,
) -> (SocketAddr, Receiver<Request>, Arc<AtomicUsize>) {
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    let handshakes = Arc::new(AtomicUsize::new(0));
    let counter = handshakes.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let tls = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(tls, stream.unwrap());
            let (sender, handshakes) = (sender.clone(), counter.clone());
            std::thread::spawn(move || {
                let mut is_first = true;
                while let Some(request) = Request::read(&mut stream) {
                    handshakes.fetch_add(usize::from(is_first), Ordering::SeqCst);
                    is_first = false;
                    let _ = sender.send(request);
                    ok(&mut stream);
                }
            });
        }
    });
    (address, requests, handshakes)
}

#[test]
fn an_untrusted_certificate_is_refused() {
    let certified = generate_simple_self_signed(["localhost".into()]).unwrap();
    let (address, requests, _) = server(&certified);
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&format!("https://localhost:{}/", address.port()));
    post.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [0, 1, 0]);
    assert!(requests.try_recv().is_err(), "a request was sent");
}

#[test]
fn http_to_an_https_port_and_https_to_an_http_port_fail() {
    let certified = generate_simple_self_signed(["localhost".into()]).unwrap();
    let (address, _requests, _) = server(&certified);
    let plain = super::server::Server::accepting();
    // The plain server reads the TLS handshake as the start of a head and waits for the rest.
    let hooks = Hooks::new(Limits {
        connect_timeout: Duration::from_millis(100),
        ..short_limits()
    });
    let urls = [
        format!("http://{address}/"),
        format!("https://{}/", plain.address),
    ];
    urls.iter()
        .for_each(|url| hooks.open(url).send(event(MachineEvent::Human)));
    assert_eq!(hooks.settled(), [0, 2, 0]);
}

/// Writes the server's certificate to the file that the child process trusts.
#[test]
fn a_trusted_certificate_is_valid_for_its_own_names_only_and_100_events_need_one_handshake() {
    let path = std::env::temp_dir().join(format!("earwig-trust-{}.pem", std::process::id()));
    let names = ["localhost".into(), "127.0.0.1".into()];
    let certified = generate_simple_self_signed(names).unwrap();
    std::fs::write(&path, certified.cert.pem()).unwrap();
    let (address, requests, handshakes) = server(&certified);
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "tls::in_a_process_that_trusts"])
        .env("SSL_CERT_FILE", &path)
        .env_remove("SSL_CERT_DIR")
        .env("EARWIG_TEST_PORT", address.port().to_string())
        .output()
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{output}"
    );
    let events: Vec<String> = requests.try_iter().map(|r| r.event()).collect();
    assert_eq!(events, [&EVENTS.repeat(20)[..], &["HUMAN"]].concat());
    // One for the 100 events to the name, one for the event to the address.
    assert_eq!(handshakes.load(Ordering::SeqCst), 2);
}

#[test]
#[ignore = "the test above runs it"]
fn in_a_process_that_trusts() {
    let port = std::env::var("EARWIG_TEST_PORT").unwrap();
    let hooks = Hooks::new(short_limits());
    for call in 1..=20 {
        send_call(&hooks.open(&format!("https://localhost:{port}/")));
        assert_eq!(hooks.settled(), [5 * call, 0, 0]);
    }
    let by_address = hooks.open(&format!("https://127.0.0.1:{port}/"));
    by_address.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [101, 0, 0]);
    // The same server by an address that its certificate does not name.
    let other = hooks.open(&format!("https://127.0.0.2:{port}/"));
    other.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [101, 1, 0]);
}
