/*
 * The applications of recordings.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

/* The seed's: for earwig_record and earwig_record_wait. */
#define DEFAULT_TIMEOUT_MS 120000

static void set_results(switch_channel_t *channel, const char *file, const earwig_recorder_result *result)
{
	set_variable(channel, "earwig_record_file", file);
	earwig_recorder_result_each(result, EARWIG_NAMES_VARIABLES, set_variable, channel);
}

/* Those of the last recording. */
static void set_results_of(struct listener *listener, const earwig_recorder_result *result)
{
	const char *file;

	switch_mutex_lock(listener->desk->mutex);
	file = switch_core_session_strdup(listener->session, switch_str_nil(listener->desk->file));
	switch_mutex_unlock(listener->desk->mutex);
	set_results(listener->channel, file, result);
}

void record_refused(switch_core_session_t *session, const char *file, const char *error)
{
	struct listener *listener = listener_of(session);
	struct desk *desk = desk_alloc(session);
	switch_event_t *event = desk ? event_begin(desk, "record") : NULL;
	earwig_recorder_result result;

	switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_record: %s\n", error);
	earwig_recorder_result_init(&result);
	result.cause = EARWIG_RECORDER_CAUSE_ERROR;
	switch_copy_string(result.error, error, sizeof(result.error));
	if (listener) {
		int32_t state;

		if (!earwig_recorder_get_state(listener->call, &state)) {
			result.state = state;
		}
	}
	set_results(switch_core_session_get_channel(session), file, &result);
	if (event) {
		add_header(event, "action", "end");
		add_header(event, "file", file);
		earwig_recorder_result_each(&result, EARWIG_NAMES_FIELDS, add_header, event);
		event_send(desk, "record", event);
	}
	if (desk) {
		desk_unref(desk);
	}
}

static earwig_status recorder_result(earwig_channel *call, void *result)
{
	return earwig_recorder_get_result(call, result);
}

static int is_recording(struct listener *listener)
{
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	earwig_recorder_get_state(listener->call, &state);
	return state == EARWIG_RECORDER_STATE_RECORDING;
}

/* The cause and the state of one that runs. */
static void fill_running(earwig_recorder_result *result, earwig_recorder_cause cause)
{
	earwig_recorder_result_init(result);
	result->cause = cause;
	result->state = EARWIG_RECORDER_STATE_RECORDING;
}

void record_runs(struct listener *listener)
{
	earwig_recorder_result result;

	fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
	set_results_of(listener, &result);
}

/* For a channel that is not to be read any more. */
static void await_file(struct listener *listener, earwig_recorder_result *result)
{
	if (visit_await(listener, recorder_result, result, FILE_TIMEOUT_MS)) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(listener->session), SWITCH_LOG_WARNING, "the recording's disk is slow\n");
		fill_running(result, EARWIG_RECORDER_CAUSE_NONE);
	}
}

/* Begins a recording. NULL if none has begun, which the variables tell. */
static struct listener *begin(switch_core_session_t *session, const char *data, int waited_for)
{
	struct start start = { KIND_RECORD };
	struct listener *listener = NULL;
	earwig_recorder_result result;
	char error[256] = "";
	const char *wrong = error;
	earwig_status status = EARWIG_ERR_INVALID;
	struct order order;

	if (!order_read(&order, session, data, error, sizeof(error)) && (listener = visit(session, &wrong))) {
		if (waited_for && order.options.timeout_ms == EARWIG_DEFAULT) {
			order.options.timeout_ms = DEFAULT_TIMEOUT_MS;
		}
		start.options = &order.options;
		start.waited_for = waited_for;
		start.text = order.file;
		status = job_start(listener, &start);
		if (status) {
			wrong = visit_error(listener, status, error, sizeof(error));
		}
	}
	if (status == EARWIG_ERR_HANGUP) {
		earwig_recorder_result_init(&result);
		result.cause = EARWIG_RECORDER_CAUSE_HANGUP;
		set_results(switch_core_session_get_channel(session), "", &result);
	} else if (status) {
		record_refused(session, order.file, wrong);
	}
	explicit_bzero(&order, sizeof(order));
	return status ? NULL : listener;
}

SWITCH_STANDARD_APP(record_app)
{
	struct listener *listener = begin(session, data, 1);
	earwig_recorder_result result;
	enum served served;

	if (!listener) {
		return;
	}
	earwig_recorder_result_init(&result);
	served = visit_serve(listener, recorder_result, &result, -1, 0);
	if (served == SERVED_HANGUP) {
		earwig_channel_hangup(listener->call);
	} else if (served == SERVED_ELSEWHERE) {
		earwig_recorder_stop(listener->call, 0);
	}
	if (served != SERVED_ENDED) {
		await_file(listener, &result);
	}
	set_results_of(listener, &result);
}

SWITCH_STANDARD_APP(start_app)
{
	struct listener *listener = begin(session, data, 0);

	if (listener) {
		record_runs(listener);
	}
}

/* Waits for the ending of the recording that runs, if one does, and sets what is known then. */
static void wait_for_ending(struct listener *listener, int64_t ms)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	if (!is_recording(listener)) {
		earwig_recorder_get_result(listener->call, &result);
		set_results_of(listener, &result);
		return;
	}
	switch (visit_serve(listener, recorder_result, &result, ms, 0)) {
	case SERVED_ENDED:
		break;
	case SERVED_TIMEOUT:
		fill_running(&result, EARWIG_RECORDER_CAUSE_TIMEOUT);
		break;
	case SERVED_ELSEWHERE:
		fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
		break;
	case SERVED_HANGUP:
		earwig_channel_hangup(listener->call);
		await_file(listener, &result);
	}
	set_results_of(listener, &result);
}

static void nothing_recorded(switch_core_session_t *session)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	set_results(switch_core_session_get_channel(session), "", &result);
}

SWITCH_STANDARD_APP(stop_app)
{
	struct listener *listener = listener_of(session);

	if (!listener) {
		nothing_recorded(session);
		return;
	}
	earwig_recorder_stop(listener->call, 0);
	wait_for_ending(listener, FILE_TIMEOUT_MS);
}

SWITCH_STANDARD_APP(wait_app)
{
	struct listener *listener = listener_of(session);
	const int64_t ms = zstr(data) ? DEFAULT_TIMEOUT_MS : milliseconds(data);

	if (ms < -1) {
		switch_channel_t *channel = switch_core_session_get_channel(session);

		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_record_wait: the time is not in seconds\n");
		set_variable(channel, "earwig_cause", "ERROR");
		set_variable(channel, "earwig_error", "the time is not in seconds");
	} else if (!listener) {
		nothing_recorded(session);
	} else {
		wait_for_ending(listener, ms);
	}
}

/* Pauses, masks, or the end of that. */
static void change(switch_core_session_t *session, const char *app, earwig_status (*how)(earwig_channel *call))
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct listener *listener = listener_of(session);
	char error[256] = "";
	const char *wrong = "";
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	if (listener) {
		const earwig_status status = how(listener->call);

		wrong = status ? visit_error(listener, status, error, sizeof(error)) : "";
		earwig_recorder_get_state(listener->call, &state);
	} else {
		wrong = "nothing is being recorded";
	}
	set_variable(channel, "earwig_recorder_state", earwig_recorder_state_str(state));
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
