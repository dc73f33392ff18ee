/*
 * What the files of app_earwig share.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 *
 * One hook per channel, whatever runs on it: an audiohook that sees the audio of both directions and the DTMF frames, and
 * changes nothing but what is to be squelched. Its callback copies and returns. All decisions are the library's.
 */

#ifndef APP_EARWIG_H
#define APP_EARWIG_H

#include "asterisk.h"

#include "asterisk/audiohook.h"
#include "asterisk/channel.h"
#include "asterisk/linkedlists.h"

#include "earwig.h"

/* How long is waited for a disk, once nothing more is to be recorded. */
#define FILE_TIMEOUT_MS 5000

/* What the library can do for a call; of each one at a time. */
enum job {
	JOB_DTMF,
	JOB_RECORDER,
	JOB_MACHINE,
	JOBS,
};

struct squelch;
struct collection;
struct recording;
struct detection;

/* What the library tells of a call comes in here. An ao2 object: the library, a state and recordings have it in common. */
struct call_context {
	int alert[2];	/* readable when a job has ended */
	char *file;	/* of the last recording */
	struct squelch *squelch;
	struct ast_channel_snapshot *seen;	/* the channel, for events that come after it */
	AST_LIST_HEAD_NOLOCK(, collection) collecting;
	AST_LIST_HEAD_NOLOCK(, recording) running;
	AST_LIST_HEAD_NOLOCK(, detection) detecting;
	int recordings, detections;	/* that have begun */
};

/* When a stream's next frame is due. */
struct flow {
	long rtp_ms;	/* in the time of its RTP source; -1 if it has none */
	struct timeval at;
};

/* What is kept for a channel, in its datastore. */
struct channel_state {
	struct ast_audiohook hook;
	earwig_channel *call;
	struct call_context *context;
	struct flow flow[2];	/* by stream */
	struct ast_format *format;	/* what the library was promised */
	struct ast_trans_pvt *resampler[2];	/* for frames of another rate, by stream */
	struct ast_format *resampled[2];
	int answered;
};

/* What an application holds while it runs: a masquerade can take the state to another channel, and that may free it. */
struct app_session {
	struct ast_channel *chan;
	const struct channel_state *state;	/* compared, not followed */
	struct call_context *context;
	earwig_channel *call;
};

/* What is to be recorded. */
struct record_args {
	char file[PATH_MAX];
	earwig_recorder_options options;
};

struct application {
	const char *name;
	int (*exec)(struct ast_channel *chan, const char *data);
};

/* ---- app_earwig.c ---- */

extern earwig_engine *module_engine;

/* ---- config.c ---- */

/* An ao2 object. */
struct config {
	int workers;
	int early_media;
	int digit_events;
	int squelch_dtmf;
	earwig_dtmf_limits limits;
	char *options[JOBS];	/* what each job has before its own options; NULL for nothing */
};

/* Reads earwig.conf; without one the defaults stand. -1 if it is wrong, which is logged; then all is as it was. */
int config_read(void);
void config_free(void);

/* A reference to what holds now. */
struct config *config_get(void);

/* The job's options, as they are where nothing is said: `options` is the library's struct of them. -1 and what is wrong. */
int config_options(enum job job, void *options, char *error, size_t size);

/* ---- hook.c ---- */

void media_init(struct channel_state *state);
void media_free(struct channel_state *state);

/* Whether it is still attached. */
int media_is_attached(struct channel_state *state);

/* Both channels are locked. */
void media_move(struct ast_channel *from, struct ast_channel *to);

/* A digit that was signalled, which the hook does not see. The channel is locked. */
void media_signalled_digit(struct channel_state *state, const struct ast_frame *frame);

/* What is to be played from now on is late from now on. */
void media_expect_tx(struct channel_state *state);

/* ---- squelch.c ---- */

/* An ao2 object; it is off. */
struct squelch *squelch_alloc(void);

/* The channel is locked. */
void squelch_set(struct squelch *squelch, struct ast_channel *chan, int on);

/* A digit in the audio, or its end; on a thread of the library's. */
void squelch_on_digit(struct squelch *squelch, const earwig_event *event);

