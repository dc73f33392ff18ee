/* Encrypted recordings: openssl decrypts them, and no plain audio or key is left. */
#include "recorder.h"
#include "wipe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned char the_key[32] = {
    0x9F, 0x3B, 0x11, 0xC8, 0x07, 0x5E, 0xA4, 0xD2, 0x68, 0xFD, 0x20, 0xB9, 0x43, 0x8C, 0xE6, 0x75,
    0x1A, 0xB0, 0x4D, 0xF7, 0x89, 0x32, 0xCE, 0x64, 0xD8, 0x2F, 0x96, 0x0B, 0x51, 0xEA, 0x7C, 0xA3,
};
static const unsigned char iv[16] = {0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, 1, 2, 3, 4, 5, 6, 7, 8};

static void set_cipher(earwig_recorder_options *options, int key_bytes)
{
    memcpy(options->key, the_key, (size_t)key_bytes);
    memcpy(options->iv, iv, sizeof iv);
    options->key_bytes = key_bytes;
    options->iv_bytes = 16;
}

static void hex(char *text, const unsigned char *bytes, int count)
{
    int i;
    for (i = 0; i < count; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* Decrypts a file with openssl into a file beside it. Returns its exit code. */
static int decrypt(const char *file, const char *to, int key_bytes)
{
    char key_text[65], iv_text[33], name[20];
    const char *const arguments[] = {"openssl", "enc", "-d", name, "-K", key_text, "-iv", iv_text, "-in", file, "-out", to, NULL};

    snprintf(name, sizeof name, "-aes-%d-cbc", 8 * key_bytes);
    hex(key_text, the_key, key_bytes);
    hex(iv_text, iv, 16);
    return run_program(arguments, NULL);
}

static int same_files(const char *one, const char *other)
{
    size_t size;
    unsigned char *bytes = file_read(one, &size);
    int same = bytes && file_is(other, bytes, size);
    free(bytes);
    return same;
}

static void record(const char *file, const earwig_recorder_options *options, const int16_t *samples, size_t count)
{
    struct call call = call_answered();
    start(call.channel, file, options);
    write_rx(call.channel, samples, count);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    CHECK_INT(recorder_result(call.channel).cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(recorder_result(call.channel).ended_ms - recorder_result(call.channel).started_ms, (long long)count / MS);
    call_close(&call);
}

/* Records the same audio encrypted and plain, and compares. */
static void encrypted(int32_t format, int key_bytes, size_t count)
{
    struct folder folder = folder_make();
    earwig_recorder_options plain = linear(), secret;
    static int16_t samples[2 * SECOND];
    struct stat about;
    size_t size;
    unsigned char *bytes;

    noise(samples, 2 * SECOND, (uint32_t)(format + 10 * key_bytes));
    plain.file_format = format;
    secret = plain;
    set_cipher(&secret, key_bytes);
    record(path_in(&folder, "plain"), &plain, samples, count);
    record(path_in(&folder, "secret"), &secret, samples, count);
    CHECK_INT(decrypt(path_in(&folder, "secret"), path_in(&folder, "decrypted"), key_bytes), 0);
    CHECK(same_files(path_in(&folder, "plain"), path_in(&folder, "decrypted")));
    /* Padded by 1 to 16 bytes. */
    bytes = file_read(path_in(&folder, "plain"), &size);
    free(bytes);
    CHECK(stat(path_in(&folder, "secret"), &about) == 0);
    CHECK_INT(about.st_size, (size / 16 + 1) * 16);
    folder_close(&folder, "decrypted plain secret");
}

TEST(openssl_reads_an_encrypted_recording_as_the_plain_one)
{
    static const int key_bytes[] = {16, 24, 32};
    int32_t format;
    size_t i;

    for (i = 0; i < sizeof key_bytes / sizeof *key_bytes; i++)
        encrypted(EARWIG_RECORDER_FORMAT_S16BIT, key_bytes[i], 2 * SECOND);
    for (format = EARWIG_RECORDER_FORMAT_ALAW; format <= EARWIG_RECORDER_FORMAT_U8BIT; format++)
        encrypted(format, 32, SECOND + 321);
    encrypted(EARWIG_RECORDER_FORMAT_S16BIT, 16, 0);
    /* With 44 bytes of header, these lengths end before, at and after the end of a cipher block. */
    for (i = 1; i <= 16; i += 3)
        encrypted(EARWIG_RECORDER_FORMAT_S16BIT, 16, i);
}

TEST(an_encrypted_recording_of_any_ending_can_be_read)
{
    /* 1 s of voice, then silence; NONE stands for giving the last reference back. */
    static const struct {
        int32_t cause;
        size_t samples;
    } endings[] = {
        {EARWIG_RECORDER_CAUSE_SIZE, SECOND / 2},
        {EARWIG_RECORDER_CAUSE_SILENCE, 2 * SECOND},
        {EARWIG_RECORDER_CAUSE_HANGUP, 3 * SECOND},
        {EARWIG_RECORDER_CAUSE_NONE, 3 * SECOND},
    };
    static int16_t samples[3 * SECOND];
    size_t i;

    voice(samples, SECOND, 50);
    for (i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct call call = call_answered();
        struct folder folder = folder_make();
        earwig_recorder_options options = linear();

        set_cipher(&options, 32);
        if (endings[i].cause == EARWIG_RECORDER_CAUSE_SIZE)
            options.max_bytes = SECOND;
        if (endings[i].cause == EARWIG_RECORDER_CAUSE_SILENCE)
            options.max_silence_ms = 1000;
        start(call.channel, path_in(&folder, "secret"), &options);
        write_rx(call.channel, samples, 3 * SECOND);
        if (endings[i].cause == EARWIG_RECORDER_CAUSE_HANGUP)
            OK(earwig_channel_hangup(call.channel));
        if (endings[i].cause != EARWIG_RECORDER_CAUSE_NONE)
            check_ended(call.channel, endings[i].cause, (long long)endings[i].samples / MS);
        call_close(&call);
        CHECK_INT(decrypt(path_in(&folder, "secret"), path_in(&folder, "decrypted"), 32), 0);
        wav_is(path_in(&folder, "decrypted"), samples, endings[i].samples);
        folder_close(&folder, "decrypted secret");
    }
}

/* Ends a recording when the process can open no other file. */
static void end_without_descriptors(void *user)
{
    const char *file = user;
    struct rlimit limit;
    struct call call = call_answered();
    earwig_recorder_options options = linear();
    int16_t samples[SECOND / 2];

    noise(samples, SECOND / 2, 50);
    set_cipher(&options, 32);
    start(call.channel, file, &options);
    write_rx(call.channel, samples, SECOND / 2);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 200;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    CHECK_INT(errno, EMFILE);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    check_ended(call.channel, EARWIG_RECORDER_CAUSE_ABORTED, 500);
    call_close(&call);
}

TEST(an_encrypted_recording_ends_whole_when_no_descriptor_is_left)
{
    struct folder folder = folder_make();
    static int16_t samples[SECOND / 2];
    char file[512];

    noise(samples, SECOND / 2, 50);
    strcpy(file, path_in(&folder, "secret"));
    in_child(end_without_descriptors, file);
    CHECK_INT(decrypt(file, path_in(&folder, "decrypted"), 32), 0);
    wav_is(path_in(&folder, "decrypted"), samples, SECOND / 2);
    folder_close(&folder, "decrypted secret");
}

TEST(an_encrypted_recording_is_appended_to)
{
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    noise(samples, SECOND, 50);
    set_cipher(&options, 24);
    options.append = 1;
    record(path_in(&folder, "secret"), &options, samples, SECOND / 4);
    record(path_in(&folder, "secret"), &options, samples + SECOND / 4, SECOND / 4);
    record(path_in(&folder, "secret"), &options, samples + SECOND / 2, SECOND / 2);
    CHECK_INT(decrypt(path_in(&folder, "secret"), path_in(&folder, "decrypted"), 24), 0);
    wav_is(path_in(&folder, "decrypted"), samples, SECOND);
    folder_close(&folder, "decrypted secret");
}

TEST(an_encrypted_recording_is_not_appended_to_with_another_key)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];
    unsigned char *before;
    size_t size;

    noise(samples, SECOND, 51);
    set_cipher(&options, 32);
    record(path_in(&folder, "secret"), &options, samples, SECOND);
    before = file_read(path_in(&folder, "secret"), &size);
    options.append = 1;
    options.key[31] ^= 1;
    CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "secret"), &options), EARWIG_ERR_FILE);
    options.key_bytes = options.iv_bytes = 0;
    CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "secret"), &options), EARWIG_ERR_FILE);
    CHECK(before && file_is(path_in(&folder, "secret"), before, size));
    free(before);
    call_close(&call);
    folder_close(&folder, "secret");
}

