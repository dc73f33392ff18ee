/* The tests' framework. A test is a function whose name states the rule that it checks; it registers itself. */
#ifndef TEST_H
#define TEST_H

#include <earwig.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records a failure and continues; the test fails. */
#define CHECK(x) ((x) ? (void)0 : test_fail(__FILE__, __LINE__, #x))
#define CHECK_INT(got, wanted) test_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(wanted))
#define CHECK_TEXT(got, wanted) test_text(__FILE__, __LINE__, #got, (got), (wanted))
#define OK(call) CHECK_INT((call), EARWIG_OK)

#define TEST(name)                                                                                                             \
    static void name(void);                                                                                                    \
    __attribute__((constructor)) static void register_##name(void)                                                             \
    {                                                                                                                          \
        static struct test test = {__FILE__, #name, name, NULL};                                                               \
        test_add(&test);                                                                                                       \
    }                                                                                                                          \
    static void name(void)

/* A test that `refused`, which each file defines for its own options, gets `status` for options that `change` made invalid. */
#define INVALID_OPTION(type, name, change, status)                                                                             \
    static void invalidate_##name(type *options) { change; }                                                                   \
    TEST(name) { refused(invalidate_##name, status); }

struct test {
    const char *file;
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_add(struct test *test);
void test_fail(const char *file, int line, const char *what);
void test_int(const char *file, int line, const char *what, long long got, long long wanted);
void test_text(const char *file, int line, const char *what, const char *got, const char *wanted);
/* Failures of the running test so far. */
int test_failures(void);

/* ---- calls and audio ---- */

/* An engine with one worker and a channel on it. */
struct call {
    earwig_engine *engine;
    earwig_channel *channel;
};

/* An answered call with `call_options`. */
struct call call_answered(void);
/* An IDLE call with these options; NULL for `call_options`. */
struct call call_idle(const earwig_channel_options *options);
/* A ring of 10 s, and media time that only audio advances. */
earwig_channel_options call_options(void);
/* Gives the channel back, unless it is NULL, and shuts the engine down. */
void call_close(struct call *call);

/* Writes 80 ms of each key of `keys`, each followed by 80 ms of silence, in frames of 20 ms, and flushes. */
void play(earwig_channel *channel, const char *keys);
void play_silence(earwig_channel *channel, int ms);
/* Samples of one key at 8 kHz: both tones at -9 dBm0. */
void tone(char key, int16_t *samples, size_t count);
void flush(earwig_channel *channel);
/* Two threads at once each write `frames` frames of `count` samples to RX, every fourth as a gap. Returns the frames that were
 * accepted. */
unsigned long write_from_two_threads(earwig_channel *channel, int frames, size_t count);
/* Digits in the buffer; static text. */
const char *digits(earwig_channel *channel);
/* Wall-clock time. */
void sleep_ms(int ms);
long long now_ms(void);
/* Whether valgrind runs this program, about 30 times slower. */
int on_valgrind(void);
/* 1 in a build with a sanitizer that multiplies run time and memory. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif
/* Timeout of waits that should end at once, on the slowest machine. */
enum { LONG_MS = 20000 };

#endif
