//! Locks and threads, as all parts of an engine use them.
#![forbid(unsafe_code)]

use earwig_core::types::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks; a panic while the lock was held does not poison it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The engine, as a part that runs threads of its own sees it.
pub trait Threads: Send + Sync {
    /// Starts a thread that the engine's shutdown waits for.
    fn spawn(&self, name: &str, run: Box<dyn FnOnce() + Send>) -> Result<(), Error>;

    /// Whether the engine's last handle is gone.
    fn is_closing(&self) -> bool;

    /// Whether its last channel is gone as well: a thread that has nothing left to do ends.
    fn is_over(&self) -> bool;
}
