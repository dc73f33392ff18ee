/*
 * The context of a call, which receives the library's events: it keeps the last snapshot of the channel.
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

	ast_alertpipe_close(context->alert_pipe);
	ast_free(context->last_file);
	ao2_cleanup(context->snapshot);
	ao2_cleanup(context->squelch);
}

struct call_context *call_context_create(void)
{
	struct call_context *context = ao2_alloc(sizeof(*context), call_context_free);

	if (context) {
		ast_alertpipe_clear(context->alert_pipe);
		context->squelch = squelch_alloc();
		if (!context->squelch || ast_alertpipe_init(context->alert_pipe)) {
			ao2_ref(context, -1);
			context = NULL;
		}
	}
	return context;
}

void squelch_digit(struct call_context *context, const earwig_event *event)
{
	if (event->source == EARWIG_DIGIT_SOURCE_INBAND) {
		squelch_on_digit(context->squelch, event);
	}
}

static void release_context(void *user)
{
	ao2_cleanup(user);
}

earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call)
{
	return earwig_channel_set_callback(call, call_events_dispatch, ao2_bump(context), release_context);
}

void call_context_snapshot(struct call_context *context, struct ast_channel *chan)
{
	struct ast_channel_snapshot *snapshot = channel_snapshot(chan);

	if (snapshot) {
		ao2_lock(context);
		ao2_replace(context->snapshot, snapshot);
		ao2_unlock(context);
		ao2_ref(snapshot, -1);
	}
}

int call_context_has_snapshot_of(struct call_context *context, struct ast_channel *chan)
{
	int has;

	ao2_lock(context);
	has = context->snapshot && !strcmp(context->snapshot->base->uniqueid, ast_channel_uniqueid(chan));
	ao2_unlock(context);
	return has;
}

struct ast_channel *call_context_channel(struct call_context *context)
{
	struct ast_channel_snapshot *snapshot;
	struct ast_channel *chan;

	ao2_lock(context);
	snapshot = ao2_bump(context->snapshot);
	ao2_unlock(context);
	chan = snapshot ? ast_channel_get_by_uniqueid(snapshot->base->uniqueid) : NULL;
	ao2_cleanup(snapshot);
	return chan;
}
