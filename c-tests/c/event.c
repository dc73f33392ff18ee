/* Events: by polling, waiting, descriptor and callback. */
#include "test.h"
#include <poll.h>
#include <pthread.h>

static earwig_event next(earwig_channel *channel)
{
    earwig_event event;
    OK(earwig_event_init(&event));
    OK(earwig_channel_next_event(channel, &event));
    return event;
}

static int empty(earwig_channel *channel)
{
    earwig_event event;
    OK(earwig_event_init(&event));
    return earwig_channel_next_event(channel, &event) == EARWIG_ERR_AGAIN;
}

/* Starts a collection of `count` digits without a timeout. */
static void start(earwig_channel *channel, int32_t count)
{
    earwig_dtmf_options options;
    OK(earwig_dtmf_options_init(&options));
    options.count = count;
    options.predigits_timeout_ms = options.interdigit_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(channel, &options));
}

TEST(null_is_refused_by_every_event_call)
{
    struct call call = call_answered();
    earwig_event event;
    int fd = -5;

    OK(earwig_event_init(&event));
    CHECK_INT(earwig_event_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_next_event(NULL, &event), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_wait_event(NULL, 0, &event), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_event_fd(NULL, &fd), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_event_fd(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(fd, -5);
    CHECK_INT(earwig_channel_set_callback(NULL, NULL, NULL, NULL), EARWIG_ERR_NULL);
    play(call.channel, "1");
    CHECK_INT(earwig_channel_next_event(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_wait_event(call.channel, 0, NULL), EARWIG_ERR_NULL);
    /* No event was lost. */
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT);
    call_close(&call);
}

TEST(an_event_of_a_wrong_size_is_refused_and_not_lost)
{
    struct call call = call_answered();
    earwig_event event;

    play(call.channel, "1");
    OK(earwig_event_init(&event));
    event.struct_size = 0;
    CHECK_INT(earwig_channel_next_event(call.channel, &event), EARWIG_ERR_SIZE);
    event.struct_size = 7;
    CHECK_INT(earwig_channel_wait_event(call.channel, 0, &event), EARWIG_ERR_SIZE);
    event.struct_size = SIZE_MAX;
    CHECK_INT(earwig_channel_next_event(call.channel, &event), EARWIG_ERR_SIZE);
    CHECK_INT(next(call.channel).digit, '1');
    call_close(&call);
}

TEST(a_shorter_event_of_an_older_host_is_filled_up_to_its_size)
{
    struct call call = call_answered();
    earwig_event event;

    play(call.channel, "1");
    memset(&event, 0x55, sizeof event);
    event.struct_size = offsetof(earwig_event, low_dbm0);
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.struct_size, offsetof(earwig_event, low_dbm0));
    CHECK_INT(event.digit, '1');
    CHECK_INT(event.stored, 0x55555555);
    call_close(&call);
}

TEST(a_wait_for_an_event_below_forever_is_refused)
{
    struct call call = call_answered();
    earwig_event event;
    OK(earwig_event_init(&event));
    play(call.channel, "1");
    CHECK_INT(earwig_channel_wait_event(call.channel, -2, &event), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_channel_wait_event(call.channel, INT64_MIN, &event), EARWIG_ERR_INVALID);
    OK(earwig_channel_wait_event(call.channel, EARWIG_FOREVER, &event));
    CHECK_INT(event.digit, '1');
    call_close(&call);
}

TEST(a_key_press_is_an_event_at_its_start_and_one_at_its_end)
{
    struct call call = call_answered();
    earwig_event event;

    play_silence(call.channel, 200);
    play(call.channel, "9");
    event = next(call.channel);
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_DIGIT);
    CHECK_INT(event.digit, '9');
    CHECK_INT(event.source, EARWIG_DIGIT_SOURCE_INBAND);
    CHECK_INT(event.stored, 1);
    CHECK_INT(event.end_ms, -1);
    CHECK(event.start_ms >= 195 && event.start_ms <= 205);
    CHECK(event.at_ms >= event.start_ms && event.at_ms <= 280);
    event = next(call.channel);
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_DIGIT_END);
    CHECK_INT(event.digit, '9');
    CHECK(event.end_ms >= 275 && event.end_ms <= 285);
    CHECK(event.low_dbm0 > -10 && event.low_dbm0 < -8);
    CHECK(event.high_dbm0 > -10 && event.high_dbm0 < -8);
    CHECK(event.twist_db > -1 && event.twist_db < 1);
    CHECK(empty(call.channel));
    call_close(&call);
}

