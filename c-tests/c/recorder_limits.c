/* Endings of recordings by size, silence and digits. */
#include "recorder.h"

/* ---- SIZE ---- */

static void size_of(int32_t format, int32_t rate, int64_t limit, size_t wanted, long long frames)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    struct wav wav;

    options.file_format = format;
    options.rate_hz = rate;
    options.max_bytes = limit;
    start(fixture.channel, fixture.file, &options);
    while (state_of(fixture.channel) == EARWIG_RECORDER_STATE_RECORDING)
        write_voice(fixture.channel, 1000);
    CHECK_INT(recorder_result(fixture.channel).cause, EARWIG_RECORDER_CAUSE_SIZE);
    CHECK_INT(recorder_result(fixture.channel).bytes, wanted);
    if (frames > 1)
        CHECK_INT(recorder_result(fixture.channel).audio_detected, 1);
    CHECK_INT(recorder_result(fixture.channel).duration_ms, frames * 1000 / rate);
    wav = wav_read(fixture.file);
    CHECK_INT(wav.bytes, wanted);
    CHECK_INT(wav.frames, frames);
    CHECK_INT(wav.rate, rate);
    if (wav.bytes != wanted || wav.frames != frames)
        printf("format %d, %d Hz, limit %d\n", (int)format, (int)rate, (int)limit);
    wav_free(&wav);
    fixture_close(&fixture);
}

TEST(a_limit_of_16000_bytes_gives_16000)
{
    static const int32_t rates[] = {8000, 6000, 11000, 11025, 16000, 48000};
    size_t i;

    for (i = 0; i < (on_valgrind() ? 1 : sizeof rates / sizeof *rates); i++) {
        size_of(EARWIG_RECORDER_FORMAT_ALAW, rates[i], 16000, 16000, 16000);
        size_of(EARWIG_RECORDER_FORMAT_ULAW, rates[i], 16000, 16000, 16000);
        size_of(EARWIG_RECORDER_FORMAT_U8BIT, rates[i], 16000, 16000, 16000);
        size_of(EARWIG_RECORDER_FORMAT_S16BIT, rates[i], 16000, 16000, 8000);
        size_of(EARWIG_RECORDER_FORMAT_OKI, rates[i], 16000, 16000, 32000);
    }
}

TEST(ima_has_its_largest_whole_number_of_samples_below_the_limit)
{
    /* A block has 256 bytes, which are 505 samples; the last may be shorter: 4 bytes for the first sample and for eight
     * more. */
    size_of(EARWIG_RECORDER_FORMAT_IMA, 8000, 4096, 4096, 16 * 505);
    size_of(EARWIG_RECORDER_FORMAT_IMA, 8000, 16000, 16000, 62 * 505 + 1 + 31 * 8);
    size_of(EARWIG_RECORDER_FORMAT_IMA, 8000, 4099, 4096, 16 * 505);
    size_of(EARWIG_RECORDER_FORMAT_IMA, 8000, 4100, 4100, 16 * 505 + 1);
    size_of(EARWIG_RECORDER_FORMAT_IMA, 11025, 16001, 16000, 62 * 505 + 1 + 31 * 8);
}

TEST(an_odd_limit_gives_whole_samples)
{
    size_of(EARWIG_RECORDER_FORMAT_S16BIT, 8000, 8001, 8000, 4000);
    size_of(EARWIG_RECORDER_FORMAT_ALAW, 8000, 8001, 8001, 8001);
    size_of(EARWIG_RECORDER_FORMAT_ALAW, 8000, 1, 1, 1);
}

TEST(the_samples_up_to_the_limit_are_those_written)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];

    noise(samples, 2 * SECOND, 1);
    options.max_bytes = 16000;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, 2 * SECOND);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SIZE, 1000);
    CHECK_INT(recorder_result(fixture.channel).ended_ms - recorder_result(fixture.channel).started_ms, 1000);
    wav_is(fixture.file, samples, SECOND);
    fixture_close(&fixture);
}

