/* The collection of digits. */
#include "test.h"

static earwig_dtmf_options defaults(void)
{
    earwig_dtmf_options options;
    OK(earwig_dtmf_options_init(&options));
    return options;
}

/* So many digits, however long they take. */
static earwig_dtmf_options count_of(int32_t count)
{
    earwig_dtmf_options options = defaults();
    options.count = count;
    options.predigits_timeout_ms = options.interdigit_timeout_ms = EARWIG_FOREVER;
    return options;
}

static earwig_dtmf_result result_of(earwig_channel *channel)
{
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_wait(channel, LONG_MS, &result));
    return result;
}

static earwig_dtmf_result collect(earwig_channel *channel, const earwig_dtmf_options *options)
{
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_collect(channel, options, &result));
    return result;
}

static void check(earwig_dtmf_result result, int32_t cause, const char *digits)
{
    CHECK_TEXT(earwig_dtmf_cause_str(result.cause), earwig_dtmf_cause_str(cause));
    CHECK_TEXT(result.digits, digits);
    CHECK_INT(result.count, strlen(digits));
    CHECK(result.ended_ms >= result.started_ms);
}

static int32_t cause_of(earwig_channel *channel)
{
    int32_t cause = -1;
    OK(earwig_dtmf_get_cause(channel, &cause));
    return cause;
}

/* ---- options ---- */

TEST(the_defaults_are_those_of_the_documentation)
{
    earwig_dtmf_options options = defaults();
    earwig_dtmf_limits limits;

    CHECK_INT(options.struct_size, sizeof options);
    CHECK_INT(options.clear, 0);
    CHECK_INT(options.count, 0);
    CHECK_INT(options.predigits_timeout_ms, 0);
    CHECK_INT(options.interdigit_timeout_ms, 5000);
    CHECK_INT(options.timeout_ms, EARWIG_FOREVER);
    CHECK_TEXT(options.end, "");
    OK(earwig_dtmf_limits_init(&limits));
    CHECK_INT(limits.struct_size, sizeof limits);
    CHECK(limits.normal_twist_db == 8 && limits.reverse_twist_db == 4);
    CHECK_INT(limits.min_tone_ms, 40);
    CHECK_INT(limits.min_pause_ms, 40);
}

