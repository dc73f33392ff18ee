/* A disk whose syncs take as long as a test says. */
#define _GNU_SOURCE
#include "recorder.h"
#include <sys/syscall.h>
#include <unistd.h>

static int sync_takes_ms;
static int syncs;

/* The library calls this instead of the C library's function. */
int fdatasync(int fd)
{
    int ms = __atomic_load_n(&sync_takes_ms, __ATOMIC_RELAXED);
    __atomic_fetch_add(&syncs, 1, __ATOMIC_RELAXED);
    if (ms)
        sleep_ms(ms);
    return (int)syscall(SYS_fdatasync, fd);
}

void slow_disk(int ms)
{
    __atomic_store_n(&sync_takes_ms, ms, __ATOMIC_RELAXED);
}

int disk_syncs(void)
{
    return __atomic_load_n(&syncs, __ATOMIC_RELAXED);
}
