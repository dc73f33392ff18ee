/*
 * The applications that run_tasks who has answered.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

/* The library ends a detection within a look at its channel: 10 ms. */
#define ENDING_TIMEOUT_MS 1000

/* None has begun. */
static void fill(earwig_machine_outcome *outcome, earwig_machine_result result, const char *cause)
{
	earwig_machine_outcome_init(outcome);
	outcome->result = result;
	switch_copy_string(outcome->cause_text, cause, sizeof(outcome->cause_text));
}

/* The result is the last: who waits for it finds the others. */
static void set_results(switch_channel_t *channel, const earwig_machine_outcome *outcome, const char *error)
{
	set_variable(channel, "earwig_error", error);
	set_variable(channel, "earwig_cause", zstr(outcome->cause_text) ? "NONE" : outcome->cause_text);
	earwig_machine_outcome_each(outcome, EARWIG_NAMES_VARIABLES, set_variable, channel);
}

static void set_ending(struct channel_state *state, const earwig_machine_outcome *outcome)
{
	char error[256] = "";

	if (outcome->result == EARWIG_MACHINE_RESULT_ERROR) {
		earwig_channel_get_error(state->call, error, sizeof(error));
	}
	set_results(state->channel, outcome, error);
}

/* The variables of the detection, which runs on, are as they were: `cause` is the application's. */
static void set_running(switch_channel_t *channel, const char *cause, const char *error)
{
	set_variable(channel, "earwig_cause", cause);
	set_variable(channel, "earwig_error", error);
}

void machine_report_failure(switch_core_session_t *session, const char *error)
{
	struct call_context *context = call_context_create(session);
	switch_event_t *event = context ? event_create(context, "machine") : NULL;
	earwig_machine_outcome outcome;

	switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_detect_machine: %s\n", error);
	fill(&outcome, EARWIG_MACHINE_RESULT_ERROR, "ERROR");
	set_results(switch_core_session_get_channel(session), &outcome, error);
	if (event) {
		add_header(event, "action", "end");
		add_header(event, "machine_event", earwig_machine_event_str(EARWIG_MACHINE_EVENT_FINISHED));
		add_header(event, "error", error);
		earwig_machine_outcome_each(&outcome, EARWIG_NAMES_FIELDS, add_header, event);
		event_send(context, "machine", event);
	}
	if (context) {
		call_context_unref(context);
	}
}

/* A secret in the dialplan would be logged. -1 and what is wrong. */
static int take_secret(earwig_machine_options *options, switch_channel_t *channel, char *error, size_t size)
{
	const char *const secret = switch_channel_get_variable(channel, "earwig_status_secret");

	if (*options->status_secret || zstr(secret)) {
		return 0;
	}
	if (strlen(secret) >= sizeof(options->status_secret)) {
		switch_snprintf(error, size, "earwig_status_secret is longer than %u bytes",
			(unsigned) sizeof(options->status_secret) - 1);
		return -1;
	}
	switch_copy_string(options->status_secret, secret, sizeof(options->status_secret));
	return 0;
}

int machine_args_parse(earwig_machine_options *options, switch_core_session_t *session, const char *data, char *error, size_t size)
{
	const char *const before = config_options(JOB_MACHINE, switch_core_session_get_pool(session));

	earwig_machine_options_init(options);
	if (earwig_machine_options_parse(before, options, error, size)
			|| earwig_machine_options_parse(switch_str_nil(data), options, error, size)) {
		return -1;
	}
	return take_secret(options, switch_core_session_get_channel(session), error, size);
}

static earwig_status machine_outcome(earwig_channel *call, void *outcome)
{
	return earwig_machine_get_outcome(call, outcome);
}

