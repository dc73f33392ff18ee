//! The events of a detection, from the audio of a call to the server.

use super::server::{Server, ok};
use earwig::engine::{Channel, ChannelOptions, Engine};
use earwig_core::job::machine::{MachineOptions, Secret};
use earwig_core::types::{Status, Stream};
use std::sync::Arc;
use std::time::Duration;

/// An answered channel whose media time is its only clock.
fn call(engine: &Engine) -> Arc<Channel> {
    let channel_options = ChannelOptions {
        stall_ms: 0,
        ring_ms: 10_000,
        ..ChannelOptions::default()
    };
    let channel = engine.channel(channel_options).unwrap();
    channel.answer().unwrap();
    channel
}

fn options(url: String) -> MachineOptions {
    MachineOptions {
        status_url: url,
        ..MachineOptions::default()
    }
}

#[test]
fn a_silent_call_posts_unknown_and_finished() {
    let server = Server::accepting();
    let engine = Engine::new(1).unwrap();
    let channel = call(&engine);
    channel.set_id("call_id", "a call").unwrap();
    channel.machine_start(options(server.url("/"))).unwrap();
    channel.write(Stream::Rx, &[0; 8000 * 5]).unwrap();
    for event in ["UNKNOWN", "finished"] {
        let request = server.next();
        assert_eq!(request.event(), event);
        assert!(request.body.contains(r#""call_id":"a call""#));
    }
    channel.drop_handle();
    engine.shutdown(Some(Duration::from_secs(3))).unwrap();
}

#[test]
fn shutdown_waits_for_the_events_of_a_hangup() {
    let server = Server::new(|_, stream| {
        std::thread::sleep(Duration::from_millis(200));
        ok(stream);
    });
    let engine = Engine::new(1).unwrap();
    for _ in 0..20 {
        let channel = call(&engine);
        channel.machine_start(options(server.url("/"))).unwrap();
        channel.hangup().unwrap();
        channel.drop_handle();
    }
    engine.shutdown(Some(Duration::from_secs(3))).unwrap();
    let events = server.events();
    assert_eq!(events.iter().filter(|e| *e == "finished").count(), 20);
    let posts = engine.stats().posts;
    assert_eq!((posts.sent as usize, posts.waiting), (events.len(), 0));
}

#[test]
fn a_detection_of_the_next_call_leaves_the_last_ones_events() {
    let server = Server::accepting();
    let engine = Engine::new(1).unwrap();
    let channel = call(&engine);
    for _ in 0..20 {
        channel.machine_start(options(server.url("/"))).unwrap();
        channel.hangup().unwrap();
        channel.answer().unwrap();
    }
    channel.drop_handle();
    engine.shutdown(Some(Duration::from_secs(10))).unwrap();
    let events = server.events();
    assert_eq!(events.iter().filter(|e| *e == "finished").count(), 20);
}

#[test]
fn a_refused_url_refuses_the_detection() {
    let engine = Engine::new(1).unwrap();
    let channel = call(&engine);
    let refused = channel.machine_start(options("ftp://example.com/".into()));
    let refused = refused.unwrap_err();
    assert_eq!(refused.status, Status::ErrInvalid);
    assert_eq!(
        refused.text,
        "status_url must begin with http:// or https://"
    );
    channel.drop_handle();
}

#[test]
fn a_secret_that_is_no_base64_refuses_the_detection() {
    let engine = Engine::new(1).unwrap();
    let channel = call(&engine);
    let refused = channel.machine_start(MachineOptions {
        status_secret: Secret::new("whsec_no base64"),
        ..options("http://127.0.0.1:1/".into())
    });
    let refused = refused.unwrap_err();
    assert_eq!(refused.status, Status::ErrInvalid);
    assert_eq!(
        refused.text,
        "status_secret begins with whsec_: base64 must follow"
    );
    channel.drop_handle();
}
