//! Locks and threads of all parts of an engine.
#![forbid(unsafe_code)]

use earwig_core::types::Error;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

/// Locks a mutex, whether or not a thread panicked while it held the lock.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tries of [`lock_soon`].
const LOCK_TRIES: u32 = 100;

/// Locks a mutex like [`lock`], but does not wait for a thread that was preempted while it held the lock: `None`.
pub fn lock_soon<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    for _ in 0..LOCK_TRIES {
        match mutex.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
    None
}

/// Waits for a notification, at most until `until`; `None` is no limit. Returns the lock, as `Err` if the time was up before.
/// A notification may be spurious.
pub fn wait_until<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    until: Option<Instant>,
) -> Result<MutexGuard<'a, T>, MutexGuard<'a, T>> {
    let Some(until) = until else {
        let guard = condvar.wait(guard);
        return Ok(guard.unwrap_or_else(PoisonError::into_inner));
    };
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(guard);
    }
    let waited = condvar.wait_timeout(guard, left);
    Ok(waited.unwrap_or_else(PoisonError::into_inner).0)
}

/// Waits until `woken` holds, at most until `until`. Returns the lock.
pub fn wait_while<'a, T>(
    condvar: &Condvar,
    mut guard: MutexGuard<'a, T>,
    until: Option<Instant>,
    woken: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    while !woken(&guard) {
        match wait_until(condvar, guard, until) {
            Ok(notified) => guard = notified,
            Err(timed_out) => return timed_out,
        }
    }
    guard
}

/// The part of an engine that owns its threads.
pub trait Threads: Send + Sync {
    /// Starts a thread that the engine's shutdown waits for.
    fn spawn(&self, name: &str, run: Box<dyn FnOnce() + Send>) -> Result<(), Error>;

    /// Whether the engine's last handle is gone.
    fn is_closing(&self) -> bool;

    /// Whether the last channel is freed as well: an idle thread ends.
    fn is_over(&self) -> bool;
}
