/* Options of a detection: defaults, text, and refused values. */
#include "machine.h"

TEST(the_defaults_of_a_detection_are_those_of_the_contract)
{
    earwig_machine_options options;

    memset(&options, 0x55, sizeof options);
    OK(earwig_machine_options_init(&options));
    CHECK_INT(options.struct_size, sizeof options);
    CHECK_INT(options.detect_message_end, 0);
    CHECK_INT(options.detect_interruptions, 0);
    CHECK_INT(options.detectors, EARWIG_DETECT_AMD | EARWIG_DETECT_FAX);
    CHECK_INT(options.end_silence_timeout_ms, 1000);
    CHECK_INT(options.initial_timeout_ms, 4500);
    CHECK_INT(options.machine_ready_timeout_ms, EARWIG_DEFAULT);
    CHECK_INT(options.machine_voice_threshold_ms, 1250);
    CHECK_INT(options.machine_words_threshold, 6);
    CHECK_INT(options.timeout_ms, 30000);
    CHECK_INT(options.tone, EARWIG_TONE_CED);
    CHECK_INT(options.wait, 1);
    CHECK_INT(options.strategy, EARWIG_MACHINE_STRATEGY_THRESHOLDS);
    CHECK_INT(options.anchor, EARWIG_MACHINE_ANCHOR_START);
    CHECK_INT(options.listen_on_ms, 0);
    CHECK_INT(options.provisional, 0);
    CHECK_TEXT(options.status_url, "");
    CHECK_TEXT(options.status_secret, "");
    CHECK_INT(options.fax_timeout_ms, 0);
    CHECK_INT(options.ready_on, EARWIG_MACHINE_READY_ON_ANY);
    CHECK_INT(options.max_ms, 0);
    CHECK_INT(options.sensitivity, 50);
    CHECK_INT(options.revise, 0);
    CHECK_INT(options.after_machine, 0);
}

TEST(a_detections_result_begins_empty)
{
    earwig_machine_result result;

    memset(&result, 0x55, sizeof result);
    OK(earwig_machine_result_init(&result));
    CHECK_INT(result.struct_size, sizeof result);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_DETECTING);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_NONE);
    CHECK_TEXT(result.cause_text, "");
    CHECK_INT(result.beep_ms, -1);
    CHECK_INT(result.verdict_ms, -1);
    CHECK_INT(result.onset_ms, -1);
    CHECK_INT(result.greeting_end_ms, -1);
    CHECK_INT(result.latency_ms, -1);
    CHECK_INT(result.kind, EARWIG_MACHINE_KIND_NONE);
    CHECK(result.kind_confidence == 0);
}

