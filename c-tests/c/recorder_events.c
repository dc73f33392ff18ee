/* Events of recordings. */
#include "recorder.h"
#include <poll.h>

/* ---- events ---- */

static int readable(int fd)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLIN);
}

TEST(the_end_of_a_recording_is_one_event)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_event event;
    int fd = -1;

    OK(earwig_channel_get_event_fd(fixture.channel, &fd));
    options.max_bytes = 8000;
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 400);
    CHECK(!readable(fd));
    write_voice(fixture.channel, 400);
    OK(earwig_event_init(&event));
    OK(earwig_channel_wait_event(fixture.channel, LONG_MS, &event));
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_RECORDER_ENDED);
    CHECK_INT(event.cause, EARWIG_RECORDER_CAUSE_SIZE);
    CHECK_INT(event.audio_detected, 1);
    CHECK_INT(event.duration_ms, 500);
    CHECK_INT(event.bytes, 8000);
    CHECK_INT(event.start_ms, 0);
    CHECK_INT(event.at_ms, 500);
    /* The file is complete by then. */
    CHECK_TEXT(names(&fixture.folder), "a.wav");
    CHECK(!readable(fd));
    write_voice(fixture.channel, 400);
    CHECK_INT(earwig_channel_next_event(fixture.channel, &event), EARWIG_ERR_AGAIN);
    fixture_close(&fixture);
}

TEST(reading_a_recordings_result_removes_its_event)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_event event;

    OK(earwig_event_init(&event));
    options.timeout_ms = 100;
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 200);
    CHECK_INT(recorder_result(fixture.channel).cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(earwig_channel_next_event(fixture.channel, &event), EARWIG_ERR_AGAIN);
    /* The result can be read again, also after the hang-up. */
    OK(earwig_channel_hangup(fixture.channel));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_TIMEOUT, 100);
    fixture_close(&fixture);
}

TEST(no_ending_of_a_recording_is_dropped)
{
    earwig_channel_options narrow = call_options();
    earwig_recorder_options options = linear();
    earwig_event event;
    struct fixture fixture;
    int i, ends = 0;

    narrow.event_capacity = 8;
    fixture = fixture_of(call_idle(&narrow));
    OK(earwig_channel_answer(fixture.channel));
    options.overwrite = 1;
    for (i = 0; i < 8; i++) {
        start(fixture.channel, fixture.file, &options);
        write_voice(fixture.channel, 20);
        OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    }
    CHECK_INT(earwig_recorder_start(fixture.channel, path_in(&fixture.folder, "b.wav"), &options), EARWIG_ERR_FULL);
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(fixture.channel, &event) == EARWIG_OK)
        ends += event.type == EARWIG_EVENT_TYPE_RECORDER_ENDED;
    CHECK_INT(ends, 8);
    start(fixture.channel, fixture.file, &options);
    fixture_close(&fixture);
}

struct received {
    int events, ends, drops, wrong, done;
    int32_t cause;
    long long duration_ms;
    const char *file;
    int there;
    earwig_status stop, blocking_stop, wait, record;
};

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    received->wrong += !channel || received->drops;
    received->events++;
    if (event->type == EARWIG_EVENT_TYPE_RECORDER_ENDED) {
        received->cause = event->cause;
        received->duration_ms = event->duration_ms;
        received->there = exists(received->file);
        received->ends++;
        __atomic_store_n(&received->done, 1, __ATOMIC_RELEASE);
    }
}

static void on_drop(void *user)
{
    struct received *received = user;
    received->drops++;
}

static void await(const int *done)
{
    long long until = now_ms() + LONG_MS;
    while (!__atomic_load_n(done, __ATOMIC_ACQUIRE) && now_ms() < until)
        sleep_ms(1);
    CHECK(__atomic_load_n(done, __ATOMIC_ACQUIRE));
}

TEST(a_callback_receives_the_end_of_a_recording_once_after_its_file_is_complete)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    struct received received = {0};

    received.file = fixture.file;
    OK(earwig_channel_set_callback(fixture.channel, on_event, &received, on_drop));
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 300);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    await(&received.done);
    call_close(&fixture.call);
    CHECK_INT(received.events, 1);
    CHECK_INT(received.ends, 1);
    CHECK_INT(received.drops, 1);
    CHECK_INT(received.wrong, 0);
    CHECK_INT(received.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(received.duration_ms, 300);
    CHECK_INT(received.there, 1);
    folder_close(&fixture.folder, "a.wav");
}

static void stop_on_digit(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    earwig_recorder_result result;

    if (event->type != EARWIG_EVENT_TYPE_DIGIT)
        return;
    earwig_recorder_result_init(&result);
    received->blocking_stop = earwig_recorder_stop(channel, 1000);
    received->wait = earwig_recorder_wait(channel, 0, &result);
    received->record = earwig_recorder_record(channel, received->file, NULL, &result);
    received->stop = earwig_recorder_stop(channel, 0);
    __atomic_store_n(&received->done, 1, __ATOMIC_RELEASE);
}

TEST(a_callback_may_stop_a_recording_but_not_wait_for_it)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    struct received received = {0};

    received.file = fixture.file;
    received.stop = -99;
    OK(earwig_channel_set_callback(fixture.channel, stop_on_digit, &received, NULL));
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 300);
    OK(earwig_dtmf_inject(fixture.channel, '1', 0));
    await(&received.done);
    CHECK_INT(received.blocking_stop, EARWIG_ERR_DEADLOCK);
    CHECK_INT(received.wait, EARWIG_ERR_DEADLOCK);
    CHECK_INT(received.record, EARWIG_ERR_DEADLOCK);
    OK(received.stop);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 300);
    fixture_close(&fixture);
}
