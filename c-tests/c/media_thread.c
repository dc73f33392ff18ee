/* Checks that the functions of a media thread (write, write_gap, hangup, ref, unref) allocate nothing and make no system call.
 *
 * malloc and its family are replaced by functions that abort while a flag of the thread is set; a thread in seccomp's strict
 * mode is killed at its first system call but read, write and exit. Controls show that both work. The program is built three
 * times: with the shared library, with the static one, and loading the shared one as a PBX does (EARWIG_DLOPEN names it),
 * because thread-local variables are then created at their first use. */
#define _GNU_SOURCE
#include "test.h"
#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the allocator ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *old);

static __thread volatile int on_media_thread;
static unsigned long allocations;

static void on_allocation(void)
{
    static const char text[] = "an allocation on the media thread\n";
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
    if (on_media_thread) {
        ssize_t written = write(2, text, sizeof text - 1);
        (void)written;
        abort();
    }
}

void *malloc(size_t size)
{
    on_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    on_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    on_allocation();
    return __libc_realloc(old, size);
}

void free(void *old)
{
    on_allocation();
    __libc_free(old);
}

void *memalign(size_t alignment, size_t size)
{
    on_allocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

/* ---- the library, linked or loaded ---- */

#ifdef EARWIG_DLOPEN
static void *library(void)
{
    static void *handle;
    if (!handle && !(handle = dlopen(EARWIG_DLOPEN, RTLD_NOW | RTLD_LOCAL))) {
        printf("%s\n", dlerror());
        exit(1);
    }
    return handle;
}
/* C defines no cast from an object pointer to a function pointer; POSIX does. */
#define LOAD_AS(type, name, parameters, call)                                                                                  \
    type name parameters                                                                                                       \
    {                                                                                                                          \
        static type(*function) parameters;                                                                                     \
        if (!function)                                                                                                         \
            *(void **)&function = dlsym(library(), #name);                                                                     \
        call;                                                                                                                  \
    }
#define LOAD(type, name, parameters, arguments) LOAD_AS(type, name, parameters, return function arguments)
LOAD(uint64_t, earwig_live_handles, (void), ())
LOAD(earwig_status, earwig_engine_options_init, (earwig_engine_options * o), (o))
LOAD(earwig_status, earwig_engine_create, (const earwig_engine_options *o, earwig_engine **out), (o, out))
LOAD_AS(void, earwig_engine_unref, (earwig_engine * e), function(e))
LOAD(earwig_status, earwig_engine_shutdown, (earwig_engine * e, int64_t t), (e, t))
LOAD(earwig_status, earwig_channel_options_init, (earwig_channel_options * o), (o))
LOAD(earwig_status, earwig_channel_create, (earwig_engine * e, const earwig_channel_options *o, earwig_channel **out),
     (e, o, out))
LOAD(earwig_channel *, earwig_channel_ref, (earwig_channel * c), (c))
LOAD_AS(void, earwig_channel_unref, (earwig_channel * c), function(c))
LOAD(earwig_status, earwig_channel_answer, (earwig_channel * c), (c))
LOAD(earwig_status, earwig_channel_hangup, (earwig_channel * c), (c))
LOAD(earwig_status, earwig_channel_write, (earwig_channel * c, int32_t s, const int16_t *p, size_t n), (c, s, p, n))
LOAD(earwig_status, earwig_channel_write_gap, (earwig_channel * c, int32_t s, size_t n), (c, s, n))
LOAD(earwig_status, earwig_channel_flush, (earwig_channel * c, int64_t t), (c, t))
LOAD(earwig_status, earwig_dtmf_options_init, (earwig_dtmf_options * o), (o))
LOAD(earwig_status, earwig_dtmf_result_init, (earwig_dtmf_result * r), (r))
LOAD(earwig_status, earwig_dtmf_start, (earwig_channel * c, const earwig_dtmf_options *o), (c, o))
LOAD(earwig_status, earwig_dtmf_wait, (earwig_channel * c, int64_t t, earwig_dtmf_result *r), (c, t, r))
LOAD(earwig_status, earwig_recorder_options_init, (earwig_recorder_options * o), (o))
LOAD(earwig_status, earwig_recorder_result_init, (earwig_recorder_result * r), (r))
LOAD(earwig_status, earwig_recorder_start, (earwig_channel * c, const char *f, const earwig_recorder_options *o), (c, f, o))
LOAD(earwig_status, earwig_recorder_stop, (earwig_channel * c, int64_t t), (c, t))
LOAD(earwig_status, earwig_recorder_get_result, (earwig_channel * c, earwig_recorder_result *r), (c, r))
LOAD(earwig_status, earwig_dtmf_get_digits, (earwig_channel * c, char *text, size_t n), (c, text, n))

/* Resolves the media thread's functions beforehand: the loader may allocate. */
static void find_media_calls(void)
{
    (void)earwig_channel_write(NULL, 0, NULL, 0);
    (void)earwig_channel_write_gap(NULL, 0, 0);
    (void)earwig_channel_hangup(NULL);
    earwig_channel_unref(earwig_channel_ref(NULL));
}
#else
static void find_media_calls(void)
{
}
#endif

/* ---- controls: forbidden calls are noticed ---- */

static int dies_by(void (*what)(void))
{
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        /* Discards its message and its core. */
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(2);
        what();
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void *volatile sink;

static void allocate(void)
{
    on_media_thread = 1;
    sink = malloc(16);
}

static void give_free(void)
{
    void *volatile memory = malloc(16);
    on_media_thread = 1;
    free(memory);
}

static void nothing(void)
{
    on_media_thread = 1;
}

TEST(control_an_allocation_on_the_media_thread_aborts)
{
    CHECK_INT(dies_by(allocate), SIGABRT);
    CHECK_INT(dies_by(give_free), SIGABRT);
    CHECK_INT(dies_by(nothing), 0);
}

TEST(control_the_librarys_own_allocations_are_seen)
{
    unsigned long before = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
    struct call call = call_answered();
    CHECK(__atomic_load_n(&allocations, __ATOMIC_RELAXED) > before);
    call_close(&call);
}

/* ---- a media thread ---- */

struct media {
    earwig_channel *channel;
    int strict;    /* in seccomp's strict mode */
    int forbidden; /* and makes a system call that it must not */
    int hangup;
    int done;
    int wrong;
    int16_t audio[6 * 1280];
};

static void work(struct media *media)
{
    earwig_channel *channel = media->channel;
    const int16_t *audio = media->audio;
    size_t at, count = sizeof media->audio / sizeof *media->audio;

    on_media_thread = 1;
    for (at = 0; at < count; at += 160) {
        media->wrong += earwig_channel_write(channel, EARWIG_STREAM_RX, audio + at, 160) != EARWIG_OK;
        media->wrong += earwig_channel_write(channel, EARWIG_STREAM_TX, audio + at, 160) != EARWIG_OK;
    }
    media->wrong += earwig_channel_write_gap(channel, EARWIG_STREAM_RX, 160) != EARWIG_OK;
    /* Calls that fail do not allocate either. */
    media->wrong += earwig_channel_write(channel, 7, audio, 160) != EARWIG_ERR_INVALID;
    media->wrong += earwig_channel_write(channel, EARWIG_STREAM_RX, NULL, 160) != EARWIG_ERR_NULL;
    media->wrong += earwig_channel_write(channel, EARWIG_STREAM_RX, audio, SIZE_MAX) != EARWIG_ERR_INVALID;
    media->wrong += earwig_channel_write(NULL, EARWIG_STREAM_RX, audio, 160) != EARWIG_ERR_NULL;
    media->wrong += earwig_channel_write_gap(channel, EARWIG_STREAM_RX, SIZE_MAX) != EARWIG_ERR_INVALID;
    for (at = 0; at < 20; at++) {
        earwig_status status = earwig_channel_write(channel, EARWIG_STREAM_TX, audio, count);
        media->wrong += status != EARWIG_OK && status != EARWIG_ERR_OVERRUN;
    }
    for (at = 0; at < 300; at++)
        media->wrong += earwig_channel_write_gap(channel, EARWIG_STREAM_TX, 1) != EARWIG_OK;
    if (media->hangup) {
        media->wrong += earwig_channel_hangup(channel) != EARWIG_OK;
        media->wrong += earwig_channel_hangup(channel) != EARWIG_ERR_HANGUP;
        media->wrong += earwig_channel_write(channel, EARWIG_STREAM_RX, audio, 160) != EARWIG_ERR_HANGUP;
    }
    earwig_channel_unref(earwig_channel_ref(channel));
    earwig_channel_unref(channel);
    on_media_thread = 0;
}

static void *run(void *user)
{
    struct media *media = user;
    if (media->strict && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) {
        media->wrong = 1000;
        return NULL;
    }
    if (media->forbidden)
        syscall(SYS_getpid);
    else
        work(media);
    __atomic_store_n(&media->done, 1, __ATOMIC_RELEASE);
    if (media->strict)
        /* pthread_exit makes calls that strict mode forbids. */
        syscall(SYS_exit, 0);
    return NULL;
}

static void run_to_end(struct media *media)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, run, media), 0);
    CHECK_INT(pthread_join(thread, NULL), 0);
}

