/* Options of the adaptive strategy, the kind of what answered, and words of the host. */
#include "machine.h"

static earwig_machine_options adaptive_options(void)
{
    earwig_machine_options options = machine_options();
    options.strategy = EARWIG_MACHINE_STRATEGY_ADAPTIVE;
    return options;
}

static earwig_machine_result progress(earwig_channel *channel)
{
    earwig_machine_result result;
    OK(earwig_machine_result_init(&result));
    OK(earwig_machine_get_progress(channel, &result));
    return result;
}

TEST(max_ms_limits_the_time_to_the_verdict)
{
    struct call call = call_answered();
    earwig_machine_options options = adaptive_options();
    earwig_machine_result result;

    options.max_ms = 400;
    machine_start(call.channel, &options);
    play_silence(call.channel, 300);
    play_speech(call.channel, 600);
    result = machine_result(call.channel);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_ADAPTIVE);
    CHECK(result.onset_ms >= 0 && result.verdict_ms <= result.onset_ms + 400);
    CHECK(result.verdict == EARWIG_MACHINE_VERDICT_HUMAN || result.verdict == EARWIG_MACHINE_VERDICT_MACHINE);
    /* The thresholds know no such limit. */
    options.strategy = EARWIG_MACHINE_STRATEGY_THRESHOLDS;
    play_silence(call.channel, 500);
    machine_start(call.channel, &options);
    play_human(call.channel);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_HUMAN, EARWIG_MACHINE_CAUSE_HUMAN);
    call_close(&call);
}

TEST(a_person_has_the_kind_person)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    CHECK_INT(progress(call.channel).kind, EARWIG_MACHINE_KIND_NONE);
    play_human(call.channel);
    result = machine_result(call.channel);
    CHECK_INT(result.kind, EARWIG_MACHINE_KIND_PERSON);
    CHECK(result.kind_confidence == 1);
    call_close(&call);
}

TEST(the_kind_of_a_machine_changes_until_the_end)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;
    earwig_event event;

    options.detect_message_end = 1;
    options.ready_on = EARWIG_MACHINE_READY_ON_BEEP;
    machine_start(call.channel, &options);
    play_speech(call.channel, 2000);
    OK(earwig_event_init(&event));
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.machine_event, EARWIG_MACHINE_EVENT_MACHINE);
    CHECK_INT(event.machine_kind, EARWIG_MACHINE_KIND_NONE);
    CHECK(event.kind_confidence == 0);
    play_silence(call.channel, 1000);
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    result = machine_result(call.channel);
    CHECK_INT(result.kind, EARWIG_MACHINE_KIND_VOICEMAIL);
    CHECK(result.kind_confidence > 0.9F && result.kind_confidence < 1);
    call_close(&call);
}

TEST(with_after_machine_the_detection_goes_on)
{
    struct call call = call_answered();
    earwig_machine_options options = adaptive_options();

    options.after_machine = 1;
    machine_start(call.channel, &options);
    play_speech(call.channel, SPEECH_MS);
    play_speech(call.channel, SPEECH_MS);
    CHECK_TEXT(machine_events(call.channel), "MACHINE");
    CHECK_INT(progress(call.channel).verdict, EARWIG_MACHINE_VERDICT_MACHINE);
    play_silence(call.channel, 1000);
    play_tones(call.channel, 1000, 0, 420);
    play_silence(call.channel, 500);
    CHECK_TEXT(machine_events(call.channel), "MACHINE+beep READY+beep");
    OK(earwig_machine_stop(call.channel, LONG_MS));
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_ADAPTIVE);
    call_close(&call);
}

/* ---- words ---- */

