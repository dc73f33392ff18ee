/* The recorder: what it records, how it ends, what it tells. */
#include "recorder.h"
#include <poll.h>
#include <pthread.h>

/* A call, a folder and a file in it, which most tests begin with. */
struct scene {
    struct call call;
    earwig_channel *channel;
    struct folder folder;
    const char *file;
};

static struct scene scene_of(struct call call)
{
    static char file[512];
    struct scene scene;
    scene.call = call;
    scene.channel = call.channel;
    scene.folder = folder_make();
    strcpy(file, in(&scene.folder, "a.wav"));
    scene.file = file;
    return scene;
}

static struct scene scene_answered(void)
{
    return scene_of(call_answered());
}

/* All that there is in the end is that one file. */
static void scene_close(struct scene *scene)
{
    call_close(&scene->call);
    folder_close(&scene->folder, "a.wav");
}

/* As above, for a job that should have left nothing. */
static void scene_close_empty(struct scene *scene)
{
    call_close(&scene->call);
    folder_close(&scene->folder, "");
}

/* ---- options and names ---- */

TEST(the_recorders_defaults_are_those_of_the_documentation)
{
    earwig_recorder_options options;
    int i;

    memset(&options, 0xAA, sizeof options);
    OK(earwig_recorder_options_init(&options));
    CHECK_INT(options.struct_size, sizeof options);
    CHECK_INT(options.file_format, EARWIG_FILE_FORMAT_ALAW);
    CHECK_INT(options.rate_hz, 8000);
    CHECK_INT(options.timeout_ms, EARWIG_DEFAULT);
    CHECK_INT(options.max_bytes, 1920000);
    CHECK_INT(options.max_silence_ms, 10000);
    CHECK_INT(options.initial_silence_ms, 0);
    CHECK_INT(options.barge_in, 0);
    CHECK_INT(options.source, EARWIG_RECORD_SOURCE_RX);
    CHECK(options.silence_dbm0 == 0);
    CHECK_INT(options.squelch_dtmf, 0);
    CHECK_INT(options.overwrite, 0);
    CHECK_INT(options.append, 0);
    CHECK_INT(options.key_bytes, 0);
    CHECK_INT(options.iv_bytes, 0);
    for (i = 0; i < 32; i++)
        CHECK_INT(options.key[i], 0);
    for (i = 0; i < 16; i++)
        CHECK_INT(options.iv[i], 0);
}

TEST(the_recorders_names_are_the_seeds)
{
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_NONE), "NONE");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_ERROR), "ERROR");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_BARGEIN), "BARGEIN");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_SILENCE), "SILENCE");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_SIZE), "SIZE");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_ABORTED), "ABORTED");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_HANGUP), "HANGUP");
    CHECK_TEXT(earwig_recorder_cause_str(EARWIG_RECORDER_CAUSE_TIMEOUT), "TIMEOUT");
    CHECK_TEXT(earwig_recorder_cause_str(8), "UNKNOWN");
    CHECK_TEXT(earwig_recorder_cause_str(-1), "UNKNOWN");
    CHECK_TEXT(earwig_recorder_state_str(EARWIG_RECORDER_STATE_IDLE), "IDLE");
    CHECK_TEXT(earwig_recorder_state_str(EARWIG_RECORDER_STATE_RECORDING), "RECORDING");
    CHECK_TEXT(earwig_recorder_state_str(EARWIG_RECORDER_STATE_ERROR), "ERROR");
    CHECK_TEXT(earwig_recorder_state_str(3), "UNKNOWN");
    CHECK_TEXT(earwig_file_format_str(EARWIG_FILE_FORMAT_ALAW), "alaw");
    CHECK_TEXT(earwig_file_format_str(EARWIG_FILE_FORMAT_ULAW), "ulaw");
    CHECK_TEXT(earwig_file_format_str(EARWIG_FILE_FORMAT_OKI), "oki");
    CHECK_TEXT(earwig_file_format_str(EARWIG_FILE_FORMAT_IMA), "ima");
    CHECK_TEXT(earwig_file_format_str(EARWIG_FILE_FORMAT_S16BIT), "s16bit");
    CHECK_TEXT(earwig_file_format_str(EARWIG_FILE_FORMAT_U8BIT), "u8bit");
    CHECK(earwig_file_format_str(6) != NULL);
    CHECK_TEXT(earwig_record_source_str(EARWIG_RECORD_SOURCE_RX), "rx");
    CHECK_TEXT(earwig_record_source_str(EARWIG_RECORD_SOURCE_TX), "tx");
    CHECK_TEXT(earwig_record_source_str(EARWIG_RECORD_SOURCE_MIXED), "mixed");
    CHECK_TEXT(earwig_record_source_str(EARWIG_RECORD_SOURCE_BOTH), "both");
    CHECK(earwig_record_source_str(-1) != NULL);
}

/* ---- states ---- */

TEST(before_the_first_recording_there_is_no_cause_and_no_result)
{
    struct call call = call_answered();
    earwig_recorder_result result;

    OK(earwig_recorder_result_init(&result));
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(cause_of(call.channel), EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(audio_of(call.channel), -1);
    CHECK_INT(earwig_recorder_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(earwig_recorder_wait(call.channel, 0, &result), EARWIG_ERR_AGAIN);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    call_close(&call);
}

TEST(while_it_records_the_state_is_recording_and_the_cause_none)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(scene.channel, scene.file, &options);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(scene.channel), EARWIG_RECORDER_CAUSE_NONE);
    write_voice(scene.channel, 500);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(scene.channel), EARWIG_RECORDER_CAUSE_NONE);
    CHECK_INT(audio_of(scene.channel), -1);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_get_result(scene.channel, &result), EARWIG_ERR_AGAIN);
    CHECK(!exists(scene.file));
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    CHECK(exists(scene.file));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 500);
    scene_close(&scene);
}

TEST(a_second_start_is_busy_and_changes_nothing)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 200);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_start(scene.channel, in(&scene.folder, "b.wav"), &options), EARWIG_ERR_BUSY);
    CHECK_INT(earwig_recorder_record(scene.channel, in(&scene.folder, "b.wav"), &options, &result), EARWIG_ERR_BUSY);
    write_voice(scene.channel, 200);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 400);
    scene_close(&scene);
}

TEST(a_call_that_is_idle_has_hung_up_and_one_that_rings_is_in_no_state_to_be_recorded)
{
    struct scene scene = scene_of(call_idle(NULL));
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    int answered;

    OK(earwig_recorder_result_init(&result));
    for (answered = 0; answered < 2; answered++) {
        CHECK_INT(earwig_recorder_start(scene.channel, scene.file, &options), EARWIG_ERR_HANGUP);
        CHECK_INT(earwig_recorder_record(scene.channel, scene.file, &options, &result), EARWIG_ERR_HANGUP);
        CHECK_INT(earwig_recorder_stop(scene.channel, LONG_MS), EARWIG_ERR_HANGUP);
        CHECK_INT(earwig_recorder_wait(scene.channel, LONG_MS, &result), EARWIG_ERR_HANGUP);
        OK(earwig_channel_ringing(scene.channel));
        CHECK_INT(earwig_recorder_start(scene.channel, scene.file, &options), EARWIG_ERR_STATE);
        CHECK_INT(earwig_recorder_record(scene.channel, scene.file, &options, &result), EARWIG_ERR_STATE);
        CHECK_INT(earwig_recorder_stop(scene.channel, LONG_MS), EARWIG_ERR_STATE);
        CHECK_INT(earwig_recorder_wait(scene.channel, LONG_MS, &result), EARWIG_ERR_STATE);
        CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_IDLE);
        OK(earwig_channel_answer(scene.channel));
        OK(earwig_channel_hangup(scene.channel));
    }
    scene_close_empty(&scene);
}

