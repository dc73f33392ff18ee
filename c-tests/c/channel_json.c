/* The state of a channel as JSON. */
#include "machine.h"
#include "recorder.h"

static char json[4096];

static const char *json_of(earwig_channel *channel)
{
    json[0] = '\0';
    OK(earwig_channel_to_json(channel, json, sizeof json));
    return json;
}

static void check_json_has(earwig_channel *channel, const char *part)
{
    if (!strstr(json_of(channel), part))
        CHECK_TEXT(json, part);
}

TEST(the_json_of_a_new_channel_has_no_jobs)
{
    earwig_channel_options options = call_options();
    struct call call;

    options.name = "SIP/\"a\"";
    call = call_idle(&options);
    CHECK_TEXT(json_of(call.channel),
               "{\"name\":\"SIP/\\\"a\\\"\",\"call_state\":\"IDLE\",\"digits\":\"\",\"dtmf\":null,\"recorder\":null,\"machine\":null,"
               "\"media_ms\":0,\"rx_samples\":0,\"tx_samples\":0,\"gap_samples\":0,\"overruns\":0,\"events_dropped\":0,"
               "\"digits_dropped\":0}");
    call_close(&call);
}

TEST(the_json_has_the_digits_and_the_collection)
{
    struct call call = call_answered();
    earwig_dtmf_options options;

    play(call.channel, "12");
    check_json_has(call.channel, "\"call_state\":\"ANSWERED\",\"digits\":\"12\",\"dtmf\":null,");
    check_json_has(call.channel, ",\"media_ms\":320,\"rx_samples\":2560,");
    OK(earwig_dtmf_options_init(&options));
    options.count = 3;
    options.predigits_timeout_ms = options.interdigit_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(call.channel, &options));
    check_json_has(call.channel, ",\"dtmf\":{\"running\":true},");
    play(call.channel, "3");
    check_json_has(call.channel, "\"digits\":\"\",\"dtmf\":{\"running\":false,\"cause\":\"COUNT\",\"digits\":\"123\",\"started_ms\":320,");
    call_close(&call);
}

TEST(the_json_leaves_endings_in_the_queue)
{
    struct call call = call_answered();
    earwig_event event;
    int endings = 0;

    OK(earwig_dtmf_start(call.channel, NULL));
    flush(call.channel);
    check_json_has(call.channel, ",\"dtmf\":{\"running\":false,\"cause\":\"NONE\",");
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(call.channel, &event) == EARWIG_OK)
        endings += event.type == EARWIG_EVENT_TYPE_DTMF_ENDED;
    CHECK_INT(endings, 1);
    call_close(&call);
}

TEST(the_json_has_the_recording)
{
    struct fixture fixture = fixture_answered();

    start(fixture.channel, fixture.file, NULL);
    check_json_has(fixture.channel, ",\"recorder\":{\"running\":true},");
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    check_json_has(fixture.channel, ",\"recorder\":{\"running\":false,\"cause\":\"ABORTED\",\"state\":\"IDLE\",\"audio_detected\":true,"
                       "\"duration_ms\":200,\"bytes\":1600,\"started_ms\":0,\"ended_ms\":200},");
    fixture_close(&fixture);
}

TEST(the_json_has_the_detection)
{
    struct call call = call_answered();

    machine_start(call.channel, NULL);
    check_json_has(call.channel, ",\"machine\":{\"running\":true");
    play_human(call.channel);
    check_json_has(call.channel, ",\"machine\":{\"running\":false,\"cause\":\"HUMAN-1");
    check_json_has(call.channel, "-1000\",\"confidence\":1.00,\"kind\":\"person\",\"kind_confidence\":1.00,\"beep\":false,\"beep_ms\":-1,");
    check_json_has(call.channel, ",\"beep_hz\":0.0,\"ready\":false,\"fax_tone\":\"NONE\",");
    check_json_has(call.channel, ",\"result\":\"human\"},\"media_ms\":");
    call_close(&call);
}

TEST(json_that_does_not_fit_is_refused_with_its_length)
{
    struct call call = call_answered();
    char error[128], small[16] = "before";
    size_t needed;

    needed = strlen(json_of(call.channel)) + 1;
    CHECK_INT(earwig_channel_to_json(call.channel, small, sizeof small), EARWIG_ERR_SIZE);
    CHECK_TEXT(small, "");
    OK(earwig_channel_get_error(call.channel, error, sizeof error));
    snprintf(json, sizeof json, "the JSON takes %zu bytes, not 16", needed);
    CHECK_TEXT(error, json);
    CHECK_INT(earwig_channel_to_json(call.channel, json, needed - 1), EARWIG_ERR_SIZE);
    OK(earwig_channel_to_json(call.channel, json, needed));
    CHECK_INT(strlen(json), needed - 1);
    CHECK_INT(earwig_channel_to_json(call.channel, small, 0), EARWIG_ERR_SIZE);
    CHECK_INT(earwig_channel_to_json(call.channel, NULL, 16), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_to_json(NULL, small, sizeof small), EARWIG_ERR_NULL);
    call_close(&call);
}
