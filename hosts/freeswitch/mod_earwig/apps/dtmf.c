/*
 * The applications of digits.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

#include <ctype.h>

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
	const char *const before = config_options(JOB_DTMF, switch_core_session_get_pool(session));
	const char *count = "";

	rest += strspn(rest, " ");
	*variable = NULL;
	if (*rest && !has_options(rest) && !is_number(rest)) {
		*variable = next_word(&rest);
	}
	if (isdigit((unsigned char) *rest)) {
		count = switch_core_session_sprintf(session, "count=%s", next_word(&rest));
	}
	earwig_dtmf_options_init(options);
	return earwig_dtmf_options_parse(before, options, error, size)
		|| earwig_dtmf_options_parse(count, options, error, size)
		|| earwig_dtmf_options_parse(rest, options, error, size) ? -1 : 0;
}

void set_digits_variables(switch_channel_t *channel, const char *variable, const char *digits)
{
	set_variable(channel, "earwig_digits", digits);
	if (!zstr(variable)) {
		set_variable(channel, variable, digits);
	}
}

/* Every ending goes through here. `error` is empty unless the cause is ERROR. */
static void set_results(switch_channel_t *channel, const char *variable, const earwig_dtmf_result *result, const char *error)
{
	set_digits_variables(channel, variable, result->digits);
	set_variable(channel, "earwig_error", error);
	earwig_dtmf_result_each(result, EARWIG_NAMES_VARIABLES, set_variable, channel);
}

/* A collection that was not begun has an ending all the same. */
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
		earwig_dtmf_result_each(result, EARWIG_NAMES_FIELDS, add_header, event);
		event_send(context, "dtmf", event);
	}
	if (context) {
		call_context_unref(context);
	}
}

void dtmf_report_failure(switch_core_session_t *session, const char *variable, const char *error)
{
	earwig_dtmf_result result;

	switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_get_digits: %s\n", error);
	earwig_dtmf_result_init(&result);
	result.cause = EARWIG_DTMF_CAUSE_ERROR;
	set_results(switch_core_session_get_channel(session), variable, &result, error);
	send_end_event(session, variable, &result, error);
}

static earwig_status dtmf_result(earwig_channel *call, void *result)
{
	return earwig_dtmf_get_result(call, result);
}

static void collect(struct channel_state *state, earwig_dtmf_result *result)
{
	switch (app_session_wait(state, dtmf_result, result, -1, 1)) {
	case WAIT_HANGUP:
		earwig_channel_hangup(state->call);
		break;
	case WAIT_TRANSFERRED:
		earwig_dtmf_stop(state->call);
		break;
	default:
		return;
	}
	app_session_wait_unread(state, dtmf_result, result, 1000);
}

SWITCH_STANDARD_APP(get_digits)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct start start = { JOB_DTMF };
	earwig_dtmf_options options;
	earwig_dtmf_result result;
	struct channel_state *state;
	const char *variable, *wrong;
	char error[256] = "";
	earwig_status status;

	if (dtmf_args_parse(&options, &variable, session, data, error, sizeof(error))) {
		dtmf_report_failure(session, variable, error);
		return;
	}
	if (!(state = app_session_open(session, &wrong))) {
		dtmf_report_failure(session, variable, wrong);
		return;
	}
	start.options = &options;
	start.foreground = 1;
	start.text = variable;
	status = job_start(state, &start);
	earwig_dtmf_result_init(&result);
	if (!status) {
		collect(state, &result);
		set_results(channel, variable, &result, "");
	} else if (status == EARWIG_ERR_HANGUP) {
		result.cause = EARWIG_DTMF_CAUSE_HANGUP;
		set_results(channel, variable, &result, "");
		send_end_event(session, variable, &result, "");
	} else {
		dtmf_report_failure(session, variable, call_error(state, status, error, sizeof(error)));
	}
}

SWITCH_STANDARD_APP(listen_app)
{
	const char *wrong;
	struct channel_state *state = channel_state_attach(session, &wrong);

	if (!state || listen_options_apply(state, switch_str_nil(data), &wrong)) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_listen: %s\n", wrong);
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
	{ "earwig_listen", "Listens early, so that digits that are typed ahead count", "[squelch_dtmf=<switch>]", listen_app },
	{ "earwig_get_digits", "Collects DTMF digits, in the audio or signalled", "[<variable>[,<count>]][,<option>=<value>...]",
		get_digits },
	{ "earwig_clear_digits", "Forgets the digits that have come", "", clear_digits },
	{ NULL },
};
