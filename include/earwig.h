/* earwig: call intelligence for PBXs. This header is the manual of the C API. It is generated: do not edit it.
 *
 * A media thread of the host copies the audio of a call into a channel. The worker threads of an engine process all
 * channels every 10 ms and answer with events, causes and results.
 *
 * A channel runs up to three jobs at once, one of each kind: `dtmf` collects digits, `recorder` writes a WAV file,
 * `machine` finds out who answered. Each kind has the same functions: `_start`, `_wait`, `_get_result`, `_stop`, and
 * one that starts a job and waits for its end (`earwig_dtmf_collect`, `earwig_recorder_record`,
 * `earwig_machine_detect`).
 *
 * ---- The life of an engine and a channel ----
 *
 *     // Reads a PIN of four digits in one call. `feed` stands for the host's media thread: for each frame from the
 *     // far party it calls earwig_channel_write(channel, EARWIG_STREAM_RX, samples, count).
 *     static earwig_status read_pin(void (*feed)(earwig_channel *channel), earwig_dtmf_result *pin)
 *     {
 *         earwig_engine *engine = NULL;
 *         earwig_channel *channel = NULL;
 *         earwig_dtmf_options options;
 *         earwig_status status = earwig_engine_create(NULL, &engine); // once, when the host starts
 *
 *         earwig_dtmf_options_init(&options);
 *         options.count = 4;
 *         options.predigits_timeout_ms = 10000;
 *         earwig_dtmf_result_init(pin);
 *         if (status == EARWIG_OK && (status = earwig_channel_create(engine, NULL, &channel)) == EARWIG_OK) {
 *             earwig_channel_answer(channel); // the call begins
 *             if ((status = earwig_dtmf_start(channel, &options)) == EARWIG_OK) {
 *                 feed(channel);
 *                 status = earwig_dtmf_wait(channel, EARWIG_FOREVER, pin); // pin->cause and pin->digits
 *             }
 *             earwig_channel_hangup(channel); // the call ends
 *             earwig_channel_unref(channel);
 *         }
 *         earwig_engine_shutdown(engine, EARWIG_FOREVER); // once, when the host ends
 *         earwig_engine_unref(engine);
 *         return status;
 *     }
 *
 * ---- Threads ----
 *
 * The heading `Threads` of each function names one of these:
 *
 * - "Media thread", "Any thread, a media thread included": the function does not allocate, take a lock that can block,
 *   make a system call or log.
 * - "Control thread": any thread but a media thread; several threads at once are fine.
 *
 * "Blocks": the function waits for workers, and so must not be called on the thread that writes the channel's audio.
 * Callbacks run on a thread of the library and must return soon. In a callback a function that blocks returns
 * `EARWIG_ERR_DEADLOCK`.
 *
 * ---- Ownership ----
 *
 * Handles are reference counted. `_create` and `_ref` give one reference; `_unref` gives one back; `_unref(NULL)` does
 * nothing. The library does not notice a second `_unref` of one reference, or a use after the last: both are
 * undefined.
 *
 * A caller must hold a reference when a call begins. A function that blocks holds the channel or engine until it
 * returns: another thread may give the last reference back meanwhile. A function that waits on a channel then returns
 * `EARWIG_ERR_HANGUP`, unless it has its result. A thread that may begin a call after that needs a reference of its
 * own.
 *
 * Structs and texts that the host passes are read or copied during the call; the library keeps none of their
 * addresses. Texts that a function returns are static. A child process must not use handles made before the fork.
 *
 * ---- Errors ----
 *
 * A function that can fail returns an `earwig_status`: `EARWIG_OK` or a negative value. A call that returns a negative
 * status has had no effect. Exceptions: after `EARWIG_ERR_OVERRUN` the samples that fit are written; after
 * `EARWIG_ERR_TIMEOUT` a requested stop, flush or shutdown still takes place. `earwig_channel_get_error` has the text
 * of the last error.
 *
 * Every function may return `EARWIG_ERR_PANIC`: a fault inside the library, which is logged. Out of memory aborts the
 * process: an allocation that fails is not an error of the call. Nothing else aborts it. The library prints nothing and
 * installs no signal handler.
 *
 * A status is not a cause. A cause says how a job ended; a job that a hang-up ended is a success with cause HANGUP.
 *
 * ---- Structs ----
 *
 * Structs begin with `struct_size`. Their `_init` function sets it and the defaults. Later versions add fields at the
 * end: the library extends a shorter struct by zeros, and refuses a longer one that does not end in zeros with
 * `EARWIG_ERR_SIZE`. Flags are 0 or 1.
 *
 * ---- Times and sizes ----
 *
 * Names end in their unit: `_ms`, `_hz`, `_bytes`, `_db`, `_dbm0`. Times within a call are media time: RX samples and
 * gaps since the channel was created, and wall-clock time while no audio arrives (`stall_ms`). Special values:
 *
 * - Timeouts (parameter `timeout_ms`, fields `..._timeout_ms`, `machine_voice_threshold_ms`, `listen_on_ms`): 0 is no
 *   time at all; `EARWIG_FOREVER` (-1) is no limit; `EARWIG_DEFAULT` (-2) is the default, in fields that name it.
 * - Limits that can be off (`max_bytes`, `max_silence_ms`, `initial_silence_ms`, `stall_ms`): 0 is off.
 * - Numbers with a default (`workers`, `rx_rate_hz`, `tx_rate_hz`, `ring_ms`, `event_capacity`, `count`,
 *   `silence_dbm0`, `file_mode`): 0 is the default.
 * - Results and events: -1 is an absent time, and a flag that is not known yet.
 *
 * All other negative values are refused with `EARWIG_ERR_INVALID`.
 */

#ifndef EARWIG_H
#define EARWIG_H

#include <stddef.h>
#include <stdint.h>

/* Stands before every function. With -fvisibility=hidden a host still takes them from the shared library. Define it before
 * the include to override it. */
#if !defined(EARWIG_API)
#if defined(__GNUC__)
#define EARWIG_API __attribute__((visibility("default")))
#else
#define EARWIG_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* =====================================================================================================================
 * Constants and statuses
 * =====================================================================================================================
 *
 * Values of times, the size of a digit buffer, and the status that functions return. The overview says what the
 * values of times mean.
 */

/** No limit: for times in milliseconds that a function waits, or that an option sets as a timeout. */
#define EARWIG_FOREVER -1

/** The default of the function that reads the options: for the option fields that name it. */
#define EARWIG_DEFAULT -2

/** Capacity of the digit buffer, and the maximum number of digits in a result. */
#define EARWIG_DIGITS_MAX 32

/** Return code of a function: 0, or the reason for which it had no effect. */
typedef int32_t earwig_status;
enum {
    /** The function did what it is for. */
    EARWIG_OK = 0,
    /** A required pointer is NULL. */
    EARWIG_ERR_NULL = -1,
    /** A value is out of range or malformed, a text is not UTF-8, or a character is no DTMF digit. */
    EARWIG_ERR_INVALID = -2,
    /**
     * `struct_size` is no size that this library knows, a longer struct does not end in zeros, or a buffer is too
     * small.
     */
    EARWIG_ERR_SIZE = -3,
    /** The call is not answered, or its state does not allow this. */
    EARWIG_ERR_STATE = -4,
    /** The call is IDLE: it has not begun, or has hung up. */
    EARWIG_ERR_HANGUP = -5,
    /** Another thread writes to the stream, a job of this kind runs, or the engine has channels. */
    EARWIG_ERR_BUSY = -6,
    /** The ring was full: the samples that fit are written, the rest is dropped and counted as a gap. */
    EARWIG_ERR_OVERRUN = -7,
    /** A blocking function was called from a callback. */
    EARWIG_ERR_DEADLOCK = -8,
    /** The time of a wait ran out. The job that was waited for goes on. */
    EARWIG_ERR_TIMEOUT = -9,
    /** There is nothing to return yet: no event, no result, or the job still runs. */
    EARWIG_ERR_AGAIN = -10,
    /** The event queue has no room for the ending of another job: read events first. */
    EARWIG_ERR_FULL = -11,
    /** A fault inside the library was caught. Other channels are not affected. */
    EARWIG_ERR_PANIC = -12,
    /** The operating system refused a thread or a file descriptor. */
    EARWIG_ERR_SYSTEM = -13,
    /** A file exists already, or cannot be created, read or written. */
    EARWIG_ERR_FILE = -14,
};

/**
 * Returns the English text of a status.
 *
 * Parameters:
 * - `status`: an `earwig_status`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL. For a value that is no status: "unknown status".
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_status_str(int32_t status);

/* =====================================================================================================================
 * Version and log
 * =====================================================================================================================
 *
 * A host compares the version of the loaded library with that of this header once, and may give the library a log
 * function.
 *
 * Example (examples/manual/log.c):
 *
 *     static void on_log(void *user, int32_t level, const char *target, const char *message)
 *     {
 *         fprintf(user, "%d %s: %s\n", (int)level, target, message);
 *     }
 *
 *     // Has errors and warnings written to `file`. Returns 0, or -1 if this host was built for another version of the
 *     // library.
 *     static int check_library(FILE *file)
 *     {
 *         if (earwig_abi_version() != EARWIG_ABI_VERSION)
 *             return -1;
 *         return earwig_log_set(on_log, file, 2) == EARWIG_OK ? 0 : -1;
 *     }
 */

/**
 * Version of the C API that this header describes. It changes when a host built with the previous version could
 * fail.
 */
#define EARWIG_ABI_VERSION 1

/**
 * Log function of the host.
 *
 * - `user`: the pointer given to `earwig_log_set`.
 * - `level`: 1 error, 2 warning, 3 info, 4 debug, 5 trace.
 * - `target`, `message`: UTF-8, one line: control characters are escaped, as in `\n`. Valid until the function returns.
 *
 * The library calls it on its own threads and inside control functions, from several threads at once, never on a
 * media thread or a worker. Workers queue up to 256 lines for a thread that calls it; further lines are dropped, and
 * their number is logged. A function that blocks therefore delays no audio. `earwig_engine_shutdown` returns after
 * the last line. It must not call `earwig_log_set` or a function of the library that blocks.
 */
typedef void (*earwig_log_fn)(void *user, int32_t level, const char *target, const char *message);

/**
 * Returns the version of the C API of the loaded library.
 *
 * A host compares it with `EARWIG_ABI_VERSION` once, after loading the library, and stops if they differ.
 *
 * Parameters:
 * None.
 *
 * Returns:
 * The version. It never fails.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API uint32_t earwig_abi_version(void);

/**
 * Returns the version of the library, such as "0.1.0".
 *
 * Parameters:
 * None.
 *
 * Returns:
 * Static text, never NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_version(void);

/**
 * Counts the engines and channels of this process whose memory is not freed yet. For leak checks: it becomes 0 a
 * moment after the last reference is given back, when the library's threads have freed everything.
 *
 * Parameters:
 * None.
 *
 * Returns:
 * The number of engines and channels. It never fails.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API uint64_t earwig_live_handles(void);

/**
 * Replaces the log function of the process. Without one, the library logs nothing.
 *
 * When it returns, the previous function is not running and is not called again.
 *
 * Parameters:
 * - `function`: the new log function; NULL for none.
 * - `user`: passed to `function`; may be NULL.
 * - `max_level`: highest level to log: 0 (off), 1 (error) to 5 (trace).
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: `max_level` is not 0 to 5.
 * - `EARWIG_ERR_STATE`: a Rust host has set a logger of its own.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback, or from the log function.
 *
 * Threads:
 * Control thread. Blocks until the previous log function has returned. Not from a callback.
 */
EARWIG_API earwig_status earwig_log_set(earwig_log_fn function, void *user, int32_t max_level);

/* =====================================================================================================================
 * Engine
 * =====================================================================================================================
 *
 * An engine owns the worker threads. A host creates one when it starts, and shuts it down before it unloads its own
 * code.
 *
 * Example (examples/manual/engine.c):
 *
 *     static earwig_engine *engine;
 *
 *     // When the host starts. Returns 0, or -1 without an engine.
 *     static int host_start(int32_t workers)
 *     {
 *         earwig_engine_options options;
 *
 *         earwig_engine_options_init(&options);
 *         options.workers = workers;
 *         return earwig_engine_create(&options, &engine) == EARWIG_OK ? 0 : -1;
 *     }
 *
 *     // When the host ends, after the last channel's last earwig_channel_unref. Then no thread of the library runs
 *     // any more.
 *     static earwig_status host_end(void)
 *     {
 *         earwig_status status = earwig_engine_shutdown(engine, EARWIG_FOREVER);
 *
 *         earwig_engine_unref(engine);
 *         engine = NULL;
 *         return status;
 *     }
 */

