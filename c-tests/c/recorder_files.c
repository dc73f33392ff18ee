/* Files of recordings: names, existing files, full disks, appending, crashes. */
#define _GNU_SOURCE
#include "recorder.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned char the_key[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const unsigned char the_iv[16] = {31, 41, 59, 26, 53, 58, 97, 93, 23, 84, 62, 64, 33, 83, 27, 95};
static const char *const key_text = "0102030405060708090a0b0c0d0e0f10";
static const char *const iv_text = "1f293b1a353a615d17543e4021531b5f";

static void set_cipher(earwig_recorder_options *options)
{
    options->key_bytes = options->iv_bytes = 16;
    memcpy(options->key, the_key, 16);
    memcpy(options->iv, the_iv, 16);
}

static void decrypt(const char *file, const char *to)
{
    const char *const arguments[] = {"openssl", "enc",    "-d",  "-aes-128-cbc", "-K", key_text,
                                     "-iv",     iv_text, "-in", file,           "-out", to, NULL};
    CHECK_INT(run_program(arguments, NULL), 0);
}

static void stop(earwig_channel *channel)
{
    OK(earwig_recorder_stop(channel, LONG_MS));
}

/* Checks that both `start` and `record` refuse the path, with a text. */
static void refused(earwig_channel *channel, const char *file, const earwig_recorder_options *options, earwig_status status)
{
    earwig_recorder_result result;
    char text[256] = "";
    earwig_status got;

    OK(earwig_recorder_result_init(&result));
    got = earwig_recorder_start(channel, file, options);
    CHECK_INT(got, status);
    OK(earwig_channel_get_error(channel, text, sizeof text));
    CHECK(text[0] != '\0');
    if (got == status) {
        CHECK_INT(earwig_recorder_record(channel, file, options, &result), status);
        CHECK_INT(state_of(channel), EARWIG_RECORDER_STATE_IDLE);
    } else {
        printf("%.100s: %s\n", file, text);
        (void)earwig_recorder_stop(channel, LONG_MS);
    }
}

/* ---- existing files ---- */

TEST(an_existing_file_is_refused_and_unchanged)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();

    file_write(path_in(&folder, "a.wav"), "precious", 8);
    refused(call.channel, path_in(&folder, "a.wav"), &options, EARWIG_ERR_FILE);
    CHECK(file_is(path_in(&folder, "a.wav"), "precious", 8));
    CHECK(symlink("nowhere", path_in(&folder, "b.wav")) == 0);
    refused(call.channel, path_in(&folder, "b.wav"), &options, EARWIG_ERR_FILE);
    call_close(&call);
    folder_close(&folder, "a.wav b.wav");
}

TEST(a_file_created_during_the_recording_is_not_overwritten_and_no_audio_lost)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    char list[256], *name;
    int complete = 0;

    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_voice(call.channel, 500);
    file_write(path_in(&folder, "a.wav"), "precious", 8);
    (void)earwig_recorder_stop(call.channel, LONG_MS);
    CHECK_INT(recorder_result(call.channel).cause, EARWIG_RECORDER_CAUSE_ERROR);
    CHECK_INT(recorder_result(call.channel).state, EARWIG_RECORDER_STATE_ERROR);
    CHECK(recorder_result(call.channel).error[0] != '\0');
    CHECK(file_is(path_in(&folder, "a.wav"), "precious", 8));
    call_close(&call);
    /* The audio is in a file of another name. */
    snprintf(list, sizeof list, "%s", names(&folder));
    for (name = strtok(list, " "); name; name = strtok(NULL, " ")) {
        struct stat about;
        complete += stat(path_in(&folder, name), &about) == 0 && about.st_size >= 500 * MS * 2;
    }
    CHECK_INT(complete, 1);
    folder_close(&folder, names(&folder));
}

TEST(overwrite_replaces_a_file_when_the_new_one_is_complete)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    noise(samples, SECOND, 1);
    file_write(path_in(&folder, "a.wav"), "precious", 8);
    options.overwrite = 1;
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_rx(call.channel, samples, SECOND);
    CHECK(file_is(path_in(&folder, "a.wav"), "precious", 8));
    stop(call.channel);
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 1000);
    wav_is(path_in(&folder, "a.wav"), samples, SECOND);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

