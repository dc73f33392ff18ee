#include <earwig.h>
#include <string.h>

// Asks for an account number that ends with #, on the call's control thread. Returns 0 and the number, or -1 if
// the caller hangs up, takes too long, or enters none.
static int ask_for_account(earwig_channel *channel, char account[EARWIG_DIGITS_MAX + 1])
{
    earwig_dtmf_options options;
    earwig_dtmf_result result;

    earwig_dtmf_options_init(&options);
    strcpy(options.end, "#");
    options.predigits_timeout_ms = 10000;
    options.interdigit_timeout_ms = 3000;
    earwig_dtmf_result_init(&result);
    if (earwig_dtmf_collect(channel, &options, &result) != EARWIG_OK)
        return -1; // earwig_channel_get_error has the text
    if (result.cause != EARWIG_DTMF_CAUSE_END)
        return -1;
    strcpy(account, result.digits);
    account[result.count - 1] = '\0';
    return result.count > 1 ? 0 : -1;
}