TEST(with_early_media_a_call_that_rings_can_be_recorded)
{
    earwig_channel_options early = call_options();
    earwig_recorder_options options = linear();
    struct scene scene;

    early.early_media = 1;
    scene = scene_of(call_idle(&early));
    OK(earwig_channel_ringing(scene.channel));
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 200);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 200);
    scene_close(&scene);
}

TEST(pause_and_mask_need_a_recording)
{
    struct call call = call_answered();
    CHECK_INT(earwig_recorder_pause(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(earwig_recorder_resume(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(earwig_recorder_mask(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(earwig_recorder_unmask(call.channel), EARWIG_ERR_STATE);
    call_close(&call);
}

/* ---- SIZE ---- */

static void size_of(int32_t format, int32_t rate, int64_t limit, size_t wanted, long long frames)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    struct wav wav;

    options.file_format = format;
    options.rate_hz = rate;
    options.max_bytes = limit;
    start(scene.channel, scene.file, &options);
    while (state_of(scene.channel) == EARWIG_RECORDER_STATE_RECORDING)
        write_voice(scene.channel, 1000);
    CHECK_INT(ended(scene.channel).cause, EARWIG_RECORDER_CAUSE_SIZE);
    CHECK_INT(ended(scene.channel).bytes, wanted);
    if (frames > 1)
        CHECK_INT(ended(scene.channel).audio_detected, 1);
    CHECK_INT(ended(scene.channel).duration_ms, frames * 1000 / rate);
    wav = wav_read(scene.file);
    CHECK_INT(wav.bytes, wanted);
    CHECK_INT(wav.frames, frames);
    CHECK_INT(wav.rate, rate);
    if (wav.bytes != wanted || wav.frames != frames)
        printf("format %d, %d Hz, limit %d\n", (int)format, (int)rate, (int)limit);
    wav_free(&wav);
    scene_close(&scene);
}

TEST(a_limit_of_16000_bytes_gives_16000)
{
    static const int32_t rates[] = {8000, 6000, 11000, 11025, 16000, 48000};
    size_t i;

    for (i = 0; i < (on_valgrind() ? 1 : sizeof rates / sizeof *rates); i++) {
        size_of(EARWIG_FILE_FORMAT_ALAW, rates[i], 16000, 16000, 16000);
        size_of(EARWIG_FILE_FORMAT_ULAW, rates[i], 16000, 16000, 16000);
        size_of(EARWIG_FILE_FORMAT_U8BIT, rates[i], 16000, 16000, 16000);
        size_of(EARWIG_FILE_FORMAT_S16BIT, rates[i], 16000, 16000, 8000);
        size_of(EARWIG_FILE_FORMAT_OKI, rates[i], 16000, 16000, 32000);
    }
}

TEST(ima_has_its_largest_whole_number_of_samples_below_the_limit)
{
    /* A block is of 256 bytes, which are 505 samples; a last one may be shorter: 4 bytes for the first sample and for eight
     * more. */
    size_of(EARWIG_FILE_FORMAT_IMA, 8000, 4096, 4096, 16 * 505);
    size_of(EARWIG_FILE_FORMAT_IMA, 8000, 16000, 16000, 62 * 505 + 1 + 31 * 8);
    size_of(EARWIG_FILE_FORMAT_IMA, 8000, 4099, 4096, 16 * 505);
    size_of(EARWIG_FILE_FORMAT_IMA, 8000, 4100, 4100, 16 * 505 + 1);
    size_of(EARWIG_FILE_FORMAT_IMA, 11025, 16001, 16000, 62 * 505 + 1 + 31 * 8);
}

TEST(an_odd_limit_gives_whole_samples)
{
    size_of(EARWIG_FILE_FORMAT_S16BIT, 8000, 8001, 8000, 4000);
    size_of(EARWIG_FILE_FORMAT_ALAW, 8000, 8001, 8001, 8001);
    size_of(EARWIG_FILE_FORMAT_ALAW, 8000, 1, 1, 1);
}

TEST(what_is_recorded_up_to_the_limit_is_what_was_said)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];

    noise(samples, 2 * SECOND, 1);
    options.max_bytes = 16000;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, 2 * SECOND);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SIZE, 1000);
    CHECK_INT(ended(scene.channel).ended_ms - ended(scene.channel).started_ms, 1000);
    wav_is(scene.file, samples, SECOND);
    scene_close(&scene);
}

TEST(the_default_limit_is_120_seconds_of_linear_audio)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    if (on_valgrind()) {
        scene_close_empty(&scene);
        return;
    }
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 121000);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SIZE, 120000);
    CHECK_INT(ended(scene.channel).bytes, 1920000);
    scene_close(&scene);
}

/* ---- SILENCE ---- */

TEST(silence_after_audio_ends_a_recording_to_the_sample)
{
    static const int tone_ms[] = {1000, 1003, 1019};
    static int16_t samples[4 * SECOND];
    size_t i;

    for (i = 0; i < sizeof tone_ms / sizeof *tone_ms; i++) {
        struct scene scene = scene_answered();
        earwig_recorder_options options = linear();
        size_t spoken = (size_t)(tone_ms[i] * MS);

        memset(samples, 0, sizeof samples);
        voice(samples, spoken, 50);
        /* Zeros within the tone are not its end. */
        samples[spoken - 1] = 9000;
        options.max_silence_ms = 2000;
        start(scene.channel, scene.file, &options);
        write_rx(scene.channel, samples, 4 * SECOND);
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SILENCE, tone_ms[i] + 2000);
        CHECK_INT(audio_of(scene.channel), 1);
        wav_is(scene.file, samples, spoken + 2 * SECOND);
        scene_close(&scene);
    }
}

TEST(a_pause_shorter_than_max_silence_does_not_end_a_recording)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    int i;

    options.max_silence_ms = 1000;
    start(scene.channel, scene.file, &options);
    for (i = 0; i < 4; i++) {
        write_voice(scene.channel, 300);
        write_silence(scene.channel, 900);
    }
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    write_silence(scene.channel, 500);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SILENCE, 3 * 1200 + 300 + 1000);
    scene_close(&scene);
}

TEST(silence_alone_is_recorded_for_as_long_as_is_allowed)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static const int16_t zeros[2 * SECOND];

    options.max_silence_ms = 2000;
    start(scene.channel, scene.file, &options);
    write_silence(scene.channel, 3000);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SILENCE, 2000);
    CHECK_INT(audio_of(scene.channel), 0);
    wav_is(scene.file, zeros, 2 * SECOND);
    scene_close(&scene);
}

TEST(without_a_limit_silence_does_not_end_a_recording)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    options.max_silence_ms = 0;
    start(scene.channel, scene.file, &options);
    write_silence(scene.channel, 15000);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 15000);
    CHECK_INT(audio_of(scene.channel), 0);
    scene_close(&scene);
}

TEST(a_gap_is_silence)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[3 * SECOND];

    voice(samples, SECOND, 50);
    options.max_silence_ms = 2000;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, SECOND);
    OK(earwig_channel_write_gap(scene.channel, EARWIG_STREAM_RX, 30 * SECOND));
    flush(scene.channel);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SILENCE, 3000);
    wav_is(scene.file, samples, 3 * SECOND);
    scene_close(&scene);
}

/* Whether five seconds of it are audio. */
static int32_t heard(const int16_t *samples, float silence_dbm0)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    int32_t audio;

    options.max_silence_ms = 2000;
    options.silence_dbm0 = silence_dbm0;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, 5 * SECOND);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    audio = ended(scene.channel).audio_detected;
    CHECK_INT(ended(scene.channel).cause, audio ? EARWIG_RECORDER_CAUSE_ABORTED : EARWIG_RECORDER_CAUSE_SILENCE);
    scene_close(&scene);
    return audio;
}

