/* Permission bits of a recording's files. */
#define _GNU_SOURCE
#include "recorder.h"
#include <sys/stat.h>
#include <unistd.h>

static unsigned mode_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (unsigned)about.st_mode & 07777 : 0;
}

struct modes {
    const struct folder *folder;
    mode_t umask;
    unsigned given, expected;
    int encrypted;
};

/* Checks the bits of all names that a recording has. `a.wav` exists with other bits, for `overwrite` and `append`. */
static void record_with(struct call *call, const struct modes *modes, int overwrite, int append)
{
    const char *file = path_in(modes->folder, "a.wav");
    earwig_recorder_options options = linear();

    options.file_mode = modes->given;
    options.overwrite = overwrite;
    options.append = append;
    if (modes->encrypted) {
        options.key_bytes = options.iv_bytes = 16;
        memset(options.key, 7, 16);
    }
    start(call->channel, file, &options);
    CHECK_INT(mode_of(path_in(modes->folder, "a.wav.part")), modes->expected);
    if (modes->encrypted)
        CHECK_INT(mode_of(path_in(modes->folder, "a.wav.part.whole")), modes->expected);
    write_voice(call->channel, 100);
    OK(earwig_recorder_stop(call->channel, LONG_MS));
    CHECK_INT(mode_of(file), modes->expected);
    CHECK(chmod(file, 0604) == 0);
}

static void record_all_ways(void *user)
{
    const struct modes *modes = user;
    struct call call;

    umask(modes->umask);
    call = call_answered();
    record_with(&call, modes, 0, 0);
    record_with(&call, modes, 1, 0);
    record_with(&call, modes, 0, 1);
    call_close(&call);
}

/* An older header's struct ends before the field, which then is 0: the default. */
TEST(files_have_their_mode_whatever_the_umask)
{
    static const unsigned modes[][2] = {{0, 0640}, {0640, 0640}, {0600, 0600}, {0666, 0666}, {0777, 0777}};
    static const mode_t masks[] = {0, 022, 0777};
    size_t i, k;
    int encrypted;

    for (i = 0; i < (on_valgrind() ? 1 : sizeof modes / sizeof *modes); i++)
        for (k = 0; k < (on_valgrind() ? 1 : sizeof masks / sizeof *masks); k++)
            for (encrypted = 0; encrypted < 2; encrypted++) {
                struct folder folder = folder_make();
                struct modes these;
                these.folder = &folder;
                these.umask = masks[k];
                these.given = modes[i][0];
                these.expected = modes[i][1];
                these.encrypted = encrypted;
                in_child(record_all_ways, &these);
                folder_close(&folder, "a.wav");
            }
}
