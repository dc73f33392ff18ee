/*
 * The applications that record.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in hosts/asterisk.
 */

#include "../app_earwig.h"

#include "asterisk/pbx.h"

static const char record_app[] = "EarwigRecord";
static const char start_app[] = "EarwigRecordStart";
static const char stop_app[] = "EarwigRecordStop";
static const char wait_app[] = "EarwigRecordWait";
static const char pause_app[] = "EarwigRecordPause";
static const char resume_app[] = "EarwigRecordResume";
static const char mask_app[] = "EarwigRecordMask";
static const char unmask_app[] = "EarwigRecordUnmask";

static void set_variables(struct ast_channel *chan, const char *file, const earwig_recorder_result *result)
{
	earwig_recorder_result_foreach_field(result, EARWIG_FIELD_SET_VARIABLES, set_variable, chan);
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORD_FILE", file);
}

/* With the file of the last recording. */
static void set_variables_of_last(const struct app_session *session, const earwig_recorder_result *result)
{
	char *file;

	ao2_lock(session->context);
	file = ast_strdupa(S_OR(session->context->last_file, ""));
	ao2_unlock(session->context);
	set_variables(session->chan, file, result);
}

static void set_variables_running(const struct app_session *session, earwig_recorder_cause cause)
{
	earwig_recorder_result result;

	recorder_result_set_running(&result, cause);
	set_variables_of_last(session, &result);
}

/* Reports that no recording was started. `session` is NULL if it could not be opened. */
static void report_failure(struct ast_channel *chan, const struct app_session *session, const char *app, const char *file,
	const char *error)
{
	struct call_context *context = session ? ao2_bump(session->context) : call_context_create();
	earwig_recorder_result result;

	log_error(chan, app, error);
	earwig_recorder_result_init(&result);
	result.cause = EARWIG_RECORDER_CAUSE_ERROR;
	ast_copy_string(result.error, error, sizeof(result.error));
	if (session) {
		earwig_recorder_get_state(session->call, &result.state);
	}
	set_variables(chan, file, &result);
	if (context) {
		call_context_snapshot(context, chan);
		event_record_end(context, file, &result);
		ao2_ref(context, -1);
	}
}

/* Waits for the disk, on a channel that must not be read any more. */
static void wait_for_file(const struct app_session *session, earwig_recorder_result *result)
{
	if (app_session_wait_without_reading(session, JOB_RECORDER, result, FILE_TIMEOUT_MS)) {
		ast_log(LOG_WARNING, "%s: the recording's file is not complete after %d ms: the disk is slow\n",
			ast_channel_name(session->chan), FILE_TIMEOUT_MS);
		recorder_result_set_running(result, EARWIG_RECORDER_CAUSE_NONE);
	}
}

static void set_variables_of_none(struct ast_channel *chan, enum call_phase phase)
{
	earwig_recorder_result result;

	recorder_result_set_none(&result, phase);
	set_variables(chan, "", &result);
}

/* Opens a session. -1 if there is none, which is reported. */
static int parse_and_open(struct record_args *args, struct app_session *session, const char *app, const char *data,
	struct ast_channel *chan)
{
	char error[256] = "";
	const char *wrong = error;
	enum open_result opened = OPEN_FAILED;

	if (!record_args_parse(args, chan, data, error, sizeof(error))) {
		opened = app_session_open(session, chan, &wrong);
	}
	if (opened == OPEN_FAILED) {
		report_failure(chan, NULL, app, args->file, wrong);
	} else if (opened == OPEN_AFTER_HANGUP) {
		set_variables_of_none(chan, CALL_OVER);
	}
	return opened == OPENED ? 0 : -1;
}

