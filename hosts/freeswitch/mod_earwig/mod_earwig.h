/*
 * What the files of mod_earwig share.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * One media bug per channel, whatever runs on it. Its callback copies and returns; all decisions are the library's. What the
 * library tells comes in on its own threads, goes to the event_thread, and becomes variables and events there.
 */

#ifndef MOD_EARWIG_H
#define MOD_EARWIG_H

#include <switch.h>

#include "earwig.h"

/* How long is waited for a disk, once nothing more is to be recorded. */
#define FILE_TIMEOUT_MS 5000

/* When nothing has come for so long, the library makes a gap of all of that. */
#define STALL_MS 500

/* What the library can do for a call; of each one at a time. */
enum job {
	JOB_DTMF,
	JOB_RECORDER,
	JOB_MACHINE,
	JOBS,
};

struct job_run;

/* What the library tells of a call comes in here. It outlives the session: a recording may end after it. */
struct call_context {
	switch_memory_pool_t *pool;
	switch_mutex_t *mutex;
	int references;
	char uuid[SWITCH_UUID_FORMATTED_LENGTH + 1];
	switch_event_t *seen;	/* the channel's data, for events that come after it */
	char *file;	/* of the last recording */
	struct job_run *first[JOBS];	/* those that run, oldest first */
	int begun[JOBS];	/* how many have begun */
	int open;	/* that are not on_event to their end yet */
	struct channel_state *state;	/* NULL once the session is no more */
};

/* One direction of the audio on its way to the library. */
struct flow {
	uint32_t rate;	/* what the resampler was made for; 0 without one */
	switch_audio_resampler_t *resampler;
	switch_time_t due;	/* when the next frame of TX is due */
};

/* What RTP says of the time of what is read. */
struct clock {
	uint32_t source;
	uint32_t stamp;	/* of the last packet */
	int64_t packet_ms;	/* how long that was; 0 before the first */
	int64_t filled_ms;	/* what the core or the library has put in since */
	int64_t ahead_ms;	/* by how much that was more than was missing: what is held up in the core comes all the same */
	switch_time_t heard;	/* when the last packet came */
	switch_time_t seen;	/* when the last frame was read, a filler or not */
	int64_t lost_ms;	/* what it has not: to be on_event before the next frame */
};

/* What was said, on its late way to the other leg. Times are samples since it began. */
struct squelch {
	switch_mutex_t *mutex;
	int on;
	uint32_t rate;
	int64_t came;
	int64_t from, until;	/* what is silence */
	int16_t line[4096];
};

/* What is kept for a channel, in its session's memory, from the first job on it until the session is no more. */
struct channel_state {
	switch_core_session_t *session;
	switch_channel_t *channel;
	earwig_channel *call;
	struct call_context *context;
	switch_mutex_t *mutex;	/* over the bug's coming and its flags */
	switch_media_bug_t *bug;	/* NULL while there is none */
	switch_mutex_t *media;	/* who has it moves the audio */
	uint32_t rate;	/* what the library was promised */
	struct flow flow[2];	/* by stream */
	struct clock clock;
	struct squelch squelch;
	int tx_jobs;	/* jobs that want to hear what is played */
	int answered;
	int16_t both[SWITCH_RECOMMENDED_BUFFER_SIZE];
	int16_t one[2][SWITCH_RECOMMENDED_BUFFER_SIZE / 2];
};

struct application {
	const char *name;
	const char *description;
	const char *syntax;
	switch_application_function_t function;
};

/* ---- mod_earwig.c ---- */

extern earwig_engine *module_engine;

/* The module is not unloaded while there is something that it would be missed by. */
void module_ref(void);
void module_unref(void);

/* ---- config.c ---- */

struct config {
	int workers;
	int early_media;
	int digit_events;
	int squelch_dtmf;
	earwig_dtmf_limits limits;
	char *options[JOBS];	/* what each job has before its own options; NULL for nothing */
};

/* Once, before anything else of it. */
void config_open(switch_memory_pool_t *pool);

/* Reads earwig.conf.xml; without one the defaults stand. -1 if it is wrong, which is logged; then all is as it was. */
int config_read(void);
void config_free(void);

/* A copy of the options' text in the pool; "" for nothing. */
const char *config_options(enum job job, switch_memory_pool_t *pool);
struct config config_now(void);

/* ---- tap.c: the media bug ---- */

/* 0, or -1 if the channel takes none. `state->mutex` is held. */
int media_attach(struct channel_state *state);

/* Before the bug sees the frame, which may have been decoded by then: what RTP says of it. */
void media_note_rtp_time(struct channel_state *state, const switch_frame_t *frame);

/* What is played is to be heard too, from now on; `off` ends what one `on` has begun. */
void media_tx_enable(struct channel_state *state);
void media_tx_disable(struct channel_state *state);

/* Once no frame comes any more. */
void media_free(struct channel_state *state);

/* DTMF tones are silence for the other leg, or not any more. */
void media_set_squelch(struct channel_state *state, int on);

/* ---- squelch.c ---- */

void squelch_init(struct channel_state *state, switch_memory_pool_t *pool);
void squelch_set(struct channel_state *state, int on);
int squelch_is_on(struct channel_state *state);

/* A digit, or its end, was on_event of. */
void squelch_on_digit(struct channel_state *state, const earwig_event *event);

/* What goes on in place of these samples. */
void squelch_frame(struct channel_state *state, int16_t *samples, size_t count, uint32_t rate);

/* ---- state.c ---- */

/* The channel's state; it is made and hooked up if there is none yet. NULL and what is wrong. */
struct channel_state *channel_state_attach(switch_core_session_t *session, const char **error);

/* Once, before the first. */
void channel_state_init(switch_memory_pool_t *pool);