TEST(control_a_system_call_in_strict_mode_ends_the_thread)
{
    struct media media;
    memset(&media, 0, sizeof media);
    media.strict = media.forbidden = 1;
    run_to_end(&media);
    if (media.wrong)
        printf("this kernel has no seccomp: system calls cannot be proved absent here\n");
    CHECK_INT(media.wrong, 0);
    CHECK_INT(media.done, 0);
}

/* Calls with a running collection and a recording of both streams, as in a PBX. */
static void media_thread(int strict, int hangup)
{
    struct call call = call_answered();
    static struct media media;
    earwig_dtmf_options options;
    earwig_dtmf_result result;
    earwig_recorder_options record;
    earwig_recorder_result recording;
    char folder[] = "/tmp/earwig-media-XXXXXX", file[64];
    long long until = now_ms() + LONG_MS;
    int i;

    find_media_calls();
    memset(&media, 0, sizeof media);
    media.channel = earwig_channel_ref(call.channel);
    media.strict = strict;
    media.hangup = hangup;
    for (i = 0; i < 6; i++)
        tone("159D#0"[i], media.audio + i * 1280, 640);
    OK(earwig_dtmf_options_init(&options));
    OK(earwig_dtmf_result_init(&result));
    options.count = 32;
    options.predigits_timeout_ms = EARWIG_FOREVER;
    options.interdigit_timeout_ms = hangup ? EARWIG_FOREVER : 20;
    OK(earwig_dtmf_start(call.channel, &options));
    CHECK(mkdtemp(folder) != NULL);
    snprintf(file, sizeof file, "%s/a.wav", folder);
    OK(earwig_recorder_options_init(&record));
    OK(earwig_recorder_result_init(&recording));
    record.source = EARWIG_RECORDER_SOURCE_BOTH;
    record.squelch_dtmf = 1;
    OK(earwig_recorder_start(call.channel, file, &record));
    run_to_end(&media);
    CHECK_INT(media.done, 1);
    CHECK_INT(media.wrong, 0);
    /* The calls had their effect. */
    if (hangup) {
        OK(earwig_dtmf_wait(call.channel, LONG_MS, &result));
        CHECK_INT(result.cause, EARWIG_DTMF_CAUSE_HANGUP);
        CHECK_TEXT(result.digits, "159D#0");
    } else {
        OK(earwig_recorder_stop(call.channel, LONG_MS));
    }
    while (earwig_recorder_get_result(call.channel, &recording) == EARWIG_ERR_AGAIN && now_ms() < until)
        sleep_ms(1);
    CHECK_INT(recording.cause, hangup ? EARWIG_RECORDER_CAUSE_HANGUP : EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK(recording.duration_ms >= 6 * 160 + 20);
    CHECK_INT(unlink(file), 0);
    CHECK_INT(rmdir(folder), 0);
    call_close(&call);
}

TEST(media_calls_allocate_nothing)
{
    media_thread(0, 0);
    media_thread(0, 1);
}

TEST(media_calls_make_no_system_call)
{
    media_thread(1, 0);
    media_thread(1, 1);
}

#ifdef EARWIG_DLOPEN
TEST(the_library_stays_loaded_while_its_threads_end)
{
    struct call call = call_answered();
    int16_t samples[640];
    void *still;

    tone('1', samples, 640);
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 640));
    earwig_channel_unref(call.channel);
    earwig_engine_unref(call.engine);
    /* A host that unloads at once: the code of the worker must stay. */
    CHECK_INT(dlclose(library()), 0);
    sleep_ms(100);
    still = dlopen(EARWIG_DLOPEN, RTLD_NOW | RTLD_NOLOAD);
    CHECK(still != NULL);
}
#endif
