#include <earwig.h>
#include <string.h>

// Waits until the collection that runs ends, and copies its digits. `on_digit` is called for each digit.
// Returns the cause, or -1 if no event comes for 5 seconds.
static int32_t wait_for_digits(earwig_channel *channel, void (*on_digit)(char), char digits[33])
{
    earwig_event event;

    earwig_event_init(&event);
    while (earwig_channel_wait_event(channel, 5000, &event) == EARWIG_OK) {
        if (event.type == EARWIG_EVENT_TYPE_DIGIT)
            on_digit((char)event.digit);
        if (event.type == EARWIG_EVENT_TYPE_DTMF_ENDED) {
            strcpy(digits, event.digits);
            return event.cause;
        }
    }
    return -1;
}
