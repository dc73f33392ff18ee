/* Recordings whose files take long to complete. */
#include "recorder.h"

TEST(a_stop_times_out_while_the_disk_is_slow_and_the_recording_ends_later)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    long long begin;
    struct wav wav;

    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 500);
    slow_disk(300);
    begin = now_ms();
    CHECK_INT(earwig_recorder_stop(fixture.channel, 50), EARWIG_ERR_TIMEOUT);
    CHECK(now_ms() - begin >= 49);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(fixture.channel), EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(earwig_recorder_start(fixture.channel, path_in(&fixture.folder, "b.wav"), &options), EARWIG_ERR_BUSY);
    /* The request stays: the recording ends without another one. */
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 500);
    slow_disk(0);
    wav = wav_read(fixture.file);
    CHECK_INT(wav.frames, 500 * MS);
    wav_free(&wav);
    fixture_close(&fixture);
}

TEST(a_flush_waits_for_the_files_of_recordings_that_have_ended)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    earwig_event event;
    int i;

    OK(earwig_recorder_result_init(&result));
    OK(earwig_event_init(&event));
    options.overwrite = 1;
    slow_disk(50);
    for (i = 0; i < 3; i++) {
        int32_t causes[] = {EARWIG_RECORDER_CAUSE_ABORTED, EARWIG_RECORDER_CAUSE_SIZE, EARWIG_RECORDER_CAUSE_HANGUP};
        options.max_bytes = i == 1 ? 1600 : 0;
        start(fixture.channel, fixture.file, &options);
        write_voice(fixture.channel, 200);
        if (i == 0)
            OK(earwig_recorder_stop(fixture.channel, 0));
        if (i == 2)
            OK(earwig_channel_hangup(fixture.channel));
        /* write_voice has flushed after the end by size. */
        if (i != 1)
            CHECK_INT(earwig_channel_flush(fixture.channel, 1), EARWIG_ERR_TIMEOUT);
        flush(fixture.channel);
        OK(earwig_channel_next_event(fixture.channel, &event));
        CHECK_INT(event.type, EARWIG_EVENT_TYPE_RECORDER_ENDED);
        CHECK_INT(event.cause, causes[i]);
        OK(earwig_recorder_get_result(fixture.channel, &result));
        CHECK_INT(result.cause, causes[i]);
        CHECK(exists(fixture.file));
    }
    slow_disk(0);
    fixture_close(&fixture);
}

TEST(a_flush_does_not_wait_for_a_recording_that_goes_on)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 100);
    flush(fixture.channel);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    fixture_close(&fixture);
}

TEST(the_digits_are_read_while_a_file_is_being_completed)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    start(fixture.channel, fixture.file, &options);
    play(fixture.channel, "1");
    slow_disk(200);
    OK(earwig_recorder_stop(fixture.channel, 0));
    CHECK_TEXT(digits(fixture.channel), "1");
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    slow_disk(0);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    fixture_close(&fixture);
}

enum { CAUSES = 16 };

/* Ends of recordings in the queue, by cause; other events are dropped. */
static void take_ends(earwig_channel *channel, int ends[CAUSES])
{
    earwig_event event;
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(channel, &event) == EARWIG_OK)
        if (event.type == EARWIG_EVENT_TYPE_RECORDER_ENDED)
            ends[event.cause]++;
}

TEST(the_next_call_records_while_the_last_ones_file_is_being_completed)
{
    enum { CALLS = 20, CALL_MS = 100 };
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    int ends[CAUSES] = {0};
    char left[CALLS * 20] = "";
    int i;

    OK(earwig_recorder_result_init(&result));
    slow_disk(20);
    for (i = 0; i < CALLS; i++) {
        char name[20];
        snprintf(name, sizeof name, "%02d.wav", i);
        strcat(strcat(left, i ? " " : ""), name);
        OK(earwig_recorder_start(fixture.channel, path_in(&fixture.folder, name), &options));
        /* State, cause and result are those of the new recording. */
        CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
        CHECK_INT(cause_of(fixture.channel), EARWIG_RECORDER_CAUSE_NONE);
        CHECK_INT(earwig_recorder_get_result(fixture.channel, &result), EARWIG_ERR_AGAIN);
        CHECK_INT(earwig_recorder_wait(fixture.channel, 0, &result), EARWIG_ERR_TIMEOUT);
        write_voice(fixture.channel, CALL_MS);
        if (i < CALLS - 1) {
            OK(earwig_channel_hangup(fixture.channel));
            OK(earwig_channel_answer(fixture.channel));
        }
    }
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, CALL_MS);
    take_ends(fixture.channel, ends);
    slow_disk(0);
    /* Each earlier recording has its event; the result of the last one was read. */
    CHECK_INT(ends[EARWIG_RECORDER_CAUSE_HANGUP], CALLS - 1);
    for (i = 0; i < CALLS; i++) {
        char name[20];
        struct wav wav;
        snprintf(name, sizeof name, "%02d.wav", i);
        wav = wav_read(path_in(&fixture.folder, name));
        CHECK_INT(wav.frames, CALL_MS * MS);
        wav_free(&wav);
    }
    call_close(&fixture.call);
    folder_close(&fixture.folder, left);
}
