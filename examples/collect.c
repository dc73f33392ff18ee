/* The 30 lines that a host needs. host.c is the same as a whole program. */
#include <earwig.h>
#include <string.h>

/* When the module is loaded and unloaded: earwig_engine_create(NULL, &engine), earwig_engine_shutdown(engine, 5000).
 * For each call: earwig_channel_create(engine, NULL, &channel), earwig_channel_answer(channel). */

/* On the media thread, for each frame that comes from the far party: 8 kHz, any size. It copies and returns. */
void on_audio(earwig_channel *channel, const int16_t *samples, size_t count)
{
    earwig_channel_write(channel, EARWIG_STREAM_RX, samples, count);
}

/* On the call's own thread: four digits, 10 s for the first and 3 s between two. Returns 0 and the digits if all came. */
int ask_for_pin(earwig_channel *channel, char pin[EARWIG_DIGITS_MAX + 1])
{
    earwig_dtmf_options options;
    earwig_dtmf_result result;

    earwig_dtmf_options_init(&options);
    earwig_dtmf_result_init(&result);
    options.count = 4;
    options.predigits_timeout_ms = 10000;
    options.interdigit_timeout_ms = 3000;
    if (earwig_dtmf_collect(channel, &options, &result) != EARWIG_OK)
        return -1; /* earwig_channel_get_error has the text */
    memcpy(pin, result.digits, sizeof result.digits);
    return result.cause == EARWIG_DTMF_CAUSE_COUNT ? 0 : -1;
}

/* When it is over: earwig_channel_hangup(channel), earwig_channel_unref(channel). */
