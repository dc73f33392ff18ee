/* Channels: call state, audio, counters, errors. */
#include "test.h"
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static const int16_t silence[48000];

static earwig_channel_stats counters(earwig_channel *channel)
{
    earwig_channel_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(earwig_channel_get_stats(channel, &stats));
    return stats;
}

static int32_t state(earwig_channel *channel)
{
    int32_t state = -1;
    OK(earwig_channel_get_state(channel, &state));
    return state;
}

/* ---- wrong use ---- */

TEST(null_is_refused_by_every_channel_call)
{
    struct call call = call_answered();
    earwig_channel *channel = NULL;
    earwig_channel_stats stats = {.struct_size = sizeof stats};
    int32_t state;
    char text[8];

    CHECK_INT(earwig_channel_options_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_create(NULL, NULL, &channel), EARWIG_ERR_NULL);
    CHECK(channel == NULL);
    CHECK_INT(earwig_channel_create(call.engine, NULL, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_ringing(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_answer(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_hangup(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_state(NULL, &state), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_state(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_write(NULL, EARWIG_STREAM_RX, silence, 160), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, NULL, 160), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_write_gap(NULL, EARWIG_STREAM_RX, 160), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_flush(NULL, 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_error(NULL, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_error(call.channel, NULL, 8), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_stats(NULL, &stats), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_get_stats(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK(earwig_channel_ref(NULL) == NULL);
    earwig_channel_unref(NULL);
    CHECK_INT(counters(call.channel).rx_samples, 0);
    call_close(&call);
}

static void refused(void (*make_invalid)(earwig_channel_options *), earwig_status status)
{
    struct call call = call_idle(NULL);
    earwig_channel *channel = NULL;
    earwig_channel_options options;
    earwig_engine_stats stats = {.struct_size = sizeof stats};

    OK(earwig_channel_options_init(&options));
    make_invalid(&options);
    CHECK_INT(earwig_channel_create(call.engine, &options, &channel), status);
    CHECK(channel == NULL);
    OK(earwig_engine_get_stats(call.engine, &stats));
    CHECK_INT(stats.channels, 1);
    call_close(&call);
}

#define REFUSED(name, assignment, status) INVALID_OPTION(earwig_channel_options, name, options->assignment, status)

REFUSED(a_rate_of_44100_is_refused, rx_rate_hz = 44100, EARWIG_ERR_INVALID)
REFUSED(a_tx_rate_of_44100_is_refused, tx_rate_hz = 44100, EARWIG_ERR_INVALID)
REFUSED(a_negative_rate_is_refused, rx_rate_hz = -8000, EARWIG_ERR_INVALID)
REFUSED(a_ring_below_100_ms_is_refused, ring_ms = 99, EARWIG_ERR_INVALID)
REFUSED(a_ring_above_10_s_is_refused, ring_ms = 10001, EARWIG_ERR_INVALID)
REFUSED(a_negative_ring_is_refused, ring_ms = -1, EARWIG_ERR_INVALID)
REFUSED(a_negative_stall_time_is_refused, stall_ms = -1, EARWIG_ERR_INVALID)
REFUSED(a_stall_time_above_a_minute_is_refused, stall_ms = 60001, EARWIG_ERR_INVALID)
REFUSED(an_event_queue_below_8_is_refused, event_capacity = 7, EARWIG_ERR_INVALID)
REFUSED(an_event_queue_above_4096_is_refused, event_capacity = 4097, EARWIG_ERR_INVALID)
REFUSED(a_negative_event_queue_is_refused, event_capacity = -64, EARWIG_ERR_INVALID)
REFUSED(early_media_is_0_or_1, early_media = 2, EARWIG_ERR_INVALID)
REFUSED(a_name_that_is_not_utf8_is_refused, name = "\xC3\x28", EARWIG_ERR_INVALID)
REFUSED(channel_options_of_size_0_are_refused, struct_size = 0, EARWIG_ERR_SIZE)
REFUSED(channel_options_shorter_than_their_size_are_refused, struct_size = 7, EARWIG_ERR_SIZE)
REFUSED(channel_options_of_an_absurd_size_are_refused, struct_size = SIZE_MAX, EARWIG_ERR_SIZE)

TEST(short_channel_options_are_extended_by_zeros)
{
    earwig_channel_options options = call_options();
    struct call call;

    options.name = "short";
    options.rx_rate_hz = 16000;
    /* Fields beyond `struct_size` are not read. */
    options.ring_ms = 1;
    options.event_capacity = 1;
    options.early_media = 77;
    options.struct_size = offsetof(earwig_channel_options, ring_ms);
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    /* 160 samples at 16 kHz are 10 ms. */
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 160));
    flush(call.channel);
    CHECK_INT(counters(call.channel).media_ms, 10);
    call_close(&call);
}

/* 0 if channel options of this size are refused. */
static int try_size(size_t size)
{
    earwig_engine *engine = NULL;
    earwig_channel *channel = NULL;
    earwig_channel_options options;
    earwig_status status;

    earwig_engine_create(NULL, &engine);
    earwig_channel_options_init(&options);
    options.name = "a name";
    options.struct_size = size;
    status = earwig_channel_create(engine, &options, &channel);
    earwig_channel_unref(channel);
    earwig_engine_shutdown(engine, LONG_MS);
    earwig_engine_unref(engine);
    return status == EARWIG_ERR_SIZE ? 0 : 1;
}

TEST(a_struct_size_inside_a_pointer_is_refused)
{
    size_t size;
    for (size = offsetof(earwig_channel_options, name) + 1; size < offsetof(earwig_channel_options, rx_rate_hz); size++) {
        int status = -1;
        pid_t child;
        fflush(stdout);
        child = fork();
        if (child == 0)
            _exit(try_size(size));
        CHECK(child > 0 && waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

TEST(longer_channel_options_must_end_in_zeros)
{
    struct {
        earwig_channel_options known;
        char tail[8];
    } options;
    struct call call = call_idle(NULL);
    earwig_channel *channel = NULL;

    memset(&options, 0, sizeof options);
    options.known = call_options();
    options.known.struct_size = sizeof options;
    options.tail[0] = 1;
    CHECK_INT(earwig_channel_create(call.engine, (earwig_channel_options *)&options, &channel), EARWIG_ERR_SIZE);
    CHECK(channel == NULL);
    options.tail[0] = 0;
    OK(earwig_channel_create(call.engine, (earwig_channel_options *)&options, &channel));
    earwig_channel_unref(channel);
    call_close(&call);
}

TEST(counters_of_a_wrong_size_are_refused)
{
    struct call call = call_answered();
    earwig_channel_stats stats = {.struct_size = 0};

    CHECK_INT(earwig_channel_get_stats(call.channel, &stats), EARWIG_ERR_SIZE);
    stats.struct_size = 7;
    CHECK_INT(earwig_channel_get_stats(call.channel, &stats), EARWIG_ERR_SIZE);
    stats.struct_size = offsetof(earwig_channel_stats, rx_samples);
    stats.rx_samples = 12345;
    OK(earwig_channel_get_stats(call.channel, &stats));
    CHECK_INT(stats.rx_samples, 12345);
    call_close(&call);
}

TEST(an_unknown_stream_is_refused)
{
    static const int32_t wrong[] = {7, 2, -1, INT32_MAX, INT32_MIN};
    struct call call = call_answered();
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_INT(earwig_channel_write(call.channel, wrong[i], silence, 160), EARWIG_ERR_INVALID);
        CHECK_INT(earwig_channel_write_gap(call.channel, wrong[i], 160), EARWIG_ERR_INVALID);
    }
    flush(call.channel);
    CHECK_INT(counters(call.channel).media_ms, 0);
    call_close(&call);
}

TEST(an_absurd_number_of_samples_is_refused_before_any_is_read)
{
    static const size_t hour = 8000u * 3600u;
    size_t wrong[6];
    struct call call = call_answered();
    earwig_channel_stats stats;
    size_t i;

    wrong[0] = SIZE_MAX;
    wrong[1] = SIZE_MAX / 2;
    wrong[2] = SIZE_MAX / 2 + 1;
    wrong[3] = (size_t)INT64_MAX;
    wrong[4] = SIZE_MAX / 4;
    wrong[5] = hour + 1;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, wrong[i]), EARWIG_ERR_INVALID);
        CHECK_INT(earwig_channel_write_gap(call.channel, EARWIG_STREAM_RX, wrong[i]), EARWIG_ERR_INVALID);
    }
    flush(call.channel);
    stats = counters(call.channel);
    CHECK_INT(stats.media_ms, 0);
    CHECK_INT(stats.gap_samples, 0);
    CHECK_INT(stats.overruns, 0);
    play(call.channel, "5");
    CHECK_TEXT(digits(call.channel), "5");
    call_close(&call);
}

TEST(samples_at_an_odd_address_are_refused)
{
    struct call call = call_answered();
    union {
        int16_t samples[8];
        char bytes[16];
    } odd;
    memset(&odd, 0, sizeof odd);
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, (int16_t *)(void *)(odd.bytes + 1), 4),
              EARWIG_ERR_INVALID);
    CHECK_INT(counters(call.channel).rx_samples, 0);
    call_close(&call);
}

TEST(zero_samples_are_accepted_with_a_null_pointer)
{
    struct call call = call_answered();
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, NULL, 0));
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 0));
    OK(earwig_channel_write_gap(call.channel, EARWIG_STREAM_TX, 0));
    CHECK_INT(counters(call.channel).rx_samples, 0);
    call_close(&call);
}

