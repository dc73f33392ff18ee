/*
 * The applications of digits.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#include <ctype.h>

static int is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static int has_options(const char *text)
{
	return *text == '{' || memchr(text, '=', strcspn(text, ", "));
}

int digits_order(earwig_dtmf_options *options, const char **variable, switch_core_session_t *session, const char *data,
	char *error, size_t size)
{
	char *rest = switch_core_session_strdup(session, switch_str_nil(data));
	const char *const before = config_options(KIND_DIGITS, switch_core_session_get_pool(session));
	const char *count = "";

	rest += strspn(rest, " ");
	*variable = NULL;
	if (*rest && !has_options(rest) && !is_number(rest)) {
		*variable = cut_word(&rest);
	}
	if (isdigit((unsigned char) *rest)) {
		count = switch_core_session_sprintf(session, "count=%s", cut_word(&rest));
	}
	earwig_dtmf_options_init(options);
	return earwig_dtmf_options_parse(before, options, error, size)
		|| earwig_dtmf_options_parse(count, options, error, size)
		|| earwig_dtmf_options_parse(rest, options, error, size) ? -1 : 0;
}

void set_digits(switch_channel_t *channel, const char *variable, const char *digits)
{
	set_variable(channel, "earwig_digits", digits);
	if (!zstr(variable)) {
		set_variable(channel, variable, digits);
	}
}

/* Every ending goes through here. `error` is empty unless the cause is ERROR. */
static void set_results(switch_channel_t *channel, const char *variable, const earwig_dtmf_result *result, const char *error)
{
	set_digits(channel, variable, result->digits);
	set_variable(channel, "earwig_error", error);
	earwig_dtmf_result_each(result, EARWIG_NAMES_VARIABLES, set_variable, channel);
}

/* A collection that was not begun has an ending all the same. */
static void tell_ending(switch_core_session_t *session, const char *variable, const earwig_dtmf_result *result,
	const char *error)
{
	struct desk *desk = desk_alloc(session);
	switch_event_t *event = desk ? event_begin(desk, "dtmf") : NULL;

	if (event) {
		add_header(event, "action", "end");
		add_header(event, "variable", switch_str_nil(variable));
		if (*error) {
			add_header(event, "error", error);
		}
		earwig_dtmf_result_each(result, EARWIG_NAMES_FIELDS, add_header, event);
		event_send(desk, "dtmf", event);
	}
	if (desk) {
		desk_unref(desk);
	}
}

void digits_refused(switch_core_session_t *session, const char *variable, const char *error)
{
	earwig_dtmf_result result;

	switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_get_digits: %s\n", error);
	earwig_dtmf_result_init(&result);
	result.cause = EARWIG_DTMF_CAUSE_ERROR;
	set_results(switch_core_session_get_channel(session), variable, &result, error);
	tell_ending(session, variable, &result, error);
}

static earwig_status digits_result(earwig_channel *call, void *result)
{
	return earwig_dtmf_get_result(call, result);
}

static void collect(struct listener *listener, earwig_dtmf_result *result)
{
	switch (visit_serve(listener, digits_result, result, -1, 1)) {
	case SERVED_HANGUP:
		earwig_channel_hangup(listener->call);
		break;
	case SERVED_ELSEWHERE:
		earwig_dtmf_stop(listener->call);
		break;
	default:
		return;
	}
	visit_await(listener, digits_result, result, 1000);
}

SWITCH_STANDARD_APP(get_digits)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	struct start start = { KIND_DIGITS };
	earwig_dtmf_options options;
	earwig_dtmf_result result;
	struct listener *listener;
	const char *variable, *wrong;
	char error[256] = "";
	earwig_status status;

	if (digits_order(&options, &variable, session, data, error, sizeof(error))) {
		digits_refused(session, variable, error);
		return;
	}
	if (!(listener = visit(session, &wrong))) {
		digits_refused(session, variable, wrong);
		return;
	}
	start.options = &options;
	start.waited_for = 1;
	start.text = variable;
	status = job_start(listener, &start);
	earwig_dtmf_result_init(&result);
	if (!status) {
		collect(listener, &result);
		set_results(channel, variable, &result, "");
	} else if (status == EARWIG_ERR_HANGUP) {
		result.cause = EARWIG_DTMF_CAUSE_HANGUP;
		set_results(channel, variable, &result, "");
		tell_ending(session, variable, &result, "");
	} else {
		digits_refused(session, variable, visit_error(listener, status, error, sizeof(error)));
	}
}

SWITCH_STANDARD_APP(listen_app)
{
	const char *wrong;
	struct listener *listener = listen_to(session, &wrong);

	if (!listener || listener_options(listener, switch_str_nil(data), &wrong)) {
		switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "earwig_listen: %s\n", wrong);
		set_variable(switch_core_session_get_channel(session), "earwig_error", wrong);
	}
}

SWITCH_STANDARD_APP(clear_digits)
{
	const char *wrong;
	struct listener *listener = listen_to(session, &wrong);

	if (listener) {
		earwig_dtmf_clear(listener->call);
	}
}

const struct application digits_applications[] = {
	{ "earwig_listen", "Listens early, so that digits that are typed ahead count", "[squelch_dtmf=<switch>]", listen_app },
	{ "earwig_get_digits", "Collects DTMF digits, in the audio or signalled", "[<variable>[,<count>]][,<option>=<value>...]",
		get_digits },
	{ "earwig_clear_digits", "Forgets the digits that have come", "", clear_digits },
	{ NULL },
};
