/* What ThreadSanitizer must know of Rust's standard library, which is shipped without its instrumentation. The fast paths of a
 * lock are inlined into the library and seen; the slow ones are not, and each report would be a false one. Here every slow path
 * is wrapped (ld --wrap) and says what it does: it takes the lock, or it gives it back and takes it again. scripts/tsan.sh finds
 * the symbols, whose names change with the compiler, and fails if one is missing. */
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define REAL(symbol) __asm__("__real_" symbol)
#define WRAP(symbol) __asm__("__wrap_" symbol)

/* std::sys::sync::mutex::futex::Mutex::lock_contended(&self) */
void real_mutex_lock(void *mutex) REAL(MUTEX_LOCK);
void wrap_mutex_lock(void *mutex) WRAP(MUTEX_LOCK);
void wrap_mutex_lock(void *mutex)
{
    real_mutex_lock(mutex);
    __tsan_acquire(mutex);
}

/* std::sys::sync::condvar::futex::Condvar::wait(&self, &Mutex) */
void real_wait(void *condvar, void *mutex) REAL(CONDVAR_WAIT);
void wrap_wait(void *condvar, void *mutex) WRAP(CONDVAR_WAIT);
void wrap_wait(void *condvar, void *mutex)
{
    __tsan_release(mutex);
    real_wait(condvar, mutex);
    __tsan_acquire(mutex);
}

/* std::sys::sync::condvar::futex::Condvar::wait_timeout(&self, &Mutex, Duration) -> bool */
bool real_wait_timeout(void *condvar, void *mutex, uint64_t seconds, uint32_t nanoseconds) REAL(CONDVAR_WAIT_TIMEOUT);
bool wrap_wait_timeout(void *condvar, void *mutex, uint64_t seconds, uint32_t nanoseconds) WRAP(CONDVAR_WAIT_TIMEOUT);
bool wrap_wait_timeout(void *condvar, void *mutex, uint64_t seconds, uint32_t nanoseconds)
{
    bool in_time;
    __tsan_release(mutex);
    in_time = real_wait_timeout(condvar, mutex, seconds, nanoseconds);
    __tsan_acquire(mutex);
    return in_time;
}

/* std::sys::sync::rwlock::futex::RwLock::read_contended(&self), write_contended(&self) */
void real_read(void *lock) REAL(RWLOCK_READ);
void wrap_read(void *lock) WRAP(RWLOCK_READ);
void wrap_read(void *lock)
{
    real_read(lock);
    __tsan_acquire(lock);
}

void real_write(void *lock) REAL(RWLOCK_WRITE);
void wrap_write(void *lock) WRAP(RWLOCK_WRITE);
void wrap_write(void *lock)
{
    real_write(lock);
    __tsan_acquire(lock);
}

/* std::sys::sync::once::futex::Once::call(&self, bool, &mut dyn FnMut(&OnceState), ...) */
void real_once(void *once, bool ignore_poison, void *function, void *table, void *caller) REAL(ONCE_CALL);
void wrap_once(void *once, bool ignore_poison, void *function, void *table, void *caller) WRAP(ONCE_CALL);
void wrap_once(void *once, bool ignore_poison, void *function, void *table, void *caller)
{
    real_once(once, ignore_poison, function, table, caller);
    __tsan_acquire(once);
    __tsan_release(once);
}

/* The last owner of an Arc takes all that the others did by a fence, which the sanitizer does not understand. It takes what was
 * released at the counter that the thread has just counted down, as the fence does. */
static __thread void *counted;

uint64_t real_fetch_sub(void *address, uint64_t value, int order) REAL("__tsan_atomic64_fetch_sub");
uint64_t wrap_fetch_sub(void *address, uint64_t value, int order) WRAP("__tsan_atomic64_fetch_sub");
uint64_t wrap_fetch_sub(void *address, uint64_t value, int order)
{
    counted = address;
    return real_fetch_sub(address, value, order);
}

void real_fence(int order) REAL("__tsan_atomic_thread_fence");
void wrap_fence(int order) WRAP("__tsan_atomic_thread_fence");
void wrap_fence(int order)
{
    real_fence(order);
    if (counted)
        __tsan_acquire(counted);
}
