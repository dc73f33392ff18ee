/* Several threads on one channel and on several. */
#include "test.h"
#include <pthread.h>

static const int16_t frame[160];

static void join(pthread_t thread)
{
    CHECK_INT(pthread_join(thread, NULL), 0);
}

TEST(two_writers_at_once_are_busy_and_no_sample_is_counted_twice)
{
    struct call call = call_answered();
    unsigned long taken = write_from_two_threads(call.channel, 20000, 16);
    earwig_channel_stats stats;

    flush(call.channel);
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, frame, 16));
    flush(call.channel);
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(earwig_channel_get_stats(call.channel, &stats));
    CHECK_INT(stats.rx_samples + stats.gap_samples, 16 + 16 * taken);
    call_close(&call);
}

/* ---- all functions at once ---- */

struct shared {
    earwig_engine *engine;
    earwig_channel *channel;
    int stop, wrong;
};

static int stopped(struct shared *shared)
{
    return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static void expect(struct shared *shared, earwig_status status, const earwig_status *allowed)
{
    for (; *allowed != 1; allowed++)
        if (status == *allowed)
            return;
    printf("unexpected: %d, %s\n", (int)status, earwig_status_str(status));
    __atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
}

#define EXPECT(call, ...)                                                                                                      \
    do {                                                                                                                       \
        const earwig_status allowed[] = {EARWIG_OK, __VA_ARGS__, 1};                                                           \
        expect(shared, (call), allowed);                                                                                       \
    } while (0)

static void *media(void *user)
{
    struct shared *shared = user;
    int16_t key[160];
    int i;
    tone('5', key, 160);
    for (i = 0; !stopped(shared); i++) {
        EXPECT(earwig_channel_write(shared->channel, EARWIG_STREAM_RX, i % 8 < 4 ? key : frame, 160), EARWIG_ERR_HANGUP,
               EARWIG_ERR_OVERRUN);
        EXPECT(earwig_channel_write(shared->channel, EARWIG_STREAM_TX, frame, 160), EARWIG_ERR_HANGUP, EARWIG_ERR_OVERRUN);
        EXPECT(earwig_channel_write_gap(shared->channel, EARWIG_STREAM_RX, 80), EARWIG_ERR_HANGUP, EARWIG_ERR_OVERRUN);
        if (i % 50 == 49)
            EXPECT(earwig_channel_hangup(shared->channel), EARWIG_ERR_HANGUP);
        if (i % 64 == 63)
            sleep_ms(1);
    }
    return NULL;
}

static void *states(void *user)
{
    struct shared *shared = user;
    int32_t state;
    while (!stopped(shared)) {
        EXPECT(earwig_channel_answer(shared->channel), EARWIG_OK);
        EXPECT(earwig_channel_ringing(shared->channel), EARWIG_ERR_STATE);
        EXPECT(earwig_channel_get_state(shared->channel, &state), EARWIG_OK);
        if (state < 0 || state > 2)
            __atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
        sleep_ms(1);
    }
    return NULL;
}

static void *jobs(void *user)
{
    struct shared *shared = user;
    earwig_dtmf_options options;
    earwig_dtmf_result result;
    earwig_dtmf_options_init(&options);
    earwig_dtmf_result_init(&result);
    options.count = 2;
    options.predigits_timeout_ms = 500;
    options.interdigit_timeout_ms = 200;
    while (!stopped(shared)) {
        EXPECT(earwig_dtmf_start(shared->channel, &options), EARWIG_ERR_BUSY, EARWIG_ERR_HANGUP, EARWIG_ERR_STATE,
               EARWIG_ERR_FULL);
        EXPECT(earwig_dtmf_wait(shared->channel, 2, &result), EARWIG_ERR_TIMEOUT, EARWIG_ERR_AGAIN);
        EXPECT(earwig_dtmf_get_result(shared->channel, &result), EARWIG_ERR_AGAIN);
        EXPECT(earwig_dtmf_inject(shared->channel, '7', 40), EARWIG_ERR_HANGUP);
        EXPECT(earwig_dtmf_stop(shared->channel, 0), EARWIG_OK);
        EXPECT(earwig_dtmf_clear(shared->channel), EARWIG_OK);
    }
    return NULL;
}

static void *readers(void *user)
{
    struct shared *shared = user;
    earwig_event event;
    earwig_channel_stats stats;
    char text[64];
    int fd;
    earwig_event_init(&event);
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    while (!stopped(shared)) {
        EXPECT(earwig_channel_next_event(shared->channel, &event), EARWIG_ERR_AGAIN);
        EXPECT(earwig_channel_wait_event(shared->channel, 1, &event), EARWIG_ERR_TIMEOUT);
        EXPECT(earwig_channel_get_event_fd(shared->channel, &fd), EARWIG_OK);
        EXPECT(earwig_channel_flush(shared->channel, 2), EARWIG_ERR_TIMEOUT);
        EXPECT(earwig_channel_get_stats(shared->channel, &stats), EARWIG_OK);
        EXPECT(earwig_channel_get_error(shared->channel, text, sizeof text), EARWIG_OK);
        EXPECT(earwig_dtmf_get_digits(shared->channel, text, sizeof text), EARWIG_OK);
    }
    return NULL;
}

static int drops;

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    (void)user;
    (void)event;
    earwig_channel_unref(earwig_channel_ref(channel));
}

