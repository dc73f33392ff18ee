/*
 * The applications that collect digits, and EarwigListen.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in hosts/asterisk.
 */

#include "../app_earwig.h"

#include "asterisk/app.h"
#include "asterisk/pbx.h"

static const char digits_app[] = "EarwigGetDigits";

static const char listen_app[] = "EarwigListen";

/* Limit in ms on waiting for the result after a stop or a hang-up. */
#define ENDING_TIMEOUT_MS 1000

static int listen_exec(struct ast_channel *chan, const char *data)
{
	char error[256] = "", *text = ast_strdupa(S_OR(data, ""));

	replace_control_characters(text);
	if (channel_state_listen(chan, text, error, sizeof(error))) {
		set_error(chan, listen_app, error);
	}
	return 0;
}

static int clear_exec(struct ast_channel *chan, const char *data)
{
	SCOPED_CHANNELLOCK(lock, chan);
	struct channel_state *state = app_session_phase(chan) == CALL_OVER ? channel_state_find(chan) : channel_state_attach(chan);

	if (state) {
		earwig_dtmf_clear(state->call);
	}
	return 0;
}

void set_digits_variables(struct ast_channel *chan, const char *variable, const char *digits)
{
	pbx_builtin_setvar_helper(chan, "EARWIG_DIGITS", digits);
	if (*variable) {
		pbx_builtin_setvar_helper(chan, variable, digits);
	}
}

/* Reports every ending. `error` is empty unless the cause is ERROR. */
static void report(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error)
{
	if (*error) {
		log_error(chan, digits_app, error);
	}
	set_digits_variables(chan, variable, result->digits);
	earwig_dtmf_result_foreach_field(result, EARWIG_FIELD_SET_VARIABLES, set_variable, chan);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
	event_dtmf_end(chan, before, variable, result, error);
}

static void report_failure(struct ast_channel *chan, const char *variable, const char *error)
{
	earwig_dtmf_result result;

	earwig_dtmf_result_init(&result);
	result.cause = EARWIG_DTMF_CAUSE_ERROR;
	report(chan, NULL, variable, &result, error);
}

/* -1 if the application must leave the channel. */
static int collect(struct app_session *session, earwig_dtmf_result *result)
{
	switch (app_session_wait(session, JOB_DTMF, result, -1)) {
	case WAIT_HANGUP:
		earwig_channel_hangup(session->call);
		break;
	case WAIT_TRANSFERRED:
		earwig_dtmf_stop(session->call, 0);
		break;
	default:
		return 0;
	}
	earwig_dtmf_wait(session->call, ENDING_TIMEOUT_MS, result);
	return -1;
}

int dtmf_args_set(struct dtmf_args *args, const char *variable, const char *count, const char *options, char *error, size_t size)
{
	char *rest = ast_strdupa(options);

	return args_choose(variable, rest, "variable", args->variable, sizeof(args->variable), error, size)
		|| config_options(JOB_DTMF, &args->options, error, size)
		|| dtmf_options_parse(&args->options, count, rest, error, size) ? -1 : 0;
}

/* Cuts off the first argument, and returns what follows. */
static char *cut_first(char *text)
{
	AST_DECLARE_APP_ARGS(words,
		AST_APP_ARG(first);
		AST_APP_ARG(rest);
	);

	/* Raw: quotes belong to the options, which may be JSON. */
	AST_STANDARD_RAW_ARGS(words, text);
	return S_OR(words.rest, "");
}

/* Parses "variable[,count][,options]", or options alone. -1 and an error text. */
static int parse_args(struct dtmf_args *args, const char *data, char *error, size_t size)
{
	char *options = ast_strdupa(data), *variable = "", *count = "";

	*args->variable = '\0';
	replace_control_characters(options);
	if (!args_begin_with_option(options)) {
		variable = options;
		options = cut_first(variable);
		if (ast_strlen_zero(variable)) {
			snprintf(error, size, "a variable is required");
			return -1;
		}
		if (!args_begin_with_option(options)) {
			count = options;
			options = cut_first(count);
		}
	}
	return dtmf_args_set(args, variable, count, options, error, size);
}

static int digits_exec(struct ast_channel *chan, const char *data)
{
	RAII_VAR(struct ast_channel_snapshot *, before, NULL, ao2_cleanup);
	const int over = app_session_phase(chan) == CALL_OVER;
	earwig_dtmf_result result;
	struct app_session session;
	struct dtmf_args args;
	char error[256] = "";
	const char *wrong;
	int leave = 0;
	earwig_status status;

	if (parse_args(&args, S_OR(data, ""), error, sizeof(error))) {
		report_failure(chan, args.variable, error);
		return 0;
	}
	earwig_dtmf_result_init(&result);
	switch (app_session_open(&session, chan, &wrong)) {
	case OPEN_FAILED:
		report_failure(chan, args.variable, wrong);
		return 0;
	case OPEN_AFTER_HANGUP:
		result.cause = EARWIG_DTMF_CAUSE_HANGUP;
		report(chan, NULL, args.variable, &result, "");
		return over ? 0 : -1;
	default:
		break;
	}
	before = channel_snapshot(chan);
	status = job_start(&session, JOB_DTMF, &args.options, "", 1);
	if (!status) {
		leave = collect(&session, &result);
	} else if (status == EARWIG_ERR_HANGUP) {
		dtmf_result_after_hangup(&result, session.call, &args.options);
		leave = over ? 0 : -1;
	}
	if (!status || status == EARWIG_ERR_HANGUP) {
		report(chan, before, args.variable, &result, "");
	} else {
		report_failure(chan, args.variable, app_session_error(&session, status, error, sizeof(error)));
	}
	app_session_close(&session);
	return leave;
}

const struct application dtmf_applications[] = {
	{ listen_app, listen_exec },
	{ "EarwigClearDigits", clear_exec },
	{ digits_app, digits_exec },
	{ NULL, NULL },
};