TEST(words_give_no_verdict_before_there_is_voice)
{
    struct call call = call_answered();
    earwig_machine_options options = adaptive_options();

    machine_start(call.channel, &options);
    OK(earwig_machine_add_words(call.channel, "Please leave a message after the tone.", 0));
    OK(earwig_machine_add_words(call.channel, "press one", 0));
    flush(call.channel);
    play_silence(call.channel, 4400);
    CHECK_TEXT(machine_events(call.channel), "");
    play_silence(call.channel, 500);
    CHECK_TEXT(machine_result(call.channel).cause_text, "INITIALSILENCE-4500-4500");
    call_close(&call);
}

TEST(words_move_the_verdict_and_the_kind)
{
    struct call call = call_answered();
    earwig_machine_options options = adaptive_options();
    earwig_machine_result result;
    float without;

    /* All of them against a machine: without them and with them. */
    machine_start(call.channel, &options);
    play_silence(call.channel, 300);
    play_speech(call.channel, 500);
    without = progress(call.channel).confidence;
    OK(earwig_machine_add_words(call.channel, "Who is this? Speaking. Hello? D\xc3\xadgame.", 300));
    play_silence(call.channel, 20);
    CHECK(progress(call.channel).confidence > without || without > 0.99F);
    play_silence(call.channel, 2500);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_HUMAN, EARWIG_MACHINE_CAUSE_ADAPTIVE);
    /* The kind alone, with thresholds. */
    options = machine_options();
    machine_start(call.channel, &options);
    OK(earwig_machine_add_words(call.channel, "To leave a voicemail, press one.", 3320));
    play_speech(call.channel, 2000);
    result = machine_result(call.channel);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    CHECK_INT(result.kind, EARWIG_MACHINE_KIND_IVR);
    CHECK(result.kind_confidence > 0.5F && result.kind_confidence < 0.9F);
    call_close(&call);
}

TEST(words_of_a_machine_revise_a_person)
{
    struct call call = call_answered();
    earwig_machine_options options = adaptive_options();

    options.listen_on_ms = 20000;
    options.revise = 1;
    machine_start(call.channel, &options);
    play_silence(call.channel, 300);
    play_speech(call.channel, 500);
    play_silence(call.channel, 2500);
    CHECK_TEXT(machine_events(call.channel), "HUMAN");
    OK(earwig_machine_add_words(call.channel, "Please leave a message after the tone. Leave your message.", 300));
    flush(call.channel);
    CHECK_TEXT(machine_events(call.channel), "MACHINE finished");
    CHECK(strncmp(machine_result(call.channel).cause_text, "ADAPTIVE-REVISED-", 17) == 0);
    call_close(&call);
}

TEST(words_need_a_detection_that_runs)
{
    struct call call = call_answered();

    CHECK_INT(earwig_machine_add_words(call.channel, "hello", 0), EARWIG_ERR_STATE);
    machine_start(call.channel, NULL);
    OK(earwig_machine_add_words(call.channel, "hello", 0));
    OK(earwig_machine_stop(call.channel, LONG_MS));
    CHECK_INT(earwig_machine_add_words(call.channel, "hello", 0), EARWIG_ERR_STATE);
    machine_start(call.channel, NULL);
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(earwig_machine_add_words(call.channel, "hello", 0), EARWIG_ERR_HANGUP);
    call_close(&call);
}

TEST(words_that_are_no_text_are_refused)
{
    struct call call = call_answered();
    char text[1025];

    machine_start(call.channel, NULL);
    CHECK_INT(earwig_machine_add_words(NULL, "hello", 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_add_words(call.channel, NULL, 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_machine_add_words(call.channel, "hello", -1), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_machine_add_words(call.channel, "press \xff", 0), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_machine_add_words(call.channel, "caf\xc3", 0), EARWIG_ERR_INVALID);
    memset(text, 'a', sizeof text);
    text[1024] = '\0';
    CHECK_INT(earwig_machine_add_words(call.channel, text, 0), EARWIG_ERR_INVALID);
    text[1023] = '\0';
    OK(earwig_machine_add_words(call.channel, text, 0));
    OK(earwig_machine_add_words(call.channel, "", INT64_MAX));
    call_close(&call);
}
