/* The collection of digits: how it ends, and wrong use. */
#include "dtmf.h"

static int32_t cause_of(earwig_channel *channel)
{
    int32_t cause = -1;
    OK(earwig_dtmf_get_cause(channel, &cause));
    return cause;
}

/* ---- causes ---- */

TEST(count_ends_a_collection)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(3);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "1234");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "123");
    CHECK_TEXT(digits(call.channel), "4");
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_COUNT);
    call_close(&call);
}

TEST(an_end_digit_ends_a_collection_and_is_the_last_of_its_digits)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(0);
    strcpy(options.end, "*#");
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12#3");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_END, "12#");
    CHECK_TEXT(digits(call.channel), "3");
    call_close(&call);
}

TEST(end_digit_wins_a_tie_with_count)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(3);
    strcpy(options.end, "#");
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12#");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_END, "12#");
    call_close(&call);
}

TEST(no_first_digit_ends_in_a_timeout)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_options();
    earwig_dtmf_result result;
    options.predigits_timeout_ms = 1000;
    OK(earwig_dtmf_start(call.channel, &options));
    play_silence(call.channel, 2000);
    result = dtmf_result(call.channel);
    check_collected(result, EARWIG_DTMF_CAUSE_TIMEOUT, "");
    CHECK_INT(result.ended_ms - result.started_ms, 1000);
    call_close(&call);
}

TEST(no_next_digit_ends_in_a_timeout_with_the_digits_so_far)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(4);
    options.interdigit_timeout_ms = 500;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12");
    play_silence(call.channel, 1000);
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_TIMEOUT, "12");
    call_close(&call);
}

TEST(a_key_held_beyond_the_interdigit_timeout_is_one_digit)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(4);
    earwig_dtmf_result result;
    static int16_t held[8000];
    options.interdigit_timeout_ms = 500;
    OK(earwig_dtmf_start(call.channel, &options));
    tone('5', held, 8000);
    OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, held, 8000));
    play_silence(call.channel, 1000);
    result = dtmf_result(call.channel);
    check_collected(result, EARWIG_DTMF_CAUSE_TIMEOUT, "5");
    CHECK_INT(result.ended_ms - result.started_ms, 500);
    CHECK_TEXT(digits(call.channel), "");
    call_close(&call);
}

TEST(the_whole_collection_may_have_a_timeout)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(32);
    earwig_dtmf_result result;
    options.timeout_ms = 400;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12345");
    result = dtmf_result(call.channel);
    check_collected(result, EARWIG_DTMF_CAUSE_TIMEOUT, "123");
    CHECK_INT(result.ended_ms - result.started_ms, 400);
    call_close(&call);
}

TEST(a_hang_up_ends_a_collection_with_the_digits_so_far)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(4);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12");
    OK(earwig_channel_hangup(call.channel));
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_HANGUP, "12");
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_HANGUP);
    call_close(&call);
}

TEST(by_default_the_digits_in_the_buffer_are_returned_at_once_with_none)
{
    struct call call = call_answered();
    play(call.channel, "0A*");
    check_collected(dtmf_collect(call.channel, NULL), EARWIG_DTMF_CAUSE_NONE, "0A*");
    CHECK_TEXT(digits(call.channel), "");
    check_collected(dtmf_collect(call.channel, NULL), EARWIG_DTMF_CAUSE_NONE, "");
    call_close(&call);
}

TEST(a_stop_ends_a_collection_with_none_and_the_digits_so_far)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(4);
    OK(earwig_dtmf_stop(call.channel, 0));
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12");
    OK(earwig_dtmf_stop(call.channel, 0));
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_NONE, "12");
    OK(earwig_dtmf_stop(call.channel, 0));
    call_close(&call);
}

TEST(buffered_digits_count_unless_they_are_cleared_first)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(2);
    play(call.channel, "12");
    options.clear = 1;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "34");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "34");
    play(call.channel, "56");
    options.clear = 0;
    check_collected(dtmf_collect(call.channel, &options), EARWIG_DTMF_CAUSE_COUNT, "56");
    call_close(&call);
}

TEST(count_0_ends_at_32_digits)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(0);
    int i;
    OK(earwig_dtmf_start(call.channel, &options));
    for (i = 0; i < 35; i++)
        OK(earwig_dtmf_inject(call.channel, '0' + i % 10, 0));
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "01234567890123456789012345678901");
    CHECK_TEXT(digits(call.channel), "234");
    call_close(&call);
}

