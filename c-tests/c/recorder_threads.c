/* Recordings from several threads at once. */
#include "recorder.h"
#include <pthread.h>

/* ---- threads ---- */

struct racer {
    earwig_channel *channel;
    const char *file;
    pthread_barrier_t *go;
    earwig_status status;
};

static void *race(void *user)
{
    struct racer *racer = user;
    earwig_recorder_options options;
    earwig_recorder_options_init(&options);
    pthread_barrier_wait(racer->go);
    racer->status = earwig_recorder_start(racer->channel, racer->file, &options);
    return NULL;
}

/* Two threads start a recording at the same time. */
static void race_of_two(struct racer racers[2])
{
    pthread_t threads[2];
    pthread_barrier_t go;
    int k;

    pthread_barrier_init(&go, NULL, 2);
    for (k = 0; k < 2; k++) {
        racers[k].go = &go;
        CHECK_INT(pthread_create(&threads[k], NULL, race, &racers[k]), 0);
    }
    for (k = 0; k < 2; k++)
        pthread_join(threads[k], NULL);
    pthread_barrier_destroy(&go);
}

TEST(of_two_threads_that_start_at_once_one_records)
{
    int i;
    for (i = 0; i < 20; i++) {
        struct fixture fixture = fixture_answered();
        struct racer racers[2];
        int k;

        for (k = 0; k < 2; k++) {
            racers[k].channel = fixture.channel;
            racers[k].file = path_in(&fixture.folder, k ? "a.wav" : "b.wav");
        }
        race_of_two(racers);
        CHECK((racers[0].status == EARWIG_OK) != (racers[1].status == EARWIG_OK));
        CHECK_INT(racers[0].status + racers[1].status, EARWIG_ERR_BUSY);
        write_voice(fixture.channel, 100);
        OK(earwig_recorder_stop(fixture.channel, LONG_MS));
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        call_close(&fixture.call);
        folder_close(&fixture.folder, racers[1].status == EARWIG_OK ? "a.wav" : "b.wav");
    }
}

TEST(of_two_channels_that_start_at_once_one_gets_the_file)
{
    int i;
    for (i = 0; i < 20; i++) {
        struct fixture fixture = fixture_answered();
        earwig_channel *other = NULL;
        earwig_channel_options plain = call_options();
        struct racer racers[2];
        int k;

        OK(earwig_channel_create(fixture.call.engine, &plain, &other));
        OK(earwig_channel_answer(other));
        for (k = 0; k < 2; k++) {
            racers[k].channel = k ? other : fixture.channel;
            racers[k].file = fixture.file;
        }
        race_of_two(racers);
        CHECK_INT(racers[0].status + racers[1].status, EARWIG_ERR_FILE);
        write_voice(fixture.channel, 100);
        write_voice(other, 100);
        OK(earwig_recorder_stop(fixture.channel, LONG_MS));
        OK(earwig_recorder_stop(other, LONG_MS));
        check_ended(racers[0].status == EARWIG_OK ? fixture.channel : other, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        earwig_channel_unref(other);
        fixture_close(&fixture);
    }
}

TEST(a_recording_of_two_writers_has_the_frames_that_were_accepted)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    unsigned long taken;
    struct wav wav;

    options.max_silence_ms = options.max_bytes = 0;
    start(fixture.channel, fixture.file, &options);
    taken = write_from_two_threads(fixture.channel, 2000, 80);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    wav = wav_read(fixture.file);
    CHECK_INT(wav.frames, 80 * taken);
    wav_free(&wav);
    fixture_close(&fixture);
}

struct shared {
    earwig_channel *channel;
    const char *file;
    int stop, wrong, starts;
};

static void *record_and_stop(void *user)
{
    struct shared *shared = user;
    earwig_recorder_options options;
    earwig_recorder_result result;
    earwig_recorder_options_init(&options);
    earwig_recorder_result_init(&result);
    options.overwrite = 1;
    options.max_bytes = 4000;
    while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
        earwig_status status = earwig_recorder_start(shared->channel, shared->file, &options);
        if (status == EARWIG_OK)
            __atomic_fetch_add(&shared->starts, 1, __ATOMIC_RELAXED);
        /* ERR_FILE: the last call's recording to that file is being completed. */
        else if (status != EARWIG_ERR_BUSY && status != EARWIG_ERR_FULL && status != EARWIG_ERR_HANGUP && status != EARWIG_ERR_FILE)
            __atomic_fetch_add(&shared->wrong, 1, __ATOMIC_RELAXED);
        (void)earwig_recorder_mask(shared->channel);
        (void)earwig_recorder_pause(shared->channel);
        (void)earwig_recorder_get_result(shared->channel, &result);
        (void)earwig_recorder_resume(shared->channel);
        (void)earwig_recorder_wait(shared->channel, 1, &result);
        (void)earwig_recorder_stop(shared->channel, 1);
    }
    return NULL;
}

TEST(all_recorder_functions_at_once_are_safe)
{
    struct fixture fixture = fixture_answered();
    struct shared shared = {0};
    pthread_t threads[3];
    earwig_event event;
    static int16_t samples[160];
    long long until = now_ms() + 500;
    int i, ends = 0;

    shared.channel = fixture.channel;
    shared.file = fixture.file;
    noise(samples, 160, 23);
    for (i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, record_and_stop, &shared), 0);
    OK(earwig_event_init(&event));
    for (i = 0; now_ms() < until; i++) {
        (void)earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, 160);
        (void)earwig_channel_write(fixture.channel, EARWIG_STREAM_TX, samples, 160);
        while (earwig_channel_next_event(fixture.channel, &event) == EARWIG_OK)
            ends += event.type == EARWIG_EVENT_TYPE_RECORDER_ENDED;
        if (i % 16 == 15) {
            (void)earwig_channel_hangup(fixture.channel);
            (void)earwig_channel_answer(fixture.channel);
            sleep_ms(1);
        }
    }
    __atomic_store_n(&shared.stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(shared.wrong, 0);
    CHECK(shared.starts > 0);
    CHECK(ends <= shared.starts);
    call_close(&fixture.call);
    wav_free((struct wav[]){wav_read(fixture.file)});
    folder_close(&fixture.folder, "a.wav");
}
