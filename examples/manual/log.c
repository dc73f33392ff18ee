#include <earwig.h>
#include <stdio.h>

static void on_log(void *user, int32_t level, const char *target, const char *message)
{
    fprintf(user, "%d %s: %s\n", (int)level, target, message);
}

// Has errors and warnings written to `file`. Returns 0, or -1 if this host was built for another version of the
// library.
static int check_library(FILE *file)
{
    if (earwig_abi_version() != EARWIG_ABI_VERSION)
        return -1;
    return earwig_log_set(on_log, file, 2) == EARWIG_OK ? 0 : -1;
}
