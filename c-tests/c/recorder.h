/* What the recorder's tests need: a folder of their own, audio to record, and a strict reader of what was written. */
#ifndef RECORDER_H
#define RECORDER_H

#include "test.h"

enum { SECOND = 8000, MS = SECOND / 1000 };

/* ---- a folder ---- */

struct folder {
    char path[64];
};

struct folder folder_make(void);
/* A path in it; static text, good for eight calls. */
const char *in(const struct folder *folder, const char *name);
/* The names in it, sorted, with a space between; static text. */
const char *names(const struct folder *folder);
/* Removes it and all that is in it, but checks that these names were all. */
void folder_close(struct folder *folder, const char *left);

/* All of a file, which the caller frees; NULL if it cannot be read. */
unsigned char *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *bytes, size_t size);
int file_is(const char *path, const void *bytes, size_t size);
int exists(const char *path);

/* ---- WAV ---- */

struct wav {
    int format, channels, rate, align, bits;
    /* Of each channel. */
    long long frames;
    size_t bytes;
    unsigned char *data;
    /* Interleaved; NULL for ADPCM. */
    int16_t *samples;
};

/* Checks that all its sizes are right, and that nothing precedes or follows. */
struct wav wav_read(const char *path);
void wav_free(struct wav *wav);
/* Checks that a file is linear, mono, at 8 kHz, with these samples. */
void wav_is(const char *path, const int16_t *samples, size_t count);
int16_t alaw_decode(unsigned char code);

/* ---- audio ---- */

/* 440 Hz, loud enough to be speech, going on from sample `at` of it. From 50 on, 100 ms of it begin and end with a loud sample. */
void voice(int16_t *samples, size_t count, size_t at);
void sine(int16_t *samples, size_t count, double hz, double dbm0);
/* Loud noise, of which no two stretches are alike. */
void noise(int16_t *samples, size_t count, uint32_t seed);

/* Writes in frames of 20 ms, and waits for the worker so that no ring runs full. */
void write_rx(earwig_channel *channel, const int16_t *samples, size_t count);
void write_tx(earwig_channel *channel, const int16_t *samples, size_t count);
void write_voice(earwig_channel *channel, int ms);
void write_silence(earwig_channel *channel, int ms);

/* ---- recordings ---- */

/* The defaults, but linear, so that what is recorded can be compared. */
earwig_recorder_options linear(void);
void start(earwig_channel *channel, const char *path, const earwig_recorder_options *options);
/* Waits for the end, also after a hang-up. */
earwig_recorder_result ended(earwig_channel *channel);
/* Checks that it ended like that, with so much audio. */
void check_ended(earwig_channel *channel, int32_t cause, long long ms);
int32_t state_of(earwig_channel *channel);
int32_t cause_of(earwig_channel *channel);
int32_t audio_of(earwig_channel *channel);

/* ---- other processes ---- */

/* Runs `what` in a child of its own, for what would change this process for good; its failed checks are this test's. */
void in_child(void (*what)(void *), void *user);
/* Runs a program to its end, with the output of `output` (or nowhere); what it exits with. */
int run_program(const char *const *arguments, const char *output);
/* The `earwig` command that was built along with the library. */
const char *earwig_command(void);

/* A call, a folder and a file in it, which most tests begin with. */
struct scene {
    struct call call;
    earwig_channel *channel;
    struct folder folder;
    const char *file;
};

struct scene scene_of(struct call call);
struct scene scene_answered(void);
/* All that there is in the end is that one file. */
void scene_close(struct scene *scene);
/* As above, for a job that should have left nothing. */
void scene_close_empty(struct scene *scene);

#endif
