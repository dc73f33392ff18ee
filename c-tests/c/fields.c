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

static const char *dtmf(const earwig_dtmf_result *result, int32_t set)
{
    text[0] = '\0';
    OK(earwig_dtmf_result_foreach_field(result, set, add, text));
    return text;
}

static const char *recorder(const earwig_recorder_result *result, int32_t set)
{
    text[0] = '\0';
    OK(earwig_recorder_result_foreach_field(result, set, add, text));
    return text;
}

static const char *machine(const earwig_machine_result *result, int32_t set)
{
    text[0] = '\0';
    OK(earwig_machine_result_foreach_field(result, set, add, text));
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

TEST(a_collections_result_has_its_fields_for_each_cause)
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

TEST(unknown_audio_is_empty_and_an_empty_error_is_no_field)
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

TEST(a_detections_result_has_its_names_for_each_verdict_and_cause)
{
    earwig_machine_result result;
    char wanted[320];
    int32_t verdict, cause;

    OK(earwig_machine_result_init(&result));
    result.detect_ms = 1250;
    result.onset_ms = 20;
    for (verdict = EARWIG_MACHINE_VERDICT_DETECTING; verdict <= EARWIG_MACHINE_VERDICT_ERROR; verdict++) {
        for (cause = EARWIG_MACHINE_CAUSE_NONE; cause <= EARWIG_MACHINE_CAUSE_ERROR; cause++) {
            result.verdict = verdict;
            result.cause = cause;
            result.beep = cause % 2;
            snprintf(wanted, sizeof wanted,
                     "detect_cause=%s earwig_confidence=0.00 earwig_machine_kind=none earwig_machine_kind_confidence=0.00 "
                     "detect_machine_beep=%s detect_ms=1250 earwig_onset_ms=20 detect_result=%s",
                     earwig_machine_cause_str(cause), cause % 2 ? "true" : "false", earwig_machine_verdict_str(verdict));
            CHECK_TEXT(machine(&result, EARWIG_FIELD_SET_VARIABLES), wanted);
        }
    }
}

TEST(a_detections_cause_has_its_numbers_and_its_confidence_two_decimals)
{
    earwig_machine_result result;

    OK(earwig_machine_result_init(&result));
    result.verdict = EARWIG_MACHINE_VERDICT_MACHINE;
    result.cause = EARWIG_MACHINE_CAUSE_BEEP;
    strcpy(result.cause_text, "BEEP-1000-420");
    result.confidence = 0.876F;
    result.kind = EARWIG_MACHINE_KIND_VOICEMAIL;
    result.kind_confidence = 0.953F;
    result.beep = result.ready = 1;
    result.beep_ms = 2000;
    result.beep_hz = 1000.04F;
    result.words = 3;
    result.fax_tone = EARWIG_FAX_TONE_ANSAM;
    result.network_tone = EARWIG_NETWORK_TONE_RINGBACK;
    CHECK_TEXT(machine(&result, EARWIG_FIELD_SET_FIELDS),
               "cause=BEEP-1000-420 confidence=0.88 kind=voicemail kind_confidence=0.95 beep=true beep_ms=2000 beep_hz=1000.0 "
               "ready=true fax_tone=ANSAM network_tone=RINGBACK detect_ms=0 verdict_ms=-1 onset_ms=-1 greeting_end_ms=-1 latency_ms=-1 words=3 voice_ms=0 "
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
    struct fixture fixture = fixture_answered();
    earwig_event event;

    start(fixture.channel, fixture.file, NULL);
    write_voice(fixture.channel, 200);
    OK(earwig_recorder_stop(fixture.channel, LONG_MS));
    OK(earwig_event_init(&event));
    OK(earwig_channel_wait_event(fixture.channel, LONG_MS, &event));
    text[0] = '\0';
    OK(earwig_event_foreach_field(&event, add, text));
    CHECK_TEXT(text, "cause=ABORTED audio_detected=yes duration_ms=200 bytes=1600 started_ms=0 ended_ms=200");
    fixture_close(&fixture);
}

TEST(events_of_a_detection_have_their_names)
{
    struct call call = call_answered();
    earwig_event event;

    machine_start(call.channel, NULL);
    play_human(call.channel);
    CHECK(strncmp(next_event(call.channel), "machine_event=HUMAN beep=false confidence=1.00 at_ms=", 53) == 0);
    CHECK(strstr(text, " hz=0.0 kind=person kind_confidence=1.00") != NULL);
    CHECK(strncmp(next_event(call.channel), "machine_event=finished beep=false confidence=1.00 at_ms=", 56) == 0);
    CHECK(strstr(text, " kind=person kind_confidence=1.00 cause=HUMAN-1") != NULL);
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
    event.type = EARWIG_EVENT_TYPE_MACHINE_BEEP;
    event.start_ms = 100;
    event.end_ms = 300;
    event.hz = 1000;
    text[0] = '\0';
    OK(earwig_event_foreach_field(&event, add, text));
    CHECK_TEXT(text, "at_ms=400 start_ms=100 end_ms=300 hz=1000.0");
    call_close(&call);
}

TEST(invalid_utf8_in_a_text_is_replaced)
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

TEST(an_invalid_struct_is_refused_and_no_field_reported)
{
    earwig_dtmf_result collection;
    earwig_recorder_result recording;
    earwig_machine_result detection;
    earwig_event event;

    OK(earwig_dtmf_result_init(&collection));
    OK(earwig_recorder_result_init(&recording));
    OK(earwig_machine_result_init(&detection));
    OK(earwig_event_init(&event));
    text[0] = '\0';
    CHECK_INT(earwig_dtmf_result_foreach_field(NULL, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_result_foreach_field(&collection, EARWIG_FIELD_SET_FIELDS, NULL, text), EARWIG_ERR_NULL);
    CHECK_INT(earwig_dtmf_result_foreach_field(&collection, 2, add, text), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_dtmf_result_foreach_field(&collection, -1, add, text), EARWIG_ERR_INVALID);
    collection.cause = 6;
    CHECK_INT(earwig_dtmf_result_foreach_field(&collection, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_INVALID);
    recording.state = -1;
    CHECK_INT(earwig_recorder_result_foreach_field(&recording, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_INVALID);
    recording.state = EARWIG_RECORDER_STATE_IDLE;
    recording.struct_size = 5;
    CHECK_INT(earwig_recorder_result_foreach_field(&recording, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_SIZE);
    detection.network_tone = 6;
    CHECK_INT(earwig_machine_result_foreach_field(&detection, EARWIG_FIELD_SET_FIELDS, add, text), EARWIG_ERR_INVALID);
    event.type = 9;
    CHECK_INT(earwig_event_foreach_field(&event, add, text), EARWIG_ERR_INVALID);
    CHECK_TEXT(text, "");
}
