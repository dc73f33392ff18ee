/*
 * The applications that detect who has answered.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

static const char detect_app_name[] = "earwig_detect_machine";

/* Limit in ms on waiting for the result after a stop or a hang-up: the library looks at its channels every 10 ms. */
#define ENDING_TIMEOUT_MS 1000

/* The result is set last: whoever waits for it finds the others. */
static void set_variables(switch_channel_t *channel, const earwig_machine_result *detected, const char *error)
{
	set_variable(channel, "earwig_error", error);
	set_variable(channel, "earwig_cause", machine_result_cause(detected));
	earwig_machine_result_foreach_field(detected, EARWIG_FIELD_SET_VARIABLES, set_variable, channel);
}

static void set_variables_at_end(struct channel_state *state, const earwig_machine_result *detected)
{
	char error[256] = "";

	if (detected->verdict == EARWIG_MACHINE_VERDICT_ERROR) {
		earwig_channel_get_error(state->call, error, sizeof(error));
	}
	set_variables(state->channel, detected, error);
}

/* Leaves the variables of the detection, which still runs, alone: `cause` is the application's. */
static void set_variables_running(switch_channel_t *channel, const char *cause, const char *error)
{
	set_variable(channel, "earwig_cause", cause);
	set_variable(channel, "earwig_error", error);
}

/* Without a detection. */
static void set_variables_of_none(switch_core_session_t *session, earwig_machine_verdict verdict, const char *cause, const char *error)
{
	earwig_machine_result detected;

	machine_result_set(&detected, verdict, cause);
	set_variables(switch_core_session_get_channel(session), &detected, error);
}

/* Reports that no detection was started. */
static void report_failure(switch_core_session_t *session, const char *error)
{
	struct call_context *context = call_context_create(session);
	switch_event_t *event = context ? event_create(context, "machine") : NULL;
	earwig_machine_result detected;

	log_error(session, detect_app_name, error);
	machine_result_set(&detected, EARWIG_MACHINE_VERDICT_ERROR, "ERROR");
	set_variables(switch_core_session_get_channel(session), &detected, error);
	if (event) {
		add_header(event, "action", "end");
		add_header(event, "machine_event", earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED));
		add_header(event, "error", error);
		earwig_machine_result_foreach_field(&detected, EARWIG_FIELD_SET_FIELDS, add_header, event);
		event_send(context, "machine", event);
	}
	if (context) {
		call_context_unref(context);
	}
}

int machine_args_parse(earwig_machine_options *options, switch_core_session_t *session, const char *data, char *error, size_t size)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);

	return config_options(JOB_MACHINE, options, error, size)
		|| earwig_machine_options_parse(switch_str_nil(data), options, error, size)
		|| machine_options_set_secret(options, switch_channel_get_variable(channel, "earwig_status_secret"),
			"earwig_status_secret", error, size) ? -1 : 0;
}

