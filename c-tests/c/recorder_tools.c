/* Helpers of the recorder's tests. */
#include "recorder.h"
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a folder ---- */

struct folder folder_make(void)
{
    struct folder folder;
    strcpy(folder.path, "/tmp/earwig-recorder-XXXXXX");
    if (!mkdtemp(folder.path)) {
        printf("no folder can be created in /tmp: no test can record\n");
        exit(1);
    }
    return folder;
}

const char *path_in(const struct folder *folder, const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder->path, name);
    return path;
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

const char *names(const struct folder *folder)
{
    static char text[4096];
    char *found[64];
    int count = 0, i;
    struct dirent *entry;
    DIR *directory = opendir(folder->path);

    text[0] = '\0';
    while (directory && count < 64 && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            found[count++] = strdup(entry->d_name);
    if (directory)
        closedir(directory);
    qsort(found, (size_t)count, sizeof *found, by_name);
    for (i = 0; i < count; i++) {
        if (strlen(text) + strlen(found[i]) + 2 < sizeof text) {
            if (i)
                strcat(text, " ");
            strcat(text, found[i]);
        }
        free(found[i]);
    }
    return text;
}

static void remove_all(const char *path)
{
    struct dirent *entry;
    DIR *directory = opendir(path);
    char inner[1024];

    while (directory && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            remove_all(inner);
    }
    if (directory)
        closedir(directory);
    rmdir(path);
}

void folder_close(struct folder *folder, const char *left)
{
    CHECK_TEXT(names(folder), left);
    remove_all(folder->path);
}

unsigned char *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long end;

    *size = 0;
    if (!file)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) >= 0) {
        rewind(file);
        bytes = malloc((size_t)end + 1);
        *size = fread(bytes, 1, (size_t)end, file);
    }
    fclose(file);
    return bytes;
}

