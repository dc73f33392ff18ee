/* Results and events as names and values. */
#include "machine.h"
#include "recorder.h"

static char text[2048];

static void add(void *user, const char *name, const char *value)
{
    size_t at = strlen(text);
    CHECK(user == text);
    snprintf(text + at, sizeof text - at, "%s%s=%s", at ? " " : "", name, value);
}

static const char *dtmf(const earwig_dtmf_result *result, int32_t names)
{
    text[0] = '\0';
    OK(earwig_dtmf_result_foreach_field(result, names, add, text));
    return text;
}

static const char *recorder(const earwig_recorder_result *result, int32_t names)
{
    text[0] = '\0';
    OK(earwig_recorder_result_foreach_field(result, names, add, text));
    return text;
}

static const char *machine(const earwig_machine_result *outcome, int32_t names)
{
    text[0] = '\0';
    OK(earwig_machine_result_foreach_field(outcome, names, add, text));
    return text;
}

static const char *next_event(earwig_channel *channel)
{
    earwig_event event;
    OK(earwig_event_init(&event));
    OK(earwig_channel_next_event(channel, &event));
    text[0] = '\0';
    OK(earwig_event_foreach_field(&event, add, text));
    return text;
}

TEST(a_collections_result_has_its_names_for_each_cause)
{
    earwig_dtmf_result result;
    char wanted[128];
    int32_t cause;

    OK(earwig_dtmf_result_init(&result));
    for (cause = EARWIG_DTMF_CAUSE_NONE; cause <= EARWIG_DTMF_CAUSE_ERROR; cause++) {
        result.cause = cause;
        strcpy(result.digits, "12#");
        result.started_ms = 20;
        result.ended_ms = 1500;
        snprintf(wanted, sizeof wanted, "earwig_cause=%s", earwig_dtmf_cause_str(cause));
        CHECK_TEXT(dtmf(&result, EARWIG_FIELD_SET_VARIABLES), wanted);
        snprintf(wanted, sizeof wanted, "cause=%s digits=12# started_ms=20 ended_ms=1500", earwig_dtmf_cause_str(cause));
        CHECK_TEXT(dtmf(&result, EARWIG_FIELD_SET_FIELDS), wanted);
    }
}

TEST(a_recordings_result_has_its_names_for_each_cause)
{
    earwig_recorder_result result;
    char wanted[256];
    int32_t cause;

    OK(earwig_recorder_result_init(&result));
    result.duration_ms = 1000;
    result.bytes = 8000;
    result.ended_ms = 1020;
    for (cause = EARWIG_RECORDER_CAUSE_NONE; cause <= EARWIG_RECORDER_CAUSE_TIMEOUT; cause++) {
        result.cause = cause;
        result.audio_detected = cause % 2;
        snprintf(wanted, sizeof wanted,
                 "earwig_cause=%s earwig_recorder_state=IDLE earwig_audio_detected=%s earwig_record_ms=1000 "
                 "earwig_record_bytes=8000 earwig_error=",
                 earwig_recorder_cause_str(cause), cause % 2 ? "yes" : "no");
        CHECK_TEXT(recorder(&result, EARWIG_FIELD_SET_VARIABLES), wanted);
        snprintf(wanted, sizeof wanted,
                 "cause=%s state=IDLE audio_detected=%s duration_ms=1000 bytes=8000 started_ms=0 ended_ms=1020",
                 earwig_recorder_cause_str(cause), cause % 2 ? "yes" : "no");
        CHECK_TEXT(recorder(&result, EARWIG_FIELD_SET_FIELDS), wanted);
    }
}

TEST(what_a_recording_does_not_know_is_empty_and_an_error_is_a_field_only_if_there_is_one)
{
    earwig_recorder_result result;

    OK(earwig_recorder_result_init(&result));
    CHECK_TEXT(recorder(&result, EARWIG_FIELD_SET_FIELDS),
               "cause=NONE state=IDLE audio_detected= duration_ms=0 bytes=0 started_ms=0 ended_ms=0");
    result.cause = EARWIG_RECORDER_CAUSE_ERROR;
    result.state = EARWIG_RECORDER_STATE_ERROR;
    strcpy(result.error, "the disk is full");
    CHECK_TEXT(recorder(&result, EARWIG_FIELD_SET_FIELDS),
               "cause=ERROR state=ERROR audio_detected= duration_ms=0 bytes=0 started_ms=0 ended_ms=0 error=the disk is full");
    CHECK_TEXT(recorder(&result, EARWIG_FIELD_SET_VARIABLES),
               "earwig_cause=ERROR earwig_recorder_state=ERROR earwig_audio_detected= earwig_record_ms=0 earwig_record_bytes=0 "
               "earwig_error=the disk is full");
}

