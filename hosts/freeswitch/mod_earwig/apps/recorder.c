/*
 * The applications of recordings.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

/* The seed's: for earwig_record and earwig_record_wait. */
#define DEFAULT_TIMEOUT_MS 120000

static void set_results(switch_channel_t *channel, const char *file, const earwig_recorder_result *result)
{
	set_variable(channel, "earwig_record_file", file);
	earwig_recorder_result_each(result, EARWIG_NAMES_VARIABLES, set_variable, channel);
}

/* Those of the last recording. */
static void set_results_of(struct channel_state *state, const earwig_recorder_result *result)
{
	const char *file;

	switch_mutex_lock(state->context->mutex);
	file = switch_core_session_strdup(state->session, switch_str_nil(state->context->file));
	switch_mutex_unlock(state->context->mutex);
	set_results(state->channel, file, result);
}

void recorder_report_failure(switch_core_session_t *session, const char *file, const char *error)
{
	struct channel_state *state = channel_state_find(session);
	struct call_context *context = call_context_create(session);
	switch_event_t *event = context ? event_create(context, "record") : NULL;
	earwig_recorder_result result;

	switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_record: %s\n", error);
	earwig_recorder_result_init(&result);
	result.cause = EARWIG_RECORDER_CAUSE_ERROR;
	switch_copy_string(result.error, error, sizeof(result.error));
	if (state) {
		int32_t recorder_state;

		if (!earwig_recorder_get_state(state->call, &recorder_state)) {
			result.state = recorder_state;
		}
	}
	set_results(switch_core_session_get_channel(session), file, &result);
	if (event) {
		add_header(event, "action", "end");
		add_header(event, "file", file);
		earwig_recorder_result_each(&result, EARWIG_NAMES_FIELDS, add_header, event);
		event_send(context, "record", event);
	}
	if (context) {
		call_context_unref(context);
	}
}

static earwig_status recorder_result(earwig_channel *call, void *result)
{
	return earwig_recorder_get_result(call, result);
}

static int is_recording(struct channel_state *state)
{
	int32_t recorder_state = EARWIG_RECORDER_STATE_IDLE;

	earwig_recorder_get_state(state->call, &recorder_state);
	return recorder_state == EARWIG_RECORDER_STATE_RECORDING;
}

/* The cause and the state of one that runs. */
static void fill_running(earwig_recorder_result *result, earwig_recorder_cause cause)
{
	earwig_recorder_result_init(result);
	result->cause = cause;
	result->state = EARWIG_RECORDER_STATE_RECORDING;
}

void recorder_set_running(struct channel_state *state)
{
	earwig_recorder_result result;

	fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
	set_results_of(state, &result);
}

/* For a channel that is not to be read any more. */
static void await_file(struct channel_state *state, earwig_recorder_result *result)
{
	if (app_session_wait_unread(state, recorder_result, result, FILE_TIMEOUT_MS)) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(state->session), SWITCH_LOG_WARNING, "the recording's disk is slow\n");
		fill_running(result, EARWIG_RECORDER_CAUSE_NONE);
	}
}

/* Begins a recording. NULL if none has begun, which the variables run_tasks. */
static struct channel_state *begin(switch_core_session_t *session, const char *data, int foreground)
{
	struct start start = { JOB_RECORDER };
	struct channel_state *state = NULL;
	earwig_recorder_result result;
	char error[256] = "";
	const char *wrong = error;
	earwig_status status = EARWIG_ERR_INVALID;
	struct record_args args;

	if (!record_args_parse(&args, session, data, error, sizeof(error)) && (state = app_session_open(session, &wrong))) {
		if (foreground && args.options.timeout_ms == EARWIG_DEFAULT) {
			args.options.timeout_ms = DEFAULT_TIMEOUT_MS;
		}
		start.options = &args.options;
		start.foreground = foreground;
		start.text = args.file;
		status = job_start(state, &start);
		if (status) {
			wrong = call_error(state, status, error, sizeof(error));
		}
	}
	if (status == EARWIG_ERR_HANGUP) {
		earwig_recorder_result_init(&result);
		result.cause = EARWIG_RECORDER_CAUSE_HANGUP;
		set_results(switch_core_session_get_channel(session), "", &result);
	} else if (status) {
		recorder_report_failure(session, args.file, wrong);
	}
	explicit_bzero(&args, sizeof(args));
	return status ? NULL : state;
}

