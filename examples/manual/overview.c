#include <earwig.h>

// Reads a PIN of four digits in one call. `feed` stands for the host's media thread: for each frame from the
// far party it calls earwig_channel_write(channel, EARWIG_STREAM_RX, samples, count).
static earwig_status read_pin(void (*feed)(earwig_channel *channel), earwig_dtmf_result *pin)
{
    earwig_engine *engine = NULL;
    earwig_channel *channel = NULL;
    earwig_dtmf_options options;
    earwig_status status = earwig_engine_create(NULL, &engine); // once, when the host starts

    earwig_dtmf_options_init(&options);
    options.count = 4;
    options.predigits_timeout_ms = 10000;
    earwig_dtmf_result_init(pin);
    if (status == EARWIG_OK && (status = earwig_channel_create(engine, NULL, &channel)) == EARWIG_OK) {
        earwig_channel_answer(channel); // the call begins
        if ((status = earwig_dtmf_start(channel, &options)) == EARWIG_OK) {
            feed(channel);
            status = earwig_dtmf_wait(channel, EARWIG_FOREVER, pin); // pin->cause and pin->digits
        }
        earwig_channel_hangup(channel); // the call ends
        earwig_channel_unref(channel);
    }
    earwig_engine_shutdown(engine, EARWIG_FOREVER); // once, when the host ends
    earwig_engine_unref(engine);
    return status;
}
