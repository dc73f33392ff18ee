/* Engines. */
#include "test.h"

static earwig_engine *engine_of(int32_t workers)
{
    earwig_engine *engine = NULL;
    earwig_engine_options options;
    OK(earwig_engine_options_init(&options));
    options.workers = workers;
    OK(earwig_engine_create(&options, &engine));
    return engine;
}

static void end(earwig_engine *engine)
{
    OK(earwig_engine_shutdown(engine, LONG_MS));
    earwig_engine_unref(engine);
}

TEST(null_is_refused_by_every_engine_call)
{
    earwig_engine_stats stats = {.struct_size = sizeof stats};
    earwig_engine *engine = engine_of(1);

    CHECK_INT(earwig_engine_options_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_engine_create(NULL, NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_engine_shutdown(NULL, 0), EARWIG_ERR_NULL);
    CHECK_INT(earwig_engine_get_stats(NULL, &stats), EARWIG_ERR_NULL);
    CHECK_INT(earwig_engine_get_stats(engine, NULL), EARWIG_ERR_NULL);
    CHECK(earwig_engine_ref(NULL) == NULL);
    earwig_engine_unref(NULL);
    end(engine);
}

TEST(no_options_are_the_defaults)
{
    earwig_engine *engine = NULL;
    earwig_engine_stats stats = {.struct_size = sizeof stats};
    OK(earwig_engine_create(NULL, &engine));
    OK(earwig_engine_get_stats(engine, &stats));
    CHECK(stats.workers >= 1 && stats.workers <= 4);
    CHECK_INT(stats.channels, 0);
    end(engine);
}

TEST(the_number_of_workers_is_that_asked_for)
{
    earwig_engine_stats stats = {.struct_size = sizeof stats};
    earwig_engine *engine = engine_of(3);
    OK(earwig_engine_get_stats(engine, &stats));
    CHECK_INT(stats.workers, 3);
    end(engine);
}

TEST(a_number_of_workers_out_of_range_is_refused)
{
    static const int32_t wrong[] = {-1, 65, INT32_MAX, INT32_MIN};
    earwig_engine_options options;
    earwig_engine *engine = NULL;
    size_t i;

    OK(earwig_engine_options_init(&options));
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.workers = wrong[i];
        CHECK_INT(earwig_engine_create(&options, &engine), EARWIG_ERR_INVALID);
        CHECK(engine == NULL);
    }
}

TEST(engine_options_of_an_impossible_size_are_refused)
{
    static const size_t wrong[] = {0, 1, sizeof(size_t) - 1, 1 << 20, SIZE_MAX};
    earwig_engine_options options;
    earwig_engine *engine = NULL;
    size_t i;

    OK(earwig_engine_options_init(&options));
    CHECK_INT(options.struct_size, sizeof options);
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.struct_size = wrong[i];
        CHECK_INT(earwig_engine_create(&options, &engine), EARWIG_ERR_SIZE);
        CHECK(engine == NULL);
    }
}

TEST(longer_engine_options_must_end_in_zeros)
{
    struct {
        earwig_engine_options known;
        char tail[16];
    } options;
    earwig_engine *engine = NULL;

    memset(&options, 0, sizeof options);
    OK(earwig_engine_options_init(&options.known));
    options.known.workers = 1;
    options.known.struct_size = sizeof options;
    options.tail[15] = 1;
    CHECK_INT(earwig_engine_create((earwig_engine_options *)&options, &engine), EARWIG_ERR_SIZE);
    CHECK(engine == NULL);
    options.tail[15] = 0;
    OK(earwig_engine_create((earwig_engine_options *)&options, &engine));
    end(engine);
}

TEST(init_of_counters_sets_zeros_and_the_size)
{
    earwig_engine_stats engine;
    earwig_channel_stats channel;

    memset(&engine, 0xAA, sizeof engine);
    memset(&channel, 0xAA, sizeof channel);
    OK(earwig_engine_stats_init(&engine));
    OK(earwig_channel_stats_init(&channel));
    CHECK_INT(engine.struct_size, sizeof engine);
    CHECK_INT(channel.struct_size, sizeof channel);
    CHECK_INT(engine.workers | engine.channels, 0);
    CHECK_INT(engine.samples | engine.overruns | engine.posts_sent | engine.posts_failed | engine.posts_dropped, 0);
    CHECK_INT(channel.media_ms, 0);
    CHECK_INT(channel.rx_samples | channel.tx_samples | channel.gap_samples, 0);
    CHECK_INT(channel.overruns | channel.events_dropped | channel.digits_dropped, 0);
    CHECK_INT(earwig_engine_stats_init(NULL), EARWIG_ERR_NULL);
    CHECK_INT(earwig_channel_stats_init(NULL), EARWIG_ERR_NULL);
}

TEST(engine_counters_fill_as_much_as_the_host_knows)
{
    struct {
        earwig_engine_stats known;
        unsigned char tail[16];
    } stats;
    earwig_engine *engine = engine_of(2);
    size_t i;

    /* Shorter: `samples` and what follows stays as it was. */
    memset(&stats, 0xAA, sizeof stats);
    stats.known.struct_size = offsetof(earwig_engine_stats, samples);
    OK(earwig_engine_get_stats(engine, (earwig_engine_stats *)&stats));
    CHECK_INT(stats.known.workers, 2);
    CHECK(stats.known.samples == UINT64_C(0xAAAAAAAAAAAAAAAA));
    CHECK_INT(stats.known.struct_size, offsetof(earwig_engine_stats, samples));
    /* Longer: the rest becomes zeros. */
    memset(&stats, 0xAA, sizeof stats);
    stats.known.struct_size = sizeof stats;
    OK(earwig_engine_get_stats(engine, (earwig_engine_stats *)&stats));
    CHECK_INT(stats.known.struct_size, sizeof stats);
    for (i = 0; i < sizeof stats.tail; i++)
        CHECK_INT(stats.tail[i], 0);
    stats.known.struct_size = 4;
    CHECK_INT(earwig_engine_get_stats(engine, (earwig_engine_stats *)&stats), EARWIG_ERR_SIZE);
    end(engine);
}