TEST(null_is_refused_by_every_dtmf_call)
{
    struct call call = call_answered();
    earwig_dtmf_options options = defaults();
    earwig_dtmf_limits limits;
    earwig_dtmf_result result;
    int32_t cause;
    char text[EARWIG_DIGITS_MAX + 1];

    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_limits_init(&limits));
    play(call.channel, "1");
    CHECK_INT(earwig_dtmf_options_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_result_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_limits_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_options_parse(NULL, &options, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_options_parse("count=1", NULL, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_collect(NULL, &options, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_collect(call.channel, &options, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_start(NULL, &options), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_wait(NULL, 0, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_wait(call.channel, 0, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_result(NULL, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_result(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_cause(NULL, &cause), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_cause(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_stop(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_clear(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_inject(NULL, '1', 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_digits(NULL, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_digits(call.channel, NULL, 33), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_set_limits(NULL, &limits), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_set_limits(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_TEXT(digits(call.channel), "1");
    call_close(&call);
}

/* Options that are wrong: nothing starts, and the digit buffer stays as it is. */
static void refused(void (*spoil)(earwig_dtmf_options *), earwig_status status)
{
    struct call call = call_answered();
    earwig_dtmf_options options = defaults();
    earwig_dtmf_result result;

    OK(earwig_dtmf_result_init(&result));
    play(call.channel, "12");
    options.clear = 1;
    spoil(&options);
    CHECK_INT(earwig_dtmf_start(call.channel, &options), status);
    CHECK_INT(earwig_dtmf_collect(call.channel, &options, &result), status);
    CHECK_TEXT(digits(call.channel), "12");
    CHECK_INT(earwig_dtmf_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    call_close(&call);
}

#define REFUSED(name, change, status)                                                                                          \
    static void spoil_##name(earwig_dtmf_options *options) { change; }                                                         \
    TEST(name) { refused(spoil_##name, status); }

REFUSED(a_count_of_33_is_refused, options->count = 33, EARWIG_ERR_INVALID)
REFUSED(a_count_of_minus_1_is_refused, options->count = -1, EARWIG_ERR_INVALID)
REFUSED(a_count_of_288_is_refused, options->count = 256 + 32, EARWIG_ERR_INVALID)
REFUSED(clear_is_0_or_1, options->clear = 2, EARWIG_ERR_INVALID)
REFUSED(a_predigits_timeout_below_forever_is_refused, options->predigits_timeout_ms = -2, EARWIG_ERR_INVALID)
REFUSED(an_interdigit_timeout_below_forever_is_refused, options->interdigit_timeout_ms = -2, EARWIG_ERR_INVALID)
REFUSED(a_timeout_below_forever_is_refused, options->timeout_ms = INT64_MIN, EARWIG_ERR_INVALID)
REFUSED(an_end_digit_that_is_none_is_refused, strcpy(options->end, "12Z"), EARWIG_ERR_INVALID)
REFUSED(a_small_letter_is_no_end_digit, strcpy(options->end, "a"), EARWIG_ERR_INVALID)
REFUSED(an_end_that_is_not_utf8_is_refused, strcpy(options->end, "\xFF"), EARWIG_ERR_INVALID)
REFUSED(an_end_without_its_nul_is_refused, memset(options->end, '1', sizeof options->end), EARWIG_ERR_INVALID)
REFUSED(dtmf_options_of_size_0_are_refused, options->struct_size = 0, EARWIG_ERR_SIZE)
REFUSED(dtmf_options_shorter_than_their_size_are_refused, options->struct_size = 7, EARWIG_ERR_SIZE)
REFUSED(dtmf_options_of_an_absurd_size_are_refused, options->struct_size = SIZE_MAX, EARWIG_ERR_SIZE)

TEST(short_dtmf_options_are_extended_by_zeros)
{
    struct call call = call_answered();
    earwig_dtmf_options options = defaults();

    play(call.channel, "12");
    /* What lies beyond is not looked at. */
    memset(options.end, 'Z', sizeof options.end);
    options.count = 1;
    options.struct_size = offsetof(earwig_dtmf_options, end);
    check(collect(call.channel, &options), EARWIG_DTMF_CAUSE_COUNT, "1");
    CHECK_TEXT(digits(call.channel), "2");
    call_close(&call);
}

TEST(longer_dtmf_options_must_end_in_zeros)
{
    struct {
        earwig_dtmf_options known;
        char tail[24];
    } options;
    struct call call = call_answered();

    play(call.channel, "1");
    memset(&options, 0, sizeof options);
    options.known = defaults();
    options.known.struct_size = sizeof options;
    options.tail[7] = 1;
    CHECK_INT(earwig_dtmf_start(call.channel, (earwig_dtmf_options *)&options), EARWIG_ERR_SIZE);
    CHECK_TEXT(digits(call.channel), "1");
    options.tail[7] = 0;
    OK(earwig_dtmf_start(call.channel, (earwig_dtmf_options *)&options));
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_NONE, "1");
    call_close(&call);
}

TEST(a_result_of_a_wrong_size_is_refused_before_anything_starts)
{
    struct call call = call_answered();
    earwig_dtmf_result result;

    play(call.channel, "1");
    OK(earwig_dtmf_result_init(&result));
    result.struct_size = 7;
    CHECK_INT(earwig_dtmf_collect(call.channel, NULL, &result), EARWIG_ERR_SIZE);
    CHECK_TEXT(digits(call.channel), "1");
    OK(earwig_dtmf_start(call.channel, NULL));
    flush(call.channel);
    CHECK_INT(earwig_dtmf_wait(call.channel, 0, &result), EARWIG_ERR_SIZE);
    result.struct_size = 0;
    CHECK_INT(earwig_dtmf_get_result(call.channel, &result), EARWIG_ERR_SIZE);
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_NONE, "1");
    call_close(&call);
}

/* ---- options as text ---- */

TEST(options_can_be_given_as_text)
{
    earwig_dtmf_options options = defaults();
    char error[100] = "unset";

    OK(earwig_dtmf_options_parse("count=5,seconds_interdigit_timeout=1.5,end=#,clear=True,seconds_predigits_timeout=None",
                                 &options, error, sizeof error));
    CHECK_TEXT(error, "");
    CHECK_INT(options.count, 5);
    CHECK_INT(options.interdigit_timeout_ms, 1500);
    CHECK_TEXT(options.end, "#");
    CHECK_INT(options.clear, 1);
    CHECK_INT(options.predigits_timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.struct_size, sizeof options);
}

TEST(options_can_be_given_as_json)
{
    earwig_dtmf_options options = defaults();

    OK(earwig_dtmf_options_parse("{\"count\":5,\"end\":\"*#\",\"seconds_timeout\":null,\"seconds_predigits_timeout\":30}",
                                 &options, NULL, 0));
    CHECK_INT(options.count, 5);
    CHECK(strlen(options.end) == 2 && strchr(options.end, '*') && strchr(options.end, '#'));
    CHECK_INT(options.timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.predigits_timeout_ms, 30000);
}

TEST(text_changes_only_what_it_names)
{
    earwig_dtmf_options options = defaults();
    options.count = 7;
    OK(earwig_dtmf_options_parse("", &options, NULL, 0));
    OK(earwig_dtmf_options_parse("end=*", &options, NULL, 0));
    CHECK_INT(options.count, 7);
    CHECK_TEXT(options.end, "*");
}

TEST(malformed_text_is_refused_and_changes_nothing)
{
    static const char *const wrong[] = {
        "count", "count=", "count=x", "count=33", "count=-1", "count=1.5", "count=99999999999999999999", "kount=1",
        "COUNT=1", "count=1 end=#", "count=1,count=2", "=", "end=Z", "end=a", "clear=maybe", "seconds_timeout=-1",
        "seconds_timeout=1e300", "seconds_timeout=nan", "seconds_timeout=inf", "count=1,end=Z", "{", "{}x", "[]", "null",
        "{\"count\":}", "{\"count\":33}", "{\"count\":\"x\"}", "{\"kount\":1}", "{\"end\":\"Z\"}",
        "{\"clear\":7}", "{\"seconds_timeout\":-1}", "{\"seconds_timeout\":1e400}", "\xFF\xFE", "end=\xC3\x28",
        "count=1\xC0\x80",
    };
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        earwig_dtmf_options options = defaults(), before;
        char error[200] = "";
        options.count = 9;
        before = options;
        if (earwig_dtmf_options_parse(wrong[i], &options, error, sizeof error) != EARWIG_ERR_INVALID || !*error) {
            printf("malformed_text_is_refused: %s\n", wrong[i]);
            CHECK(0);
        }
        CHECK(memcmp(&options, &before, sizeof options) == 0);
        CHECK_INT(earwig_dtmf_options_parse(wrong[i], &options, NULL, 0), EARWIG_ERR_INVALID);
    }
}

TEST(deeply_nested_and_endless_text_is_refused)
{
    static char text[200001];
    earwig_dtmf_options options = defaults();

    memset(text, '[', 60000);
    memcpy(text, "{\"count\":", 9);
    CHECK_INT(earwig_dtmf_options_parse(text, &options, NULL, 0), EARWIG_ERR_INVALID);
    memset(text, '1', 200000);
    CHECK_INT(earwig_dtmf_options_parse(text, &options, NULL, 0), EARWIG_ERR_INVALID);
    CHECK_INT(options.count, 0);
}

TEST(the_text_of_a_parse_error_fits_any_room)
{
    earwig_dtmf_options options = defaults();
    char error[64];
    size_t size;

    for (size = 1; size < 40; size++) {
        memset(error, '!', sizeof error);
        CHECK_INT(earwig_dtmf_options_parse("kount=1", &options, error, size), EARWIG_ERR_INVALID);
        CHECK(strlen(error) < size);
        CHECK_INT(error[size], '!');
    }
    memset(error, '!', sizeof error);
    CHECK_INT(earwig_dtmf_options_parse("kount=1", &options, error, 0), EARWIG_ERR_INVALID);
    CHECK_INT(error[0], '!');
    CHECK_INT(earwig_dtmf_options_parse("kount=1", &options, NULL, 64), EARWIG_ERR_INVALID);
}

TEST(a_parse_into_options_of_a_wrong_size_is_refused)
{
    earwig_dtmf_options options = defaults();
    options.struct_size = 0;
    CHECK_INT(earwig_dtmf_options_parse("count=1", &options, NULL, 0), EARWIG_ERR_SIZE);
    CHECK_INT(options.count, 0);
}

/* ---- causes ---- */

TEST(count_ends_a_collection)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(3);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "1234");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "123");
    CHECK_TEXT(digits(call.channel), "4");
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_COUNT);
    call_close(&call);
}

TEST(an_end_digit_ends_a_collection_and_is_the_last_of_its_digits)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(0);
    strcpy(options.end, "*#");
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12#3");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_END, "12#");
    CHECK_TEXT(digits(call.channel), "3");
    call_close(&call);
}

TEST(end_digit_wins_a_tie_with_count)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(3);
    strcpy(options.end, "#");
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12#");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_END, "12#");
    call_close(&call);
}

TEST(no_first_digit_is_a_timeout)
{
    struct call call = call_answered();
    earwig_dtmf_options options = defaults();
    earwig_dtmf_result result;
    options.predigits_timeout_ms = 1000;
    OK(earwig_dtmf_start(call.channel, &options));
    play_silence(call.channel, 2000);
    result = result_of(call.channel);
    check(result, EARWIG_DTMF_CAUSE_TIMEOUT, "");
    CHECK_INT(result.ended_ms - result.started_ms, 1000);
    call_close(&call);
}

TEST(no_next_digit_is_a_timeout_with_the_digits_so_far)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(4);
    options.interdigit_timeout_ms = 500;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12");
    play_silence(call.channel, 1000);
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_TIMEOUT, "12");
    call_close(&call);
}

TEST(the_whole_collection_may_have_a_timeout)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(32);
    earwig_dtmf_result result;
    options.timeout_ms = 400;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12345");
    result = result_of(call.channel);
    check(result, EARWIG_DTMF_CAUSE_TIMEOUT, "123");
    CHECK_INT(result.ended_ms - result.started_ms, 400);
    call_close(&call);
}

TEST(a_hang_up_ends_a_collection_with_the_digits_so_far)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(4);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12");
    OK(earwig_channel_hangup(call.channel));
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_HANGUP, "12");
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_HANGUP);
    call_close(&call);
}

TEST(by_default_what_is_in_the_buffer_comes_back_at_once_with_none)
{
    struct call call = call_answered();
    play(call.channel, "0A*");
    check(collect(call.channel, NULL), EARWIG_DTMF_CAUSE_NONE, "0A*");
    CHECK_TEXT(digits(call.channel), "");
    check(collect(call.channel, NULL), EARWIG_DTMF_CAUSE_NONE, "");
    call_close(&call);
}

TEST(a_stop_ends_a_collection_with_none_and_the_digits_so_far)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(4);
    OK(earwig_dtmf_stop(call.channel));
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "12");
    OK(earwig_dtmf_stop(call.channel));
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_NONE, "12");
    OK(earwig_dtmf_stop(call.channel));
    call_close(&call);
}

