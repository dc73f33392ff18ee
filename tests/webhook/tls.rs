//! HTTPS. The system's trust is not changed: a process of its own is given another by `SSL_CERT_FILE`.

use super::hooks::{EVENTS, Hooks, event, quick, tell_call};
use super::server::{Request, ok};
use earwig::engine::webhook::Limits;
use earwig_core::types::MachineEvent;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A server that takes everything and shows this certificate.
fn server(certified: &CertifiedKey<rcgen::KeyPair>) -> (SocketAddr, Receiver<Request>) {
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
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let tls = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(tls, stream.unwrap());
            if let Some(request) = Request::read(&mut stream) {
                ok(&mut stream);
                stream.conn.send_close_notify();
                let _ = stream.conn.complete_io(&mut stream.sock);
                let _ = sender.send(request);
            }
        }
    });
    (address, requests)
}

#[test]
fn a_certificate_that_the_system_does_not_trust_is_refused() {
    let certified = generate_simple_self_signed(["localhost".into()]).unwrap();
    let (address, requests) = server(&certified);
    let hooks = Hooks::new(quick());
    let post = hooks.open(&format!("https://localhost:{}/", address.port()));
    post.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [0, 1, 0]);
    assert!(requests.try_recv().is_err(), "nothing was sent");
}

#[test]
fn http_on_a_port_of_https_fails_and_the_other_way_round() {
    let certified = generate_simple_self_signed(["localhost".into()]).unwrap();
    let (address, _requests) = server(&certified);
    let plain = super::server::Server::taking();
    // The plain server waits for the rest of what it takes for a head.
    let hooks = Hooks::new(Limits {
        connect: Duration::from_millis(100),
        ..quick()
    });
    let urls = [
        format!("http://{address}/"),
        format!("https://{}/", plain.address),
    ];
    urls.iter()
        .for_each(|url| hooks.open(url).send(event(MachineEvent::Human)));
    assert_eq!(hooks.settled(), [0, 2, 0]);
}

/// The certificate of the one process is written to the file that the other trusts.
#[test]
fn a_certificate_that_the_system_trusts_is_taken_for_its_own_names_alone() {
    let path = std::env::temp_dir().join(format!("earwig-trust-{}.pem", std::process::id()));
    let names = ["localhost".into(), "127.0.0.1".into()];
    let certified = generate_simple_self_signed(names).unwrap();
    std::fs::write(&path, certified.cert.pem()).unwrap();
    let (address, requests) = server(&certified);
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "tls::in_a_process_that_trusts"])
        .env("SSL_CERT_FILE", &path)
        .env_remove("SSL_CERT_DIR")
        .env("EARWIG_TEST_PORT", address.port().to_string())
        .output()
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
    let events: Vec<String> = requests.try_iter().map(|r| r.event()).collect();
    assert_eq!(events, [&EVENTS[..], &["HUMAN"]].concat());
}

#[test]
#[ignore = "a_certificate_that_the_system_trusts_is_taken_for_its_own_names_alone runs it"]
fn in_a_process_that_trusts() {
    let port = std::env::var("EARWIG_TEST_PORT").unwrap();
    let hooks = Hooks::new(quick());
    let post = hooks.open(&format!("https://localhost:{port}/"));
    tell_call(&post);
    assert_eq!(hooks.settled(), [5, 0, 0]);
    let by_address = hooks.open(&format!("https://127.0.0.1:{port}/"));
    by_address.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [6, 0, 0]);
    // The same server by a name that is not in its certificate.
    let other = hooks.open(&format!("https://127.0.0.2:{port}/"));
    other.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [6, 1, 0]);
}