TEST(a_hum_and_a_hiss_of_minus_40_dbm0_are_silence)
{
    static int16_t samples[5 * SECOND];
    size_t i;

    sine(samples, 5 * SECOND, 50, -40);
    CHECK_INT(heard(samples, 0), 0);
    noise(samples, 5 * SECOND, 3);
    /* It is at -10.6 dBm0. */
    for (i = 0; i < 5 * SECOND; i++)
        samples[i] = (int16_t)(samples[i] / 30);
    CHECK_INT(heard(samples, 0), 0);
}

TEST(the_threshold_of_silence_can_be_set)
{
    static int16_t samples[5 * SECOND];
    sine(samples, 5 * SECOND, 440, -33);
    CHECK_INT(heard(samples, -30), 0);
    CHECK_INT(heard(samples, -36), 1);
}

/* ---- initial silence ---- */

TEST(after_initial_silence_the_file_begins_200_ms_before_the_audio)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];
    size_t first = 0;
    struct wav wav;

    options.initial_silence_ms = 5000;
    voice(samples, SECOND, 50);
    start(scene.channel, scene.file, &options);
    write_silence(scene.channel, 2003);
    write_rx(scene.channel, samples, SECOND);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1200);
    CHECK_INT(audio_of(scene.channel), 1);
    wav = wav_read(scene.file);
    CHECK_INT(wav.frames, SECOND + 200 * MS);
    while (wav.samples && first < (size_t)wav.frames && wav.samples[first] == 0)
        first++;
    CHECK_INT(first, 200 * MS);
    wav_free(&wav);
    scene_close(&scene);
}

TEST(audio_that_comes_sooner_has_all_that_came_before_it)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    voice(samples + 100 * MS, 500 * MS, 50);
    /* What was before the recording is not in it. */
    write_voice(scene.channel, 500);
    options.initial_silence_ms = 5000;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, 600 * MS);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 600);
    wav_is(scene.file, samples, 600 * MS);
    scene_close(&scene);
}

TEST(no_audio_within_the_initial_silence_gives_a_valid_empty_file)
{
    int32_t format;
    for (format = EARWIG_FILE_FORMAT_ALAW; format <= EARWIG_FILE_FORMAT_U8BIT; format++) {
        struct scene scene = scene_answered();
        earwig_recorder_options options = linear();
        struct wav wav;

        options.file_format = format;
        options.initial_silence_ms = 2000;
        options.max_silence_ms = 1000;
        start(scene.channel, scene.file, &options);
        write_silence(scene.channel, 1900);
        CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
        write_silence(scene.channel, 200);
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SILENCE, 0);
        CHECK_INT(audio_of(scene.channel), 0);
        CHECK_INT(ended(scene.channel).ended_ms - ended(scene.channel).started_ms, 2000);
        wav = wav_read(scene.file);
        CHECK_INT(wav.bytes, 0);
        wav_free(&wav);
        scene_close(&scene);
    }
}

TEST(max_silence_counts_once_the_audio_has_come)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    options.initial_silence_ms = 5000;
    options.max_silence_ms = 1000;
    start(scene.channel, scene.file, &options);
    write_silence(scene.channel, 3000);
    write_voice(scene.channel, 500);
    write_silence(scene.channel, 2000);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_SILENCE, 200 + 500 + 1000);
    scene_close(&scene);
}

TEST(whatever_ends_the_wait_for_audio_leaves_a_valid_empty_file)
{
    static const int32_t causes[] = {EARWIG_RECORDER_CAUSE_ABORTED, EARWIG_RECORDER_CAUSE_HANGUP,
                                     EARWIG_RECORDER_CAUSE_BARGEIN, EARWIG_RECORDER_CAUSE_TIMEOUT};
    size_t i;
    for (i = 0; i < sizeof causes / sizeof *causes; i++) {
        struct scene scene = scene_answered();
        earwig_recorder_options options = linear();
        struct wav wav;

        options.initial_silence_ms = 10000;
        options.barge_in = 1;
        if (causes[i] == EARWIG_RECORDER_CAUSE_TIMEOUT)
            options.timeout_ms = 1000;
        start(scene.channel, scene.file, &options);
        write_silence(scene.channel, 1000);
        if (causes[i] == EARWIG_RECORDER_CAUSE_ABORTED)
            OK(earwig_recorder_stop(scene.channel, LONG_MS));
        if (causes[i] == EARWIG_RECORDER_CAUSE_HANGUP)
            OK(earwig_channel_hangup(scene.channel));
        if (causes[i] == EARWIG_RECORDER_CAUSE_BARGEIN)
            OK(earwig_dtmf_inject(scene.channel, '1', 0));
        if (causes[i] != EARWIG_RECORDER_CAUSE_HANGUP)
            write_silence(scene.channel, 200);
        check_ended(scene.channel, causes[i], 0);
        wav = wav_read(scene.file);
        CHECK_INT(wav.bytes, 0);
        wav_free(&wav);
        scene_close(&scene);
    }
}

/* ---- BARGEIN ---- */

/* Speech of so long, a pause of so long, and a digit. */
static void barge_in(int voice_ms, int pause_ms)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    static int16_t samples[4 * SECOND];
    size_t before = (size_t)((voice_ms + pause_ms) * MS), i;
    struct wav wav;

    memset(samples, 0, sizeof samples);
    voice(samples, (size_t)(voice_ms * MS), 0);
    tone('5', samples + before, 80 * MS);
    options.barge_in = 1;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, before + 500 * MS);
    result = ended(scene.channel);
    CHECK_TEXT(earwig_recorder_cause_str(result.cause), "BARGEIN");
    CHECK_TEXT(digits(scene.channel), "5");
    wav = wav_read(scene.file);
    CHECK(wav.frames <= (long long)before + 5 * MS);
    CHECK(wav.frames >= (long long)before - 10 * MS);
    CHECK_INT(result.duration_ms, wav.frames * 1000 / SECOND);
    CHECK_INT(result.bytes, wav.bytes);
    if (wav.frames > (long long)before + 5 * MS || wav.frames < (long long)before - 10 * MS)
        printf("%lld samples after %d ms of voice and %d ms of silence\n", wav.frames, voice_ms, pause_ms);
    for (i = 0; wav.samples && i < (size_t)wav.frames && wav.samples[i] == samples[i]; i++)
        ;
    CHECK_INT(i, wav.frames);
    wav_free(&wav);
    scene_close(&scene);
}

TEST(a_digit_ends_a_recording_with_no_more_than_5_ms_of_its_tone)
{
    int ms;
    barge_in(0, 0);
    barge_in(1000, 0);
    barge_in(0, 1000);
    for (ms = 0; ms < 14; ms += on_valgrind() ? 5 : 1)
        barge_in(500 + ms, 100);
}

TEST(digits_that_are_in_the_buffer_do_not_barge_in)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    play(scene.channel, "12");
    options.barge_in = 1;
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 1000);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_TEXT(digits(scene.channel), "12");
    play(scene.channel, "3");
    CHECK_INT(ended(scene.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    CHECK_TEXT(digits(scene.channel), "123");
    scene_close(&scene);
}

TEST(without_barge_in_a_digit_does_not_end_a_recording)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[320 * MS];

    start(scene.channel, scene.file, &options);
    play(scene.channel, "12");
    tone('1', samples, 80 * MS);
    tone('2', samples + 160 * MS, 80 * MS);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_TEXT(digits(scene.channel), "12");
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 320);
    wav_is(scene.file, samples, 320 * MS);
    scene_close(&scene);
}