TEST(buffered_digits_count_unless_they_are_cleared_first)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(2);
    play(call.channel, "12");
    options.clear = 1;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "34");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "34");
    play(call.channel, "56");
    options.clear = 0;
    check(collect(call.channel, &options), EARWIG_DTMF_CAUSE_COUNT, "56");
    call_close(&call);
}

TEST(count_0_ends_at_32_digits)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(0);
    int i;
    OK(earwig_dtmf_start(call.channel, &options));
    for (i = 0; i < 35; i++)
        OK(earwig_dtmf_inject(call.channel, '0' + i % 10, 0));
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "01234567890123456789012345678901");
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

TEST(all_sixteen_digits_are_heard)
{
    struct call call = call_answered();
    play(call.channel, "0123456789ABCD*#");
    CHECK_TEXT(digits(call.channel), "0123456789ABCD*#");
    call_close(&call);
}

TEST(times_too_long_for_any_clock_are_no_limit)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(1);
    options.predigits_timeout_ms = options.interdigit_timeout_ms = options.timeout_ms = INT64_MAX;
    OK(earwig_dtmf_start(call.channel, &options));
    play_silence(call.channel, 1000);
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_NONE);
    play(call.channel, "1");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
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
    earwig_dtmf_options wanted = count_of(1);
    struct call call;
    options.early_media = 1;
    call = call_idle(&options);
    CHECK_INT(earwig_dtmf_start(call.channel, &wanted), EARWIG_ERR_HANGUP);
    OK(earwig_channel_ringing(call.channel));
    OK(earwig_dtmf_start(call.channel, &wanted));
    play(call.channel, "1");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    call_close(&call);
}

