/* Endings of recordings by timeout, stop and hang-up. */
#include "recorder.h"
#include <pthread.h>

/* ---- TIMEOUT ---- */

TEST(a_timeout_ends_a_recording_to_the_sample)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];

    noise(samples, 2 * SECOND, 4);
    options.timeout_ms = 1003;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, 2 * SECOND);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_TIMEOUT, 1003);
    CHECK_INT(recorder_result(fixture.channel).ended_ms - recorder_result(fixture.channel).started_ms, 1003);
    wav_is(fixture.file, samples, 1003 * MS);
    fixture_close(&fixture);
}

struct blocked {
    earwig_channel *channel;
    const char *file;
    const earwig_recorder_options *options;
    earwig_status status;
    earwig_recorder_result result;
    int done;
};

static void *record(void *user)
{
    struct blocked *blocked = user;
    earwig_recorder_result_init(&blocked->result);
    blocked->status = earwig_recorder_record(blocked->channel, blocked->file, blocked->options, &blocked->result);
    __atomic_store_n(&blocked->done, 1, __ATOMIC_RELEASE);
    return NULL;
}

static int done(const struct blocked *blocked)
{
    return __atomic_load_n(&blocked->done, __ATOMIC_ACQUIRE);
}

/* A thread with a blocking record, which is recording or about to. */
static pthread_t record_in_thread(struct blocked *blocked)
{
    long long until = now_ms() + LONG_MS;
    pthread_t thread;

    CHECK_INT(pthread_create(&thread, NULL, record, blocked), 0);
    while (state_of(blocked->channel) != EARWIG_RECORDER_STATE_RECORDING && !done(blocked) && now_ms() < until)
        ;
    return thread;
}

TEST(record_blocks_until_the_recording_has_ended)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    struct blocked blocked = {0};
    long long until = now_ms() + LONG_MS;
    pthread_t thread;
    static int16_t samples[SECOND];
    int i;

    /* All frames are equal, so the recording may begin with any. */
    noise(samples, 160, 5);
    for (i = 160; i < SECOND; i++)
        samples[i] = samples[i - 160];
    options.timeout_ms = 1000;
    blocked.channel = fixture.channel;
    blocked.file = fixture.file;
    blocked.options = &options;
    thread = record_in_thread(&blocked);
    for (i = 0; i < 49; i++)
        write_rx(fixture.channel, samples, 160);
    CHECK_INT(done(&blocked), 0);
    while (!done(&blocked) && now_ms() < until)
        write_rx(fixture.channel, samples, 160);
    pthread_join(thread, NULL);
    OK(blocked.status);
    CHECK_INT(blocked.result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(blocked.result.state, EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(blocked.result.duration_ms, 1000);
    CHECK_INT(blocked.result.bytes, 16000);
    CHECK_INT(blocked.result.audio_detected, 1);
    /* The file is complete when it returns. */
    wav_is(fixture.file, samples, SECOND);
    fixture_close(&fixture);
}

TEST(record_takes_120_seconds_by_default_and_start_has_no_limit)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    struct blocked blocked = {0};
    long long until = now_ms() + LONG_MS;
    pthread_t thread;

    options.file_format = EARWIG_RECORDER_FORMAT_ALAW;
    options.max_silence_ms = 0;
    blocked.channel = fixture.channel;
    blocked.file = fixture.file;
    blocked.options = &options;
    thread = record_in_thread(&blocked);
    while (!done(&blocked) && now_ms() < until) {
        OK(earwig_channel_write_gap(fixture.channel, EARWIG_STREAM_RX, SECOND));
        flush(fixture.channel);
    }
    pthread_join(thread, NULL);
    OK(blocked.status);
    CHECK_INT(blocked.result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(blocked.result.duration_ms, 120000);
    CHECK_INT(blocked.result.audio_detected, 0);
    options.overwrite = 1;
    start(fixture.channel, fixture.file, &options);
    OK(earwig_channel_write_gap(fixture.channel, EARWIG_STREAM_RX, 125 * SECOND));
    flush(fixture.channel);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 125000);
    fixture_close(&fixture);
}

