/* Encrypted recordings: what openssl reads of them, and what nobody else does. */
#include "recorder.h"
#include "wipe.h"
#include <dirent.h>
#include <fcntl.h>
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

/* What openssl makes of it, in a file beside it; its exit code. */
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
    CHECK_INT(ended(call.channel).cause, EARWIG_RECORDER_CAUSE_ABORTED);
    CHECK_INT(ended(call.channel).ended_ms - ended(call.channel).started_ms, (long long)count / MS);
    call_close(&call);
}

/* Encrypted and plain, the same audio. */
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
    record(in(&folder, "plain"), &plain, samples, count);
    record(in(&folder, "secret"), &secret, samples, count);
    CHECK_INT(decrypt(in(&folder, "secret"), in(&folder, "decrypted"), key_bytes), 0);
    CHECK(same_files(in(&folder, "plain"), in(&folder, "decrypted")));
    /* Padded by 1 to 16 bytes, and by nothing else. */
    bytes = file_read(in(&folder, "plain"), &size);
    free(bytes);
    CHECK(stat(in(&folder, "secret"), &about) == 0);
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
    /* Of 44 bytes of header and so many samples: at, before and after a block's edge. */
    for (i = 1; i <= 16; i += 3)
        encrypted(EARWIG_RECORDER_FORMAT_S16BIT, 16, i);
}

TEST(an_encrypted_recording_of_any_ending_can_be_read)
{
    /* A second of voice, and more of silence; NONE is the last reference's. */
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
        start(call.channel, in(&folder, "secret"), &options);
        write_rx(call.channel, samples, 3 * SECOND);
        if (endings[i].cause == EARWIG_RECORDER_CAUSE_HANGUP)
            OK(earwig_channel_hangup(call.channel));
        if (endings[i].cause != EARWIG_RECORDER_CAUSE_NONE)
            check_ended(call.channel, endings[i].cause, (long long)endings[i].samples / MS);
        call_close(&call);
        CHECK_INT(decrypt(in(&folder, "secret"), in(&folder, "decrypted"), 32), 0);
        wav_is(in(&folder, "decrypted"), samples, endings[i].samples);
        folder_close(&folder, "decrypted secret");
    }
}

TEST(an_encrypted_recording_is_appended_to)
{
    struct folder folder = folder_make();
    earwig_recorder_options options = linear();
    static int16_t samples[SECOND];

    noise(samples, SECOND, 50);
    set_cipher(&options, 24);
    options.append = 1;
    record(in(&folder, "secret"), &options, samples, SECOND / 4);
    record(in(&folder, "secret"), &options, samples + SECOND / 4, SECOND / 4);
    record(in(&folder, "secret"), &options, samples + SECOND / 2, SECOND / 2);
    CHECK_INT(decrypt(in(&folder, "secret"), in(&folder, "decrypted"), 24), 0);
    wav_is(in(&folder, "decrypted"), samples, SECOND);
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
    record(in(&folder, "secret"), &options, samples, SECOND);
    before = file_read(in(&folder, "secret"), &size);
    options.append = 1;
    options.key[31] ^= 1;
    CHECK_INT(earwig_recorder_start(call.channel, in(&folder, "secret"), &options), EARWIG_ERR_FILE);
    options.key_bytes = options.iv_bytes = 0;
    CHECK_INT(earwig_recorder_start(call.channel, in(&folder, "secret"), &options), EARWIG_ERR_FILE);
    CHECK(before && file_is(in(&folder, "secret"), before, size));
    free(before);
    call_close(&call);
    folder_close(&folder, "secret");
}

/* ---- what is to be found nowhere ---- */

/* How often any 16 bytes of `pattern`, from a few of its places, are in `bytes`. */
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

/* In every file of the folder, and every one that this process has open and that has no name any more. */
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
            /* What is a name in the folder is one file, and it is seen there. */
            if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && (i == 0 || about.st_nlink == 0))
                times += found_in_file(path, pattern, length);
        }
        if (directory)
            closedir(directory);
    }
    return times;
}

