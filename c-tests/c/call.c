/* Calls, and keys pressed in them. */
#include "test.h"
#include <math.h>
#include <pthread.h>
#include <time.h>

enum { RATE = 8000, FRAME = 160 };

earwig_channel_options call_options(void)
{
    earwig_channel_options options;
    OK(earwig_channel_options_init(&options));
    options.ring_ms = 10000;
    options.stall_ms = 0;
    return options;
}

struct call call_idle(const earwig_channel_options *options)
{
    struct call call = {NULL, NULL};
    earwig_engine_options engine_options;
    earwig_channel_options defaults = call_options();

    OK(earwig_engine_options_init(&engine_options));
    engine_options.workers = 1;
    OK(earwig_engine_create(&engine_options, &call.engine));
    OK(earwig_channel_create(call.engine, options ? options : &defaults, &call.channel));
    if (!call.engine || !call.channel) {
        printf("no engine or no channel: no test can run\n");
        exit(1);
    }
    return call;
}

struct call call_answered(void)
{
    struct call call = call_idle(NULL);
    OK(earwig_channel_answer(call.channel));
    return call;
}

void call_close(struct call *call)
{
    earwig_channel_unref(call->channel);
    OK(earwig_engine_shutdown(call->engine, LONG_MS));
    earwig_engine_unref(call->engine);
    call->channel = NULL;
    call->engine = NULL;
}

void tone(char key, int16_t *samples, size_t count)
{
    static const char keys[] = "123A456B789C*0#D";
    static const double rows[] = {697, 770, 852, 941}, columns[] = {1209, 1336, 1477, 1633};
    const double turn = 2 * 3.14159265358979323846 / RATE;
    /* 0 dBm0 is a sine 3.14 dB below full scale. */
    const double amplitude = 32767 * pow(10, (-3.14 - 9) / 20);
    size_t at = (size_t)(strchr(keys, key) - keys), i;

    for (i = 0; i < count; i++) {
        double t = turn * (double)i;
        samples[i] = (int16_t)(amplitude * (sin(rows[at / 4] * t) + sin(columns[at % 4] * t)));
    }
}

void flush(earwig_channel *channel)
{
    OK(earwig_channel_flush(channel, LONG_MS));
}

static void write_frames(earwig_channel *channel, const int16_t *samples, size_t count)
{
    size_t at;
    for (at = 0; at < count; at += FRAME)
        OK(earwig_channel_write(channel, EARWIG_STREAM_RX, samples + at, FRAME));
}

void play(earwig_channel *channel, const char *keys)
{
    int16_t samples[8 * FRAME] = {0};
    for (; *keys; keys++) {
        tone(*keys, samples, 4 * FRAME);
        write_frames(channel, samples, 8 * FRAME);
        flush(channel);
    }
}

void play_silence(earwig_channel *channel, int ms)
{
    int16_t samples[FRAME] = {0};
    for (; ms > 0; ms -= 20) {
        OK(earwig_channel_write(channel, EARWIG_STREAM_RX, samples, FRAME));
        if (ms % 1000 == 0)
            flush(channel);
    }
    flush(channel);
}

const char *digits(earwig_channel *channel)
{
    static char text[EARWIG_DIGITS_MAX + 1];
    text[0] = '\0';
    OK(earwig_dtmf_get_digits(channel, text, sizeof text));
    return text;
}

void sleep_ms(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

long long now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

int on_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "vgpreload");
}

struct writer {
    earwig_channel *channel;
    int frames;
    size_t count;
    unsigned long ok, busy;
};

static void *write_much(void *user)
{
    static const int16_t frame[FRAME];
    struct writer *writer = user;
    int i;
    for (i = 0; i < writer->frames; i++) {
        earwig_status status = i % 4 ? earwig_channel_write(writer->channel, EARWIG_STREAM_RX, frame, writer->count)
                                     : earwig_channel_write_gap(writer->channel, EARWIG_STREAM_RX, writer->count);
        writer->ok += status == EARWIG_OK || status == EARWIG_ERR_OVERRUN;
        writer->busy += status == EARWIG_ERR_BUSY;
    }
    return NULL;
}

unsigned long write_from_two_threads(earwig_channel *channel, int frames, size_t count)
{
    struct writer writers[2];
    pthread_t threads[2];
    int i;

    for (i = 0; i < 2; i++) {
        writers[i] = (struct writer){channel, frames, count, 0, 0};
        CHECK_INT(pthread_create(&threads[i], NULL, write_much, &writers[i]), 0);
    }
    for (i = 0; i < 2; i++) {
        CHECK_INT(pthread_join(threads[i], NULL), 0);
        CHECK_INT(writers[i].ok + writers[i].busy, frames);
    }
    return writers[0].ok + writers[1].ok;
}
