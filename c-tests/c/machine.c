/* Detections: who answered, by each of the four ways to learn it. */
#include "machine.h"
#include <poll.h>
#include <pthread.h>

/* ---- start and wait: what is known at the end ---- */

TEST(somebody_who_says_hello_is_a_human)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_human(call.channel);
    result = detected(call.channel);
    CHECK_INT(result.struct_size, sizeof result);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_HUMAN);
    CHECK(strncmp(result.cause_text, "HUMAN-1", 7) == 0);
    CHECK(result.confidence == 1);
    CHECK(result.onset_ms >= 270 && result.onset_ms <= 330);
    CHECK(result.greeting_end_ms >= 760 && result.greeting_end_ms <= 840);
    CHECK(result.voice_ms >= 440 && result.voice_ms <= 540);
    CHECK(result.words >= 1 && result.words <= 2);
    CHECK_INT(result.latency_ms, result.verdict_ms - result.greeting_end_ms);
    CHECK(result.latency_ms >= 1000 && result.latency_ms <= 1300);
    CHECK_INT(result.started_ms, 0);
    CHECK_INT(result.ended_ms, result.verdict_ms);
    CHECK_INT(result.detect_ms, result.ended_ms);
    CHECK_INT(result.beep, 0);
    CHECK_INT(result.beep_ms, -1);
    CHECK(result.beep_hz == 0);
    CHECK_INT(result.ready, 0);
    CHECK_INT(result.fax_tone, EARWIG_FAX_TONE_NONE);
    CHECK_INT(result.network_tone, EARWIG_NETWORK_TONE_NONE);
    call_close(&call);
}

TEST(somebody_who_does_not_stop_is_a_machine)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_speech(call.channel, 2000);
    result = detected(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_MACHINE);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    CHECK(result.verdict_ms >= 1250 && result.verdict_ms <= 1500);
    CHECK_INT(result.greeting_end_ms, -1);
    CHECK_INT(result.latency_ms, -1);
    CHECK_INT(result.ready, 0);
    CHECK_TEXT(machine_events(call.channel), "MACHINE");
    call_close(&call);
}

TEST(many_words_are_a_machine)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    int i;

    options.machine_words_threshold = 3;
    machine_start(call.channel, &options);
    for (i = 0; i < 3; i++) {
        play_speech(call.channel, 360);
        play_silence(call.channel, 400);
    }
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_MAX_WORDS);
    call_close(&call);
}

TEST(nobody_who_speaks_is_unknown)
{
    struct call call = call_answered();
    machine_start(call.channel, NULL);
    play_silence(call.channel, 5000);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    CHECK_TEXT(detected(call.channel).cause_text, "INITIALSILENCE-4500-4500");
    CHECK(detected(call.channel).confidence == 0);
    call_close(&call);
}

TEST(the_end_of_a_greeting_is_ready_and_then_it_may_be_interrupted)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.detect_message_end = options.detect_interruptions = 1;
    options.machine_ready_timeout_ms = 600;
    machine_start(call.channel, &options);
    play_speech(call.channel, 2000);
    play_silence(call.channel, 1000);
    CHECK_TEXT(machine_events(call.channel), "MACHINE READY");
    play_speech(call.channel, 500);
    play_silence(call.channel, 1000);
    CHECK_TEXT(machine_events(call.channel), "NOT_READY READY");
    OK(earwig_machine_stop(call.channel, LONG_MS));
    CHECK_TEXT(machine_events(call.channel), "finished");
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    CHECK_INT(detected(call.channel).ready, 1);
    call_close(&call);
}

TEST(digits_are_no_voice)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    options.initial_timeout_ms = 1500;
    machine_start(call.channel, &options);
    play(call.channel, "147*2580369#");
    play_silence(call.channel, 600);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    CHECK_TEXT(digits(call.channel), "147*2580369#");
    call_close(&call);
}

TEST(what_the_pbx_plays_is_not_listened_to)
{
    struct call call = call_answered();
    int16_t samples[160];
    int i;

    machine_start(call.channel, NULL);
    tone('5', samples, 160);
    for (i = 0; i < 250; i++) {
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_TX, samples, 160));
        if (i % 25 == 24)
            play_silence(call.channel, 500);
    }
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    call_close(&call);
}