static void on_drop(void *user)
{
    (void)user;
    __atomic_fetch_add(&drops, 1, __ATOMIC_RELAXED);
}

static int sets;

static void *callbacks(void *user)
{
    struct shared *shared = user;
    while (!stopped(shared)) {
        EXPECT(earwig_channel_set_callback(shared->channel, on_event, shared, on_drop), EARWIG_OK);
        __atomic_fetch_add(&sets, 1, __ATOMIC_RELAXED);
        sleep_ms(1);
        EXPECT(earwig_channel_set_callback(shared->channel, NULL, NULL, NULL), EARWIG_OK);
        sleep_ms(1);
    }
    return NULL;
}

static void *others(void *user)
{
    struct shared *shared = user;
    while (!stopped(shared)) {
        earwig_channel *channel = NULL;
        EXPECT(earwig_channel_create(shared->engine, NULL, &channel), EARWIG_OK);
        EXPECT(earwig_channel_answer(channel), EARWIG_OK);
        EXPECT(earwig_channel_write(channel, EARWIG_STREAM_RX, frame, 160), EARWIG_OK);
        EXPECT(earwig_dtmf_start(channel, NULL), EARWIG_OK);
        EXPECT(earwig_channel_set_callback(channel, on_event, shared, on_drop), EARWIG_OK);
        __atomic_fetch_add(&sets, 1, __ATOMIC_RELAXED);
        EXPECT(earwig_channel_hangup(channel), EARWIG_OK);
        earwig_channel_unref(channel);
    }
    return NULL;
}

TEST(all_functions_at_once_from_many_threads_are_safe)
{
    static void *(*const roles[])(void *) = {media, states, jobs, readers, callbacks, others};
    enum { ROLES = sizeof roles / sizeof *roles };
    struct call call = call_answered();
    struct shared shared;
    pthread_t threads[ROLES];
    int i;

    memset(&shared, 0, sizeof shared);
    shared.engine = call.engine;
    shared.channel = call.channel;
    drops = sets = 0;
    for (i = 0; i < ROLES; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, roles[i], &shared), 0);
    sleep_ms(1000);
    __atomic_store_n(&shared.stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < ROLES; i++)
        join(threads[i]);
    CHECK_INT(shared.wrong, 0);
    call_close(&call);
    CHECK_INT(drops, sets);
}

/* ---- calls that are shorter than a worker's round ---- */

TEST(many_calls_within_a_round_keep_their_times)
{
    enum { CALLS = 20 };
    struct call call = call_idle(NULL);
    earwig_dtmf_options options;
    earwig_event event;
    long long ms = 0;
    int i;

    OK(earwig_dtmf_options_init(&options));
    options.predigits_timeout_ms = EARWIG_FOREVER;
    for (i = 0; i < CALLS; i++) {
        size_t count = 8 * (i + 1);
        OK(earwig_channel_answer(call.channel));
        OK(earwig_dtmf_start(call.channel, &options));
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, frame, count));
        OK(earwig_channel_hangup(call.channel));
    }
    flush(call.channel);
    OK(earwig_event_init(&event));
    for (i = 0; i < CALLS; i++) {
        OK(earwig_channel_next_event(call.channel, &event));
        CHECK_INT(event.cause, EARWIG_DTMF_CAUSE_HANGUP);
        CHECK_INT(event.start_ms, ms);
        ms += i + 1;
        CHECK_INT(event.at_ms, ms);
    }
    call_close(&call);
}

