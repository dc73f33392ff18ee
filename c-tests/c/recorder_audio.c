/* Audio of recordings: pause and mask, sources, rates, squelch. */
#include "recorder.h"

/* ---- pause and mask ---- */

TEST(audio_during_a_pause_is_not_recorded)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[4000];

    noise(samples, 4000, 13);
    start(fixture.channel, fixture.file, &options);
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, 1001));
    OK(earwig_recorder_pause(fixture.channel));
    OK(earwig_recorder_pause(fixture.channel));
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 1001, 1234));
    OK(earwig_recorder_resume(fixture.channel));
    OK(earwig_recorder_resume(fixture.channel));
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 2235, 999));
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 250);
    memmove(samples + 1001, samples + 2235, 999 * sizeof *samples);
    wav_is(fixture.file, samples, 2000);
    fixture_close(&fixture);
}

TEST(masked_audio_is_recorded_as_silence_of_the_same_length)
{
    int32_t format;
    for (format = EARWIG_RECORDER_FORMAT_ALAW; format <= EARWIG_RECORDER_FORMAT_U8BIT; format++) {
        struct fixture fixture = fixture_answered();
        earwig_recorder_options options = linear();
        static int16_t samples[4000];
        struct wav wav;
        int i;

        noise(samples, 4000, 14);
        options.file_format = format;
        start(fixture.channel, fixture.file, &options);
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, 1001));
        OK(earwig_recorder_mask(fixture.channel));
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 1001, 1234));
        OK(earwig_recorder_unmask(fixture.channel));
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + 2235, 1765));
        OK(earwig_recorder_stop(fixture.channel, LONG_MS));
        check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 500);
        memset(samples + 1001, 0, 1234 * sizeof *samples);
        if (format == EARWIG_RECORDER_FORMAT_S16BIT)
            wav_is(fixture.file, samples, 4000);
        wav = wav_read(fixture.file);
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
        fixture_close(&fixture);
    }
}

TEST(a_paused_recording_can_be_stopped_and_hung_up)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();

    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 100);
    OK(earwig_recorder_pause(fixture.channel));
    write_voice(fixture.channel, 100);
    CHECK_INT(state_of(fixture.channel), EARWIG_RECORDER_STATE_RECORDING);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    options.overwrite = 1;
    /* The next one is not paused. */
    start(fixture.channel, fixture.file, &options);
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_mask(fixture.channel));
    OK(earwig_recorder_pause(fixture.channel));
    OK(earwig_channel_hangup(fixture.channel));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_HANGUP, 200);
    fixture_close(&fixture);
}

/* ---- sources ---- */

TEST(source_tx_records_tx)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[SECOND], tx[SECOND];

    noise(rx, SECOND, 15);
    noise(tx, SECOND, 16);
    options.source = EARWIG_RECORDER_SOURCE_TX;
    start(fixture.channel, fixture.file, &options);
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_TX, tx, SECOND));
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, rx, SECOND));
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    wav_is(fixture.file, tx, SECOND);
    fixture_close(&fixture);
}

