/* A disk whose writes and syncs take as long as a test says. */
#define _GNU_SOURCE
#include "recorder.h"
#include <sys/syscall.h>
#include <unistd.h>

static int call_takes_ms;
static int calls;

static void disk(void)
{
    int ms = __atomic_load_n(&call_takes_ms, __ATOMIC_RELAXED);
    __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
    if (ms)
        sleep_ms(ms);
}

/* The library calls these instead of the C library's functions. */

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    disk();
    return syscall(SYS_pwrite64, fd, bytes, count, at);
}

int fdatasync(int fd)
{
    disk();
    return (int)syscall(SYS_fdatasync, fd);
}

void slow_disk(int ms)
{
    __atomic_store_n(&call_takes_ms, ms, __ATOMIC_RELAXED);
}

int disk_calls(void)
{
    return __atomic_load_n(&calls, __ATOMIC_RELAXED);
}
