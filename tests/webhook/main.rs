//! Status callbacks, sent to servers on this machine.
#![cfg(feature = "webhook")]

mod allow;
mod crowd;
mod delivery;
mod end;
mod engine;
mod faults;
mod hooks;
mod isolation;
mod keep_alive;
mod server;
mod signal;
mod tls;