TEST(a_flush_below_forever_is_refused)
{
    struct call call = call_answered();
    CHECK_INT(earwig_channel_flush(call.channel, -2), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_channel_flush(call.channel, INT64_MIN), EARWIG_ERR_INVALID);
    OK(earwig_channel_flush(call.channel, EARWIG_FOREVER));
    OK(earwig_channel_flush(call.channel, INT64_MAX));
    call_close(&call);
}

/* ---- call state ---- */

TEST(a_call_goes_from_idle_to_ringing_to_answered_to_idle)
{
    struct call call = call_idle(NULL);
    CHECK_INT(state(call.channel), EARWIG_CALL_STATE_IDLE);
    OK(earwig_channel_ringing(call.channel));
    CHECK_INT(state(call.channel), EARWIG_CALL_STATE_RINGING);
    OK(earwig_channel_ringing(call.channel));
    OK(earwig_channel_answer(call.channel));
    CHECK_INT(state(call.channel), EARWIG_CALL_STATE_ANSWERED);
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(state(call.channel), EARWIG_CALL_STATE_IDLE);
    call_close(&call);
}

TEST(an_answered_call_cannot_ring)
{
    struct call call = call_answered();
    CHECK_INT(earwig_channel_ringing(call.channel), EARWIG_ERR_STATE);
    CHECK_INT(state(call.channel), EARWIG_CALL_STATE_ANSWERED);
    call_close(&call);
}