TEST(the_default_limit_is_120_seconds_of_linear_audio)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    if (on_valgrind()) {
        fixture_close_empty(&fixture);
        return;
    }
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 121000);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SIZE, 120000);
    CHECK_INT(recorder_result(fixture.channel).bytes, 1920000);
    fixture_close(&fixture);
}

/* ---- SILENCE ---- */

TEST(silence_after_audio_ends_a_recording_to_the_sample)
{
    static const int tone_ms[] = {1000, 1003, 1019};
    static int16_t samples[4 * SECOND];
    size_t i;

    for (i = 0; i < sizeof tone_ms / sizeof *tone_ms; i++) {
        struct fixture fixture = fixture_answered();
        earwig_recorder_options options = linear();
        size_t spoken = (size_t)(tone_ms[i] * MS);

        memset(samples, 0, sizeof samples);
        voice(samples, spoken, 50);
        /* Zero samples within the tone are not its end. */
        samples[spoken - 1] = 9000;
        options.max_silence_ms = 2000;
        start(fixture.channel, fixture.file, &options);
        write_rx(fixture.channel, samples, 4 * SECOND);
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SILENCE, tone_ms[i] + 2000);
        CHECK_INT(audio_of(fixture.channel), 1);
        wav_is(fixture.file, samples, spoken + 2 * SECOND);
        fixture_close(&fixture);
    }
}

TEST(a_pause_shorter_than_max_silence_does_not_end_a_recording)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    int i;

    options.max_silence_ms = 1000;
    start(fixture.channel, fixture.file, &options);
    for (i = 0; i < 4; i++) {
        write_voice(fixture.channel, 300);
        write_silence(fixture.channel, 900);
    }
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    write_silence(fixture.channel, 500);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SILENCE, 3 * 1200 + 300 + 1000);
    fixture_close(&fixture);
}

TEST(silence_without_audio_is_recorded_for_max_silence)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static const int16_t zeros[2 * SECOND];

    options.max_silence_ms = 2000;
    start(fixture.channel, fixture.file, &options);
    write_silence(fixture.channel, 3000);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SILENCE, 2000);
    CHECK_INT(audio_of(fixture.channel), 0);
    wav_is(fixture.file, zeros, 2 * SECOND);
    fixture_close(&fixture);
}

TEST(without_a_limit_silence_does_not_end_a_recording)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    options.max_silence_ms = 0;
    start(fixture.channel, fixture.file, &options);
    write_silence(fixture.channel, 15000);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 15000);
    CHECK_INT(audio_of(fixture.channel), 0);
    fixture_close(&fixture);
}

TEST(a_gap_is_silence)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[3 * SECOND];

    voice(samples, SECOND, 50);
    options.max_silence_ms = 2000;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, SECOND);
    OK(earwig_channel_write_gap(fixture.channel, EARWIG_STREAM_RX, 30 * SECOND));
    flush(fixture.channel);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SILENCE, 3000);
    wav_is(fixture.file, samples, 3 * SECOND);
    fixture_close(&fixture);
}

/* Whether a recording of 5 s of these samples has audio. */
static int32_t audio_detected(const int16_t *samples, float silence_dbm0)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    int32_t audio;

    options.max_silence_ms = 2000;
    options.silence_dbm0 = silence_dbm0;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, 5 * SECOND);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    audio = recorder_result(fixture.channel).audio_detected;
    CHECK_INT(recorder_result(fixture.channel).cause, audio ? EARWIG_RECORDER_CAUSE_ABORTED : EARWIG_RECORDER_CAUSE_SILENCE);
    fixture_close(&fixture);
    return audio;
}

TEST(hum_and_hiss_of_minus_40_dbm0_are_silence)
{
    static int16_t samples[5 * SECOND];
    size_t i;

    sine(samples, 5 * SECOND, 50, -40);
    CHECK_INT(audio_detected(samples, 0), 0);
    noise(samples, 5 * SECOND, 3);
    /* The tone is at -10.6 dBm0. */
    for (i = 0; i < 5 * SECOND; i++)
        samples[i] = (int16_t)(samples[i] / 30);
    CHECK_INT(audio_detected(samples, 0), 0);
}