TEST(the_buffer_holds_32_digits_and_counts_the_rest)
{
    struct call call = call_answered();
    earwig_channel_stats stats;
    int i;
    for (i = 0; i < 40; i++)
        OK(earwig_dtmf_inject(call.channel, '0' + i % 10, 0));
    CHECK_TEXT(digits(call.channel), "01234567890123456789012345678901");
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    OK(earwig_channel_get_stats(call.channel, &stats));
    CHECK_INT(stats.digits_dropped, 8);
    OK(earwig_dtmf_clear(call.channel));
    CHECK_TEXT(digits(call.channel), "");
    call_close(&call);
}

TEST(all_sixteen_digits_are_detected)
{
    struct call call = call_answered();
    play(call.channel, "0123456789ABCD*#");
    CHECK_TEXT(digits(call.channel), "0123456789ABCD*#");
    call_close(&call);
}

TEST(the_longest_timeouts_are_no_limit)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(1);
    options.predigits_timeout_ms = options.interdigit_timeout_ms = options.timeout_ms = INT64_MAX;
    OK(earwig_dtmf_start(call.channel, &options));
    play_silence(call.channel, 1000);
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_NONE);
    play(call.channel, "1");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    call_close(&call);
}

/* ---- wrong use ---- */

TEST(a_job_on_an_idle_call_is_refused)
{
    struct call call = call_idle(NULL);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    CHECK_INT(earwig_dtmf_start(call.channel, NULL), EARWIG_ERR_HANGUP);
    CHECK_INT(earwig_dtmf_collect(call.channel, NULL, &result), EARWIG_ERR_HANGUP);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', 0), EARWIG_ERR_HANGUP);
    CHECK_TEXT(digits(call.channel), "");
    call_close(&call);
}

TEST(a_job_on_a_call_that_is_not_answered_is_refused)
{
    struct call call = call_idle(NULL);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_channel_ringing(call.channel));
    play(call.channel, "1");
    CHECK_INT(earwig_dtmf_start(call.channel, NULL), EARWIG_ERR_STATE);
    CHECK_INT(earwig_dtmf_collect(call.channel, NULL, &result), EARWIG_ERR_STATE);
    CHECK_TEXT(digits(call.channel), "1");
    call_close(&call);
}

TEST(early_media_lets_jobs_run_before_the_answer)
{
    earwig_channel_options options = call_options();
    earwig_dtmf_options wanted = dtmf_count(1);
    struct call call;
    options.early_media = 1;
    call = call_idle(&options);
    CHECK_INT(earwig_dtmf_start(call.channel, &wanted), EARWIG_ERR_HANGUP);
    OK(earwig_channel_ringing(call.channel));
    OK(earwig_dtmf_start(call.channel, &wanted));
    play(call.channel, "1");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    call_close(&call);
}

TEST(after_the_hang_up_no_job_starts_but_the_last_result_stays)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(4);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "1");
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(earwig_dtmf_start(call.channel, &options), EARWIG_ERR_HANGUP);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', 0), EARWIG_ERR_HANGUP);
    flush(call.channel);
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_HANGUP, "1");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_HANGUP, "1");
    call_close(&call);
}

TEST(a_second_collection_while_one_runs_is_busy_and_leaves_it_alone)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(2);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_start(call.channel, &options));
    options.clear = 1;
    play(call.channel, "1");
    CHECK_INT(earwig_dtmf_start(call.channel, &options), EARWIG_ERR_BUSY);
    CHECK_INT(earwig_dtmf_collect(call.channel, &options, &result), EARWIG_ERR_BUSY);
    play(call.channel, "2");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "12");
    call_close(&call);
}

TEST(before_the_first_collection_there_is_no_result)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(1);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    CHECK_INT(earwig_dtmf_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(earwig_dtmf_wait(call.channel, 0, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_NONE);
    OK(earwig_dtmf_start(call.channel, &options));
    CHECK_INT(earwig_dtmf_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_NONE);
    call_close(&call);
}

TEST(a_wait_that_times_out_leaves_the_collection_running)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(1);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_start(call.channel, &options));
    CHECK_INT(earwig_dtmf_wait(call.channel, 20, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(earwig_dtmf_wait(call.channel, 0, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(earwig_dtmf_wait(call.channel, -2, &result), EARWIG_ERR_INVALID);
    play(call.channel, "1");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    call_close(&call);
}

TEST(a_new_collection_resets_the_cause)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_count(1);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "1");
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    OK(earwig_dtmf_start(call.channel, &options));
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_NONE);
    call_close(&call);
}

