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
	JOB_DIGITS,
	JOB_RECORD,
	JOB_MACHINE,
	JOBS,
};

struct squelch;
struct collection;
struct recording;
struct detection;

/* What the library tells of a call comes in here. An ao2 object: the library, a listener and recordings have it in common. */
struct desk {
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
struct listener {
	struct ast_audiohook hook;
	earwig_channel *call;
	struct desk *desk;
	struct flow flow[2];	/* by stream */
	struct ast_format *format;	/* what the library was promised */
	struct ast_trans_pvt *resampler[2];	/* for frames of another rate, by stream */
	struct ast_format *resampled[2];
	int answered;
};

/* What an application holds while it runs: a masquerade can take the listener to another channel, and that may free it. */
struct visit {
	struct ast_channel *chan;
	const struct listener *listener;	/* compared, not followed */
	struct desk *desk;
	earwig_channel *call;
};

/* What is to be recorded. */
struct order {
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

void hook_init(struct listener *listener);
void hook_free(struct listener *listener);

/* Whether it is still attached. */
int hook_runs(struct listener *listener);

/* Both channels are locked. */
void hook_move(struct ast_channel *from, struct ast_channel *to);

/* A digit that was signalled, which the hook does not see. The channel is locked. */
void hook_press(struct listener *listener, const struct ast_frame *frame);

/* What is to be played from now on is late from now on. */
void hook_await_tx(struct listener *listener);

/* ---- squelch.c ---- */

/* An ao2 object; it is off. */
struct squelch *squelch_alloc(void);

/* The channel is locked. */
void squelch_set(struct squelch *squelch, struct ast_channel *chan, int on);

/* A digit in the audio, or its end; on a thread of the library's. */
void squelch_heard(struct squelch *squelch, const earwig_event *event);

/* What goes on in place of the frame. -1 if that is the frame as it was. */
int squelch_frame(struct squelch *squelch, struct ast_frame *frame);

/* ---- listener.c ---- */

/* The channel's listener; it is made and hooked up if there is none yet. NULL after an error that is logged. */
struct listener *listen_to(struct ast_channel *chan);

/* The same, with the options of EarwigListen. -1 and what is wrong. */
int listen_with(struct ast_channel *chan, const char *options, char *error, size_t size);

/* NULL if the channel, which is locked, has none. */
struct listener *listener_of(struct ast_channel *chan);

/* The first time, it tells the library. */
void listener_answer(struct listener *listener);

/* ---- desk.c ---- */

struct desk *desk_alloc(void);

/* From now on the library tells it of the call. */
earwig_status desk_attend(struct desk *desk, earwig_channel *call);

/* Keeps the channel as it is now. */
void desk_see(struct desk *desk, struct ast_channel *chan);
int desk_has_seen(struct desk *desk, struct ast_channel *chan);

/* The channel as it is called now; NULL if it is no more. */
struct ast_channel *desk_channel(struct desk *desk);

/* ---- collection.c ---- */

earwig_status collection_start(const struct visit *visit, const earwig_dtmf_options *options);

/* The same, where nobody waits: the variable is set when it has ended, unless it is "". */
earwig_status collection_start_behind(const struct visit *visit, const char *variable, const earwig_dtmf_options *options);

/* On a thread of the library's. */
void collection_ended(struct desk *desk, const earwig_event *event);

/* ---- news.c ---- */

/* On a thread of the library's. */
void news_heard(struct desk *desk, const earwig_event *event);

/* ---- recording.c ---- */

/* 0 at the loading of the module; recordings_close() is due in either case. */
int recordings_open(void);
void recordings_close(void);

/* One that is not waited for sets the channel's variables when it has ended. */
earwig_status recording_start(const struct visit *visit, const char *file, const earwig_recorder_options *options,
	int waited_for);

/* On a thread of the library's. */
void recording_ended(struct desk *desk, earwig_channel *call, const earwig_event *event);

/* ---- detection.c ---- */

/* One that was not waited for sets the channel's variables when it has ended. */
earwig_status detection_start(const struct visit *visit, const earwig_machine_options *options);

/* Whether one has ever begun. */
int detection_was(struct desk *desk);

/* On a thread of the library's. */
void detection_ended(struct desk *desk, earwig_channel *call, const earwig_event *event);

/* ---- verdict.c ---- */

/* None has begun. */
void verdict_init(earwig_machine_outcome *outcome, earwig_machine_result result, const char *cause);
const char *verdict_cause(const earwig_machine_outcome *outcome);

/* The variables of a detection, but for those that other jobs set too. */
void verdict_set(struct ast_channel *chan, const earwig_machine_outcome *outcome);

/* ---- ids.c ---- */

/* What webhooks call the call. -1 and what is wrong. */
int ids_set(const struct visit *visit, char *error, size_t size);

/* ---- teller.c ---- */

int teller_open(void);
void teller_close(void);

/* Runs the task on the teller's thread, after those that were given before. */
void teller_let(int (*task)(void *data), void *data);

/* ---- events.c ---- */

struct ast_channel_snapshot *event_snapshot(struct ast_channel *chan);

/* `before` stands in for a channel that a masquerade has left as nobody's. `error` is empty unless the cause is ERROR. */
void event_dtmf_end(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error);
void event_dtmf_end_behind(struct desk *desk, const char *variable, const earwig_dtmf_result *result);
void event_digit(struct desk *desk, const earwig_event *event);
void event_record_start(struct desk *desk, const char *file);
void event_record_end(struct desk *desk, const char *file, const earwig_recorder_result *result);
void event_machine(struct desk *desk, const earwig_event *event);
void event_machine_finished(struct desk *desk, const earwig_machine_outcome *outcome, const char *error);

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

struct outside_status {
	char json[4096];	/* enough for a channel whose name is as long as Asterisk's are */
	char file[PATH_MAX];	/* of the last recording */
};

/* Each returns -1 and what is wrong. */
int outside_start(const struct request *request, char *error, size_t size);
int outside_stop(const char *channel, const char *job, char *error, size_t size);
int outside_change(const char *channel, earwig_status (*how)(earwig_channel *call), char *error, size_t size);
int outside_status(const char *channel, struct outside_status *status, char *error, size_t size);

/* ---- manager.c ---- */

int manager_open(void);
void manager_close(void);

/* ---- cli.c ---- */

int cli_open(void);
void cli_close(void);

/* ---- names.c ---- */

/* For the library to tell a channel's variables, or, of the last, a `struct ast_str **`'s headers. */
void set_variable(void *chan, const char *name, const char *value);

/* The same for a job in the background, which leaves the cause and the error of the application before as they are. */
void set_variable_behind(void *chan, const char *name, const char *value);
void add_header(void *text, const char *name, const char *value);

/* ---- visit.c ---- */

/* -1 if nothing listens to the channel. */
int visit_if_listened_to(struct visit *visit, struct ast_channel *chan);

/*
 * Answers the channel, unless early media will do, and listens to it. 0, or what went wrong: a text, NULL if the channel has to
 * be left.
 */
int visit_answered(struct visit *visit, struct ast_channel *chan, const char **error);

/* The same for a command, which does not answer it. */
int visit_from_outside(struct visit *visit, struct ast_channel *chan, const char **error);
void visit_end(struct visit *visit);

/*
 * Whether the call lives although the application has to leave: a redirection, TIMEOUT(absolute), or a masquerade that has
 * taken the call, and what listens to it, to another channel.
 */
int visit_call_goes_on(const struct visit *visit);

/* Also in the h extension. */
int visit_call_is_over(const struct visit *visit);

enum served {
	SERVED_ENDED,
	SERVED_TIMEOUT,
	SERVED_LEAVE,	/* the channel has to be left */
};

typedef earwig_status (*result_fn)(earwig_channel *call, void *result);

/* Reads the channel, which feeds the hook, until `get_result` has one; `ms` at the most, if it is not negative. */
enum served visit_serve(struct visit *visit, result_fn get_result, void *result, int64_t ms);

/* The same for a channel that is not to be read any more. 0, or -1 if none is there in time. */
int visit_await(const struct visit *visit, result_fn get_result, void *result, int64_t ms);

/* Why the library refused: its own words, for which `text` is, or what `status` means. */
const char *visit_error(const struct visit *visit, earwig_status status, char *text, size_t size);

void log_error(struct ast_channel *chan, const char *app, const char *error);

/* Logs it too. */
void set_error(struct ast_channel *chan, const char *app, const char *error);

/* Seconds, with a fraction; "None" is no limit: -1. -2 if it is neither. */
int64_t milliseconds(const char *text);

/* A line's end in an argument must not begin a header in a manager event, or a line in the log. */
void make_printable(char *text);

/* ---- order.c ---- */

/* -1 and what is wrong. */
int order_take(struct order *order, struct ast_channel *chan, const char *file, const char *options, char *error, size_t size);

/* The same, of "file,options". */
int order_read(struct order *order, struct ast_channel *chan, const char *data, char *error, size_t size);

/* ---- digits.c, recorder.c, machine.c ---- */

/* EARWIG_DIGITS, and the variable, unless that is "". */
void set_digits(struct ast_channel *chan, const char *variable, const char *digits);

/* What is to be collected, or detected. -1 and what is wrong. */
int digits_order(earwig_dtmf_options *options, const char *count, const char *text, char *error, size_t size);
int machine_order(earwig_machine_options *options, struct ast_channel *chan, const char *data, char *error, size_t size);

/* The last has no name. */
extern const struct application digits_applications[];
extern const struct application recorder_applications[];
extern const struct application machine_applications[];

#endif