/* -1 if no recording has started, which is reported. */
static int start(const struct app_session *session, const char *app, const struct record_args *args)
{
	const earwig_status status = job_start(session, JOB_RECORDER, &args->options, args->file, app == record_app);
	char error[256] = "";

	if (status == EARWIG_ERR_HANGUP) {
		set_variables_of_none(session->chan, CALL_OVER);
	} else if (status) {
		report_failure(session->chan, session, app, args->file, app_session_error(session, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Opens a session and starts a recording. -1 if none has started, which is reported. */
static int record(struct app_session *session, struct ast_channel *chan, const char *app, const char *data)
{
	struct record_args args;
	int failed = parse_and_open(&args, session, app, data, chan);

	if (!failed) {
		if (app == record_app && args.options.timeout_ms == EARWIG_DEFAULT) {
			args.options.timeout_ms = RECORDER_TIMEOUT_MS;
		}
		failed = start(session, app, &args);
		if (failed) {
			app_session_close(session);
		}
	}
	explicit_bzero(&args, sizeof(args));
	return failed;
}

static int record_exec(struct ast_channel *chan, const char *data)
{
	earwig_recorder_result result;
	struct app_session session;
	enum wait_result wait;

	if (record(&session, chan, record_app, data)) {
		return 0;
	}
	earwig_recorder_result_init(&result);
	wait = app_session_wait(&session, JOB_RECORDER, &result, -1);
	if (wait == WAIT_HANGUP) {
		earwig_channel_hangup(session.call);
	} else if (wait == WAIT_TRANSFERRED) {
		earwig_recorder_stop(session.call, 0);
	}
	if (wait != WAIT_ENDED) {
		wait_for_file(&session, &result);
	}
	set_variables_of_last(&session, &result);
	app_session_close(&session);
	return wait == WAIT_ENDED ? 0 : -1;
}

static int start_exec(struct ast_channel *chan, const char *data)
{
	struct app_session session;

	if (record(&session, chan, start_app, data)) {
		return 0;
	}
	set_variables_running(&session, EARWIG_RECORDER_CAUSE_NONE);
	app_session_close(&session);
	return 0;
}

/* Waits for the end of a running recording, and sets the variables of the last one. -1 if the channel must be left. */
static int wait_for_end(struct app_session *session, int64_t ms)
{
	const int runs = channel_is_recording(session->call);
	earwig_recorder_result result;
	int leave = 0;

	earwig_recorder_result_init(&result);
	if (app_session_is_hung_up(session)) {
		earwig_channel_hangup(session->call);
	} else if (runs) {
		switch (app_session_wait(session, JOB_RECORDER, &result, ms)) {
		case WAIT_ENDED:
			break;
		case WAIT_TIMEOUT:
			set_variables_running(session, EARWIG_RECORDER_CAUSE_TIMEOUT);
			return 0;
		case WAIT_TRANSFERRED:
			set_variables_running(session, EARWIG_RECORDER_CAUSE_NONE);
			return -1;
		case WAIT_HANGUP:
			leave = -1;
			earwig_channel_hangup(session->call);
		}
	}
	if (runs) {
		wait_for_file(session, &result);
	} else {
		earwig_recorder_get_result(session->call, &result);
	}
	set_variables_of_last(session, &result);
	return leave;
}

/* Opens a session on a call that has, or had, a recording. -1 if it never had one, which the variables tell. */
static int open_with_recording(struct app_session *session, struct ast_channel *chan, const char *app)
{
	enum call_phase phase;

	if (!app_session_open_existing(session, chan)) {
		if (jobs_started(session->context, JOB_RECORDER)) {
			return 0;
		}
		app_session_close(session);
	}
	phase = app_session_phase(chan);
	if (phase != CALL_UP) {
		log_error(chan, app, call_phase_error(phase));
	}
	set_variables_of_none(chan, phase);
	return -1;
}

static int stop_exec(struct ast_channel *chan, const char *data)
{
	struct app_session session;
	int leave;

	if (open_with_recording(&session, chan, stop_app)) {
		return 0;
	}
	if (!app_session_is_hung_up(&session)) {
		earwig_recorder_stop(session.call, 0);
	}
	leave = wait_for_end(&session, FILE_TIMEOUT_MS);
	app_session_close(&session);
	return leave;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	char error[256];
	const int64_t ms = args_wait_ms(S_OR(data, ""), RECORDER_TIMEOUT_MS, error, sizeof(error));
	struct app_session session;
	int leave;

	if (ms < -1) {
		set_error(chan, wait_app, error);
		return 0;
	}
	if (open_with_recording(&session, chan, wait_app)) {
		return 0;
	}
	leave = wait_for_end(&session, ms);
	app_session_close(&session);
	return leave;
}

/* Pauses or masks the recording, or goes on. */
static int apply(struct ast_channel *chan, const char *app, channel_action action)
{
	char error[256] = "";
	const char *wrong = "";
	struct app_session session;
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	if (app_session_open_existing(&session, chan)) {
		wrong = "nothing is being recorded";
	} else {
		earwig_status status = EARWIG_OK;

		if (app_session_is_hung_up(&session)) {
			wrong = call_phase_error(CALL_OVER);
		} else {
			status = action(session.call);
		}
		if (status) {
			wrong = app_session_error(&session, status, error, sizeof(error));
		}
		earwig_recorder_get_state(session.call, &state);
		app_session_close(&session);
	}
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORDER_STATE", earwig_recorder_state_str(state));
	if (*wrong) {
		set_error(chan, app, wrong);
	} else {
		pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", "");
	}
	return 0;
}

static int pause_exec(struct ast_channel *chan, const char *data)
{
	return apply(chan, pause_app, earwig_recorder_pause);
}

static int resume_exec(struct ast_channel *chan, const char *data)
{
	return apply(chan, resume_app, earwig_recorder_resume);
}

static int mask_exec(struct ast_channel *chan, const char *data)
{
	return apply(chan, mask_app, earwig_recorder_mask);
}

static int unmask_exec(struct ast_channel *chan, const char *data)
{
	return apply(chan, unmask_app, earwig_recorder_unmask);
}

const struct application recorder_applications[] = {
	{ record_app, record_exec },
	{ start_app, start_exec },
	{ stop_app, stop_exec },
	{ wait_app, wait_exec },
	{ pause_app, pause_exec },
	{ resume_app, resume_exec },
	{ mask_app, mask_exec },
	{ unmask_app, unmask_exec },
	{ NULL, NULL },
};
