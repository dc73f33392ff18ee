/*
 * The desk of a call: it takes what the library tells, and keeps how the channel was last seen.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/alertpipe.h"
#include "asterisk/stasis_channels.h"

static void desk_free(void *object)
{
	struct desk *desk = object;

	ast_alertpipe_close(desk->alert);
	ast_free(desk->file);
	ao2_cleanup(desk->seen);
	ao2_cleanup(desk->squelch);
}

struct desk *desk_alloc(void)
{
	struct desk *desk = ao2_alloc(sizeof(*desk), desk_free);

	if (desk) {
		ast_alertpipe_clear(desk->alert);
		AST_LIST_HEAD_INIT_NOLOCK(&desk->collecting);
		AST_LIST_HEAD_INIT_NOLOCK(&desk->running);
		AST_LIST_HEAD_INIT_NOLOCK(&desk->detecting);
		desk->squelch = squelch_alloc();
		if (!desk->squelch || ast_alertpipe_init(desk->alert)) {
			ao2_ref(desk, -1);
			desk = NULL;
		}
	}
	return desk;
}

static void digit_heard(struct desk *desk, const earwig_event *event)
{
	RAII_VAR(struct config *, config, config_get(), ao2_cleanup);

	if (event->source == EARWIG_DIGIT_SOURCE_INBAND) {
		squelch_heard(desk->squelch, event);
	}
	if (config && config->digit_events) {
		news_heard(desk, event);
	}
}

/* On a thread of the library's. */
static void told(void *user, earwig_channel *call, const earwig_event *event)
{
	struct desk *desk = user;

	switch (event->type) {
	case EARWIG_EVENT_TYPE_RECORD_ENDED:
		recording_ended(desk, call, event);
		break;
	case EARWIG_EVENT_TYPE_MACHINE:
	case EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL:
		news_heard(desk, event);
		return;
	case EARWIG_EVENT_TYPE_DIGIT:
		digit_heard(desk, event);
		return;
	case EARWIG_EVENT_TYPE_DIGIT_END:
		squelch_heard(desk->squelch, event);
		return;
	case EARWIG_EVENT_TYPE_MACHINE_ENDED:
		detection_ended(desk, call, event);
		break;
	case EARWIG_EVENT_TYPE_DTMF_ENDED:
		collection_ended(desk, event);
		break;
	default:
		return;
	}
	ast_alertpipe_write(desk->alert);
}

static void not_told_any_more(void *user)
{
	ao2_cleanup(user);
}

earwig_status desk_attend(struct desk *desk, earwig_channel *call)
{
	return earwig_channel_set_callback(call, told, ao2_bump(desk), not_told_any_more);
}

void desk_see(struct desk *desk, struct ast_channel *chan)
{
	struct ast_channel_snapshot *snapshot = event_snapshot(chan);

	if (snapshot) {
		ao2_lock(desk);
		ao2_replace(desk->seen, snapshot);
		ao2_unlock(desk);
		ao2_ref(snapshot, -1);
	}
}

int desk_has_seen(struct desk *desk, struct ast_channel *chan)
{
	int has;

	ao2_lock(desk);
	has = desk->seen && !strcmp(desk->seen->base->uniqueid, ast_channel_uniqueid(chan));
	ao2_unlock(desk);
	return has;
}

struct ast_channel *desk_channel(struct desk *desk)
{
	struct ast_channel_snapshot *seen;
	struct ast_channel *chan;

	ao2_lock(desk);
	seen = ao2_bump(desk->seen);
	ao2_unlock(desk);
	chan = seen ? ast_channel_get_by_uniqueid(seen->base->uniqueid) : NULL;
	ao2_cleanup(seen);
	return chan;
}