TEST(mixed_is_the_sum_of_both)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[SECOND], tx[SECOND], sum[SECOND];
    int i;

    noise(rx, SECOND, 17);
    noise(tx, SECOND, 18);
    options.source = EARWIG_RECORDER_SOURCE_MIXED;
    start(fixture.channel, fixture.file, &options);
    for (i = 0; i < SECOND; i += 160) {
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, rx + i, 160));
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_TX, tx + i, 160));
    }
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    for (i = 0; i < SECOND; i++)
        sum[i] = (int16_t)(rx[i] + tx[i]);
    wav_is(fixture.file, sum, SECOND);
    fixture_close(&fixture);
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
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    enum { COUNT = 4 * SECOND };
    static int16_t rx[COUNT], tx[COUNT];
    size_t r = 0, t = 0, frame;
    int i;

    noise(rx, COUNT, 19);
    noise(tx, COUNT, 20);
    options.source = EARWIG_RECORDER_SOURCE_BOTH;
    start(fixture.channel, fixture.file, &options);
    /* Each step writes to the stream that lags: 20 ms to RX, odd sizes to TX, every seventh a gap. */
    for (i = 0; r < COUNT || t < COUNT; i++) {
        int32_t stream = r <= t ? EARWIG_STREAM_RX : EARWIG_STREAM_TX;
        int16_t *samples = r <= t ? rx : tx;
        size_t *at = r <= t ? &r : &t;
        frame = r <= t ? 160 : 37 + (size_t)i % 211;
        if (frame > COUNT - *at)
            frame = COUNT - *at;
        if (i % 7 == 3) {
            OK(earwig_channel_write_gap(fixture.channel, stream, frame));
            memset(samples + *at, 0, frame * sizeof *samples);
        } else {
            OK(earwig_channel_write(fixture.channel, stream, samples + *at, frame));
        }
        *at += frame;
        if (i % 50 == 49)
            flush(fixture.channel);
    }
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, COUNT / MS);
    both_are(fixture.file, rx, tx, COUNT);
    fixture_close(&fixture);
}

TEST(a_stream_without_audio_is_recorded_as_silence)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[2 * SECOND], tx[2 * SECOND];

    noise(rx, 2 * SECOND, 21);
    options.source = EARWIG_RECORDER_SOURCE_BOTH;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, rx, 2 * SECOND);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 2000);
    both_are(fixture.file, rx, tx, 2 * SECOND);
    fixture_close(&fixture);
}

TEST(two_channels_of_different_rates_have_the_same_length)
{
    earwig_channel_options wide = call_options();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * 320];
    struct fixture fixture;
    struct wav wav;
    int i;

    wide.tx_rate_hz = 16000;
    fixture = fixture_of(call_idle(&wide));
    OK(earwig_channel_answer(fixture.channel));
    noise(samples, 640, 22);
    options.source = EARWIG_RECORDER_SOURCE_BOTH;
    options.rate_hz = 16000;
    start(fixture.channel, fixture.file, &options);
    for (i = 0; i < 50; i++) {
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, 160));
        OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_TX, samples, 320));
    }
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    wav = wav_read(fixture.file);
    CHECK_INT(wav.channels, 2);
    CHECK_INT(wav.rate, 16000);
    CHECK_INT(wav.frames, 16000);
    wav_free(&wav);
    fixture_close(&fixture);
}

TEST(a_digit_barges_into_a_recording_of_tx_too)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t rx[SECOND], tx[SECOND];
    struct wav wav;

    noise(tx, SECOND, 24);
    tone('5', rx + SECOND / 2, 80 * MS);
    options.source = EARWIG_RECORDER_SOURCE_TX;
    options.barge_in = 1;
    start(fixture.channel, fixture.file, &options);
    write_tx(fixture.channel, tx, SECOND);
    write_rx(fixture.channel, rx, SECOND);
    CHECK_INT(recorder_result(fixture.channel).cause, EARWIG_RECORDER_CAUSE_BARGEIN);
    wav = wav_read(fixture.file);
    CHECK(wav.frames <= SECOND / 2 + 5 * MS && wav.frames >= SECOND / 2 - 10 * MS);
    CHECK(wav.samples && memcmp(wav.samples, tx, (size_t)wav.frames * sizeof *tx) == 0);
    wav_free(&wav);
    fixture_close(&fixture);
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
            struct fixture fixture;
            struct wav wav;
            int i;

            wide.rx_rate_hz = calls[c];
            fixture = fixture_of(call_idle(&wide));
            OK(earwig_channel_answer(fixture.channel));
            options.rate_hz = files[f];
            start(fixture.channel, fixture.file, &options);
            for (i = 0; i < 50; i++)
                OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + i * calls[c] / 50, (size_t)calls[c] / 50));
            OK(earwig_recorder_stop(fixture.channel, LONG_MS));
            check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
            wav = wav_read(fixture.file);
            CHECK_INT(wav.rate, files[f]);
            CHECK_INT(wav.frames, files[f]);
            if (wav.frames != files[f])
                printf("a call of %d Hz, a file of %d Hz\n", (int)calls[c], (int)files[f]);
            /* Equal rates leave the samples unchanged. */
            if (calls[c] == files[f] && wav.frames == files[f])
                CHECK(memcmp(wav.samples, samples, (size_t)wav.frames * sizeof *samples) == 0);
            wav_free(&wav);
            fixture_close(&fixture);
        }
    }
}

