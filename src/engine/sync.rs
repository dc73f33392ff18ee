//! Locks and threads of all parts of an engine.
#![forbid(unsafe_code)]

use earwig_core::types::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex, whether or not a thread panicked while it held the lock.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The part of an engine that owns its threads.
pub trait Threads: Send + Sync {
    /// Starts a thread that the engine's shutdown waits for.
    fn spawn(&self, name: &str, run: Box<dyn FnOnce() + Send>) -> Result<(), Error>;

    /// Whether the engine's last handle is gone.
    fn is_closing(&self) -> bool;

    /// Whether the last channel is gone as well: an idle thread ends.
    fn is_over(&self) -> bool;
}