/** A pool of worker threads and the channels that they process. One for each host is enough. Reference counted. */
typedef struct earwig_engine earwig_engine;

/** Options of an engine. `earwig_engine_options_init` sets the defaults. */
typedef struct earwig_engine_options {
    /** Size of this struct in bytes; set by `earwig_engine_options_init`. */
    size_t struct_size;
    /** Worker threads, 1 to 64. 0 (default): one for each processor, at most 4. */
    int32_t workers;
    /**
     * Addresses to which events may be posted, checked after the name of a `status_url` was resolved: a comma-separated list of
     * "public", "private", "loopback", "link-local", "all" and networks such as "10.1.0.0/16". NULL (default):
     * "public,private,loopback". The host owns the text, which `earwig_engine_create` copies.
     */
    const char *webhook_allow;
} earwig_engine_options;

/** Counters of an engine, since it was created. */
typedef struct earwig_engine_stats {
    /** Size of this struct in bytes; set by `earwig_engine_stats_init`. */
    size_t struct_size;
    /** Worker threads. */
    int32_t workers;
    /** Channels with at least one reference. */
    int32_t channels;
    /** Samples of RX that were processed, gaps included, at the rates of the channels. */
    uint64_t samples;
    /** Writes that found a ring full, on channels that are freed. `earwig_channel_stats` has those of live channels. */
    uint64_t overruns;
    /** Events that were posted to a `status_url` and accepted by its server (2xx). */
    uint64_t posts_sent;
    /** Events that were given up: refused by the server, or without an answer in three attempts. */
    uint64_t posts_failed;
    /** Events that found their queue full, or were not sent yet when the engine ended. */
    uint64_t posts_dropped;
} earwig_engine_stats;

/**
 * Sets all options to their defaults, and `struct_size`.
 *
 * Parameters:
 * - `options`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `options` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_engine_options_init(earwig_engine_options *options);

/**
 * Sets all counters to 0, and `struct_size`.
 *
 * Parameters:
 * - `stats`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `stats` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_engine_stats_init(earwig_engine_stats *stats);

/**
 * Starts an engine. Its threads run until the last reference to it and to each of its channels is given back.
 *
 * Parameters:
 * - `options`: the options; NULL for the defaults.
 * - `out`: receives the engine with one reference; release it with `earwig_engine_unref`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `out` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 * - `EARWIG_ERR_INVALID`: `workers` is out of range, or `webhook_allow` has a word that is no scope and no network. The log has
 *   the reason.
 * - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_engine_create(const earwig_engine_options *options, earwig_engine **out);

/**
 * Takes one more reference to an engine.
 *
 * Parameters:
 * - `engine`: the engine; NULL is allowed.
 *
 * Returns:
 * `engine`.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_engine *earwig_engine_ref(earwig_engine *engine);

/**
 * Gives one reference back. After the last one, the engine's threads end as soon as its last channel is freed.
 *
 * A host that may unload its code calls `earwig_engine_shutdown` first.
 *
 * Parameters:
 * - `engine`: the engine; NULL does nothing. The caller must hold the reference that it gives back: a second `unref`
 *   of one reference is undefined.
 *
 * Returns:
 * Nothing.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API void earwig_engine_unref(earwig_engine *engine);

/**
 * Ends an engine and waits until its threads have ended: none of the host's functions is called any more.
 *
 * The caller keeps its reference. A second shutdown has no effect. After it no channel can be created.
 *
 * Parameters:
 * - `engine`: the engine. All references to its channels must have been given back.
 * - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
 *
 * Returns:
 * - `EARWIG_OK`: all threads have ended.
 * - `EARWIG_ERR_BUSY`: a channel has references. The engine goes on.
 * - `EARWIG_ERR_TIMEOUT`: the engine ends later; a disk, a function of the host, or a function that blocks on a channel
 *   has not come to an end.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `engine` is NULL.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_engine_shutdown(earwig_engine *engine, int64_t timeout_ms);

/**
 * Reads the counters of an engine.
 *
 * Parameters:
 * - `engine`: the engine.
 * - `stats`: receives the counters; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `engine` or `stats` is NULL.
 * - `EARWIG_ERR_SIZE`: `stats->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_engine_get_stats(earwig_engine *engine, earwig_engine_stats *stats);

/* =====================================================================================================================
 * Channel
 * =====================================================================================================================
 *
 * A channel is one call, or one call after another: each `earwig_channel_answer` after a hang-up begins a new call.
 * It has two streams of audio, RX (from the far party) and TX (to the far party), a digit buffer, up to three running
 * jobs and a queue of events.
 *
 * A call is IDLE, RINGING or ANSWERED. Audio is accepted while it is RINGING or ANSWERED. Jobs run while it is
 * ANSWERED, and with `early_media` while it is RINGING.
 *
 * Example (examples/manual/channel.c):
 *
 *     // When a call is answered. Returns NULL after an error.
 *     static earwig_channel *call_begin(earwig_engine *engine, const char *name)
 *     {
 *         earwig_channel_options options;
 *         earwig_channel *channel = NULL;
 *
 *         earwig_channel_options_init(&options);
 *         options.name = name;
 *         options.rx_rate_hz = 16000;
 *         if (earwig_channel_create(engine, &options, &channel) == EARWIG_OK)
 *             earwig_channel_answer(channel);
 *         return channel;
 *     }
 *
 *     // On the media thread, for each frame from the far party; NULL for a lost one.
 *     static void call_frame(earwig_channel *channel, const int16_t *samples, size_t count)
 *     {
 *         if (samples)
 *             earwig_channel_write(channel, EARWIG_STREAM_RX, samples, count);
 *         else
 *             earwig_channel_write_gap(channel, EARWIG_STREAM_RX, count);
 *     }
 *
 *     // When the call hangs up: its jobs end with cause HANGUP.
 *     static void call_end(earwig_channel *channel)
 *     {
 *         earwig_channel_hangup(channel);
 *         earwig_channel_unref(channel);
 *     }
 */

/** State of a call. */
typedef int32_t earwig_call_state;
enum {
    /** No call: before the first one, and after a hang-up. */
    EARWIG_CALL_STATE_IDLE = 0,
    /** The call rings; there may be early media. */
    EARWIG_CALL_STATE_RINGING = 1,
    /** The call is answered. */
    EARWIG_CALL_STATE_ANSWERED = 2,
};

/** Direction of a call's audio. */
typedef int32_t earwig_stream;
enum {
    /** Audio that the PBX receives from the far party. */
    EARWIG_STREAM_RX = 0,
    /** Audio that the PBX plays to the far party. */
    EARWIG_STREAM_TX = 1,
};

/** One call at a time: its audio, digit buffer, jobs and events. Reference counted. */
typedef struct earwig_channel earwig_channel;

/** Options of a channel. `earwig_channel_options_init` sets the defaults. */
typedef struct earwig_channel_options {
    /** Size of this struct in bytes; set by `earwig_channel_options_init`. */
    size_t struct_size;
    /** Label for log lines and `earwig_channel_to_json`, UTF-8; copied. NULL (default): none. */
    const char *name;
    /** Sample rate of RX: 8000, 16000, 32000 or 48000 Hz. 0: the default, 8000. */
    int32_t rx_rate_hz;
    /** Sample rate of TX: 8000, 16000, 32000 or 48000 Hz. 0: the default, 8000. */
    int32_t tx_rate_hz;
    /**
     * Capacity of each stream's ring: 100 to 10,000 ms of audio. 0: the default, 1000. A worker empties it every 10
     * ms.
     */
    int32_t ring_ms;
    /**
     * If no audio arrives on RX for this time, media time advances with the wall clock, so that no job outlives a
     * dead stream: 1 to 60,000 ms; 500 by default. 0: off; media time is samples and gaps alone, for hosts that read
     * audio from files.
     */
    int32_t stall_ms;
    /** Events that the queue holds: 8 to 4096. 0: the default, 64. */
    int32_t event_capacity;
    /** 1: jobs may run before the answer, while the call is RINGING. 0 (default): only while it is ANSWERED. */
    int32_t early_media;
} earwig_channel_options;

/** Counters of a channel, since it was created. */
typedef struct earwig_channel_stats {
    /** Size of this struct in bytes; set by `earwig_channel_stats_init`. */
    size_t struct_size;
    /** Media time, ms: RX that was processed, gaps included, and wall-clock time added during stalls. */
    int64_t media_ms;
    /** Samples written to RX, at its rate, without gaps. */
    uint64_t rx_samples;
    /** Samples written to TX, at its rate, without gaps. */
    uint64_t tx_samples;
    /** Samples of gaps in RX and TX, those of overruns included. */
    uint64_t gap_samples;
    /** Writes that found the ring full. */
    uint64_t overruns;
    /** Progress events that found the event queue full. Endings are never dropped. */
    uint64_t events_dropped;
    /** Digits that found the digit buffer full. */
    uint64_t digits_dropped;
} earwig_channel_stats;

/**
 * Sets all options to their defaults, and `struct_size`.
 *
 * Parameters:
 * - `options`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `options` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_options_init(earwig_channel_options *options);

/**
 * Sets all counters to 0, and `struct_size`.
 *
 * Parameters:
 * - `stats`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `stats` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_stats_init(earwig_channel_stats *stats);

/**
 * Creates a channel. Its call is IDLE: `earwig_channel_ringing` or `earwig_channel_answer` comes next.
 *
 * Parameters:
 * - `engine`: the engine that processes the channel.
 * - `options`: the options; NULL for the defaults.
 * - `out`: receives the channel with one reference; release it with `earwig_channel_unref`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `engine` or `out` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 * - `EARWIG_ERR_INVALID`: an option is out of range, or `name` is not UTF-8.
 * - `EARWIG_ERR_STATE`: the engine is shut down.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_create(earwig_engine *engine,
                                               const earwig_channel_options *options,
                                               earwig_channel **out);

/**
 * Takes one more reference to a channel. Each thread that may begin a call on the channel while another thread gives
 * its reference back needs one of its own.
 *
 * Parameters:
 * - `channel`: the channel; NULL is allowed.
 *
 * Returns:
 * `channel`.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_channel *earwig_channel_ref(earwig_channel *channel);

/**
 * Gives one reference back. After the last one a worker ends the running jobs without an event, finishes the file of
 * a recording with the audio written so far, and frees the channel; no callback starts any more.
 *
 * A function that blocks holds the channel until it returns, so the last reference may be given back meanwhile: the
 * function returns `EARWIG_ERR_HANGUP`, and then the channel is freed. After `earwig_channel_hangup`, functions that
 * wait for a collection or a detection still return its result.
 *
 * Parameters:
 * - `channel`: the channel; NULL does nothing. The caller must hold the reference that it gives back: a second
 *   `unref` of one reference is undefined, and so is any use of the channel after the last.
 *
 * Returns:
 * Nothing.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API void earwig_channel_unref(earwig_channel *channel);

/**
 * Sets the call to RINGING: it rings, or early media flows. No effect if it is RINGING.
 *
 * Parameters:
 * - `channel`: the channel; its call must be IDLE or RINGING.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_STATE`: the call is ANSWERED.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_ringing(earwig_channel *channel);

/**
 * Sets the call to ANSWERED and clears the digit buffer. No effect if it is ANSWERED.
 *
 * After a hang-up the next answer begins a new call: a channel can be used for one call after another.
 *
 * Parameters:
 * - `channel`: the channel.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_answer(earwig_channel *channel);

/**
 * Ends the call: its state becomes IDLE. Audio written before is processed; then all running jobs end with cause
 * HANGUP.
 *
 * Parameters:
 * - `channel`: the channel.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_hangup(earwig_channel *channel);

/**
 * Reads the state of the call.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `state`: receives an `earwig_call_state`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` or `state` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_get_state(earwig_channel *channel, int32_t *state);

/**
 * Copies samples into a stream. Media time advances by the samples of RX.
 *
 * Parameters:
 * - `channel`: the channel; its call must be RINGING or ANSWERED.
 * - `stream`: `EARWIG_STREAM_RX` or `EARWIG_STREAM_TX`. Digits and verdicts come from RX.
 * - `samples`: signed 16-bit samples, mono, native byte order, at the stream's rate. NULL is allowed if `count` is
 *   0.
 * - `count`: samples to write: any frame size, at most one hour.
 *
 * Returns:
 * - `EARWIG_OK`: all samples are written.
 * - `EARWIG_ERR_OVERRUN`: the ring is full. The samples that fit are written; the rest becomes a gap, so media time
 *   stays right.
 * - `EARWIG_ERR_BUSY`: another thread is writing to this stream. Nothing is written.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing is written.
 * - `EARWIG_ERR_INVALID`: `stream` is unknown, `count` is over one hour, or `samples` is at an odd address.
 * - `EARWIG_ERR_NULL`: `channel` is NULL, or `samples` is NULL and `count` is not 0.
 *
 * Threads:
 * Media thread: it does not allocate, block, log or make a system call. One thread at a time for each stream. May be
 * called from a callback.
 */