TEST(a_digit_by_signalling_barges_in_too)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    options.barge_in = 1;
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 1000);
    OK(earwig_dtmf_inject(scene.channel, '#', 0));
    /* The digit is there at once; where the file ends is settled by the audio that follows. */
    CHECK_TEXT(digits(scene.channel), "#");
    write_voice(scene.channel, 200);
    CHECK_INT(ended(scene.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    CHECK(ended(scene.channel).duration_ms >= 990 && ended(scene.channel).duration_ms <= 1005);
    CHECK_TEXT(digits(scene.channel), "#");
    scene_close(&scene);
}

TEST(a_collection_gets_the_digit_that_barges_in)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_dtmf_options collection;
    earwig_dtmf_result collected;

    OK(earwig_dtmf_options_init(&collection));
    OK(earwig_dtmf_result_init(&collected));
    collection.count = 1;
    collection.predigits_timeout_ms = EARWIG_FOREVER;
    options.barge_in = 1;
    OK(earwig_dtmf_start(scene.channel, &collection));
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 500);
    play(scene.channel, "9");
    CHECK_INT(ended(scene.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    OK(earwig_dtmf_wait(scene.channel, LONG_MS, &collected));
    CHECK_TEXT(collected.digits, "9");
    scene_close(&scene);
}

/* ---- TIMEOUT ---- */

TEST(a_timeout_ends_a_recording_to_the_sample)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];

    noise(samples, 2 * SECOND, 4);
    options.timeout_ms = 1003;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, 2 * SECOND);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_TIMEOUT, 1003);
    CHECK_INT(ended(scene.channel).ended_ms - ended(scene.channel).started_ms, 1003);
    wav_is(scene.file, samples, 1003 * MS);
    scene_close(&scene);
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

/* A blocking recording in a thread of its own, that has begun or is about to. */
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
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    struct blocked blocked = {0};
    long long until = now_ms() + LONG_MS;
    pthread_t thread;
    static int16_t samples[SECOND];
    int i;

    /* The same in every frame, whichever it begins with. */
    noise(samples, 160, 5);
    for (i = 160; i < SECOND; i++)
        samples[i] = samples[i - 160];
    options.timeout_ms = 1000;
    blocked.channel = scene.channel;
    blocked.file = scene.file;
    blocked.options = &options;
    thread = record_in_thread(&blocked);
    for (i = 0; i < 49; i++)
        write_rx(scene.channel, samples, 160);
    CHECK_INT(done(&blocked), 0);
    while (!done(&blocked) && now_ms() < until)
        write_rx(scene.channel, samples, 160);
    pthread_join(thread, NULL);
    OK(blocked.status);
    CHECK_INT(blocked.result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(blocked.result.state, EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(blocked.result.duration_ms, 1000);
    CHECK_INT(blocked.result.bytes, 16000);
    CHECK_INT(blocked.result.audio_detected, 1);
    /* It is whole when it returns. */
    wav_is(scene.file, samples, SECOND);
    scene_close(&scene);
}

TEST(record_takes_120_seconds_by_default_and_start_has_no_limit)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    struct blocked blocked = {0};
    long long until = now_ms() + LONG_MS;
    pthread_t thread;

    options.file_format = EARWIG_FILE_FORMAT_ALAW;
    options.max_silence_ms = 0;
    blocked.channel = scene.channel;
    blocked.file = scene.file;
    blocked.options = &options;
    thread = record_in_thread(&blocked);
    while (!done(&blocked) && now_ms() < until) {
        OK(earwig_channel_write_gap(scene.channel, EARWIG_STREAM_RX, SECOND));
        flush(scene.channel);
    }
    pthread_join(thread, NULL);
    OK(blocked.status);
    CHECK_INT(blocked.result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(blocked.result.duration_ms, 120000);
    CHECK_INT(blocked.result.audio_detected, 0);
    options.overwrite = 1;
    start(scene.channel, scene.file, &options);
    OK(earwig_channel_write_gap(scene.channel, EARWIG_STREAM_RX, 125 * SECOND));
    flush(scene.channel);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 125000);
    scene_close(&scene);
}

/* What ends a blocked recording, at whatever moment, when its state is RECORDING. */
static void let_go(int hang_up)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    long long until;
    pthread_t thread;
    int i;

    options.timeout_ms = EARWIG_FOREVER;
    options.overwrite = 1;
    for (i = 0; i < 20 && test_failures() == 0; i++) {
        struct blocked blocked = {0};
        blocked.channel = scene.channel;
        blocked.file = scene.file;
        blocked.options = &options;
        thread = record_in_thread(&blocked);
        if (i % 4 == 1)
            write_voice(scene.channel, 100);
        if (hang_up)
            OK(earwig_channel_hangup(scene.channel));
        else
            OK(earwig_recorder_stop(scene.channel, 3000));
        until = now_ms() + 3000;
        while (!done(&blocked) && now_ms() < until)
            sleep_ms(1);
        CHECK(done(&blocked));
        OK(earwig_channel_answer(scene.channel));
        /* The thread must come back, whatever the library does. */
        if (!done(&blocked)) {
            OK(earwig_recorder_stop(scene.channel, 3000));
            (void)earwig_channel_hangup(scene.channel);
            (void)earwig_channel_answer(scene.channel);
        }
        pthread_join(thread, NULL);
        OK(blocked.status);
        CHECK_INT(blocked.result.cause, hang_up ? EARWIG_RECORDER_CAUSE_HANGUP : EARWIG_RECORDER_CAUSE_ABORTED);
        CHECK(blocked.result.duration_ms <= 100);
    }
    scene_close(&scene);
}

TEST(a_hang_up_lets_a_blocked_recording_go)
{
    let_go(1);
}

TEST(a_stop_lets_a_blocked_recording_go)
{
    let_go(0);
}

TEST(a_wait_that_times_out_leaves_the_recording_running)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 300);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_wait(scene.channel, 0, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(result.state, EARWIG_RECORDER_STATE_RECORDING);
    result.cause = 77;
    CHECK_INT(earwig_recorder_wait(scene.channel, 20, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_INT(cause_of(scene.channel), EARWIG_RECORDER_CAUSE_NONE);
    write_voice(scene.channel, 300);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    OK(earwig_recorder_wait(scene.channel, 0, &result));
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(result.duration_ms, 600);
    OK(earwig_recorder_wait(scene.channel, EARWIG_FOREVER, &result));
    CHECK_INT(result.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    scene_close(&scene);
}

TEST(a_wait_below_the_lowest_value_is_refused)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;

    start(scene.channel, scene.file, &options);
    OK(earwig_recorder_result_init(&result));
    CHECK_INT(earwig_recorder_wait(scene.channel, -3, &result), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_recorder_wait(scene.channel, INT64_MIN, &result), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_recorder_stop(scene.channel, -3), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_recorder_stop(scene.channel, INT64_MIN), EARWIG_ERR_INVALID);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    scene_close(&scene);
}

TEST(with_stall_time_a_dead_stream_is_recorded_as_silence)
{
    earwig_channel_options stalling = call_options();
    earwig_recorder_options options = linear();
    struct blocked blocked = {0};
    struct scene scene;

    stalling.stall_ms = 100;
    scene = scene_of(call_idle(&stalling));
    OK(earwig_channel_answer(scene.channel));
    options.timeout_ms = 300;
    blocked.channel = scene.channel;
    blocked.file = scene.file;
    blocked.options = &options;
    record(&blocked);
    OK(blocked.status);
    CHECK_INT(blocked.result.cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(blocked.result.duration_ms, 300);
    scene_close(&scene);
}

TEST(an_hour_is_recorded_as_fast_as_it_is_written)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    if (on_valgrind()) {
        scene_close_empty(&scene);
        return;
    }
    options.max_bytes = options.max_silence_ms = 0;
    start(scene.channel, scene.file, &options);
    OK(earwig_channel_write_gap(scene.channel, EARWIG_STREAM_RX, 3600u * SECOND));
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 3600000);
    scene_close(&scene);
}

/* ---- ABORTED ---- */

TEST(a_stop_leaves_exactly_what_was_written)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 6);
    /* What precedes and follows is not in it, though nobody waits for the worker in between. */
    for (i = 0; i < 10; i++)
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 7, 160));
    start(scene.channel, scene.file, &options);
    for (i = 0; i < 8; i++)
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + i * 999, 999));
    OK(earwig_recorder_stop(scene.channel, 0));
    for (i = 0; i < 10; i++)
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, 160));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 999);
    wav_is(scene.file, samples, 8 * 999);
    scene_close(&scene);
}

