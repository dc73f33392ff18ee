/*
 * What webhooks call a call.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

/* The call of which this is a leg: that which was first. */
static const char *first_leg(struct channel_state *state)
{
	const char *const uuid = switch_channel_get_variable(state->channel, "call_uuid");

	return zstr(uuid) ? switch_core_session_get_uuid(state->session) : uuid;
}

int call_ids_set(struct channel_state *state, char *error, size_t size)
{
	switch_channel_t *channel = state->channel;
	char name[256], text[256] = "";
	const struct {
		const char *name;
		const char *value;
	} ids[] = {
		{ "call_id", switch_core_session_get_uuid(state->session) },
		{ "segment_id", first_leg(state) },
		{ "node_id", switch_core_get_switchname() },
		{ "event_channel", name },
		{ "project_id", switch_channel_get_variable(channel, "earwig_project_id") },
		{ "space_id", switch_channel_get_variable(channel, "earwig_space_id") },
		{ "control_id", switch_channel_get_variable(channel, "earwig_control_id") },
	};
	earwig_status status = EARWIG_OK;
	size_t i;

	switch_snprintf(name, sizeof(name), "freeswitch:%s", switch_channel_get_name(channel));
	for (i = 0; i < sizeof(ids) / sizeof(*ids) && !status; i++) {
		/* Of one that is not set, the empty text takes back what an earlier detection has set. */
		status = earwig_channel_set_id(state->call, ids[i].name, switch_str_nil(ids[i].value));
	}
	if (status && status != EARWIG_ERR_HANGUP) {
		switch_copy_string(error, call_error(state, status, text, sizeof(text)), size);
		return -1;
	}
	return 0;
}
