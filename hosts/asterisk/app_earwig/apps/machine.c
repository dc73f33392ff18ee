/*
 * The applications that detect who has answered.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in hosts/asterisk.
 */

#include "../app_earwig.h"

#include "asterisk/pbx.h"

static const char detect_app[] = "EarwigDetectMachine";
static const char stop_app[] = "EarwigDetectMachineStop";
static const char wait_app[] = "EarwigDetectMachineWait";

/* Limit in ms on waiting for the result after a stop or a hang-up: the library looks at its channels every 10 ms. */
#define ENDING_TIMEOUT_MS 1000

/* `cause` is that of the application, which may only have waited. */
static void set_variables(struct ast_channel *chan, const earwig_machine_result *detected, const char *cause, const char *error)
{
	earwig_machine_result_foreach_field(detected, EARWIG_FIELD_SET_VARIABLES, set_variable, chan);
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", cause);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
}

static void set_variables_at_end(const struct app_session *session, const earwig_machine_result *detected)
{
	char error[256] = "";

	if (detected->verdict == EARWIG_MACHINE_VERDICT_ERROR) {
		earwig_channel_get_error(session->call, error, sizeof(error));
	}
	set_variables(session->chan, detected, machine_result_cause(detected), error);
}

/* Leaves the variables of the detection, which still runs, alone. */
static void set_variables_running(struct ast_channel *chan, const char *cause)
{
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", cause);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", "");
}

/* Without a detection. */
static void set_variables_of_none(struct ast_channel *chan, earwig_machine_verdict verdict, const char *cause, const char *error)
{
	earwig_machine_result detected;

	machine_result_set(&detected, verdict, cause);
	set_variables(chan, &detected, machine_result_cause(&detected), error);
}

/* Reports that no detection was started. `session` is NULL if it could not be opened. */
static void report_failure(struct ast_channel *chan, const struct app_session *session, const char *error)
{
	struct call_context *context = session ? ao2_bump(session->context) : call_context_create();
	earwig_machine_result detected;

	log_error(chan, detect_app, error);
	machine_result_set(&detected, EARWIG_MACHINE_VERDICT_ERROR, "ERROR");
	set_variables(chan, &detected, "ERROR", error);
	if (context) {
		call_context_snapshot(context, chan);
		event_machine_finished(context, &detected, error);
		ao2_ref(context, -1);
	}
}

int machine_args_parse(earwig_machine_options *options, struct ast_channel *chan, const char *data, char *error, size_t size)
{
	SCOPED_CHANNELLOCK(lock, chan);
	char *text = ast_strdupa(S_OR(data, ""));
	const size_t length = strlen(text);
	int wrong;

	replace_control_characters(text);
	wrong = config_options(JOB_MACHINE, options, error, size)
		|| (*text && earwig_machine_options_parse(text, options, error, size))
		|| machine_options_set_secret(options, pbx_builtin_getvar_helper(chan, "EARWIG_STATUS_SECRET"),
			"EARWIG_STATUS_SECRET", error, size);
	explicit_bzero(text, length);
	return wrong ? -1 : 0;
}