TEST(a_part_file_left_by_a_crash_is_refused_and_unchanged)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();

    file_write(path_in(&folder, "a.wav.part"), "precious", 8);
    refused(call.channel, path_in(&folder, "a.wav"), &options, EARWIG_ERR_FILE);
    CHECK(file_is(path_in(&folder, "a.wav.part"), "precious", 8));
    call_close(&call);
    folder_close(&folder, "a.wav.part");
}

TEST(overwrite_replaces_a_part_file_left_by_a_crash)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    noise(samples, SECOND, 6);
    file_write(path_in(&folder, "a.wav.part"), "left", 4);
    options.overwrite = 1;
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_rx(call.channel, samples, SECOND);
    stop(call.channel);
    wav_is(path_in(&folder, "a.wav"), samples, SECOND);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

struct overwriter {
    earwig_channel *channel;
    const char *file;
    long long until;
    int recorded, refused, lost, wrong;
};

/* Records to the file whenever no other thread does. */
static void *overwrite(void *user)
{
    struct overwriter *overwriter = user;
    earwig_recorder_options options;
    earwig_recorder_result result;
    static const int16_t samples[160];

    earwig_recorder_options_init(&options);
    earwig_recorder_result_init(&result);
    options.overwrite = 1;
    while (now_ms() < overwriter->until) {
        earwig_status status = earwig_recorder_start(overwriter->channel, overwriter->file, &options);
        if (status == EARWIG_OK) {
            (void)earwig_channel_write(overwriter->channel, EARWIG_STREAM_RX, samples, 160);
            (void)earwig_recorder_stop(overwriter->channel, LONG_MS);
            (void)earwig_recorder_get_result(overwriter->channel, &result);
            overwriter->lost += result.cause != EARWIG_RECORDER_CAUSE_ABORTED || result.bytes != 160;
            overwriter->recorded++;
        } else if (status == EARWIG_ERR_FILE) {
            overwriter->refused++;
        } else {
            overwriter->wrong++;
        }
    }
    return NULL;
}

TEST(recordings_that_overwrite_one_another_are_each_complete)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_channel_options plain = call_options();
    struct overwriter overwriters[3];
    pthread_t threads[3];
    char file[128];
    struct wav wav;
    int i;

    memset(overwriters, 0, sizeof overwriters);
    snprintf(file, sizeof file, "%s", path_in(&folder, "a.wav"));
    for (i = 0; i < 3; i++) {
        OK(earwig_channel_create(call.engine, &plain, &overwriters[i].channel));
        OK(earwig_channel_answer(overwriters[i].channel));
        overwriters[i].file = file;
        overwriters[i].until = now_ms() + 400;
        CHECK_INT(pthread_create(&threads[i], NULL, overwrite, &overwriters[i]), 0);
    }
    for (i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(overwriters[i].wrong, 0);
        CHECK_INT(overwriters[i].lost, 0);
        earwig_channel_unref(overwriters[i].channel);
    }
    CHECK(overwriters[0].recorded + overwriters[1].recorded + overwriters[2].recorded > 0);
    wav = wav_read(file);
    CHECK_INT(wav.frames, 160);
    wav_free(&wav);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

TEST(a_second_recording_to_the_same_file_is_refused)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_channel_options plain = call_options();
    earwig_recorder_options options = linear(), overwriting = linear();
    earwig_channel *other = NULL;
    static int16_t samples[SECOND];

    noise(samples, SECOND, 2);
    overwriting.overwrite = 1;
    OK(earwig_channel_create(call.engine, &plain, &other));
    OK(earwig_channel_answer(other));
    start(call.channel, path_in(&folder, "a.wav"), &options);
    refused(other, path_in(&folder, "a.wav"), &options, EARWIG_ERR_FILE);
    /* A running recording is not overwritten either. */
    refused(other, path_in(&folder, "a.wav"), &overwriting, EARWIG_ERR_FILE);
    write_rx(call.channel, samples, SECOND);
    stop(call.channel);
    wav_is(path_in(&folder, "a.wav"), samples, SECOND);
    earwig_channel_unref(other);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

