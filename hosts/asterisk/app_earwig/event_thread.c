/*
 * Tells the manager of jobs: it outlives their channels, and may wait where the library's threads must not.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/taskprocessor.h"

static struct ast_taskprocessor *event_thread;

int event_thread_start(void)
{
	event_thread = ast_taskprocessor_get("earwig", TPS_REF_DEFAULT);
	return event_thread ? 0 : -1;
}

void event_thread_stop(void)
{
	/* What waits would be dropped. */
	while (ast_taskprocessor_size(event_thread) > 0) {
		usleep(1000);
	}
	event_thread = ast_taskprocessor_unreference(event_thread);
}

void event_thread_push(int (*task)(void *data), void *data)
{
	if (ast_taskprocessor_push(event_thread, task, data)) {
		task(data);
	}
}