/* ---- plain audio and keys are nowhere ---- */

/* Occurrences in `bytes` of any of a few pieces of 16 bytes of `pattern`. */
static int found(const unsigned char *bytes, size_t size, const unsigned char *pattern, size_t length)
{
    const unsigned char *at, *end;
    int times = 0;
    size_t place;

    if (size < 16)
        return 0;
    end = bytes + size - 16;
    for (place = 0; place + 16 <= length; place += length / 7)
        for (at = bytes; at <= end && (at = memchr(at, pattern[place], (size_t)(end - at) + 1)) != NULL; at++)
            times += memcmp(at, pattern + place, 16) == 0;
    return times;
}

static int found_in_file(const char *path, const unsigned char *pattern, size_t length)
{
    size_t size;
    unsigned char *bytes = file_read(path, &size);
    int times = bytes ? found(bytes, size, pattern, length) : 0;
    free(bytes);
    return times;
}

/* Searches every file of the folder, and every open file of this process that has no name any more. */
static int found_on_disk(const struct folder *folder, const void *pattern, size_t length)
{
    static const char *const open_files = "/proc/self/fd";
    const char *places[2];
    char path[512];
    int times = 0, i;

    places[0] = folder->path;
    places[1] = open_files;
    for (i = 0; i < 2; i++) {
        DIR *directory = opendir(places[i]);
        struct dirent *entry;
        struct stat about;
        while (directory && (entry = readdir(directory))) {
            snprintf(path, sizeof path, "%s/%s", places[i], entry->d_name);
            /* A file with a name was searched in the folder. */
            if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && (i == 0 || about.st_nlink == 0))
                times += found_in_file(path, pattern, length);
        }
        if (directory)
            closedir(directory);
    }
    return times;
}

