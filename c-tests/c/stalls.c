/* Functions of the host, disks and control calls that stall hold neither the other channels' audio nor their events. */
#include "recorder.h"
#include <pthread.h>

/* A stall is longer than a ring, so a worker that waits for one loses audio; an event is late after LATE_MS. */
enum { STALL_MS = 1600, LATE_MS = 1000, PLAY_MS = 2000 };

/* ---- functions of the host that stall ---- */

static int stalls;

static void stall(void)
{
    __atomic_fetch_add(&stalls, 1, __ATOMIC_RELAXED);
    sleep_ms(STALL_MS);
}

static void on_line(void *user, int32_t level, const char *target, const char *message)
{
    (void)user;
    (void)level;
    (void)target;
    (void)message;
    stall();
}

static void on_event_stall(void *user, earwig_channel *channel, const earwig_event *event)
{
    (void)user;
    (void)channel;
    (void)event;
    stall();
}

static void on_drop_stall(void *user)
{
    (void)user;
    stall();
}

/* ---- a channel in real time ---- */

struct live {
    earwig_channel *channel;
    pthread_mutex_t lock;
    long long pressed_at[64];
    int pressed, digits, late_ms;
};

static void heard(struct live *live, const earwig_event *event)
{
    int late;
    if (event->type != EARWIG_EVENT_TYPE_DIGIT)
        return;
    pthread_mutex_lock(&live->lock);
    late = (int)(now_ms() - live->pressed_at[live->digits++]);
    if (late > live->late_ms)
        live->late_ms = late;
    pthread_mutex_unlock(&live->lock);
}

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    (void)channel;
    heard(user, event);
}

static earwig_channel *channel_of(earwig_engine *engine)
{
    earwig_channel_options options;
    earwig_channel *channel = NULL;
    OK(earwig_channel_options_init(&options));
    OK(earwig_channel_create(engine, &options, &channel));
    OK(earwig_channel_answer(channel));
    return channel;
}

static void live_init(struct live *live, earwig_engine *engine)
{
    memset(live, 0, sizeof *live);
    pthread_mutex_init(&live->lock, NULL);
    live->channel = channel_of(engine);
}

/* Frame `number` of a key that is pressed for 80 ms and let go for 80 ms. */
static void live_write(struct live *live, int number)
{
    static int16_t frames[8 * 160];
    int part = number % 8;
    if (part == 0) {
        tone('5', frames, 640);
        pthread_mutex_lock(&live->lock);
        live->pressed_at[live->pressed++] = now_ms();
        pthread_mutex_unlock(&live->lock);
    }
    /* live_close checks the overruns. */
    (void)earwig_channel_write(live->channel, EARWIG_STREAM_RX, frames + part * 160, 160);
}

static void live_poll(struct live *live)
{
    earwig_event event;
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(live->channel, &event) == EARWIG_OK)
        heard(live, &event);
}

static int live_heard_all(struct live *live)
{
    int all;
    pthread_mutex_lock(&live->lock);
    all = live->digits == live->pressed;
    pthread_mutex_unlock(&live->lock);
    return all;
}

/* Two channels, of which one has its events polled, the other by a callback. */
struct pair {
    struct live polled, called;
    long long begin;
};

static void pair_init(struct pair *pair, earwig_engine *engine)
{
    live_init(&pair->polled, engine);
    live_init(&pair->called, engine);
    OK(earwig_channel_set_callback(pair->called.channel, on_event, &pair->called, NULL));
    pair->begin = now_ms();
}

/* Writes frame `number` at its time. */
static void pair_write(struct pair *pair, int number)
{
    while (now_ms() < pair->begin + 20LL * number)
        sleep_ms(1);
    live_write(&pair->polled, number);
    live_write(&pair->called, number);
    live_poll(&pair->polled);
}

static void live_close(struct live *live)
{
    earwig_channel_stats stats;
    OK(earwig_channel_stats_init(&stats));
    OK(earwig_channel_get_stats(live->channel, &stats));
    CHECK_INT(stats.overruns, 0);
    CHECK_INT(live->digits, live->pressed);
    if (live->late_ms > LATE_MS)
        printf("an event was %d ms late\n", live->late_ms);
    CHECK(live->late_ms <= LATE_MS);
    earwig_channel_unref(live->channel);
    pthread_mutex_destroy(&live->lock);
}