TEST(a_hang_up_of_an_idle_call_is_an_error)
{
    struct call call = call_idle(NULL);
    CHECK_INT(earwig_channel_hangup(call.channel), EARWIG_ERR_HANGUP);
    OK(earwig_channel_answer(call.channel));
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(earwig_channel_hangup(call.channel), EARWIG_ERR_HANGUP);
    call_close(&call);
}

TEST(an_idle_call_takes_no_audio)
{
    struct call call = call_idle(NULL);
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 160), EARWIG_ERR_HANGUP);
    CHECK_INT(earwig_channel_write_gap(call.channel, EARWIG_STREAM_TX, 160), EARWIG_ERR_HANGUP);
    OK(earwig_channel_answer(call.channel));
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 160), EARWIG_ERR_HANGUP);
    flush(call.channel);
    CHECK_INT(counters(call.channel).media_ms, 0);
    call_close(&call);
}

TEST(a_new_answer_clears_the_digit_buffer)
{
    struct call call = call_answered();
    play(call.channel, "12");
    OK(earwig_channel_hangup(call.channel));
    CHECK_TEXT(digits(call.channel), "12");
    OK(earwig_channel_answer(call.channel));
    CHECK_TEXT(digits(call.channel), "");
    call_close(&call);
}

TEST(a_second_answer_of_the_same_call_clears_nothing)
{
    struct call call = call_answered();
    play(call.channel, "12");
    OK(earwig_channel_answer(call.channel));
    CHECK_TEXT(digits(call.channel), "12");
    call_close(&call);
}

TEST(audio_written_before_the_hang_up_is_processed)
{
    struct call call = call_answered();
    int16_t samples[640];
    tone('8', samples, 640);
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 640));
    OK(earwig_channel_hangup(call.channel));
    CHECK_TEXT(digits(call.channel), "8");
    call_close(&call);
}

