/*
 * The applications that record.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

static void set_variables(switch_channel_t *channel, const char *file, const earwig_recorder_result *result)
{
	set_variable(channel, "earwig_record_file", file);
	earwig_recorder_result_foreach_field(result, EARWIG_FIELD_SET_VARIABLES, set_variable, channel);
}

/* With the file of the last recording. */
static void set_variables_of_last(struct channel_state *state, const earwig_recorder_result *result)
{
	const char *file;

	switch_mutex_lock(state->context->mutex);
	file = switch_core_session_strdup(state->session, switch_str_nil(state->context->last_file));
	switch_mutex_unlock(state->context->mutex);
	set_variables(state->channel, file, result);
}

static void set_variables_running(struct channel_state *state, earwig_recorder_cause cause)
{
	earwig_recorder_result result;

	recorder_result_set_running(&result, cause);
	set_variables_of_last(state, &result);
}

/* Reports that no recording was started. */
static void report_failure(switch_core_session_t *session, const char *file, const char *error)
{
	struct channel_state *state = channel_state_find(session);
	struct call_context *context = call_context_create(session);
	switch_event_t *event = context ? event_create(context, "record") : NULL;
	earwig_recorder_result result;

	log_error(session, "earwig_record", error);
	earwig_recorder_result_init(&result);
	result.cause = EARWIG_RECORDER_CAUSE_ERROR;
	switch_copy_string(result.error, error, sizeof(result.error));
	if (state) {
		earwig_recorder_get_state(state->call, &result.state);
	}
	set_variables(switch_core_session_get_channel(session), file, &result);
	if (event) {
		add_header(event, "action", "end");
		add_header(event, "file", file);
		earwig_recorder_result_foreach_field(&result, EARWIG_FIELD_SET_FIELDS, add_header, event);
		event_send(context, "record", event);
	}
	if (context) {
		call_context_unref(context);
	}
}

static void set_variables_of_none(switch_core_session_t *session, enum call_phase phase)
{
	earwig_recorder_result result;

	recorder_result_set_none(&result, phase);
	set_variables(switch_core_session_get_channel(session), "", &result);
}

/* Waits for the disk, on a channel that must not be read any more. */
static void wait_for_file(struct channel_state *state, earwig_recorder_result *result)
{
	if (app_session_wait_without_reading(state, JOB_RECORDER, result, FILE_TIMEOUT_MS)) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(state->session), SWITCH_LOG_WARNING,
			"the recording's file is not complete after %d ms: the disk is slow\n", FILE_TIMEOUT_MS);
		recorder_result_set_running(result, EARWIG_RECORDER_CAUSE_NONE);
	}
}

/* Starts a recording. NULL if none has started, which is reported. */
static struct channel_state *start(switch_core_session_t *session, const char *data, int foreground)
{
	struct channel_state *state = NULL;
	char error[256] = "";
	const char *wrong = error;
	earwig_status status = EARWIG_ERR_INVALID;
	struct record_args args;

	if (!record_args_parse(&args, session, data, error, sizeof(error))) {
		state = app_session_open(session, &wrong);
		status = app_session_phase(session) == CALL_OVER ? EARWIG_ERR_HANGUP : EARWIG_ERR_STATE;
	}
	if (state) {
		if (foreground && args.options.timeout_ms == EARWIG_DEFAULT) {
			args.options.timeout_ms = RECORDER_TIMEOUT_MS;
		}
		status = job_start(state, JOB_RECORDER, &args.options, args.file, foreground);
		if (status) {
			wrong = app_session_error(state, status, error, sizeof(error));
		}
	}
	if (status == EARWIG_ERR_HANGUP) {
		set_variables_of_none(session, CALL_OVER);
	} else if (status) {
		report_failure(session, args.file, wrong);
	}
	explicit_bzero(&args, sizeof(args));
	return status ? NULL : state;
}

SWITCH_STANDARD_APP(record_app)
{
	struct channel_state *state = start(session, data, 1);
	earwig_recorder_result result;
	enum wait_result wait;

	if (!state) {
		return;
	}
	earwig_recorder_result_init(&result);
	wait = app_session_wait(state, JOB_RECORDER, &result, -1, 0);
	if (wait == WAIT_HANGUP) {
		earwig_channel_hangup(state->call);
	} else if (wait == WAIT_TRANSFERRED) {
		earwig_recorder_stop(state->call, 0);
	}
	if (wait != WAIT_ENDED) {
		wait_for_file(state, &result);
	}
	set_variables_of_last(state, &result);
}