/* Records a pattern repeatedly, and searches for it in all files during the recording and after it. */
static int found_while_recording(const earwig_recorder_options *options)
{
    struct call call = call_answered();
    struct folder folder = folder_make();
    static int16_t pattern[400];
    unsigned char coded[400];
    earwig_recorder_options alaw = *options;
    struct wav wav;
    int times = 0, i, before;

    noise(pattern, 400, 52);
    /* A recording shows the A-law bytes of the pattern. */
    alaw.file_format = EARWIG_RECORDER_FORMAT_ALAW;
    alaw.key_bytes = alaw.iv_bytes = 0;
    start(call.channel, path_in(&folder, "alaw"), &alaw);
    write_rx(call.channel, pattern, 400);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    wav = wav_read(path_in(&folder, "alaw"));
    CHECK_INT(wav.bytes, 400);
    memcpy(coded, wav.data, wav.bytes < 400 ? wav.bytes : 400);
    wav_free(&wav);
    CHECK(found_on_disk(&folder, coded, 400) > 0);
    CHECK(unlink(path_in(&folder, "alaw")) == 0);

    start(call.channel, path_in(&folder, "a"), options);
    for (i = 0; i < 24; i++) {
        int part;
        for (part = 0; part < 50; part++)
            OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, pattern, 400));
        flush(call.channel);
        if (i % 8 == 7) {
            /* Gives the writer thread time. */
            sleep_ms(130);
            times += found_on_disk(&folder, pattern, sizeof pattern) + found_on_disk(&folder, coded, 400);
        }
    }
    before = times;
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    times += found_on_disk(&folder, pattern, sizeof pattern) + found_on_disk(&folder, coded, 400);
    if (options->key_bytes == 0)
        CHECK(before > 0);
    call_close(&call);
    folder_close(&folder, "a");
    return times;
}