TEST(a_stop_waits_until_the_file_is_whole)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    noise(samples, SECOND, 7);
    start(scene.channel, scene.file, &options);
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, SECOND));
    OK(earwig_recorder_stop(scene.channel, EARWIG_FOREVER));
    wav_is(scene.file, samples, SECOND);
    CHECK_TEXT(names(&scene.folder), "a.wav");
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_IDLE);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    CHECK_INT(cause_of(scene.channel), EARWIG_RECORDER_CAUSE_ABORTED);
    scene_close(&scene);
}

TEST(a_stop_at_once_leaves_a_valid_empty_file)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    start(scene.channel, scene.file, &options);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 0);
    wav_is(scene.file, NULL, 0);
    scene_close(&scene);
}

TEST(one_recording_follows_another_at_once)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[30 * 800];
    int i;

    noise(samples, 30 * 800, 8);
    options.overwrite = 1;
    for (i = 0; i < 30; i++) {
        start(scene.channel, scene.file, &options);
        CHECK_INT(audio_of(scene.channel), -1);
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + i * 800, 800));
        OK(earwig_recorder_stop(scene.channel, LONG_MS));
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        wav_is(scene.file, samples + i * 800, 800);
    }
    scene_close(&scene);
}

/* ---- HANGUP ---- */

TEST(a_hang_up_ends_a_recording_with_all_that_was_written)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 9);
    options.overwrite = 1;
    for (i = 0; i < 20; i++) {
        start(scene.channel, scene.file, &options);
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, (size_t)(SECOND - i)));
        OK(earwig_channel_hangup(scene.channel));
        CHECK_INT(earwig_recorder_stop(scene.channel, 0), EARWIG_ERR_HANGUP);
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_HANGUP, (SECOND - i) / MS);
        wav_is(scene.file, samples, (size_t)(SECOND - i));
        OK(earwig_channel_answer(scene.channel));
    }
    scene_close(&scene);
}

TEST(a_hang_up_and_a_new_call_at_once_do_not_mix_their_recordings)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 10);
    for (i = 0; i < 20; i++) {
        start(scene.channel, in(&scene.folder, "a.wav"), &options);
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, 1000));
        OK(earwig_channel_hangup(scene.channel));
        OK(earwig_channel_answer(scene.channel));
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 1000, 1000));
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_HANGUP, 125);
        start(scene.channel, in(&scene.folder, "b.wav"), &options);
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 2000, 1000));
        OK(earwig_recorder_stop(scene.channel, LONG_MS));
        wav_is(in(&scene.folder, "a.wav"), samples, 1000);
        wav_is(in(&scene.folder, "b.wav"), samples + 2000, 1000);
        remove(in(&scene.folder, "b.wav"));
        options.overwrite = 1;
    }
    scene_close(&scene);
}

TEST(the_last_reference_ends_a_recording_and_its_file_is_whole)
{
    static int16_t samples[SECOND];
    int i;

    noise(samples, SECOND, 11);
    for (i = 0; i < 10; i++) {
        struct scene scene = scene_answered();
        earwig_recorder_options options = linear();

        start(scene.channel, scene.file, &options);
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, SECOND));
        if (i % 2)
            flush(scene.channel);
        /* Shutdown, in here, waits for the file. */
        call_close(&scene.call);
        wav_is(scene.file, samples, SECOND);
        CHECK_INT(earwig_live_handles(), 0);
        folder_close(&scene.folder, "a.wav");
    }
}

TEST(a_recording_outlives_the_handles_of_its_channel_and_its_engine)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    long long until = now_ms() + LONG_MS;
    static int16_t samples[SECOND];

    noise(samples, SECOND, 12);
    start(scene.channel, scene.file, &options);
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, SECOND));
    earwig_engine_unref(scene.call.engine);
    earwig_channel_unref(scene.channel);
    while ((earwig_live_handles() > 0 || !exists(scene.file)) && now_ms() < until)
        sleep_ms(1);
    wav_is(scene.file, samples, SECOND);
    folder_close(&scene.folder, "a.wav");
    /* Its threads end by themselves; nobody can wait for them any more. */
    sleep_ms(50);
}

TEST(shutdown_is_busy_while_a_channel_records)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 200);
    CHECK_INT(earwig_engine_shutdown(scene.call.engine, LONG_MS), EARWIG_ERR_BUSY);
    write_voice(scene.channel, 200);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 400);
    scene_close(&scene);
}

/* ---- events ---- */

static int readable(int fd)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLIN);
}

TEST(the_end_of_a_recording_is_one_event)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_event event;
    int fd = -1;

    OK(earwig_channel_get_event_fd(scene.channel, &fd));
    options.max_bytes = 8000;
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 400);
    CHECK(!readable(fd));
    write_voice(scene.channel, 400);
    OK(earwig_event_init(&event));
    OK(earwig_channel_wait_event(scene.channel, LONG_MS, &event));
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_RECORD_ENDED);
    CHECK_INT(event.cause, EARWIG_RECORDER_CAUSE_SIZE);
    CHECK_INT(event.audio_detected, 1);
    CHECK_INT(event.duration_ms, 500);
    CHECK_INT(event.bytes, 8000);
    CHECK_INT(event.start_ms, 0);
    CHECK_INT(event.at_ms, 500);
    /* By then the file is there. */
    CHECK_TEXT(names(&scene.folder), "a.wav");
    CHECK(!readable(fd));
    write_voice(scene.channel, 400);
    CHECK_INT(earwig_channel_next_event(scene.channel, &event), EARWIG_ERR_AGAIN);
    scene_close(&scene);
}

TEST(a_recordings_result_that_is_read_takes_its_event_along)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    earwig_event event;

    OK(earwig_event_init(&event));
    options.timeout_ms = 100;
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 200);
    CHECK_INT(ended(scene.channel).cause, EARWIG_RECORDER_CAUSE_TIMEOUT);
    CHECK_INT(earwig_channel_next_event(scene.channel, &event), EARWIG_ERR_AGAIN);
    /* The result itself stays, also after the hang-up. */
    OK(earwig_channel_hangup(scene.channel));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_TIMEOUT, 100);
    scene_close(&scene);
}

TEST(the_recordings_of_many_calls_end_each_with_its_event_though_nobody_reads)
{
    earwig_channel_options narrow = call_options();
    earwig_recorder_options options = linear();
    earwig_event event;
    struct scene scene;
    int i, ends = 0;

    narrow.event_capacity = 8;
    scene = scene_of(call_idle(&narrow));
    OK(earwig_channel_answer(scene.channel));
    options.overwrite = 1;
    for (i = 0; i < 8; i++) {
        start(scene.channel, scene.file, &options);
        write_voice(scene.channel, 20);
        OK(earwig_recorder_stop(scene.channel, LONG_MS));
    }
    CHECK_INT(earwig_recorder_start(scene.channel, in(&scene.folder, "b.wav"), &options), EARWIG_ERR_FULL);
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(scene.channel, &event) == EARWIG_OK)
        ends += event.type == EARWIG_EVENT_TYPE_RECORD_ENDED;
    CHECK_INT(ends, 8);
    start(scene.channel, scene.file, &options);
    scene_close(&scene);
}