TEST(the_end_of_a_collection_is_an_event)
{
    struct call call = call_answered();
    earwig_event event;

    start(call.channel, 2);
    play(call.channel, "12");
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT);
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT_END);
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT);
    event = next(call.channel);
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_DTMF_ENDED);
    CHECK_INT(event.cause, EARWIG_DTMF_CAUSE_COUNT);
    CHECK_TEXT(event.digits, "12");
    call_close(&call);
}

TEST(reading_a_result_removes_its_event)
{
    struct call call = call_answered();
    earwig_dtmf_result result;

    start(call.channel, 1);
    OK(earwig_dtmf_inject(call.channel, '1', 0));
    flush(call.channel);
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_get_result(call.channel, &result));
    CHECK_TEXT(result.digits, "1");
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT);
    CHECK(empty(call.channel));
    /* The result can be read again. */
    OK(earwig_dtmf_get_result(call.channel, &result));
    CHECK_TEXT(result.digits, "1");
    call_close(&call);
}

TEST(a_stop_a_cause_a_progress_and_the_json_leave_the_ending_in_the_queue)
{
    struct call call = call_answered();
    earwig_machine_result result;
    char json[4096];
    int32_t cause = -1;

    start(call.channel, 1);
    OK(earwig_dtmf_stop(call.channel, LONG_MS));
    OK(earwig_dtmf_get_cause(call.channel, &cause));
    OK(earwig_machine_start(call.channel, NULL));
    OK(earwig_machine_stop(call.channel, LONG_MS));
    OK(earwig_machine_result_init(&result));
    OK(earwig_machine_get_progress(call.channel, &result));
    OK(earwig_channel_to_json(call.channel, json, sizeof json));
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DTMF_ENDED);
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_MACHINE);
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_MACHINE_ENDED);
    CHECK(empty(call.channel));
    call_close(&call);
}

TEST(a_wait_without_an_event_times_out)
{
    struct call call = call_answered();
    earwig_event event;
    long long before = now_ms();

    OK(earwig_event_init(&event));
    CHECK_INT(earwig_channel_wait_event(call.channel, 0, &event), EARWIG_ERR_TIMEOUT);
    CHECK_INT(earwig_channel_wait_event(call.channel, 30, &event), EARWIG_ERR_TIMEOUT);
    CHECK(now_ms() - before >= 29);
    call_close(&call);
}

TEST(a_full_queue_drops_progress_but_no_ending)
{
    earwig_channel_options options = call_options();
    struct call call;
    earwig_channel_stats stats;
    earwig_event event;
    int ends = 0, events = 0, i;

    options.event_capacity = 8;
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    start(call.channel, 12);
    for (i = 0; i < 12; i++)
        OK(earwig_dtmf_inject(call.channel, '0' + i % 10, 0));
    flush(call.channel);
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(call.channel, &event) == EARWIG_OK) {
        events++;
        ends += event.type == EARWIG_EVENT_TYPE_DTMF_ENDED;
    }
    CHECK_INT(events, 8);
    CHECK_INT(ends, 1);
    CHECK_TEXT(event.digits, "012345678901");
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(earwig_channel_get_stats(call.channel, &stats));
    CHECK_INT(stats.events_dropped, 5);
    call_close(&call);
}

TEST(a_queue_full_of_endings_refuses_the_next_job)
{
    earwig_channel_options options = call_options();
    struct call call;
    int i;

    options.event_capacity = 8;
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    for (i = 0; i < 8; i++) {
        OK(earwig_dtmf_start(call.channel, NULL));
        flush(call.channel);
    }
    CHECK_INT(earwig_dtmf_start(call.channel, NULL), EARWIG_ERR_FULL);
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DTMF_ENDED);
    OK(earwig_dtmf_start(call.channel, NULL));
    call_close(&call);
}

/* ---- the descriptor ---- */

static int readable(int fd, int wait_ms)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};
    return poll(&poll_fd, 1, wait_ms) == 1 && (poll_fd.revents & POLLIN);
}