/* What goes on in place of the frame. -1 if that is the frame as it was. */
int squelch_frame(struct squelch *squelch, struct ast_frame *frame);

/* ---- state.c ---- */

/* The channel's state; it is made and hooked up if there is none yet. NULL after an error that is logged. */
struct channel_state *channel_state_attach(struct ast_channel *chan);

/* The same, with the options of EarwigListen. -1 and what is wrong. */
int listen_with_options(struct ast_channel *chan, const char *options, char *error, size_t size);

/* NULL if the channel, which is locked, has none. */
struct channel_state *channel_state_find(struct ast_channel *chan);

/* The first time, it tells the library. */
void channel_state_answer(struct channel_state *state);

/* ---- context.c ---- */

struct call_context *call_context_create(void);

/* From now on the library tells it of the call. */
earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call);

/* Keeps the channel as it is now. */
void call_context_snapshot(struct call_context *context, struct ast_channel *chan);
int call_context_has_snapshot_of(struct call_context *context, struct ast_channel *chan);

/* The channel as it is called now; NULL if it is no more. */
struct ast_channel *call_context_channel(struct call_context *context);

/* ---- collection.c ---- */

earwig_status collection_start(const struct app_session *session, const earwig_dtmf_options *options);

/* The same, where nobody waits: the variable is set when it has ended, unless it is "". */
earwig_status collection_start_background(const struct app_session *session, const char *variable, const earwig_dtmf_options *options);

/* On a thread of the library's. */
void collection_ended(struct call_context *context, const earwig_event *event);

/* ---- progress.c ---- */

/* On a thread of the library's. */
void event_progress(struct call_context *context, const earwig_event *event);

/* ---- recording.c ---- */

/* 0 at the loading of the module; recordings_close() is due in either case. */
int recordings_open(void);
void recordings_close(void);

/* One that is not waited for sets the channel's variables when it has ended. */
earwig_status recording_start(const struct app_session *session, const char *file, const earwig_recorder_options *options,
	int foreground);

/* On a thread of the library's. */
void recording_ended(struct call_context *context, earwig_channel *call, const earwig_event *event);

/* ---- detection.c ---- */

/* One that was not waited for sets the channel's variables when it has ended. */
earwig_status detection_start(const struct app_session *session, const earwig_machine_options *options);

/* Whether one has ever begun. */
int detection_was(struct call_context *context);

/* On a thread of the library's. */
void detection_ended(struct call_context *context, earwig_channel *call, const earwig_event *event);

/* ---- verdict.c ---- */

/* None has begun. */
void machine_result_init(earwig_machine_outcome *outcome, earwig_machine_result result, const char *cause);
const char *machine_result_cause(const earwig_machine_outcome *outcome);

/* The variables of a detection, but for those that other jobs set too. */
void machine_set_variables(struct ast_channel *chan, const earwig_machine_outcome *outcome);

/* ---- ids.c ---- */

/* What webhooks call the call. -1 and what is wrong. */
int call_ids_set(const struct app_session *session, char *error, size_t size);

/* ---- event_thread.c ---- */

int event_thread_start(void);
void event_thread_stop(void);

/* Runs the task on the event_thread's thread, after those that were given before. */
void event_thread_push(int (*task)(void *data), void *data);

/* ---- events.c ---- */

struct ast_channel_snapshot *channel_snapshot(struct ast_channel *chan);

/* `before` stands in for a channel that a masquerade has left as nobody's. `error` is empty unless the cause is ERROR. */
void event_dtmf_end(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error);
void event_dtmf_end_background(struct call_context *context, const char *variable, const earwig_dtmf_result *result);
void event_digit(struct call_context *context, const earwig_event *event);
void event_record_start(struct call_context *context, const char *file);
void event_record_end(struct call_context *context, const char *file, const earwig_recorder_result *result);
void event_machine(struct call_context *context, const earwig_event *event);
void event_machine_finished(struct call_context *context, const earwig_machine_outcome *outcome, const char *error);

/* ---- outside.c ---- */

/* By what commands and settings call them. */
extern const char *const job_names[JOBS];

/* What is to be started; "" and NULL are the same. */
struct request {
	const char *channel;
	const char *job;
	const char *file;
	const char *variable;
	const char *options;
};

