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
	struct call_context *context;
	earwig_channel *call;
	char *variable;
	int foreground;	/* its application sets the variables and tells of it */
	earwig_dtmf_result result;
	AST_LIST_ENTRY(collection) entry;
};

static void collection_free(struct collection *collection)
{
	earwig_channel_unref(collection->call);
	ao2_ref(collection->context, -1);
	ast_free(collection->variable);
	ast_free(collection);
	ast_module_unref(AST_MODULE_SELF);
}

static int finish_job(void *data)
{
	struct collection *collection = data;
	struct ast_channel *chan = call_context_channel(collection->context);

	if (chan) {
		set_digits_variables(chan, collection->variable, collection->result.digits);
	}
	ast_channel_cleanup(chan);
	event_dtmf_end_background(collection->context, collection->variable, &collection->result);
	collection_free(collection);
	return 0;
}

static earwig_status start(const struct app_session *session, const char *variable, const earwig_dtmf_options *options, int foreground)
{
	struct call_context *context = session->context;
	struct collection *collection = ast_calloc(1, sizeof(*collection));
	earwig_status status;

	if (!collection || !(collection->variable = ast_strdup(variable))) {
		ast_free(collection);
		return EARWIG_ERR_SYSTEM;
	}
	ast_module_ref(AST_MODULE_SELF);
	collection->context = ao2_bump(context);
	collection->call = earwig_channel_ref(session->call);
	collection->foreground = foreground;
	/* Before it starts: it may have ended when that returns. */
	ao2_lock(context);
	AST_LIST_INSERT_TAIL(&context->collecting, collection, entry);
	ao2_unlock(context);
	status = earwig_dtmf_start(session->call, options);
	if (status) {
		ao2_lock(context);
		AST_LIST_REMOVE(&context->collecting, collection, entry);
		ao2_unlock(context);
		collection_free(collection);
	}
	return status;
}

earwig_status collection_start(const struct app_session *session, const earwig_dtmf_options *options)
{
	return start(session, "", options, 1);
}

earwig_status collection_start_background(const struct app_session *session, const char *variable, const earwig_dtmf_options *options)
{
	return start(session, variable, options, 0);
}

/* One collection runs at a time, but the next may have begun before this one's ending is heard of. */
void collection_ended(struct call_context *context, const earwig_event *event)
{
	struct collection *collection;

	ao2_lock(context);
	collection = AST_LIST_REMOVE_HEAD(&context->collecting, entry);
	ao2_unlock(context);
	if (!collection) {
		return;
	}
	if (collection->foreground) {
		collection_free(collection);
		return;
	}
	earwig_dtmf_result_init(&collection->result);
	collection->result.cause = event->cause;
	collection->result.count = strlen(event->digits);
	strcpy(collection->result.digits, event->digits);	/* Safe */
	collection->result.started_ms = event->start_ms;
	collection->result.ended_ms = event->at_ms;
	event_thread_push(finish_job, collection);
}