EARWIG_API earwig_status earwig_channel_write(earwig_channel *channel,
                                              int32_t stream,
                                              const int16_t *samples,
                                              size_t count);

/**
 * Adds a gap to a stream: samples that are missing because of a lost packet, comfort noise or silence suppression.
 * Media time advances by the gaps of RX.
 *
 * Parameters:
 * - `channel`: the channel; its call must be RINGING or ANSWERED.
 * - `stream`: `EARWIG_STREAM_RX` or `EARWIG_STREAM_TX`.
 * - `count`: missing samples at the stream's rate, at most one hour.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_BUSY`: another thread is writing to this stream. Nothing is added.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing is added.
 * - `EARWIG_ERR_INVALID`: `stream` is unknown, or `count` is over one hour.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Media thread: it does not allocate, block, log or make a system call. One thread at a time for each stream. May be
 * called from a callback.
 */
EARWIG_API earwig_status earwig_channel_write_gap(earwig_channel *channel, int32_t stream, size_t count);

/**
 * Waits until all audio written and all requests made before this call are processed, and the files of the recordings
 * that ended by then are complete. Their events are in the queue then, and jobs that ended have their results.
 *
 * A host that reads audio from files writes less than `ring_ms`, flushes, and goes on: no sample is lost, and no
 * time is spent waiting for a clock.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: processing, or the disk, goes on.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_channel_flush(earwig_channel *channel, int64_t timeout_ms);

/**
 * Copies the text of the last error that a control function returned for this channel. `EARWIG_ERR_AGAIN` is no
 * error here.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `text`: receives the text, UTF-8, NUL-terminated, cut to fit; "" if there was no error.
 * - `size`: bytes at `text`, at least 1; 256 are enough for most texts.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_SIZE`: `size` is 0.
 * - `EARWIG_ERR_NULL`: `channel` or `text` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_get_error(earwig_channel *channel, char *text, size_t size);

/**
 * Reads the counters of a channel.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `stats`: receives the counters; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` or `stats` is NULL.
 * - `EARWIG_ERR_SIZE`: `stats->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_get_stats(earwig_channel *channel, earwig_channel_stats *stats);

/**
 * Sets an id of the call for the events that detections post to their `status_url`. It applies to detections that
 * start after it.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `name`: `call_id`, `node_id`, `segment_id`, `project_id`, `space_id`, `control_id` or `event_channel`.
 * - `value`: UTF-8, up to 255 bytes, copied. Each id is "" until it is set. An empty `control_id` is replaced by a
 *   new UUID in each detection.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: `name` is unknown, or `value` is too long or not UTF-8.
 * - `EARWIG_ERR_NULL`: `channel`, `name` or `value` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_set_id(earwig_channel *channel, const char *name, const char *value);

/* =====================================================================================================================
 * Events
 * =====================================================================================================================
 *
 * A channel's events are queued in the order in which they became known. A host takes them by polling
 * (`earwig_channel_next_event`), by waiting (`earwig_channel_wait_event`), in an event loop
 * (`earwig_channel_get_event_fd`), or has them delivered to a function (`earwig_channel_set_callback`).
 *
 * Progress events (DIGIT, DIGIT_END, MACHINE, MACHINE_PROVISIONAL, MACHINE_BEEP) that find the queue full are dropped
 * and counted.
 * Endings (DTMF_ENDED, RECORDER_ENDED, MACHINE_ENDED) are never dropped: a job reserves the place of its ending when
 * it starts, and does not start when the queue is full of endings (`EARWIG_ERR_FULL`).
 *
 * An ending leaves the queue when it is taken as an event, delivered to the callback, or when its result is read:
 * `earwig_dtmf_collect`, `earwig_recorder_record`, `earwig_machine_detect`, `_wait` and `_get_result` take it out,
 * unless the channel has a callback. `_stop`, `_get_cause`, `_get_state`, `earwig_machine_get_progress` and
 * `earwig_channel_to_json` leave it in. A result can be read any number of times, until the next job of its kind
 * starts.
 *
 * Events lag the audio by 80 to 170 ms; endings by a timeout do not.
 *
 * Example (examples/manual/events.c):
 *
 *     // Waits until the collection that runs ends, and copies its digits. `on_digit` is called for each digit.
 *     // Returns the cause, or -1 if no event comes for 5 seconds.
 *     static int32_t wait_for_digits(earwig_channel *channel, void (*on_digit)(char), char digits[33])
 *     {
 *         earwig_event event;
 *
 *         earwig_event_init(&event);
 *         while (earwig_channel_wait_event(channel, 5000, &event) == EARWIG_OK) {
 *             if (event.type == EARWIG_EVENT_TYPE_DIGIT)
 *                 on_digit((char)event.digit);
 *             if (event.type == EARWIG_EVENT_TYPE_DTMF_ENDED) {
 *                 strcpy(digits, event.digits);
 *                 return event.cause;
 *             }
 *         }
 *         return -1;
 *     }
 */

/* Types of fields below. Their constants are in the sections of DTMF and Machine. */
typedef int32_t earwig_digit_source;
typedef int32_t earwig_machine_event;
typedef int32_t earwig_machine_verdict;
typedef int32_t earwig_machine_kind;

/** Kind of an event. */
typedef int32_t earwig_event_type;
enum {
    /** No event: a struct that was not filled in. */
    EARWIG_EVENT_TYPE_NONE = 0,
    /** Progress: a key press, as soon as it is certain; its tone may still last. */
    EARWIG_EVENT_TYPE_DIGIT = 1,
    /** Progress: the in-band tone of a key press ended; its end, levels and twist are known. */
    EARWIG_EVENT_TYPE_DIGIT_END = 2,
    /** Ending: a collection ended. Cause and digits. */
    EARWIG_EVENT_TYPE_DTMF_ENDED = 3,
    /** Ending: a recording ended and its file is complete. Cause, length, and whether it has audio. */
    EARWIG_EVENT_TYPE_RECORDER_ENDED = 4,
    /** Progress: a detection reports `machine_event`. */
    EARWIG_EVENT_TYPE_MACHINE = 5,
    /** Ending: a detection ended. Verdict and cause. */
    EARWIG_EVENT_TYPE_MACHINE_ENDED = 6,
    /** Progress: the verdict that a detection would give by now; it may still change. */
    EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL = 7,
    /** Progress: a beep after a detection ended at READY by silence. The message may have to begin again. */
    EARWIG_EVENT_TYPE_MACHINE_BEEP = 8,
};

/** One event. The fields of other event types are 0 or empty. */
typedef struct earwig_event {
    /** Size of this struct in bytes; set by `earwig_event_init`. */
    size_t struct_size;
    /** Kind of the event. */
    earwig_event_type type;
    /**
     * DTMF_ENDED: an `earwig_dtmf_cause`. RECORDER_ENDED: an `earwig_recorder_cause`. MACHINE_ENDED: an
     * `earwig_machine_cause`.
     */
    int32_t cause;
    /** Media time at which it became known, ms. Endings: media time at which the job ended. */
    int64_t at_ms;
    /** DIGIT, DIGIT_END: the digit, ASCII: one of `0123456789ABCD*#`. */
    int32_t digit;
    /** DIGIT: how the digit came. */
    earwig_digit_source source;
    /**
     * DIGIT, DIGIT_END: media time at which the press began, ms. MACHINE_BEEP: at which the beep began. Endings: at
     * which the job began.
     */
    int64_t start_ms;
    /**
     * DIGIT, DIGIT_END: media time at which the press ended, ms; -1 while it lasts. MACHINE_BEEP: at which the beep
     * ended.
     */
    int64_t end_ms;
    /** DIGIT_END: level of the row's tone (697 to 941 Hz), dBm0. */
    float low_dbm0;
    /** DIGIT_END: level of the column's tone (1209 to 1633 Hz), dBm0. */
    float high_dbm0;
    /** DIGIT_END: level of the row above that of the column, dB. */
    float twist_db;
    /** DIGIT: 1 if the digit is in the digit buffer; 0 if the buffer was full. */
    int32_t stored;
    /** DTMF_ENDED: the digits that the collection returned, NUL-terminated. */
    char digits[33];
    /** RECORDER_ENDED: 1 if the recording has audio, 0 if it is silence. */
    int32_t audio_detected;
    /** RECORDER_ENDED: length of the audio in the file, ms. */
    int64_t duration_ms;
    /** RECORDER_ENDED: bytes of audio in the file, without its header. */
    int64_t bytes;
    /** MACHINE: what the detection reports. MACHINE_ENDED: `EARWIG_MACHINE_EVENT_FINISHED`. */
    earwig_machine_event machine_event;
    /** MACHINE_ENDED: the verdict. MACHINE_PROVISIONAL: the verdict by now. */
    earwig_machine_verdict machine_verdict;
    /** MACHINE, MACHINE_ENDED, MACHINE_BEEP: 1 if a beep was detected. */
    int32_t beep;
    /**
     * MACHINE: frequency of the tone that it reports, Hz. MACHINE_ENDED, MACHINE_BEEP: frequency of the beep. 0
     * without a tone.
     */
    float hz;
    /** MACHINE, MACHINE_ENDED, MACHINE_PROVISIONAL: confidence of the verdict, 0 to 1. */
    float confidence;
    /**
     * MACHINE_ENDED: duration of the detection, ms, from the moment at which its timeouts began to count (`anchor`).
     */
    int64_t detect_ms;
    /** MACHINE_ENDED: media time of the first voice, ms; -1 if there was none. */
    int64_t onset_ms;
    /** MACHINE_ENDED: the cause with its numbers, such as "MAXWORDS-6-6"; NUL-terminated. */
    char cause_text[64];
    /** MACHINE, MACHINE_ENDED: what answered, as far as it is known. */
    earwig_machine_kind machine_kind;
    /** MACHINE, MACHINE_ENDED: probability of the kind by its rules, 0 to 1; 0 with NONE. */
    float kind_confidence;
} earwig_event;

/**
 * Event function of the host.
 *
 * - `user`: the pointer given to `earwig_channel_set_callback`.
 * - `channel`, `event`: valid until the function returns. A host that keeps the channel takes a reference.
 *
 * It runs on threads of the engine, one event at a time for each channel. Events of different channels may be
 * delivered at once, by up to 8 threads. It should return soon: while 8 callbacks of an engine stall at the same time,
 * its other channels' callbacks wait. Audio and detection never wait. Functions that block return
 * `EARWIG_ERR_DEADLOCK` in it.
 */
typedef void (*earwig_event_fn)(void *user, earwig_channel *channel, const earwig_event *event);

/**
 * Destructor for `user`. Called exactly once, after its last use, on a thread that runs callbacks or inside
 * `earwig_channel_set_callback`.
 */
typedef void (*earwig_drop_fn)(void *user);

