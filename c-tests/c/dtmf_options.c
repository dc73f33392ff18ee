/* Options of a collection: defaults, text, and refused values. */
#include "dtmf.h"

TEST(the_defaults_are_those_of_the_documentation)
{
    earwig_dtmf_options options = dtmf_options();
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
    earwig_dtmf_options options = dtmf_options();
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
    CHECK_INT(earwig_dtmf_stop(NULL, 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_clear(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_inject(NULL, '1', 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_digits(NULL, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_get_digits(call.channel, NULL, 33), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_set_limits(NULL, &limits), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_set_limits(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_TEXT(digits(call.channel), "1");
    call_close(&call);
}

/* Checks that invalid options start no collection and leave the digit buffer unchanged. */
static void refused(void (*make_invalid)(earwig_dtmf_options *), earwig_status status)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_options();
    earwig_dtmf_result result;

    OK(earwig_dtmf_result_init(&result));
    play(call.channel, "12");
    options.clear = 1;
    make_invalid(&options);
    CHECK_INT(earwig_dtmf_start(call.channel, &options), status);
    CHECK_INT(earwig_dtmf_collect(call.channel, &options, &result), status);
    CHECK_TEXT(digits(call.channel), "12");
    CHECK_INT(earwig_dtmf_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    call_close(&call);
}

#define REFUSED(name, change, status) INVALID_OPTION(earwig_dtmf_options, name, change, status)

REFUSED(a_count_of_33_is_refused, options->count = 33, EARWIG_ERR_INVALID)
REFUSED(a_count_of_minus_1_is_refused, options->count = -1, EARWIG_ERR_INVALID)
REFUSED(a_count_of_288_is_refused, options->count = 256 + 32, EARWIG_ERR_INVALID)
REFUSED(clear_is_0_or_1, options->clear = 2, EARWIG_ERR_INVALID)
REFUSED(a_predigits_timeout_below_forever_is_refused, options->predigits_timeout_ms = -2, EARWIG_ERR_INVALID)
REFUSED(an_interdigit_timeout_below_forever_is_refused, options->interdigit_timeout_ms = -2, EARWIG_ERR_INVALID)
REFUSED(a_timeout_below_forever_is_refused, options->timeout_ms = INT64_MIN, EARWIG_ERR_INVALID)
REFUSED(an_invalid_end_digit_is_refused, strcpy(options->end, "12Z"), EARWIG_ERR_INVALID)
REFUSED(a_lower_case_letter_is_no_end_digit, strcpy(options->end, "a"), EARWIG_ERR_INVALID)
REFUSED(an_end_that_is_not_utf8_is_refused, strcpy(options->end, "\xFF"), EARWIG_ERR_INVALID)
REFUSED(an_end_without_a_nul_is_refused, memset(options->end, '1', sizeof options->end), EARWIG_ERR_INVALID)
REFUSED(dtmf_options_of_size_0_are_refused, options->struct_size = 0, EARWIG_ERR_SIZE)
REFUSED(dtmf_options_shorter_than_their_size_are_refused, options->struct_size = 7, EARWIG_ERR_SIZE)
REFUSED(dtmf_options_of_an_absurd_size_are_refused, options->struct_size = SIZE_MAX, EARWIG_ERR_SIZE)

TEST(short_dtmf_options_are_extended_by_zeros)
{
    struct call call = call_answered();
    earwig_dtmf_options options = dtmf_options();

    play(call.channel, "12");
    /* Fields beyond `struct_size` are not read. */
    memset(options.end, 'Z', sizeof options.end);
    options.count = 1;
    options.struct_size = offsetof(earwig_dtmf_options, end);
    check_collected(dtmf_collect(call.channel, &options), EARWIG_DTMF_CAUSE_COUNT, "1");
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
    options.known = dtmf_options();
    options.known.struct_size = sizeof options;
    options.tail[7] = 1;
    CHECK_INT(earwig_dtmf_start(call.channel, (earwig_dtmf_options *)&options), EARWIG_ERR_SIZE);
    CHECK_TEXT(digits(call.channel), "1");
    options.tail[7] = 0;
    OK(earwig_dtmf_start(call.channel, (earwig_dtmf_options *)&options));
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_NONE, "1");
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
    check_collected(dtmf_result(call.channel), EARWIG_DTMF_CAUSE_NONE, "1");
    call_close(&call);
}

/* ---- options as text ---- */

TEST(options_can_be_given_as_text)
{
    earwig_dtmf_options options = dtmf_options();
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
    earwig_dtmf_options options = dtmf_options();

    OK(earwig_dtmf_options_parse("{\"count\":5,\"end\":\"*#\",\"seconds_timeout\":null,\"seconds_predigits_timeout\":30}",
                                 &options, NULL, 0));
    CHECK_INT(options.count, 5);
    CHECK(strlen(options.end) == 2 && strchr(options.end, '*') && strchr(options.end, '#'));
    CHECK_INT(options.timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.predigits_timeout_ms, 30000);
}

TEST(text_changes_only_what_it_names)
{
    earwig_dtmf_options options = dtmf_options();
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
        earwig_dtmf_options options = dtmf_options(), before;
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
    earwig_dtmf_options options = dtmf_options();

    memset(text, '[', 60000);
    memcpy(text, "{\"count\":", 9);
    CHECK_INT(earwig_dtmf_options_parse(text, &options, NULL, 0), EARWIG_ERR_INVALID);
    memset(text, '1', 200000);
    CHECK_INT(earwig_dtmf_options_parse(text, &options, NULL, 0), EARWIG_ERR_INVALID);
    CHECK_INT(options.count, 0);
}

TEST(the_text_of_a_parse_error_is_cut_to_the_size_of_its_buffer)
{
    earwig_dtmf_options options = dtmf_options();
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
    earwig_dtmf_options options = dtmf_options();
    options.struct_size = 0;
    CHECK_INT(earwig_dtmf_options_parse("count=1", &options, NULL, 0), EARWIG_ERR_SIZE);
    CHECK_INT(options.count, 0);
}
