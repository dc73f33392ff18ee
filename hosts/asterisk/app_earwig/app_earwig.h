/*
 * What the files of app_earwig share, in the order of the file plan.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 *
 * Each channel has one audiohook, however many jobs run on it. It sees the audio of both directions and the DTMF frames, and changes
 * nothing but squelched digits. Its callback copies and returns; the library decides.
 */

#ifndef APP_EARWIG_H
#define APP_EARWIG_H

#include "asterisk.h"

#include "asterisk/audiohook.h"
#include "asterisk/channel.h"

#include "common/args.h"
#include "common/call_events.h"
#include "common/call_ids.h"
#include "common/job.h"
#include "common/job_list.h"
#include "common/settings.h"
#include "common/squelch_line.h"
#include "common/text.h"

/* ---- app_earwig.c: loading and unloading ---- */

extern earwig_engine *module_engine;

struct application {
	const char *name;
	int (*exec)(struct ast_channel *chan, const char *data);
};

/* ---- media.c: the audiohook ---- */

struct channel_state;

/* Times of a stream's frames. */
struct frame_clock {
	long next_rtp_ms;	/* RTP time of the next frame; -1 without RTP timing */
	struct timeval next_due;
};

void media_init(struct channel_state *state);
void media_free(struct channel_state *state);
int media_is_attached(struct channel_state *state);

/* The channel is locked. */
void media_detach(struct channel_state *state, struct ast_channel *chan);

/* Both channels are locked. */
void media_move(struct ast_channel *from, struct ast_channel *to);

/* Passes a signalled digit, which the audiohook does not see, to the library. The channel is locked. */
void media_signalled_digit(struct channel_state *state, const struct ast_frame *frame);

/* Starts the clock of TX: silence from now until the first frame that is played is a gap. */
void media_expect_tx(struct channel_state *state);

/* ---- squelch.c: digits that others must not hear ---- */

struct squelch;

/* An ao2 object, switched off. */
struct squelch *squelch_alloc(void);

/* The channel is locked. */
void squelch_set(struct squelch *squelch, struct ast_channel *chan, int on);

/* Runs on a thread of the library. */
void squelch_on_digit(struct squelch *squelch, const earwig_event *event);

/* Replaces the frame's audio. -1 if the frame stays as it was. */
int squelch_frame(struct squelch *squelch, struct ast_frame *frame);

/* ---- channel_state.c: what a channel's datastore holds ---- */

struct channel_state {
	struct ast_audiohook hook;	/* the first member: callbacks cast it */
	earwig_channel *call;
	struct call_context *context;
	struct frame_clock clock[2];	/* by stream */
	struct ast_format *format;	/* of the samples that the library gets */
	struct ast_trans_pvt *resampler[2];	/* for frames of another rate, by stream */
	struct ast_format *resampled[2];
	int answered;
};

/* Returns the channel's state, created and hooked up if there is none yet. NULL after an error, which is logged. */
struct channel_state *channel_state_attach(struct ast_channel *chan);

/* The same with the options of EarwigListen. -1 and an error text. */
int channel_state_listen(struct ast_channel *chan, const char *options, char *error, size_t size);

/* NULL if there is none. The channel is locked. */
struct channel_state *channel_state_find(struct ast_channel *chan);

/* Reports the answer to the library, once. */
void channel_state_answer(struct channel_state *state);

/* ---- listen.c: listening from a channel's start ---- */

/* Begins to watch for new channels if a setting asks for it. -1 after an error. */
int listen_open(void);
void listen_close(void);

/* ---- call_context.c: what outlives the channel ---- */

/* Receives the library's events of a call. An ao2 object, which the library, the channel's state and running jobs share. */
struct call_context {
	int alert_pipe[2];	/* readable when a job has ended */
	char *last_file;	/* of the last recording */
	struct squelch *squelch;
	struct ast_channel_snapshot *snapshot;	/* the channel, for events that come after it has gone */
	struct job_list jobs;
};

struct call_context *call_context_create(void);

/* Registers the context for the call's events. */
earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call);

/* Takes a snapshot of the channel. */
void call_context_snapshot(struct call_context *context, struct ast_channel *chan);
int call_context_has_snapshot_of(struct call_context *context, struct ast_channel *chan);

/* The channel that the call has now; NULL if it has gone. */
struct ast_channel *call_context_channel(struct call_context *context);

/* ---- jobs.c: jobs from their start to their last event ---- */

struct app_session;

/* Registers and unregisters the handler that finishes recordings when Asterisk exits. */
int jobs_open(void);
void jobs_close(void);

/* `text` is the variable for the digits ("" for none), or the recording's file; NULL for a detection. */
earwig_status job_start(const struct app_session *session, enum job job, const void *options, const char *text, int foreground);

/* How many detections have started in the call. */
int jobs_started(struct call_context *context, enum job job);

/* ---- events.c: manager events ---- */

struct ast_channel_snapshot *channel_snapshot(struct ast_channel *chan);

/* `before` replaces the snapshot of a channel that a masquerade has left without an identity. `error` is empty unless the cause
 * is ERROR. */
void event_dtmf_end(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error);
void event_dtmf_end_background(struct call_context *context, const char *variable, const earwig_dtmf_result *result);
void event_record_start(struct call_context *context, const char *file);
void event_record_end(struct call_context *context, const char *file, const earwig_recorder_result *result);
void event_machine_finished(struct call_context *context, const earwig_machine_result *detected, const char *error);

/* ---- event_thread.c: the thread that sends events, so that the library's threads never wait for the manager ---- */