/**
 * Sets an event to type NONE, and `struct_size`.
 *
 * Parameters:
 * - `event`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `event` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_event_init(earwig_event *event);

/**
 * Takes the oldest event out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `event`: receives the event; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_AGAIN`: the queue is empty.
 * - `EARWIG_ERR_NULL`: `channel` or `event` is NULL. No event is taken.
 * - `EARWIG_ERR_SIZE`: `event->struct_size` is unknown. No event is taken.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_next_event(earwig_channel *channel, earwig_event *event);

/**
 * Waits for an event and takes it out of the queue. A hang-up alone is no event: a thread that must notice it uses a
 * `timeout_ms`, or runs a job, whose ending is an event.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
 * - `event`: receives the event; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: no event came.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` or `event` is NULL. No event is taken.
 * - `EARWIG_ERR_SIZE`: `event->struct_size` is unknown. No event is taken.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_channel_wait_event(earwig_channel *channel, int64_t timeout_ms, earwig_event *event);

/**
 * Gets a file descriptor that is readable while events are in the queue, for `poll`, `select` or `epoll` (an
 * eventfd).
 *
 * The channel owns it: the host neither reads nor closes it. When it is readable, the host calls
 * `earwig_channel_next_event` until that returns `EARWIG_ERR_AGAIN`.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `fd`: receives the descriptor, the same one in each call; valid until the channel is freed.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_SYSTEM`: the process has no more descriptors.
 * - `EARWIG_ERR_NULL`: `channel` or `fd` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_get_event_fd(earwig_channel *channel, int *fd);

/**
 * Replaces the function that receives the channel's events. Events in the queue go to it at once. With a callback,
 * endings stay in the queue until the callback receives them, whether their results are read or not.
 *
 * The previous function may still be running on another thread when this returns; its `drop` is called after that.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `function`: the new function; NULL for none: events stay in the queue.
 * - `user`: passed to `function`; may be NULL.
 * - `drop`: destructor for `user`; NULL for none. It is called when the function is replaced or the channel is
 *   freed, and also if this call fails, unless `channel` is NULL.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
 * - `EARWIG_ERR_NULL`: `channel` is NULL. `drop` is not called.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_set_callback(earwig_channel *channel,
                                                     earwig_event_fn function,
                                                     void *user,
                                                     earwig_drop_fn drop);

/* =====================================================================================================================
 * DTMF
 * =====================================================================================================================
 *
 * Digits are detected on RX during the whole call and are kept in the digit buffer, which holds `EARWIG_DIGITS_MAX`.
 * A collection takes digits out of the buffer until a condition is met. Digits that come by signalling are added with
 * `earwig_dtmf_inject`.
 *
 * Example (examples/manual/dtmf.c):
 *
 *     // Asks for an account number that ends with #, on the call's control thread. Returns 0 and the number, or -1 if
 *     // the caller hangs up, takes too long, or enters none.
 *     static int ask_for_account(earwig_channel *channel, char account[EARWIG_DIGITS_MAX + 1])
 *     {
 *         earwig_dtmf_options options;
 *         earwig_dtmf_result result;
 *
 *         earwig_dtmf_options_init(&options);
 *         strcpy(options.end, "#");
 *         options.predigits_timeout_ms = 10000;
 *         options.interdigit_timeout_ms = 3000;
 *         earwig_dtmf_result_init(&result);
 *         if (earwig_dtmf_collect(channel, &options, &result) != EARWIG_OK)
 *             return -1; // earwig_channel_get_error has the text
 *         if (result.cause != EARWIG_DTMF_CAUSE_END)
 *             return -1;
 *         strcpy(account, result.digits);
 *         account[result.count - 1] = '\0';
 *         return result.count > 1 ? 0 : -1;
 *     }
 */

/** Why a collection ended. */
typedef int32_t earwig_dtmf_cause;
enum {
    /** It is in progress, none was started, it was stopped, or it returned at once without a condition met. */
    EARWIG_DTMF_CAUSE_NONE = 0,
    /** The call hung up. */
    EARWIG_DTMF_CAUSE_HANGUP = 1,
    /** The required number of digits has come. */
    EARWIG_DTMF_CAUSE_COUNT = 2,
    /** An end digit has come. */
    EARWIG_DTMF_CAUSE_END = 3,
    /** A timeout ran out while waiting for a digit. */
    EARWIG_DTMF_CAUSE_TIMEOUT = 4,
    /** A fault inside the library. */
    EARWIG_DTMF_CAUSE_ERROR = 5,
};

/** How a digit came. */
/* typedef int32_t earwig_digit_source; stands in the section Events. */
enum {
    /** As a tone in the audio. */
    EARWIG_DIGIT_SOURCE_INBAND = 0,
    /** By signalling: RFC 4733 or SIP INFO. */
    EARWIG_DIGIT_SOURCE_SIGNALLING = 1,
};

/** Options of a collection. With the defaults it returns the digits in the buffer at once. */
typedef struct earwig_dtmf_options {
    /** Size of this struct in bytes; set by `earwig_dtmf_options_init`. */
    size_t struct_size;
    /** 1: clear the digit buffer first. 0 (default): digits in the buffer count. */
    int32_t clear;
    /** Digits to collect: 1 to 32. 0 (default): 32, the capacity of the buffer. */
    int32_t count;
    /** Maximum wait for the first digit, ms. 0 (default): return at once. `EARWIG_FOREVER`: no limit. */
    int64_t predigits_timeout_ms;
    /**
     * Interdigit timeout, ms: maximum time from the press of one key to the press of the next; 5000 by default. 0:
     * return after the first digit. `EARWIG_FOREVER`: no limit.
     */
    int64_t interdigit_timeout_ms;
    /** Maximum duration of the collection, ms. 0: return at once. `EARWIG_FOREVER` (default): no limit. */
    int64_t timeout_ms;
    /** End digits, NUL-terminated, out of `0123456789ABCD*#`. "" (default): none. */
    char end[32];
} earwig_dtmf_options;

/** Result of a collection. */
typedef struct earwig_dtmf_result {
    /** Size of this struct in bytes; set by `earwig_dtmf_result_init`. */
    size_t struct_size;
    /** Why it ended. */
    earwig_dtmf_cause cause;
    /** Number of digits, 0 to 32. */
    int32_t count;
    /** The digits, NUL-terminated. They are no longer in the digit buffer. An end digit is the last of them. */
    char digits[33];
    /** Media time at which it began, ms. */
    int64_t started_ms;
    /** Media time at which it ended, ms; for a timeout, the moment at which that ran out. */
    int64_t ended_ms;
} earwig_dtmf_result;

/** Limits of the DTMF detector. `earwig_dtmf_limits_init` sets the defaults. */
typedef struct earwig_dtmf_limits {
    /** Size of this struct in bytes; set by `earwig_dtmf_limits_init`. */
    size_t struct_size;
    /**
     * Maximum normal twist, the row's level above the column's: 0 to 20 dB; 8 by default (AT&T). NTT has 5, ETSI 6,
     * Brazil 9, Australia 10.
     */
    float normal_twist_db;
    /** Maximum reverse twist, the column's level above the row's: 0 to 20 dB; 4 by default (AT&T). */
    float reverse_twist_db;
    /** Minimum level of each tone: -60 to 0 dBm0; -45 by default. */
    float min_level_dbm0;
    /** A tone of this length is always a digit: 30 to 500 ms; 40 by default (Q.24). A tone of half of it is none. */
    int32_t min_tone_ms;
    /** A pause of this length always divides two digits: 30 to 500 ms; 40 by default (Q.24). */
    int32_t min_pause_ms;
} earwig_dtmf_limits;

/**
 * Sets all options to their defaults, and `struct_size`.
 *
 * Parameters:
 * - `options`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `options` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_options_init(earwig_dtmf_options *options);

/**
 * Reads options from text into `options`. Options that the text does not name keep their values.
 *
 * Keys: `clear`, `count`, `end`, `seconds_predigits_timeout`, `seconds_interdigit_timeout`, `seconds_timeout`. Times
 * are in seconds, with fractions; `None`, `null` and `forever` mean no limit.
 *
 * Parameters:
 * - `text`: `count=5,seconds_interdigit_timeout=1,end=#`, or a JSON object such as `{"count":5,"end":"*#"}`. ""
 *   changes nothing. UTF-8, at most 64 KiB.
 * - `options`: the options to change; `earwig_dtmf_options_init` must have set them.
 * - `error`: receives the text of the error, NUL-terminated, cut to fit, "" without one; NULL if it is not wanted.
 * - `error_size`: bytes at `error`; 0 if it is not wanted.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: a key is unknown or a value is out of range. `options` is unchanged.
 * - `EARWIG_ERR_NULL`: `text` or `options` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_options_parse(const char *text,
                                                   earwig_dtmf_options *options,
                                                   char *error,
                                                   size_t error_size);

/**
 * Returns the name of a cause, such as "COUNT".
 *
 * Parameters:
 * - `cause`: an `earwig_dtmf_cause`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_dtmf_cause_str(int32_t cause);

/**
 * Sets a result to cause NONE without digits, and `struct_size`.
 *
 * Parameters:
 * - `result`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `result` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_result_init(earwig_dtmf_result *result);

/**
 * Collects digits and waits until the collection ends.
 *
 * A host that writes the audio on the same thread uses `earwig_dtmf_start`: this function would wait for its own
 * caller.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `options`: the options; NULL for the defaults.
 * - `result`: receives cause and digits; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`: the collection ended, for example with cause HANGUP.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_BUSY`: a collection runs.
 * - `EARWIG_ERR_FULL`: the event queue is full of endings.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `count` is not 0 to 32, `end` has a character that is no digit, or a timeout is below -1.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` or `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_collect(earwig_channel *channel,
                                             const earwig_dtmf_options *options,
                                             earwig_dtmf_result *result);

/**
 * Starts a collection and returns. Its ending is a DTMF_ENDED event.
 *
 * It begins at the place in the audio that is written when this is called.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `options`: the options; NULL for the defaults.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_BUSY`: a collection runs.
 * - `EARWIG_ERR_FULL`: the event queue is full of endings.
 * - `EARWIG_ERR_INVALID`: `count` is not 0 to 32, `end` has a character that is no digit, or a timeout is below -1.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_start(earwig_channel *channel, const earwig_dtmf_options *options);

/**
 * Waits until the running collection ends and reads its result. If none runs, it reads the last result at once.
 *
 * Takes the DTMF_ENDED event of that collection out of the queue, unless the channel has a callback.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
 * - `result`: receives cause and digits; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: the collection goes on.
 * - `EARWIG_ERR_AGAIN`: no collection was started on this channel.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_wait(earwig_channel *channel, int64_t timeout_ms, earwig_dtmf_result *result);

/**
 * Reads the result of the last collection, also after a hang-up, any number of times.
 *
 * Takes the DTMF_ENDED event of that collection out of the queue, unless the channel has a callback.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `result`: receives cause and digits; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_AGAIN`: a collection runs, or none was started.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_get_result(earwig_channel *channel, earwig_dtmf_result *result);

/**
 * Reads the cause of the last collection. No event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `cause`: receives an `earwig_dtmf_cause`; NONE while a collection runs and before the first.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` or `cause` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_get_cause(earwig_channel *channel, int32_t *cause);

/**
 * Ends the running collection with cause NONE and the digits so far, and waits until it has ended. No effect if none
 * runs. No event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `timeout_ms`: maximum wait, ms; 0 requests the end and does not wait; `EARWIG_FOREVER`: no limit.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: the collection ends later.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback with a `timeout_ms` other than 0.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Blocks unless `timeout_ms` is 0. May be called from a callback with `timeout_ms` 0.
 */
EARWIG_API earwig_status earwig_dtmf_stop(earwig_channel *channel, int64_t timeout_ms);

