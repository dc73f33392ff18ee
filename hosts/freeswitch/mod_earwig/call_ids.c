/*
 * The ids by which webhooks name a call.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

/* The UUID of the call's first leg. */
static const char *first_leg(struct channel_state *state)
{
	const char *const uuid = switch_channel_get_variable(state->channel, "call_uuid");

	return zstr(uuid) ? switch_core_session_get_uuid(state->session) : uuid;
}

int set_call_ids(struct channel_state *state, char *error, size_t size)
{
	switch_channel_t *channel = state->channel;
	char name[256];
	const struct call_ids ids = {
		.call_id = switch_core_session_get_uuid(state->session),
		.segment_id = first_leg(state),
		.node_id = switch_core_get_switchname(),
		.event_channel = name,
		.project_id = switch_channel_get_variable(channel, "earwig_project_id"),
		.space_id = switch_channel_get_variable(channel, "earwig_space_id"),
		.control_id = switch_channel_get_variable(channel, "earwig_control_id"),
	};

	switch_snprintf(name, sizeof(name), "freeswitch:%s", switch_channel_get_name(channel));
	return call_ids_apply(state->call, &ids, error, size);
}
