#include <earwig.h>

// When an outgoing call is answered.
static earwig_status detection_start(earwig_channel *channel)
{
    earwig_machine_options options;

    earwig_machine_options_init(&options);
    options.strategy = EARWIG_MACHINE_STRATEGY_ADAPTIVE;
    options.detect_message_end = 1;
    return earwig_machine_start(channel, &options);
}

// On the call's control thread. Returns the verdict; `*leave_message` is 1 if a machine is ready for a message.
static earwig_machine_verdict detection_wait(earwig_channel *channel, int *leave_message)
{
    earwig_machine_result result;

    earwig_machine_result_init(&result);
    earwig_machine_wait(channel, EARWIG_FOREVER, &result);
    *leave_message = result.verdict == EARWIG_MACHINE_VERDICT_MACHINE && result.ready;
    return result.verdict;
}
