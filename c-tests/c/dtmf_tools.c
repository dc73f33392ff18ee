/* Helpers of the tests of collections. */
#include "dtmf.h"

earwig_dtmf_options dtmf_options(void)
{
    earwig_dtmf_options options;
    OK(earwig_dtmf_options_init(&options));
    return options;
}

earwig_dtmf_options dtmf_count(int32_t count)
{
    earwig_dtmf_options options = dtmf_options();
    options.count = count;
    options.predigits_timeout_ms = options.interdigit_timeout_ms = EARWIG_FOREVER;
    return options;
}

earwig_dtmf_result dtmf_result(earwig_channel *channel)
{
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_wait(channel, LONG_MS, &result));
    return result;
}

earwig_dtmf_result dtmf_collect(earwig_channel *channel, const earwig_dtmf_options *options)
{
    earwig_dtmf_result result;
    OK(earwig_dtmf_result_init(&result));
    OK(earwig_dtmf_collect(channel, options, &result));
    return result;
}

void check_collected(earwig_dtmf_result result, int32_t cause, const char *digits)
{
    CHECK_TEXT(earwig_dtmf_cause_str(result.cause), earwig_dtmf_cause_str(cause));
    CHECK_TEXT(result.digits, digits);
    CHECK_INT(result.count, strlen(digits));
    CHECK(result.ended_ms >= result.started_ms);
}
