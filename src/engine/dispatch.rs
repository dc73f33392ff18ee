//! The dispatcher: the thread that runs the hosts' callbacks, so that a slow callback does not delay detection.
#![forbid(unsafe_code)]

use super::channel::{EngineLink, in_callback};
use super::shared::EngineShared;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Events of one channel that are delivered before the next channel is served.
const TURN: usize = 16;

/// Runs until the engine ends.
pub fn run(shared: &Arc<EngineShared>) {
    while let Some(channel) = shared.next_dispatch() {
        let mut delivered = 0;
        while let Some((callback, event)) = channel.next_for_callback() {
            let call = AssertUnwindSafe(|| in_callback(|| callback(&channel, &event)));
            if catch_unwind(call).is_err() {
                log::error!("{}: a callback panicked", channel.name());
            }
            drop(callback);
            channel.unpin();
            delivered += 1;
            if delivered == TURN {
                shared.dispatch(channel);
                break;
            }
        }
    }
}