SWITCH_STANDARD_APP(start_app)
{
	struct channel_state *state = start(session, data, 0);

	if (state) {
		set_variables_running(state, EARWIG_RECORDER_CAUSE_NONE);
	}
}

/* Waits for the end of a running recording, and sets the variables of the last one. */
static void wait_for_end(struct channel_state *state, int64_t ms)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	if (!channel_is_recording(state->call)) {
		earwig_recorder_get_result(state->call, &result);
		set_variables_of_last(state, &result);
		return;
	}
	switch (app_session_wait(state, JOB_RECORDER, &result, ms, 0)) {
	case WAIT_ENDED:
		break;
	case WAIT_TIMEOUT:
		recorder_result_set_running(&result, EARWIG_RECORDER_CAUSE_TIMEOUT);
		break;
	case WAIT_TRANSFERRED:
		recorder_result_set_running(&result, EARWIG_RECORDER_CAUSE_NONE);
		break;
	case WAIT_HANGUP:
		earwig_channel_hangup(state->call);
		wait_for_file(state, &result);
	}
	set_variables_of_last(state, &result);
}

/* NULL if the call has never had a recording, which the variables tell. */
static struct channel_state *find_recording(switch_core_session_t *session, const char *app)
{
	struct channel_state *state = channel_state_find(session);
	const enum call_phase phase = app_session_phase(session);

	if (state && jobs_started(state->context, JOB_RECORDER)) {
		return state;
	}
	if (phase != CALL_UP) {
		log_error(session, app, call_phase_error(phase));
	}
	set_variables_of_none(session, phase);
	return NULL;
}

SWITCH_STANDARD_APP(stop_app)
{
	struct channel_state *state = find_recording(session, "earwig_record_stop");

	if (state) {
		earwig_recorder_stop(state->call, 0);
		wait_for_end(state, FILE_TIMEOUT_MS);
	}
}

SWITCH_STANDARD_APP(wait_app)
{
	static const char app[] = "earwig_record_wait";
	switch_channel_t *channel = switch_core_session_get_channel(session);
	char wrong[256];
	const int64_t ms = args_wait_ms(switch_str_nil(data), RECORDER_TIMEOUT_MS, wrong, sizeof(wrong));
	struct channel_state *state;

	if (ms < -1) {
		log_error(session, app, wrong);
		set_variable(channel, "earwig_cause", "ERROR");
		set_variable(channel, "earwig_error", wrong);
	} else if ((state = find_recording(session, app))) {
		wait_for_end(state, ms);
	}
}

/* Pauses or masks the recording, or goes on. */
static void apply(switch_core_session_t *session, const char *app, channel_action action)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct channel_state *state = channel_state_find(session);
	char error[256] = "";
	const char *wrong = "nothing is being recorded";
	int32_t recorder_state = EARWIG_RECORDER_STATE_IDLE;

	if (state) {
		const earwig_status status = action(state->call);

		wrong = status ? app_session_error(state, status, error, sizeof(error)) : "";
		earwig_recorder_get_state(state->call, &recorder_state);
	}
	set_variable(channel, "earwig_recorder_state", earwig_recorder_state_str(recorder_state));
	set_variable(channel, "earwig_error", wrong);
	if (*wrong) {
		log_error(session, app, wrong);
		set_variable(channel, "earwig_cause", "ERROR");
	}
}

SWITCH_STANDARD_APP(pause_app)
{
	apply(session, "earwig_record_pause", earwig_recorder_pause);
}

SWITCH_STANDARD_APP(resume_app)
{
	apply(session, "earwig_record_resume", earwig_recorder_resume);
}

SWITCH_STANDARD_APP(mask_app)
{
	apply(session, "earwig_record_mask", earwig_recorder_mask);
}

SWITCH_STANDARD_APP(unmask_app)
{
	apply(session, "earwig_record_unmask", earwig_recorder_unmask);
}

#define ARGUMENTS "<file>[,<option>=<value>...]"

const struct application recorder_applications[] = {
	{ "earwig_record", "Records, and waits for the end", ARGUMENTS, record_app },
	{ "earwig_record_start", "Records in the background, until the hang-up", ARGUMENTS, start_app },
	{ "earwig_record_stop", "Ends the recording and waits until its file is complete", "", stop_app },
	{ "earwig_record_wait", "Waits for the end of the recording", "[<seconds>]", wait_app },
	{ "earwig_record_pause", "Pauses the recording: the file becomes shorter", "", pause_app },
	{ "earwig_record_resume", "Ends a pause", "", resume_app },
	{ "earwig_record_mask", "Records silence from now on: the file keeps its length", "", mask_app },
	{ "earwig_record_unmask", "Ends a mask", "", unmask_app },
	{ NULL },
};
