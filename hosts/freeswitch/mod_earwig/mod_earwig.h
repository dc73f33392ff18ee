/*
 * What the files of mod_earwig share, in the order of the file plan.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * Each channel has one media bug, however many jobs run on it. Its callback copies and returns; the library decides. The library's
 * events arrive on its own threads, are queued for the event thread, and become variables and events there.
 */

#ifndef MOD_EARWIG_H
#define MOD_EARWIG_H

#include <switch.h>

#include "common/args.h"
#include "common/call_events.h"
#include "common/call_ids.h"
#include "common/job.h"
#include "common/job_list.h"
#include "common/settings.h"
#include "common/squelch_line.h"
#include "common/text.h"

/* The library's stall_ms: after this long without audio it adds a gap for all of that time. */
#define STALL_MS 500

/* ---- mod_earwig.c: loading and unloading ---- */

extern earwig_engine *module_engine;

/* Takes a reference that keeps the module loaded while work is pending. */
void module_ref(void);
void module_unref(void);

/* The same without waiting. -1 while the module is unloaded. */
int module_try_ref(void);

struct application {
	const char *name;
	const char *description;
	const char *syntax;
	switch_application_function_t function;
};

/* ---- media.c: the media bug ---- */

struct channel_state;

/* One direction of the audio. */
struct media_stream {
	uint32_t resampler_rate;	/* 0 without a resampler */
	switch_audio_resampler_t *resampler;
	switch_time_t next_due;		/* of TX */
};

/* RTP times of the frames that are read. */
struct rtp_clock {
	uint32_t ssrc;
	uint32_t timestamp;	/* of the last packet */
	int64_t packet_ms;	/* its length; 0 before the first */
	int64_t filled_ms;	/* fillers of the core and the library since then */
	int64_t ahead_ms;	/* fillers that exceed the gaps: the core still delivers the packets that it held up */
	switch_time_t last_packet;
	switch_time_t last_frame;	/* a packet or a filler */
	int64_t lost_ms;	/* a gap to write before the next frame */
};

/* -1 if the bug cannot be added. `bug_mutex` is held. */
int media_attach(struct channel_state *state);

/* Reads RTP's timestamp before the core decodes the frame for the bug. */
void media_note_rtp_time(struct channel_state *state, const switch_frame_t *frame);

/* Count the users of TX: the bug streams it while there is one. */
void media_tx_enable(struct channel_state *state);
void media_tx_disable(struct channel_state *state);

/* Mutes DTMF tones for the other leg, or lets them through again. */
void media_set_squelch(struct channel_state *state, int on);

/* When no frame can come any more. */
void media_free(struct channel_state *state);

/* ---- squelch.c: DTMF tones that the other leg must not hear ---- */

struct squelch {
	switch_mutex_t *mutex;
	int on;
	struct squelch_line line;
};

void squelch_init(struct squelch *squelch, switch_memory_pool_t *pool);
void squelch_set(struct squelch *squelch, int on);
int squelch_is_on(struct squelch *squelch);

/* Runs on a thread of the library. */
void squelch_on_digit(struct squelch *squelch, const earwig_event *event);
void squelch_frame(struct squelch *squelch, int16_t *samples, size_t count, uint32_t rate);

/* ---- channel_state.c: what a session's memory holds, from the first job until the session ends ---- */

struct channel_state {
	switch_core_session_t *session;
	switch_channel_t *channel;
	earwig_channel *call;
	struct call_context *context;
	switch_mutex_t *bug_mutex;	/* guards the bug's coming, going and flags */
	switch_media_bug_t *bug;	/* NULL while there is none */
	switch_mutex_t *media_mutex;	/* held while audio is moved to the library */
	uint32_t rate;	/* of the samples that the library gets */
	struct media_stream stream[2];
	struct rtp_clock clock;
	struct squelch squelch;
	int tx_users;
	int answered;
	int16_t interleaved[SWITCH_RECOMMENDED_BUFFER_SIZE];	/* both streams of a frame */
	int16_t samples[2][SWITCH_RECOMMENDED_BUFFER_SIZE / 2];	/* by stream */
};

/* Once, before any other of these functions. */
void channel_state_init(switch_memory_pool_t *pool);

/* Returns the channel's state, created and hooked up if there is none yet. NULL and an error text. */
struct channel_state *channel_state_attach(switch_core_session_t *session, const char **error);

/* The same with the options of earwig_listen. */
struct channel_state *channel_state_listen(switch_core_session_t *session, const char *options, const char **error);

/* NULL if there is none. */
struct channel_state *channel_state_find(switch_core_session_t *session);

/* Reports the answer to the library, once. */
void channel_state_answer(struct channel_state *state);

/* ---- listen.c: listening from a channel's start ---- */

/* Begins to watch for channels with media if a setting asks for it. */
void listen_open(void);
void listen_close(void);

/* ---- call_context.c: what outlives the session ---- */

/* Receives the library's events of a call. The library, the channel's state and running jobs share it. */
struct call_context {
	switch_memory_pool_t *pool;
	switch_mutex_t *mutex;
	int references;
	char uuid[SWITCH_UUID_FORMATTED_LENGTH + 1];
	switch_event_t *snapshot;	/* the channel's data, for events that come after it has gone */
	char *last_file;	/* of the last recording */
	struct job_list jobs;
	struct channel_state *state;	/* NULL once the session has ended */
};

struct call_context *call_context_create(switch_core_session_t *session);
struct call_context *call_context_ref(struct call_context *context);
void call_context_unref(struct call_context *context);

/* Registers the context for the call's events. */
earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call);

