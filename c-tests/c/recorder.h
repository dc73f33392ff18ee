/* Helpers of the recorder's tests: a temporary folder, audio, and a strict WAV reader. */
#ifndef RECORDER_H
#define RECORDER_H

#include "test.h"

enum { SECOND = 8000, MS = SECOND / 1000 };

/* ---- a folder ---- */

struct folder {
    char path[64];
};

struct folder folder_make(void);
/* Path of a file in it; static text, valid for eight calls. */
const char *path_in(const struct folder *folder, const char *name);
/* Names of its files, sorted, separated by spaces; static text. */
const char *names(const struct folder *folder);
/* Checks that these are the names of all its files, and removes it with them. */
void folder_close(struct folder *folder, const char *left);

/* Content of a file, which the caller frees; NULL if it cannot be read. */
unsigned char *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *bytes, size_t size);
int file_is(const char *path, const void *bytes, size_t size);
int exists(const char *path);

/* ---- WAV ---- */

struct wav {
    int format, channels, rate, align, bits;
    /* Samples of each channel. */
    long long frames;
    size_t bytes;
    unsigned char *data;
    /* Interleaved; NULL for ADPCM. */
    int16_t *samples;
};

/* Reads a file, and checks that all its sizes are right and that no other chunks precede or follow. */
struct wav wav_read(const char *path);
void wav_free(struct wav *wav);
/* Checks that a file is linear, mono, at 8 kHz, with these samples. */
void wav_is(const char *path, const int16_t *samples, size_t count);
int16_t alaw_decode(unsigned char code);

/* ---- audio ---- */

/* 440 Hz at -10 dBm0, from sample `at` of the tone. From 50 on, 100 ms of it begin and end with a loud sample. */
void voice(int16_t *samples, size_t count, size_t at);
void sine(int16_t *samples, size_t count, double hz, double dbm0);
/* Loud noise that does not repeat. */
void noise(int16_t *samples, size_t count, uint32_t seed);

/* Writes frames of 20 ms, and flushes every 4 s so that no ring overruns. */
void write_rx(earwig_channel *channel, const int16_t *samples, size_t count);
void write_tx(earwig_channel *channel, const int16_t *samples, size_t count);
void write_voice(earwig_channel *channel, int ms);
void write_silence(earwig_channel *channel, int ms);

/* ---- recordings ---- */

/* The defaults with linear samples, which can be compared. */
earwig_recorder_options linear(void);
void start(earwig_channel *channel, const char *path, const earwig_recorder_options *options);
/* Waits for the end of the recording, also after a hang-up, and returns its result. */
earwig_recorder_result recorder_result(earwig_channel *channel);
/* Waits for the end of the recording and checks its cause and its length. */
void check_ended(earwig_channel *channel, int32_t cause, long long ms);
int32_t state_of(earwig_channel *channel);
int32_t cause_of(earwig_channel *channel);
int32_t audio_of(earwig_channel *channel);

/* ---- a slow disk ---- */

/* Each write and each sync takes this time more. */
void slow_disk(int ms);
/* Writes and syncs so far. */
int disk_calls(void);

/* ---- other processes ---- */

/* Runs `what` in a child process, for changes to a process that cannot be undone. Failed checks of the child fail the test. */
void in_child(void (*what)(void *), void *user);
/* Runs a program, with its output in the file `output` (NULL: discarded). Returns its exit code. */
int run_program(const char *const *arguments, const char *output);
/* The `earwig` command that was built along with the library. */
const char *earwig_command(void);

/* A call, a temporary folder and the path of a file in it. */
struct fixture {
    struct call call;
    earwig_channel *channel;
    struct folder folder;
    const char *file;
};

struct fixture fixture_of(struct call call);
struct fixture fixture_answered(void);
/* Closes it and checks that the folder has that file alone. */
void fixture_close(struct fixture *fixture);
/* Closes it and checks that the folder is empty. */
void fixture_close_empty(struct fixture *fixture);

#endif