TEST(no_plain_audio_is_on_the_disk_at_any_moment)
{
    int32_t formats[] = {EARWIG_RECORDER_FORMAT_S16BIT, EARWIG_RECORDER_FORMAT_ALAW};
    size_t i;
    for (i = 0; i < 2; i++) {
        earwig_recorder_options options = linear();
        options.file_format = formats[i];
        /* The control: without a key the search finds it. */
        CHECK(found_while_recording(&options) > 0);
        set_cipher(&options, 32);
        CHECK_INT(found_while_recording(&options), 0);
    }
}

static void set_veiled_cipher(earwig_recorder_options *options)
{
    write_key(options->key);
    memcpy(options->iv, iv, sizeof iv);
    options->key_bytes = 32;
    options->iv_bytes = 16;
}

static void wipe(earwig_recorder_options *options)
{
    wipe_bytes(options->key, 32);
}

TEST(a_key_from_text_is_nowhere_in_memory)
{
    earwig_recorder_options options;
    char text[128] = "cipher=";
    int i, spelling;

    if (!can_search_memory())
        return;
    for (spelling = 0; spelling < 2; spelling++) {
        char *at = text;
        options = linear();
        at += sprintf(at, spelling ? "{\"cipher\":\"" : "cipher=");
        at = write_key_digits(at);
        at += sprintf(at, ":");
        for (i = 0; i < 16; i++)
            at += sprintf(at, "%02x", iv[i]);
        sprintf(at, spelling ? "\"}" : "");
        CHECK(key_occurrences() > 0);
        OK(earwig_recorder_options_parse(text, &options, NULL, 0));
        CHECK_INT(options.key_bytes, 32);
        wipe(&options);
        wipe_bytes(text, sizeof text);
        CHECK_INT(key_occurrences(), 0);
    }
}

TEST(a_key_is_nowhere_in_memory_after_the_recording)
{
    struct call call;
    struct folder folder;
    earwig_recorder_options options;
    int appended;

    if (!can_search_memory())
        return;
    call = call_answered();
    folder = folder_make();
    for (appended = 0; appended < 2; appended++) {
        options = linear();
        options.append = appended;
        set_veiled_cipher(&options);
        /* The control: the search finds it during the recording. */
        CHECK(key_occurrences() > 0);
        start(call.channel, path_in(&folder, "a"), &options);
        wipe(&options);
        write_voice(call.channel, 3000);
        CHECK(key_occurrences() > 0);
        OK(earwig_recorder_stop(call.channel, LONG_MS));
        CHECK_INT(recorder_result(call.channel).cause, EARWIG_RECORDER_CAUSE_ABORTED);
        CHECK_INT(key_occurrences(), 0);
    }
    /* And after a recording that was refused. */
    options = linear();
    set_veiled_cipher(&options);
    CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "a"), &options), EARWIG_ERR_FILE);
    CHECK_INT(earwig_recorder_start(call.channel, path_in(&folder, "missing/a"), &options), EARWIG_ERR_FILE);
    wipe(&options);
    CHECK_INT(key_occurrences(), 0);
    call_close(&call);
    CHECK_INT(key_occurrences(), 0);
    folder_close(&folder, "a");
}
