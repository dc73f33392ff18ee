/*
 * The applications that run_tasks who has answered.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "../app_earwig.h"

#include "asterisk/pbx.h"

static const char detect_app[] = "EarwigDetectMachine";
static const char stop_app[] = "EarwigDetectMachineStop";
static const char wait_app[] = "EarwigDetectMachineWait";

/* The library ends a detection within a look at its channel: 10 ms. */
#define ENDING_TIMEOUT_MS 1000

/* `cause` is the application's: that of a wait is not the detection's. */
static void set_results(struct ast_channel *chan, const earwig_machine_outcome *outcome, const char *cause, const char *error)
{
	machine_set_variables(chan, outcome);
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", cause);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
}

static void set_ending(const struct app_session *session, const earwig_machine_outcome *outcome)
{
	char error[256] = "";

	if (outcome->result == EARWIG_MACHINE_RESULT_ERROR) {
		earwig_channel_get_error(session->call, error, sizeof(error));
	}
	set_results(session->chan, outcome, machine_result_cause(outcome), error);
}

/* The variables of the detection, which runs on, are as they were. */
static void set_running(struct ast_channel *chan, const char *cause)
{
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", cause);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", "");
}

/* Nothing was started. `session` is NULL if it did not come to that. */
static void refused(struct ast_channel *chan, const struct app_session *session, const char *error)
{
	struct call_context *context = session ? ao2_bump(session->context) : call_context_create();
	earwig_machine_outcome outcome;

	log_error(chan, detect_app, error);
	machine_result_init(&outcome, EARWIG_MACHINE_RESULT_ERROR, "ERROR");
	set_results(chan, &outcome, "ERROR", error);
	if (context) {
		call_context_snapshot(context, chan);
		event_machine_finished(context, &outcome, error);
		ao2_ref(context, -1);
	}
}

/* A secret in the dialplan would be logged. -1 and what is wrong. */
static int take_secret(earwig_machine_options *options, struct ast_channel *chan, char *error, size_t size)
{
	SCOPED_CHANNELLOCK(lock, chan);
	const char *secret = pbx_builtin_getvar_helper(chan, "EARWIG_STATUS_SECRET");

	if (*options->status_secret || ast_strlen_zero(secret)) {
		return 0;
	}
	if (strlen(secret) >= sizeof(options->status_secret)) {
		snprintf(error, size, "EARWIG_STATUS_SECRET is longer than %zu bytes", sizeof(options->status_secret) - 1);
		return -1;
	}
	strcpy(options->status_secret, secret);	/* Safe */
	return 0;
}

int machine_args_parse(earwig_machine_options *options, struct ast_channel *chan, const char *data, char *error, size_t size)
{
	char *text = ast_strdupa(S_OR(data, ""));
	const size_t length = strlen(text);
	int wrong;

	replace_control_characters(text);
	wrong = config_options(JOB_MACHINE, options, error, size)
		|| (*text && earwig_machine_options_parse(text, options, error, size));
	explicit_bzero(text, length);
	return wrong ? -1 : take_secret(options, chan, error, size);
}

static earwig_status machine_outcome(earwig_channel *call, void *outcome)
{
	return earwig_machine_get_outcome(call, outcome);
}