void file_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    if (!file)
        return;
    CHECK(fwrite(bytes, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

int file_is(const char *path, const void *bytes, size_t size)
{
    size_t found;
    unsigned char *all = file_read(path, &found);
    int same = all && found == size && memcmp(all, bytes, size) == 0;
    free(all);
    return same;
}

int exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- WAV ---- */

static unsigned get(const unsigned char *at, int bytes)
{
    unsigned value = 0;
    while (bytes--)
        value = value << 8 | at[bytes];
    return value;
}

int16_t alaw_decode(unsigned char code)
{
    int exponent, value;
    code ^= 0x55;
    exponent = code >> 4 & 7;
    value = (code & 15) << 4 | 8;
    if (exponent)
        value = (value + 256) << (exponent - 1);
    return (int16_t)(code & 0x80 ? value : -value);
}

static int16_t ulaw_decode(unsigned char code)
{
    int value;
    code = (unsigned char)~code;
    value = (((code & 15) << 3 | 0x84) << (code >> 4 & 7)) - 0x84;
    return (int16_t)(code & 0x80 ? -value : value);
}

static void decode(struct wav *wav)
{
    size_t i, width = wav->bits == 16 ? 2 : 1, count = wav->bytes / width;

    if (wav->bits == 4)
        return;
    wav->samples = malloc(count * sizeof *wav->samples + 1);
    for (i = 0; i < count; i++) {
        const unsigned char *at = wav->data + i * width;
        wav->samples[i] = wav->format == 6   ? alaw_decode(*at)
                          : wav->format == 7 ? ulaw_decode(*at)
                          : wav->bits == 8   ? (int16_t)((*at - 128) * 256)
                                             : (int16_t)get(at, 2);
    }
}

struct wav wav_read(const char *path)
{
    struct wav wav;
    unsigned char *all, *chunk;
    size_t size, at, length;
    unsigned block = 0, fact = 0;
    int facts = 0, formats = 0, datas = 0;

    memset(&wav, 0, sizeof wav);
    all = file_read(path, &size);
    if (!all || size < 12 || memcmp(all, "RIFF", 4) != 0 || memcmp(all + 8, "WAVE", 4) != 0) {
        printf("%s: no WAV file\n", path);
        CHECK(!"a WAV file");
        free(all);
        return wav;
    }
    CHECK_INT(get(all + 4, 4), size - 8);
    CHECK_INT(size % 2, 0);
    for (at = 12; at + 8 <= size; at += 8 + length + length % 2) {
        chunk = all + at;
        length = get(chunk + 4, 4);
        CHECK(at + 8 + length + length % 2 <= size);
        if (at + 8 + length > size)
            break;
        if (memcmp(chunk, "fmt ", 4) == 0 && length >= 16) {
            formats++;
            wav.format = (int)get(chunk + 8, 2);
            wav.channels = (int)get(chunk + 10, 2);
            wav.rate = (int)get(chunk + 12, 4);
            wav.align = (int)get(chunk + 20, 2);
            wav.bits = (int)get(chunk + 22, 2);
            block = length >= 20 ? get(chunk + 26, 2) : 0;
            if (wav.format == 1)
                CHECK_INT(length, 16);
            else
                CHECK_INT(get(chunk + 24, 2), length - 18);
            if (wav.bits >= 8) {
                CHECK_INT(wav.align, wav.channels * wav.bits / 8);
                CHECK_INT(get(chunk + 16, 4), wav.rate * wav.align);
            }
        } else if (memcmp(chunk, "fact", 4) == 0 && length >= 4) {
            facts++;
            fact = get(chunk + 8, 4);
        } else if (memcmp(chunk, "data", 4) == 0) {
            datas++;
            CHECK_INT(formats, 1);
            if (length % 2)
                CHECK_INT(chunk[8 + length], 0);
            wav.bytes = length;
            wav.data = malloc(length + 1);
            memcpy(wav.data, chunk + 8, length);
        }
    }
    CHECK_INT(at, size);
    CHECK_INT(formats, 1);
    CHECK_INT(datas, 1);
    CHECK_INT(facts, wav.format == 1 ? 0 : 1);
    free(all);
    if (formats != 1 || datas != 1 || wav.align < 1 || wav.channels < 1)
        return wav;
    if (wav.bits >= 8) {
        CHECK_INT(wav.bytes % (size_t)wav.align, 0);
        wav.frames = (long long)(wav.bytes / (size_t)wav.align);
        if (facts)
            CHECK_INT(fact, wav.frames);
    } else if (wav.format == 0x11) {
        /* The last block may be shorter: for each channel a head of 4 bytes with one sample, and 4 bytes for every 8 more. */
        unsigned rest;
        CHECK_INT(block, (wav.align / wav.channels - 4) * 2 + 1);
        if (block == 0)
            return wav;
        wav.frames = fact;
        rest = fact % block;
        CHECK_INT(wav.bytes, fact / block * (unsigned)wav.align + (rest ? 4 + (rest + 6) / 8 * 4 : 0) * (unsigned)wav.channels);
    } else {
        wav.frames = fact;
        CHECK_INT((fact * (unsigned)wav.channels + 1) / 2, wav.bytes);
    }
    decode(&wav);
    return wav;
}

void wav_free(struct wav *wav)
{
    free(wav->data);
    free(wav->samples);
    memset(wav, 0, sizeof *wav);
}

void wav_is(const char *path, const int16_t *samples, size_t count)
{
    struct wav wav = wav_read(path);
    size_t i;

    CHECK_INT(wav.format, 1);
    CHECK_INT(wav.bits, 16);
    CHECK_INT(wav.channels, 1);
    CHECK_INT(wav.rate, SECOND);
    CHECK_INT(wav.frames, count);
    for (i = 0; wav.samples && i < count && i < (size_t)wav.frames && wav.samples[i] == samples[i]; i++)
        ;
    /* Index of the first sample that differs. */
    if (i < (size_t)wav.frames)
        CHECK_INT(i, count);
    wav_free(&wav);
}

/* ---- audio ---- */

static void sine_from(int16_t *samples, size_t count, double hz, double dbm0, size_t at)
{
    const double turn = 2 * 3.14159265358979323846 * hz / SECOND, amplitude = 32767 * pow(10, (dbm0 - 3.14) / 20);
    size_t i;
    for (i = 0; i < count; i++)
        samples[i] = (int16_t)lrint(amplitude * sin(turn * (double)(at + i)));
}

void sine(int16_t *samples, size_t count, double hz, double dbm0)
{
    sine_from(samples, count, hz, dbm0, 0);
}

void voice(int16_t *samples, size_t count, size_t at)
{
    sine_from(samples, count, 440, -10, at);
}

void noise(int16_t *samples, size_t count, uint32_t seed)
{
    size_t i;
    seed = seed * 2654435761u + 1;
    for (i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        samples[i] = (int16_t)((int)(seed >> 16) / 4 - 8192);
    }
}

static void write_frames(earwig_channel *channel, int32_t stream, const int16_t *samples, size_t count)
{
    size_t at, frame;
    for (at = 0; at < count; at += frame) {
        frame = count - at < 20 * MS ? count - at : 20 * MS;
        OK(earwig_channel_write(channel, stream, samples + at, frame));
        if ((at + frame) % (4 * SECOND) < frame)
            flush(channel);
    }
    flush(channel);
}

void write_rx(earwig_channel *channel, const int16_t *samples, size_t count)
{
    write_frames(channel, EARWIG_STREAM_RX, samples, count);
}

void write_tx(earwig_channel *channel, const int16_t *samples, size_t count)
{
    write_frames(channel, EARWIG_STREAM_TX, samples, count);
}

void write_voice(earwig_channel *channel, int ms)
{
    int16_t samples[SECOND];
    int part;
    for (; ms > 0; ms -= part) {
        part = ms < 1000 ? ms : 1000;
        voice(samples, (size_t)(part * MS), 50);
        write_rx(channel, samples, (size_t)(part * MS));
    }
}

void write_silence(earwig_channel *channel, int ms)
{
    static const int16_t zeros[SECOND];
    int part;
    for (; ms > 0; ms -= part) {
        part = ms < 1000 ? ms : 1000;
        write_rx(channel, zeros, (size_t)(part * MS));
    }
}

/* ---- recordings ---- */

earwig_recorder_options linear(void)
{
    earwig_recorder_options options;
    memset(&options, 0, sizeof options);
    OK(earwig_recorder_options_init(&options));
    options.file_format = EARWIG_RECORDER_FORMAT_S16BIT;
    return options;
}

void start(earwig_channel *channel, const char *path, const earwig_recorder_options *options)
{
    char text[256];
    earwig_status status = earwig_recorder_start(channel, path, options);
    CHECK_INT(status, EARWIG_OK);
    if (status == EARWIG_OK)
        return;
    OK(earwig_channel_get_error(channel, text, sizeof text));
    printf("%s: %s\n", path, text);
}

earwig_recorder_result recorder_result(earwig_channel *channel)
{
    earwig_recorder_result result;
    long long until = now_ms() + LONG_MS;
    earwig_status status;

    OK(earwig_recorder_result_init(&result));
    while ((status = earwig_recorder_get_result(channel, &result)) == EARWIG_ERR_AGAIN && now_ms() < until)
        sleep_ms(1);
    CHECK_INT(status, EARWIG_OK);
    return result;
}

void check_ended(earwig_channel *channel, int32_t cause, long long ms)
{
    earwig_recorder_result result = recorder_result(channel);
    CHECK_TEXT(earwig_recorder_cause_str(result.cause), earwig_recorder_cause_str(cause));
    CHECK_INT(result.duration_ms, ms);
    CHECK_INT(result.state, cause == EARWIG_RECORDER_CAUSE_ERROR ? EARWIG_RECORDER_STATE_ERROR : EARWIG_RECORDER_STATE_IDLE);
    CHECK_INT(state_of(channel), result.state);
    CHECK_INT(cause_of(channel), result.cause);
    CHECK_INT(audio_of(channel), result.audio_detected);
    CHECK(result.audio_detected == 0 || result.audio_detected == 1);
    CHECK(result.ended_ms >= result.started_ms);
    if (cause != EARWIG_RECORDER_CAUSE_ERROR)
        CHECK_TEXT(result.error, "");
}

int32_t state_of(earwig_channel *channel)
{
    int32_t state = -7;
    OK(earwig_recorder_get_state(channel, &state));
    return state;
}

int32_t cause_of(earwig_channel *channel)
{
    int32_t cause = -7;
    OK(earwig_recorder_get_cause(channel, &cause));
    return cause;
}

int32_t audio_of(earwig_channel *channel)
{
    int32_t audio = -7;
    OK(earwig_recorder_get_audio_detected(channel, &audio));
    return audio;
}

/* ---- other processes ---- */

void in_child(void (*what)(void *), void *user)
{
    int status = -1, before = test_failures();
    pid_t child;

    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        what(user);
        fflush(stdout);
        _exit(test_failures() > before ? 1 : 0);
    }
    if (child > 0 && waitpid(child, &status, 0) == child)
        CHECK_INT(status, 0);
}

int run_program(const char *const *arguments, const char *output)
{
    int status = -1;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        char *copy[32];
        int i, fd = open(output ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        for (i = 0; i < 31 && arguments[i]; i++)
            copy[i] = (char *)(uintptr_t)arguments[i];
        copy[i] = NULL;
        if (fd >= 0)
            dup2(fd, 1);
        execvp(copy[0], copy);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

const char *earwig_command(void)
{
    const char *command = getenv("EARWIG_COMMAND");
    return command ? command : "earwig";
}

/* ---- fixtures ---- */

struct fixture fixture_of(struct call call)
{
    static char file[512];
    struct fixture fixture;
    fixture.call = call;
    fixture.channel = call.channel;
    fixture.folder = folder_make();
    strcpy(file, path_in(&fixture.folder, "a.wav"));
    fixture.file = file;
    return fixture;
}

struct fixture fixture_answered(void)
{
    return fixture_of(call_answered());
}

void fixture_close(struct fixture *fixture)
{
    call_close(&fixture->call);
    folder_close(&fixture->folder, "a.wav");
}

void fixture_close_empty(struct fixture *fixture)
{
    call_close(&fixture->call);
    folder_close(&fixture->folder, "");
}
