#include <earwig.h>
#include <stdio.h>

static void print_field(void *user, const char *name, const char *value)
{
    fprintf(user, "%s=%s\n", name, value);
}

// Prints the variables of the last collection, such as earwig_cause=COUNT, and the state of the channel.
static void print_channel(FILE *file, earwig_channel *channel)
{
    earwig_dtmf_result result;
    char json[4096];

    earwig_dtmf_result_init(&result);
    if (earwig_dtmf_get_result(channel, &result) == EARWIG_OK)
        earwig_dtmf_result_foreach_field(&result, EARWIG_FIELD_SET_VARIABLES, print_field, file);
    if (earwig_channel_to_json(channel, json, sizeof json) == EARWIG_OK)
        fprintf(file, "%s\n", json);
}
