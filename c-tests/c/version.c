/* Version, statuses, log. */
#include "test.h"
#include <sys/stat.h>
#include <unistd.h>

TEST(the_library_has_the_abi_of_its_header)
{
    CHECK_INT(earwig_abi_version(), EARWIG_ABI_VERSION);
}

TEST(the_version_is_three_numbers)
{
    int major, minor, patch;
    char rest;
    CHECK_INT(sscanf(earwig_version(), "%d.%d.%d%c", &major, &minor, &patch, &rest), 3);
}

TEST(every_status_has_a_text_of_its_own)
{
    int32_t one, other;
    for (one = 0; one >= EARWIG_ERR_SYSTEM; one--) {
        CHECK(earwig_status_str(one) && *earwig_status_str(one));
        for (other = one - 1; other >= EARWIG_ERR_SYSTEM - 1; other--)
            CHECK(strcmp(earwig_status_str(one), earwig_status_str(other)) != 0);
    }
}

TEST(a_value_that_is_no_status_has_a_text_too)
{
    static const int32_t values[] = {1, -14, -1000, INT32_MAX, INT32_MIN};
    size_t i;
    for (i = 0; i < sizeof values / sizeof *values; i++)
        CHECK(earwig_status_str(values[i]) && *earwig_status_str(values[i]));
}

TEST(every_cause_has_the_name_that_the_documentation_gives_it)
{
    CHECK_TEXT(earwig_dtmf_cause_str(EARWIG_DTMF_CAUSE_NONE), "NONE");
    CHECK_TEXT(earwig_dtmf_cause_str(EARWIG_DTMF_CAUSE_HANGUP), "HANGUP");
    CHECK_TEXT(earwig_dtmf_cause_str(EARWIG_DTMF_CAUSE_COUNT), "COUNT");
    CHECK_TEXT(earwig_dtmf_cause_str(EARWIG_DTMF_CAUSE_END), "END");
    CHECK_TEXT(earwig_dtmf_cause_str(EARWIG_DTMF_CAUSE_TIMEOUT), "TIMEOUT");
    CHECK_TEXT(earwig_dtmf_cause_str(EARWIG_DTMF_CAUSE_ERROR), "ERROR");
    CHECK_TEXT(earwig_dtmf_cause_str(6), "UNKNOWN");
    CHECK_TEXT(earwig_dtmf_cause_str(-1), "UNKNOWN");
    CHECK_TEXT(earwig_dtmf_cause_str(INT32_MIN), "UNKNOWN");
}

struct lines {
    int count;
    int wrong;
    earwig_status nested;
};

static void on_line(void *user, int32_t level, const char *target, const char *message)
{
    struct lines *lines = user;
    lines->count++;
    if (level < 1 || level > 5 || !target || !*target || !message || !*message)
        lines->wrong++;
    lines->nested = earwig_log_set(NULL, NULL, 0);
}

/* Writes more than the ring holds: the worker has something to say of the channel `name`. */
static void overrun_of(const char *name)
{
    earwig_channel_options options = call_options();
    struct call call;
    static const int16_t samples[8000];

    options.name = name;
    options.ring_ms = 100;
    call = call_idle(&options);
    OK(earwig_channel_answer(call.channel));
    CHECK_INT(earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 8000), EARWIG_ERR_OVERRUN);
    flush(call.channel);
    flush(call.channel);
    call_close(&call);
}

static void overrun(void)
{
    overrun_of("channel");
}

TEST(lost_audio_is_logged)
{
    struct lines lines = {0, 0, EARWIG_OK};
    OK(earwig_log_set(on_line, &lines, 2));
    overrun();
    OK(earwig_log_set(NULL, NULL, 0));
    CHECK(lines.count > 0);
    CHECK_INT(lines.wrong, 0);
}

TEST(the_log_cannot_be_set_from_within_itself)
{
    struct lines lines = {0, 0, EARWIG_OK};
    OK(earwig_log_set(on_line, &lines, 5));
    overrun();
    OK(earwig_log_set(NULL, NULL, 0));
    CHECK_INT(lines.nested, EARWIG_ERR_DEADLOCK);
}

struct last_line {
    int broken, escaped;
};

static void on_text(void *user, int32_t level, const char *target, const char *message)
{
    struct last_line *line = user;
    const char *at;
    (void)level;
    (void)target;
    for (at = message; *at; at++)
        line->broken += (unsigned char)*at < ' ' || *at == 127;
    line->escaped += strstr(message, "a\\n[error]\\u{1b}[2J") != NULL;
}

TEST(a_channels_name_and_a_path_cannot_begin_a_line_of_the_log)
{
    struct last_line line = {0, 0};
    earwig_recorder_options options;
    struct call call;

    OK(earwig_log_set(on_text, &line, 5));
    overrun_of("a\n[error]\x1B[2J");
    CHECK_INT(line.escaped, 1);
    /* A recording that cannot be finished: its folder is gone. */
    CHECK(mkdir("/tmp/earwig-log-a\n[error]\x1B[2J", 0700) == 0);
    call = call_answered();
    OK(earwig_recorder_options_init(&options));
    OK(earwig_recorder_start(call.channel, "/tmp/earwig-log-a\n[error]\x1B[2J/a", &options));
    CHECK(unlink("/tmp/earwig-log-a\n[error]\x1B[2J/a.part") == 0);
    CHECK(rmdir("/tmp/earwig-log-a\n[error]\x1B[2J") == 0);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    call_close(&call);
    OK(earwig_log_set(NULL, NULL, 0));
    CHECK_INT(line.escaped, 2);
    CHECK_INT(line.broken, 0);
}

TEST(a_log_that_is_off_or_removed_receives_nothing)
{
    struct lines lines = {0, 0, EARWIG_OK};
    OK(earwig_log_set(on_line, &lines, 0));
    overrun();
    OK(earwig_log_set(on_line, &lines, 5));
    OK(earwig_log_set(NULL, NULL, 5));
    overrun();
    CHECK_INT(lines.count, 0);
}

TEST(a_log_level_out_of_range_is_refused_and_changes_nothing)
{
    struct lines lines = {0, 0, EARWIG_OK};
    OK(earwig_log_set(on_line, &lines, 2));
    CHECK_INT(earwig_log_set(NULL, NULL, 6), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_log_set(NULL, NULL, -1), EARWIG_ERR_INVALID);
    overrun();
    OK(earwig_log_set(NULL, NULL, 0));
    CHECK(lines.count > 0);
}
