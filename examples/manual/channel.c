#include <earwig.h>

// When a call is answered. Returns NULL after an error.
static earwig_channel *call_begin(earwig_engine *engine, const char *name)
{
    earwig_channel_options options;
    earwig_channel *channel = NULL;

    earwig_channel_options_init(&options);
    options.name = name;
    options.rx_rate_hz = 16000;
    if (earwig_channel_create(engine, &options, &channel) == EARWIG_OK)
        earwig_channel_answer(channel);
    return channel;
}

// On the media thread, for each frame from the far party; NULL for a lost one.
static void call_frame(earwig_channel *channel, const int16_t *samples, size_t count)
{
    if (samples)
        earwig_channel_write(channel, EARWIG_STREAM_RX, samples, count);
    else
        earwig_channel_write_gap(channel, EARWIG_STREAM_RX, count);
}

// When the call hangs up: its jobs end with cause HANGUP.
static void call_end(earwig_channel *channel)
{
    earwig_channel_hangup(channel);
    earwig_channel_unref(channel);
}