/* ---- a hang-up and the last reference while a thread blocks ---- */

static void *collect_without_limit(void *user)
{
    struct shared *shared = user;
    earwig_dtmf_options options;
    earwig_dtmf_result result;

    earwig_dtmf_options_init(&options);
    earwig_dtmf_result_init(&result);
    options.count = 32;
    options.predigits_timeout_ms = EARWIG_FOREVER;
    EXPECT(earwig_dtmf_collect(shared->channel, &options, &result), EARWIG_ERR_HANGUP);
    if (result.cause != EARWIG_DTMF_CAUSE_HANGUP && result.cause != EARWIG_DTMF_CAUSE_NONE)
        __atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
    earwig_channel_unref(shared->channel);
    return NULL;
}

TEST(a_hang_up_ends_a_blocked_collect)
{
    int i;
    for (i = 0; i < 50; i++) {
        struct call call = call_answered();
        struct shared shared;
        pthread_t thread;

        memset(&shared, 0, sizeof shared);
        shared.channel = earwig_channel_ref(call.channel);
        CHECK_INT(pthread_create(&thread, NULL, collect_without_limit, &shared), 0);
        if (i % 2)
            sleep_ms(1);
        OK(earwig_channel_hangup(call.channel));
        join(thread);
        CHECK_INT(shared.wrong, 0);
        call_close(&call);
    }
}

struct blocked {
    earwig_channel *channel;
    earwig_status status;
    earwig_dtmf_result result;
    int done;
};

static void *collect_one(void *user)
{
    struct blocked *blocked = user;
    earwig_dtmf_options options;
    earwig_dtmf_options_init(&options);
    earwig_dtmf_result_init(&blocked->result);
    options.count = 1;
    options.predigits_timeout_ms = EARWIG_FOREVER;
    blocked->status = earwig_dtmf_collect(blocked->channel, &options, &blocked->result);
    __atomic_store_n(&blocked->done, 1, __ATOMIC_RELEASE);
    return NULL;
}

TEST(a_blocked_collect_returns_its_own_result_if_another_collection_starts)
{
    int i;
    for (i = 0; i < 20; i++) {
        struct call call = call_answered();
        struct blocked blocked;
        pthread_t thread;
        earwig_dtmf_options options;
        long long until = now_ms() + 1000;

        memset(&blocked, 0, sizeof blocked);
        blocked.channel = call.channel;
        CHECK_INT(pthread_create(&thread, NULL, collect_one, &blocked), 0);
        OK(earwig_dtmf_options_init(&options));
        options.count = 32;
        options.predigits_timeout_ms = options.interdigit_timeout_ms = EARWIG_FOREVER;
        /* Ends the collection once it runs, and starts another before its thread can have woken up. */
        sleep_ms(20);
        OK(earwig_dtmf_inject(call.channel, '1', 0));
        while (earwig_dtmf_start(call.channel, &options) == EARWIG_ERR_BUSY && now_ms() < until)
            ;
        while (!__atomic_load_n(&blocked.done, __ATOMIC_ACQUIRE) && now_ms() < until)
            sleep_ms(1);
        CHECK_INT(__atomic_load_n(&blocked.done, __ATOMIC_ACQUIRE), 1);
        OK(earwig_channel_hangup(call.channel));
        join(thread);
        /* It was refused if it came while the other ran. */
        if (blocked.status == EARWIG_OK) {
            CHECK_INT(blocked.result.cause, EARWIG_DTMF_CAUSE_COUNT);
            CHECK_TEXT(blocked.result.digits, "1");
        } else {
            CHECK_INT(blocked.status, EARWIG_ERR_BUSY);
        }
        call_close(&call);
    }
}

static void *wait_for_end(void *user)
{
    struct blocked *blocked = user;
    earwig_dtmf_result_init(&blocked->result);
    __atomic_store_n(&blocked->done, 1, __ATOMIC_RELEASE);
    blocked->status = earwig_dtmf_wait(blocked->channel, EARWIG_FOREVER, &blocked->result);
    return NULL;
}

