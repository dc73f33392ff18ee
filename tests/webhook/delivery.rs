//! Callbacks that a server accepts.

use super::hooks::{CALL, EVENTS, Hooks, event, send_call, short_limits};
use super::server::{Server, ok};
use base64::Engine;
use earwig::engine::webhook::{CallIds, WebhookEvent};
use earwig_core::types::MachineEvent;
use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[test]
fn every_event_is_received_in_order() {
    let server = Server::new(|number, stream| {
        // The first answers are slow, and the events behind them must wait.
        std::thread::sleep(Duration::from_millis(
            50u64.saturating_sub(number as u64 * 20),
        ));
        ok(stream);
    });
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/detect-events"));
    send_call(&post);
    assert_eq!(hooks.settled(), [5, 0, 0]);
    assert_eq!(server.events(), EVENTS);
}

#[test]
fn a_callback_is_a_post_of_the_contracts_json() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let ids = CallIds {
        call_id: "call".into(),
        node_id: "node".into(),
        segment_id: "segment".into(),
        project_id: "project".into(),
        space_id: "space".into(),
        control_id: "control".into(),
        event_channel: "swml:channel".into(),
    };
    let post = hooks.open_as(&server.url("/a/b?key=%20&c"), "", ids);
    post.send(WebhookEvent {
        event: MachineEvent::Machine,
        beep: true,
        fax: false,
        at: UNIX_EPOCH + Duration::from_micros(1_745_332_535_668_522),
    });
    let request = server.next();
    assert!(
        request.head.starts_with("POST /a/b?key=%20&c HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        request.header("user-agent"),
        Some(concat!("earwig/", env!("CARGO_PKG_VERSION")))
    );
    assert_eq!(
        request.header("host"),
        Some(server.address.to_string().as_str())
    );
    assert_eq!(request.header("x-earwig-signature"), None);
    assert_eq!(
        request.body,
        concat!(
            r#"{"event_type":"calling.call.detect","event_channel":"swml:channel","timestamp":1745332535.668522,"#,
            r#""project_id":"project","space_id":"space","params":{"control_id":"control","#,
            r#""detect":{"type":"machine","params":{"event":"MACHINE","beep":true}},"#,
            r#""call_id":"call","node_id":"node","segment_id":"segment"}}"#
        )
    );
    assert_eq!(hooks.settled(), [1, 0, 0]);
}

#[test]
fn events_without_a_callback_are_not_posted() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    for kind in MachineEvent::ALL {
        post.send(event(*kind));
    }
    assert_eq!(hooks.settled(), [8, 0, 0]);
    assert_eq!(
        server.events().join(" "),
        "HUMAN MACHINE READY NOT_READY UNKNOWN CED CNG finished"
    );
}

#[test]
fn all_callbacks_of_a_job_have_its_control_id() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&server.url("/"));
    send_call(&post);
    for _ in CALL {
        let json: serde_json::Value = serde_json::from_str(&server.next().body).unwrap();
        assert_eq!(json["params"]["control_id"], post.control_id());
    }
}

#[test]
fn a_name_is_resolved_and_sent_in_lower_case() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open(&format!("http://LocalHost:{}/", server.address.port()));
    post.send(event(MachineEvent::Human));
    let host = format!("localhost:{}", server.address.port());
    assert_eq!(server.next().header("host"), Some(host.as_str()));
    assert_eq!(hooks.settled(), [1, 0, 0]);
}

#[test]
fn any_2xx_is_success_and_an_interim_response_is_skipped() {
    let server = Server::new(|_, stream| {
        let _ =
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    });
    let hooks = Hooks::new(short_limits());
    hooks
        .open(&server.url("/"))
        .send(event(MachineEvent::Human));
    assert_eq!(hooks.settled(), [1, 0, 0]);
}

/// HMAC-SHA256 by openssl; `key` is its option for the key.
fn openssl(key: [&str; 2], format: &str, signed: &str) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-mac", "HMAC", "-macopt"])
        .args([&key.join(":"), format])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = openssl.stdin.take().unwrap();
    stdin.write_all(signed.as_bytes()).unwrap();
    drop(stdin);
    openssl.wait_with_output().unwrap().stdout
}

#[test]
fn the_headers_are_those_of_standard_webhooks() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    // The bytes of this secret are 24 that are no text.
    let secrets = [
        ("", None),
        ("not a word", Some(["key", "not a word"])),
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            Some(["hexkey", "31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0"]),
        ),
    ];
    let mut ids = Vec::new();
    for (secret, key) in secrets {
        let post = hooks.open_as(&server.url("/"), secret, CallIds::default());
        post.send(event(MachineEvent::Human));
        let request = server.next();
        let [id, time] =
            ["webhook-id", "webhook-timestamp"].map(|name| request.header(name).unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        assert!(now.as_secs() - time.parse::<u64>().unwrap() <= 5);
        assert_eq!(id.len(), 36);
        ids.push(id.to_owned());
        let expected = key.map(|key| {
            let signed = format!("{id}.{time}.{}", request.body);
            openssl(key, "-binary", &signed)
        });
        let received = request.header("webhook-signature").map(|signature| {
            let base64 = signature.strip_prefix("v1,").unwrap();
            base64::engine::general_purpose::STANDARD
                .decode(base64)
                .unwrap()
        });
        assert_eq!(received, expected, "{secret}");
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn the_signature_equals_that_of_openssl() {
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let post = hooks.open_as(&server.url("/"), "not a word", CallIds::default());
    post.send(event(MachineEvent::Human));
    let request = server.next();
    let signature = request.header("x-earwig-signature").unwrap();
    let (time, hex) = signature.split_once(",v1=").unwrap();
    let time: u64 = time.strip_prefix("t=").unwrap().parse().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(now.as_secs() - time <= 5);
    let signed = format!("{time}.{}", request.body);
    let output = openssl(["key", "not a word"], "-hex", &signed);
    let output = String::from_utf8(output).unwrap();
    assert_eq!(output.trim().rsplit(' ').next(), Some(hex));
}

#[test]
fn a_thousand_calls_have_all_their_events_in_order_on_one_thread() {
    const CALLS: usize = 1000;
    let server = Server::accepting();
    let hooks = Hooks::new(short_limits());
    let posts: Vec<_> = (0..CALLS).map(|_| hooks.open(&server.url("/"))).collect();
    for kind in CALL {
        for post in &posts {
            post.send(event(kind));
        }
    }
    let mut events: HashMap<String, Vec<String>> = HashMap::new();
    for _ in 0..CALLS * CALL.len() {
        let request = server.next();
        let json: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        let id = json["params"]["control_id"].as_str().unwrap().to_owned();
        events.entry(id).or_default().push(request.event());
    }
    assert_eq!(events.len(), CALLS);
    assert!(events.values().all(|e| e == &EVENTS));
    assert_eq!(hooks.settled(), [(CALLS * CALL.len()) as u64, 0, 0]);
}
