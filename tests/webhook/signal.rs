//! A host in C that has left SIGPIPE as it is.

use super::hooks::{Hooks, event, quick};
use super::server::say;
use earwig_core::types::MachineEvent;
use std::net::TcpListener;
use std::process::Command;

/// A server that says something and closes at once: what the client says first is answered by a reset, and what it says then
/// raises SIGPIPE.
fn closing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            say(&mut stream.unwrap(), "what is this?");
        }
    });
    address.to_string()
}

#[test]
fn a_connection_that_breaks_does_not_end_the_host() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "signal::in_a_process_that_sigpipe_ends",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{}: {said}",
        child.status
    );
}

#[test]
#[ignore = "a_connection_that_breaks_does_not_end_the_host runs it"]
fn in_a_process_that_sigpipe_ends() {
    // SAFETY: no handler is set, only the signal's own action.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let address = closing();
    let hooks = Hooks::new(quick());
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}/");
        for _ in 0..300 {
            hooks.open(&url).send(event(MachineEvent::Human));
        }
    }
    assert_eq!(hooks.settled(), [0, 600, 0]);
}
