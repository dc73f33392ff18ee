/* The examples in the header's sections, compiled as they stand there, and run. */
#include "machine.h"
#include "recorder.h"

#include "../../examples/manual/channel.c"
#include "../../examples/manual/dtmf.c"
#include "../../examples/manual/engine.c"
#include "../../examples/manual/events.c"
#include "../../examples/manual/fields.c"
#include "../../examples/manual/log.c"
#include "../../examples/manual/machine.c"
#include "../../examples/manual/overview.c"
#include "../../examples/manual/recorder.c"

/* All of a temporary file; static text. */
static const char *text_of(FILE *file)
{
    static char text[8192];
    size_t size;

    rewind(file);
    size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    return text;
}

static void press_four_keys(earwig_channel *channel)
{
    play(channel, "4071");
}

TEST(the_example_of_the_overview_reads_a_pin)
{
    earwig_dtmf_result pin;

    OK(read_pin(press_four_keys, &pin));
    CHECK_INT(pin.cause, EARWIG_DTMF_CAUSE_COUNT);
    CHECK_TEXT(pin.digits, "4071");
}

TEST(the_example_of_the_log_writes_warnings)
{
    earwig_channel_options options = call_options();
    static const int16_t samples[8000];
    struct call call;
    FILE *file = tmpfile();

    CHECK_INT(check_library(file), 0);
    options.ring_ms = 100;
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 8000), EARWIG_ERR_OVERRUN);
    flush(call.channel);
    flush(call.channel);
    call_close(&call);
    OK(earwig_log_set(NULL, NULL, 0));
    CHECK(strncmp(text_of(file), "2 earwig", 8) == 0);
    fclose(file);
}

TEST(the_examples_of_engine_and_channel_serve_a_call)
{
    earwig_channel *channel;
    earwig_channel_stats stats;
    static const int16_t frame[320];

    CHECK_INT(host_start(65), -1);
    CHECK_INT(host_start(2), 0);
    channel = call_begin(engine, "a call");
    CHECK(channel != NULL);
    call_frame(channel, frame, 320);
    call_frame(channel, NULL, 320);
    OK(earwig_channel_stats_init(&stats));
    OK(earwig_channel_get_stats(channel, &stats));
    CHECK_INT(stats.rx_samples, 320);
    CHECK_INT(stats.gap_samples, 320);
    call_end(channel);
    OK(host_end());
}

static char received[EARWIG_DIGITS_MAX + 1];

static void append_digit(char digit)
{
    size_t length = strlen(received);
    received[length] = digit;
    received[length + 1] = '\0';
}

TEST(the_example_of_events_reports_each_digit_and_the_ending)
{
    struct call call = call_answered();
    earwig_dtmf_options options;
    char digits[EARWIG_DIGITS_MAX + 1] = "";

    OK(earwig_dtmf_options_init(&options));
    options.count = 3;
    options.predigits_timeout_ms = EARWIG_FOREVER;
    OK(earwig_dtmf_start(call.channel, &options));
    play(call.channel, "123");
    received[0] = '\0';
    CHECK_INT(wait_for_digits(call.channel, append_digit, digits), EARWIG_DTMF_CAUSE_COUNT);
    CHECK_TEXT(digits, "123");
    CHECK_TEXT(received, "123");
    call_close(&call);
}

TEST(the_example_of_dtmf_returns_the_number_without_its_end_digit)
{
    struct call call = call_answered();
    char account[EARWIG_DIGITS_MAX + 1] = "";

    play(call.channel, "815#");
    CHECK_INT(ask_for_account(call.channel, account), 0);
    CHECK_TEXT(account, "815");
    play(call.channel, "#");
    CHECK_INT(ask_for_account(call.channel, account), -1);
    OK(earwig_channel_hangup(call.channel));
    CHECK_INT(ask_for_account(call.channel, account), -1);
    call_close(&call);
}

TEST(the_example_of_the_recorder_returns_the_length_of_the_message)
{
    struct fixture fixture = fixture_answered();

    OK(message_start(fixture.channel, fixture.file));
    write_voice(fixture.channel, 500);
    write_silence(fixture.channel, 3500);
    CHECK_INT(message_wait(fixture.channel), 3500);
    OK(earwig_channel_hangup(fixture.channel));
    CHECK_INT(message_wait(fixture.channel), -1);
    fixture_close(&fixture);
}

TEST(the_example_of_a_detection_returns_its_verdict)
{
    struct call call = call_answered();
    int leave_message = -1;

    OK(detection_start(call.channel));
    play_human(call.channel);
    CHECK_INT(detection_wait(call.channel, &leave_message), EARWIG_MACHINE_VERDICT_HUMAN);
    CHECK_INT(leave_message, 0);
    call_close(&call);
}

TEST(the_example_of_fields_prints_variables_and_json)
{
    struct call call = call_answered();
    FILE *file = tmpfile();

    play(call.channel, "12");
    OK(earwig_dtmf_start(call.channel, NULL));
    flush(call.channel);
    print_channel(file, call.channel);
    CHECK(strncmp(text_of(file), "earwig_cause=NONE\n{\"name\":\"\",\"call_state\":\"ANSWERED\",\"digits\":\"\",", 65) == 0);
    fclose(file);
    call_close(&call);
}