TEST(a_detections_outcome_has_its_names_for_each_result_and_cause)
{
    earwig_machine_result outcome;
    char wanted[256];
    int32_t result, cause;

    OK(earwig_machine_result_init(&outcome));
    outcome.detect_ms = 1250;
    outcome.onset_ms = 20;
    for (result = EARWIG_MACHINE_VERDICT_DETECTING; result <= EARWIG_MACHINE_VERDICT_ERROR; result++) {
        for (cause = EARWIG_MACHINE_CAUSE_NONE; cause <= EARWIG_MACHINE_CAUSE_ERROR; cause++) {
            outcome.verdict = result;
            outcome.cause = cause;
            outcome.beep = cause % 2;
            snprintf(wanted, sizeof wanted,
                     "detect_cause=%s earwig_confidence=0.00 detect_machine_beep=%s detect_ms=1250 earwig_onset_ms=20 "
                     "detect_result=%s",
                     earwig_machine_cause_str(cause), cause % 2 ? "true" : "false", earwig_machine_verdict_str(result));
            CHECK_TEXT(machine(&outcome, EARWIG_FIELD_SET_VARIABLES), wanted);
        }
    }
}

TEST(a_detections_cause_is_told_with_its_figures_and_a_confidence_with_two_decimals)
{
    earwig_machine_result outcome;

    OK(earwig_machine_result_init(&outcome));
    outcome.verdict = EARWIG_MACHINE_VERDICT_MACHINE;
    outcome.cause = EARWIG_MACHINE_CAUSE_BEEP;
    strcpy(outcome.cause_text, "BEEP-1000-420");
    outcome.confidence = 0.876F;
    outcome.beep = outcome.ready = 1;
    outcome.beep_ms = 2000;
    outcome.beep_hz = 1000.04F;
    outcome.words = 3;
    outcome.fax_tone = EARWIG_FAX_TONE_ANSAM;
    outcome.network_tone = EARWIG_NETWORK_TONE_RINGBACK;
    CHECK_TEXT(machine(&outcome, EARWIG_FIELD_SET_FIELDS),
               "cause=BEEP-1000-420 confidence=0.88 beep=true beep_ms=2000 beep_hz=1000.0 ready=true fax_tone=ANSAM "
               "network_tone=RINGBACK detect_ms=0 verdict_ms=-1 onset_ms=-1 greeting_end_ms=-1 latency_ms=-1 words=3 voice_ms=0 "
               "started_ms=0 ended_ms=0 result=machine");
}

TEST(events_of_digits_have_their_names)
{
    struct call call = call_answered();
    earwig_dtmf_options options;

    OK(earwig_dtmf_options_init(&options));
    options.count = 1;
    options.predigits_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(call.channel, &options));
    OK(earwig_dtmf_inject(call.channel, '7', 0));
    flush(call.channel);
    CHECK_TEXT(next_event(call.channel), "digit=7 source=SIGNALLING at_ms=0 start_ms=0 end_ms=0 stored=true");
    CHECK_TEXT(next_event(call.channel), "cause=COUNT digits=7 started_ms=0 ended_ms=0");
    play(call.channel, "5");
    CHECK(strncmp(next_event(call.channel), "digit=5 source=INBAND at_ms=", 28) == 0);
    CHECK(strncmp(next_event(call.channel), "digit=5 at_ms=", 14) == 0);
    CHECK(strstr(text, " low_dbm0=-") && strstr(text, " high_dbm0=-") && strstr(text, " twist_db="));
    call_close(&call);
}

