//! Decisions: facts, time, stop and hang-up in, causes out. Nothing here knows a thread, a file or a clock.
#![forbid(unsafe_code)]

pub mod collect;
pub mod digits;
pub mod machine;
pub mod options;
pub mod record;