struct heard {
    int events, ends, drops, wrong, done;
    int32_t cause;
    long long duration_ms;
    const char *file;
    int there;
    earwig_status stop, blocking_stop, wait, record;
};

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct heard *heard = user;
    heard->wrong += !channel || heard->drops;
    heard->events++;
    if (event->type == EARWIG_EVENT_TYPE_RECORD_ENDED) {
        heard->cause = event->cause;
        heard->duration_ms = event->duration_ms;
        heard->there = exists(heard->file);
        heard->ends++;
        __atomic_store_n(&heard->done, 1, __ATOMIC_RELEASE);
    }
}

static void on_drop(void *user)
{
    struct heard *heard = user;
    heard->drops++;
}

static void await(const int *done)
{
    long long until = now_ms() + LONG_MS;
    while (!__atomic_load_n(done, __ATOMIC_ACQUIRE) && now_ms() < until)
        sleep_ms(1);
    CHECK(__atomic_load_n(done, __ATOMIC_ACQUIRE));
}

TEST(a_callback_hears_the_end_of_a_recording_once_and_the_file_is_there)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    struct heard heard = {0};

    heard.file = scene.file;
    OK(earwig_channel_set_callback(scene.channel, on_event, &heard, on_drop));
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 300);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    await(&heard.done);
    call_close(&scene.call);
    CHECK_INT(heard.events, 1);
    CHECK_INT(heard.ends, 1);
    CHECK_INT(heard.drops, 1);
    CHECK_INT(heard.wrong, 0);
    CHECK_INT(heard.cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(heard.duration_ms, 300);
    CHECK_INT(heard.there, 1);
    folder_close(&scene.folder, "a.wav");
}

static void stop_on_digit(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct heard *heard = user;
    earwig_recorder_result result;

    if (event->type != EARWIG_EVENT_TYPE_DIGIT)
        return;
    earwig_recorder_result_init(&result);
    heard->blocking_stop = earwig_recorder_stop(channel, 1000);
    heard->wait = earwig_recorder_wait(channel, 0, &result);
    heard->record = earwig_recorder_record(channel, heard->file, NULL, &result);
    heard->stop = earwig_recorder_stop(channel, 0);
    __atomic_store_n(&heard->done, 1, __ATOMIC_RELEASE);
}

TEST(a_callback_may_stop_a_recording_but_not_wait_for_it)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    struct heard heard = {0};

    heard.file = scene.file;
    heard.stop = -99;
    OK(earwig_channel_set_callback(scene.channel, stop_on_digit, &heard, NULL));
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 300);
    OK(earwig_dtmf_inject(scene.channel, '1', 0));
    await(&heard.done);
    CHECK_INT(heard.blocking_stop, EARWIG_ERR_DEADLOCK);
    CHECK_INT(heard.wait, EARWIG_ERR_DEADLOCK);
    CHECK_INT(heard.record, EARWIG_ERR_DEADLOCK);
    OK(heard.stop);
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 300);
    scene_close(&scene);
}

/* ---- pause and mask ---- */

TEST(what_is_said_during_a_pause_is_left_out)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[4000];

    noise(samples, 4000, 13);
    start(scene.channel, scene.file, &options);
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, 1001));
    OK(earwig_recorder_pause(scene.channel));
    OK(earwig_recorder_pause(scene.channel));
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 1001, 1234));
    OK(earwig_recorder_resume(scene.channel));
    OK(earwig_recorder_resume(scene.channel));
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 2235, 999));
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 250);
    memmove(samples + 1001, samples + 2235, 999 * sizeof *samples);
    wav_is(scene.file, samples, 2000);
    scene_close(&scene);
}

TEST(what_is_masked_is_silence_and_the_duration_stays)
{
    int32_t format;
    for (format = EARWIG_FILE_FORMAT_ALAW; format <= EARWIG_FILE_FORMAT_U8BIT; format++) {
        struct scene scene = scene_answered();
        earwig_recorder_options options = linear();
        static int16_t samples[4000];
        struct wav wav;
        int i;

        noise(samples, 4000, 14);
        options.file_format = format;
        start(scene.channel, scene.file, &options);
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, 1001));
        OK(earwig_recorder_mask(scene.channel));
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 1001, 1234));
        OK(earwig_recorder_unmask(scene.channel));
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + 2235, 1765));
        OK(earwig_recorder_stop(scene.channel, LONG_MS));
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 500);
        memset(samples + 1001, 0, 1234 * sizeof *samples);
        if (format == EARWIG_FILE_FORMAT_S16BIT)
            wav_is(scene.file, samples, 4000);
        wav = wav_read(scene.file);
        CHECK_INT(wav.frames, 4000);
        for (i = 1001; wav.samples && i < 2235 && abs(wav.samples[i]) <= 8; i++)
            ;
        if (wav.samples)
            CHECK_INT(i, 2235);
        for (i = 0; wav.samples && i < 4000 && abs(wav.samples[i] - samples[i]) <= 16 + (wav.format == 1 ? 256 : abs(samples[i]) / 24); i++)
            ;
        if (wav.samples)
            CHECK_INT(i, 4000);
        wav_free(&wav);
        scene_close(&scene);
    }
}

TEST(a_paused_recording_can_be_stopped_and_hung_up)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();

    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 100);
    OK(earwig_recorder_pause(scene.channel));
    write_voice(scene.channel, 100);
    CHECK_INT(state_of(scene.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    options.overwrite = 1;
    /* The next one is not paused. */
    start(scene.channel, scene.file, &options);
    write_voice(scene.channel, 200);
    OK(earwig_recorder_mask(scene.channel));
    OK(earwig_recorder_pause(scene.channel));
    OK(earwig_channel_hangup(scene.channel));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_HANGUP, 200);
    scene_close(&scene);
}

/* ---- sources ---- */

TEST(tx_is_what_the_far_party_hears)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[SECOND], tx[SECOND];

    noise(rx, SECOND, 15);
    noise(tx, SECOND, 16);
    options.source = EARWIG_RECORD_SOURCE_TX;
    start(scene.channel, scene.file, &options);
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_TX, tx, SECOND));
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, rx, SECOND));
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    wav_is(scene.file, tx, SECOND);
    scene_close(&scene);
}

TEST(mixed_is_the_sum_of_both)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[SECOND], tx[SECOND], sum[SECOND];
    int i;

    noise(rx, SECOND, 17);
    noise(tx, SECOND, 18);
    options.source = EARWIG_RECORD_SOURCE_MIXED;
    start(scene.channel, scene.file, &options);
    for (i = 0; i < SECOND; i += 160) {
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, rx + i, 160));
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_TX, tx + i, 160));
    }
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    for (i = 0; i < SECOND; i++)
        sum[i] = (int16_t)(rx[i] + tx[i]);
    wav_is(scene.file, sum, SECOND);
    scene_close(&scene);
}

/* Left RX and right TX as they were written, gaps as zeros. */
static void both_are(const char *path, const int16_t *rx, const int16_t *tx, long long count)
{
    struct wav wav = wav_read(path);
    long long i;

    CHECK_INT(wav.channels, 2);
    CHECK_INT(wav.frames, count);
    for (i = 0; wav.samples && wav.channels == 2 && i < count && i < wav.frames; i++)
        if (wav.samples[2 * i] != rx[i] || wav.samples[2 * i + 1] != tx[i])
            break;
    CHECK_INT(i, count);
    wav_free(&wav);
}