TEST(each_call_on_one_channel_has_its_own_digits)
{
    struct call call = call_idle(NULL);
    int16_t samples[1280] = {0};
    int i;

    /* Without a flush in between: the worker sees several calls at once. */
    for (i = 0; i < 200; i++) {
        char key = (char)('0' + i % 10), wanted[2] = {key, '\0'};
        earwig_dtmf_options options;
        earwig_dtmf_result result;

        OK(earwig_dtmf_options_init(&options));
        OK(earwig_dtmf_result_init(&result));
        options.count = 4;
        options.predigits_timeout_ms = EARWIG_FOREVER;
        tone(key, samples, 640);
        OK(earwig_channel_answer(call.channel));
        OK(earwig_dtmf_start(call.channel, &options));
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 1280));
        OK(earwig_channel_hangup(call.channel));
        OK(earwig_dtmf_wait(call.channel, LONG_MS, &result));
        CHECK_INT(result.cause, EARWIG_DTMF_CAUSE_HANGUP);
        CHECK_TEXT(result.digits, wanted);
    }
    call_close(&call);
}

TEST(a_call_right_after_a_hang_up_keeps_its_audio)
{
    struct call call = call_idle(NULL);
    int16_t samples[1280] = {0};
    int i, lost = 0;

    /* The first call's hang-up, the second's answer, audio and hang-up may all reach the worker together. */
    for (i = 0; i < 200; i++) {
        OK(earwig_channel_answer(call.channel));
        tone('1', samples, 640);
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 1280));
        OK(earwig_channel_hangup(call.channel));
        OK(earwig_channel_answer(call.channel));
        tone('2', samples, 640);
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 1280));
        OK(earwig_channel_hangup(call.channel));
        lost += strcmp(digits(call.channel), "2") != 0;
    }
    CHECK_INT(lost, 0);
    call_close(&call);
}

/* ---- audio ---- */

TEST(media_time_is_samples_and_gaps)
{
    struct call call = call_answered();
    earwig_channel_stats stats;

    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 800));
    OK(earwig_channel_write_gap(call.channel, EARWIG_STREAM_RX, 400));
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_TX, silence, 160));
    OK(earwig_channel_write_gap(call.channel, EARWIG_STREAM_TX, 80));
    flush(call.channel);
    stats = counters(call.channel);
    CHECK_INT(stats.media_ms, 150);
    CHECK_INT(stats.rx_samples, 800);
    CHECK_INT(stats.tx_samples, 160);
    CHECK_INT(stats.gap_samples, 480);
    CHECK_INT(stats.overruns, 0);
    call_close(&call);
}

TEST(media_time_is_the_same_at_every_rate)
{
    static const int32_t rates[] = {8000, 16000, 32000, 48000};
    size_t i;
    for (i = 0; i < sizeof rates / sizeof *rates; i++) {
        earwig_channel_options options = call_options();
        struct call call;
        options.rx_rate_hz = options.tx_rate_hz = rates[i];
        call = call_idle(&options);
        OK(earwig_channel_answer(call.channel));
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, (size_t)rates[i] / 2));
        OK(earwig_channel_write_gap(call.channel, EARWIG_STREAM_RX, (size_t)rates[i] / 2));
        flush(call.channel);
        CHECK_INT(counters(call.channel).media_ms, 1000);
        call_close(&call);
    }
}

TEST(media_time_includes_samples_lost_in_an_overrun)
{
    earwig_channel_options options = call_options();
    struct call call;
    earwig_channel_stats stats;
    int16_t samples[640];

    options.ring_ms = 100;
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 8000), EARWIG_ERR_OVERRUN);
    flush(call.channel);
    stats = counters(call.channel);
    CHECK_INT(stats.media_ms, 1000);
    CHECK_INT(stats.overruns, 1);
    CHECK_INT(stats.rx_samples + stats.gap_samples, 8000);
    CHECK(stats.rx_samples >= 800 && stats.gap_samples > 0);
    /* The channel still works. */
    tone('3', samples, 640);
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 640));
    CHECK_TEXT(digits(call.channel), "3");
    call_close(&call);
}