/* Ends a blocked record by `end`, at various moments while its state is RECORDING. */
static void let_go(int hang_up)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    long long until;
    pthread_t thread;
    int i;

    options.timeout_ms = EARWIG_FOREVER;
    options.overwrite = 1;
    for (i = 0; i < 20 && test_failures() == 0; i++) {
        struct blocked blocked = {0};
        blocked.channel = fixture.channel;
        blocked.file = fixture.file;
        blocked.options = &options;
        thread = record_in_thread(&blocked);
        if (i % 4 == 1)
            write_voice(fixture.channel, 100);
        if (hang_up)
            OK(earwig_channel_hangup(fixture.channel));
        else
            OK(earwig_recorder_stop(fixture.channel, 3000));
        until = now_ms() + 3000;
        while (!done(&blocked) && now_ms() < until)
            sleep_ms(1);
        CHECK(done(&blocked));
        OK(earwig_channel_answer(fixture.channel));
        /* Lets the thread return even if the test fails. */
        if (!done(&blocked)) {
            OK(earwig_recorder_stop(fixture.channel, 3000));
            (void)earwig_channel_hangup(fixture.channel);
            (void)earwig_channel_answer(fixture.channel);
        }
        pthread_join(thread, NULL);
        OK(blocked.status);
        CHECK_INT(blocked.result.cause, hang_up ? EARWIG_RECORDER_CAUSE_HANGUP : EARWIG_RECORDER_CAUSE_ABORTED);
        CHECK(blocked.result.duration_ms <= 100);
    }
    fixture_close(&fixture);
}

TEST(a_hang_up_ends_a_blocked_record)
{
    let_go(1);
}

TEST(a_stop_ends_a_blocked_record)
{
    let_go(0);
}

TEST(a_wait_that_times_out_leaves_the_recording_running)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 300);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_wait(fixture.channel, 0, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(result.state, EARWIG_RECORDER_STATE_RECORDING);
    result.cause = 77;
    CHECK_INT(earwig_recorder_wait(fixture.channel, 20, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(fixture.channel), EARWIG_RECORDER_CAUSE_NONE);
    write_voice(fixture.channel, 300);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    OK(earwig_recorder_wait(fixture.channel, 0, &result));
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(result.duration_ms, 600);
    OK(earwig_recorder_wait(fixture.channel, EARWIG_FOREVER, &result));
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    fixture_close(&fixture);
}

TEST(a_wait_below_the_lowest_value_is_refused)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(fixture.channel, fixture.file, &options);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_wait(fixture.channel, -3, &result), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_recorder_wait(fixture.channel, INT64_MIN, &result), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_recorder_stop(fixture.channel, -3), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_recorder_stop(fixture.channel, INT64_MIN), EARWIG_ERR_INVALID);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    fixture_close(&fixture);
}

TEST(with_stall_time_a_dead_stream_is_recorded_as_silence)
{
    earwig_channel_options stalling = call_options();
    earwig_recorder_options options = linear();
    struct blocked blocked = {0};
    struct fixture fixture;

    stalling.stall_ms = 100;
    fixture = fixture_of(call_idle(&stalling));
    OK(earwig_channel_answer(fixture.channel));
    options.timeout_ms = 300;
    blocked.channel = fixture.channel;
    blocked.file = fixture.file;
    blocked.options = &options;
    record(&blocked);
    OK(blocked.status);
    CHECK_INT(blocked.result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(blocked.result.duration_ms, 300);
    fixture_close(&fixture);
}

TEST(an_hour_is_recorded_as_fast_as_it_is_written)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    if (on_valgrind()) {
        fixture_close_empty(&fixture);
        return;
    }
    options.max_bytes = options.max_silence_ms = 0;
    start(fixture.channel, fixture.file, &options);
    OK(earwig_channel_write_gap(fixture.channel, EARWIG_STREAM_RX, 3600u * SECOND));
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 3600000);
    fixture_close(&fixture);
}

/* ---- ABORTED ---- */

TEST(a_stop_records_exactly_the_audio_written_before_it)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 6);
    /* Audio before the start and after the stop is not in the file, without a flush in between. */
    for (i = 0; i < 10; i++)
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 7, 160));
    start(fixture.channel, fixture.file, &options);
    for (i = 0; i < 8; i++)
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + i * 999, 999));
    OK(earwig_recorder_stop(fixture.channel, 0));
    for (i = 0; i < 10; i++)
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, 160));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 999);
    wav_is(fixture.file, samples, 8 * 999);
    fixture_close(&fixture);
}

