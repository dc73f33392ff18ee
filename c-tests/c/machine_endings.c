/* Endings of detections, and calls on which none may start. */
#include "machine.h"
#include <pthread.h>

TEST(a_hang_up_without_a_verdict_ends_a_detection_as_unknown)
{
    struct call call = call_answered();
    earwig_machine_result result;

    machine_start(call.channel, NULL);
    play_speech(call.channel, 500);
    OK(earwig_channel_hangup(call.channel));
    result = machine_result(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_UNKNOWN);
    CHECK_INT(result.cause, EARWIG_MACHINE_CAUSE_HANGUP);
    CHECK_TEXT(result.cause_text, "HANGUP-500");
    CHECK_INT(result.detect_ms, 500);
    CHECK(result.onset_ms >= 0 && result.onset_ms <= 60);
    CHECK_TEXT(machine_events(call.channel), "UNKNOWN");
    call_close(&call);
}

TEST(a_hang_up_after_the_verdict_keeps_the_verdict)
{
    struct call call = call_answered();
    earwig_machine_options options = machine_options();

    options.detect_message_end = 1;
    machine_start(call.channel, &options);
    play_speech(call.channel, 2000);
    OK(earwig_channel_hangup(call.channel));
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_MACHINE, EARWIG_MACHINE_CAUSE_LONG_GREETING);
    CHECK_INT(machine_result(call.channel).ready, 0);
    call_close(&call);
}

struct waiter {
    earwig_channel *channel;
    earwig_machine_result result;
    earwig_status status;
};

static void *detect(void *user)
{
    struct waiter *waiter = user;
    earwig_machine_result_init(&waiter->result);
    waiter->status = earwig_machine_detect(waiter->channel, NULL, &waiter->result);
    return NULL;
}

static void await_start(earwig_channel *channel)
{
    long long until = now_ms() + LONG_MS;
    earwig_machine_result result;
    OK(earwig_machine_result_init(&result));
    while (earwig_machine_get_progress(channel, &result) == EARWIG_ERR_AGAIN && now_ms() < until)
        sleep_ms(1);
}

TEST(a_hang_up_wakes_a_waiting_thread)
{
    struct call call = call_answered();
    struct waiter waiter;
    pthread_t thread;

    waiter.channel = call.channel;
    CHECK_INT(pthread_create(&thread, NULL, detect, &waiter), 0);
    await_start(call.channel);
    OK(earwig_channel_hangup(call.channel));
    pthread_join(thread, NULL);
    OK(waiter.status);
    CHECK_INT(waiter.result.verdict, EARWIG_MACHINE_VERDICT_UNKNOWN);
    CHECK_INT(waiter.result.cause, EARWIG_MACHINE_CAUSE_HANGUP);
    call_close(&call);
}

TEST(a_stop_wakes_a_waiting_thread)
{
    struct call call = call_answered();
    struct waiter waiter;
    pthread_t thread;

    waiter.channel = call.channel;
    CHECK_INT(pthread_create(&thread, NULL, detect, &waiter), 0);
    await_start(call.channel);
    OK(earwig_machine_stop(call.channel, LONG_MS));
    pthread_join(thread, NULL);
    OK(waiter.status);
    CHECK_INT(waiter.result.cause, EARWIG_MACHINE_CAUSE_STOPPED);
    call_close(&call);
}

TEST(a_stop_is_unknown_without_a_verdict)
{
    struct call call = call_answered();

    /* No detection runs. */
    OK(earwig_machine_stop(call.channel, LONG_MS));
    machine_start(call.channel, NULL);
    play_silence(call.channel, 1000);
    OK(earwig_machine_stop(call.channel, 0));
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_STOPPED);
    CHECK_TEXT(machine_result(call.channel).cause_text, "STOPPED-1000");
    CHECK_INT(machine_result(call.channel).onset_ms, -1);
    OK(earwig_machine_stop(call.channel, LONG_MS));
    CHECK_TEXT(machine_events(call.channel), "UNKNOWN");
    call_close(&call);
}

TEST(two_detections_at_once_are_busy)
{
    struct call call = call_answered();
    earwig_machine_result result;
    char text[128] = "";

    OK(earwig_machine_result_init(&result));
    machine_start(call.channel, NULL);
    CHECK_INT(earwig_machine_start(call.channel, NULL), EARWIG_ERR_BUSY);
    OK(earwig_channel_get_error(call.channel, text, sizeof text));
    CHECK(text[0] != '\0');
    CHECK_INT(earwig_machine_detect(call.channel, NULL, &result), EARWIG_ERR_BUSY);
    /* The first goes on. */
    play_human(call.channel);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_HUMAN, EARWIG_MACHINE_CAUSE_HUMAN);
    OK(earwig_machine_start(call.channel, NULL));
    OK(earwig_machine_stop(call.channel, LONG_MS));
    call_close(&call);
}

TEST(a_detection_and_a_collection_run_independently)
{
    struct call call = call_answered();
    earwig_dtmf_options collect;
    earwig_dtmf_result result;

    OK(earwig_dtmf_options_init(&collect));
    OK(earwig_dtmf_result_init(&result));
    collect.count = 1;
    collect.predigits_timeout_ms = collect.interdigit_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(call.channel, &collect));
    machine_start(call.channel, NULL);
    play_human(call.channel);
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_HUMAN, EARWIG_MACHINE_CAUSE_HUMAN);
    CHECK_INT(earwig_dtmf_get_result(call.channel, &result), EARWIG_ERR_AGAIN);
    play(call.channel, "7");
    OK(earwig_dtmf_get_result(call.channel, &result));
    CHECK_TEXT(result.digits, "7");
    call_close(&call);
}