TEST(null_is_refused_by_every_machine_call)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;
    char text[64];

    OK(earwig_machine_result_init(&result));
    CHECK_INT(earwig_machine_options_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_result_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_options_parse(NULL, &options, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_options_parse("timeout=5", NULL, text, sizeof text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_detect(NULL, &options, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_detect(call.channel, &options, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_start(NULL, &options), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_wait(NULL, 0, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_wait(call.channel, 0, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_get_result(NULL, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_get_result(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_get_progress(NULL, &result), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_get_progress(call.channel, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_stop(NULL, 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_set_id(NULL, "call_id", "x"), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_set_id(call.channel, NULL, "x"), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_set_id(call.channel, "call_id", NULL), EARWIG_ERR_NULL);
    /* No detection was started. */
    CHECK_INT(earwig_machine_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    machine_start(call.channel, NULL);
    call_close(&call);
}

/* ---- text ---- */

static void check_contract_example(const char *text)
{
    earwig_machine_options options = machine_options();
    char error[256] = "x";

    OK(earwig_machine_options_parse(text, &options, error, sizeof error));
    CHECK_TEXT(error, "");
    CHECK_TEXT(options.status_url, "https://example.com/detect-events");
    CHECK_INT(options.detectors, EARWIG_DETECT_FAX);
    CHECK_INT(options.timeout_ms, 20000);
    CHECK_INT(options.wait, 0);
    CHECK_INT(options.machine_voice_threshold_ms, 1250);
    CHECK_INT(options.tone, EARWIG_TONE_CED | EARWIG_TONE_CNG);
    CHECK_INT(options.machine_ready_timeout_ms, 2500);
    CHECK_INT(options.initial_timeout_ms, EARWIG_FOREVER);
    CHECK_INT(options.anchor, EARWIG_MACHINE_ANCHOR_ANSWER);
    CHECK_INT(options.strategy, EARWIG_MACHINE_STRATEGY_ADAPTIVE);
    CHECK_INT(options.struct_size, sizeof options);
}

TEST(a_detections_options_are_read_from_text)
{
    check_contract_example("status_url=https://example.com/detect-events,detectors=fax,timeout=20,wait=false,tone=CED,CNG,"
                        "machine_ready_timeout=2.5,initial_timeout=None,anchor=answer,strategy=adaptive");
    check_contract_example("{\"status_url\":\"https://example.com/detect-events\",\"detectors\":\"fax\",\"timeout\":20,"
                        "\"wait\":false,\"tone\":\"CED,CNG\",\"machine_ready_timeout\":2.5,\"initial_timeout\":null,"
                        "\"anchor\":\"answer\",\"strategy\":\"adaptive\"}");
    check_contract_example("{\"detect_machine\":{\"status_url\":\"https://example.com/detect-events\",\"detectors\":\"fax\","
                        "\"timeout\":20.0,\"wait\":false,\"tone\":\"CED,CNG\",\"machine_ready_timeout\":2.5,"
                        "\"initial_timeout\":null,\"anchor\":\"answer\",\"strategy\":\"adaptive\"}}");
}

TEST(a_detections_text_changes_only_the_options_that_it_names)
{
    earwig_machine_options options = machine_options();

    options.timeout_ms = 5000;
    options.machine_ready_timeout_ms = 700;
    strcpy(options.status_url, "http://a.example/");
    strcpy(options.status_secret, "hunter2");
    OK(earwig_machine_options_parse("machine_words_threshold=9", &options, NULL, 0));
    CHECK_INT(options.machine_words_threshold, 9);
    CHECK_INT(options.timeout_ms, 5000);
    CHECK_INT(options.machine_ready_timeout_ms, 700);
    CHECK_TEXT(options.status_url, "http://a.example/");
    CHECK_TEXT(options.status_secret, "hunter2");
    OK(earwig_machine_options_parse("", &options, NULL, 0));
    CHECK_INT(options.machine_words_threshold, 9);
}

TEST(malformed_text_for_a_detection_is_refused_and_changes_nothing)
{
    static const struct {
        const char *text, *part;
    } WRONG[] = {
        {"timeout=5,timeuot=5", "timeuot"},
        {"timeout=5,detectors=beep", "amd, fax"},
        {"timeout=5,tone=2100", "CED, CNG"},
        {"timeout=5,machine_words_threshold=0", "1 to 1000"},
        {"timeout=5,wait=perhaps", "true or false"},
        {"timeout=5,initial_timeout=-1", "0 or more"},
        {"{\"timeout\":5,\"wait\":2}", "true or false"},
        {"{\"timeout\":5", "options"},
        {"timeout=5,\xff", "UTF-8"},
    };
    earwig_machine_options options = machine_options();
    char error[256], narrow[5];
    size_t i;

    for (i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        error[0] = '\0';
        CHECK_INT(earwig_machine_options_parse(WRONG[i].text, &options, error, sizeof error), EARWIG_ERR_INVALID);
        if (!strstr(error, WRONG[i].part)) {
            printf("%s: %s\n", WRONG[i].text, error);
            CHECK(!"the error says what is wrong");
        }
        CHECK_INT(options.timeout_ms, 30000);
    }
    memset(narrow, 'x', sizeof narrow);
    CHECK_INT(earwig_machine_options_parse("timeuot=5", &options, narrow, sizeof narrow), EARWIG_ERR_INVALID);
    CHECK_INT(strlen(narrow), sizeof narrow - 1);
    CHECK_INT(earwig_machine_options_parse("timeuot=5", &options, NULL, 0), EARWIG_ERR_INVALID);
    /* The error does not contain the secret. */
    CHECK_INT(earwig_machine_options_parse("status_secret=a,hunter2", &options, error, sizeof error), EARWIG_ERR_INVALID);
    CHECK(!strstr(error, "hunter2"));
}

/* ---- invalid values ---- */

static void refused(void (*make_invalid)(earwig_machine_options *), earwig_status status)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;
    char text[256] = "";

    OK(earwig_machine_result_init(&result));
    make_invalid(&options);
    CHECK_INT(earwig_machine_start(call.channel, &options), status);
    OK(earwig_channel_get_error(call.channel, text, sizeof text));
    CHECK(text[0] != '\0');
    CHECK(!strstr(text, "hunter2"));
    CHECK_INT(earwig_machine_detect(call.channel, &options, &result), status);
    CHECK_INT(earwig_machine_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(earwig_machine_get_progress(call.channel, &result), EARWIG_ERR_AGAIN);
    machine_start(call.channel, NULL);
    CHECK_TEXT(machine_events(call.channel), "");
    call_close(&call);
}

#define REFUSED(name, change, status) INVALID_OPTION(earwig_machine_options, name, change, status)

#define URL(text) strcpy(options->status_url, text)

REFUSED(no_detectors_are_refused, options->detectors = 0, EARWIG_ERR_INVALID)
REFUSED(detectors_of_4_are_refused, options->detectors = 4, EARWIG_ERR_INVALID)
REFUSED(detectors_of_minus_1_are_refused, options->detectors = -1, EARWIG_ERR_INVALID)
REFUSED(no_fax_tone_is_refused, options->tone = 0, EARWIG_ERR_INVALID)
REFUSED(a_fax_tone_of_2100_is_refused, options->tone = 2100, EARWIG_ERR_INVALID)
REFUSED(detect_message_end_is_0_or_1, options->detect_message_end = 2, EARWIG_ERR_INVALID)
REFUSED(detect_interruptions_is_0_or_1, options->detect_interruptions = -1, EARWIG_ERR_INVALID)
REFUSED(wait_is_0_or_1, options->wait = 2, EARWIG_ERR_INVALID)
REFUSED(provisional_is_0_or_1, options->provisional = INT32_MAX, EARWIG_ERR_INVALID)
REFUSED(an_end_silence_timeout_by_default_is_refused, options->end_silence_timeout_ms = EARWIG_DEFAULT, EARWIG_ERR_INVALID)
REFUSED(an_initial_timeout_below_forever_is_refused, options->initial_timeout_ms = -2, EARWIG_ERR_INVALID)
REFUSED(a_machine_ready_timeout_below_the_default_is_refused, options->machine_ready_timeout_ms = -3, EARWIG_ERR_INVALID)
REFUSED(a_machine_voice_threshold_below_forever_is_refused, options->machine_voice_threshold_ms = INT64_MIN,
        EARWIG_ERR_INVALID)
REFUSED(a_detections_timeout_below_forever_is_refused, options->timeout_ms = -30000, EARWIG_ERR_INVALID)
REFUSED(a_listen_on_below_forever_is_refused, options->listen_on_ms = -2, EARWIG_ERR_INVALID)
REFUSED(a_fax_timeout_below_forever_is_refused, options->fax_timeout_ms = -2, EARWIG_ERR_INVALID)
REFUSED(a_words_threshold_of_0_is_refused, options->machine_words_threshold = 0, EARWIG_ERR_INVALID)
REFUSED(a_words_threshold_of_1001_is_refused, options->machine_words_threshold = 1001, EARWIG_ERR_INVALID)
REFUSED(a_negative_words_threshold_is_refused, options->machine_words_threshold = -6, EARWIG_ERR_INVALID)
REFUSED(a_strategy_of_2_is_refused, options->strategy = 2, EARWIG_ERR_INVALID)
REFUSED(a_strategy_of_minus_1_is_refused, options->strategy = -1, EARWIG_ERR_INVALID)
REFUSED(a_ready_on_of_3_is_refused, options->ready_on = 3, EARWIG_ERR_INVALID)
REFUSED(a_max_ms_of_forever_is_refused, options->max_ms = EARWIG_FOREVER, EARWIG_ERR_INVALID)
REFUSED(a_sensitivity_of_101_is_refused, options->sensitivity = 101, EARWIG_ERR_INVALID)
REFUSED(a_negative_sensitivity_is_refused, options->sensitivity = -1, EARWIG_ERR_INVALID)
REFUSED(a_sensitivity_of_306_is_refused, options->sensitivity = 306, EARWIG_ERR_INVALID)
REFUSED(revise_is_0_or_1, options->revise = 2, EARWIG_ERR_INVALID)
REFUSED(after_machine_is_0_or_1, options->after_machine = -1, EARWIG_ERR_INVALID)
REFUSED(an_anchor_of_4_is_refused, options->anchor = 4, EARWIG_ERR_INVALID)
REFUSED(a_url_of_ftp_is_refused, URL("ftp://example.com/"), EARWIG_ERR_INVALID)
REFUSED(a_url_of_a_file_is_refused, URL("file:///etc/passwd"), EARWIG_ERR_INVALID)
REFUSED(a_url_of_a_script_is_refused, URL("javascript:alert(1)"), EARWIG_ERR_INVALID)
REFUSED(a_url_without_a_scheme_is_refused, URL("example.com/detect-events"), EARWIG_ERR_INVALID)
REFUSED(a_url_without_a_host_is_refused, URL("http:///detect-events"), EARWIG_ERR_INVALID)
REFUSED(a_url_with_a_password_is_refused, URL("https://me:hunter2@example.com/"), EARWIG_ERR_INVALID)
REFUSED(a_url_with_a_line_break_is_refused, URL("http://example.com/\r\nHost: other.example"), EARWIG_ERR_INVALID)
REFUSED(a_url_with_a_space_is_refused, URL("http://example.com/a b"), EARWIG_ERR_INVALID)
REFUSED(a_url_with_a_port_of_70000_is_refused, URL("http://example.com:70000/"), EARWIG_ERR_INVALID)
REFUSED(a_url_that_is_not_utf_8_is_refused, URL("http://example.com/\xff\xfe"), EARWIG_ERR_INVALID)
REFUSED(a_url_without_a_nul_is_refused, memset(options->status_url, 'a', sizeof options->status_url), EARWIG_ERR_INVALID)
REFUSED(a_secret_without_a_nul_is_refused, memset(options->status_secret, 'a', sizeof options->status_secret),
        EARWIG_ERR_INVALID)
REFUSED(machine_options_of_size_0_are_refused, options->struct_size = 0, EARWIG_ERR_SIZE)
REFUSED(machine_options_shorter_than_their_size_are_refused, options->struct_size = 7, EARWIG_ERR_SIZE)
REFUSED(machine_options_of_an_absurd_size_are_refused, options->struct_size = SIZE_MAX, EARWIG_ERR_SIZE)

TEST(the_longest_times_of_a_detection_run_or_are_refused)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.end_silence_timeout_ms = options.initial_timeout_ms = options.machine_ready_timeout_ms = INT64_MAX;
    options.machine_voice_threshold_ms = options.timeout_ms = options.listen_on_ms = INT64_MAX;
    options.fax_timeout_ms = options.max_ms = INT64_MAX;
    if (earwig_machine_start(call.channel, &options) == EARWIG_OK) {
        flush(call.channel);
        play_speech(call.channel, 500);
        play_silence(call.channel, 1500);
        OK(earwig_machine_stop(call.channel, LONG_MS));
        check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_STOPPED);
    }
    call_close(&call);
}

/* ---- hosts that are older or newer than the library ---- */

TEST(shorter_machine_options_of_an_older_host_have_defaults_for_the_rest)
{
    struct call call = call_answered();
    earwig_machine_options options;

    /* The older host has no `strategy` and no field after it. */
    memset(&options, 0x55, sizeof options);
    OK(earwig_machine_options_init(&options));
    options.struct_size = offsetof(earwig_machine_options, strategy);
    options.initial_timeout_ms = 500;
    memset((char *)&options + options.struct_size, 0x55, sizeof options - options.struct_size);
    machine_start(call.channel, &options);
    play_silence(call.channel, 1000);
    CHECK_TEXT(machine_result(call.channel).cause_text, "INITIALSILENCE-500-500");
    call_close(&call);
}

TEST(machine_options_that_end_before_the_sensitivity_have_its_default)
{
    earwig_machine_options options = machine_options();
    char text[64];

    options.struct_size = offsetof(earwig_machine_options, max_ms);
    options.sensitivity = 7;
    OK(earwig_machine_options_parse("timeout=20", &options, text, sizeof text));
    CHECK_INT(options.sensitivity, 7);
    CHECK_INT(options.timeout_ms, 20000);
    options.struct_size = offsetof(earwig_machine_options, sensitivity);
    OK(earwig_machine_options_parse("max_ms=2500", &options, text, sizeof text));
    CHECK_INT(options.sensitivity, 7);
    CHECK_INT(options.max_ms, 2500);
    options.struct_size = sizeof options;
    OK(earwig_machine_options_parse("revise=yes,after_machine=yes", &options, text, sizeof text));
    CHECK_INT(options.sensitivity, 7);
    CHECK_INT(options.revise, 1);
    CHECK_INT(options.after_machine, 1);
    OK(earwig_machine_options_parse("sensitivity=100", &options, text, sizeof text));
    CHECK_INT(options.sensitivity, 100);
}

TEST(longer_machine_options_must_end_in_zeros)
{
    struct call call = call_answered();
    struct {
        earwig_machine_options options;
        int64_t news[2];
    } newer;

    memset(&newer, 0, sizeof newer);
    OK(earwig_machine_options_init(&newer.options));
    newer.options.struct_size = sizeof newer;
    newer.news[1] = 1;
    CHECK_INT(earwig_machine_start(call.channel, &newer.options), EARWIG_ERR_SIZE);
    newer.news[1] = 0;
    machine_start(call.channel, &newer.options);
    call_close(&call);
}

TEST(a_detections_result_is_filled_up_to_its_size)
{
    struct call call = call_answered();
    earwig_machine_result result;
    struct {
        earwig_machine_result result;
        int64_t news[2];
    } newer;

    machine_start(call.channel, NULL);
    play_silence(call.channel, 5000);
    memset(&result, 0x55, sizeof result);
    result.struct_size = offsetof(earwig_machine_result, beep);
    OK(earwig_machine_wait(call.channel, LONG_MS, &result));
    CHECK_INT(result.struct_size, offsetof(earwig_machine_result, beep));
    CHECK_TEXT(result.cause_text, "INITIALSILENCE-4500-4500");
    CHECK_INT(result.beep, 0x55555555);
    CHECK_INT(result.ended_ms, 0x5555555555555555);

    memset(&newer, 0, sizeof newer);
    newer.result.struct_size = sizeof newer;
    OK(earwig_machine_get_result(call.channel, &newer.result));
    CHECK_INT(newer.result.cause, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    CHECK(newer.news[0] == 0 && newer.news[1] == 0);

    result.struct_size = 7;
    CHECK_INT(earwig_machine_get_result(call.channel, &result), EARWIG_ERR_SIZE);
    CHECK_INT(earwig_machine_wait(call.channel, 0, &result), EARWIG_ERR_SIZE);
    CHECK_INT(earwig_machine_get_progress(call.channel, &result), EARWIG_ERR_SIZE);
    /* A detection does not start if its result has an unknown size. */
    CHECK_INT(earwig_machine_detect(call.channel, NULL, &result), EARWIG_ERR_SIZE);
    machine_start(call.channel, NULL);
    call_close(&call);
}

/* ---- ids and names ---- */

TEST(a_call_has_the_ids_of_the_contract)
{
    static const char *NAMES[] = {"call_id",  "node_id",    "segment_id",   "project_id",
                                  "space_id", "control_id", "event_channel"};
    struct call call = call_idle(NULL);
    char longest[257];
    size_t i;

    memset(longest, 'x', sizeof longest);
    longest[255] = '\0';
    for (i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        OK(earwig_channel_set_id(call.channel, NAMES[i], "8f1b4e5a-0c1f-4b0e-9d50-2f5ad2a3b3f1"));
        OK(earwig_channel_set_id(call.channel, NAMES[i], longest));
        OK(earwig_channel_set_id(call.channel, NAMES[i], ""));
    }
    longest[255] = 'x';
    longest[256] = '\0';
    CHECK_INT(earwig_channel_set_id(call.channel, "call_id", longest), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_channel_set_id(call.channel, "call_id", "\xff"), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_channel_set_id(call.channel, "callid", "x"), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_channel_set_id(call.channel, "", "x"), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_channel_set_id(call.channel, "\xff", "x"), EARWIG_ERR_INVALID);
    call_close(&call);
}

TEST(every_value_of_a_detections_enums_has_a_name)
{
    CHECK_TEXT(earwig_machine_verdict_str(EARWIG_MACHINE_VERDICT_DETECTING), "detecting");
    CHECK_TEXT(earwig_machine_verdict_str(EARWIG_MACHINE_VERDICT_HUMAN), "human");
    CHECK_TEXT(earwig_machine_verdict_str(EARWIG_MACHINE_VERDICT_MACHINE), "machine");
    CHECK_TEXT(earwig_machine_verdict_str(EARWIG_MACHINE_VERDICT_FAX), "fax");
    CHECK_TEXT(earwig_machine_verdict_str(EARWIG_MACHINE_VERDICT_UNKNOWN), "unknown");
    CHECK_TEXT(earwig_machine_verdict_str(EARWIG_MACHINE_VERDICT_ERROR), "error");
    CHECK_TEXT(earwig_machine_verdict_str(6), "UNKNOWN");
    CHECK_TEXT(earwig_machine_kind_str(EARWIG_MACHINE_KIND_NONE), "none");
    CHECK_TEXT(earwig_machine_kind_str(EARWIG_MACHINE_KIND_PERSON), "person");
    CHECK_TEXT(earwig_machine_kind_str(EARWIG_MACHINE_KIND_VOICEMAIL), "voicemail");
    CHECK_TEXT(earwig_machine_kind_str(EARWIG_MACHINE_KIND_IVR), "ivr");
    CHECK_TEXT(earwig_machine_kind_str(EARWIG_MACHINE_KIND_ANNOUNCEMENT), "announcement");
    CHECK_TEXT(earwig_machine_kind_str(EARWIG_MACHINE_KIND_SCREENING), "screening");
    CHECK_TEXT(earwig_machine_kind_str(6), "UNKNOWN");
    CHECK_TEXT(earwig_machine_event_str(EARWIG_MACHINE_EVENT_NOT_READY), "NOT_READY");
    CHECK_TEXT(earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED), "finished");
    CHECK_TEXT(earwig_machine_event_str(-1), "UNKNOWN");
    CHECK_TEXT(earwig_machine_cause_str(EARWIG_MACHINE_CAUSE_INITIAL_SILENCE), "INITIALSILENCE");
    CHECK_TEXT(earwig_machine_cause_str(EARWIG_MACHINE_CAUSE_MAX_WORDS), "MAXWORDS");
    CHECK_TEXT(earwig_machine_cause_str(INT32_MAX), "UNKNOWN");
    CHECK_TEXT(earwig_machine_strategy_str(EARWIG_MACHINE_STRATEGY_ADAPTIVE), "adaptive");
    CHECK_TEXT(earwig_machine_strategy_str(INT32_MIN), "UNKNOWN");
    CHECK_TEXT(earwig_machine_ready_on_str(EARWIG_MACHINE_READY_ON_SILENCE), "silence");
    CHECK_TEXT(earwig_machine_ready_on_str(3), "UNKNOWN");
    CHECK_TEXT(earwig_machine_anchor_str(EARWIG_MACHINE_ANCHOR_FIRST_MEDIA), "first_media");
    CHECK_TEXT(earwig_machine_anchor_str(4), "UNKNOWN");
    CHECK_TEXT(earwig_fax_tone_str(EARWIG_FAX_TONE_ANS_PR), "ANS_PR");
    CHECK_TEXT(earwig_fax_tone_str(6), "UNKNOWN");
    CHECK_TEXT(earwig_network_tone_str(EARWIG_NETWORK_TONE_RINGBACK), "RINGBACK");
    CHECK_TEXT(earwig_network_tone_str(-6), "UNKNOWN");
}
