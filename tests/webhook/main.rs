//! Status callbacks, received by a server.
#![cfg(feature = "webhook")]

mod delivery;
mod end;
mod engine;
mod faults;
mod hooks;
mod isolation;
mod server;
mod signal;
mod tls;
