//! Recordings on disk: the `.part` file while it is recorded, its completion, its recovery after a crash.
#![forbid(unsafe_code)]

mod encrypted_file;
pub mod partial_file;
mod paths;
pub mod recovery;
mod writer;

pub use writer::{FAULT, Finish, Spool, Storage};