TEST(the_part_file_is_locked_during_the_recording)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    int fd;

    start(call.channel, path_in(&folder, "a.wav"), &options);
    CHECK_TEXT(names(&folder), "a.wav.part");
    fd = open(path_in(&folder, "a.wav.part"), O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK(flock(fd, LOCK_EX | LOCK_NB) != 0);
    CHECK_INT(errno, EWOULDBLOCK);
    close(fd);
    stop(call.channel);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

/* ---- names ---- */

TEST(a_path_that_cannot_be_written_fails_at_start)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    char name[5000];
    int overwrite;

    file_write(path_in(&folder, "file"), "", 0);
    CHECK(mkdir(path_in(&folder, "folder"), 0700) == 0);
    CHECK(mkdir(path_in(&folder, "dangling.part"), 0700) == 0);
    for (overwrite = 0; overwrite < 2; overwrite++) {
        options.overwrite = overwrite;
        refused(call.channel, path_in(&folder, "missing/a.wav"), &options, EARWIG_ERR_FILE);
        refused(call.channel, path_in(&folder, "file/a.wav"), &options, EARWIG_ERR_FILE);
        refused(call.channel, path_in(&folder, "folder"), &options, EARWIG_ERR_FILE);
        refused(call.channel, path_in(&folder, "dangling"), &options, EARWIG_ERR_FILE);
        refused(call.channel, "/proc/a.wav", &options, EARWIG_ERR_FILE);
        /* A name may have 255 bytes, with the suffix that it has during the recording. */
        snprintf(name, sizeof name, "%s/", folder.path);
        memset(name + strlen(folder.path) + 1, 'a', 255);
        name[strlen(folder.path) + 1 + 255] = '\0';
        refused(call.channel, name, &options, EARWIG_ERR_FILE);
        memset(name, 'a', sizeof name - 1);
        name[sizeof name - 1] = '\0';
        refused(call.channel, name, &options, EARWIG_ERR_FILE);
    }
    /* The call still works, and so do its recordings. */
    start(call.channel, path_in(&folder, "folder/a.wav"), &options);
    write_voice(call.channel, 100);
    stop(call.channel);
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    CHECK(exists(path_in(&folder, "folder/a.wav")));
    call_close(&call);
    folder_close(&folder, "dangling.part file folder");
}

TEST(a_path_without_a_file_name_is_refused)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();

    CHECK(mkdir(path_in(&folder, "folder"), 0700) == 0);
    refused(call.channel, "", &options, EARWIG_ERR_INVALID);
    refused(call.channel, "/", &options, EARWIG_ERR_INVALID);
    refused(call.channel, "..", &options, EARWIG_ERR_INVALID);
    refused(call.channel, path_in(&folder, "folder/"), &options, EARWIG_ERR_INVALID);
    refused(call.channel, path_in(&folder, "new/"), &options, EARWIG_ERR_INVALID);
    call_close(&call);
    folder_close(&folder, "folder");
}

/* Names that file systems accept. */
static void recorded_as(const char *name)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[800];

    noise(samples, 800, 3);
    start(call.channel, path_in(&folder, name), &options);
    write_rx(call.channel, samples, 800);
    stop(call.channel);
    wav_is(path_in(&folder, name), samples, 800);
    call_close(&call);
    folder_close(&folder, name);
}

TEST(a_file_name_may_have_any_characters_and_no_extension)
{
    recorded_as("recfile");
    recorded_as("a b\tc'\"$(x);&.wav");
    recorded_as("\xC3\xA4\xE2\x82\xAC.wav");
    recorded_as(".hidden");
    recorded_as("%s%n.wav");
    recorded_as("-rf");
}

TEST(a_file_name_that_is_not_utf8_is_kept_or_refused)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    earwig_status status = earwig_recorder_start(call.channel, path_in(&folder, "caf\xE9.wav"), &options);

    CHECK(status == EARWIG_OK || status == EARWIG_ERR_INVALID);
    if (status == EARWIG_OK) {
        write_voice(call.channel, 100);
        stop(call.channel);
        CHECK(exists(path_in(&folder, "caf\xE9.wav")));
    }
    call_close(&call);
    folder_close(&folder, status == EARWIG_OK ? "caf\xE9.wav" : "");
}

static void record_relatively(void *user)
{
    struct folder *folder = user;
    struct call call = call_answered();
    earwig_recorder_options options = linear();

    CHECK(chdir(folder->path) == 0);
    start(call.channel, "a.wav", &options);
    write_voice(call.channel, 100);
    /* The path is resolved at the start. */
    CHECK(chdir("/") == 0);
    stop(call.channel);
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    call_close(&call);
}