TEST(an_engine_lives_until_its_last_reference_is_given_back)
{
    earwig_engine *engine = engine_of(1);
    earwig_channel *channel = NULL;
    CHECK(earwig_engine_ref(engine) == engine);
    earwig_engine_unref(engine);
    OK(earwig_channel_create(engine, NULL, &channel));
    earwig_channel_unref(channel);
    end(engine);
}

TEST(shutdown_is_busy_while_channels_live_and_changes_nothing)
{
    struct call call = call_answered();
    CHECK_INT(earwig_engine_shutdown(call.engine, LONG_MS), EARWIG_ERR_BUSY);
    play(call.channel, "7");
    CHECK_TEXT(digits(call.channel), "7");
    call_close(&call);
}

TEST(shutdown_twice_is_fine)
{
    earwig_engine *engine = engine_of(1);
    OK(earwig_engine_shutdown(engine, EARWIG_FOREVER));
    OK(earwig_engine_shutdown(engine, 0));
    earwig_engine_unref(engine);
}

TEST(a_wait_below_forever_is_refused)
{
    earwig_engine *engine = engine_of(1);
    CHECK_INT(earwig_engine_shutdown(engine, -2), EARWIG_ERR_INVALID);
    CHECK_INT(earwig_engine_shutdown(engine, INT64_MIN), EARWIG_ERR_INVALID);
    end(engine);
}

TEST(after_shutdown_no_channel_can_be_made)
{
    earwig_engine *engine = engine_of(1);
    earwig_channel *channel = NULL;
    OK(earwig_engine_shutdown(engine, LONG_MS));
    CHECK_INT(earwig_channel_create(engine, NULL, &channel), EARWIG_ERR_STATE);
    CHECK(channel == NULL);
    earwig_engine_unref(engine);
}

TEST(a_channel_outlives_the_handle_of_its_engine)
{
    struct call call = call_answered();
    long long until = now_ms() + LONG_MS;

    earwig_engine_unref(call.engine);
    play(call.channel, "42");
    CHECK_TEXT(digits(call.channel), "42");
    earwig_channel_unref(call.channel);
    while (earwig_live_handles() > 0 && now_ms() < until)
        sleep_ms(1);
    /* No handle is left to wait for its threads: give them time to end. */
    sleep_ms(50);
}

TEST(counters_of_an_engine_count)
{
    struct call call = call_answered();
    earwig_engine_stats stats = {.struct_size = sizeof stats};

    play(call.channel, "1");
    flush(call.channel);
    OK(earwig_engine_get_stats(call.engine, &stats));
    CHECK_INT(stats.channels, 1);
    CHECK_INT(stats.workers, 1);
    CHECK_INT(stats.samples, 1280);
    earwig_channel_unref(call.channel);
    OK(earwig_engine_get_stats(call.engine, &stats));
    CHECK_INT(stats.channels, 0);
    call.channel = NULL;
    call_close(&call);
}

TEST(two_engines_are_independent)
{
    struct call one = call_answered(), other = call_answered();
    play(one.channel, "1");
    play(other.channel, "2");
    CHECK_TEXT(digits(one.channel), "1");
    CHECK_TEXT(digits(other.channel), "2");
    call_close(&one);
    CHECK_TEXT(digits(other.channel), "2");
    call_close(&other);
}

/* What `create` says about this `webhook_allow`; the last line of the log is in `logged`. */
static char logged[256];

static void keep_line(void *user, int32_t level, const char *target, const char *message)
{
    (void)user;
    (void)level;
    (void)target;
    snprintf(logged, sizeof logged, "%s", message);
}

TEST(webhook_allow_is_checked_and_its_error_is_logged)
{
    static const char *const right[] = {NULL, "public", "private,loopback,link-local", "all", "10.1.0.0/16, fd00::/8"};
    static const char *const wrong[] = {"", "internal", "10.0.0.0/33", "10.1.2.3/16", "public,\xff"};
    earwig_engine_options options;
    earwig_engine *engine = NULL;
    size_t i;

    OK(earwig_engine_options_init(&options));
    CHECK(options.webhook_allow == NULL);
    options.workers = 1;
    OK(earwig_log_set(keep_line, NULL, 1));
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.webhook_allow = wrong[i];
        logged[0] = '\0';
        CHECK_INT(earwig_engine_create(&options, &engine), EARWIG_ERR_INVALID);
        CHECK(engine == NULL);
        CHECK(strstr(logged, i < 4 ? "webhook_allow" : "UTF-8") != NULL);
    }
    OK(earwig_log_set(NULL, NULL, 0));
    for (i = 0; i < sizeof right / sizeof *right; i++) {
        options.webhook_allow = right[i];
        OK(earwig_engine_create(&options, &engine));
        end(engine);
        engine = NULL;
    }
}
