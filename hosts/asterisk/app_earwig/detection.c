/*
 * A detection, from its start until its last event is sent. It keeps the call, so that it has an ending after the hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/module.h"

struct detection {
	struct desk *desk;
	earwig_channel *call;
	int number;	/* among those of its call */
	int waited_for;	/* its application sets the variables */
	earwig_machine_outcome outcome;
	char error[256];
	AST_LIST_ENTRY(detection) entry;
};

static void detection_free(struct detection *detection)
{
	earwig_channel_unref(detection->call);
	ao2_ref(detection->desk, -1);
	ast_free(detection);
	ast_module_unref(AST_MODULE_SELF);
}

static int is_last(const struct detection *detection)
{
	int last;

	ao2_lock(detection->desk);
	last = detection->number == detection->desk->detections;
	ao2_unlock(detection->desk);
	return last;
}

/* Unless there is a later detection, whose they are then. */
static void set_variables(const struct detection *detection)
{
	struct ast_channel *chan = desk_channel(detection->desk);

	if (chan) {
		ast_channel_lock(chan);
		if (is_last(detection)) {
			verdict_set(chan, &detection->outcome);
		}
		ast_channel_unlock(chan);
		ast_channel_unref(chan);
	}
}

static int tell_end(void *data)
{
	struct detection *detection = data;

	if (!detection->waited_for) {
		set_variables(detection);
	}
	event_machine_finished(detection->desk, &detection->outcome, detection->error);
	detection_free(detection);
	return 0;
}

earwig_status detection_start(const struct visit *visit, const earwig_machine_options *options)
{
	struct desk *desk = visit->desk;
	struct detection *detection = ast_calloc(1, sizeof(*detection));
	earwig_machine_outcome outcome;
	earwig_status status;

	if (!detection) {
		return EARWIG_ERR_SYSTEM;
	}
	ast_module_ref(AST_MODULE_SELF);
	detection->desk = ao2_bump(desk);
	detection->call = earwig_channel_ref(visit->call);
	detection->waited_for = options->wait;
	verdict_init(&outcome, EARWIG_MACHINE_RESULT_DETECTING, "");
	/* Before it starts: it may have ended when that returns. */
	ast_channel_lock(visit->chan);
	ao2_lock(desk);
	detection->number = ++desk->detections;
	AST_LIST_INSERT_TAIL(&desk->detecting, detection, entry);
	ao2_unlock(desk);
	verdict_set(visit->chan, &outcome);
	ast_channel_unlock(visit->chan);
	status = earwig_machine_start(visit->call, options);
	if (status) {
		ao2_lock(desk);
		desk->detections--;
		AST_LIST_REMOVE(&desk->detecting, detection, entry);
		ao2_unlock(desk);
		detection_free(detection);
	}
	return status;
}

int detection_was(struct desk *desk)
{
	int was;

	ao2_lock(desk);
	was = desk->detections > 0;
	ao2_unlock(desk);
	return was;
}

/* One detection runs at a time, but the next may have begun before this one's ending is heard of. */
void detection_ended(struct desk *desk, earwig_channel *call, const earwig_event *event)
{
	earwig_machine_outcome outcome;
	struct detection *detection;

	earwig_machine_outcome_init(&outcome);
	if (earwig_machine_get_outcome(call, &outcome) || outcome.ended_ms != event->at_ms) {
		verdict_init(&outcome, event->machine_result, event->cause_text);
		outcome.cause = event->cause;
		outcome.confidence = event->confidence;
		outcome.beep = event->beep;
		outcome.detect_ms = event->detect_ms;
		outcome.started_ms = event->start_ms;
		outcome.ended_ms = event->at_ms;
	}
	ao2_lock(desk);
	detection = AST_LIST_REMOVE_HEAD(&desk->detecting, entry);
	ao2_unlock(desk);
	if (!detection) {
		return;
	}
	detection->outcome = outcome;
	if (outcome.result == EARWIG_MACHINE_RESULT_ERROR) {
		earwig_channel_get_error(call, detection->error, sizeof(detection->error));
	}
	teller_let(tell_end, detection);
}