TEST(a_wideband_call_is_heard_all_the_same)
{
    earwig_channel_options wide = call_options();
    struct call call;
    int16_t samples[320] = {0};
    int i;

    wide.rx_rate_hz = 16000;
    call = call_idle(&wide);
    OK(earwig_channel_answer(call.channel));
    machine_start(call.channel, NULL);
    for (i = 0; i < 240; i++)
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 320));
    flush(call.channel);
    CHECK_TEXT(detected(call.channel).cause_text, "INITIALSILENCE-4500-4500");
    call_close(&call);
}

TEST(the_adaptive_strategy_ends_too)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    options.strategy = EARWIG_MACHINE_STRATEGY_ADAPTIVE;
    machine_start(call.channel, &options);
    play_silence(call.channel, 5000);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    call_close(&call);
}

TEST(a_detection_after_the_first_begins_anew)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_speech(call.channel, 2000);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    machine_start(call.channel, NULL);
    play_human(call.channel);
    result = detected(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(result.started_ms, 2000);
    CHECK(result.onset_ms >= 2270 && result.onset_ms <= 2330);
    CHECK(result.detect_ms < 2200);
    call_close(&call);
}

/* ---- the blocking call ---- */

struct talker {
    earwig_channel *channel;
    int wrong;
};

/* Waits for a detection, then says hello. */
static void *say_hello(void *user)
{
    struct talker *talker = user;
    earwig_machine_result result;
    long long until = now_ms() + LONG_MS;

    earwig_machine_result_init(&result);
    while (earwig_machine_get_progress(talker->channel, &result) != EARWIG_OK && now_ms() < until)
        sleep_ms(1);
    talker->wrong += result.verdict != EARWIG_MACHINE_VERDICT_DETECTING;
    play_human(talker->channel);
    return NULL;
}

TEST(detect_machine_waits_for_the_end)
{
    struct call call = call_answered();
    earwig_machine_result result;
    struct talker talker = {NULL, 0};
    pthread_t thread;

    talker.channel = call.channel;
    OK(earwig_machine_result_init(&result));
    CHECK_INT(pthread_create(&thread, NULL, say_hello, &talker), 0);
    OK(earwig_machine_detect(call.channel, NULL, &result));
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    pthread_join(thread, NULL);
    CHECK_INT(talker.wrong, 0);
    /* Its result was handed over: no event of the end is left, but that of the verdict is. */
    CHECK_TEXT(machine_events(call.channel), "HUMAN");
    call_close(&call);
}

TEST(without_wait_detect_machine_only_starts)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;

    options.wait = 0;
    OK(earwig_machine_result_init(&result));
    OK(earwig_machine_detect(call.channel, &options, &result));
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_DETECTING);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_NONE);
    CHECK_TEXT(result.cause_text, "");
    flush(call.channel);
    play_human(call.channel);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_HUMAN, EARWIG_MACHINE_CAUSE_HUMAN);
    call_close(&call);
}

/* ---- start and poll ---- */

TEST(a_detection_may_be_polled)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;

    OK(earwig_machine_result_init(&result));
    CHECK_INT(earwig_machine_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(earwig_machine_get_progress(call.channel, &result), EARWIG_ERR_AGAIN);
    options.detect_message_end = 1;
    machine_start(call.channel, &options);
    play_speech(call.channel, 1000);
    CHECK_INT(earwig_machine_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    OK(earwig_machine_get_progress(call.channel, &result));
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_DETECTING);
    CHECK_INT(result.verdict_ms, -1);
    play_speech(call.channel, 1000);
    CHECK_INT(earwig_machine_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    OK(earwig_machine_get_progress(call.channel, &result));
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_MACHINE);
    CHECK_INT(result.ready, 0);
    play_silence(call.channel, 1300);
    OK(earwig_machine_get_result(call.channel, &result));
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_MACHINE);
    CHECK_INT(result.ready, 1);
    OK(earwig_machine_get_progress(call.channel, &result));
    CHECK_INT(result.ready, 1);
    /* The result stays, also after the hang-up; and its event went with it. */
    CHECK_TEXT(machine_events(call.channel), "MACHINE READY");
    OK(earwig_channel_hangup(call.channel));
    OK(earwig_machine_get_result(call.channel, &result));
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    call_close(&call);
}

