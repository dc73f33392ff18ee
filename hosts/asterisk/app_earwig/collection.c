/*
 * A collection of digits, from its start until its last event is sent. It keeps the call, so that it has an ending after the
 * hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/module.h"

struct collection {
	struct desk *desk;
	earwig_channel *call;
	char *variable;
	int waited_for;	/* its application sets the variables and tells of it */
	earwig_dtmf_result result;
	AST_LIST_ENTRY(collection) entry;
};

static void collection_free(struct collection *collection)
{
	earwig_channel_unref(collection->call);
	ao2_ref(collection->desk, -1);
	ast_free(collection->variable);
	ast_free(collection);
	ast_module_unref(AST_MODULE_SELF);
}

static int tell_end(void *data)
{
	struct collection *collection = data;
	struct ast_channel *chan = desk_channel(collection->desk);

	if (chan) {
		set_digits(chan, collection->variable, collection->result.digits);
	}
	ast_channel_cleanup(chan);
	event_dtmf_end_behind(collection->desk, collection->variable, &collection->result);
	collection_free(collection);
	return 0;
}

static earwig_status start(const struct visit *visit, const char *variable, const earwig_dtmf_options *options, int waited_for)
{
	struct desk *desk = visit->desk;
	struct collection *collection = ast_calloc(1, sizeof(*collection));
	earwig_status status;

	if (!collection || !(collection->variable = ast_strdup(variable))) {
		ast_free(collection);
		return EARWIG_ERR_SYSTEM;
	}
	ast_module_ref(AST_MODULE_SELF);
	collection->desk = ao2_bump(desk);
	collection->call = earwig_channel_ref(visit->call);
	collection->waited_for = waited_for;
	/* Before it starts: it may have ended when that returns. */
	ao2_lock(desk);
	AST_LIST_INSERT_TAIL(&desk->collecting, collection, entry);
	ao2_unlock(desk);
	status = earwig_dtmf_start(visit->call, options);
	if (status) {
		ao2_lock(desk);
		AST_LIST_REMOVE(&desk->collecting, collection, entry);
		ao2_unlock(desk);
		collection_free(collection);
	}
	return status;
}

earwig_status collection_start(const struct visit *visit, const earwig_dtmf_options *options)
{
	return start(visit, "", options, 1);
}

earwig_status collection_start_behind(const struct visit *visit, const char *variable, const earwig_dtmf_options *options)
{
	return start(visit, variable, options, 0);
}

/* One collection runs at a time, but the next may have begun before this one's ending is heard of. */
void collection_ended(struct desk *desk, const earwig_event *event)
{
	struct collection *collection;

	ao2_lock(desk);
	collection = AST_LIST_REMOVE_HEAD(&desk->collecting, entry);
	ao2_unlock(desk);
	if (!collection) {
		return;
	}
	if (collection->waited_for) {
		collection_free(collection);
		return;
	}
	earwig_dtmf_result_init(&collection->result);
	collection->result.cause = event->cause;
	collection->result.count = strlen(event->digits);
	strcpy(collection->result.digits, event->digits);	/* Safe */
	collection->result.started_ms = event->start_ms;
	collection->result.ended_ms = event->at_ms;
	teller_let(tell_end, collection);
}