TEST(a_relative_path_is_resolved_at_the_start)
{
    struct folder folder = folder_make();
    in_child(record_relatively, &folder);
    folder_close(&folder, "a.wav");
}

static void record_as_another_user(void *user)
{
    struct folder *folder = user;
    struct call call;
    earwig_recorder_options options = linear();

    CHECK(setgid(65534) == 0 && setuid(65534) == 0);
    call = call_answered();
    refused(call.channel, path_in(folder, "a.wav"), &options, EARWIG_ERR_FILE);
    call_close(&call);
}

TEST(a_read_only_folder_fails_at_start)
{
    struct folder folder = folder_make();
    CHECK(chmod(folder.path, 0555) == 0);
    /* Root may write anywhere. */
    if (geteuid() == 0) {
        in_child(record_as_another_user, &folder);
    } else {
        struct call call = call_answered();
        earwig_recorder_options options = linear();
        refused(call.channel, path_in(&folder, "a.wav"), &options, EARWIG_ERR_FILE);
        call_close(&call);
    }
    folder_close(&folder, "");
}

TEST(removing_the_folder_ends_the_recording_with_an_error)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();

    CHECK(mkdir(path_in(&folder, "gone"), 0700) == 0);
    start(call.channel, path_in(&folder, "gone/a.wav"), &options);
    write_voice(call.channel, 300);
    CHECK(unlink(path_in(&folder, "gone/a.wav.part")) == 0);
    CHECK(rmdir(path_in(&folder, "gone")) == 0);
    (void)earwig_recorder_stop(call.channel, LONG_MS);
    CHECK_INT(recorder_result(call.channel).cause, EARWIG_RECORDER_CAUSE_ERROR);
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_ERROR);
    CHECK(recorder_result(call.channel).error[0] != '\0');
    /* The next recording works, and the state is IDLE. */
    start(call.channel, path_in(&folder, "a.wav"), &options);
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_RECORDING);
    write_voice(call.channel, 100);
    stop(call.channel);
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 100);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

/* ---- full disks ---- */

/* Records until a write fails; a recording to another disk goes on. */
static void fill(const char *file, const char *elsewhere, size_t room, int encrypted)
{
    struct call call = call_answered();
    earwig_channel_options plain = call_options();
    earwig_recorder_options options = linear();
    earwig_recorder_result result;
    earwig_channel *other = NULL;
    static int16_t samples[SECOND];
    struct wav wav;
    int second;
    size_t i;

    noise(samples, SECOND, 4);
    OK(earwig_channel_create(call.engine, &plain, &other));
    OK(earwig_channel_answer(other));
    options.max_bytes = 0;
    options.overwrite = 1;
    start(other, elsewhere, &options);
    if (encrypted)
        set_cipher(&options);
    start(call.channel, file, &options);
    for (second = 0; second < 200 && state_of(call.channel) == EARWIG_RECORDER_STATE_RECORDING; second++) {
        write_rx(call.channel, samples, SECOND);
        write_rx(other, samples, 80);
        /* Faster than real time, but slow enough for the writer thread to write in several steps. */
        sleep_ms(encrypted ? 50 : 10);
    }
    result = recorder_result(call.channel);
    CHECK_TEXT(earwig_recorder_cause_str(result.cause), "ERROR");
    CHECK_INT(result.state, EARWIG_RECORDER_STATE_ERROR);
    CHECK_INT(state_of(call.channel), EARWIG_RECORDER_STATE_ERROR);
    CHECK(result.error[0] != '\0');
    /* All that fitted is saved; if it is encrypted, up to one write less (0.1 s of real time). */
    if (encrypted)
        decrypt(file, elsewhere);
    wav = wav_read(encrypted ? elsewhere : file);
    CHECK(wav.bytes + (encrypted ? 6 * SECOND : 0) + 4096 >= room);
    if (wav.bytes + (encrypted ? 6 * SECOND : 0) + 4096 < room)
        printf("%d of %d bytes\n", (int)wav.bytes, (int)room);
    CHECK_INT(result.bytes, wav.bytes);
    CHECK_INT(result.duration_ms, wav.frames * 1000 / SECOND);
    for (i = 0; wav.samples && i < (size_t)wav.frames && wav.samples[i] == samples[i % SECOND]; i++)
        ;
    CHECK_INT(i, wav.frames);
    wav_free(&wav);
    /* The call still works. */
    play(call.channel, "7");
    CHECK_TEXT(digits(call.channel), "7");
    CHECK_INT(state_of(other), EARWIG_RECORDER_STATE_RECORDING);
    stop(other);
    CHECK_INT(recorder_result(other).cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(recorder_result(other).bytes, second * 160);
    earwig_channel_unref(other);
    call_close(&call);
}

static void fill_a_small_disk(void *user)
{
    struct folder *folder = user;
    /* A mount in a namespace of this process, which ends with it. */
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("earwig", path_in(folder, "disk"), "tmpfs", 0, "size=1m") != 0) {
        printf("no mount allowed: only a limit of a file's size stands for a full disk here\n");
        return;
    }
    fill(path_in(folder, "disk/a.wav"), path_in(folder, "b.wav"), 1 << 20, 0);
    CHECK(unlink(path_in(folder, "disk/a.wav")) == 0);
    /* An encrypted recording needs twice the space. */
    fill(path_in(folder, "disk/a.wav"), path_in(folder, "b.wav"), (1 << 19) - (1 << 17), 1);
    CHECK(unlink(path_in(folder, "disk/a.wav")) == 0);
    CHECK(umount(path_in(folder, "disk")) == 0);
    CHECK(rmdir(path_in(folder, "disk")) == 0);
}