/**
 * Empties the digit buffer, at the place in the audio that is written when this is called.
 *
 * Parameters:
 * - `channel`: the channel.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_clear(earwig_channel *channel);

/**
 * Adds a digit that came by signalling (RFC 4733, SIP INFO).
 *
 * A press that comes by signalling and in-band counts once: each press of one source stands for at most one of the
 * other source within 500 ms.
 *
 * Parameters:
 * - `channel`: the channel; its call must be RINGING or ANSWERED.
 * - `digit`: ASCII, one of `0123456789ABCD*#`.
 * - `duration_ms`: time for which the key has been held, up to now: 0 to 3,600,000 ms; 0 if it is unknown.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_INVALID`: `digit` is no digit, or `duration_ms` is out of range.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_inject(earwig_channel *channel, int32_t digit, int64_t duration_ms);

/**
 * Waits until all audio written and all requests made before this call are processed, and copies the digits in the
 * buffer. They stay in it.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `text`: receives the digits, NUL-terminated, cut to fit.
 * - `size`: bytes at `text`, at least 1; `EARWIG_DIGITS_MAX` + 1 are always enough.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_SIZE`: `size` is 0.
 * - `EARWIG_ERR_NULL`: `channel` or `text` is NULL.
 *
 * Threads:
 * Control thread. Blocks for one round of a worker. Not from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_get_digits(earwig_channel *channel, char *text, size_t size);

/**
 * Sets all limits to their defaults, and `struct_size`.
 *
 * Parameters:
 * - `limits`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `limits` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_limits_init(earwig_dtmf_limits *limits);

/**
 * Replaces the limits of the channel's DTMF detector, at the place in the audio that is written when this is called.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `limits`: the new limits.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: a limit is out of range. Nothing changes.
 * - `EARWIG_ERR_NULL`: `channel` or `limits` is NULL.
 * - `EARWIG_ERR_SIZE`: `limits->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_set_limits(earwig_channel *channel, const earwig_dtmf_limits *limits);

/* =====================================================================================================================
 * Recorder
 * =====================================================================================================================
 *
 * A recording writes a WAV file while the call goes on. A thread of the engine writes to the disk: no media thread
 * and no worker waits for it. The file has its final name, and the recording its result, when all bytes are written.
 *
 * Example (examples/manual/recorder.c):
 *
 *     // Starts to record a message to `path`: it ends after 3 seconds of silence, at a digit, or with the call.
 *     static earwig_status message_start(earwig_channel *channel, const char *path)
 *     {
 *         earwig_recorder_options options;
 *
 *         earwig_recorder_options_init(&options);
 *         options.file_format = EARWIG_RECORDER_FORMAT_ULAW;
 *         options.max_silence_ms = 3000;
 *         options.barge_in = 1;
 *         return earwig_recorder_start(channel, path, &options);
 *     }
 *
 *     // Waits until the file of the message is complete. Returns the length of its audio, or -1 if the recording
 *     // failed or the call has hung up: then the RECORDER_ENDED event has the result.
 *     static int64_t message_wait(earwig_channel *channel)
 *     {
 *         earwig_recorder_result result;
 *
 *         earwig_recorder_result_init(&result);
 *         if (earwig_recorder_wait(channel, EARWIG_FOREVER, &result) != EARWIG_OK)
 *             return -1;
 *         return result.cause == EARWIG_RECORDER_CAUSE_ERROR ? -1 : result.duration_ms;
 *     }
 */

/** Why a recording ended. */
typedef int32_t earwig_recorder_cause;
enum {
    /** It is in progress, or none was started. */
    EARWIG_RECORDER_CAUSE_NONE = 0,
    /** The disk is full, a write failed, or a fault inside the library. */
    EARWIG_RECORDER_CAUSE_ERROR = 1,
    /** A DTMF digit came. */
    EARWIG_RECORDER_CAUSE_BARGEIN = 2,
    /** `max_silence_ms` or `initial_silence_ms` ran out. */
    EARWIG_RECORDER_CAUSE_SILENCE = 3,
    /** The file has `max_bytes`. */
    EARWIG_RECORDER_CAUSE_SIZE = 4,
    /** It was stopped. */
    EARWIG_RECORDER_CAUSE_ABORTED = 5,
    /** The call hung up. */
    EARWIG_RECORDER_CAUSE_HANGUP = 6,
    /** `timeout_ms` ran out. From `earwig_recorder_wait`: its wait did, and the recording goes on. */
    EARWIG_RECORDER_CAUSE_TIMEOUT = 7,
};

/** State of a recorder. */
typedef int32_t earwig_recorder_state;
enum {
    /** No recording is in progress. */
    EARWIG_RECORDER_STATE_IDLE = 0,
    /** A recording is in progress, or its file is being finished. */
    EARWIG_RECORDER_STATE_RECORDING = 1,
    /** The last recording failed. */
    EARWIG_RECORDER_STATE_ERROR = 2,
};

/** Codec of a recording. */
typedef int32_t earwig_recorder_format;
enum {
    /** G.711 A-law. */
    EARWIG_RECORDER_FORMAT_ALAW = 0,
    /** G.711 mu-law. */
    EARWIG_RECORDER_FORMAT_ULAW = 1,
    /** OKI (Dialogic) ADPCM. */
    EARWIG_RECORDER_FORMAT_OKI = 2,
    /** IMA ADPCM. */
    EARWIG_RECORDER_FORMAT_IMA = 3,
    /** Signed 16-bit PCM. */
    EARWIG_RECORDER_FORMAT_S16BIT = 4,
    /** Unsigned 8-bit PCM. */
    EARWIG_RECORDER_FORMAT_U8BIT = 5,
};

/** Streams of a recording. */
typedef int32_t earwig_recorder_source;
enum {
    /** Audio from the far party. */
    EARWIG_RECORDER_SOURCE_RX = 0,
    /** Audio that the PBX plays. */
    EARWIG_RECORDER_SOURCE_TX = 1,
    /** The sum of RX and TX. */
    EARWIG_RECORDER_SOURCE_MIXED = 2,
    /** RX as the left channel and TX as the right one. */
    EARWIG_RECORDER_SOURCE_BOTH = 3,
};

/** Options of a recording. `earwig_recorder_options_init` sets the defaults. */
typedef struct earwig_recorder_options {
    /** Size of this struct in bytes; set by `earwig_recorder_options_init`. */
    size_t struct_size;
    /** Codec, an `earwig_recorder_format`; `EARWIG_RECORDER_FORMAT_ALAW` by default. */
    int32_t file_format;
    /** Sample rate of the file: 6000, 8000 (default), 11000, 11025, 16000 or 48000 Hz. */
    int32_t rate_hz;
    /**
     * Maximum duration of the recording, ms; `EARWIG_FOREVER`: no limit. `EARWIG_DEFAULT` (default): 120,000 in
     * `earwig_recorder_record`, no limit in `earwig_recorder_start`.
     */
    int64_t timeout_ms;
    /**
     * Maximum bytes of audio in the file; 1,920,000 by default. 0: no limit. With `append` the audio that the file
     * had counts too.
     */
    int64_t max_bytes;
    /** Silence that ends the recording, ms; 10,000 by default. 0: no limit. */
    int64_t max_silence_ms;
    /**
     * Maximum wait for the first audio, ms; the file begins 200 ms before that audio. 0 (default): no wait; the file
     * begins at once.
     */
    int64_t initial_silence_ms;
    /** 1: a DTMF digit ends the recording; its tone is not in the file. 0 (default): it does not. */
    int32_t barge_in;
    /** Streams to record, an `earwig_recorder_source`; `EARWIG_RECORDER_SOURCE_RX` by default. */
    int32_t source;
    /** Level below which audio is silence: -60 to -10 dBm0. 0 (default): adapted to the line's noise. */
    float silence_dbm0;
    /** 1: DTMF tones of RX are replaced by silence in the file. 0 (default): they stay. */
    int32_t squelch_dtmf;
    /** 1: an existing file is replaced when the recording is complete. 0 (default): it is refused. */
    int32_t overwrite;
    /** 1: the recording continues an existing file. 0 (default): it is refused. Not together with `overwrite`. */
    int32_t append;
    /** Length of `key`: 16, 24 or 32 bytes. 0 (default): the file is not encrypted. */
    int32_t key_bytes;
    /** Length of `iv`: 16 bytes; 0 without a key. */
    int32_t iv_bytes;
    /** AES key. The library wipes its own copies; the host wipes this one. */
    uint8_t key[32];
    /** Initialization vector. */
    uint8_t iv[16];
    /**
     * Permission bits of the file: 0600 to 0777 (octal), with read and write for the owner. The umask does not change
     * them. 0 is the default, 0640.
     */
    uint32_t file_mode;
    /**
     * 1: an encrypted file ends with an HMAC, by which `earwig validate` finds changes; `EARWIG_ERR_INVALID` at the start
     * without a key. 0 (default): it does not.
     */
    int32_t cipher_mac;
} earwig_recorder_options;

/** Result of a recording. */
typedef struct earwig_recorder_result {
    /** Size of this struct in bytes; set by `earwig_recorder_result_init`. */
    size_t struct_size;
    /** Why it ended. */
    earwig_recorder_cause cause;
    /** State after it: IDLE, or ERROR if it failed. After a wait that timed out: RECORDING. */
    earwig_recorder_state state;
    /** 1 if it has audio, 0 if it is silence, -1 if that is not known yet. */
    int32_t audio_detected;
    /** Media time at which it began, ms. */
    int64_t started_ms;
    /** Media time at which it ended, ms; for a limit, the moment at which that was reached. */
    int64_t ended_ms;
    /** Length of the audio in the file, ms. */
    int64_t duration_ms;
    /** Bytes of audio in the file, without its header. */
    int64_t bytes;
    /** What failed, NUL-terminated; "" unless the cause is ERROR. */
    char error[256];
} earwig_recorder_result;

/**
 * Sets all options to their defaults, and `struct_size`.
 *
 * Parameters:
 * - `options`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `options` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_options_init(earwig_recorder_options *options);

/**
 * Reads options from text into `options`. Options that the text does not name keep their values.
 *
 * Keys: `file_format` (alaw, ulaw, oki, ima, s16bit, u8bit), `rate`, `seconds_timeout`, `max_bytes`,
 * `milliseconds_max_silence`, `milliseconds_initial_silence`, `barge_in`, `cipher` (KEY:IV in hexadecimal digits),
 * `source` (rx, tx, mixed, both), `silence_dbm0`, `squelch_dtmf`, `overwrite`, `append`,
 * `file_mode` (octal digits), `cipher_mac`.
 *
 * Parameters:
 * - `text`: `file_format=ulaw,milliseconds_max_silence=2000,barge_in=yes`, or a JSON object with the same keys. ""
 *   changes nothing. UTF-8, at most 64 KiB.
 * - `options`: the options to change; `earwig_recorder_options_init` must have set them.
 * - `error`: receives the text of the error, NUL-terminated, cut to fit, "" without one; NULL if it is not wanted.
 *   It never contains the key.
 * - `error_size`: bytes at `error`; 0 if it is not wanted.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: a key is unknown or a value is out of range. `options` is unchanged.
 * - `EARWIG_ERR_NULL`: `text` or `options` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_options_parse(const char *text,
                                                       earwig_recorder_options *options,
                                                       char *error,
                                                       size_t error_size);

/**
 * Returns the name of a cause, such as "SILENCE".
 *
 * Parameters:
 * - `cause`: an `earwig_recorder_cause`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_recorder_cause_str(int32_t cause);

/**
 * Returns the name of a state, such as "RECORDING".
 *
 * Parameters:
 * - `state`: an `earwig_recorder_state`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_recorder_state_str(int32_t state);

/**
 * Returns the name of a codec as options spell it, such as "alaw".
 *
 * Parameters:
 * - `format`: an `earwig_recorder_format`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_recorder_format_str(int32_t format);

/**
 * Returns the name of a source as options spell it: "rx", "tx", "mixed" or "both".
 *
 * Parameters:
 * - `source`: an `earwig_recorder_source`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_recorder_source_str(int32_t source);

/**
 * Sets a result to cause NONE and state IDLE, and `struct_size`.
 *
 * Parameters:
 * - `result`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `result` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_result_init(earwig_recorder_result *result);

/**
 * Records to a file and waits until the recording ends and the file is complete.
 *
 * A host that writes the audio on the same thread uses `earwig_recorder_start`: this function would wait for its own
 * caller.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `filename`: path of the file; see `earwig_recorder_start`.
 * - `options`: the options; NULL for the defaults.
 * - `result`: receives cause, length, and whether it has audio; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`: the recording ended, for example with cause HANGUP, or with cause ERROR because the disk is full.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_BUSY`: a recording of this call is in progress, or its file is being finished.
 * - `EARWIG_ERR_FILE`: the file exists, is being recorded to, or cannot be created or appended to.
 * - `EARWIG_ERR_FULL`: the event queue is full of endings.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: an option is out of range, or `filename` is empty or ends in `.part`.
 * - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
 * - `EARWIG_ERR_NULL`: `channel`, `filename` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` or `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_recorder_record(earwig_channel *channel,
                                                const char *filename,
                                                const earwig_recorder_options *options,
                                                earwig_recorder_result *result);

/**
 * Starts a recording and returns. Its ending is a RECORDER_ENDED event.
 *
 * The file is created before this returns; the recording begins at the place in the audio that is written then.
 *
 * Within a call the next recording can start when the file of the last one is complete. After a hang-up and an answer
 * it starts at once: the last call's file is completed meanwhile, its RECORDER_ENDED event still comes (`start_ms`
 * tells the two apart), and state, cause and result are those of the new recording.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `filename`: path of the file, any bytes, NUL-terminated; it must not end in `.part`, and its directory must
 *   exist. During the recording the file is called `filename.part`; it gets its name when it is complete.
 * - `options`: the options; NULL for the defaults.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, and no file is left, as with each status below.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_BUSY`: a recording of this call is in progress, or its file is being finished.
 * - `EARWIG_ERR_FILE`: the file exists, is being recorded to, or cannot be created or appended to.
 * - `EARWIG_ERR_FULL`: the event queue is full of endings.
 * - `EARWIG_ERR_INVALID`: an option is out of range, or `filename` is empty or ends in `.part`.
 * - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
 * - `EARWIG_ERR_NULL`: `channel` or `filename` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks while the file system creates the file. May be called from a callback, which should be
 * avoided.
 */