struct control_status {
	char json[4096];	/* enough for a channel whose name is as long as Asterisk's are */
	char file[PATH_MAX];	/* of the last recording */
};

/* Each returns -1 and what is wrong. */
int control_start(const struct request *request, char *error, size_t size);
int control_stop(const char *channel, const char *job, char *error, size_t size);
int control_apply(const char *channel, earwig_status (*how)(earwig_channel *call), char *error, size_t size);
int control_status(const char *channel, struct control_status *status, char *error, size_t size);

/* ---- manager.c ---- */

int manager_open(void);
void manager_close(void);

/* ---- cli.c ---- */

int cli_open(void);
void cli_close(void);

/* ---- names.c ---- */

/* For the library to run_tasks a channel's variables, or, of the last, a `struct ast_str **`'s headers. */
void set_variable(void *chan, const char *name, const char *value);

/* The same for a job in the background, which leaves the cause and the error of the application before as they are. */
void set_variable_background(void *chan, const char *name, const char *value);
void add_header(void *text, const char *name, const char *value);

/* ---- session.c ---- */

/* -1 if nothing listens to the channel. */
int app_session_open_existing(struct app_session *session, struct ast_channel *chan);

/*
 * Answers the channel, unless early media will do, and listens to it. 0, or what went wrong: a text, NULL if the channel has to
 * be left.
 */
int app_session_open(struct app_session *session, struct ast_channel *chan, const char **error);

/* The same for a command, which does not answer it. */
int app_session_open_unanswered(struct app_session *session, struct ast_channel *chan, const char **error);
void app_session_close(struct app_session *session);

/*
 * Whether the call lives although the application has to leave: a redirection, TIMEOUT(absolute), or a masquerade that has
 * taken the call, and what listens to it, to another channel.
 */
int app_session_is_transferred(const struct app_session *session);

/* Also in the h extension. */
int app_session_is_hung_up(const struct app_session *session);

enum wait_result {
	WAIT_ENDED,
	WAIT_TIMEOUT,
	WAIT_INTERRUPTED,	/* the channel has to be left */
};

typedef earwig_status (*result_fn)(earwig_channel *call, void *result);

/* Reads the channel, which feeds the hook, until `get_result` has one; `ms` at the most, if it is not negative. */
enum wait_result app_session_wait(struct app_session *session, result_fn get_result, void *result, int64_t ms);

/* The same for a channel that is not to be read any more. 0, or -1 if none is there in time. */
int app_session_wait_unread(const struct app_session *session, result_fn get_result, void *result, int64_t ms);

/* Why the library refused: its own words, for which `text` is, or what `status` means. */
const char *call_error(const struct app_session *session, earwig_status status, char *text, size_t size);

void log_error(struct ast_channel *chan, const char *app, const char *error);

/* Logs it too. */
void set_error(struct ast_channel *chan, const char *app, const char *error);

/* Seconds, with a fraction; "None" is no limit: -1. -2 if it is neither. */
int64_t seconds_to_ms(const char *text);

/* A line's end in an argument must not begin a header in a manager event, or a line in the log. */
void replace_control_characters(char *text);

/* ---- args.c ---- */

/* -1 and what is wrong. */
int record_args_set(struct record_args *args, struct ast_channel *chan, const char *file, const char *options, char *error, size_t size);

/* The same, of "file,options". */
int record_args_parse(struct record_args *args, struct ast_channel *chan, const char *data, char *error, size_t size);

/* ---- digits.c, recorder.c, machine.c ---- */

/* EARWIG_DIGITS, and the variable, unless that is "". */
void set_digits_variables(struct ast_channel *chan, const char *variable, const char *digits);

/* What is to be collected, or detected. -1 and what is wrong. */
int dtmf_args_parse(earwig_dtmf_options *options, const char *count, const char *text, char *error, size_t size);
int machine_args_parse(earwig_machine_options *options, struct ast_channel *chan, const char *data, char *error, size_t size);

/* The last has no name. */
extern const struct application dtmf_applications[];
extern const struct application recorder_applications[];
extern const struct application machine_applications[];

#endif