TEST(two_channels_are_aligned_through_gaps_and_frames_of_any_size)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    enum { COUNT = 4 * SECOND };
    static int16_t rx[COUNT], tx[COUNT];
    size_t r = 0, t = 0, frame;
    int i;

    noise(rx, COUNT, 19);
    noise(tx, COUNT, 20);
    options.source = EARWIG_RECORD_SOURCE_BOTH;
    start(scene.channel, scene.file, &options);
    /* Each step writes to the stream that is behind: 20 ms to RX, odd sizes to TX, every seventh of both a gap. */
    for (i = 0; r < COUNT || t < COUNT; i++) {
        int32_t stream = r <= t ? EARWIG_STREAM_RX : EARWIG_STREAM_TX;
        int16_t *samples = r <= t ? rx : tx;
        size_t *at = r <= t ? &r : &t;
        frame = r <= t ? 160 : 37 + (size_t)i % 211;
        if (frame > COUNT - *at)
            frame = COUNT - *at;
        if (i % 7 == 3) {
            OK(earwig_channel_write_gap(scene.channel, stream, frame));
            memset(samples + *at, 0, frame * sizeof *samples);
        } else {
            OK(earwig_channel_write(scene.channel, stream, samples + *at, frame));
        }
        *at += frame;
        if (i % 50 == 49)
            flush(scene.channel);
    }
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, COUNT / MS);
    both_are(scene.file, rx, tx, COUNT);
    scene_close(&scene);
}

TEST(a_stream_that_is_never_written_is_silence_beside_the_other)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[2 * SECOND], tx[2 * SECOND];

    noise(rx, 2 * SECOND, 21);
    options.source = EARWIG_RECORD_SOURCE_BOTH;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, rx, 2 * SECOND);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 2000);
    both_are(scene.file, rx, tx, 2 * SECOND);
    scene_close(&scene);
}

TEST(two_channels_of_differing_rates_have_one_length)
{
    earwig_channel_options wide = call_options();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * 320];
    struct scene scene;
    struct wav wav;
    int i;

    wide.tx_rate_hz = 16000;
    scene = scene_of(call_idle(&wide));
    OK(earwig_channel_answer(scene.channel));
    noise(samples, 640, 22);
    options.source = EARWIG_RECORD_SOURCE_BOTH;
    options.rate_hz = 16000;
    start(scene.channel, scene.file, &options);
    for (i = 0; i < 50; i++) {
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, 160));
        OK(earwig_channel_write(scene.channel, EARWIG_STREAM_TX, samples, 320));
    }
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    wav = wav_read(scene.file);
    CHECK_INT(wav.channels, 2);
    CHECK_INT(wav.rate, 16000);
    CHECK_INT(wav.frames, 16000);
    wav_free(&wav);
    scene_close(&scene);
}

TEST(a_digit_barges_into_a_recording_of_tx_too)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[SECOND], tx[SECOND];
    struct wav wav;

    noise(tx, SECOND, 24);
    tone('5', rx + SECOND / 2, 80 * MS);
    options.source = EARWIG_RECORD_SOURCE_TX;
    options.barge_in = 1;
    start(scene.channel, scene.file, &options);
    write_tx(scene.channel, tx, SECOND);
    write_rx(scene.channel, rx, SECOND);
    CHECK_INT(ended(scene.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    wav = wav_read(scene.file);
    CHECK(wav.frames <= SECOND / 2 + 5 * MS && wav.frames >= SECOND / 2 - 10 * MS);
    CHECK(wav.samples && memcmp(wav.samples, tx, (size_t)wav.frames * sizeof *tx) == 0);
    wav_free(&wav);
    scene_close(&scene);
}

/* ---- rates ---- */

TEST(every_rate_of_a_call_gives_every_rate_of_a_file_its_right_length)
{
    static const int32_t calls[] = {8000, 16000, 32000, 48000}, files[] = {8000, 6000, 11000, 11025, 16000, 48000};
    static int16_t samples[48000];
    size_t c, f;

    noise(samples, 48000, 25);
    for (c = 0; c < sizeof calls / sizeof *calls; c++) {
        for (f = 0; f < (on_valgrind() ? 1 : sizeof files / sizeof *files); f++) {
            earwig_channel_options wide = call_options();
            earwig_recorder_options options = linear();
            struct scene scene;
            struct wav wav;
            int i;

            wide.rx_rate_hz = calls[c];
            scene = scene_of(call_idle(&wide));
            OK(earwig_channel_answer(scene.channel));
            options.rate_hz = files[f];
            start(scene.channel, scene.file, &options);
            for (i = 0; i < 50; i++)
                OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + i * calls[c] / 50, (size_t)calls[c] / 50));
            OK(earwig_recorder_stop(scene.channel, LONG_MS));
            check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
            wav = wav_read(scene.file);
            CHECK_INT(wav.rate, files[f]);
            CHECK_INT(wav.frames, files[f]);
            if (wav.frames != files[f])
                printf("a call of %d Hz, a file of %d Hz\n", (int)calls[c], (int)files[f]);
            /* Where the rates are the same nothing is changed. */
            if (calls[c] == files[f] && wav.frames == files[f])
                CHECK(memcmp(wav.samples, samples, (size_t)wav.frames * sizeof *samples) == 0);
            wav_free(&wav);
            scene_close(&scene);
        }
    }
}

TEST(an_overrun_is_a_gap_of_the_right_length)
{
    earwig_channel_options narrow = call_options();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    struct scene scene;
    struct wav wav;
    long long i, written;

    narrow.ring_ms = 100;
    noise(samples, SECOND, 26);
    scene = scene_of(call_idle(&narrow));
    OK(earwig_channel_answer(scene.channel));
    start(scene.channel, scene.file, &options);
    CHECK_INT(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, SECOND / 2), EARWIG_ERR_OVERRUN);
    flush(scene.channel);
    OK(earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples + SECOND / 2, 800));
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 600);
    wav = wav_read(scene.file);
    CHECK_INT(wav.frames, SECOND / 2 + 800);
    for (written = 0; wav.samples && written < wav.frames && wav.samples[written] == samples[written]; written++)
        ;
    CHECK(written >= 800);
    for (i = written; wav.samples && i < SECOND / 2 && i < wav.frames && wav.samples[i] == 0; i++)
        ;
    CHECK_INT(i, SECOND / 2);
    CHECK(wav.frames == SECOND / 2 + 800 && memcmp(wav.samples + SECOND / 2, samples + SECOND / 2, 1600) == 0);
    wav_free(&wav);
    scene_close(&scene);
}

/* ---- the squelch ---- */

/* The power of `hz` in it, 0 dB for a sine of full scale. */
static double power(const int16_t *samples, size_t count, int hz)
{
    /* One turn of 8000 steps has every whole frequency. */
    static int16_t cosines[SECOND], sines[SECOND];
    double re = 0, im = 0;
    size_t i;

    if (!cosines[0]) {
        sine(sines, SECOND, 1, 3.14);
        for (i = 0; i < SECOND; i++)
            cosines[i] = sines[(i + SECOND / 4) % SECOND];
    }
    for (i = 0; i < count; i++) {
        re += (double)samples[i] / 32768 * cosines[i * (size_t)hz % SECOND] / 32767;
        im += (double)samples[i] / 32768 * sines[i * (size_t)hz % SECOND] / 32767;
    }
    re *= 2 / (double)count;
    im *= 2 / (double)count;
    return re * re + im * im;
}

