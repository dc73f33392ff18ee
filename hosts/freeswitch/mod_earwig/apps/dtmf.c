/*
 * The applications that collect digits, and earwig_listen.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

#include <ctype.h>

static const char digits_app[] = "earwig_get_digits";

/* Limit in ms on waiting for the result after a stop or a hang-up. */
#define ENDING_TIMEOUT_MS 1000

static int is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static int has_options(const char *text)
{
	return *text == '{' || memchr(text, '=', strcspn(text, ", "));
}

int dtmf_args_parse(earwig_dtmf_options *options, const char **variable, switch_core_session_t *session, const char *data,
	char *error, size_t size)
{
	char *rest = switch_core_session_strdup(session, switch_str_nil(data));
	const char *count = "";

	rest += strspn(rest, " ");
	*variable = NULL;
	if (*rest && !has_options(rest) && !is_number(rest)) {
		*variable = next_word(&rest);
	}
	if (isdigit((unsigned char) *rest)) {
		count = next_word(&rest);
	}
	return config_options(JOB_DTMF, options, error, size) || dtmf_options_parse(options, count, rest, error, size) ? -1 : 0;
}

void set_digits_variables(switch_channel_t *channel, const char *variable, const char *digits)
{
	set_variable(channel, "earwig_digits", digits);
	if (!zstr(variable)) {
		set_variable(channel, variable, digits);
	}
}

/* Sets the variables at every ending. `error` is empty unless the cause is ERROR. */
static void set_variables(switch_channel_t *channel, const char *variable, const earwig_dtmf_result *result, const char *error)
{
	set_digits_variables(channel, variable, result->digits);
	set_variable(channel, "earwig_error", error);
	earwig_dtmf_result_foreach_field(result, EARWIG_FIELD_SET_VARIABLES, set_variable, channel);
}

/* Sends the end of a collection that was not started; for the others jobs.c does. */
static void send_end_event(switch_core_session_t *session, const char *variable, const earwig_dtmf_result *result,
	const char *error)
{
	struct call_context *context = call_context_create(session);
	switch_event_t *event = context ? event_create(context, "dtmf") : NULL;

	if (event) {
		add_header(event, "action", "end");
		add_header(event, "variable", switch_str_nil(variable));
		if (*error) {
			add_header(event, "error", error);
		}
		earwig_dtmf_result_foreach_field(result, EARWIG_FIELD_SET_FIELDS, add_header, event);
		event_send(context, "dtmf", event);
	}
	if (context) {
		call_context_unref(context);
	}
}

static void report_failure(switch_core_session_t *session, const char *variable, const char *error)
{
	earwig_dtmf_result result;

	log_error(session, digits_app, error);
	earwig_dtmf_result_init(&result);
	result.cause = EARWIG_DTMF_CAUSE_ERROR;
	set_variables(switch_core_session_get_channel(session), variable, &result, error);
	send_end_event(session, variable, &result, error);
}

static void collect(struct channel_state *state, earwig_dtmf_result *result)
{
	switch (app_session_wait(state, JOB_DTMF, result, -1, 1)) {
	case WAIT_HANGUP:
		earwig_channel_hangup(state->call);
		break;
	case WAIT_TRANSFERRED:
		earwig_dtmf_stop(state->call, 0);
		break;
	default:
		return;
	}
	app_session_wait_without_reading(state, JOB_DTMF, result, ENDING_TIMEOUT_MS);
}

SWITCH_STANDARD_APP(get_digits)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	earwig_dtmf_options options;
	earwig_dtmf_result result;
	struct channel_state *state;
	const char *variable, *wrong;
	char error[256] = "";
	earwig_status status;

	if (dtmf_args_parse(&options, &variable, session, data, error, sizeof(error))) {
		report_failure(session, variable, error);
		return;
	}
	if (!(state = app_session_open(session, &wrong))) {
		report_failure(session, variable, wrong);
		return;
	}
	status = job_start(state, JOB_DTMF, &options, variable, 1);
	earwig_dtmf_result_init(&result);
	if (!status) {
		collect(state, &result);
		set_variables(channel, variable, &result, "");
	} else if (status == EARWIG_ERR_HANGUP) {
		result.cause = EARWIG_DTMF_CAUSE_HANGUP;
		set_variables(channel, variable, &result, "");
		send_end_event(session, variable, &result, "");
	} else {
		report_failure(session, variable, app_session_error(state, status, error, sizeof(error)));
	}
}

SWITCH_STANDARD_APP(listen_app)
{
	const char *wrong;

	if (!channel_state_listen(session, switch_str_nil(data), &wrong)) {
		log_error(session, "earwig_listen", wrong);
		set_variable(switch_core_session_get_channel(session), "earwig_error", wrong);
	}
}

SWITCH_STANDARD_APP(clear_digits)
{
	const char *wrong;
	struct channel_state *state = channel_state_attach(session, &wrong);

	if (state) {
		earwig_dtmf_clear(state->call);
	}
}

const struct application dtmf_applications[] = {
	{ "earwig_listen", "Starts to listen, so that digits typed ahead count", "[squelch_dtmf=<switch>]", listen_app },
	{ digits_app, "Collects DTMF digits, in-band or signalled", "[<variable>[,<count>]][,<option>=<value>...]", get_digits },
	{ "earwig_clear_digits", "Empties the digit buffer", "", clear_digits },
	{ NULL },
};
