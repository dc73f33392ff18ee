/*
 * The context of a call, which receives the library's events: it keeps the last data of the channel.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

struct call_context *call_context_create(switch_core_session_t *session)
{
	switch_memory_pool_t *pool = NULL;
	struct call_context *context;

	if (switch_core_new_memory_pool(&pool) != SWITCH_STATUS_SUCCESS) {
		return NULL;
	}
	context = switch_core_alloc(pool, sizeof(*context));
	context->pool = pool;
	context->references = 1;
	switch_mutex_init(&context->mutex, SWITCH_MUTEX_NESTED, pool);
	switch_copy_string(context->uuid, switch_core_session_get_uuid(session), sizeof(context->uuid));
	return context;
}

struct call_context *call_context_ref(struct call_context *context)
{
	__atomic_add_fetch(&context->references, 1, __ATOMIC_RELAXED);
	return context;
}

void call_context_unref(struct call_context *context)
{
	switch_memory_pool_t *pool = context->pool;

	if (__atomic_sub_fetch(&context->references, 1, __ATOMIC_ACQ_REL) == 0) {
		switch_safe_free(context->last_file);
		if (context->snapshot) {
			switch_event_destroy(&context->snapshot);
		}
		switch_core_destroy_memory_pool(&pool);
	}
}

void call_context_detach(struct call_context *context)
{
	switch_mutex_lock(context->mutex);
	context->state = NULL;
	switch_mutex_unlock(context->mutex);
}

/* The mutex keeps the session, which owns the state, from ending meanwhile. */
void squelch_digit(struct call_context *context, const earwig_event *event)
{
	switch_mutex_lock(context->mutex);
	if (context->state && event->source == EARWIG_DIGIT_SOURCE_INBAND && squelch_is_on(&context->state->squelch)) {
		squelch_on_digit(&context->state->squelch, event);
	}
	switch_mutex_unlock(context->mutex);
}

static void release_context(void *user)
{
	call_context_unref(user);
}

earwig_status call_context_subscribe(struct call_context *context, earwig_channel *call)
{
	return earwig_channel_set_callback(call, call_events_dispatch, call_context_ref(context), release_context);
}

void call_context_snapshot(struct call_context *context, switch_channel_t *channel)
{
	switch_event_t *event;

	if (switch_event_create_plain(&event, SWITCH_EVENT_CHANNEL_DATA) == SWITCH_STATUS_SUCCESS) {
		switch_channel_event_set_data(channel, event);
		switch_mutex_lock(context->mutex);
		if (context->snapshot) {
			switch_event_destroy(&context->snapshot);
		}
		context->snapshot = event;
		switch_mutex_unlock(context->mutex);
	}
}

int call_context_wait_jobs(struct call_context *context, int ms)
{
	int unfinished;

	for (;; ms -= 5) {
		switch_mutex_lock(context->mutex);
		unfinished = context->jobs.unfinished;
		switch_mutex_unlock(context->mutex);
		if (!unfinished || ms <= 0) {
			return unfinished ? -1 : 0;
		}
		switch_yield(5000);
	}
}
