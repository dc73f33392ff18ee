/* Preloaded into a process that records: calls on files below EARWIG_SHIM_FOLDER wait while the file EARWIG_SHIM_CONTROL begins with
 * 's', and fail with EIO while it begins with 'e'. Rust's standard library makes these calls; syncfs and fallocate are not among them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int below(const char *path)
{
    const char *folder = getenv("EARWIG_SHIM_FOLDER");

    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

/* The word in the control file, or 0. System calls, because the functions below replace those of the C library. */
static char control(void)
{
    const char *path = getenv("EARWIG_SHIM_CONTROL");
    char word = 0;
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;

    if (fd >= 0) {
        if (syscall(SYS_read, fd, &word, 1) != 1)
            word = 0;
        syscall(SYS_close, fd);
    }
    return word;
}

/* Whether the call must fail. Waits as long as calls stall. */
static int broken(const char *path)
{
    char word;

    if (!below(path))
        return 0;
    while ((word = control()) == 's')
        usleep(5000);
    if (word == 'e')
        errno = EIO;
    return word == 'e';
}

static int broken_fd(int fd)
{
    char link[64], path[4096];
    ssize_t length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return broken(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t count)
{
    return broken_fd(fd) ? -1 : NEXT(write)(fd, data, count);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at)
{
    return broken_fd(fd) ? -1 : NEXT(pwrite64)(fd, data, count, at);
}

int fdatasync(int fd)
{
    return broken_fd(fd) ? -1 : NEXT(fdatasync)(fd);
}

int fsync(int fd)
{
    return broken_fd(fd) ? -1 : NEXT(fsync)(fd);
}

int ftruncate64(int fd, off64_t length)
{
    return broken_fd(fd) ? -1 : NEXT(ftruncate64)(fd, length);
}

int rename(const char *from, const char *to)
{
    return broken(to) ? -1 : NEXT(rename)(from, to);
}

int unlink(const char *path)
{
    return broken(path) ? -1 : NEXT(unlink)(path);
}

int open64(const char *path, int flags, ...)
{
    __builtin_va_list arguments;
    int mode;

    __builtin_va_start(arguments, flags);
    mode = __builtin_va_arg(arguments, int);
    __builtin_va_end(arguments);
    return broken(path) ? -1 : NEXT(open64)(path, flags, mode);
}