/* -1 if no detection has started, which is reported. */
static int start(struct channel_state *state, const earwig_machine_options *options)
{
	char error[256] = "";
	earwig_status status;

	if (set_call_ids(state, error, sizeof(error))) {
		report_failure(state->session, error);
		return -1;
	}
	status = job_start(state, JOB_MACHINE, options, NULL, options->wait);
	if (status == EARWIG_ERR_HANGUP) {
		set_variables_of_none(state->session, EARWIG_MACHINE_VERDICT_UNKNOWN, "HANGUP", "");
	} else if (status) {
		report_failure(state->session, app_session_error(state, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Ends a detection that nobody can wait for any more. */
static void end_detection(struct channel_state *state, enum wait_result wait, earwig_machine_result *detected)
{
	if (wait == WAIT_HANGUP) {
		earwig_channel_hangup(state->call);
	} else {
		earwig_machine_stop(state->call, 0);
	}
	app_session_wait_without_reading(state, JOB_MACHINE, detected, ENDING_TIMEOUT_MS);
}

static void detect(struct channel_state *state)
{
	earwig_machine_result detected;
	enum wait_result wait;

	earwig_machine_result_init(&detected);
	wait = app_session_wait(state, JOB_MACHINE, &detected, -1, 0);
	if (wait != WAIT_ENDED) {
		end_detection(state, wait, &detected);
	}
	set_variables_at_end(state, &detected);
}

SWITCH_STANDARD_APP(detect_app)
{
	earwig_machine_options options;
	struct channel_state *state = NULL;
	char error[256] = "";
	const char *wrong;

	if (machine_args_parse(&options, session, data, error, sizeof(error))) {
		report_failure(session, error);
	} else if (!(state = app_session_open(session, &wrong))) {
		if (app_session_phase(session) == CALL_OVER) {
			set_variables_of_none(session, EARWIG_MACHINE_VERDICT_UNKNOWN, "HANGUP", "");
		} else {
			report_failure(session, wrong);
		}
	} else if (!start(state, &options)) {
		if (options.wait) {
			detect(state);
		} else {
			set_variables_running(state->channel, "NONE", "");
		}
	}
	explicit_bzero(&options, sizeof(options));
}

/* NULL if the call has never had a detection, which the variables tell. Whoever waits for one expects it; a stop is content. */
static struct channel_state *find_detection(switch_core_session_t *session, const char *app, int stop)
{
	struct channel_state *state = channel_state_find(session);
	const enum call_phase phase = app_session_phase(session);
	const char *error = call_phase_error(phase);

	if (state && jobs_started(state->context, JOB_MACHINE)) {
		return state;
	}
	if (!error && !stop) {
		error = "no detection has been started";
	}
	if (error) {
		log_error(session, app, error);
	}
	if (error && phase != CALL_OVER) {
		set_variables_of_none(session, EARWIG_MACHINE_VERDICT_ERROR, "ERROR", error);
	} else {
		set_variables_of_none(session, EARWIG_MACHINE_VERDICT_UNKNOWN, error ? "HANGUP" : "", "");
	}
	return NULL;
}

/* Waits for the end of a running detection, and sets the variables of the last one. */
static void wait_for_end(switch_core_session_t *session, const char *app, int64_t ms, int stop)
{
	struct channel_state *state = find_detection(session, app, stop);
	earwig_machine_result detected;

	if (!state) {
		return;
	}
	if (stop) {
		earwig_machine_stop(state->call, 0);
	}
	earwig_machine_result_init(&detected);
	switch (app_session_wait(state, JOB_MACHINE, &detected, ms, 0)) {
	case WAIT_TIMEOUT:
		set_variables_running(state->channel, "TIMEOUT", "");
		break;
	case WAIT_TRANSFERRED:
		set_variables_running(state->channel, "NONE", "");
		break;
	case WAIT_HANGUP:
		end_detection(state, WAIT_HANGUP, &detected);
		set_variables_at_end(state, &detected);
		break;
	case WAIT_ENDED:
		set_variables_at_end(state, &detected);
	}
}

SWITCH_STANDARD_APP(stop_app)
{
	wait_for_end(session, "earwig_detect_machine_stop", ENDING_TIMEOUT_MS, 1);
}

SWITCH_STANDARD_APP(wait_app)
{
	static const char app[] = "earwig_detect_machine_wait";
	char wrong[256];
	const int64_t ms = args_wait_ms(switch_str_nil(data), -1, wrong, sizeof(wrong));

	if (ms < -1) {
		log_error(session, app, wrong);
		set_variables_running(switch_core_session_get_channel(session), "ERROR", wrong);
	} else {
		wait_for_end(session, app, ms, 0);
	}
}

const struct application machine_applications[] = {
	{ detect_app_name, "Detects who has answered: person, machine or fax", "[<option>=<value>,...]", detect_app },
	{ "earwig_detect_machine_stop", "Ends the detection", "", stop_app },
	{ "earwig_detect_machine_wait", "Waits for the end of the detection", "[<seconds>]", wait_app },
	{ NULL },
};
