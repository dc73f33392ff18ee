/* Detections: beeps, fax machines, and the tones of the network. */
#include "machine.h"

/* Writes a greeting and a beep. */
static void play_voicemail(earwig_channel *channel)
{
    play_speech(channel, 2000);
    play_silence(channel, 300);
    play_tones(channel, 1000, 0, 420);
    play_silence(channel, 500);
}

TEST(the_beep_of_a_voicemail_is_reported_and_makes_it_ready)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;
    earwig_event event;

    options.detect_message_end = 1;
    machine_start(call.channel, &options);
    play_voicemail(call.channel);
    OK(earwig_event_init(&event));
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.machine_event, EARWIG_MACHINE_EVENT_MACHINE);
    CHECK_INT(event.beep, 0);
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.machine_event, EARWIG_MACHINE_EVENT_NOT_READY);
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.machine_event, EARWIG_MACHINE_EVENT_MACHINE);
    CHECK_INT(event.beep, 1);
    CHECK(event.hz > 990 && event.hz < 1010);
    CHECK_TEXT(machine_events(call.channel), "READY+beep finished");
    result = machine_result(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_MACHINE);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    CHECK_INT(result.beep, 1);
    CHECK(result.beep_ms >= 2270 && result.beep_ms <= 2330);
    CHECK(result.beep_hz > 990 && result.beep_hz < 1010);
    CHECK_INT(result.ready, 1);
    CHECK(result.ended_ms >= 2720 && result.ended_ms <= 3000);
    call_close(&call);
}

/* A greeting, and READY by silence. */
static void play_to_ready(struct call *call)
{
    earwig_machine_options options = machine_options();

    options.detect_message_end = 1;
    machine_start(call->channel, &options);
    play_speech(call->channel, 2000);
    play_silence(call->channel, 2000);
    CHECK_INT(machine_result(call->channel).ready, 1);
    CHECK_TEXT(machine_events(call->channel), "MACHINE NOT_READY READY");
}

TEST(a_beep_after_ready_by_silence_is_an_event)
{
    struct call call = call_answered();
    earwig_event event;

    play_to_ready(&call);
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    OK(earwig_event_init(&event));
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_MACHINE_BEEP);
    CHECK(event.start_ms >= 3970 && event.start_ms <= 4030);
    CHECK(event.end_ms >= 4390 && event.end_ms <= 4450);
    CHECK(event.at_ms >= event.end_ms && event.at_ms <= 4700);
    CHECK(event.hz > 990 && event.hz < 1010);
    CHECK_INT(event.beep, 1);
    CHECK_INT(machine_result(call.channel).beep, 0);
    call_close(&call);
}

TEST(after_a_stop_no_beep_is_an_event)
{
    struct call call = call_answered();

    play_to_ready(&call);
    OK(earwig_machine_stop(call.channel, LONG_MS));
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    CHECK_TEXT(machine_events(call.channel), "");
    call_close(&call);
}

TEST(ready_on_beep_waits_for_a_late_beep)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.detect_message_end = 1;
    options.ready_on = EARWIG_MACHINE_READY_ON_BEEP;
    machine_start(call.channel, &options);
    play_speech(call.channel, 2000);
    play_silence(call.channel, 2000);
    CHECK_TEXT(machine_events(call.channel), "MACHINE NOT_READY");
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    CHECK_TEXT(machine_events(call.channel), "MACHINE+beep READY+beep finished");
    call_close(&call);
}

TEST(a_beep_without_voice_is_a_machine)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_silence(call.channel, 300);
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    result = machine_result(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_MACHINE);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_BEEP);
    CHECK(strncmp(result.cause_text, "BEEP-1000-4", 11) == 0);
    CHECK_INT(result.onset_ms, -1);
    CHECK_TEXT(machine_events(call.channel), "MACHINE+beep READY+beep");
    call_close(&call);
}

TEST(a_fax_tone_within_fax_timeout_is_a_fax)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    options.initial_timeout_ms = 1000;
    options.fax_timeout_ms = 5000;
    machine_start(call.channel, &options);
    play_silence(call.channel, 3000);
    CHECK_TEXT(machine_events(call.channel), "");
    play_tones(call.channel, 2100, 0, 1000);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_FAX, EARWIG_MACHINE_CAUSE_CED);
    machine_start(call.channel, &options);
    play_silence(call.channel, 6000);
    CHECK_TEXT(machine_result(call.channel).cause_text, "INITIALSILENCE-1000-1000");
    CHECK_INT(machine_result(call.channel).detect_ms, 6000);
    call_close(&call);
}

TEST(a_beep_within_listen_on_replaces_human_by_machine)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.listen_on_ms = 3000;
    machine_start(call.channel, &options);
    play_human(call.channel);
    CHECK_TEXT(machine_events(call.channel), "HUMAN");
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    CHECK_TEXT(machine_events(call.channel), "MACHINE+beep READY+beep finished");
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_BEEP);
    call_close(&call);
}

/* Writes a fax tone of 600 ms and checks the verdict of a detection with these tones enabled. */
static earwig_machine_result detect_tone(double hz, int32_t tone, const char *events)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;

    options.tone = tone;
    options.initial_timeout_ms = 2500;
    machine_start(call.channel, &options);
    play_silence(call.channel, 300);
    play_tones(call.channel, hz, 0, hz < 2000 ? 500 : 2000);
    play_silence(call.channel, 3000);
    CHECK_TEXT(machine_events(call.channel), events);
    result = machine_result(call.channel);
    call_close(&call);
    return result;
}

TEST(a_fax_machine_that_answers_is_a_fax)
{
    earwig_machine_result result = detect_tone(2100, EARWIG_TONE_CED, "CED finished");
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_FAX);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_CED);
    CHECK_INT(result.fax_tone, EARWIG_FAX_TONE_CED);
    CHECK(strncmp(result.cause_text, "CED-", 4) == 0);
    CHECK(result.ended_ms < 2300);
}

TEST(a_fax_machine_that_calls_is_a_fax)
{
    earwig_machine_result result = detect_tone(1100, EARWIG_TONE_CNG | EARWIG_TONE_CED, "CNG finished");
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_FAX);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_CNG);
    CHECK_INT(result.fax_tone, EARWIG_FAX_TONE_CNG);
}

TEST(a_fax_tone_that_is_not_enabled_is_not_detected)
{
    earwig_machine_result result = detect_tone(2100, EARWIG_TONE_CNG, "UNKNOWN finished");
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_UNKNOWN);
    CHECK_INT(result.fax_tone, EARWIG_FAX_TONE_NONE);
    result = detect_tone(1100, EARWIG_TONE_CED, "UNKNOWN finished");
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_UNKNOWN);
}

TEST(a_busy_tone_is_unknown_with_cause_busy)
{
    struct call call = call_answered();
    earwig_machine_result result;
    const char *events;
    int i;

    machine_start(call.channel, NULL);
    for (i = 0; i < 6; i++) {
        play_tones(call.channel, 480, 620, 500);
        play_silence(call.channel, 500);
    }
    result = machine_result(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_UNKNOWN);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_BUSY);
    CHECK_INT(result.network_tone, EARWIG_NETWORK_TONE_BUSY);
    CHECK_INT(result.beep, 0);
    events = machine_events(call.channel);
    CHECK(strncmp(events, "BUSY", 4) == 0);
    CHECK(strstr(events, " UNKNOWN") != NULL);
    call_close(&call);
}