TEST(an_overrun_is_a_gap_of_the_right_length)
{
    earwig_channel_options narrow = call_options();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    struct fixture fixture;
    struct wav wav;
    long long i, written;

    narrow.ring_ms = 100;
    noise(samples, SECOND, 26);
    fixture = fixture_of(call_idle(&narrow));
    OK(earwig_channel_answer(fixture.channel));
    start(fixture.channel, fixture.file, &options);
    CHECK_INT(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples, SECOND / 2), EARWIG_ERR_OVERRUN);
    flush(fixture.channel);
    OK(earwig_channel_write(fixture.channel, EARWIG_STREAM_RX, samples + SECOND / 2, 800));
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 600);
    wav = wav_read(fixture.file);
    CHECK_INT(wav.frames, SECOND / 2 + 800);
    for (written = 0; wav.samples && written < wav.frames && wav.samples[written] == samples[written]; written++)
        ;
    CHECK(written >= 800);
    for (i = written; wav.samples && i < SECOND / 2 && i < wav.frames && wav.samples[i] == 0; i++)
        ;
    CHECK_INT(i, SECOND / 2);
    CHECK(wav.frames == SECOND / 2 + 800 && memcmp(wav.samples + SECOND / 2, samples + SECOND / 2, 1600) == 0);
    wav_free(&wav);
    fixture_close(&fixture);
}

/* ---- the squelch ---- */

/* Power at `hz`, dB relative to a sine of full scale. */
static double power(const int16_t *samples, size_t count, int hz)
{
    /* A table of one turn in 8000 steps has every whole frequency. */
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

TEST(squelched_digits_are_silence_of_the_same_length)
{
    struct fixture fixture = fixture_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[2 * SECOND];
    struct wav wav;
    size_t at;

    voice(samples, SECOND, 0);
    tone('8', samples + SECOND, 80 * MS);
    voice(samples + SECOND + 80 * MS, SECOND - 80 * MS, 0);
    options.squelch_dtmf = 1;
    start(fixture.channel, fixture.file, &options);
    write_rx(fixture.channel, samples, 2 * SECOND);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_ended(fixture.channel, EARWIG_RECORDER_CAUSE_ABORTED, 2000);
    CHECK_TEXT(digits(fixture.channel), "8");
    wav = wav_read(fixture.file);
    CHECK_INT(wav.frames, 2 * SECOND);
    if (wav.frames == 2 * SECOND) {
        /* No 20 ms have the tones of 8, which were written at -12 dB. */
        for (at = SECOND + 5 * MS; at + 20 * MS <= SECOND + 75 * MS; at += 5 * MS) {
            CHECK(power(wav.samples + at, 20 * MS, 852) < 1e-5);
            CHECK(power(wav.samples + at, 20 * MS, 1336) < 1e-5);
        }
        /* The speech is there, up to shortly before the digit and from shortly after it. */
        CHECK(memcmp(wav.samples, samples, (SECOND - 40 * MS) * sizeof *samples) == 0);
        CHECK(memcmp(wav.samples + SECOND + 120 * MS, samples + SECOND + 120 * MS, (SECOND - 120 * MS) * sizeof *samples) == 0);
    }
    wav_free(&wav);
    fixture_close(&fixture);
}
