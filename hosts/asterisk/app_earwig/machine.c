/*
 * The applications that tell who has answered.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/pbx.h"

static const char detect_app[] = "EarwigDetectMachine";
static const char stop_app[] = "EarwigDetectMachineStop";
static const char wait_app[] = "EarwigDetectMachineWait";

/* The library ends a detection within a look at its channel: 10 ms. */
#define ENDING_TIMEOUT_MS 1000

/* `cause` is the application's: that of a wait is not the detection's. */
static void set_results(struct ast_channel *chan, const earwig_machine_outcome *outcome, const char *cause, const char *error)
{
	verdict_set(chan, outcome);
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", cause);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
}

static void set_ending(const struct visit *visit, const earwig_machine_outcome *outcome)
{
	char error[256] = "";

	if (outcome->result == EARWIG_MACHINE_RESULT_ERROR) {
		earwig_channel_get_error(visit->call, error, sizeof(error));
	}
	set_results(visit->chan, outcome, verdict_cause(outcome), error);
}

/* The variables of the detection, which runs on, are as they were. */
static void set_running(struct ast_channel *chan, const char *cause)
{
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", cause);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", "");
}

/* Nothing was started. `visit` is NULL if it did not come to that. */
static void refused(struct ast_channel *chan, const struct visit *visit, const char *error)
{
	struct desk *desk = visit ? ao2_bump(visit->desk) : desk_alloc();
	earwig_machine_outcome outcome;

	log_error(chan, detect_app, error);
	verdict_init(&outcome, EARWIG_MACHINE_RESULT_ERROR, "ERROR");
	set_results(chan, &outcome, "ERROR", error);
	if (desk) {
		desk_see(desk, chan);
		event_machine_finished(desk, &outcome, error);
		ao2_ref(desk, -1);
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

int machine_order(earwig_machine_options *options, struct ast_channel *chan, const char *data, char *error, size_t size)
{
	char *text = ast_strdupa(S_OR(data, ""));
	const size_t length = strlen(text);
	int wrong;

	make_printable(text);
	wrong = config_options(JOB_MACHINE, options, error, size)
		|| (*text && earwig_machine_options_parse(text, options, error, size));
	explicit_bzero(text, length);
	return wrong ? -1 : take_secret(options, chan, error, size);
}

static earwig_status machine_outcome(earwig_channel *call, void *outcome)
{
	return earwig_machine_get_outcome(call, outcome);
}

/* -1 if none has begun, which the variables tell. */
static int begin(const struct visit *visit, const earwig_machine_options *options)
{
	char error[256] = "";
	earwig_machine_outcome outcome;
	earwig_status status;

	if (visit_call_is_over(visit)) {
		earwig_channel_hangup(visit->call);
	}
	if (ids_set(visit, error, sizeof(error))) {
		refused(visit->chan, visit, error);
		return -1;
	}
	status = detection_start(visit, options);
	if (status == EARWIG_ERR_HANGUP) {
		verdict_init(&outcome, EARWIG_MACHINE_RESULT_UNKNOWN, "HANGUP");
		set_results(visit->chan, &outcome, "HANGUP", "");
	} else if (status) {
		refused(visit->chan, visit, visit_error(visit, status, error, sizeof(error)));
	}
	return status ? -1 : 0;
}

/* Whoever waited cannot any more. */
static void give_up(const struct visit *visit, earwig_machine_outcome *outcome)
{
	if (visit_call_goes_on(visit)) {
		earwig_machine_stop(visit->call, 0);
	} else {
		earwig_channel_hangup(visit->call);
	}
	visit_await(visit, machine_outcome, outcome, ENDING_TIMEOUT_MS);
}

static int detect_exec(struct ast_channel *chan, const char *data)
{
	earwig_machine_options options;
	earwig_machine_outcome outcome;
	struct visit visit;
	char error[256] = "";
	const char *wrong = error;
	int leave = 0, begun;

	if (machine_order(&options, chan, data, error, sizeof(error)) || visit_answered(&visit, chan, &wrong)) {
		if (wrong) {
			refused(chan, NULL, wrong);
		} else {
			leave = -1;
		}
		explicit_bzero(&options, sizeof(options));
		return leave;
	}
	begun = !begin(&visit, &options);
	if (begun && options.wait) {
		earwig_machine_outcome_init(&outcome);
		if (visit_serve(&visit, machine_outcome, &outcome, -1) == SERVED_LEAVE) {
			leave = -1;
			give_up(&visit, &outcome);
		}
		set_ending(&visit, &outcome);
	} else if (begun) {
		set_running(chan, "NONE");
	}
	visit_end(&visit);
	explicit_bzero(&options, sizeof(options));
	return leave;
}

/* Waits for the ending of the detection that runs, if one does, and sets what is known then. */
static int wait_for_ending(struct visit *visit, int64_t ms)
{
	enum served served = SERVED_LEAVE;
	const int over = visit_call_is_over(visit);
	earwig_machine_outcome outcome;

	earwig_machine_outcome_init(&outcome);
	if (!over) {
		served = visit_serve(visit, machine_outcome, &outcome, ms);
	}
	if (served == SERVED_TIMEOUT || (served == SERVED_LEAVE && visit_call_goes_on(visit))) {
		set_running(visit->chan, served == SERVED_TIMEOUT ? "TIMEOUT" : "NONE");
	} else {
		if (served == SERVED_LEAVE) {
			give_up(visit, &outcome);
		}
		set_ending(visit, &outcome);
	}
	return served == SERVED_LEAVE && !over ? -1 : 0;
}

/* -1 if there was never a detection, which the variables tell. */
static int visit_detection(struct visit *visit, struct ast_channel *chan)
{
	earwig_machine_outcome outcome;

	if (!visit_if_listened_to(visit, chan)) {
		if (detection_was(visit->desk)) {
			return 0;
		}
		visit_end(visit);
	}
	verdict_init(&outcome, EARWIG_MACHINE_RESULT_UNKNOWN, "");
	set_results(chan, &outcome, verdict_cause(&outcome), "");
	return -1;
}

static int stop_exec(struct ast_channel *chan, const char *data)
{
	struct visit visit;
	int leave;

	if (visit_detection(&visit, chan)) {
		return 0;
	}
	if (!visit_call_is_over(&visit)) {
		earwig_machine_stop(visit.call, 0);
	}
	leave = wait_for_ending(&visit, ENDING_TIMEOUT_MS);
	visit_end(&visit);
	return leave;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	int64_t ms = ast_strlen_zero(data) ? -1 : milliseconds(data);
	struct visit visit;
	int leave;

	if (ms < -1) {
		set_error(chan, wait_app, "the time is not in seconds");
		return 0;
	}
	if (visit_detection(&visit, chan)) {
		return 0;
	}
	leave = wait_for_ending(&visit, ms);
	visit_end(&visit);
	return leave;
}

const struct application machine_applications[] = {
	{ detect_app, detect_exec },
	{ stop_app, stop_exec },
	{ wait_app, wait_exec },
	{ NULL, NULL },
};