/* Checks that nothing was lost or late. */
static void pair_close(struct pair *pair)
{
    long long until = now_ms() + LONG_MS;
    flush(pair->polled.channel);
    live_poll(&pair->polled);
    while (!live_heard_all(&pair->called) && now_ms() < until)
        sleep_ms(1);
    live_close(&pair->polled);
    live_close(&pair->called);
}

/* ---- a start that stalls ---- */

struct starter {
    earwig_channel *channel;
    const char *file;
    long long took_ms;
    earwig_status status;
};

static void *start_recorder(void *user)
{
    struct starter *starter = user;
    earwig_recorder_options options = linear();
    long long begin = now_ms();
    starter->status = earwig_recorder_start(starter->channel, starter->file, &options);
    starter->took_ms = now_ms() - begin;
    return NULL;
}

TEST(what_stalls_holds_no_other_channel)
{
    struct fixture fixture = fixture_answered();
    earwig_engine *engine = fixture.call.engine;
    earwig_channel *noisy = channel_of(engine), *recorded = channel_of(engine), *freed = channel_of(engine);
    struct starter starter = {fixture.channel, path_in(&fixture.folder, "a.wav"), 0, 0};
    struct pair pair;
    pthread_t thread;
    static int16_t lost[16000];
    earwig_recorder_options options = linear();
    int calls, i;

    stalls = 0;
    /* The disk, for a recording and for a start, which writes the file's header. */
    start(recorded, path_in(&fixture.folder, "b.wav"), &options);
    slow_disk(STALL_MS);
    calls = disk_calls();
    OK(earwig_channel_write(recorded, EARWIG_STREAM_RX, lost, 640));
    CHECK_INT(pthread_create(&thread, NULL, start_recorder, &starter), 0);
    /* A callback. */
    OK(earwig_channel_set_callback(noisy, on_event_stall, NULL, NULL));
    OK(earwig_dtmf_inject(noisy, '1', 0));
    /* The destructor of a channel that is freed. */
    OK(earwig_channel_set_callback(freed, on_event_stall, NULL, on_drop_stall));
    earwig_channel_unref(freed);
    /* The log: audio is lost. */
    OK(earwig_log_set(on_line, NULL, 2));
    CHECK_INT(earwig_channel_write(noisy, EARWIG_STREAM_RX, lost, 16000), EARWIG_ERR_OVERRUN);

    pair_init(&pair, engine);
    for (i = 0; i < PLAY_MS / 20; i++)
        pair_write(&pair, i);
    pair_close(&pair);
    slow_disk(0);
    /* Each of them did stall. */
    CHECK(__atomic_load_n(&stalls, __ATOMIC_RELAXED) >= 3);
    CHECK(disk_calls() >= calls + 2);
    CHECK_INT(pthread_join(thread, NULL), 0);
    OK(starter.status);
    CHECK(starter.took_ms >= STALL_MS);

    earwig_channel_unref(noisy);
    OK(earwig_recorder_stop(recorded, LONG_MS));
    earwig_channel_unref(recorded);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    call_close(&fixture.call);
    OK(earwig_log_set(NULL, NULL, 0));
    folder_close(&fixture.folder, "a.wav b.wav");
}

/* A gap of minutes, which a detection and a recording take seconds to process. */
TEST(a_long_gap_holds_no_other_channel)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_machine_options detect;
    earwig_channel_stats stats;
    struct pair pair;
    const int gap_s = on_valgrind() || SANITIZED ? 10 : 600;
    int i;

    options.rate_hz = 48000;
    options.source = EARWIG_RECORDER_SOURCE_BOTH;
    options.max_silence_ms = options.max_bytes = 0;
    start(fixture.channel, fixture.file, &options);
    OK(earwig_machine_options_init(&detect));
    detect.timeout_ms = detect.initial_timeout_ms = EARWIG_FOREVER;
    OK(earwig_machine_start(fixture.channel, &detect));
    OK(earwig_channel_write_gap(fixture.channel, EARWIG_STREAM_RX, (size_t)gap_s * SECOND));

    pair_init(&pair, fixture.call.engine);
    for (i = 0; i < PLAY_MS / 20; i++)
        pair_write(&pair, i);
    pair_close(&pair);

    OK(earwig_recorder_stop(fixture.channel, 3 * LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, gap_s * 1000LL);
    OK(earwig_channel_stats_init(&stats));
    OK(earwig_channel_get_stats(fixture.channel, &stats));
    CHECK_INT(stats.media_ms, gap_s * 1000LL);
    fixture_close(&fixture);
}
