/*
 * The events CUSTOM earwig::..., and the applications and commands that a channel runs when one is sent.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

/* A digit, the progress of a detection or a beep after it, on its way to the event thread. */
struct progress_event {
	struct call_context *context;
	earwig_event event;
};

/* The commands of an api_on_earwig_... variable, on their way to a thread of the core's pool. */
struct api_task {
	struct call_context *context;
	char variable[64];
};

/* Finds the session after a hang-up too. */
static switch_core_session_t *session_of(struct call_context *context)
{
	return switch_core_session_force_locate(context->uuid);
}

switch_event_t *event_create(struct call_context *context, const char *name)
{
	char subclass[32];
	switch_event_t *event;
	switch_core_session_t *session;

	switch_snprintf(subclass, sizeof(subclass), "earwig::%s", name);
	if (switch_event_create_subclass(&event, SWITCH_EVENT_CUSTOM, subclass) != SWITCH_STATUS_SUCCESS) {
		return NULL;
	}
	if ((session = session_of(context))) {
		switch_channel_event_set_data(switch_core_session_get_channel(session), event);
		switch_core_session_rwunlock(session);
	} else {
		switch_mutex_lock(context->mutex);
		if (context->snapshot) {
			switch_event_merge(event, context->snapshot);
		}
		switch_mutex_unlock(context->mutex);
	}
	return event;
}

static void *SWITCH_THREAD_FUNC run_api_task(switch_thread_t *thread, void *data)
{
	struct api_task *task = data;
	switch_core_session_t *session = session_of(task->context);

	if (session) {
		switch_channel_api_on(switch_core_session_get_channel(session), task->variable);
		switch_core_session_rwunlock(session);
	}
	call_context_unref(task->context);
	free(task);
	module_unref();
	return NULL;
}

/* On another thread: a command may block. */
static void launch_api_task(struct call_context *context, switch_channel_t *channel, const char *variable)
{
	switch_thread_data_t *thread;
	struct api_task *task;

	switch_zmalloc(task, sizeof(*task));
	switch_zmalloc(thread, sizeof(*thread));
	task->context = call_context_ref(context);
	switch_copy_string(task->variable, variable, sizeof(task->variable));
	module_ref();
	thread->func = run_api_task;
	thread->obj = task;
	thread->alloc = 1;
	switch_thread_pool_launch_thread(&thread);
}

/* "app::data", "app:data" or "app data", as with execute_on_answer; always runs on the channel's own thread. */
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

/* NAME_1, NAME_2 and so on count too, as in the core. */
static int has_prefix(const switch_event_header_t *header, const char *prefix)
{
	return !strncasecmp(header->name, prefix, strlen(prefix));
}

void event_send(struct call_context *context, const char *name, switch_event_t *event)
{
	char on_execute[64], on_api[64];
	switch_core_session_t *session = session_of(context);
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
		launch_api_task(context, channel, on_api);
	}
	switch_core_session_rwunlock(session);
}

static void send_progress(void *data)
{
	struct progress_event *progress = data;
	const int32_t type = progress->event.type;
	const char *const name = type == EARWIG_EVENT_TYPE_DIGIT ? "digit" : type == EARWIG_EVENT_TYPE_MACHINE_BEEP ? "beep" : "machine";
	switch_event_t *event = event_create(progress->context, name);

	if (event) {
		earwig_event_foreach_field(&progress->event, add_header, event);
		event_send(progress->context, name, event);
	}
	call_context_unref(progress->context);
	free(progress);
	module_unref();
}

void event_progress(struct call_context *context, const earwig_event *event)
{
	struct progress_event *progress;

	if (event->type == EARWIG_EVENT_TYPE_DIGIT && !config_get().digit_events) {
		return;
	}
	switch_zmalloc(progress, sizeof(*progress));
	progress->context = call_context_ref(context);
	progress->event = *event;
	module_ref();
	event_thread_push(send_progress, progress);
}