TEST(squelched_digits_are_not_in_the_recording_but_their_time_is)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];
    struct wav wav;
    size_t at;

    voice(samples, SECOND, 0);
    tone('8', samples + SECOND, 80 * MS);
    voice(samples + SECOND + 80 * MS, SECOND - 80 * MS, 0);
    options.squelch_dtmf = 1;
    start(scene.channel, scene.file, &options);
    write_rx(scene.channel, samples, 2 * SECOND);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 2000);
    CHECK_TEXT(digits(scene.channel), "8");
    wav = wav_read(scene.file);
    CHECK_INT(wav.frames, 2 * SECOND);
    if (wav.frames == 2 * SECOND) {
        /* No stretch of 20 ms has the tones of 8: they were at -12 dB. */
        for (at = SECOND + 5 * MS; at + 20 * MS <= SECOND + 75 * MS; at += 5 * MS) {
            CHECK(power(wav.samples + at, 20 * MS, 852) < 1e-5);
            CHECK(power(wav.samples + at, 20 * MS, 1336) < 1e-5);
        }
        /* The speech is there, up to little before and from little after. */
        CHECK(memcmp(wav.samples, samples, (SECOND - 40 * MS) * sizeof *samples) == 0);
        CHECK(memcmp(wav.samples + SECOND + 120 * MS, samples + SECOND + 120 * MS, (SECOND - 120 * MS) * sizeof *samples) == 0);
    }
    wav_free(&wav);
    scene_close(&scene);
}

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

TEST(of_two_threads_that_start_at_once_one_records)
{
    int i;
    for (i = 0; i < 20; i++) {
        struct scene scene = scene_answered();
        struct racer racers[2];
        pthread_t threads[2];
        pthread_barrier_t go;
        int k;

        pthread_barrier_init(&go, NULL, 2);
        for (k = 0; k < 2; k++) {
            racers[k].channel = scene.channel;
            racers[k].file = in(&scene.folder, k ? "a.wav" : "b.wav");
            racers[k].go = &go;
            CHECK_INT(pthread_create(&threads[k], NULL, race, &racers[k]), 0);
        }
        for (k = 0; k < 2; k++)
            pthread_join(threads[k], NULL);
        CHECK((racers[0].status == EARWIG_OK) != (racers[1].status == EARWIG_OK));
        CHECK_INT(racers[0].status + racers[1].status, EARWIG_ERR_BUSY);
        write_voice(scene.channel, 100);
        OK(earwig_recorder_stop(scene.channel, LONG_MS));
        check_ended(scene.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        call_close(&scene.call);
        folder_close(&scene.folder, racers[1].status == EARWIG_OK ? "a.wav" : "b.wav");
        pthread_barrier_destroy(&go);
    }
}

TEST(of_two_channels_that_start_at_once_one_gets_the_file)
{
    int i;
    for (i = 0; i < 20; i++) {
        struct scene scene = scene_answered();
        earwig_channel *other = NULL;
        earwig_channel_options plain = call_options();
        struct racer racers[2];
        pthread_t threads[2];
        pthread_barrier_t go;
        int k;

        OK(earwig_channel_create(scene.call.engine, &plain, &other));
        OK(earwig_channel_answer(other));
        pthread_barrier_init(&go, NULL, 2);
        for (k = 0; k < 2; k++) {
            racers[k].channel = k ? other : scene.channel;
            racers[k].file = scene.file;
            racers[k].go = &go;
            CHECK_INT(pthread_create(&threads[k], NULL, race, &racers[k]), 0);
        }
        for (k = 0; k < 2; k++)
            pthread_join(threads[k], NULL);
        CHECK_INT(racers[0].status + racers[1].status, EARWIG_ERR_FILE);
        write_voice(scene.channel, 100);
        write_voice(other, 100);
        OK(earwig_recorder_stop(scene.channel, LONG_MS));
        OK(earwig_recorder_stop(other, LONG_MS));
        check_ended(racers[0].status == EARWIG_OK ? scene.channel : other, EARWIG_RECORDER_CAUSE_ABORTED, 100);
        earwig_channel_unref(other);
        scene_close(&scene);
        pthread_barrier_destroy(&go);
    }
}

struct writer {
    earwig_channel *channel;
    int ok, busy, other;
};

static void *write_a_lot(void *user)
{
    static const int16_t frame[80];
    struct writer *writer = user;
    int i;
    for (i = 0; i < 2000; i++) {
        earwig_status status = earwig_channel_write(writer->channel, EARWIG_STREAM_RX, frame, 80);
        if (status == EARWIG_OK || status == EARWIG_ERR_OVERRUN)
            writer->ok++;
        else if (status == EARWIG_ERR_BUSY)
            writer->busy++;
        else
            writer->other++;
    }
    return NULL;
}

TEST(a_recording_of_two_writers_is_as_long_as_what_was_taken)
{
    struct scene scene = scene_answered();
    earwig_recorder_options options = linear();
    struct writer writers[2];
    pthread_t threads[2];
    struct wav wav;
    int i;

    options.max_silence_ms = options.max_bytes = 0;
    start(scene.channel, scene.file, &options);
    memset(writers, 0, sizeof writers);
    for (i = 0; i < 2; i++) {
        writers[i].channel = scene.channel;
        CHECK_INT(pthread_create(&threads[i], NULL, write_a_lot, &writers[i]), 0);
    }
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(writers[0].other + writers[1].other, 0);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    wav = wav_read(scene.file);
    CHECK_INT(wav.frames, 80 * (writers[0].ok + writers[1].ok));
    wav_free(&wav);
    scene_close(&scene);
}

struct crowd {
    earwig_channel *channel;
    const char *file;
    int stop, wrong, starts;
};

static void *record_and_stop(void *user)
{
    struct crowd *crowd = user;
    earwig_recorder_options options;
    earwig_recorder_result result;
    earwig_recorder_options_init(&options);
    earwig_recorder_result_init(&result);
    options.overwrite = 1;
    options.max_bytes = 4000;
    while (!__atomic_load_n(&crowd->stop, __ATOMIC_RELAXED)) {
        earwig_status status = earwig_recorder_start(crowd->channel, crowd->file, &options);
        if (status == EARWIG_OK)
            __atomic_fetch_add(&crowd->starts, 1, __ATOMIC_RELAXED);
        else if (status != EARWIG_ERR_BUSY && status != EARWIG_ERR_FULL && status != EARWIG_ERR_HANGUP)
            __atomic_fetch_add(&crowd->wrong, 1, __ATOMIC_RELAXED);
        (void)earwig_recorder_mask(crowd->channel);
        (void)earwig_recorder_pause(crowd->channel);
        (void)earwig_recorder_get_result(crowd->channel, &result);
        (void)earwig_recorder_resume(crowd->channel);
        (void)earwig_recorder_wait(crowd->channel, 1, &result);
        (void)earwig_recorder_stop(crowd->channel, 1);
    }
    return NULL;
}

TEST(all_recorder_calls_at_once_are_sound)
{
    struct scene scene = scene_answered();
    struct crowd crowd = {0};
    pthread_t threads[3];
    earwig_event event;
    static int16_t samples[160];
    long long until = now_ms() + 500;
    int i, ends = 0;

    crowd.channel = scene.channel;
    crowd.file = scene.file;
    noise(samples, 160, 23);
    for (i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, record_and_stop, &crowd), 0);
    OK(earwig_event_init(&event));
    for (i = 0; now_ms() < until; i++) {
        (void)earwig_channel_write(scene.channel, EARWIG_STREAM_RX, samples, 160);
        (void)earwig_channel_write(scene.channel, EARWIG_STREAM_TX, samples, 160);
        while (earwig_channel_next_event(scene.channel, &event) == EARWIG_OK)
            ends += event.type == EARWIG_EVENT_TYPE_RECORD_ENDED;
        if (i % 16 == 15) {
            (void)earwig_channel_hangup(scene.channel);
            (void)earwig_channel_answer(scene.channel);
            sleep_ms(1);
        }
    }
    __atomic_store_n(&crowd.stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(crowd.wrong, 0);
    CHECK(crowd.starts > 0);
    CHECK(ends <= crowd.starts);
    call_close(&scene.call);
    wav_free((struct wav[]){wav_read(scene.file)});
    folder_close(&scene.folder, "a.wav");
}