/* -1 if none has begun, which the variables run_tasks. */
static int begin(struct channel_state *state, const earwig_machine_options *options)
{
	struct start start = { JOB_MACHINE };
	char error[256] = "";
	earwig_machine_outcome outcome;
	earwig_status status;

	if (call_ids_set(state, error, sizeof(error))) {
		machine_report_failure(state->session, error);
		return -1;
	}
	start.options = options;
	start.foreground = options->wait;
	status = job_start(state, &start);
	if (status == EARWIG_ERR_HANGUP) {
		fill(&outcome, EARWIG_MACHINE_RESULT_UNKNOWN, "HANGUP");
		set_results(state->channel, &outcome, "");
	} else if (status) {
		machine_report_failure(state->session, call_error(state, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Whoever waited cannot any more. */
static void give_up(struct channel_state *state, enum wait_result wait_result, earwig_machine_outcome *outcome)
{
	if (wait_result == WAIT_HANGUP) {
		earwig_channel_hangup(state->call);
	} else {
		earwig_machine_stop(state->call, 0);
	}
	app_session_wait_unread(state, machine_outcome, outcome, ENDING_TIMEOUT_MS);
}

SWITCH_STANDARD_APP(detect_app)
{
	earwig_machine_options options;
	earwig_machine_outcome outcome;
	struct channel_state *state = NULL;
	char error[256] = "";
	const char *wrong = error;

	if (machine_args_parse(&options, session, data, error, sizeof(error)) || !(state = app_session_open(session, &wrong))) {
		machine_report_failure(session, wrong);
	} else if (!begin(state, &options)) {
		if (options.wait) {
			enum wait_result wait_result;

			earwig_machine_outcome_init(&outcome);
			wait_result = app_session_wait(state, machine_outcome, &outcome, -1, 0);
			if (wait_result != WAIT_ENDED) {
				give_up(state, wait_result, &outcome);
			}
			set_ending(state, &outcome);
		} else {
			set_running(state->channel, "NONE", "");
		}
	}
	explicit_bzero(&options, sizeof(options));
}

/* Waits for the ending of the detection that runs, if one does, and sets what is known then. */
static void wait_for_ending(switch_core_session_t *session, int64_t ms, int stop)
{
	struct channel_state *state = channel_state_find(session);
	earwig_machine_outcome outcome;
	enum wait_result wait_result;

	if (!state || !state->context->begun[JOB_MACHINE]) {
		fill(&outcome, EARWIG_MACHINE_RESULT_UNKNOWN, "");
		set_results(switch_core_session_get_channel(session), &outcome, "");
		return;
	}
	if (stop) {
		earwig_machine_stop(state->call, 0);
	}
	earwig_machine_outcome_init(&outcome);
	wait_result = app_session_wait(state, machine_outcome, &outcome, ms, 0);
	if (wait_result == WAIT_TIMEOUT) {
		set_running(state->channel, "TIMEOUT", "");
	} else if (wait_result == WAIT_TRANSFERRED) {
		set_running(state->channel, "NONE", "");
	} else {
		if (wait_result == WAIT_HANGUP) {
			give_up(state, wait_result, &outcome);
		}
		set_ending(state, &outcome);
	}
}

SWITCH_STANDARD_APP(stop_app)
{
	wait_for_ending(session, ENDING_TIMEOUT_MS, 1);
}

SWITCH_STANDARD_APP(wait_app)
{
	const int64_t ms = zstr(data) ? -1 : seconds_to_ms(data);

	if (ms < -1) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR,
			"earwig_detect_machine_wait: the time is not in seconds\n");
		set_running(switch_core_session_get_channel(session), "ERROR", "the time is not in seconds");
	} else {
		wait_for_ending(session, ms, 0);
	}
}

const struct application machine_applications[] = {
	{ "earwig_detect_machine", "Tells who has answered: person, machine or fax", "[<option>=<value>,...]", detect_app },
	{ "earwig_detect_machine_stop", "Ends the detection", "", stop_app },
	{ "earwig_detect_machine_wait", "Waits for the detection's end", "[<seconds>]", wait_app },
	{ NULL },
};