TEST(a_full_disk_ends_the_recording_with_an_error_and_a_valid_file)
{
    struct folder folder = folder_make();
    CHECK(mkdir(path_in(&folder, "disk"), 0700) == 0);
    in_child(fill_a_small_disk, &folder);
    folder_close(&folder, exists(path_in(&folder, "b.wav")) ? "b.wav" : "disk");
}

static void write_past_a_limit(void *user)
{
    struct folder *folder = user;
    struct rlimit limit = {300000, 300000};

    CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    fill(path_in(folder, "a.wav"), path_in(folder, "b.wav"), 300000, 0);
    fill(path_in(folder, "a.wav"), path_in(folder, "b.wav"), 300000, 1);
}

TEST(a_failed_write_ends_the_recording_with_an_error_and_a_valid_file)
{
    struct folder folder = folder_make();
    in_child(write_past_a_limit, &folder);
    folder_close(&folder, "a.wav b.wav");
}

/* ---- append ---- */

/* Records `count` samples of noise from sample `at` on. */
static void record_part(const char *file, earwig_recorder_options options, size_t at, size_t count)
{
    struct call call = call_answered();
    static int16_t samples[4 * SECOND];

    noise(samples, 4 * SECOND, 5);
    start(call.channel, file, &options);
    write_rx(call.channel, samples + at, count);
    stop(call.channel);
    CHECK_TEXT(earwig_recorder_cause_str(recorder_result(call.channel).cause), "ABORTED");
    call_close(&call);
}

/* Checks that a recording appended to another equals one recording of both. */
static void appended(int32_t format, size_t first, size_t second)
{
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    struct wav once, twice;
    int same;

    options.file_format = format;
    record_part(path_in(&folder, "once.wav"), options, 0, first + second);
    /* `append` also creates a file that does not exist. */
    options.append = 1;
    record_part(path_in(&folder, "twice.wav"), options, 0, first);
    record_part(path_in(&folder, "twice.wav"), options, first, second);
    once = wav_read(path_in(&folder, "once.wav"));
    twice = wav_read(path_in(&folder, "twice.wav"));
    CHECK_INT(twice.format, once.format);
    CHECK_INT(twice.align, once.align);
    CHECK_INT(twice.frames, first + second);
    CHECK_INT(twice.bytes, once.bytes);
    /* An incomplete IMA block is decoded and encoded again. */
    same = once.bytes == twice.bytes &&
           ((format == EARWIG_RECORDER_FORMAT_IMA && first % 505) || memcmp(once.data, twice.data, once.bytes) == 0);
    CHECK(same);
    if (!same)
        printf("%s: %d + %d samples\n", earwig_recorder_format_str(format), (int)first, (int)second);
    wav_free(&once);
    wav_free(&twice);
    folder_close(&folder, "once.wav twice.wav");
}