/* ---- start and descriptor ---- */

static int readable(int fd)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLIN);
}

TEST(a_detection_is_told_by_the_descriptor)
{
    struct call call = call_answered();
    earwig_event event;
    int fd = -1;

    OK(earwig_channel_get_event_fd(call.channel, &fd));
    machine_start(call.channel, NULL);
    play_silence(call.channel, 300);
    play_speech(call.channel, 500);
    CHECK(!readable(fd));
    play_silence(call.channel, 1300);
    CHECK(readable(fd));
    OK(earwig_event_init(&event));
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_MACHINE);
    CHECK_INT(event.machine_event, EARWIG_MACHINE_EVENT_HUMAN);
    CHECK(event.at_ms > 1700 && event.at_ms <= 2100);
    CHECK_INT(event.beep, 0);
    CHECK(event.confidence == 1 && event.hz == 0);
    CHECK(readable(fd));
    OK(earwig_channel_next_event(call.channel, &event));
    CHECK_INT(event.type, EARWIG_EVENT_TYPE_MACHINE_ENDED);
    CHECK_INT(event.machine_event, EARWIG_MACHINE_EVENT_FINISHED);
    CHECK_INT(event.machine_verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(event.cause, EARWIG_MACHINE_CAUSE_HUMAN);
    CHECK(strncmp(event.cause_text, "HUMAN-1", 7) == 0);
    CHECK_INT(event.start_ms, 0);
    CHECK_INT(event.detect_ms, event.at_ms);
    CHECK(event.onset_ms >= 270 && event.onset_ms <= 330);
    CHECK(!readable(fd));
    call_close(&call);
}

/* ---- start and callback ---- */

struct heard {
    int verdicts, ends, after_end, wrong, dropped, done;
    int32_t result;
    earwig_status detect, wait, stop, stop_now, start;
};

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct heard *heard = user;
    earwig_machine_result result;

    heard->wrong += !channel || heard->dropped;
    heard->after_end += heard->ends;
    if (event->type == EARWIG_EVENT_TYPE_MACHINE) {
        heard->verdicts++;
        return;
    }
    if (event->type != EARWIG_EVENT_TYPE_MACHINE_ENDED)
        return;
    earwig_machine_result_init(&result);
    heard->ends++;
    heard->result = event->machine_verdict;
    heard->detect = earwig_machine_detect(channel, NULL, &result);
    heard->wait = earwig_machine_wait(channel, 0, &result);
    heard->stop = earwig_machine_stop(channel, 1000);
    heard->stop_now = earwig_machine_stop(channel, 0);
    heard->wrong += earwig_machine_get_result(channel, &result) != EARWIG_OK;
    __atomic_store_n(&heard->done, 1, __ATOMIC_RELEASE);
}

static void on_drop(void *user)
{
    struct heard *heard = user;
    heard->dropped++;
}

TEST(a_callback_hears_the_verdict_and_the_end_and_may_not_wait)
{
    struct call call = call_answered();
    struct heard heard;
    long long until = now_ms() + LONG_MS;

    memset(&heard, 0, sizeof heard);
    OK(earwig_channel_set_callback(call.channel, on_event, &heard, on_drop));
    machine_start(call.channel, NULL);
    play_human(call.channel);
    while (!__atomic_load_n(&heard.done, __ATOMIC_ACQUIRE) && now_ms() < until)
        sleep_ms(1);
    call_close(&call);
    CHECK_INT(heard.verdicts, 1);
    CHECK_INT(heard.ends, 1);
    CHECK_INT(heard.after_end, 0);
    CHECK_INT(heard.dropped, 1);
    CHECK_INT(heard.wrong, 0);
    CHECK_INT(heard.result, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(heard.detect, EARWIG_ERR_DEADLOCK);
    CHECK_INT(heard.wait, EARWIG_ERR_DEADLOCK);
    CHECK_INT(heard.stop, EARWIG_ERR_DEADLOCK);
    OK(heard.stop_now);
}
