/*
 * The context of a call: it takes what the library tells, and keeps how the channel was last seen.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/alertpipe.h"
#include "asterisk/stasis_channels.h"

static void call_context_free(void *object)
{
	struct call_context *context = object;

	ast_alertpipe_close(context->alert);
	ast_free(context->file);
	ao2_cleanup(context->seen);
	ao2_cleanup(context->squelch);
}

struct call_context *call_context_create(void)
{
	struct call_context *context = ao2_alloc(sizeof(*context), call_context_free);

	if (context) {
		ast_alertpipe_clear(context->alert);
		AST_LIST_HEAD_INIT_NOLOCK(&context->collecting);
		AST_LIST_HEAD_INIT_NOLOCK(&context->running);
		AST_LIST_HEAD_INIT_NOLOCK(&context->detecting);
		context->squelch = squelch_alloc();
		if (!context->squelch || ast_alertpipe_init(context->alert)) {
			ao2_ref(context, -1);
			context = NULL;
		}
	}
	return context;
}

static void digit_heard(struct call_context *context, const earwig_event *event)
{
	RAII_VAR(struct config *, config, config_get(), ao2_cleanup);

	if (event->source == EARWIG_DIGIT_SOURCE_INBAND) {
		squelch_on_digit(context->squelch, event);
	}
	if (config && config->digit_events) {
		event_progress(context, event);
	}
}

/* On a thread of the library's. */
static void on_event(void *user, earwig_channel *call, const earwig_event *event)
{
	struct call_context *context = user;

	switch (event->type) {
	case EARWIG_EVENT_TYPE_RECORD_ENDED:
		recording_ended(context, call, event);
		break;
	case EARWIG_EVENT_TYPE_MACHINE:
	case EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL:
		event_progress(context, event);
		return;
	case EARWIG_EVENT_TYPE_DIGIT:
		digit_heard(context, event);
		return;
	case EARWIG_EVENT_TYPE_DIGIT_END:
		squelch_on_digit(context->squelch, event);
		return;
	case EARWIG_EVENT_TYPE_MACHINE_ENDED:
		detection_ended(context, call, event);
		break;
	case EARWIG_EVENT_TYPE_DTMF_ENDED:
		collection_ended(context, event);
		break;
	default:
		return;
	}
	ast_alertpipe_write(context->alert);
}

static void release_context(void *user)
{
	ao2_cleanup(user);
}

earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call)
{
	return earwig_channel_set_callback(call, on_event, ao2_bump(context), release_context);
}

void call_context_snapshot(struct call_context *context, struct ast_channel *chan)
{
	struct ast_channel_snapshot *snapshot = channel_snapshot(chan);

	if (snapshot) {
		ao2_lock(context);
		ao2_replace(context->seen, snapshot);
		ao2_unlock(context);
		ao2_ref(snapshot, -1);
	}
}

int call_context_has_snapshot_of(struct call_context *context, struct ast_channel *chan)
{
	int has;

	ao2_lock(context);
	has = context->seen && !strcmp(context->seen->base->uniqueid, ast_channel_uniqueid(chan));
	ao2_unlock(context);
	return has;
}

struct ast_channel *call_context_channel(struct call_context *context)
{
	struct ast_channel_snapshot *seen;
	struct ast_channel *chan;

	ao2_lock(context);
	seen = ao2_bump(context->seen);
	ao2_unlock(context);
	chan = seen ? ast_channel_get_by_uniqueid(seen->base->uniqueid) : NULL;
	ao2_cleanup(seen);
	return chan;
}