/* -1 if no detection has started, which is reported. */
static int start(const struct app_session *session, const earwig_machine_options *options)
{
	char error[256] = "";
	earwig_status status;

	if (set_call_ids(session, error, sizeof(error))) {
		report_failure(session->chan, session, error);
		return -1;
	}
	status = job_start(session, JOB_MACHINE, options, NULL, options->wait);
	if (status == EARWIG_ERR_HANGUP) {
		set_variables_of_none(session->chan, EARWIG_MACHINE_VERDICT_UNKNOWN, "HANGUP", "");
	} else if (status) {
		report_failure(session->chan, session, app_session_error(session, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Ends a detection that nobody can wait for any more. */
static void end_detection(const struct app_session *session, enum wait_result wait, earwig_machine_result *detected)
{
	if (wait == WAIT_TRANSFERRED) {
		earwig_machine_stop(session->call, 0);
	} else {
		earwig_channel_hangup(session->call);
	}
	app_session_wait_without_reading(session, JOB_MACHINE, detected, ENDING_TIMEOUT_MS);
}

/* -1 if the channel must be left. */
static int detect(struct app_session *session)
{
	earwig_machine_result detected;
	enum wait_result wait;

	earwig_machine_result_init(&detected);
	wait = app_session_wait(session, JOB_MACHINE, &detected, -1);
	if (wait != WAIT_ENDED) {
		end_detection(session, wait, &detected);
	}
	set_variables_at_end(session, &detected);
	return wait == WAIT_ENDED ? 0 : -1;
}

static int detect_exec(struct ast_channel *chan, const char *data)
{
	earwig_machine_options options;
	struct app_session session;
	char error[256] = "";
	const char *wrong = error;
	enum open_result opened = OPEN_FAILED;
	int leave = 0;

	if (!machine_args_parse(&options, chan, data, error, sizeof(error))) {
		opened = app_session_open(&session, chan, &wrong);
	}
	if (opened == OPEN_FAILED) {
		report_failure(chan, NULL, wrong);
	} else if (opened == OPEN_AFTER_HANGUP) {
		set_variables_of_none(chan, EARWIG_MACHINE_VERDICT_UNKNOWN, "HANGUP", "");
	} else {
		if (!start(&session, &options)) {
			if (options.wait) {
				leave = detect(&session);
			} else {
				set_variables_running(chan, "NONE");
			}
		}
		app_session_close(&session);
	}
	explicit_bzero(&options, sizeof(options));
	return leave;
}

/* Waits for the end of a running detection, and sets the variables of the last one. -1 if the channel must be left. */
static int wait_for_end(struct app_session *session, int64_t ms)
{
	const int over = app_session_is_hung_up(session);
	earwig_machine_result detected;
	enum wait_result wait;

	earwig_machine_result_init(&detected);
	wait = over ? WAIT_HANGUP : app_session_wait(session, JOB_MACHINE, &detected, ms);
	switch (wait) {
	case WAIT_TIMEOUT:
		set_variables_running(session->chan, "TIMEOUT");
		return 0;
	case WAIT_TRANSFERRED:
		set_variables_running(session->chan, "NONE");
		return -1;
	case WAIT_HANGUP:
		end_detection(session, wait, &detected);
		break;
	case WAIT_ENDED:
		break;
	}
	set_variables_at_end(session, &detected);
	return wait == WAIT_HANGUP && !over ? -1 : 0;
}

/* -1 if the call has never had a detection, which the variables tell. Whoever waits for one expects it; a stop is content. */
static int open_with_detection(struct app_session *session, struct ast_channel *chan, const char *app)
{
	enum call_phase phase;
	const char *error;

	if (!app_session_open_existing(session, chan)) {
		if (jobs_started(session->context, JOB_MACHINE)) {
			return 0;
		}
		app_session_close(session);
	}
	phase = app_session_phase(chan);
	error = call_phase_error(phase);
	if (!error && app == wait_app) {
		error = "no detection has been started";
	}
	if (error) {
		log_error(chan, app, error);
	}
	if (error && phase != CALL_OVER) {
		set_variables_of_none(chan, EARWIG_MACHINE_VERDICT_ERROR, "ERROR", error);
	} else {
		set_variables_of_none(chan, EARWIG_MACHINE_VERDICT_UNKNOWN, error ? "HANGUP" : "", "");
	}
	return -1;
}

static int stop_exec(struct ast_channel *chan, const char *data)
{
	struct app_session session;
	int leave;

	if (open_with_detection(&session, chan, stop_app)) {
		return 0;
	}
	if (!app_session_is_hung_up(&session)) {
		earwig_machine_stop(session.call, 0);
	}
	leave = wait_for_end(&session, ENDING_TIMEOUT_MS);
	app_session_close(&session);
	return leave;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	char error[256];
	const int64_t ms = args_wait_ms(S_OR(data, ""), -1, error, sizeof(error));
	struct app_session session;
	int leave;

	if (ms < -1) {
		set_error(chan, wait_app, error);
		return 0;
	}
	if (open_with_detection(&session, chan, wait_app)) {
		return 0;
	}
	leave = wait_for_end(&session, ms);
	app_session_close(&session);
	return leave;
}

const struct application machine_applications[] = {
	{ detect_app, detect_exec },
	{ stop_app, stop_exec },
	{ wait_app, wait_exec },
	{ NULL, NULL },
};
