/*
 * The desk of a call: it takes what the library tells, and keeps what is to be known of the channel after it.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

struct desk *desk_alloc(switch_core_session_t *session)
{
	switch_memory_pool_t *pool = NULL;
	struct desk *desk;

	if (switch_core_new_memory_pool(&pool) != SWITCH_STATUS_SUCCESS) {
		return NULL;
	}
	desk = switch_core_alloc(pool, sizeof(*desk));
	desk->pool = pool;
	desk->references = 1;
	switch_mutex_init(&desk->mutex, SWITCH_MUTEX_NESTED, pool);
	switch_copy_string(desk->uuid, switch_core_session_get_uuid(session), sizeof(desk->uuid));
	return desk;
}

struct desk *desk_ref(struct desk *desk)
{
	__atomic_add_fetch(&desk->references, 1, __ATOMIC_RELAXED);
	return desk;
}

void desk_unref(struct desk *desk)
{
	switch_memory_pool_t *pool = desk->pool;

	if (__atomic_sub_fetch(&desk->references, 1, __ATOMIC_ACQ_REL) == 0) {
		switch_safe_free(desk->file);
		if (desk->seen) {
			switch_event_destroy(&desk->seen);
		}
		switch_core_destroy_memory_pool(&pool);
	}
}

/* On a thread of the library's: the session must not go meanwhile. */
static void squelch(struct desk *desk, const earwig_event *event)
{
	switch_mutex_lock(desk->mutex);
	if (desk->listener && squelch_is_on(desk->listener) && event->source == EARWIG_DIGIT_SOURCE_INBAND) {
		squelch_digit(desk->listener, event);
	}
	switch_mutex_unlock(desk->mutex);
}

void desk_leave(struct desk *desk)
{
	switch_mutex_lock(desk->mutex);
	desk->listener = NULL;
	switch_mutex_unlock(desk->mutex);
}

/* On a thread of the library's. */
static void told(void *user, earwig_channel *call, const earwig_event *event)
{
	struct desk *desk = user;

	switch (event->type) {
	case EARWIG_EVENT_TYPE_DTMF_ENDED:
	case EARWIG_EVENT_TYPE_RECORD_ENDED:
	case EARWIG_EVENT_TYPE_MACHINE_ENDED:
		job_ended(desk, call, event);
		break;
	case EARWIG_EVENT_TYPE_DIGIT:
		squelch(desk, event);
		event_news(desk, event);
		break;
	case EARWIG_EVENT_TYPE_DIGIT_END:
		squelch(desk, event);
		break;
	case EARWIG_EVENT_TYPE_MACHINE:
	case EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL:
		event_news(desk, event);
		break;
	default:
		break;
	}
}

static void not_told_any_more(void *user)
{
	desk_unref(user);
}

earwig_status desk_attend(struct desk *desk, earwig_channel *call)
{
	return earwig_channel_set_callback(call, told, desk_ref(desk), not_told_any_more);
}

void desk_see(struct desk *desk, switch_channel_t *channel)
{
	switch_event_t *event;

	if (switch_event_create_plain(&event, SWITCH_EVENT_CHANNEL_DATA) == SWITCH_STATUS_SUCCESS) {
		switch_channel_event_set_data(channel, event);
		switch_mutex_lock(desk->mutex);
		if (desk->seen) {
			switch_event_destroy(&desk->seen);
		}
		desk->seen = event;
		switch_mutex_unlock(desk->mutex);
	}
}

int desk_await(struct desk *desk, int ms)
{
	int open;

	for (;; ms -= 5) {
		switch_mutex_lock(desk->mutex);
		open = desk->open;
		switch_mutex_unlock(desk->mutex);
		if (!open || ms <= 0) {
			return open ? -1 : 0;
		}
		switch_yield(5000);
	}
}
