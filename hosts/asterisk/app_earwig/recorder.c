/*
 * The applications of recordings.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

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
static void set_results_of(const struct visit *visit, const earwig_recorder_result *result)
{
	char *file;

	ao2_lock(visit->desk);
	file = ast_strdupa(S_OR(visit->desk->file, ""));
	ao2_unlock(visit->desk);
	set_results(visit->chan, file, result);
}

/* Nothing was started. `visit` is NULL if it did not come to that. */
static void refused(struct ast_channel *chan, const struct visit *visit, const char *app, const char *file, const char *error)
{
	struct desk *desk = visit ? ao2_bump(visit->desk) : desk_alloc();
	earwig_recorder_result result;

	log_error(chan, app, error);
	earwig_recorder_result_init(&result);
	result.cause = EARWIG_RECORDER_CAUSE_ERROR;
	ast_copy_string(result.error, error, sizeof(result.error));
	if (visit) {
		earwig_recorder_get_state(visit->call, &result.state);
	}
	set_results(chan, file, &result);
	if (desk) {
		desk_see(desk, chan);
		event_record_end(desk, file, &result);
		ao2_ref(desk, -1);
	}
}

static earwig_status recorder_result(earwig_channel *call, void *result)
{
	return earwig_recorder_get_result(call, result);
}

static int is_recording(const struct visit *visit)
{
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	earwig_recorder_get_state(visit->call, &state);
	return state == EARWIG_RECORDER_STATE_RECORDING;
}

/* The cause and the state of one that runs. */
static void fill_running(earwig_recorder_result *result, int32_t cause)
{
	earwig_recorder_result_init(result);
	result->cause = cause;
	result->state = EARWIG_RECORDER_STATE_RECORDING;
}

/* For a channel that is not to be read any more. */
static void await_file(const struct visit *visit, earwig_recorder_result *result)
{
	if (visit_await(visit, recorder_result, result, FILE_TIMEOUT_MS)) {
		ast_log(LOG_WARNING, "%s: the recording's disk is slow\n", ast_channel_name(visit->chan));
		fill_running(result, EARWIG_RECORDER_CAUSE_NONE);
	}
}

/* 0 and a visit, or -1 and what the application returns. */
static int take_order(struct order *order, struct visit *visit, const char *app, const char *data, struct ast_channel *chan,
	int *leave)
{
	char error[256] = "";
	const char *wrong = error;

	*leave = 0;
	if (!order_read(order, chan, data, error, sizeof(error)) && !visit_answered(visit, chan, &wrong)) {
		return 0;
	}
	if (wrong) {
		refused(chan, NULL, app, order->file, wrong);
	} else {
		*leave = -1;
	}
	return -1;
}

/* -1 if none has begun, which the variables tell. */
static int begin(const struct visit *visit, const char *app, const struct order *order)
{
	char error[256] = "";
	earwig_recorder_result result;
	earwig_status status;

	if (visit_call_is_over(visit)) {
		earwig_channel_hangup(visit->call);
	}
	status = recording_start(visit, order->file, &order->options, app == record_app);
	if (status == EARWIG_ERR_HANGUP) {
		earwig_recorder_result_init(&result);
		result.cause = EARWIG_RECORDER_CAUSE_HANGUP;
		set_results(visit->chan, "", &result);
	} else if (status) {
		refused(visit->chan, visit, app, order->file, visit_error(visit, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Begins a visit and a recording: 0, or -1 and what the application returns. */
static int record(struct visit *visit, struct ast_channel *chan, const char *app, const char *data, int *leave)
{
	struct order order;
	int failed = take_order(&order, visit, app, data, chan, leave);

	if (!failed) {
		if (app == record_app && order.options.timeout_ms == EARWIG_DEFAULT) {
			order.options.timeout_ms = DEFAULT_TIMEOUT_MS;
		}
		failed = begin(visit, app, &order);
		if (failed) {
			visit_end(visit);
		}
	}
	explicit_bzero(&order, sizeof(order));
	return failed;
}

static int record_exec(struct ast_channel *chan, const char *data)
{
	earwig_recorder_result result;
	struct visit visit;
	int leave;

	if (record(&visit, chan, record_app, data, &leave)) {
		return leave;
	}
	earwig_recorder_result_init(&result);
	if (visit_serve(&visit, recorder_result, &result, -1) == SERVED_LEAVE) {
		leave = -1;
		if (visit_call_goes_on(&visit)) {
			earwig_recorder_stop(visit.call, 0);
		} else {
			earwig_channel_hangup(visit.call);
		}
		await_file(&visit, &result);
	}
	set_results_of(&visit, &result);
	visit_end(&visit);
	return leave;
}

static int start_exec(struct ast_channel *chan, const char *data)
{
	earwig_recorder_result result;
	struct visit visit;
	int leave;

	if (record(&visit, chan, start_app, data, &leave)) {
		return leave;
	}
	fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
	set_results_of(&visit, &result);
	visit_end(&visit);
	return 0;
}

/* Waits for the ending of the recording that runs, if one does, and sets what is known then. */
static int wait_for_ending(struct visit *visit, int64_t ms)
{
	const int runs = is_recording(visit);
	earwig_recorder_result result;
	int leave = 0;

	earwig_recorder_result_init(&result);
	if (visit_call_is_over(visit)) {
		earwig_channel_hangup(visit->call);
	} else if (runs) {
		switch (visit_serve(visit, recorder_result, &result, ms)) {
		case SERVED_ENDED:
			break;
		case SERVED_TIMEOUT:
			fill_running(&result, EARWIG_RECORDER_CAUSE_TIMEOUT);
			set_results_of(visit, &result);
			return 0;
		case SERVED_LEAVE:
			leave = -1;
			if (visit_call_goes_on(visit)) {
				fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
				set_results_of(visit, &result);
				return leave;
			}
			earwig_channel_hangup(visit->call);
		}
	}
	if (runs) {
		await_file(visit, &result);
	} else {
		earwig_recorder_get_result(visit->call, &result);
	}
	set_results_of(visit, &result);
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
	struct visit visit;
	int leave;

	if (visit_if_listened_to(&visit, chan)) {
		nothing_recorded(chan);
		return 0;
	}
	if (!visit_call_is_over(&visit)) {
		earwig_recorder_stop(visit.call, 0);
	}
	leave = wait_for_ending(&visit, FILE_TIMEOUT_MS);
	visit_end(&visit);
	return leave;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	int64_t ms = ast_strlen_zero(data) ? DEFAULT_TIMEOUT_MS : milliseconds(data);
	struct visit visit;
	int leave;

	if (ms < -1) {
		set_error(chan, wait_app, "the time is not in seconds");
		return 0;
	}
	if (visit_if_listened_to(&visit, chan)) {
		nothing_recorded(chan);
		return 0;
	}
	leave = wait_for_ending(&visit, ms);
	visit_end(&visit);
	return leave;
}

/* Pauses, masks, or the end of that. */
static int change(struct ast_channel *chan, const char *app, earwig_status (*how)(earwig_channel *call))
{
	char error[256] = "";
	const char *wrong = "";
	struct visit visit;
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	if (visit_if_listened_to(&visit, chan)) {
		wrong = "nothing is being recorded";
	} else {
		earwig_status status = how(visit.call);

		if (status) {
			wrong = visit_error(&visit, status, error, sizeof(error));
		}
		earwig_recorder_get_state(visit.call, &state);
		visit_end(&visit);
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
