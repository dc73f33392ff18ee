//! The thread that runs the hosts' callbacks, so that a slow one delays no detection.
#![forbid(unsafe_code)]

use super::channel::in_callback;
use super::core::Core;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Events of one channel that are told before the next channel has its turn.
const TURN: usize = 16;

/// Runs until the engine ends.
pub fn run(core: &Arc<Core>) {
    while let Some(channel) = core.next_dispatch() {
        let mut told = 0;
        while let Some((callback, event)) = channel.next_for_callback() {
            let call = AssertUnwindSafe(|| in_callback(|| callback(&channel, &event)));
            if catch_unwind(call).is_err() {
                log::error!("{}: a callback panicked", channel.name());
            }
            drop(callback);
            channel.unpin();
            told += 1;
            if told == TURN {
                core.dispatch(channel);
                break;
            }
        }
    }
}