/* Records a pattern again and again, and looks for it in all that is written, meanwhile and after. */
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
    /* How A-law has it is seen by recording it. */
    alaw.file_format = EARWIG_RECORDER_FORMAT_ALAW;
    alaw.key_bytes = alaw.iv_bytes = 0;
    start(call.channel, in(&folder, "alaw"), &alaw);
    write_rx(call.channel, pattern, 400);
    OK(earwig_recorder_stop(call.channel, LONG_MS));
    wav = wav_read(in(&folder, "alaw"));
    CHECK_INT(wav.bytes, 400);
    memcpy(coded, wav.data, wav.bytes < 400 ? wav.bytes : 400);
    wav_free(&wav);
    CHECK(found_on_disk(&folder, coded, 400) > 0);
    CHECK(unlink(in(&folder, "alaw")) == 0);

    start(call.channel, in(&folder, "a"), options);
    for (i = 0; i < 24; i++) {
        int part;
        for (part = 0; part < 50; part++)
            OK(earwig_channel_write(call.channel, EARWIG_STREAM_RX, pattern, 400));
        flush(call.channel);
        if (i % 8 == 7) {
            /* The disk's thread is given time. */
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
        /* The control: without a key it is seen. */
        CHECK(found_while_recording(&options) > 0);
        set_cipher(&options, 32);
        CHECK_INT(found_while_recording(&options), 0);
    }
}

static void set_veiled_cipher(earwig_recorder_options *options)
{
    write_secret(options->key);
    memcpy(options->iv, iv, sizeof iv);
    options->key_bytes = 32;
    options->iv_bytes = 16;
}

static void wipe(earwig_recorder_options *options)
{
    wipe_bytes(options->key, 32);
}

TEST(a_key_that_came_as_text_is_nowhere_in_memory_either)
{
    earwig_recorder_options options;
    char text[128] = "cipher=";
    int i, spelling;

    if (!memory_is_clear())
        return;
    for (spelling = 0; spelling < 2; spelling++) {
        char *at = text;
        options = linear();
        at += sprintf(at, spelling ? "{\"cipher\":\"" : "cipher=");
        at = write_secret_digits(at);
        at += sprintf(at, ":");
        for (i = 0; i < 16; i++)
            at += sprintf(at, "%02x", iv[i]);
        sprintf(at, spelling ? "\"}" : "");
        CHECK(found_in_memory() > 0);
        OK(earwig_recorder_options_parse(text, &options, NULL, 0));
        CHECK_INT(options.key_bytes, 32);
        wipe(&options);
        wipe_bytes(text, sizeof text);
        CHECK_INT(found_in_memory(), 0);
    }
}

TEST(the_key_is_nowhere_in_memory_once_the_recording_has_ended)
{
    struct call call;
    struct folder folder;
    earwig_recorder_options options;
    int appended;

    if (!memory_is_clear())
        return;
    call = call_answered();
    folder = folder_make();
    for (appended = 0; appended < 2; appended++) {
        options = linear();
        options.append = appended;
        set_veiled_cipher(&options);
        /* The control: it is found in here. */
        CHECK(found_in_memory() > 0);
        start(call.channel, in(&folder, "a"), &options);
        wipe(&options);
        write_voice(call.channel, 3000);
        CHECK(found_in_memory() > 0);
        OK(earwig_recorder_stop(call.channel, LONG_MS));
        CHECK_INT(ended(call.channel).cause, EARWIG_RECORDER_CAUSE_ABORTED);
        CHECK_INT(found_in_memory(), 0);
    }
    /* Nor after one that was refused. */
    options = linear();
    set_veiled_cipher(&options);
    CHECK_INT(earwig_recorder_start(call.channel, in(&folder, "a"), &options), EARWIG_ERR_FILE);
    CHECK_INT(earwig_recorder_start(call.channel, in(&folder, "missing/a"), &options), EARWIG_ERR_FILE);
    wipe(&options);
    CHECK_INT(found_in_memory(), 0);
    call_close(&call);
    CHECK_INT(found_in_memory(), 0);
    folder_close(&folder, "a");
}
