/*
 * The ids by which webhooks name a call.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_CALL_IDS_H
#define EARWIG_HOSTS_CALL_IDS_H

#include "common/job.h"

/* NULL clears an id: an earlier detection may have set it. */
struct call_ids {
	const char *call_id;
	const char *segment_id;
	const char *node_id;
	const char *event_channel;
	const char *project_id;
	const char *space_id;
	const char *control_id;
};

/* -1 and an error text; 0 after a hang-up, when no detection can start anyway. */
int call_ids_apply(earwig_channel *call, const struct call_ids *ids, char *error, size_t size);

#endif