EARWIG_API earwig_status earwig_recorder_start(earwig_channel *channel,
                                               const char *filename,
                                               const earwig_recorder_options *options);

/**
 * Ends the running recording with cause ABORTED and waits until its file is complete. No effect if none runs. No
 * event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `timeout_ms`: maximum wait, ms; 0 requests the end and does not wait; `EARWIG_FOREVER`: no limit.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: the disk is slow. The request stays, and the recording ends later.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback with a `timeout_ms` other than 0.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Blocks unless `timeout_ms` is 0. May be called from a callback with `timeout_ms` 0.
 */
EARWIG_API earwig_status earwig_recorder_stop(earwig_channel *channel, int64_t timeout_ms);

/**
 * Waits until the running recording ends and its file is complete, and reads its result. If none runs, it reads the
 * last result at once; before the first recording that is cause NONE, state IDLE and `audio_detected` -1.
 *
 * Takes the RECORDER_ENDED event of that recording out of the queue, unless the channel has a callback.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`, when this is called.
 * - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
 * - `result`: receives the result; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: the recording goes on. `result` has cause TIMEOUT and state RECORDING.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. `earwig_recorder_get_result` reads a result after the hang-up.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_recorder_wait(earwig_channel *channel,
                                              int64_t timeout_ms,
                                              earwig_recorder_result *result);

/**
 * Reads the result of the last recording, also after a hang-up, any number of times.
 *
 * Takes the RECORDER_ENDED event of that recording out of the queue, unless the channel has a callback.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `result`: receives the result; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_AGAIN`: a recording is in progress, its file is being finished, or none was started.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_get_result(earwig_channel *channel, earwig_recorder_result *result);

/**
 * Reads the state of the recorder: RECORDING until the file is complete, ERROR after a recording that failed, else
 * IDLE. No event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `state`: receives an `earwig_recorder_state`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` or `state` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_get_state(earwig_channel *channel, int32_t *state);

/**
 * Reads the cause of the last recording. No event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `cause`: receives an `earwig_recorder_cause`; NONE while a recording is in progress and before the first.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` or `cause` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_get_cause(earwig_channel *channel, int32_t *cause);

/**
 * Reads whether the last recording has audio. No event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `detected`: receives 1 if it has audio, 0 if it is silence, -1 while a recording is in progress and before the
 *   first.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `channel` or `detected` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_get_audio_detected(earwig_channel *channel, int32_t *detected);

/**
 * Pauses the running recording, from the place in the audio that is written when this is called: nothing is written
 * to the file, and silence does not count.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_pause(earwig_channel *channel);

/**
 * Resumes a paused recording, from the place in the audio that is written when this is called.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_resume(earwig_channel *channel);

/**
 * Masks the running recording, from the place in the audio that is written when this is called: silence is written
 * in place of the audio, for example while the caller says a card number.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_mask(earwig_channel *channel);

/**
 * Ends the masking of a recording, at the place in the audio that is written when this is called.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_STATE`: no recording is in progress, or the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_unmask(earwig_channel *channel);

/* =====================================================================================================================
 * Machine
 * =====================================================================================================================
 *
 * A detection finds out who answered an outgoing call: a person, a machine or a fax. Start it at the answer, or
 * earlier with `early_media` and `EARWIG_MACHINE_ANCHOR_ANSWER`. Its verdict arrives 80 to 170 ms after a
 * threshold; `timeout_ms` is exact.
 *
 * Example (examples/manual/machine.c):
 *
 *     // When an outgoing call is answered.
 *     static earwig_status detection_start(earwig_channel *channel)
 *     {
 *         earwig_machine_options options;
 *
 *         earwig_machine_options_init(&options);
 *         options.strategy = EARWIG_MACHINE_STRATEGY_ADAPTIVE;
 *         options.detect_message_end = 1;
 *         return earwig_machine_start(channel, &options);
 *     }
 *
 *     // On the call's control thread. Returns the verdict; `*leave_message` is 1 if a machine is ready for a message.
 *     static earwig_machine_verdict detection_wait(earwig_channel *channel, int *leave_message)
 *     {
 *         earwig_machine_result result;
 *
 *         earwig_machine_result_init(&result);
 *         earwig_machine_wait(channel, EARWIG_FOREVER, &result);
 *         *leave_message = result.verdict == EARWIG_MACHINE_VERDICT_MACHINE && result.ready;
 *         return result.verdict;
 *     }
 */

/** Bit of `detectors`: human or machine. */
#define EARWIG_DETECT_AMD 1

/** Bit of `detectors`: fax. */
#define EARWIG_DETECT_FAX 2

/** Bit of `tone`: the tone of a fax machine that answers, 2100 Hz in all its forms, or its V.21 preamble. */
#define EARWIG_TONE_CED 1

/** Bit of `tone`: the tone of a fax machine that calls, 1100 Hz. */
#define EARWIG_TONE_CNG 2

/** Who answered. */
/* typedef int32_t earwig_machine_verdict; stands in the section Events. */
enum {
    /** No verdict yet. */
    EARWIG_MACHINE_VERDICT_DETECTING = 0,
    /** A person. */
    EARWIG_MACHINE_VERDICT_HUMAN = 1,
    /** An answering machine, a voicemail or an announcement. */
    EARWIG_MACHINE_VERDICT_MACHINE = 2,
    /** A fax machine or a modem. */
    EARWIG_MACHINE_VERDICT_FAX = 3,
    /** The rules gave no verdict; the cause says why. */
    EARWIG_MACHINE_VERDICT_UNKNOWN = 4,
    /** A fault inside the library. */
    EARWIG_MACHINE_VERDICT_ERROR = 5,
};

/** Which rule gave the verdict. The names are those of Asterisk's AMDCAUSE where the rule is the same. */
typedef int32_t earwig_machine_cause;
enum {
    /** No verdict yet. */
    EARWIG_MACHINE_CAUSE_NONE = 0,
    /** UNKNOWN: no voice within `initial_timeout_ms`. */
    EARWIG_MACHINE_CAUSE_INITIAL_SILENCE = 1,
    /** HUMAN: voice, then silence for `end_silence_timeout_ms`. */
    EARWIG_MACHINE_CAUSE_HUMAN = 2,
    /** MACHINE: voice went on for `machine_voice_threshold_ms`. */
    EARWIG_MACHINE_CAUSE_LONG_GREETING = 3,
    /** MACHINE: `machine_words_threshold` words in one utterance. */
    EARWIG_MACHINE_CAUSE_MAX_WORDS = 4,
    /** MACHINE: a beep. */
    EARWIG_MACHINE_CAUSE_BEEP = 5,
    /** FAX: the tone of a fax machine that answers, or its V.21 preamble. */
    EARWIG_MACHINE_CAUSE_CED = 6,
    /** FAX: the tone of a fax machine that calls. */
    EARWIG_MACHINE_CAUSE_CNG = 7,
    /** UNKNOWN: `timeout_ms` ran out. */
    EARWIG_MACHINE_CAUSE_TOO_LONG = 8,
    /** UNKNOWN: it rang, and nobody spoke. */
    EARWIG_MACHINE_CAUSE_RINGBACK = 9,
    /** UNKNOWN: a busy tone, and nobody spoke. */
    EARWIG_MACHINE_CAUSE_BUSY = 10,
    /** UNKNOWN: a congestion tone, and nobody spoke. */
    EARWIG_MACHINE_CAUSE_REORDER = 11,
    /** A special information tone: MACHINE if an announcement followed, else UNKNOWN. */
    EARWIG_MACHINE_CAUSE_SIT = 12,
    /** The adaptive strategy decided. */
    EARWIG_MACHINE_CAUSE_ADAPTIVE = 13,
    /** UNKNOWN: the call hung up first. */
    EARWIG_MACHINE_CAUSE_HANGUP = 14,
    /** UNKNOWN: the detection was stopped first. */
    EARWIG_MACHINE_CAUSE_STOPPED = 15,
    /** A fault inside the library. */
    EARWIG_MACHINE_CAUSE_ERROR = 16,
};

/** Tone of a fax machine or a modem. */
typedef int32_t earwig_fax_tone;
enum {
    /** No tone. */
    EARWIG_FAX_TONE_NONE = 0,
    /** The called terminal's: 2100 Hz, plain (T.30 CED, V.25 ANS). */
    EARWIG_FAX_TONE_CED = 1,
    /** The calling terminal's: 1100 Hz, 0.5 s every 3.5 s (T.30 CNG). */
    EARWIG_FAX_TONE_CNG = 2,
    /** 2100 Hz, amplitude modulated with 15 Hz (V.8 ANSam), with or without phase reversals. */
    EARWIG_FAX_TONE_ANSAM = 3,
    /** 2100 Hz with phase reversals every 450 ms (V.25 ANS with reversals). */
    EARWIG_FAX_TONE_ANS_PR = 4,
    /** The V.21 preamble of a fax machine that answers without a tone: HDLC flags on 1650 and 1850 Hz. */
    EARWIG_FAX_TONE_V21 = 5,
};

/** Tone of the telephone network. */
typedef int32_t earwig_network_tone;
enum {
    /** No tone. */
    EARWIG_NETWORK_TONE_NONE = 0,
    /** The far telephone rings. */
    EARWIG_NETWORK_TONE_RINGBACK = 1,
    /** The far line is busy. */
    EARWIG_NETWORK_TONE_BUSY = 2,
    /** The network has no free path (congestion, fast busy). */
    EARWIG_NETWORK_TONE_REORDER = 3,
    /** Three rising tones before an announcement (E.180 special information tone). */
    EARWIG_NETWORK_TONE_SIT = 4,
    /** Dial tone. */
    EARWIG_NETWORK_TONE_DIAL = 5,
};

/** What answered, beside the verdict. */
/* typedef int32_t earwig_machine_kind; stands in the section Events. */
enum {
    /** Not known, or none of these. */
    EARWIG_MACHINE_KIND_NONE = 0,
    /** A person. */
    EARWIG_MACHINE_KIND_PERSON = 1,
    /** A mailbox or an answering machine: it beeps, or waits in silence for a message. */
    EARWIG_MACHINE_KIND_VOICEMAIL = 2,
    /** A menu: it goes on talking, repeats itself, or speaks again after a wait. */
    EARWIG_MACHINE_KIND_IVR = 3,
    /** An announcement of the network: a special information tone before it, or a tone of the network after it. */
    EARWIG_MACHINE_KIND_ANNOUNCEMENT = 4,
    /** It asks who calls, and then rings or plays music for a person. */
    EARWIG_MACHINE_KIND_SCREENING = 5,
};

/** What a detection reports. */
/* typedef int32_t earwig_machine_event; stands in the section Events. */
enum {
    /** Nothing. */
    EARWIG_MACHINE_EVENT_NONE = 0,
    /** A person answered. */
    EARWIG_MACHINE_EVENT_HUMAN = 1,
    /** A machine answered; or, with `beep`, its beep was detected. */
    EARWIG_MACHINE_EVENT_MACHINE = 2,
    /** The machine's greeting is over: leave the message. */
    EARWIG_MACHINE_EVENT_READY = 3,
    /** The machine speaks on after the verdict, or again after READY. */
    EARWIG_MACHINE_EVENT_NOT_READY = 4,
    /** The detection ended without a verdict. */
    EARWIG_MACHINE_EVENT_UNKNOWN = 5,
    /** A fax machine answered: 2100 Hz, or the V.21 preamble. */
    EARWIG_MACHINE_EVENT_CED = 6,
    /** A fax machine calls: 1100 Hz. */
    EARWIG_MACHINE_EVENT_CNG = 7,
    /** The detection ended. It comes once, and last. */
    EARWIG_MACHINE_EVENT_FINISHED = 8,
    /** A fault inside the library. */
    EARWIG_MACHINE_EVENT_ERROR = 9,
    /** The far telephone rings. */
    EARWIG_MACHINE_EVENT_RINGBACK = 10,
    /** The far line is busy. */
    EARWIG_MACHINE_EVENT_BUSY = 11,
    /** The network has no free path (congestion, fast busy). */
    EARWIG_MACHINE_EVENT_REORDER = 12,
    /** A special information tone: an announcement of the network follows. */
    EARWIG_MACHINE_EVENT_SIT = 13,
};

