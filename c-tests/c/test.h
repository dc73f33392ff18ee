/* The tests' own small frame. A test is a function whose name is the rule that it proves; it registers itself. */
#ifndef TEST_H
#define TEST_H

#include <earwig.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Notes a failure and goes on; the test counts as failed. */
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

/* Options of that type are refused once `change` has spoilt them, as the file's own `refused` finds out. */
#define INVALID_OPTION(type, name, change, status)                                                                                     \
    static void spoil_##name(type *options) { change; }                                                                        \
    TEST(name) { refused(spoil_##name, status); }

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
/* Failures of the test that runs, so far. */
int test_failures(void);

/* ---- what most tests need ---- */

/* An engine with one worker and a channel on it. */
struct call {
    earwig_engine *engine;
    earwig_channel *channel;
};

/* An answered call on media time alone, with ten seconds of ring. */
struct call call_answered(void);
/* A call that has not begun, with these options; NULL for the same as above. */
struct call call_idle(const earwig_channel_options *options);
/* The options of the above. */
earwig_channel_options call_options(void);
/* Gives the channel back if there still is one, and sees the engine's threads end. */
void call_close(struct call *call);

/* Writes 80 ms of each key of `keys`, and 80 ms of silence after each, in frames of 20 ms, and flushes. */
void play(earwig_channel *channel, const char *keys);
void play_silence(earwig_channel *channel, int ms);
/* Samples of one key at 8 kHz: both tones at -9 dBm0. */
void tone(char key, int16_t *samples, size_t count);
void flush(earwig_channel *channel);
/* Two threads at once write so many frames of `count` samples to RX, every fourth as a gap; frames that were taken. */
unsigned long write_from_two_threads(earwig_channel *channel, int frames, size_t count);
/* What the digit buffer holds; static text. */
const char *digits(earwig_channel *channel);
/* Wall time. */
void sleep_ms(int ms);
long long now_ms(void);
/* Whether valgrind runs this, which takes thirty times as long. */
int on_valgrind(void);
/* Not where something else multiplies the time that it takes. */
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
/* Longer than any machine takes for a moment's work: waits that should not wait at all are given it. */
enum { LONG_MS = 20000 };

#endif
