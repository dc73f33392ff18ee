//! SIGPIPE, with its default action as in a C host that does not ignore it.

use super::hooks::{Hooks, event, short_limits};
use super::server::respond;
use earwig_core::types::MachineEvent;
use std::net::TcpListener;
use std::process::Command;

/// The address of a server that answers before a request and closes at once: the client's first write causes a reset, and the next one
/// raises SIGPIPE.
fn closing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            respond(&mut stream.unwrap(), "what is this?");
        }
    });
    address.to_string()
}

#[test]
fn a_broken_connection_does_not_end_the_host() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "signal::in_a_process_that_sigpipe_ends",
        ])
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{}: {output}",
        child.status
    );
}

#[test]
#[ignore = "a_broken_connection_does_not_end_the_host runs it"]
fn in_a_process_that_sigpipe_ends() {
    // SAFETY: this sets no handler, only the default action.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let address = closing();
    let hooks = Hooks::new(short_limits());
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}/");
        for _ in 0..300 {
            hooks.open(&url).send(event(MachineEvent::Human));
        }
    }
    assert_eq!(hooks.settled(), [0, 600, 0]);
}
