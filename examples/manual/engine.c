#include <earwig.h>

static earwig_engine *engine;

// When the host starts. Returns 0, or -1 without an engine.
static int host_start(int32_t workers)
{
    earwig_engine_options options;

    earwig_engine_options_init(&options);
    options.workers = workers;
    return earwig_engine_create(&options, &engine) == EARWIG_OK ? 0 : -1;
}

// When the host ends, after the last channel's last earwig_channel_unref. Then no thread of the library runs
// any more.
static earwig_status host_end(void)
{
    earwig_status status = earwig_engine_shutdown(engine, EARWIG_FOREVER);

    earwig_engine_unref(engine);
    engine = NULL;
    return status;
}