TEST(only_the_sixteen_digits_can_be_injected)
{
    static const int32_t wrong[] = {'Z', 'a', 'd', 0, ' ', 'E', -1, 256 + '1', 0x0661, INT32_MAX, INT32_MIN};
    struct call call = call_answered();
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_INT(earwig_dtmf_inject(call.channel, wrong[i], 0), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', -1), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', 3600001), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', INT64_MIN), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', INT64_MAX), EARWIG_ERR_INVALID);
    CHECK_TEXT(digits(call.channel), "");
    OK(earwig_dtmf_inject(call.channel, 'D', 3600000));
    CHECK_TEXT(digits(call.channel), "D");
    call_close(&call);
}

TEST(a_press_that_is_detected_and_signalled_counts_once)
{
    struct call call = call_answered();
    play(call.channel, "5");
    OK(earwig_dtmf_inject(call.channel, '5', 80));
    OK(earwig_dtmf_inject(call.channel, '6', 80));
    play(call.channel, "6");
    CHECK_TEXT(digits(call.channel), "56");
    call_close(&call);
}

TEST(digits_are_cut_to_the_size_of_the_buffer_and_stay)
{
    struct call call = call_answered();
    char text[8];
    play(call.channel, "123");
    memset(text, '!', sizeof text);
    OK(earwig_dtmf_get_digits(call.channel, text, 1));
    CHECK_TEXT(text, "");
    CHECK_INT(text[1], '!');
    OK(earwig_dtmf_get_digits(call.channel, text, 3));
    CHECK_TEXT(text, "12");
    CHECK_INT(text[3], '!');
    CHECK_INT(earwig_dtmf_get_digits(call.channel, text, 0), EARWIG_ERR_SIZE);
    CHECK_TEXT(text, "12");
    CHECK_TEXT(digits(call.channel), "123");
    call_close(&call);
}

/* ---- limits ---- */

TEST(limits_out_of_range_are_refused_and_change_nothing)
{
    static const float not_a_number = (float)(0.0 * (1e300 * 1e300));
    struct call call = call_answered();
    earwig_dtmf_limits limits, good;

    OK(earwig_dtmf_limits_init(&good));
#define WRONG(assignment)                                                                                                      \
    limits = good;                                                                                                             \
    limits.assignment;                                                                                                         \
    CHECK_INT(earwig_dtmf_set_limits(call.channel, &limits), EARWIG_ERR_INVALID)
    WRONG(normal_twist_db = -1);
    WRONG(normal_twist_db = 20.5f);
    WRONG(normal_twist_db = not_a_number);
    WRONG(reverse_twist_db = -0.5f);
    WRONG(reverse_twist_db = 21);
    WRONG(reverse_twist_db = not_a_number);
    WRONG(min_level_dbm0 = -61);
    WRONG(min_level_dbm0 = 1);
    WRONG(min_level_dbm0 = not_a_number);
    WRONG(min_tone_ms = 29);
    WRONG(min_tone_ms = 501);
    WRONG(min_tone_ms = -40);
    WRONG(min_pause_ms = 29);
    WRONG(min_pause_ms = 501);
    WRONG(min_pause_ms = INT32_MIN);
#undef WRONG
    limits = good;
    limits.struct_size = 3;
    CHECK_INT(earwig_dtmf_set_limits(call.channel, &limits), EARWIG_ERR_SIZE);
    play(call.channel, "1");
    CHECK_TEXT(digits(call.channel), "1");
    OK(earwig_dtmf_set_limits(call.channel, &good));
    play(call.channel, "2");
    CHECK_TEXT(digits(call.channel), "12");
    call_close(&call);
}

TEST(min_level_dbm0_rejects_weaker_digits)
{
    struct call call = call_answered();
    earwig_dtmf_limits limits;
    OK(earwig_dtmf_limits_init(&limits));
    limits.min_level_dbm0 = -5;
    OK(earwig_dtmf_set_limits(call.channel, &limits));
    play(call.channel, "1");
    CHECK_TEXT(digits(call.channel), "");
    call_close(&call);
}