/* Starts a collection that nothing but a hang-up ends, and a thread that blocks on it without a reference of its own. */
static pthread_t start_blocked(struct call *call, struct blocked *blocked, void *(*run)(void *))
{
    earwig_dtmf_options options;
    pthread_t thread;

    memset(blocked, 0, sizeof *blocked);
    blocked->channel = call->channel;
    OK(earwig_dtmf_result_init(&blocked->result));
    OK(earwig_dtmf_options_init(&options));
    options.predigits_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(call->channel, &options));
    CHECK_INT(pthread_create(&thread, NULL, run, blocked), 0);
    while (!__atomic_load_n(&blocked->done, __ATOMIC_ACQUIRE))
        sleep_ms(1);
    sleep_ms(on_valgrind() ? 200 : 20);
    return thread;
}

TEST(the_last_reference_may_be_given_back_while_a_thread_blocks)
{
    struct call call = call_answered();
    struct blocked blocked;
    pthread_t thread = start_blocked(&call, &blocked, wait_for_end);

    OK(earwig_channel_hangup(call.channel));
    earwig_channel_unref(call.channel);
    call.channel = NULL;
    join(thread);
    CHECK_INT(blocked.status, EARWIG_OK);
    CHECK_INT(blocked.result.cause, EARWIG_DTMF_CAUSE_HANGUP);
    call_close(&call);
}

static void *wait_for_event(void *user)
{
    struct blocked *blocked = user;
    earwig_event event;
    earwig_event_init(&event);
    __atomic_store_n(&blocked->done, 1, __ATOMIC_RELEASE);
    blocked->status = earwig_channel_wait_event(blocked->channel, EARWIG_FOREVER, &event);
    return NULL;
}

static void *wait_for_verdict(void *user)
{
    struct blocked *blocked = user;
    earwig_machine_options options;
    earwig_machine_result result;
    earwig_machine_options_init(&options);
    earwig_machine_result_init(&result);
    options.timeout_ms = options.initial_timeout_ms = EARWIG_FOREVER;
    __atomic_store_n(&blocked->done, 1, __ATOMIC_RELEASE);
    blocked->status = earwig_machine_detect(blocked->channel, &options, &result);
    return NULL;
}

TEST(threads_that_wait_return_when_the_last_reference_is_given_back)
{
    static void *(*const waits[])(void *) = {wait_for_end, wait_for_event, wait_for_verdict};
    size_t i;

    for (i = 0; i < sizeof waits / sizeof *waits; i++) {
        struct call call = call_answered();
        struct blocked blocked;
        pthread_t thread = start_blocked(&call, &blocked, waits[i]);
        long long begin = now_ms();

        earwig_channel_unref(call.channel);
        call.channel = NULL;
        join(thread);
        CHECK(now_ms() - begin < LONG_MS);
        CHECK_INT(blocked.status, EARWIG_ERR_HANGUP);
        call_close(&call);
    }
}

static void *take_and_give(void *user)
{
    struct shared *shared = user;
    int i;
    for (i = 0; i < 10000; i++)
        earwig_channel_unref(earwig_channel_ref(shared->channel));
    earwig_channel_unref(shared->channel);
    return NULL;
}

TEST(references_are_counted_from_all_threads)
{
    struct call call = call_answered();
    struct shared shared;
    pthread_t threads[4];
    int i;

    memset(&shared, 0, sizeof shared);
    shared.channel = call.channel;
    for (i = 0; i < 4; i++) {
        earwig_channel_ref(call.channel);
        CHECK_INT(pthread_create(&threads[i], NULL, take_and_give, &shared), 0);
    }
    for (i = 0; i < 4; i++)
        join(threads[i]);
    play(call.channel, "1");
    CHECK_TEXT(digits(call.channel), "1");
    call_close(&call);
}

TEST(a_channel_whose_engine_goes_first_is_freed_too)
{
    long long until = now_ms() + LONG_MS;
    int i;
    for (i = 0; i < 200; i++) {
        struct call call = call_answered();
        int16_t samples[640];
        OK(earwig_channel_set_callback(call.channel, on_event, NULL, NULL));
        tone('1', samples, 640);
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 640));
        OK(earwig_dtmf_inject(call.channel, '2', 0));
        earwig_engine_unref(call.engine);
        if (i % 4 == 1)
            sleep_ms(1);
        earwig_channel_unref(call.channel);
    }
    while (earwig_live_handles() > 0 && now_ms() < until)
        sleep_ms(1);
    /* No handle is left to wait for the threads: give them time to end. */
    sleep_ms(100);
}