/** How a detection decides. */
typedef int32_t earwig_machine_strategy;
enum {
    /** By the thresholds in the options alone. */
    EARWIG_MACHINE_STRATEGY_THRESHOLDS = 0,
    /** By a classifier on features of the first seconds, with a confidence. */
    EARWIG_MACHINE_STRATEGY_ADAPTIVE = 1,
};

/** What makes a machine READY. */
typedef int32_t earwig_machine_ready_on;
enum {
    /** The beep or the end of the greeting, whichever is first. */
    EARWIG_MACHINE_READY_ON_ANY = 0,
    /** The beep alone. */
    EARWIG_MACHINE_READY_ON_BEEP = 1,
    /** Silence alone, after the greeting and after a beep. */
    EARWIG_MACHINE_READY_ON_SILENCE = 2,
};

/** Moment from which a detection's timeouts count. */
typedef int32_t earwig_machine_anchor;
enum {
    /** The start of the detection. */
    EARWIG_MACHINE_ANCHOR_START = 0,
    /** The answer. Before it only tones of the network are detected. */
    EARWIG_MACHINE_ANCHOR_ANSWER = 1,
    /** The first audio from the far party. */
    EARWIG_MACHINE_ANCHOR_FIRST_MEDIA = 2,
    /** The first voice: `initial_timeout_ms` counts from the start, `timeout_ms` from the first voice. */
    EARWIG_MACHINE_ANCHOR_FIRST_VOICE = 3,
};

/** Options of a detection. `earwig_machine_options_init` sets the defaults. */
typedef struct earwig_machine_options {
    /** Size of this struct in bytes; set by `earwig_machine_options_init`. */
    size_t struct_size;
    /**
     * 1: after MACHINE go on until the beep or the end of the greeting (`ready_on`); NOT_READY is reported if the
     * machine speaks on. 0 (default): the first verdict ends it.
     */
    int32_t detect_message_end;
    /**
     * 1: with `detect_message_end`, go on after READY and report NOT_READY when the machine speaks again. 0
     * (default): READY ends it.
     */
    int32_t detect_interruptions;
    /** `EARWIG_DETECT_AMD`, `EARWIG_DETECT_FAX`, or both (default). */
    int32_t detectors;
    /** Silence after voice that makes it a human, ms; 1000 by default. `EARWIG_FOREVER`: no limit. */
    int64_t end_silence_timeout_ms;
    /** Maximum wait for the first voice, ms; 4500 by default. `EARWIG_FOREVER`: no limit. */
    int64_t initial_timeout_ms;
    /**
     * Silence after a machine's voice before READY, ms; `EARWIG_FOREVER`: no limit. `EARWIG_DEFAULT` (default):
     * `end_silence_timeout_ms`.
     */
    int64_t machine_ready_timeout_ms;
    /**
     * Continuous voice that makes it a machine, ms; 1250 by default. Pauses of up to 200 ms do not interrupt it.
     * `EARWIG_FOREVER`: no limit.
     */
    int64_t machine_voice_threshold_ms;
    /** Words in one utterance that make it a machine: 1 to 1000; 6 by default. */
    int32_t machine_words_threshold;
    /**
     * Maximum duration of the detection, ms; 30,000 by default. What was heard up to it decides. `EARWIG_FOREVER`: no
     * limit.
     */
    int64_t timeout_ms;
    /** `EARWIG_TONE_CED` (default), `EARWIG_TONE_CNG`, or both. */
    int32_t tone;
    /** 1 (default): `earwig_machine_detect` waits for the end. 0: it starts the detection and returns. */
    int32_t wait;
    /** How to decide, an `earwig_machine_strategy`; `EARWIG_MACHINE_STRATEGY_THRESHOLDS` by default. */
    int32_t strategy;
    /** Moment from which the timeouts count, an `earwig_machine_anchor`; `EARWIG_MACHINE_ANCHOR_START` by default. */
    int32_t anchor;
    /**
     * Time after HUMAN in which a beep or a fax tone may still replace it, ms. 0 (default): HUMAN ends it.
     * `EARWIG_FOREVER`: no limit.
     */
    int64_t listen_on_ms;
    /** 1: with the adaptive strategy, report MACHINE_PROVISIONAL events too. 0 (default): do not. */
    int32_t provisional;
    /** http or https URL to which the events are posted, NUL-terminated. "" (default): none. */
    char status_url[1024];
    /**
     * Key of the posts' HMAC-SHA256 signatures, NUL-terminated: "whsec_" and base64 (Standard Webhooks), or any text. ""
     * (default): they are not signed. The library wipes its own copies; the host wipes this one.
     */
    char status_secret[256];
    /**
     * Time after `initial_timeout_ms` in which a fax tone still counts, ms; UNKNOWN follows after it. 0 (default): UNKNOWN
     * comes at once. `EARWIG_FOREVER`: until `timeout_ms`.
     */
    int64_t fax_timeout_ms;
    /**
     * With `detect_message_end`, what makes the machine READY, an `earwig_machine_ready_on`;
     * `EARWIG_MACHINE_READY_ON_ANY` by default.
     */
    int32_t ready_on;
    /**
     * With the adaptive strategy, maximum time from the first voice to the verdict, ms: the likelier answerer is it then. 0
     * (default): no limit.
     */
    int64_t max_ms;
    /**
     * With the adaptive strategy, the balance of its errors: 0 to 100; 50 by default. Towards 0 people are never lost,
     * towards 100 machines are never missed.
     */
    int32_t sensitivity;
    /**
     * 1: with the adaptive strategy, while `listen_on_ms` lasts after HUMAN, speech that goes on as a machine's does gives
     * MACHINE. 0 (default): only a beep or a fax tone replaces HUMAN.
     */
    int32_t revise;
    /**
     * 1: with the adaptive strategy, go on after MACHINE and READY until a person comes on the line, which gives HUMAN, or
     * until `timeout_ms`. 0 (default): do not.
     */
    int32_t after_machine;
} earwig_machine_options;

/** Result of a detection, or what is known so far. */
typedef struct earwig_machine_result {
    /** Size of this struct in bytes; set by `earwig_machine_result_init`. */
    size_t struct_size;
    /** Who answered; DETECTING before the verdict. */
    earwig_machine_verdict verdict;
    /** Which rule gave the verdict; NONE before it. */
    earwig_machine_cause cause;
    /** The cause with its numbers, such as "MAXWORDS-6-6"; NUL-terminated. */
    char cause_text[64];
    /**
     * Confidence of the verdict, 0 to 1: 1 for a verdict by thresholds, 0 for UNKNOWN. With the adaptive strategy it is a
     * probability: of 100 verdicts with 0.9, ninety are right.
     */
    float confidence;
    /** 1 if a beep was detected, else 0. */
    int32_t beep;
    /** Media time at which the beep began, ms; -1 without a beep. */
    int64_t beep_ms;
    /** Frequency of the beep, Hz; 0 without a beep. */
    float beep_hz;
    /** 1 if the machine is ready for a message, else 0. */
    int32_t ready;
    /** The fax tone that was detected. */
    earwig_fax_tone fax_tone;
    /** The last tone of the network before the verdict. */
    earwig_network_tone network_tone;
    /** Duration, ms, from the moment at which the timeouts began to count (`anchor`) to the end. */
    int64_t detect_ms;
    /** Media time of the verdict, ms; -1 before it. */
    int64_t verdict_ms;
    /** Media time of the first voice, ms; -1 if there was none. */
    int64_t onset_ms;
    /** Media time at which the voice before the verdict ended, ms; -1 if it had not ended. */
    int64_t greeting_end_ms;
    /** Time from `greeting_end_ms` to the verdict, ms; -1 if that is -1. */
    int64_t latency_ms;
    /** Words of the utterance that gave the verdict. */
    int32_t words;
    /** Voice in that utterance without its pauses, ms. */
    int64_t voice_ms;
    /** Media time at which it began, ms. */
    int64_t started_ms;
    /** Media time at which it ended, ms. */
    int64_t ended_ms;
    /** What answered, as far as it is known; it may change until the end. */
    earwig_machine_kind kind;
    /** Probability of the kind by its rules, 0 to 1; 0 with NONE. */
    float kind_confidence;
} earwig_machine_result;

/**
 * Sets all options to their defaults, and `struct_size`.
 *
 * Parameters:
 * - `options`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `options` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_options_init(earwig_machine_options *options);

/**
 * Reads options from text into `options`. Options that the text does not name keep their values.
 *
 * Keys: `detect_message_end`, `detect_interruptions`, `detectors`, `end_silence_timeout`, `initial_timeout`,
 * `machine_ready_timeout`, `ready_on`, `machine_voice_threshold`, `machine_words_threshold`, `timeout`, `tone`,
 * `wait`, `strategy`, `anchor`, `listen_on`, `fax_timeout`, `provisional`, `sensitivity`, `max_ms`, `revise`,
 * `after_machine`, `status_url`, `status_secret`. Times are in seconds, with fractions, but `max_ms` in whole
 * milliseconds; `None`, `null` and `forever` mean no limit, for `machine_ready_timeout` its default. A value with
 * commas stands in double quotes.
 *
 * Parameters:
 * - `text`: `timeout=20,detectors="amd,fax",status_url="http://..."`, or a JSON object with the same keys, alone or
 *   as the member `detect_machine`. "" changes nothing. UTF-8, at most 64 KiB.
 * - `options`: the options to change; `earwig_machine_options_init` must have set them.
 * - `error`: receives the text of the error, NUL-terminated, cut to fit, "" without one; NULL if it is not wanted.
 * - `error_size`: bytes at `error`; 0 if it is not wanted.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: a key is unknown or a value is out of range. `options` is unchanged.
 * - `EARWIG_ERR_NULL`: `text` or `options` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_options_parse(const char *text,
                                                      earwig_machine_options *options,
                                                      char *error,
                                                      size_t error_size);

/**
 * Returns the name of a verdict, such as "human".
 *
 * Parameters:
 * - `verdict`: an `earwig_machine_verdict`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_verdict_str(int32_t verdict);

/**
 * Returns the name of what answered, such as "voicemail".
 *
 * Parameters:
 * - `kind`: an `earwig_machine_kind`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_kind_str(int32_t kind);

/**
 * Returns the name of an event, such as "NOT_READY" or "finished".
 *
 * Parameters:
 * - `event`: an `earwig_machine_event`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_event_str(int32_t event);

/**
 * Returns the name of a cause, such as "MAXWORDS".
 *
 * Parameters:
 * - `cause`: an `earwig_machine_cause`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_cause_str(int32_t cause);

/**
 * Returns the name of a strategy as options spell it, such as "adaptive".
 *
 * Parameters:
 * - `strategy`: an `earwig_machine_strategy`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_strategy_str(int32_t strategy);

/**
 * Returns the name of what makes a machine READY as options spell it, such as "silence".
 *
 * Parameters:
 * - `ready_on`: an `earwig_machine_ready_on`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_ready_on_str(int32_t ready_on);

/**
 * Returns the name of an anchor as options spell it, such as "first_media".
 *
 * Parameters:
 * - `anchor`: an `earwig_machine_anchor`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_machine_anchor_str(int32_t anchor);

/**
 * Returns the name of a fax tone, such as "ANSAM".
 *
 * Parameters:
 * - `tone`: an `earwig_fax_tone`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_fax_tone_str(int32_t tone);

/**
 * Returns the name of a tone of the network, such as "BUSY".
 *
 * Parameters:
 * - `tone`: an `earwig_network_tone`; any other value is allowed.
 *
 * Returns:
 * Static text, never NULL; "UNKNOWN" for any other value.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API const char *earwig_network_tone_str(int32_t tone);

/**
 * Sets a result to verdict DETECTING, and `struct_size`.
 *
 * Parameters:
 * - `result`: the struct to set; its previous content is ignored.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_NULL`: `result` is NULL.
 *
 * Threads:
 * Any thread, a media thread included. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_result_init(earwig_machine_result *result);

/**
 * Detects who answered and waits until the detection ends. With `wait` 0 it starts the detection and returns.
 *
 * A host that writes the audio on the same thread uses `earwig_machine_start`: this function would wait for its own
 * caller.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `options`: the options; NULL for the defaults.
 * - `result`: receives the result, DETECTING with `wait` 0; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`: the detection ended, for example with cause HANGUP; with `wait` 0, it started.
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_BUSY`: a detection runs.
 * - `EARWIG_ERR_FULL`: the event queue is full of endings.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback with `wait` 1.
 * - `EARWIG_ERR_INVALID`: an option is out of range, or `status_url` is no http or https URL.
 * - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` or `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks unless `wait` is 0. May be called from a callback with `wait` 0.
 */
