/*
 * The ids by which webhooks name a call.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/call_ids.h"

#include <stdio.h>

#include "common/job.h"

int call_ids_apply(earwig_channel *call, const struct call_ids *ids, char *error, size_t size)
{
	const struct {
		const char *name;
		const char *value;
	} all[] = {
		{ "call_id", ids->call_id },
		{ "segment_id", ids->segment_id },
		{ "node_id", ids->node_id },
		{ "event_channel", ids->event_channel },
		{ "project_id", ids->project_id },
		{ "space_id", ids->space_id },
		{ "control_id", ids->control_id },
	};
	char text[256] = "";
	earwig_status status = EARWIG_OK;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all) && !status; i++) {
		status = earwig_channel_set_id(call, all[i].name, all[i].value ? all[i].value : "");
	}
	if (status && status != EARWIG_ERR_HANGUP) {
		snprintf(error, size, "%s", channel_error(call, status, text, sizeof(text)));
		return -1;
	}
	return 0;
}