TEST(a_stop_waits_until_the_file_is_complete)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    noise(samples, SECOND, 7);
    start(fixture.channel, fixture.file, &options);
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, SECOND));
    OK(earwig_recorder_stop(fixture.channel, EARWIG_FOREVER));
    wav_is(fixture.file, samples, SECOND);
    CHECK_TEXT(names(&fixture.folder), "a.wav");
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_IDLE);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    CHECK_INT(cause_of(fixture.channel), EARWIG_RECORDER_CAUSE_ABORTED);
    fixture_close(&fixture);
}

TEST(a_stop_at_once_leaves_a_valid_empty_file)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    start(fixture.channel, fixture.file, &options);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 0);
    wav_is(fixture.file, NULL, 0);
    fixture_close(&fixture);
}

TEST(one_recording_follows_another_at_once)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[30 * 800];
    int i;

    noise(samples, 30 * 800, 8);
    options.overwrite = 1;
    for (i = 0; i < 30; i++) {
        start(fixture.channel, fixture.file, &options);
        CHECK_INT(audio_of(fixture.channel), -1);
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + i * 800, 800));
        OK(earwig_recorder_stop(fixture.channel, LONG_MS));
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        wav_is(fixture.file, samples + i * 800, 800);
    }
    fixture_close(&fixture);
}

/* ---- HANGUP ---- */

TEST(a_hang_up_records_all_audio_written_before_it)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 9);
    options.overwrite = 1;
    for (i = 0; i < 20; i++) {
        start(fixture.channel, fixture.file, &options);
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, (size_t)(SECOND - i)));
        OK(earwig_channel_hangup(fixture.channel));
        CHECK_INT(earwig_recorder_stop(fixture.channel, 0), EARWIG_ERR_HANGUP);
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_HANGUP, (SECOND - i) / MS);
        wav_is(fixture.file, samples, (size_t)(SECOND - i));
        OK(earwig_channel_answer(fixture.channel));
    }
    fixture_close(&fixture);
}

TEST(a_hang_up_and_a_new_call_at_once_do_not_mix_their_recordings)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 10);
    for (i = 0; i < 20; i++) {
        start(fixture.channel, path_in(&fixture.folder, "a.wav"), &options);
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, 1000));
        OK(earwig_channel_hangup(fixture.channel));
        OK(earwig_channel_answer(fixture.channel));
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 1000, 1000));
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_HANGUP, 125);
        start(fixture.channel, path_in(&fixture.folder, "b.wav"), &options);
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 2000, 1000));
        OK(earwig_recorder_stop(fixture.channel, LONG_MS));
        wav_is(path_in(&fixture.folder, "a.wav"), samples, 1000);
        wav_is(path_in(&fixture.folder, "b.wav"), samples + 2000, 1000);
        remove(path_in(&fixture.folder, "b.wav"));
        options.overwrite = 1;
    }
    fixture_close(&fixture);
}

TEST(after_the_last_reference_a_recordings_file_is_completed)
{
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 11);
    for (i = 0; i < 10; i++) {
        struct fixture fixture = fixture_answered();
        earwig_recorder_options options = linear();

        start(fixture.channel, fixture.file, &options);
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, SECOND));
        if (i % 2)
            flush(fixture.channel);
        /* The shutdown in here waits for the file. */
        call_close(&fixture.call);
        wav_is(fixture.file, samples, SECOND);
        CHECK_INT(earwig_live_handles(), 0);
        folder_close(&fixture.folder, "a.wav");
    }
}

TEST(a_recording_outlives_the_handles_of_its_channel_and_its_engine)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    long long until = now_ms() + LONG_MS;
    static int16_t samples[SECOND];

    noise(samples, SECOND, 12);
    start(fixture.channel, fixture.file, &options);
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, SECOND));
    earwig_engine_unref(fixture.call.engine);
    earwig_channel_unref(fixture.channel);
    while ((earwig_live_handles() > 0 || !exists(fixture.file)) && now_ms() < until)
        sleep_ms(1);
    wav_is(fixture.file, samples, SECOND);
    folder_close(&fixture.folder, "a.wav");
    /* No handle is left to wait for its threads: give them time to end. */
    sleep_ms(50);
}

TEST(shutdown_is_busy_while_a_channel_records)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 200);
    CHECK_INT(earwig_engine_shutdown(fixture.call.engine, LONG_MS), EARWIG_ERR_BUSY);
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 400);
    fixture_close(&fixture);
}