TEST(the_descriptor_is_readable_while_events_wait)
{
    struct call call = call_answered();
    int fd = -1, again = -1;

    OK(earwig_channel_get_event_fd(call.channel, &fd));
    OK(earwig_channel_get_event_fd(call.channel, &again));
    CHECK(fd >= 0);
    CHECK_INT(again, fd);
    CHECK(!readable(fd, 0));
    play(call.channel, "1");
    CHECK(readable(fd, LONG_MS));
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT);
    CHECK(readable(fd, 0));
    CHECK_INT(next(call.channel).type, EARWIG_EVENT_TYPE_DIGIT_END);
    CHECK(empty(call.channel));
    CHECK(!readable(fd, 0));
    play(call.channel, "2");
    CHECK(readable(fd, LONG_MS));
    call_close(&call);
}

TEST(a_new_descriptor_is_readable_if_events_wait)
{
    struct call call = call_answered();
    int fd = -1;
    play(call.channel, "1");
    OK(earwig_channel_get_event_fd(call.channel, &fd));
    CHECK(readable(fd, LONG_MS));
    call_close(&call);
}

TEST(reading_the_last_events_result_makes_the_descriptor_unreadable)
{
    struct call call = call_answered();
    earwig_dtmf_result result;
    int fd = -1;

    OK(earwig_channel_get_event_fd(call.channel, &fd));
    OK(earwig_dtmf_start(call.channel, NULL));
    CHECK(readable(fd, LONG_MS));
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_get_result(call.channel, &result));
    CHECK(!readable(fd, 0));
    call_close(&call);
}

/* ---- the callback ---- */

struct received {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int events, drops, wrong, unref;
    char digits[EARWIG_DIGITS_MAX + 1];
    int32_t cause;
    earwig_status blocking[6];
    int blocked;
};

static void received_init(struct received *received)
{
    memset(received, 0, sizeof *received);
    pthread_mutex_init(&received->lock, NULL);
    pthread_cond_init(&received->changed, NULL);
    received->cause = -1;
}

static void note(struct received *received, int *counter)
{
    pthread_mutex_lock(&received->lock);
    ++*counter;
    pthread_cond_broadcast(&received->changed);
    pthread_mutex_unlock(&received->lock);
}

static void await(struct received *received, const int *counter, int min)
{
    long long until = now_ms() + LONG_MS;
    int now;
    do {
        pthread_mutex_lock(&received->lock);
        now = *counter;
        pthread_mutex_unlock(&received->lock);
        if (now < min)
            sleep_ms(1);
    } while (now < min && now_ms() < until);
    CHECK(now >= min);
}

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    if (!channel || event->struct_size != sizeof *event || event->type < 1 || event->type > 3 || received->drops)
        received->wrong++;
    if (event->type == EARWIG_EVENT_TYPE_DTMF_ENDED) {
        memcpy(received->digits, event->digits, sizeof event->digits);
        received->cause = event->cause;
    }
    note(received, &received->events);
}

static void on_drop(void *user)
{
    struct received *received = user;
    note(received, &received->drops);
}

TEST(a_callback_receives_every_event_in_order)
{
    struct call call = call_answered();
    struct received received;

    received_init(&received);
    OK(earwig_channel_set_callback(call.channel, on_event, &received, on_drop));
    start(call.channel, 3);
    play(call.channel, "123");
    await(&received, &received.events, 7);
    CHECK_INT(received.wrong, 0);
    CHECK_INT(received.cause, EARWIG_DTMF_CAUSE_COUNT);
    CHECK_TEXT(received.digits, "123");
    CHECK(empty(call.channel));
    CHECK_INT(received.drops, 0);
    call_close(&call);
    CHECK_INT(received.drops, 1);
    CHECK_INT(received.events, 7);
}

TEST(a_new_callback_receives_the_events_in_the_queue)
{
    struct call call = call_answered();
    struct received received;

    received_init(&received);
    play(call.channel, "1");
    OK(earwig_channel_set_callback(call.channel, on_event, &received, NULL));
    await(&received, &received.events, 2);
    call_close(&call);
}

struct gate {
    pthread_mutex_t closed;
    int inside;
};

static void wait_at_gate(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct gate *gate = user;
    (void)channel;
    (void)event;
    __atomic_fetch_add(&gate->inside, 1, __ATOMIC_RELAXED);
    pthread_mutex_lock(&gate->closed);
    pthread_mutex_unlock(&gate->closed);
}

