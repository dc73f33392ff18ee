//! `webhook_allow`: the addresses to which events may be posted.

use super::hooks::{Hooks, event, short_limits};
use super::server::Server;
use earwig::engine::webhook::{Allow, CallIds, Limits, check_url};
use earwig::engine::{ChannelOptions, Engine, EngineOptions};
use earwig_core::job::machine::{MachineOptions, Secret};
use earwig_core::types::{MachineEvent, Status};
use std::time::{Duration, Instant};

fn hooks(policy: &str) -> Hooks {
    Hooks::new(Limits {
        allow: Allow::parse(policy).unwrap(),
        retry_delays: vec![Duration::from_secs(5); 2],
        ..short_limits()
    })
}

#[test]
fn a_name_that_leads_to_a_refused_address_fails_once_without_a_connection() {
    let server = Server::accepting();
    let hooks = hooks("public,private");
    let begun = Instant::now();
    for _ in 0..3 {
        let post = hooks.open(&format!("http://localhost:{}/", server.address.port()));
        post.send(event(MachineEvent::Human));
    }
    assert_eq!(hooks.settled(), [0, 3, 0]);
    // No attempt follows: the first delay is 5 s.
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_name_that_leads_to_an_allowed_network_is_posted_to() {
    let server = Server::accepting();
    let hooks = hooks("127.0.0.0/8");
    let post = hooks.open(&format!("http://localhost:{}/", server.address.port()));
    post.send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [1, 0, 0]);
}

#[test]
fn a_url_with_a_refused_address_is_an_error_at_the_start() {
    let engine = Engine::with_options(EngineOptions {
        workers: 1,
        webhook_allow: Allow::parse("public,10.0.0.0/8").unwrap(),
    })
    .unwrap();
    let channel = engine.channel(ChannelOptions::default()).unwrap();
    channel.answer().unwrap();
    for (url, why) in [
        ("http://127.0.0.1:1/", "127.0.0.1 is loopback"),
        ("http://192.168.1.1/", "192.168.1.1 is private"),
        ("http://[::ffff:169.254.169.254]/", "is link-local"),
        ("http://[::]/", "is unspecified"),
    ] {
        let refused = channel.machine_start(MachineOptions {
            status_url: url.into(),
            ..MachineOptions::default()
        });
        let refused = refused.unwrap_err();
        assert_eq!(refused.status, Status::ErrInvalid);
        assert!(
            refused
                .text
                .starts_with("status_url is refused: the address "),
            "{}",
            refused.text
        );
        assert!(refused.text.contains(why), "{}", refused.text);
    }
    channel.drop_handle();
    engine.shutdown(Some(Duration::from_secs(3))).unwrap();
}

#[test]
fn link_local_addresses_are_refused_by_default() {
    let webhooks = earwig::engine::webhook::Webhooks::new();
    let url = check_url("http://169.254.169.254/latest/meta-data/").unwrap();
    let refused = webhooks.open(
        |_| panic!("no thread"),
        url,
        Secret::default(),
        CallIds::default(),
    );
    assert_eq!(
        refused.unwrap_err().text,
        "status_url is refused: the address 169.254.169.254 is link-local, and webhook_allow is public,private,loopback"
    );
}