EARWIG_API earwig_status earwig_machine_detect(earwig_channel *channel,
                                               const earwig_machine_options *options,
                                               earwig_machine_result *result);

/**
 * Starts a detection and returns; `wait` is ignored. MACHINE events report its progress, a MACHINE_ENDED event its
 * end. If it ends at READY by silence, a MACHINE_BEEP event reports each beep that follows, until `timeout_ms`,
 * `earwig_machine_stop`, the hang-up or the next detection.
 *
 * It begins at the place in the audio that is written when this is called.
 *
 * Parameters:
 * - `channel`: the channel; its call must be ANSWERED, or RINGING with `early_media`.
 * - `options`: the options; NULL for the defaults.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was started, as with each status below.
 * - `EARWIG_ERR_STATE`: the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_BUSY`: a detection runs.
 * - `EARWIG_ERR_FULL`: the event queue is full of endings.
 * - `EARWIG_ERR_INVALID`: an option is out of range, or `status_url` is no http or https URL.
 * - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 * - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_start(earwig_channel *channel, const earwig_machine_options *options);

/**
 * Adds words of the host's own speech recogniser to the running detection. Phrases of machines and of people in them, which
 * docs/reference/phrases.md lists, change the kind, and with the adaptive strategy the odds; each counts once. Words never
 * give a verdict before voice was heard.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `text`: the words, UTF-8, NUL-terminated, at most 1023 bytes. "" changes nothing.
 * - `at_ms`: media time at which they began, ms, on the channel's clock (`media_ms` of `earwig_channel_get_stats`); 0 or
 *   more. Words from before the detection count for nothing.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_HANGUP`: the call is IDLE. Nothing was added, as with each status below.
 * - `EARWIG_ERR_STATE`: no detection runs, or the call is RINGING and `early_media` is 0.
 * - `EARWIG_ERR_INVALID`: `text` is not UTF-8 or too long, or `at_ms` is negative.
 * - `EARWIG_ERR_NULL`: `channel` or `text` is NULL.
 *
 * Threads:
 * Control thread, never a media thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_add_words(earwig_channel *channel, const char *text, int64_t at_ms);

/**
 * Waits until the running detection ends and reads its result. If none runs, it reads the last result at once.
 *
 * Takes the MACHINE_ENDED event of that detection out of the queue, unless the channel has a callback.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
 * - `result`: receives the result; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: the detection goes on.
 * - `EARWIG_ERR_AGAIN`: no detection was started on this channel.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Blocks. Not from a callback.
 */
EARWIG_API earwig_status earwig_machine_wait(earwig_channel *channel,
                                             int64_t timeout_ms,
                                             earwig_machine_result *result);

/**
 * Reads the result of the last detection, also after a hang-up, any number of times.
 *
 * Takes the MACHINE_ENDED event of that detection out of the queue, unless the channel has a callback.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `result`: receives the result; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_AGAIN`: a detection runs, or none was started.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_get_result(earwig_channel *channel, earwig_machine_result *result);

/**
 * Reads what was known of the running detection at its last event, or the result of the last one. No event is taken
 * out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `result`: receives the result so far, DETECTING before the verdict; its `struct_size` must be set.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_AGAIN`: no detection was started on this channel.
 * - `EARWIG_ERR_NULL`: `channel` or `result` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_get_progress(earwig_channel *channel, earwig_machine_result *result);

/**
 * Ends the running detection and waits until it has ended. A verdict that it has given stays; without one the result
 * is UNKNOWN with cause STOPPED. If none runs, the last one reports no MACHINE_BEEP from here on. No event is taken
 * out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `timeout_ms`: maximum wait, ms; 0 requests the end and does not wait; `EARWIG_FOREVER`: no limit.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_TIMEOUT`: the detection ends later.
 * - `EARWIG_ERR_DEADLOCK`: called from a callback with a `timeout_ms` other than 0.
 * - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
 * - `EARWIG_ERR_NULL`: `channel` is NULL.
 *
 * Threads:
 * Control thread. Blocks unless `timeout_ms` is 0. May be called from a callback with `timeout_ms` 0.
 */
EARWIG_API earwig_status earwig_machine_stop(earwig_channel *channel, int64_t timeout_ms);

/* =====================================================================================================================
 * Fields and JSON
 * =====================================================================================================================
 *
 * Results and events as names and values, so that all hosts report the same names, and a channel as JSON.
 *
 * Example (examples/manual/fields.c):
 *
 *     static void print_field(void *user, const char *name, const char *value)
 *     {
 *         fprintf(user, "%s=%s\n", name, value);
 *     }
 *
 *     // Prints the variables of the last collection, such as earwig_cause=COUNT, and the state of the channel.
 *     static void print_channel(FILE *file, earwig_channel *channel)
 *     {
 *         earwig_dtmf_result result;
 *         char json[4096];
 *
 *         earwig_dtmf_result_init(&result);
 *         if (earwig_dtmf_get_result(channel, &result) == EARWIG_OK)
 *             earwig_dtmf_result_foreach_field(&result, EARWIG_FIELD_SET_VARIABLES, print_field, file);
 *         if (earwig_channel_to_json(channel, json, sizeof json) == EARWIG_OK)
 *             fprintf(file, "%s\n", json);
 *     }
 */

/** Set of names under which a result is reported. */
typedef int32_t earwig_field_set;
enum {
    /** Names of fields in an event or object, which has a name of its own. */
    EARWIG_FIELD_SET_FIELDS = 0,
    /** Names of variables of a call, which stand beside variables of others. */
    EARWIG_FIELD_SET_VARIABLES = 1,
};

/**
 * Field function of the host, called once for each field.
 *
 * - `user`: the pointer given to the function that calls it.
 * - `name`: the field's name in snake case, NUL-terminated; valid until the function returns.
 * - `value`: its value as text, UTF-8, NUL-terminated; valid until the function returns. A cause is its name, a flag
 *   "true" or "false", a number decimal digits.
 *
 * It runs on the thread that called, and may call any function of this API.
 */
typedef void (*earwig_field_fn)(void *user, const char *name, const char *value);

/**
 * Calls `function` with each field of a collection's result, in a fixed order. Later versions may add fields.
 *
 * - FIELDS: `cause`, `digits`, `started_ms`, `ended_ms`.
 * - VARIABLES: `earwig_cause`.
 *
 * Parameters:
 * - `result`: the result.
 * - `set`: an `earwig_field_set`.
 * - `function`: called for each field.
 * - `user`: passed to `function`; may be NULL.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: `set` or an enum in `result` is out of range. `function` was not called.
 * - `EARWIG_ERR_NULL`: `result` or `function` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_dtmf_result_foreach_field(const earwig_dtmf_result *result,
                                                          int32_t set,
                                                          earwig_field_fn function,
                                                          void *user);

/**
 * Calls `function` with each field of a recording's result, in a fixed order. Later versions may add fields.
 *
 * - FIELDS: `cause`, `state`, `audio_detected`, `duration_ms`, `bytes`, `started_ms`, `ended_ms`, and `error` if it
 *   is not empty.
 * - VARIABLES: `earwig_cause`, `earwig_recorder_state`, `earwig_audio_detected`, `earwig_record_ms`,
 *   `earwig_record_bytes`, `earwig_error`.
 *
 * Whether there is audio is "yes" or "no", and "" while that is not known.
 *
 * Parameters:
 * - `result`: the result.
 * - `set`: an `earwig_field_set`.
 * - `function`: called for each field.
 * - `user`: passed to `function`; may be NULL.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: `set` or an enum in `result` is out of range. `function` was not called.
 * - `EARWIG_ERR_NULL`: `result` or `function` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_recorder_result_foreach_field(const earwig_recorder_result *result,
                                                              int32_t set,
                                                              earwig_field_fn function,
                                                              void *user);

/**
 * Calls `function` with each field of a detection's result, in a fixed order. Later versions may add fields.
 *
 * - FIELDS: `cause` (with its numbers), `confidence`, `kind`, `kind_confidence`, `beep`, `beep_ms`, `beep_hz`, `ready`,
 *   `fax_tone`, `network_tone`, `detect_ms`, `verdict_ms`, `onset_ms`, `greeting_end_ms`, `latency_ms`, `words`,
 *   `voice_ms`, `started_ms`, `ended_ms`, `result`.
 * - VARIABLES: `detect_cause` (with its numbers), `earwig_confidence` (0.00 to 1.00), `earwig_machine_kind`,
 *   `earwig_machine_kind_confidence` (0.00 to 1.00), `detect_machine_beep`, `detect_ms`, `earwig_onset_ms`,
 *   `detect_result`. The last one is set last: a host that waits for it finds the
 *   others.
 *
 * Parameters:
 * - `result`: the result.
 * - `set`: an `earwig_field_set`.
 * - `function`: called for each field.
 * - `user`: passed to `function`; may be NULL.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: `set` or an enum in `result` is out of range. `function` was not called.
 * - `EARWIG_ERR_NULL`: `result` or `function` is NULL.
 * - `EARWIG_ERR_SIZE`: `result->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_machine_result_foreach_field(const earwig_machine_result *result,
                                                             int32_t set,
                                                             earwig_field_fn function,
                                                             void *user);

/**
 * Calls `function` with each field of an event, in a fixed order. Later versions may add fields. A field that a
 * result has too has the same name.
 *
 * - DIGIT: `digit`, `source`, `at_ms`, `start_ms`, `end_ms`, `stored`.
 * - DIGIT_END: `digit`, `at_ms`, `start_ms`, `end_ms`, `low_dbm0`, `high_dbm0`, `twist_db`.
 * - DTMF_ENDED: `cause`, `digits`, `started_ms`, `ended_ms`.
 * - RECORDER_ENDED: `cause`, `audio_detected`, `duration_ms`, `bytes`, `started_ms`, `ended_ms`.
 * - MACHINE: `machine_event`, `beep`, `confidence`, `at_ms`, `hz`, `kind`, `kind_confidence`.
 * - MACHINE_PROVISIONAL: `machine_event` ("PROVISIONAL"), `beep`, `confidence`, `at_ms`, `result`.
 * - MACHINE_BEEP: `at_ms`, `start_ms`, `end_ms`, `hz`.
 * - MACHINE_ENDED: `machine_event` ("finished"), `beep`, `confidence`, `at_ms`, `kind`, `kind_confidence`, `cause`,
 *   `beep_hz`, `detect_ms`, `onset_ms`, `result`, `started_ms`, `ended_ms`.
 *
 * Parameters:
 * - `event`: the event.
 * - `function`: called for each field.
 * - `user`: passed to `function`; may be NULL.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_INVALID`: an enum in `event` is out of range. `function` was not called.
 * - `EARWIG_ERR_NULL`: `event` or `function` is NULL.
 * - `EARWIG_ERR_SIZE`: `event->struct_size` is unknown.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_event_foreach_field(const earwig_event *event, earwig_field_fn function, void *user);

/**
 * Writes the state of a channel as one JSON object, for operators.
 *
 * Members: `name`, `call_state`, `digits` (the digit buffer), `dtmf`, `recorder`, `machine`, and the counters of
 * `earwig_channel_stats`. `dtmf`, `recorder` and `machine` describe the last job of their kind: an object with
 * `running` and the fields of its result, `null` before the first job. While a detection runs, `machine` has what is
 * known so far. Numbers are JSON numbers, flags booleans. No event is taken out of the queue.
 *
 * Parameters:
 * - `channel`: the channel.
 * - `json`: receives the object, UTF-8, NUL-terminated.
 * - `size`: bytes at `json`. 4096 are enough for a channel whose `name` has less than 1000.
 *
 * Returns:
 * - `EARWIG_OK`
 * - `EARWIG_ERR_SIZE`: the object does not fit: `json` is ""; the error's text has the number of bytes.
 * - `EARWIG_ERR_NULL`: `channel` or `json` is NULL.
 *
 * Threads:
 * Control thread. Does not block. May be called from a callback.
 */
EARWIG_API earwig_status earwig_channel_to_json(earwig_channel *channel, char *json, size_t size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* EARWIG_H */
