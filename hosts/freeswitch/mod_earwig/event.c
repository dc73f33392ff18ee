/*
 * The events CUSTOM earwig::..., and what channels have asked to be done when one comes.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

/* What is to be told on the way. */
struct news {
	struct desk *desk;
	earwig_event event;
};

/* An api_on_earwig_... that is done. */
struct errand {
	struct desk *desk;
	char variable[64];
};

/* Also one that has hung up. */
static switch_core_session_t *session_of(struct desk *desk)
{
	return switch_core_session_force_locate(desk->uuid);
}

switch_event_t *event_begin(struct desk *desk, const char *name)
{
	char subclass[32];
	switch_event_t *event;
	switch_core_session_t *session;

	switch_snprintf(subclass, sizeof(subclass), "earwig::%s", name);
	if (switch_event_create_subclass(&event, SWITCH_EVENT_CUSTOM, subclass) != SWITCH_STATUS_SUCCESS) {
		return NULL;
	}
	if ((session = session_of(desk))) {
		switch_channel_event_set_data(switch_core_session_get_channel(session), event);
		switch_core_session_rwunlock(session);
	} else {
		switch_mutex_lock(desk->mutex);
		if (desk->seen) {
			switch_event_merge(event, desk->seen);
		}
		switch_mutex_unlock(desk->mutex);
	}
	return event;
}

static void *SWITCH_THREAD_FUNC run_errand(switch_thread_t *thread, void *data)
{
	struct errand *errand = data;
	switch_core_session_t *session = session_of(errand->desk);

	if (session) {
		switch_channel_api_on(switch_core_session_get_channel(session), errand->variable);
		switch_core_session_rwunlock(session);
	}
	desk_unref(errand->desk);
	free(errand);
	module_release();
	return NULL;
}

/* On a thread of its own, for a command may take its time. */
static void do_api_on(struct desk *desk, switch_channel_t *channel, const char *variable)
{
	switch_thread_data_t *thread;
	struct errand *errand;

	switch_zmalloc(errand, sizeof(*errand));
	switch_zmalloc(thread, sizeof(*thread));
	errand->desk = desk_ref(desk);
	switch_copy_string(errand->variable, variable, sizeof(errand->variable));
	module_hold();
	thread->func = run_errand;
	thread->obj = errand;
	thread->alloc = 1;
	switch_thread_pool_launch_thread(&thread);
}

/* "app::data", "app:data" or "app data", as with execute_on_answer; always on the channel's own thread. */
static void execute(switch_core_session_t *session, const char *value)
{
	char *app = switch_core_session_strdup(session, value), *data = app + strcspn(app, ": ");
	char *expanded;

	if (*data) {
		const int colons = data[0] == ':' && data[1] == ':' ? 2 : 1;

		*data = '\0';
		data += colons;
	}
	expanded = switch_channel_expand_variables(switch_core_session_get_channel(session), data);
	switch_core_session_execute_application_async(session, app, expanded);
	if (expanded != data) {
		free(expanded);
	}
}

/* Also NAME_1, NAME_2 and so on, as the core does. */
static int has_prefix(const switch_event_header_t *header, const char *prefix)
{
	return !strncasecmp(header->name, prefix, strlen(prefix));
}

void event_send(struct desk *desk, const char *name, switch_event_t *event)
{
	char on_execute[64], on_api[64];
	switch_core_session_t *session = session_of(desk);
	switch_channel_t *channel;
	switch_event_header_t *header;
	switch_event_t *variables;
	int api = 0, i;

	if (!session) {
		switch_event_fire(&event);
		return;
	}
	channel = switch_core_session_get_channel(session);
	if (switch_channel_test_flag(channel, CF_DIVERT_EVENTS)) {
		switch_core_session_queue_event(session, &event);
	} else {
		switch_event_fire(&event);
	}
	switch_snprintf(on_execute, sizeof(on_execute), "execute_on_earwig_%s", name);
	switch_snprintf(on_api, sizeof(on_api), "api_on_earwig_%s", name);
	switch_channel_get_variables(channel, &variables);
	for (header = variables ? variables->headers : NULL; header; header = header->next) {
		api = api || has_prefix(header, on_api);
		if (!has_prefix(header, on_execute) || switch_channel_down_nosig(channel)) {
			continue;
		}
		for (i = 0; i < header->idx; i++) {
			execute(session, header->array[i]);
		}
		if (!header->idx) {
			execute(session, header->value);
		}
	}
	if (variables) {
		switch_event_destroy(&variables);
	}
	if (api) {
		do_api_on(desk, channel, on_api);
	}
	switch_core_session_rwunlock(session);
}

static void tell_news(void *data)
{
	struct news *news = data;
	const char *const name = news->event.type == EARWIG_EVENT_TYPE_DIGIT ? "digit" : "machine";
	switch_event_t *event = event_begin(news->desk, name);

	if (event) {
		earwig_event_each(&news->event, add_header, event);
		event_send(news->desk, name, event);
	}
	desk_unref(news->desk);
	free(news);
	module_release();
}

void event_news(struct desk *desk, const earwig_event *event)
{
	struct news *news;

	if (event->type == EARWIG_EVENT_TYPE_DIGIT && !config_now().digit_events) {
		return;
	}
	switch_zmalloc(news, sizeof(*news));
	news->desk = desk_ref(desk);
	news->event = *event;
	module_hold();
	teller_let(tell_news, news);
}