TEST(a_wait_that_times_out_leaves_the_detection_running)
{
    struct call call = call_answered();
    earwig_machine_result result;
    long long before;

    OK(earwig_machine_result_init(&result));
    CHECK_INT(earwig_machine_wait(call.channel, 0, &result), EARWIG_ERR_AGAIN);
    CHECK_INT(earwig_machine_wait(call.channel, EARWIG_FOREVER, &result), EARWIG_ERR_AGAIN);
    machine_start(call.channel, NULL);
    CHECK_INT(earwig_machine_wait(call.channel, 0, &result), EARWIG_ERR_TIMEOUT);
    before = now_ms();
    CHECK_INT(earwig_machine_wait(call.channel, 30, &result), EARWIG_ERR_TIMEOUT);
    CHECK(now_ms() - before >= 29);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_DETECTING);
    CHECK_INT(earwig_machine_wait(call.channel, -2, &result), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_machine_wait(call.channel, INT64_MIN, &result), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_machine_stop(call.channel, -2), EARWIG_ERR_INVALID);
    play_human(call.channel);
    OK(earwig_machine_wait(call.channel, 0, &result));
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    call_close(&call);
}

TEST(a_detection_needs_an_answered_call)
{
    struct call call = call_idle(NULL);
    earwig_machine_result result;

    OK(earwig_machine_result_init(&result));
    CHECK_INT(earwig_machine_start(call.channel, NULL), EARWIG_ERR_HANGUP);
    OK(earwig_channel_ringing(call.channel));
    CHECK_INT(earwig_machine_start(call.channel, NULL), EARWIG_ERR_STATE);
    CHECK_INT(earwig_machine_detect(call.channel, NULL, &result), EARWIG_ERR_STATE);
    OK(earwig_channel_answer(call.channel));
    machine_start(call.channel, NULL);
    OK(earwig_channel_hangup(call.channel));
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_HANGUP);
    CHECK_INT(earwig_machine_start(call.channel, NULL), EARWIG_ERR_HANGUP);
    call_close(&call);
}

TEST(with_early_media_a_detection_may_wait_for_the_answer)
{
    earwig_channel_options early = call_options();
    earwig_machine_options options = machine_options();
    earwig_machine_result result;
    struct call call;

    early.early_media = 1;
    call = call_idle(&early);
    OK(earwig_channel_ringing(call.channel));
    options.anchor = EARWIG_MACHINE_ANCHOR_ANSWER;
    machine_start(call.channel, &options);
    /* An announcement of the network, and a long silence. */
    play_speech(call.channel, 2000);
    play_silence(call.channel, 5000);
    CHECK_TEXT(machine_events(call.channel), "");
    OK(earwig_channel_answer(call.channel));
    play_human(call.channel);
    result = machine_result(call.channel);
    CHECK_INT(result.verdict, EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(result.started_ms, 0);
    CHECK_INT(result.detect_ms, result.ended_ms - 7000);
    call_close(&call);
}

TEST(a_detection_ends_without_audio)
{
    earwig_channel_options dead = call_options();
    earwig_machine_options options = machine_options();
    struct call call;

    dead.stall_ms = 20;
    call = call_idle(&dead);
    OK(earwig_channel_answer(call.channel));
    options.initial_timeout_ms = 100;
    OK(earwig_machine_start(call.channel, &options));
    check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_INITIAL_SILENCE);
    call_close(&call);
}

TEST(no_ending_of_a_detection_is_dropped)
{
    earwig_channel_options narrow = call_options();
    earwig_event event;
    struct call call;
    int i, ends = 0;

    narrow.event_capacity = 8;
    call = call_idle(&narrow);
    OK(earwig_channel_answer(call.channel));
    for (i = 0; i < 8; i++) {
        OK(earwig_machine_start(call.channel, NULL));
        OK(earwig_machine_stop(call.channel, LONG_MS));
    }
    CHECK_INT(earwig_machine_start(call.channel, NULL), EARWIG_ERR_FULL);
    OK(earwig_event_init(&event));
    while (earwig_channel_next_event(call.channel, &event) == EARWIG_OK)
        ends += event.type == EARWIG_EVENT_TYPE_MACHINE_ENDED;
    CHECK_INT(ends, 8);
    OK(earwig_machine_start(call.channel, NULL));
    call_close(&call);
}

TEST(a_channel_may_be_freed_while_a_detection_runs)
{
    struct call call = call_answered();
    machine_start(call.channel, NULL);
    play_speech(call.channel, 500);
    call_close(&call);
}

/* ---- several threads ---- */

struct racer {
    earwig_channel *channel;
    pthread_barrier_t *go;
    earwig_status status;
};

static void *race(void *user)
{
    struct racer *racer = user;
    pthread_barrier_wait(racer->go);
    racer->status = earwig_machine_start(racer->channel, NULL);
    return NULL;
}

TEST(of_two_threads_that_start_at_once_one_detects)
{
    struct call call = call_answered();
    int i, k;

    for (i = 0; i < 20; i++) {
        struct racer racers[2];
        pthread_t threads[2];
        pthread_barrier_t go;

        pthread_barrier_init(&go, NULL, 2);
        for (k = 0; k < 2; k++) {
            racers[k].channel = call.channel;
            racers[k].go = &go;
            CHECK_INT(pthread_create(&threads[k], NULL, race, &racers[k]), 0);
        }
        for (k = 0; k < 2; k++)
            pthread_join(threads[k], NULL);
        pthread_barrier_destroy(&go);
        CHECK_INT(racers[0].status + racers[1].status, EARWIG_ERR_BUSY);
        OK(earwig_machine_stop(call.channel, LONG_MS));
        check_detected(call.channel, EARWIG_MACHINE_VERDICT_UNKNOWN, EARWIG_MACHINE_CAUSE_STOPPED);
    }
    call_close(&call);
}