SWITCH_STANDARD_APP(record_app)
{
	struct channel_state *state = begin(session, data, 1);
	earwig_recorder_result result;
	enum wait_result wait_result;

	if (!state) {
		return;
	}
	earwig_recorder_result_init(&result);
	wait_result = app_session_wait(state, recorder_result, &result, -1, 0);
	if (wait_result == WAIT_HANGUP) {
		earwig_channel_hangup(state->call);
	} else if (wait_result == WAIT_TRANSFERRED) {
		earwig_recorder_stop(state->call, 0);
	}
	if (wait_result != WAIT_ENDED) {
		await_file(state, &result);
	}
	set_results_of(state, &result);
}

SWITCH_STANDARD_APP(start_app)
{
	struct channel_state *state = begin(session, data, 0);

	if (state) {
		recorder_set_running(state);
	}
}

/* Waits for the ending of the recording that runs, if one does, and sets what is known then. */
static void wait_for_ending(struct channel_state *state, int64_t ms)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	if (!is_recording(state)) {
		earwig_recorder_get_result(state->call, &result);
		set_results_of(state, &result);
		return;
	}
	switch (app_session_wait(state, recorder_result, &result, ms, 0)) {
	case WAIT_ENDED:
		break;
	case WAIT_TIMEOUT:
		fill_running(&result, EARWIG_RECORDER_CAUSE_TIMEOUT);
		break;
	case WAIT_TRANSFERRED:
		fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
		break;
	case WAIT_HANGUP:
		earwig_channel_hangup(state->call);
		await_file(state, &result);
	}
	set_results_of(state, &result);
}

static void nothing_recorded(switch_core_session_t *session)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	set_results(switch_core_session_get_channel(session), "", &result);
}

SWITCH_STANDARD_APP(stop_app)
{
	struct channel_state *state = channel_state_find(session);

	if (!state) {
		nothing_recorded(session);
		return;
	}
	earwig_recorder_stop(state->call, 0);
	wait_for_ending(state, FILE_TIMEOUT_MS);
}

SWITCH_STANDARD_APP(wait_app)
{
	struct channel_state *state = channel_state_find(session);
	const int64_t ms = zstr(data) ? DEFAULT_TIMEOUT_MS : seconds_to_ms(data);

	if (ms < -1) {
		switch_channel_t *channel = switch_core_session_get_channel(session);

		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_record_wait: the time is not in seconds\n");
		set_variable(channel, "earwig_cause", "ERROR");
		set_variable(channel, "earwig_error", "the time is not in seconds");
	} else if (!state) {
		nothing_recorded(session);
	} else {
		wait_for_ending(state, ms);
	}
}

/* Pauses, masks, or the end of that. */
static void change(switch_core_session_t *session, const char *app, earwig_status (*how)(earwig_channel *call))
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct channel_state *state = channel_state_find(session);
	char error[256] = "";
	const char *wrong = "";
	int32_t recorder_state = EARWIG_RECORDER_STATE_IDLE;

	if (state) {
		const earwig_status status = how(state->call);

		wrong = status ? call_error(state, status, error, sizeof(error)) : "";
		earwig_recorder_get_state(state->call, &recorder_state);
	} else {
		wrong = "nothing is being recorded";
	}
	set_variable(channel, "earwig_recorder_state", earwig_recorder_state_str(recorder_state));
	set_variable(channel, "earwig_error", wrong);
	if (*wrong) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "%s: %s\n", app, wrong);
		set_variable(channel, "earwig_cause", "ERROR");
	}
}

SWITCH_STANDARD_APP(pause_app)
{
	change(session, "earwig_record_pause", earwig_recorder_pause);
}

SWITCH_STANDARD_APP(resume_app)
{
	change(session, "earwig_record_resume", earwig_recorder_resume);
}

SWITCH_STANDARD_APP(mask_app)
{
	change(session, "earwig_record_mask", earwig_recorder_mask);
}

SWITCH_STANDARD_APP(unmask_app)
{
	change(session, "earwig_record_unmask", earwig_recorder_unmask);
}

#define ORDER "<file>[,<option>=<value>...]"

const struct application recorder_applications[] = {
	{ "earwig_record", "Records, and waits for the ending", ORDER, record_app },
	{ "earwig_record_start", "Records in the background, until the hang-up", ORDER, start_app },
	{ "earwig_record_stop", "Ends the recording and waits until its file is whole", "", stop_app },
	{ "earwig_record_wait", "Waits for the recording's ending", "[<seconds>]", wait_app },
	{ "earwig_record_pause", "What comes from now on is not in the file, which gets shorter", "", pause_app },
	{ "earwig_record_resume", "Ends a pause", "", resume_app },
	{ "earwig_record_mask", "What comes from now on is silence in the file", "", mask_app },
	{ "earwig_record_unmask", "Ends a mask", "", unmask_app },
	{ NULL },
};
