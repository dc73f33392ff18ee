/*
 * The applications of recordings.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
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

/* The seed's: for EarwigRecord and EarwigRecordWait. */
#define DEFAULT_TIMEOUT_MS 120000

static void set_results(struct ast_channel *chan, const char *file, const earwig_recorder_result *result)
{
	earwig_recorder_result_each(result, EARWIG_NAMES_VARIABLES, set_variable, chan);
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORD_FILE", file);
}

/* Those of the last recording. */
static void set_results_of(const struct app_session *session, const earwig_recorder_result *result)
{
	char *file;

	ao2_lock(session->context);
	file = ast_strdupa(S_OR(session->context->file, ""));
	ao2_unlock(session->context);
	set_results(session->chan, file, result);
}

/* Nothing was started. `session` is NULL if it did not come to that. */
static void refused(struct ast_channel *chan, const struct app_session *session, const char *app, const char *file, const char *error)
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
	set_results(chan, file, &result);
	if (context) {
		call_context_snapshot(context, chan);
		event_record_end(context, file, &result);
		ao2_ref(context, -1);
	}
}

static earwig_status recorder_result(earwig_channel *call, void *result)
{
	return earwig_recorder_get_result(call, result);
}

static int is_recording(const struct app_session *session)
{
	int32_t recorder_state = EARWIG_RECORDER_STATE_IDLE;

	earwig_recorder_get_state(session->call, &recorder_state);
	return recorder_state == EARWIG_RECORDER_STATE_RECORDING;
}

/* The cause and the state of one that runs. */
static void fill_running(earwig_recorder_result *result, int32_t cause)
{
	earwig_recorder_result_init(result);
	result->cause = cause;
	result->state = EARWIG_RECORDER_STATE_RECORDING;
}

/* For a channel that is not to be read any more. */
static void await_file(const struct app_session *session, earwig_recorder_result *result)
{
	if (app_session_wait_unread(session, recorder_result, result, FILE_TIMEOUT_MS)) {
		ast_log(LOG_WARNING, "%s: the recording's disk is slow\n", ast_channel_name(session->chan));
		fill_running(result, EARWIG_RECORDER_CAUSE_NONE);
	}
}

/* 0 and a session, or -1 and what the application returns. */
static int parse_and_open(struct record_args *args, struct app_session *session, const char *app, const char *data, struct ast_channel *chan,
	int *leave)
{
	char error[256] = "";
	const char *wrong = error;

	*leave = 0;
	if (!record_args_parse(args, chan, data, error, sizeof(error)) && !app_session_open(session, chan, &wrong)) {
		return 0;
	}
	if (wrong) {
		refused(chan, NULL, app, args->file, wrong);
	} else {
		*leave = -1;
	}
	return -1;
}