TEST(the_threshold_of_silence_can_be_set)
{
    static int16_t samples[5 * SECOND];
    sine(samples, 5 * SECOND, 440, -33);
    CHECK_INT(audio_detected(samples, -30), 0);
    CHECK_INT(audio_detected(samples, -36), 1);
}

/* ---- initial silence ---- */

TEST(after_initial_silence_the_file_begins_200_ms_before_the_audio)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];
    size_t first = 0;
    struct wav wav;

    options.initial_silence_ms = 5000;
    voice(samples, SECOND, 50);
    start(fixture.channel, fixture.file, &options);
    write_silence(fixture.channel, 2003);
    write_rx(fixture.channel, samples, SECOND);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1200);
    CHECK_INT(audio_of(fixture.channel), 1);
    wav = wav_read(fixture.file);
    CHECK_INT(wav.frames, SECOND + 200 * MS);
    while (wav.samples && first < (size_t)wav.frames && wav.samples[first] == 0)
        first++;
    CHECK_INT(first, 200 * MS);
    wav_free(&wav);
    fixture_close(&fixture);
}

TEST(audio_within_200_ms_has_all_audio_before_it)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    voice(samples + 100 * MS, 500 * MS, 50);
    /* Audio before the recording is not in it. */
    write_voice(fixture.channel, 500);
    options.initial_silence_ms = 5000;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, 600 * MS);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 600);
    wav_is(fixture.file, samples, 600 * MS);
    fixture_close(&fixture);
}

TEST(no_audio_within_the_initial_silence_gives_a_valid_empty_file)
{
    int32_t format;
    for (format = EARWIG_RECORDER_FORMAT_ALAW; format <= EARWIG_RECORDER_FORMAT_U8BIT; format++) {
        struct fixture fixture = fixture_answered();
        earwig_recorder_options options = linear();
        struct wav wav;

        options.file_format = format;
        options.initial_silence_ms = 2000;
        options.max_silence_ms = 1000;
        start(fixture.channel, fixture.file, &options);
        write_silence(fixture.channel, 1900);
        CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
        write_silence(fixture.channel, 200);
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SILENCE, 0);
        CHECK_INT(audio_of(fixture.channel), 0);
        CHECK_INT(recorder_result(fixture.channel).ended_ms - recorder_result(fixture.channel).started_ms, 2000);
        wav = wav_read(fixture.file);
        CHECK_INT(wav.bytes, 0);
        wav_free(&wav);
        fixture_close(&fixture);
    }
}

TEST(max_silence_counts_after_the_first_audio)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    options.initial_silence_ms = 5000;
    options.max_silence_ms = 1000;
    start(fixture.channel, fixture.file, &options);
    write_silence(fixture.channel, 3000);
    write_voice(fixture.channel, 500);
    write_silence(fixture.channel, 2000);
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_SILENCE, 200 + 500 + 1000);
    fixture_close(&fixture);
}