/* Forgets the channel's state, when the session ends. */
void call_context_detach(struct call_context *context);

/* Takes a snapshot of the channel's data. */
void call_context_snapshot(struct call_context *context, switch_channel_t *channel);

/* Waits until the last events of all jobs are sent. -1 after `ms`. */
int call_context_wait_jobs(struct call_context *context, int ms);

/* ---- jobs.c: jobs from their start to their last event ---- */

/* `text` is the variable for the digits ("" for none), or the recording's file; NULL for a detection. */
earwig_status job_start(struct channel_state *state, enum job job, const void *options, const char *text, int foreground);

/* How many runs of that job have started in the call. */
int jobs_started(struct call_context *context, enum job job);

/* ---- events.c: CUSTOM events ---- */

/* CUSTOM earwig::NAME with the channel's data, for more headers and event_send(). NULL without memory. */
switch_event_t *event_create(struct call_context *context, const char *name);

/* Sends the event, then runs the applications of execute_on_earwig_NAME and the commands of api_on_earwig_NAME. */
void event_send(struct call_context *context, const char *name, switch_event_t *event);

/* ---- event_thread.c: the thread that sends events, so that the library's threads never wait ---- */

int event_thread_start(switch_memory_pool_t *pool);
void event_thread_stop(void);

/* Runs the task after those queued before. */
void event_thread_push(void (*task)(void *data), void *data);

/* ---- app_session.c: one application while it runs on a channel ---- */

enum call_phase app_session_phase(switch_core_session_t *session);

/* Answers the channel unless early media is allowed, and creates its state. NULL and an error text. A call that has hung up has
 * only the state that it had; the library refuses jobs then. */
struct channel_state *app_session_open(switch_core_session_t *session, const char **error);

/* The same for a command, which never answers the channel. */
struct channel_state *app_session_open_for_command(switch_core_session_t *session, const char **error);

/* Reads the channel, which feeds the bug, until the job has a result; for at most `ms` unless that is negative. With `take_digits`
 * the signalled digits leave FreeSWITCH's queue, so that no later application gets them again. */
enum wait_result app_session_wait(struct channel_state *state, enum job job, void *result, int64_t ms, int take_digits);

/* The same for a channel that must not be read, or not on this thread. -1 after `ms`. */
int app_session_wait_without_reading(struct channel_state *state, enum job job, void *result, int64_t ms);

const char *app_session_error(struct channel_state *state, earwig_status status, char *text, size_t size);

/* Cuts off the first word, up to a comma or blank, or in single quotes; `rest` is what follows. Neither is ever NULL. */
char *next_word(char **rest);

/* ---- control.c: what the API command asks of a channel ---- */

/* Each returns -1 and an error text. `data` follows the job's name in the command. */
int control_start(switch_core_session_t *session, const char *name, const char *data, char *error, size_t size);
int control_stop(struct channel_state *state, const char *name, char *error, size_t size);
int control_apply(struct channel_state *state, const char *action, char *error, size_t size);

/* ---- api.c: the API command `earwig` ---- */

switch_status_t earwig_api(const char *cmd, switch_core_session_t *session, switch_stream_handle_t *stream);
extern const char earwig_api_syntax[];

/* Adds the command to the console's completions, or removes it. */
void api_set_completion(int on);

/* ---- config.c: earwig.conf.xml ---- */

/* Once, before any other of these functions. */
void config_open(switch_memory_pool_t *pool);

/* Reads the file; without one the defaults hold. -1 if it is invalid, which is logged; the old settings stay then. */
int config_read(void);
void config_free(void);

/* A copy of the current settings, without their texts. */
struct settings config_get(void);

/* An engine by the settings. */
earwig_status config_create_engine(earwig_engine **engine);

/* Whether the setting `listen` names any channels, and that one. */
int config_has_listen(void);
int config_listen_to(const char *channel);

/* Fills in the library's defaults, then the settings' options. -1 and an error text. */
int config_options(enum job job, void *options, char *error, size_t size);

/* ---- fields.c: the library's names in FreeSWITCH's spelling ---- */

/* Callbacks for the library. `channel` is the channel. */
void set_variable(void *channel, const char *name, const char *value);

/* For a job in the background: leaves the cause and the error of the last application alone. */
void set_variable_background(void *channel, const char *name, const char *value);

/* `event` is a switch_event_t. */
void add_header(void *event, const char *name, const char *value);

void log_error(switch_core_session_t *session, const char *app, const char *error);

/* ---- call_ids.c: ids for webhooks ---- */

/* -1 and an error text. */
int set_call_ids(struct channel_state *state, char *error, size_t size);

/* ---- apps/: the applications ---- */

/* The last has no name. */
extern const struct application dtmf_applications[];
extern const struct application recorder_applications[];
extern const struct application machine_applications[];

/* Sets earwig_digits and the variable, if there is one. */
void set_digits_variables(switch_channel_t *channel, const char *variable, const char *digits);

/* Where and how to record. */
struct record_args {
	char file[1024];
	earwig_recorder_options options;
};

/* What to collect, and the variable for it; "" for none. */
struct dtmf_args {
	char variable[128];
	earwig_dtmf_options options;
};

/* Each reads options over those of the settings. Their text may name the variable, or the file. -1 and an error text. */
int record_args_parse(struct record_args *args, switch_core_session_t *session, const char *data, char *error, size_t size);
int machine_args_parse(earwig_machine_options *options, switch_core_session_t *session, const char *data, char *error, size_t size);

/* Parses "[variable[,count]][,options]". */
int dtmf_args_parse(struct dtmf_args *args, switch_core_session_t *session, const char *data, char *error, size_t size);

#endif
