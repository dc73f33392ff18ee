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

int dtmf_args_parse(struct dtmf_args *args, switch_core_session_t *session, const char *data, char *error, size_t size)
{
	char *rest = switch_core_session_strdup(session, switch_str_nil(data));
	const char *variable = "", *count = "";

	rest += strspn(rest, " ");
	*args->variable = '\0';
	if (*rest && !args_begin_with_option(rest) && !is_number(rest)) {
		variable = next_word(&rest);
	}
	if (isdigit((unsigned char) *rest)) {
		count = next_word(&rest);
	}
	return args_choose(variable, rest, "variable", args->variable, sizeof(args->variable), error, size)
		|| config_options(JOB_DTMF, &args->options, error, size)
		|| dtmf_options_parse(&args->options, count, rest, error, size) ? -1 : 0;
}

void set_digits_variables(switch_channel_t *channel, const char *variable, const char *digits)
{
	set_variable(channel, "earwig_digits", digits);
	if (*variable) {
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
		add_header(event, "variable", variable);
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

static void report_hangup(switch_core_session_t *session, const char *variable, const earwig_dtmf_result *result)
{
	set_variables(switch_core_session_get_channel(session), variable, result, "");
	send_end_event(session, variable, result, "");
}

SWITCH_STANDARD_APP(get_digits)
{
	earwig_dtmf_result result;
	struct channel_state *state;
	struct dtmf_args args;
	char error[256] = "";
	const char *wrong;
	earwig_status status;

	if (dtmf_args_parse(&args, session, data, error, sizeof(error))) {
		report_failure(session, args.variable, error);
		return;
	}
	earwig_dtmf_result_init(&result);
	if (!(state = app_session_open(session, &wrong))) {
		if (app_session_phase(session) == CALL_OVER) {
			result.cause = EARWIG_DTMF_CAUSE_HANGUP;
			report_hangup(session, args.variable, &result);
		} else {
			report_failure(session, args.variable, wrong);
		}
		return;
	}
	status = job_start(state, JOB_DTMF, &args.options, args.variable, 1);
	if (!status) {
		collect(state, &result);
		set_variables(state->channel, args.variable, &result, "");
	} else if (status == EARWIG_ERR_HANGUP) {
		dtmf_result_after_hangup(&result, state->call, &args.options);
		report_hangup(session, args.variable, &result);
	} else {
		report_failure(session, args.variable, app_session_error(state, status, error, sizeof(error)));
	}
}

SWITCH_STANDARD_APP(listen_app)
{
	const char *wrong;

	if (!channel_state_listen(session, switch_str_nil(data), &wrong)) {
		log_error(session, "earwig_listen", wrong);
		set_variable(switch_core_session_get_channel(session), "earwig_cause", "ERROR");
		set_variable(switch_core_session_get_channel(session), "earwig_error", wrong);
	}
}

SWITCH_STANDARD_APP(clear_digits)
{
	const char *wrong;
	struct channel_state *state = app_session_phase(session) == CALL_OVER ? channel_state_find(session)
		: channel_state_attach(session, &wrong);

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
