/*
 * A recording, from its start until its last event is sent. It keeps the call, so that it has an ending after the hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/module.h"
#include "asterisk/pbx.h"

struct recording {
	struct call_context *context;
	earwig_channel *call;
	char *file;
	int number;	/* among those of its call */
	int foreground;	/* its application sets the variables */
	int started;	/* earwig_recorder_start has returned */
	int ended;	/* before it had */
	earwig_recorder_result result;
	AST_LIST_ENTRY(recording) entry;	/* of its context's */
	AST_LIST_ENTRY(recording) other;	/* of all */
};

static AST_LIST_HEAD_STATIC(recordings, recording);

static void recording_free(struct recording *recording)
{
	AST_LIST_LOCK(&recordings);
	AST_LIST_REMOVE(&recordings, recording, other);
	AST_LIST_UNLOCK(&recordings);
	earwig_channel_unref(recording->call);
	ao2_cleanup(recording->context);
	ast_free(recording->file);
	ast_free(recording);
	ast_module_unref(AST_MODULE_SELF);
}

static struct recording *recording_alloc(const struct app_session *session, const char *file)
{
	struct recording *recording = ast_calloc(1, sizeof(*recording));

	if (!recording) {
		return NULL;
	}
	ast_module_ref(AST_MODULE_SELF);
	recording->context = ao2_bump(session->context);
	recording->call = earwig_channel_ref(session->call);
	recording->file = ast_strdup(file);
	if (!recording->file) {
		recording_free(recording);
		return NULL;
	}
	AST_LIST_LOCK(&recordings);
	AST_LIST_INSERT_TAIL(&recordings, recording, other);
	AST_LIST_UNLOCK(&recordings);
	return recording;
}

static int send_start_event(void *data)
{
	struct recording *recording = data;

	event_record_start(recording->context, recording->file);
	return 0;
}

/* Unless there is a later recording, whose they are then. */
static void set_variables(const struct recording *recording)
{
	struct ast_channel *chan = call_context_channel(recording->context);
	int last;

	if (chan) {
		ast_channel_lock(chan);
		ao2_lock(recording->context);
		last = recording->number == recording->context->recordings;
		ao2_unlock(recording->context);
		if (last) {
			earwig_recorder_result_each(&recording->result, EARWIG_NAMES_VARIABLES, set_variable_background, chan);
			pbx_builtin_setvar_helper(chan, "EARWIG_RECORD_FILE", recording->file);
		}
		ast_channel_unlock(chan);
		ast_channel_unref(chan);
	}
}

static int finish_job(void *data)
{
	struct recording *recording = data;

	if (!recording->foreground) {
		set_variables(recording);
	}
	event_record_end(recording->context, recording->file, &recording->result);
	recording_free(recording);
	return 0;
}

static void await_tx(const struct app_session *session)
{
	SCOPED_CHANNELLOCK(lock, session->chan);
	struct channel_state *state = channel_state_find(session->chan);

	if (state) {
		media_expect_tx(state);
	}
}

earwig_status recording_start(const struct app_session *session, const char *file, const earwig_recorder_options *options,
	int foreground)
{
	struct call_context *context = session->context;
	struct recording *recording = recording_alloc(session, file);
	earwig_status status;

	if (!recording) {
		return EARWIG_ERR_SYSTEM;
	}
	recording->foreground = foreground;
	ao2_lock(context);
	recording->number = ++context->recordings;
	AST_LIST_INSERT_TAIL(&context->running, recording, entry);
	ao2_unlock(context);
	await_tx(session);
	/* Not under the lock: a slow disk must not hold up the library's thread. */
	status = earwig_recorder_start(session->call, file, options);
	ao2_lock(context);
	if (status) {
		context->recordings--;
		AST_LIST_REMOVE(&context->running, recording, entry);
		recording_free(recording);
	} else {
		ast_free(context->file);
		context->file = ast_strdup(file);
		recording->started = 1;
		event_thread_push(send_start_event, recording);
		if (recording->ended) {
			event_thread_push(finish_job, recording);
		}
	}
	ao2_unlock(context);
	return status;
}

/* One recording runs at a time, but the next may have begun before this one's ending is heard of. */
void recording_ended(struct call_context *context, earwig_channel *call, const earwig_event *event)
{
	struct recording *recording;
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	if (earwig_recorder_get_result(call, &result) || result.cause != event->cause) {
		earwig_recorder_result_init(&result);
		result.cause = event->cause;
	}
	result.audio_detected = event->audio_detected;
	result.duration_ms = event->duration_ms;
	result.bytes = event->bytes;
	ao2_lock(context);
	recording = AST_LIST_REMOVE_HEAD(&context->running, entry);
	if (recording) {
		recording->result = result;
		recording->ended = 1;
		if (recording->started) {
			event_thread_push(finish_job, recording);
		}
	}
	ao2_unlock(context);
}

static int any_recording(void)
{
	int any;

	AST_LIST_LOCK(&recordings);
	any = !AST_LIST_EMPTY(&recordings);
	AST_LIST_UNLOCK(&recordings);
	return any;
}

/* Asterisk may exit in the middle of calls. */
static void finish_recordings(void)
{
	struct timeval began = ast_tvnow();
	struct recording *recording;

	AST_LIST_LOCK(&recordings);
	AST_LIST_TRAVERSE(&recordings, recording, other) {
		earwig_recorder_stop(recording->call, 0);
	}
	AST_LIST_UNLOCK(&recordings);
	while (any_recording() && ast_tvdiff_ms(ast_tvnow(), began) < FILE_TIMEOUT_MS) {
		usleep(10000);
	}
}

int recordings_open(void)
{
	return ast_register_atexit(finish_recordings);
}

void recordings_close(void)
{
	ast_unregister_atexit(finish_recordings);
}
