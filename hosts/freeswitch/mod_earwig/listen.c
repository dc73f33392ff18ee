/*
 * Listening from a channel's start, by the setting `listen`: as soon as the channel has media.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 *
 * The core's events arrive on its dispatch threads, which serve all modules: the event thread attaches the bug, so that neither they
 * nor the channel's media wait.
 */

#include "mod_earwig.h"

/* Early media, and the answer. */
static const switch_event_types_t starts[] = { SWITCH_EVENT_CHANNEL_PROGRESS_MEDIA, SWITCH_EVENT_CHANNEL_ANSWER };

#define STARTS (sizeof(starts) / sizeof(*starts))

static switch_event_node_t *bindings[STARTS];

static void attach(void *data)
{
	char *const uuid = data;
	switch_core_session_t *session = switch_core_session_locate(uuid);
	const char *wrong;

	if (session) {
		/* Without media, as in proxy mode, or after a hang-up there is nothing to listen to. */
		if (switch_channel_media_ready(switch_core_session_get_channel(session)) && !channel_state_listen(session, "", &wrong)) {
			switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_DEBUG, "earwig: listen: %s\n", wrong);
		}
		switch_core_session_rwunlock(session);
	}
	free(uuid);
	module_unref();
}

static void on_start(switch_event_t *event)
{
	const char *const uuid = switch_event_get_header(event, "Unique-ID");
	const char *const name = switch_event_get_header(event, "Channel-Name");

	if (uuid && name && config_listen_to(name) && !module_try_ref()) {
		event_thread_push(attach, strdup(uuid));
	}
}

void listen_open(void)
{
	size_t i;

	for (i = 0; i < STARTS && config_has_listen(); i++) {
		if (!bindings[i]) {
			switch_event_bind_removable("mod_earwig", starts[i], NULL, on_start, NULL, &bindings[i]);
		}
	}
}

void listen_close(void)
{
	size_t i;

	for (i = 0; i < STARTS; i++) {
		if (bindings[i]) {
			switch_event_unbind(&bindings[i]);
		}
	}
}