/* Reads "squelch_dtmf=true" or nothing, and sees to it. -1 and what is wrong. */
int listen_options_apply(struct channel_state *state, const char *text, const char **error);

/* NULL if the channel has none. */
struct channel_state *channel_state_find(switch_core_session_t *session);

/* The first time, it tells the library. */
void channel_state_answer(struct channel_state *state);

/* ---- context.c ---- */

struct call_context *call_context_create(switch_core_session_t *session);
struct call_context *call_context_ref(struct call_context *context);
void call_context_unref(struct call_context *context);

/* From now on the library tells it of the call. */
earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call);

/* The session is no more. */
void call_context_detach(struct call_context *context);

/* Keeps the channel's data as they are now. */
void call_context_snapshot(struct call_context *context, switch_channel_t *channel);

/* Waits until all jobs are on_event to their end. -1 if they are not in time. */
int call_context_wait_jobs(struct call_context *context, int ms);

/* ---- job.c ---- */

struct start {
	enum job job;
	const void *options;	/* of the library's */
	int foreground;	/* by an application, which sets the variables then */
	const char *text;	/* the variable for the digits; the recording's file; NULL */
};

earwig_status job_start(struct channel_state *state, const struct start *start);

/* On a thread of the library's. */
void job_ended(struct call_context *context, earwig_channel *call, const earwig_event *event);

/* ---- event_thread.c: a thread that may wait where the library's must not ---- */

int event_thread_start(switch_memory_pool_t *pool);
void event_thread_stop(void);

/* Runs the task on the event_thread's thread, after those that were given before. */
void event_thread_push(void (*task)(void *data), void *data);

/* ---- names.c: for the library to run_tasks names and values ---- */

/* To the channel's variables. */
void set_variable(void *channel, const char *name, const char *value);

/* The same for a job in the background, which leaves the cause and the error of the application before as they are. */
void set_variable_background(void *channel, const char *name, const char *value);

/* To the event's headers. */
void add_header(void *event, const char *name, const char *value);

/* ---- event.c ---- */

/* CUSTOM earwig::NAME with the channel's data, which is to be filled in and sent. NULL if there is no memory. */
switch_event_t *event_create(struct call_context *context, const char *name);

/* Sends it, and does what execute_on_earwig_NAME and api_on_earwig_NAME say. */
void event_send(struct call_context *context, const char *name, switch_event_t *event);

/* On a thread of the library's: tells of it once the event_thread comes by. */
void event_progress(struct call_context *context, const earwig_event *event);

/* ---- visit.c: an application and its channel, while it runs ---- */

/* Answers the channel, unless early media will do, and listens to it. NULL and what is wrong. */
struct channel_state *app_session_open(switch_core_session_t *session, const char **error);

/* The same for a command, which does not answer it. */
struct channel_state *app_session_open_unanswered(switch_core_session_t *session, const char **error);

enum wait_result {
	WAIT_ENDED,
	WAIT_TIMEOUT,
	WAIT_HANGUP,
	WAIT_TRANSFERRED,	/* the call is taken elsewhere */
};

typedef earwig_status (*result_fn)(earwig_channel *call, void *result);

/* Reads the channel, which feeds the bug, until `get_result` has one; `ms` at the most, if it is not negative. */
enum wait_result app_session_wait(struct channel_state *state, result_fn get_result, void *result, int64_t ms, int take_digits);

/* The same for a channel that is not to be read, or not here. 0, or -1 if none is there in time. */
int app_session_wait_unread(struct channel_state *state, result_fn get_result, void *result, int64_t ms);

/* Why the library refused: its own words, for which `text` is, or what `status` means. */
const char *call_error(struct channel_state *state, earwig_status status, char *text, size_t size);

/* Seconds, with a fraction; "None" is no limit: -1. -2 if it is neither. */
int64_t seconds_to_ms(const char *text);

/* Cuts the first word off, at a comma or blank, or in single quotes; the rest follows. Both are never NULL. */
char *next_word(char **rest);

/* ---- args.c ---- */

/* What is to be recorded. */
struct record_args {
	char file[1024];
	earwig_recorder_options options;
};

/* -1 and what is wrong. */
int record_args_parse(struct record_args *args, switch_core_session_t *session, const char *data, char *error, size_t size);

/* ---- digits.c, recorder.c, machine.c ---- */

/* The last has no name. */
extern const struct application dtmf_applications[];
extern const struct application recorder_applications[];
extern const struct application machine_applications[];

/* Reads "[variable[,count]][,options]". -1 and what is wrong. `variable` is NULL if none is named. */
int dtmf_args_parse(earwig_dtmf_options *options, const char **variable, switch_core_session_t *session, const char *data,
	char *error, size_t size);

/* earwig_digits, and the variable that was named. */
void set_digits_variables(switch_channel_t *channel, const char *variable, const char *digits);

/* -1 and what is wrong. */
int machine_args_parse(earwig_machine_options *options, switch_core_session_t *session, const char *data, char *error, size_t size);

/* Nothing was begun: sets the variables and sends the events that say so. */
void dtmf_report_failure(switch_core_session_t *session, const char *variable, const char *error);
void recorder_report_failure(switch_core_session_t *session, const char *file, const char *error);
void machine_report_failure(switch_core_session_t *session, const char *error);

/* What is set while one runs behind. */
void recorder_set_running(struct channel_state *state);

/* ---- ids.c ---- */

/* What webhooks call the call. -1 and what is wrong. */
int call_ids_set(struct channel_state *state, char *error, size_t size);

/* ---- api.c ---- */

switch_status_t earwig_api(const char *cmd, switch_core_session_t *session, switch_stream_handle_t *stream);
extern const char earwig_api_syntax[];
void api_complete(int add);

#endif
