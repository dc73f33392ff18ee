/* What a channel is about, as JSON. */
#include "machine.h"
#include "recorder.h"

static char json[4096];

static const char *status(earwig_channel *channel)
{
    json[0] = '\0';
    OK(earwig_channel_to_json(channel, json, sizeof json));
    return json;
}

static void has(earwig_channel *channel, const char *part)
{
    if (!strstr(status(channel), part))
        CHECK_TEXT(json, part);
}

TEST(a_channel_that_has_done_nothing_has_a_status)
{
    earwig_channel_options options = call_options();
    struct call call;

    options.name = "SIP/\"a\"";
    call = call_idle(&options);
    CHECK_TEXT(status(call.channel),
               "{\"name\":\"SIP/\\\"a\\\"\",\"call_state\":\"IDLE\",\"digits\":\"\",\"dtmf\":null,\"recorder\":null,\"machine\":null,"
               "\"media_ms\":0,\"rx_samples\":0,\"tx_samples\":0,\"gap_samples\":0,\"overruns\":0,\"events_dropped\":0,"
               "\"digits_dropped\":0}");
    call_close(&call);
}

TEST(a_status_tells_of_digits_and_of_the_collection)
{
    struct call call = call_answered();
    earwig_dtmf_options options;

    play(call.channel, "12");
    has(call.channel, "\"call_state\":\"ANSWERED\",\"digits\":\"12\",\"dtmf\":null,");
    has(call.channel, ",\"media_ms\":320,\"rx_samples\":2560,");
    OK(earwig_dtmf_options_init(&options));
    options.count = 3;
    options.predigits_timeout_ms = options.interdigit_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(call.channel, &options));
    has(call.channel, ",\"dtmf\":{\"running\":true},");
    play(call.channel, "3");
    has(call.channel, "\"digits\":\"\",\"dtmf\":{\"running\":false,\"cause\":\"COUNT\",\"digits\":\"123\",\"started_ms\":320,");
    call_close(&call);
}

TEST(a_status_leaves_the_endings_where_they_are)
{
    struct call call = call_answered();
    earwig_event event;
    int endings = 0;

    OK(earwig_dtmf_start(call.channel, NULL));
    flush(call.channel);
    has(call.channel, ",\"dtmf\":{\"running\":false,\"cause\":\"NONE\",");
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(call.channel, &event) == EARWIG_OK)
        endings += event.type == EARWIG_EVENT_TYPE_DTMF_ENDED;
    CHECK_INT(endings, 1);
    call_close(&call);
}

TEST(a_status_tells_of_the_recording)
{
    struct scene scene = scene_answered();

    start(scene.channel, scene.file, NULL);
    has(scene.channel, ",\"recorder\":{\"running\":true},");
    write_voice(scene.channel, 200);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    has(scene.channel, ",\"recorder\":{\"running\":false,\"cause\":\"ABORTED\",\"state\":\"IDLE\",\"audio_detected\":true,"
                       "\"duration_ms\":200,\"bytes\":1600,\"started_ms\":0,\"ended_ms\":200},");
    scene_close(&scene);
}

TEST(a_status_tells_of_the_detection)
{
    struct call call = call_answered();

    machine_start(call.channel, NULL);
    has(call.channel, ",\"machine\":{\"running\":true");
    play_human(call.channel);
    has(call.channel, ",\"machine\":{\"running\":false,\"cause\":\"HUMAN-1");
    has(call.channel, "-1000\",\"confidence\":1.00,\"beep\":false,\"beep_ms\":-1,\"beep_hz\":0.0,\"ready\":false,\"fax_tone\":\"NONE\",");
    has(call.channel, ",\"result\":\"human\"},\"media_ms\":");
    call_close(&call);
}

TEST(a_status_that_does_not_fit_says_how_many_bytes_it_takes)
{
    struct call call = call_answered();
    char error[128], small[16] = "before";
    size_t needed;

    needed = strlen(status(call.channel)) + 1;
    CHECK_INT(earwig_channel_to_json(call.channel, small, sizeof small), EARWIG_ERR_SIZE);
    CHECK_TEXT(small, "");
    OK(earwig_channel_get_error(call.channel, error, sizeof error));
    snprintf(json, sizeof json, "the status takes %zu bytes, not 16", needed);
    CHECK_TEXT(error, json);
    CHECK_INT(earwig_channel_to_json(call.channel, json, needed - 1), EARWIG_ERR_SIZE);
    OK(earwig_channel_to_json(call.channel, json, needed));
    CHECK_INT(strlen(json), needed - 1);
    CHECK_INT(earwig_channel_to_json(call.channel, small, 0), EARWIG_ERR_SIZE);
    CHECK_INT(earwig_channel_to_json(call.channel, NULL, 16), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_to_json(NULL, small, sizeof small), EARWIG_ERR_NULL);
    call_close(&call);
}
