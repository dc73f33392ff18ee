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
	struct call_context *context;
	earwig_channel *call;
	int number;	/* among those of its call */
	int foreground;	/* its application sets the variables */
	earwig_machine_outcome outcome;
	char error[256];
	AST_LIST_ENTRY(detection) entry;
};

static void detection_free(struct detection *detection)
{
	earwig_channel_unref(detection->call);
	ao2_ref(detection->context, -1);
	ast_free(detection);
	ast_module_unref(AST_MODULE_SELF);
}

static int is_last(const struct detection *detection)
{
	int last;

	ao2_lock(detection->context);
	last = detection->number == detection->context->detections;
	ao2_unlock(detection->context);
	return last;
}

/* Unless there is a later detection, whose they are then. */
static void set_variables(const struct detection *detection)
{
	struct ast_channel *chan = call_context_channel(detection->context);

	if (chan) {
		ast_channel_lock(chan);
		if (is_last(detection)) {
			machine_set_variables(chan, &detection->outcome);
		}
		ast_channel_unlock(chan);
		ast_channel_unref(chan);
	}
}

static int finish_job(void *data)
{
	struct detection *detection = data;

	if (!detection->foreground) {
		set_variables(detection);
	}
	event_machine_finished(detection->context, &detection->outcome, detection->error);
	detection_free(detection);
	return 0;
}

earwig_status detection_start(const struct app_session *session, const earwig_machine_options *options)
{
	struct call_context *context = session->context;
	struct detection *detection = ast_calloc(1, sizeof(*detection));
	earwig_machine_outcome outcome;
	earwig_status status;

	if (!detection) {
		return EARWIG_ERR_SYSTEM;
	}
	ast_module_ref(AST_MODULE_SELF);
	detection->context = ao2_bump(context);
	detection->call = earwig_channel_ref(session->call);
	detection->foreground = options->wait;
	machine_result_init(&outcome, EARWIG_MACHINE_RESULT_DETECTING, "");
	/* Before it starts: it may have ended when that returns. */
	ast_channel_lock(session->chan);
	ao2_lock(context);
	detection->number = ++context->detections;
	AST_LIST_INSERT_TAIL(&context->detecting, detection, entry);
	ao2_unlock(context);
	machine_set_variables(session->chan, &outcome);
	ast_channel_unlock(session->chan);
	status = earwig_machine_start(session->call, options);
	if (status) {
		ao2_lock(context);
		context->detections--;
		AST_LIST_REMOVE(&context->detecting, detection, entry);
		ao2_unlock(context);
		detection_free(detection);
	}
	return status;
}

int detection_was(struct call_context *context)
{
	int was;

	ao2_lock(context);
	was = context->detections > 0;
	ao2_unlock(context);
	return was;
}

/* One detection runs at a time, but the next may have begun before this one's ending is heard of. */
void detection_ended(struct call_context *context, earwig_channel *call, const earwig_event *event)
{
	earwig_machine_outcome outcome;
	struct detection *detection;

	earwig_machine_outcome_init(&outcome);
	if (earwig_machine_get_outcome(call, &outcome) || outcome.ended_ms != event->at_ms) {
		machine_result_init(&outcome, event->machine_result, event->cause_text);
		outcome.cause = event->cause;
		outcome.confidence = event->confidence;
		outcome.beep = event->beep;
		outcome.detect_ms = event->detect_ms;
		outcome.started_ms = event->start_ms;
		outcome.ended_ms = event->at_ms;
	}
	ao2_lock(context);
	detection = AST_LIST_REMOVE_HEAD(&context->detecting, entry);
	ao2_unlock(context);
	if (!detection) {
		return;
	}
	detection->outcome = outcome;
	if (outcome.result == EARWIG_MACHINE_RESULT_ERROR) {
		earwig_channel_get_error(call, detection->error, sizeof(detection->error));
	}
	event_thread_push(finish_job, detection);
}