int event_thread_start(void);
void event_thread_stop(void);

/* Runs the task after those queued before. */
void event_thread_push(int (*task)(void *data), void *data);

/* ---- app_session.c: one application while it runs on a channel ---- */

/* Holds references of its own: a masquerade can move the channel's state to another channel, where it may be freed. */
struct app_session {
	struct ast_channel *chan;
	const struct channel_state *state;	/* for comparison only, never dereferenced */
	struct call_context *context;
	earwig_channel *call;
};

/* -1 if the channel has no state. */
int app_session_open_existing(struct app_session *session, struct ast_channel *chan);

/* CALL_OVER in the h extension too. */
enum call_phase app_session_phase(struct ast_channel *chan);

enum open_result {
	OPENED,			/* a call that has hung up is opened too if it has a state; the library refuses jobs then */
	OPEN_AFTER_HANGUP,	/* it has none */
	OPEN_FAILED,
};

/* Answers the channel unless early media is allowed, and creates its state. An error text unless OPENED. */
enum open_result app_session_open(struct app_session *session, struct ast_channel *chan, const char **error);

/* The same for a command, which never answers the channel. -1 and an error text. */
int app_session_open_for_command(struct app_session *session, struct ast_channel *chan, const char **error);
void app_session_close(struct app_session *session);

/*
 * Whether the call lives on although the application has to leave: after a redirection, TIMEOUT(absolute), or a masquerade that
 * has moved the call and its state to another channel.
 */
int app_session_is_transferred(const struct app_session *session);

/* Also true in the h extension. */
int app_session_is_hung_up(const struct app_session *session);

/* Reads the channel, which feeds the audiohook, until the job has a result; for at most `ms` unless that is negative. After
 * WAIT_HANGUP and WAIT_TRANSFERRED the application must leave the channel. */
enum wait_result app_session_wait(struct app_session *session, enum job job, void *result, int64_t ms);

/* The same for a channel that must not be read any more. -1 after `ms`. */
int app_session_wait_without_reading(const struct app_session *session, enum job job, void *result, int64_t ms);

const char *app_session_error(const struct app_session *session, earwig_status status, char *text, size_t size);

/* ---- control.c: commands of the manager and the command line ---- */

/* NULL and "" are the same. */
struct start_request {
	const char *channel;
	const char *job;
	const char *file;
	const char *variable;
	const char *options;
};

struct channel_status {
	char json[4096];	/* holds a channel with the longest name that Asterisk allows */
	char file[PATH_MAX];	/* of the last recording */
};

/* Each returns -1 and an error text. */
int control_start(const struct start_request *request, char *error, size_t size);
int control_stop(const char *channel, const char *job, char *error, size_t size);
int control_apply(const char *channel, channel_action action, char *error, size_t size);
int control_status(const char *channel, struct channel_status *status, char *error, size_t size);

/* ---- manager.c, cli.c ---- */

int manager_open(void);
void manager_close(void);
int cli_open(void);
void cli_close(void);

/* ---- config.c: earwig.conf ---- */

/* Reads the file; without one the defaults hold. -1 if it is invalid, which is logged; the old settings stay then. */
int config_read(void);
void config_free(void);

/* A reference to the current settings, an ao2 object. */
struct settings *config_get(void);

/* Fills in the library's defaults, then the settings' options. -1 and an error text. */
int config_options(enum job job, void *options, char *error, size_t size);

/* ---- fields.c: the library's names in Asterisk's spelling ---- */

/* Callbacks for the library. `chan` is the channel. */
void set_variable(void *chan, const char *name, const char *value);

/* For a job in the background: leaves the cause and the error of the last application alone. */
void set_variable_background(void *chan, const char *name, const char *value);

/* `text` is a `struct ast_str **`. */
void add_header(void *text, const char *name, const char *value);

void log_error(struct ast_channel *chan, const char *app, const char *error);

/* Logs the error and sets EARWIG_CAUSE and EARWIG_ERROR. */
void set_error(struct ast_channel *chan, const char *app, const char *error);

/* Keeps a line end in an argument from starting a header of a manager event, or a line in the log. */
void replace_control_characters(char *text);

/* ---- call_ids.c: ids for webhooks ---- */

/* -1 and an error text. */
int set_call_ids(const struct app_session *session, char *error, size_t size);

/* ---- apps/: the applications ---- */

/* The last has no name. */
extern const struct application dtmf_applications[];
extern const struct application recorder_applications[];
extern const struct application machine_applications[];

/* Sets EARWIG_DIGITS and the variable, unless that is "". */
void set_digits_variables(struct ast_channel *chan, const char *variable, const char *digits);

/* Where and how to record. */
struct record_args {
	char file[PATH_MAX];
	earwig_recorder_options options;
};

/* What to collect, and the variable for it; "" for none. */
struct dtmf_args {
	char variable[AST_MAX_EXTENSION];
	earwig_dtmf_options options;
};

/* Each reads options over those of the settings. Their text may name the variable, or the file. -1 and an error text. */
int dtmf_args_set(struct dtmf_args *args, const char *variable, const char *count, const char *options, char *error, size_t size);
int record_args_set(struct record_args *args, struct ast_channel *chan, const char *file, const char *options, char *error,
	size_t size);
int machine_args_parse(earwig_machine_options *options, struct ast_channel *chan, const char *data, char *error, size_t size);

/* The same of "file,options". */
int record_args_parse(struct record_args *args, struct ast_channel *chan, const char *data, char *error, size_t size);

#endif