TEST(seven_callbacks_that_stall_do_not_hold_the_eighth)
{
    enum { STALLED = 7 };
    struct call call = call_answered();
    earwig_channel *channels[STALLED];
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, 0};
    struct received received;
    long long until;
    int i;

    received_init(&received);
    pthread_mutex_lock(&gate.closed);
    for (i = 0; i < STALLED; i++) {
        earwig_channel_options options = call_options();
        OK(earwig_channel_create(call.engine, &options, &channels[i]));
        OK(earwig_channel_answer(channels[i]));
        OK(earwig_channel_set_callback(channels[i], wait_at_gate, &gate, NULL));
        OK(earwig_dtmf_inject(channels[i], '1', 0));
    }
    OK(earwig_channel_set_callback(call.channel, on_event, &received, on_drop));
    play(call.channel, "1");
    await(&received, &received.events, 2);
    for (until = now_ms() + LONG_MS; __atomic_load_n(&gate.inside, __ATOMIC_RELAXED) < STALLED && now_ms() < until;)
        sleep_ms(1);
    CHECK_INT(__atomic_load_n(&gate.inside, __ATOMIC_RELAXED), STALLED);
    pthread_mutex_unlock(&gate.closed);
    for (i = 0; i < STALLED; i++)
        earwig_channel_unref(channels[i]);
    call_close(&call);
    CHECK_INT(received.drops, 1);
}

TEST(with_a_callback_reading_a_result_does_not_remove_its_event)
{
    struct call call = call_answered();
    struct received received;
    earwig_dtmf_result result;

    received_init(&received);
    OK(earwig_channel_set_callback(call.channel, on_event, &received, on_drop));
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_collect(call.channel, NULL, &result));
    await(&received, &received.events, 1);
    CHECK_INT(received.cause, EARWIG_DTMF_CAUSE_NONE);
    call_close(&call);
    CHECK_INT(received.drops, 1);
}

TEST(drop_is_called_once_when_the_callback_is_replaced)
{
    struct call call = call_answered();
    struct received first, second;

    received_init(&first);
    received_init(&second);
    OK(earwig_channel_set_callback(call.channel, on_event, &first, on_drop));
    OK(earwig_channel_set_callback(call.channel, on_event, &second, on_drop));
    await(&first, &first.drops, 1);
    play(call.channel, "1");
    await(&second, &second.events, 2);
    OK(earwig_channel_set_callback(call.channel, NULL, NULL, NULL));
    await(&second, &second.drops, 1);
    play(call.channel, "2");
    CHECK_INT(next(call.channel).digit, '2');
    call_close(&call);
    CHECK_INT(first.drops, 1);
    CHECK_INT(first.events, 0);
    CHECK_INT(second.drops, 1);
    CHECK_INT(second.events, 2);
}

TEST(drop_without_a_callback_is_called_at_once)
{
    struct call call = call_answered();
    struct received received;
    received_init(&received);
    OK(earwig_channel_set_callback(call.channel, NULL, &received, on_drop));
    CHECK_INT(received.drops, 1);
    call_close(&call);
    CHECK_INT(received.drops, 1);
}

TEST(drop_is_not_called_if_the_channel_is_null)
{
    struct received received;
    received_init(&received);
    CHECK_INT(earwig_channel_set_callback(NULL, on_event, &received, on_drop), EARWIG_ERR_NULL);
    CHECK_INT(received.drops, 0);
}

static earwig_engine *blocking_engine;

static void try_to_block(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    earwig_event next_event;
    earwig_dtmf_result result;
    char text[EARWIG_DIGITS_MAX + 1];
    int32_t value;

    if (event->type != EARWIG_EVENT_TYPE_DIGIT)
        return;
    earwig_event_init(&next_event);
    earwig_dtmf_result_init(&result);
    received->blocking[0] = earwig_channel_flush(channel, 0);
    received->blocking[1] = earwig_channel_wait_event(channel, 0, &next_event);
    received->blocking[2] = earwig_dtmf_collect(channel, NULL, &result);
    received->blocking[3] = earwig_dtmf_wait(channel, 0, &result);
    received->blocking[4] = earwig_dtmf_get_digits(channel, text, sizeof text);
    /* The channel has references: DEADLOCK takes precedence over BUSY. */
    received->blocking[5] = earwig_engine_shutdown(blocking_engine, 0);
    /* Functions that do not block work. */
    if (earwig_channel_get_state(channel, &value) || earwig_dtmf_clear(channel) || earwig_dtmf_start(channel, NULL))
        received->wrong++;
    note(received, &received->blocked);
}

