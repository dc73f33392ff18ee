//! Status callbacks, sent to servers on this machine.
#![cfg(feature = "webhook")]

mod allow;
mod delivery;
mod end;
mod engine;
mod faults;
mod hooks;
mod isolation;
mod server;
mod signal;
mod tls;
