/* Detections: verdicts, and the four ways to get them: wait, blocking call, poll, callback. */
#include "machine.h"
#include <poll.h>
#include <pthread.h>

/* ---- start and wait: the result ---- */

TEST(a_short_greeting_is_a_human)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_human(call.channel);
    result = machine_result(call.channel);
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

TEST(a_long_greeting_is_a_machine)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_speech(call.channel, 2000);
    result = machine_result(call.channel);
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

TEST(silence_is_unknown)
{
    struct call call = call_answered();
    machine_start(call.channel, NULL);
    play_silence(call.channel, 4500);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    CHECK_TEXT(machine_result(call.channel).cause_text, "INITIALSILENCE-4500-4500");
    CHECK_INT(machine_result(call.channel).detect_ms, 4500);
    CHECK_INT(machine_result(call.channel).verdict_ms, machine_result(call.channel).ended_ms);
    CHECK(machine_result(call.channel).confidence == 0);
    call_close(&call);
}

TEST(the_maximum_time_is_not_exceeded)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.timeout_ms = 60;
    machine_start(call.channel, &options);
    play_speech(call.channel, 60);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_TOO_LONG);
    CHECK_TEXT(machine_result(call.channel).cause_text, "TOOLONG-60-60");
    CHECK_INT(machine_result(call.channel).detect_ms, 60);
    options.timeout_ms = 30000;
    options.initial_timeout_ms = EARWIG_FOREVER;
    machine_start(call.channel, &options);
    play_silence(call.channel, 30000);
    CHECK_TEXT(machine_result(call.channel).cause_text, "TOOLONG-30000-30000");
    CHECK_INT(machine_result(call.channel).detect_ms, 30000);
    call_close(&call);
}

TEST(ready_follows_the_greeting_and_not_ready_follows_more_voice)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.detect_message_end = options.detect_interruptions = 1;
    options.machine_ready_timeout_ms = 600;
    machine_start(call.channel, &options);
    play_speech(call.channel, 2000);
    play_silence(call.channel, 1000);
    CHECK_TEXT(machine_events(call.channel), "MACHINE NOT_READY READY");
    play_speech(call.channel, 500);
    play_silence(call.channel, 1000);
    CHECK_TEXT(machine_events(call.channel), "NOT_READY READY");
    OK(earwig_machine_stop(call.channel, LONG_MS));
    CHECK_TEXT(machine_events(call.channel), "finished");
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    CHECK_INT(machine_result(call.channel).ready, 1);
    call_close(&call);
}

TEST(digits_are_not_voice)
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

TEST(tx_does_not_affect_a_detection)
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

TEST(a_detection_works_at_16_khz)
{
    earwig_channel_options wide = call_options();
    struct call call;
    int16_t samples[320] = {0};
    int i;

    wide.rx_rate_hz = 16000;
    call = call_idle(&wide);
    OK(earwig_channel_answer(call.channel));
    machine_start(call.channel, NULL);
    for (i = 0; i < 225; i++)
        OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 320));
    flush(call.channel);
    CHECK_TEXT(machine_result(call.channel).cause_text, "INITIALSILENCE-4500-4500");
    call_close(&call);
}

TEST(the_adaptive_strategy_gives_a_verdict)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();
    options.strategy = EARWIG_MACHINE_STRATEGY_ADAPTIVE;
    machine_start(call.channel, &options);
    play_silence(call.channel, 5000);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    call_close(&call);
}

TEST(a_second_detection_starts_from_scratch)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_speech(call.channel, 2000);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    machine_start(call.channel, NULL);
    play_human(call.channel);
    result = machine_result(call.channel);
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

/* Waits until a detection runs, then writes a short greeting. */
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

TEST(machine_detect_waits_for_the_end)
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
    /* The result was returned: MACHINE_ENDED has left the queue, the verdict has not. */
    CHECK_TEXT(machine_events(call.channel), "HUMAN");
    call_close(&call);
}

TEST(without_wait_machine_detect_only_starts)
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
    /* The result can be read again, also after the hang-up; its event has left the queue. */
    CHECK_TEXT(machine_events(call.channel), "MACHINE NOT_READY READY");
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

TEST(a_detections_events_make_the_descriptor_readable)
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

struct received {
    int verdicts, ends, after_end, wrong, dropped, done;
    int32_t result;
    earwig_status detect, wait, stop, stop_now, start;
};

static void on_event(void *user, earwig_channel *channel, const earwig_event *event)
{
    struct received *received = user;
    earwig_machine_result result;

    received->wrong += !channel || received->dropped;
    received->after_end += received->ends;
    if (event->type == EARWIG_EVENT_TYPE_MACHINE) {
        received->verdicts++;
        return;
    }
    if (event->type != EARWIG_EVENT_TYPE_MACHINE_ENDED)
        return;
    earwig_machine_result_init(&result);
    received->ends++;
    received->result = event->machine_verdict;
    received->detect = earwig_machine_detect(channel, NULL, &result);
    received->wait = earwig_machine_wait(channel, 0, &result);
    received->stop = earwig_machine_stop(channel, 1000);
    received->stop_now = earwig_machine_stop(channel, 0);
    received->wrong += earwig_machine_get_result(channel, &result) != EARWIG_OK;
    __atomic_store_n(&received->done, 1, __ATOMIC_RELEASE);
}

static void on_drop(void *user)
{
    struct received *received = user;
    received->dropped++;
}

TEST(a_callback_receives_the_verdict_and_the_end_and_may_not_wait)
{
    struct call call = call_answered();
    struct received received;
    long long until = now_ms() + LONG_MS;

    memset(&received, 0, sizeof received);
    OK(earwig_channel_set_callback(call.channel, on_event, &received, on_drop));
    machine_start(call.channel, NULL);
    play_human(call.channel);
    while (!__atomic_load_n(&received.done, __ATOMIC_ACQUIRE) && now_ms() < until)
        sleep_ms(1);
    call_close(&call);
    CHECK_INT(received.verdicts, 1);
    CHECK_INT(received.ends, 1);
    CHECK_INT(received.after_end, 0);
    CHECK_INT(received.dropped, 1);
    CHECK_INT(received.wrong, 0);
    CHECK_INT(received.result, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(received.detect, EARWIG_ERR_DEADLOCK);
    CHECK_INT(received.wait, EARWIG_ERR_DEADLOCK);
    CHECK_INT(received.stop, EARWIG_ERR_DEADLOCK);
    OK(received.stop_now);
}