/* -1 if none has begun, which the variables run_tasks. */
static int begin(const struct app_session *session, const char *app, const struct record_args *args)
{
	char error[256] = "";
	earwig_recorder_result result;
	earwig_status status;

	if (app_session_is_hung_up(session)) {
		earwig_channel_hangup(session->call);
	}
	status = recording_start(session, args->file, &args->options, app == record_app);
	if (status == EARWIG_ERR_HANGUP) {
		earwig_recorder_result_init(&result);
		result.cause = EARWIG_RECORDER_CAUSE_HANGUP;
		set_results(session->chan, "", &result);
	} else if (status) {
		refused(session->chan, session, app, args->file, call_error(session, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Begins a session and a recording: 0, or -1 and what the application returns. */
static int record(struct app_session *session, struct ast_channel *chan, const char *app, const char *data, int *leave)
{
	struct record_args args;
	int failed = parse_and_open(&args, session, app, data, chan, leave);

	if (!failed) {
		if (app == record_app && args.options.timeout_ms == EARWIG_DEFAULT) {
			args.options.timeout_ms = DEFAULT_TIMEOUT_MS;
		}
		failed = begin(session, app, &args);
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
	int leave;

	if (record(&session, chan, record_app, data, &leave)) {
		return leave;
	}
	earwig_recorder_result_init(&result);
	if (app_session_wait(&session, recorder_result, &result, -1) == WAIT_INTERRUPTED) {
		leave = -1;
		if (app_session_is_transferred(&session)) {
			earwig_recorder_stop(session.call, 0);
		} else {
			earwig_channel_hangup(session.call);
		}
		await_file(&session, &result);
	}
	set_results_of(&session, &result);
	app_session_close(&session);
	return leave;
}

static int start_exec(struct ast_channel *chan, const char *data)
{
	earwig_recorder_result result;
	struct app_session session;
	int leave;

	if (record(&session, chan, start_app, data, &leave)) {
		return leave;
	}
	fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
	set_results_of(&session, &result);
	app_session_close(&session);
	return 0;
}

/* Waits for the ending of the recording that runs, if one does, and sets what is known then. */
static int wait_for_ending(struct app_session *session, int64_t ms)
{
	const int runs = is_recording(session);
	earwig_recorder_result result;
	int leave = 0;

	earwig_recorder_result_init(&result);
	if (app_session_is_hung_up(session)) {
		earwig_channel_hangup(session->call);
	} else if (runs) {
		switch (app_session_wait(session, recorder_result, &result, ms)) {
		case WAIT_ENDED:
			break;
		case WAIT_TIMEOUT:
			fill_running(&result, EARWIG_RECORDER_CAUSE_TIMEOUT);
			set_results_of(session, &result);
			return 0;
		case WAIT_INTERRUPTED:
			leave = -1;
			if (app_session_is_transferred(session)) {
				fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
				set_results_of(session, &result);
				return leave;
			}
			earwig_channel_hangup(session->call);
		}
	}
	if (runs) {
		await_file(session, &result);
	} else {
		earwig_recorder_get_result(session->call, &result);
	}
	set_results_of(session, &result);
	return leave;
}

static void nothing_recorded(struct ast_channel *chan)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	set_results(chan, "", &result);
}

static int stop_exec(struct ast_channel *chan, const char *data)
{
	struct app_session session;
	int leave;

	if (app_session_open_existing(&session, chan)) {
		nothing_recorded(chan);
		return 0;
	}
	if (!app_session_is_hung_up(&session)) {
		earwig_recorder_stop(session.call, 0);
	}
	leave = wait_for_ending(&session, FILE_TIMEOUT_MS);
	app_session_close(&session);
	return leave;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	int64_t ms = ast_strlen_zero(data) ? DEFAULT_TIMEOUT_MS : seconds_to_ms(data);
	struct app_session session;
	int leave;

	if (ms < -1) {
		set_error(chan, wait_app, "the time is not in seconds");
		return 0;
	}
	if (app_session_open_existing(&session, chan)) {
		nothing_recorded(chan);
		return 0;
	}
	leave = wait_for_ending(&session, ms);
	app_session_close(&session);
	return leave;
}

/* Pauses, masks, or the end of that. */
static int change(struct ast_channel *chan, const char *app, earwig_status (*how)(earwig_channel *call))
{
	char error[256] = "";
	const char *wrong = "";
	struct app_session session;
	int32_t recorder_state = EARWIG_RECORDER_STATE_IDLE;

	if (app_session_open_existing(&session, chan)) {
		wrong = "nothing is being recorded";
	} else {
		earwig_status status = how(session.call);

		if (status) {
			wrong = call_error(&session, status, error, sizeof(error));
		}
		earwig_recorder_get_state(session.call, &recorder_state);
		app_session_close(&session);
	}
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORDER_STATE", earwig_recorder_state_str(recorder_state));
	if (*wrong) {
		set_error(chan, app, wrong);
	} else {
		pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", "");
	}
	return 0;
}

static int pause_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, pause_app, earwig_recorder_pause);
}

static int resume_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, resume_app, earwig_recorder_resume);
}

static int mask_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, mask_app, earwig_recorder_mask);
}

static int unmask_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, unmask_app, earwig_recorder_unmask);
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
