#include <earwig.h>

// Starts to record a message to `path`: it ends after 3 seconds of silence, at a digit, or with the call.
static earwig_status message_start(earwig_channel *channel, const char *path)
{
    earwig_recorder_options options;

    earwig_recorder_options_init(&options);
    options.file_format = EARWIG_RECORDER_FORMAT_ULAW;
    options.max_silence_ms = 3000;
    options.barge_in = 1;
    return earwig_recorder_start(channel, path, &options);
}

// Waits until the file of the message is complete. Returns the length of its audio, or -1 if the recording
// failed or the call has hung up: then the RECORDER_ENDED event has the result.
static int64_t message_wait(earwig_channel *channel)
{
    earwig_recorder_result result;

    earwig_recorder_result_init(&result);
    if (earwig_recorder_wait(channel, EARWIG_FOREVER, &result) != EARWIG_OK)
        return -1;
    return result.cause == EARWIG_RECORDER_CAUSE_ERROR ? -1 : result.duration_ms;
}