TEST(each_end_of_the_wait_for_audio_leaves_a_valid_empty_file)
{
    static const int32_t causes[] = {EARWIG_RECORDER_CAUSE_ABORTED, EARWIG_RECORDER_CAUSE_HANGUP,
                                     EARWIG_RECORDER_CAUSE_BARGEIN, EARWIG_RECORDER_CAUSE_TIMEOUT};
    size_t i;
    for (i = 0; i < sizeof causes / sizeof *causes; i++) {
        struct fixture fixture = fixture_answered();
        earwig_recorder_options options = linear();
        struct wav wav;

        options.initial_silence_ms = 10000;
        options.barge_in = 1;
        if (causes[i] == EARWIG_RECORDER_CAUSE_TIMEOUT)
            options.timeout_ms = 1000;
        start(fixture.channel, fixture.file, &options);
        write_silence(fixture.channel, 1000);
        if (causes[i] == EARWIG_RECORDER_CAUSE_ABORTED)
            OK(earwig_recorder_stop(fixture.channel, LONG_MS));
        if (causes[i] == EARWIG_RECORDER_CAUSE_HANGUP)
            OK(earwig_channel_hangup(fixture.channel));
        if (causes[i] == EARWIG_RECORDER_CAUSE_BARGEIN)
            OK(earwig_dtmf_inject(fixture.channel, '1', 0));
        if (causes[i] != EARWIG_RECORDER_CAUSE_HANGUP)
            write_silence(fixture.channel, 200);
        check_ended(fixture.channel, causes[i], 0);
        wav = wav_read(fixture.file);
        CHECK_INT(wav.bytes, 0);
        wav_free(&wav);
        fixture_close(&fixture);
    }
}

/* ---- BARGEIN ---- */

/* Writes speech, a pause and a digit, of these lengths in ms. */
static void barge_in(int voice_ms, int pause_ms)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    static int16_t samples[4 * SECOND];
    size_t before = (size_t)((voice_ms + pause_ms) * MS), i;
    struct wav wav;

    memset(samples, 0, sizeof samples);
    voice(samples, (size_t)(voice_ms * MS), 0);
    tone('5', samples + before, 80 * MS);
    options.barge_in = 1;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, before + 500 * MS);
    result = recorder_result(fixture.channel);
    CHECK_TEXT(earwig_recorder_cause_str(result.cause), "BARGEIN");
    CHECK_TEXT(digits(fixture.channel), "5");
    wav = wav_read(fixture.file);
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
    fixture_close(&fixture);
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

TEST(digits_in_the_buffer_do_not_barge_in)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    play(fixture.channel, "12");
    options.barge_in = 1;
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 1000);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_TEXT(digits(fixture.channel), "12");
    play(fixture.channel, "3");
    CHECK_INT(recorder_result(fixture.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    CHECK_TEXT(digits(fixture.channel), "123");
    fixture_close(&fixture);
}

TEST(without_barge_in_a_digit_does_not_end_a_recording)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[320 * MS];

    start(fixture.channel, fixture.file, &options);
    play(fixture.channel, "12");
    tone('1', samples, 80 * MS);
    tone('2', samples + 160 * MS, 80 * MS);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    CHECK_TEXT(digits(fixture.channel), "12");
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 320);
    wav_is(fixture.file, samples, 320 * MS);
    fixture_close(&fixture);
}

TEST(a_digit_by_signalling_barges_in_too)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    options.barge_in = 1;
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 1000);
    OK(earwig_dtmf_inject(fixture.channel, '#', 0));
    /* The digit is known at once; the audio after it decides where the file ends. */
    CHECK_TEXT(digits(fixture.channel), "#");
    write_voice(fixture.channel, 200);
    CHECK_INT(recorder_result(fixture.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    CHECK(recorder_result(fixture.channel).duration_ms >= 990 && recorder_result(fixture.channel).duration_ms <= 1005);
    CHECK_TEXT(digits(fixture.channel), "#");
    fixture_close(&fixture);
}

TEST(a_collection_gets_the_digit_that_barges_in)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    earwig_dtmf_options collection;
    earwig_dtmf_result result;

    OK(earwig_dtmf_options_init(&collection));
    OK(earwig_dtmf_result_init(&result));
    collection.count = 1;
    collection.predigits_timeout_ms = EARWIG_FOREVER;
    options.barge_in = 1;
    OK(earwig_dtmf_start(fixture.channel, &collection));
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 500);
    play(fixture.channel, "9");
    CHECK_INT(recorder_result(fixture.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    OK(earwig_dtmf_wait(fixture.channel, LONG_MS, &result));
    CHECK_TEXT(result.digits, "9");
    fixture_close(&fixture);
}