TEST(a_flush_processes_every_gap)
{
    struct call call = call_answered();
    earwig_channel_stats stats;
    int i;

    /* More gaps than a worker reads one by one. */
    for (i = 0; i < 500; i++) {
        (void)earwig_channel_write(call.channel, EARWIG_STREAM_RX, silence, 8);
        OK(earwig_channel_write_gap(call.channel, EARWIG_STREAM_RX, 8));
    }
    flush(call.channel);
    stats = counters(call.channel);
    CHECK_INT(stats.media_ms, 1000);
    CHECK_INT(stats.rx_samples + stats.gap_samples, 8000);
    call_close(&call);
}

TEST(an_hour_of_gap_takes_no_time)
{
    struct call call = call_answered();
    OK(earwig_channel_write_gap(call.channel, EARWIG_STREAM_RX, 8000u * 3600u));
    flush(call.channel);
    CHECK_INT(counters(call.channel).media_ms, 3600000);
    call_close(&call);
}

TEST(digits_come_only_from_rx)
{
    struct call call = call_answered();
    int16_t samples[1280] = {0};
    tone('4', samples, 640);
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_TX, samples, 1280));
    CHECK_TEXT(digits(call.channel), "");
    call_close(&call);
}

TEST(with_stall_ms_media_time_advances_without_audio)
{
    earwig_channel_options options = call_options();
    struct call call;
    earwig_dtmf_options wanted;
    earwig_dtmf_result result;

    options.stall_ms = 100;
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    OK(earwig_dtmf_options_init(&wanted));
    OK(earwig_dtmf_result_init(&result));
    wanted.predigits_timeout_ms = 300;
    OK(earwig_dtmf_collect(call.channel, &wanted, &result));
    CHECK_INT(result.cause, EARWIG_DTMF_CAUSE_TIMEOUT);
    CHECK_INT(result.ended_ms - result.started_ms, 300);
    call_close(&call);
}

TEST(without_stall_ms_media_time_stops_without_audio)
{
    struct call call = call_answered();
    sleep_ms(100);
    flush(call.channel);
    CHECK_INT(counters(call.channel).media_ms, 0);
    call_close(&call);
}

/* ---- texts of errors ---- */

TEST(the_text_of_an_error_names_what_was_wrong)
{
    struct call call = call_answered();
    earwig_dtmf_options options;
    char text[200] = "unset";

    OK(earwig_channel_get_error(call.channel, text, sizeof text));
    CHECK_TEXT(text, "");
    OK(earwig_dtmf_options_init(&options));
    options.count = 33;
    CHECK_INT(earwig_dtmf_start(call.channel, &options), EARWIG_ERR_INVALID);
    OK(earwig_channel_get_error(call.channel, text, sizeof text));
    CHECK(strstr(text, "count") && strstr(text, "33"));
    call_close(&call);
}

TEST(an_error_text_is_cut_to_the_size_of_its_buffer)
{
    struct call call = call_answered();
    char whole[200], text[200];
    size_t size;

    CHECK_INT(earwig_dtmf_inject(call.channel, 'Z', 0), EARWIG_ERR_INVALID);
    OK(earwig_channel_get_error(call.channel, whole, sizeof whole));
    CHECK_INT(earwig_channel_get_error(call.channel, text, 0), EARWIG_ERR_SIZE);
    for (size = 1; size <= strlen(whole) + 1; size++) {
        memset(text, '!', sizeof text);
        OK(earwig_channel_get_error(call.channel, text, size));
        CHECK_INT(strlen(text), size - 1);
        CHECK(strncmp(text, whole, size - 1) == 0);
        CHECK_INT(text[size], '!');
    }
    call_close(&call);
}

/* ---- references ---- */

TEST(a_channel_lives_until_its_last_reference_is_given_back)
{
    struct call call = call_answered();
    CHECK(earwig_channel_ref(call.channel) == call.channel);
    earwig_channel_unref(call.channel);
    play(call.channel, "6");
    CHECK_TEXT(digits(call.channel), "6");
    call_close(&call);
}

TEST(many_channels_are_created_and_freed)
{
    struct call call = call_idle(NULL);
    earwig_channel *channels[100];
    int round, i;

    for (round = 0; round < 3; round++) {
        for (i = 0; i < 100; i++) {
            OK(earwig_channel_create(call.engine, NULL, &channels[i]));
            OK(earwig_channel_answer(channels[i]));
            OK(earwig_channel_write(channels[i], EARWIG_STREAM_RX, silence, 160));
        }
        for (i = 0; i < 100; i++)
            earwig_channel_unref(channels[i]);
    }
    call_close(&call);
}