TEST(the_event_of_a_recording_names_what_its_result_does)
{
    struct scene scene = scene_answered();
    earwig_event event;

    start(scene.channel, scene.file, NULL);
    write_voice(scene.channel, 200);
    OK(earwig_recorder_stop(scene.channel, LONG_MS));
    OK(earwig_event_init(&event));
    OK(earwig_channel_wait_event(scene.channel, LONG_MS, &event));
    text[0] = '\0';
    OK(earwig_event_foreach_field(&event, add, text));
    CHECK_TEXT(text, "cause=ABORTED audio_detected=yes duration_ms=200 bytes=1600 started_ms=0 ended_ms=200");
    scene_close(&scene);
}

TEST(events_of_a_detection_have_their_names)
{
    struct call call = call_answered();
    earwig_event event;

    machine_start(call.channel, NULL);
    play_human(call.channel);
    CHECK(strncmp(next_event(call.channel), "machine_event=HUMAN beep=false confidence=1.00 at_ms=", 53) == 0);
    CHECK(strstr(text, " hz=0.0") != NULL);
    CHECK(strncmp(next_event(call.channel), "machine_event=finished beep=false confidence=1.00 at_ms=", 56) == 0);
    CHECK(strstr(text, " cause=HUMAN-1") != NULL);
    CHECK(strstr(text, "-1000 beep_hz=0.0 detect_ms=") != NULL);
    CHECK(strstr(text, " result=human started_ms=0 ended_ms=") != NULL);
    OK(earwig_event_init(&event));
    event.type = EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL;
    event.machine_verdict = EARWIG_MACHINE_VERDICT_MACHINE;
    event.confidence = 0.5F;
    event.at_ms = 400;
    text[0] = '\0';
    OK(earwig_event_foreach_field(&event, add, text));
    CHECK_TEXT(text, "machine_event=PROVISIONAL beep=false confidence=0.50 at_ms=400 result=machine");
    call_close(&call);
}

TEST(texts_that_a_host_has_cut_are_told_all_the_same)
{
    earwig_recorder_result result;
    earwig_event event;

    OK(earwig_recorder_result_init(&result));
    memset(result.error, 'e', sizeof result.error);
    result.error[sizeof result.error - 1] = (char)0xC3;
    recorder(&result, EARWIG_FIELD_SET_VARIABLES);
    CHECK(strstr(text, "eee\xEF\xBF\xBD") != NULL);
    OK(earwig_event_init(&event));
    event.type = EARWIG_EVENT_TYPE_RECORDER_ENDED;
    event.cause = 8;
    text[0] = '\0';
    OK(earwig_event_foreach_field(&event, add, text));
    CHECK(strncmp(text, "cause=UNKNOWN ", 14) == 0);
}

TEST(what_is_no_result_is_refused_and_nothing_is_told)
{
    earwig_dtmf_result dtmf_result;
    earwig_recorder_result recorder_result;
    earwig_machine_result outcome;
    earwig_event event;

    OK(earwig_dtmf_result_init(&dtmf_result));
    OK(earwig_recorder_result_init(&recorder_result));
    OK(earwig_machine_result_init(&outcome));
    OK(earwig_event_init(&event));
    text[0] = '\0';
    CHECK_INT(earwig_dtmf_result_foreach_field(NULL, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_result_foreach_field(&dtmf_result, EARWIG_FIELD_SET_FIELDS, NULL, text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_result_foreach_field(&dtmf_result, 2, add, text), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_dtmf_result_foreach_field(&dtmf_result, -1, add, text), EARWIG_ERR_INVALID);
    dtmf_result.cause = 6;
    CHECK_INT(earwig_dtmf_result_foreach_field(&dtmf_result, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_INVALID);
    recorder_result.state = -1;
    CHECK_INT(earwig_recorder_result_foreach_field(&recorder_result, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_INVALID);
    recorder_result.state = EARWIG_RECORDER_STATE_IDLE;
    recorder_result.struct_size = 5;
    CHECK_INT(earwig_recorder_result_foreach_field(&recorder_result, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_SIZE);
    outcome.network_tone = 6;
    CHECK_INT(earwig_machine_result_foreach_field(&outcome, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_INVALID);
    event.type = 8;
    CHECK_INT(earwig_event_foreach_field(&event, add, text), EARWIG_ERR_INVALID);
    CHECK_TEXT(text, "");
}