TEST(a_blocking_call_from_a_callback_is_refused)
{
    struct call call = call_answered();
    struct received received;
    size_t i;

    received_init(&received);
    blocking_engine = call.engine;
    OK(earwig_channel_set_callback(call.channel, try_to_block, &received, on_drop));
    OK(earwig_dtmf_inject(call.channel, '1', 0));
    await(&received, &received.blocked, 1);
    for (i = 0; i < 6; i++)
        CHECK_INT(received.blocking[i], EARWIG_ERR_DEADLOCK);
    CHECK_INT(received.wrong, 0);
    call_close(&call);
    CHECK_INT(received.drops, 1);
}

static void give_back(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    (void)event;
    if (!received->unref++)
        earwig_channel_unref(channel);
    note(received, &received->events);
}

TEST(a_callback_may_give_the_last_reference_back)
{
    struct call call = call_answered();
    struct received received;

    received_init(&received);
    OK(earwig_channel_set_callback(call.channel, give_back, &received, on_drop));
    OK(earwig_dtmf_inject(call.channel, '1', 0));
    await(&received, &received.drops, 1);
    call.channel = NULL;
    call_close(&call);
    CHECK_INT(received.events, 1);
    CHECK_INT(received.drops, 1);
}

struct keeper {
    int entered, released, kept;
    earwig_channel *channel;
};

static void keep(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct keeper *keeper = user;
    (void)event;
    __atomic_store_n(&keeper->entered, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&keeper->released, __ATOMIC_ACQUIRE))
        sleep_ms(1);
    keeper->channel = earwig_channel_ref(channel);
    __atomic_store_n(&keeper->kept, 1, __ATOMIC_RELEASE);
}

static void await_flag(int *flag)
{
    long long until = now_ms() + LONG_MS;
    while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE) && now_ms() < until)
        sleep_ms(1);
    CHECK_INT(__atomic_load_n(flag, __ATOMIC_ACQUIRE), 1);
}

TEST(a_reference_taken_in_a_callback_keeps_the_channel)
{
    struct call call = call_answered();
    struct keeper keeper;
    uint64_t live = earwig_live_handles();
    int32_t state = -1;

    memset(&keeper, 0, sizeof keeper);
    OK(earwig_channel_set_callback(call.channel, keep, &keeper, NULL));
    OK(earwig_dtmf_inject(call.channel, '1', 0));
    await_flag(&keeper.entered);
    /* The host's last reference goes while its callback runs. */
    earwig_channel_unref(call.channel);
    __atomic_store_n(&keeper.released, 1, __ATOMIC_RELEASE);
    await_flag(&keeper.kept);
    sleep_ms(50);
    call.channel = keeper.channel;
    CHECK_INT(earwig_live_handles(), live);
    if (earwig_live_handles() != live)
        /* The last reference is gone: using the channel here would be a use after free. */
        call.channel = NULL;
    else
        OK(earwig_channel_get_state(call.channel, &state));
    call_close(&call);
}

static void replace_self(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    (void)event;
    if (earwig_channel_set_callback(channel, NULL, NULL, NULL))
        received->wrong++;
    note(received, &received->events);
}

TEST(a_callback_may_remove_itself)
{
    struct call call = call_answered();
    struct received received;

    received_init(&received);
    OK(earwig_channel_set_callback(call.channel, replace_self, &received, on_drop));
    OK(earwig_dtmf_inject(call.channel, '1', 0));
    await(&received, &received.drops, 1);
    OK(earwig_dtmf_inject(call.channel, '2', 0));
    flush(call.channel);
    CHECK_INT(next(call.channel).digit, '2');
    CHECK_INT(received.events, 1);
    CHECK_INT(received.wrong, 0);
    call_close(&call);
    CHECK_INT(received.drops, 1);
}

TEST(drop_is_called_when_the_last_reference_goes_while_events_wait)
{
    struct received received;
    int i;

    /* The last reference is given back while events wait. */
    received_init(&received);
    for (i = 0; i < 300; i++) {
        struct call call = call_answered();
        int16_t samples[1280] = {0};
        OK(earwig_channel_set_callback(call.channel, on_event, &received, NULL));
        received.drops = 0;
        OK(earwig_channel_set_callback(call.channel, on_event, &received, on_drop));
        tone('5', samples, 640);
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 1280));
        OK(earwig_dtmf_inject(call.channel, '1', 0));
        if (i % 3 == 0)
            sleep_ms(1);
        call_close(&call);
        await(&received, &received.drops, 1);
        CHECK_INT(received.drops, 1);
        if (received.drops != 1)
            break;
    }
}