/* -1 if none has begun, which the variables run_tasks. */
static int begin(const struct app_session *session, const earwig_machine_options *options)
{
	char error[256] = "";
	earwig_machine_outcome outcome;
	earwig_status status;

	if (app_session_is_hung_up(session)) {
		earwig_channel_hangup(session->call);
	}
	if (call_ids_set(session, error, sizeof(error))) {
		refused(session->chan, session, error);
		return -1;
	}
	status = detection_start(session, options);
	if (status == EARWIG_ERR_HANGUP) {
		machine_result_init(&outcome, EARWIG_MACHINE_RESULT_UNKNOWN, "HANGUP");
		set_results(session->chan, &outcome, "HANGUP", "");
	} else if (status) {
		refused(session->chan, session, call_error(session, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Whoever waited cannot any more. */
static void give_up(const struct app_session *session, earwig_machine_outcome *outcome)
{
	if (app_session_is_transferred(session)) {
		earwig_machine_stop(session->call, 0);
	} else {
		earwig_channel_hangup(session->call);
	}
	app_session_wait_unread(session, machine_outcome, outcome, ENDING_TIMEOUT_MS);
}

static int detect_exec(struct ast_channel *chan, const char *data)
{
	earwig_machine_options options;
	earwig_machine_outcome outcome;
	struct app_session session;
	char error[256] = "";
	const char *wrong = error;
	int leave = 0, begun;

	if (machine_args_parse(&options, chan, data, error, sizeof(error)) || app_session_open(&session, chan, &wrong)) {
		if (wrong) {
			refused(chan, NULL, wrong);
		} else {
			leave = -1;
		}
		explicit_bzero(&options, sizeof(options));
		return leave;
	}
	begun = !begin(&session, &options);
	if (begun && options.wait) {
		earwig_machine_outcome_init(&outcome);
		if (app_session_wait(&session, machine_outcome, &outcome, -1) == WAIT_INTERRUPTED) {
			leave = -1;
			give_up(&session, &outcome);
		}
		set_ending(&session, &outcome);
	} else if (begun) {
		set_running(chan, "NONE");
	}
	app_session_close(&session);
	explicit_bzero(&options, sizeof(options));
	return leave;
}

/* Waits for the ending of the detection that runs, if one does, and sets what is known then. */
static int wait_for_ending(struct app_session *session, int64_t ms)
{
	enum wait_result wait_result = WAIT_INTERRUPTED;
	const int over = app_session_is_hung_up(session);
	earwig_machine_outcome outcome;

	earwig_machine_outcome_init(&outcome);
	if (!over) {
		wait_result = app_session_wait(session, machine_outcome, &outcome, ms);
	}
	if (wait_result == WAIT_TIMEOUT || (wait_result == WAIT_INTERRUPTED && app_session_is_transferred(session))) {
		set_running(session->chan, wait_result == WAIT_TIMEOUT ? "TIMEOUT" : "NONE");
	} else {
		if (wait_result == WAIT_INTERRUPTED) {
			give_up(session, &outcome);
		}
		set_ending(session, &outcome);
	}
	return wait_result == WAIT_INTERRUPTED && !over ? -1 : 0;
}

/* -1 if there was never a detection, which the variables run_tasks. */
static int open_with_detection(struct app_session *session, struct ast_channel *chan)
{
	earwig_machine_outcome outcome;

	if (!app_session_open_existing(session, chan)) {
		if (detection_was(session->context)) {
			return 0;
		}
		app_session_close(session);
	}
	machine_result_init(&outcome, EARWIG_MACHINE_RESULT_UNKNOWN, "");
	set_results(chan, &outcome, machine_result_cause(&outcome), "");
	return -1;
}

static int stop_exec(struct ast_channel *chan, const char *data)
{
	struct app_session session;
	int leave;

	if (open_with_detection(&session, chan)) {
		return 0;
	}
	if (!app_session_is_hung_up(&session)) {
		earwig_machine_stop(session.call, 0);
	}
	leave = wait_for_ending(&session, ENDING_TIMEOUT_MS);
	app_session_close(&session);
	return leave;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	int64_t ms = ast_strlen_zero(data) ? -1 : seconds_to_ms(data);
	struct app_session session;
	int leave;

	if (ms < -1) {
		set_error(chan, wait_app, "the time is not in seconds");
		return 0;
	}
	if (open_with_detection(&session, chan)) {
		return 0;
	}
	leave = wait_for_ending(&session, ms);
	app_session_close(&session);
	return leave;
}

const struct application machine_applications[] = {
	{ detect_app, detect_exec },
	{ stop_app, stop_exec },
	{ wait_app, wait_exec },
	{ NULL, NULL },
};