TEST(an_appended_recording_equals_one_recording)
{
    int32_t format;
    for (format = EARWIG_RECORDER_FORMAT_ALAW; format <= EARWIG_RECORDER_FORMAT_U8BIT; format++) {
        appended(format, SECOND, SECOND);
        appended(format, 0, 800);
        appended(format, 800, 0);
        /* Odd bytes with padding, half a byte of OKI, an incomplete IMA block. */
        appended(format, 1001, 999);
        appended(format, 1, 1);
    }
    /* Whole blocks. */
    appended(EARWIG_RECORDER_FORMAT_IMA, 505 * 4, 505 * 3);
}

TEST(a_recording_can_be_appended_to_again_and_again)
{
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[4 * SECOND];
    size_t at = 0, i;

    noise(samples, 4 * SECOND, 5);
    options.append = 1;
    for (i = 1; i <= 10; i++) {
        record_part(path_in(&folder, "a.wav"), options, at, 100 * i + 1);
        at += 100 * i + 1;
    }
    wav_is(path_in(&folder, "a.wav"), samples, at);
    folder_close(&folder, "a.wav");
}

TEST(max_bytes_is_the_size_of_the_whole_file_also_when_appending)
{
    struct folder folder = folder_make();
    struct call call = call_answered();
    earwig_recorder_options options = linear();
    struct wav wav;

    record_part(path_in(&folder, "a.wav"), options, 0, SECOND);
    options.append = 1;
    options.max_bytes = 24000;
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_voice(call.channel, 2000);
    CHECK_INT(recorder_result(call.channel).cause, EARWIG_RECORDER_CAUSE_SIZE);
    wav = wav_read(path_in(&folder, "a.wav"));
    CHECK_INT(wav.bytes, 24000);
    CHECK_INT(recorder_result(call.channel).bytes, 24000);
    CHECK_INT(recorder_result(call.channel).duration_ms, 1500);
    wav_free(&wav);
    /* The file is full. */
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_voice(call.channel, 100);
    CHECK_INT(recorder_result(call.channel).cause, EARWIG_RECORDER_CAUSE_SIZE);
    wav = wav_read(path_in(&folder, "a.wav"));
    CHECK_INT(wav.bytes, 24000);
    wav_free(&wav);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

TEST(only_a_recording_of_the_same_kind_is_appended_to)
{
    struct folder folder = folder_make();
    struct call call = call_answered();
    earwig_recorder_options options = linear(), other;
    unsigned char *before;
    size_t size;

    record_part(path_in(&folder, "a.wav"), options, 0, SECOND);
    file_write(path_in(&folder, "text"), "this is no recording at all, but text that somebody has written", 63);
    file_write(path_in(&folder, "empty"), "", 0);
    before = file_read(path_in(&folder, "a.wav"), &size);
    options.append = 1;
    other = options;
    other.file_format = EARWIG_RECORDER_FORMAT_ALAW;
    refused(call.channel, path_in(&folder, "a.wav"), &other, EARWIG_ERR_FILE);
    other = options;
    other.rate_hz = 16000;
    refused(call.channel, path_in(&folder, "a.wav"), &other, EARWIG_ERR_FILE);
    other = options;
    other.source = EARWIG_RECORDER_SOURCE_BOTH;
    refused(call.channel, path_in(&folder, "a.wav"), &other, EARWIG_ERR_FILE);
    refused(call.channel, path_in(&folder, "text"), &options, EARWIG_ERR_FILE);
    refused(call.channel, path_in(&folder, "empty"), &options, EARWIG_ERR_FILE);
    CHECK(before && file_is(path_in(&folder, "a.wav"), before, size));
    CHECK(file_is(path_in(&folder, "text"), "this is no recording at all, but text that somebody has written", 63));
    free(before);
    call_close(&call);
    folder_close(&folder, "a.wav empty text");
}

TEST(a_file_is_unchanged_until_the_appended_recording_ends)
{
    struct folder folder = folder_make();
    struct call call = call_answered();
    earwig_recorder_options options = linear();
    unsigned char *before;
    size_t size;

    record_part(path_in(&folder, "a.wav"), options, 0, SECOND);
    before = file_read(path_in(&folder, "a.wav"), &size);
    options.append = 1;
    start(call.channel, path_in(&folder, "a.wav"), &options);
    write_voice(call.channel, 2000);
    sleep_ms(50);
    CHECK(before && file_is(path_in(&folder, "a.wav"), before, size));
    stop(call.channel);
    CHECK(!file_is(path_in(&folder, "a.wav"), before, size));
    free(before);
    call_close(&call);
    folder_close(&folder, "a.wav");
}

/* ---- crashes ---- */

/* Shared with the child: samples that it has written. */
struct progress {
    volatile long long written;
};

/* Records in real time until it is killed. */
static void record_for_ever(const char *file, int encrypted, struct progress *progress)
{
    struct call call = call_answered();
    earwig_recorder_options options = linear();
    static int16_t samples[160];
    long long begun = now_ms();

    options.max_bytes = 0;
    if (encrypted)
        set_cipher(&options);
    start(call.channel, file, &options);
    for (;;) {
        long long due = (now_ms() - begun) * MS;
        while (progress->written + 160 <= due) {
            noise(samples, 160, (uint32_t)(progress->written / 160));
            (void)earwig_channel_write(call.channel, EARWIG_STREAM_RX, samples, 160);
            progress->written += 160;
        }
        sleep_ms(10);
    }
}

/* Recovers the file of a child and checks that it has all but the last second of the samples written. */
static void recover(const struct folder *folder, int number, int encrypted, long long written)
{
    char file[128], part[160];
    const char *const plain[] = {earwig_command(), "recover", part, NULL};
    const char *const with_key[] = {earwig_command(), "recover", "--key", key_text, part, NULL};
    struct wav wav;
    int16_t samples[160];
    long long i;

    snprintf(file, sizeof file, "%s/%d.wav", folder->path, number);
    snprintf(part, sizeof part, "%s.part", file);
    if (run_program(encrypted ? with_key : plain, NULL) != 0) {
        CHECK(!"recover works");
        return;
    }
    CHECK(!exists(part));
    if (encrypted) {
        decrypt(file, path_in(folder, "decrypted"));
        wav = wav_read(path_in(folder, "decrypted"));
    } else {
        wav = wav_read(file);
    }
    CHECK(wav.frames >= written - SECOND);
    if (wav.frames < written - SECOND)
        printf("recording %d: %lld of %lld samples\n", number, wav.frames, written);
    for (i = 0; wav.samples && i < wav.frames; i++) {
        if (i % 160 == 0)
            noise(samples, 160, (uint32_t)(i / 160));
        if (wav.samples[i] != samples[i % 160])
            break;
    }
    CHECK_INT(i, wav.frames);
    wav_free(&wav);
    unlink(file);
    unlink(path_in(folder, "decrypted"));
}

TEST(after_a_kill_all_but_the_last_second_is_recovered)
{
    /* All children at once, because each records in real time. */
    enum { ALL = 50 };
    const int count = on_valgrind() ? 2 : SANITIZED ? 8 : ALL;
    struct folder folder = folder_make();
    struct progress *progress =
        mmap(NULL, ALL * sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t children[ALL];
    char file[128];
    long long begun, kill_at[ALL];
    int i, left = count, last = on_valgrind() ? 15000 : 3500;

    CHECK(progress != MAP_FAILED);
    if (progress == MAP_FAILED)
        return;
    fflush(stdout);
    for (i = 0; i < count; i++) {
        snprintf(file, sizeof file, "%s/%d.wav", folder.path, i);
        children[i] = fork();
        if (children[i] == 0) {
            /* The child ends if its parent does. */
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            record_for_ever(file, i % 2, &progress[i]);
            _exit(1);
        }
        CHECK(children[i] > 0);
    }
    begun = now_ms();
    srand(20251121);
    for (i = 0; i < count; i++)
        kill_at[i] = begun + 500 + rand() % (last - 500);
    while (left > 0) {
        for (i = 0; i < count; i++) {
            /* A child that has not begun has no file. */
            if (children[i] > 0 && now_ms() >= kill_at[i] && (progress[i].written > 0 || now_ms() > begun + LONG_MS)) {
                kill(children[i], SIGKILL);
                CHECK(waitpid(children[i], NULL, 0) == children[i]);
                children[i] = 0;
                left--;
            }
        }
        sleep_ms(1);
    }
    for (i = 0; i < count; i++)
        recover(&folder, i, i % 2, progress[i].written);
    munmap(progress, ALL * sizeof *progress);
    folder_close(&folder, "");
}