TEST(after_the_hang_up_no_job_starts_but_the_last_result_stays)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(4);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "1");
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(earwig_dtmf_start(call.channel, &options), EARWIG_ERR_HANGUP);
    CHECK_INT(earwig_dtmf_inject(call.channel, '1', 0), EARWIG_ERR_HANGUP);
    flush(call.channel);
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_HANGUP, "1");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_HANGUP, "1");
    call_close(&call);
}

TEST(a_second_collection_while_one_runs_is_busy_and_leaves_it_alone)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(2);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_start(call.channel, &options));
    options.clear = 1;
    play(call.channel, "1");
    CHECK_INT(earwig_dtmf_start(call.channel, &options), EARWIG_ERR_BUSY);
    CHECK_INT(earwig_dtmf_collect(call.channel, &options, &result), EARWIG_ERR_BUSY);
    play(call.channel, "2");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "12");
    call_close(&call);
}

TEST(before_the_first_collection_there_is_no_result)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(1);
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

TEST(a_wait_whose_time_is_over_leaves_the_collection_running)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(1);
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_start(call.channel, &options));
    CHECK_INT(earwig_dtmf_wait(call.channel, 20, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(earwig_dtmf_wait(call.channel, 0, &result), EARWIG_ERR_TIMEOUT);
    CHECK_INT(earwig_dtmf_wait(call.channel, -2, &result), EARWIG_ERR_INVALID);
    play(call.channel, "1");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    call_close(&call);
}

TEST(a_new_collection_forgets_the_cause_of_the_last)
{
    struct call call = call_answered();
    earwig_dtmf_options options = count_of(1);
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "1");
    check(result_of(call.channel), EARWIG_DTMF_CAUSE_COUNT, "1");
    OK(earwig_dtmf_start(call.channel, &options));
    CHECK_INT(cause_of(call.channel), EARWIG_DTMF_CAUSE_NONE);
    call_close(&call);
}

TEST(only_the_sixteen_can_be_injected)
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

TEST(a_key_press_heard_and_signalled_counts_once)
{
    struct call call = call_answered();
    play(call.channel, "5");
    OK(earwig_dtmf_inject(call.channel, '5', 80));
    OK(earwig_dtmf_inject(call.channel, '6', 80));
    play(call.channel, "6");
    CHECK_TEXT(digits(call.channel), "56");
    call_close(&call);
}

TEST(digits_are_cut_to_the_room_that_there_is_and_stay)
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

TEST(a_limit_of_level_keeps_weak_digits_out)
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
