/*
 * The thread that sends events: the library's own threads must not wait for the manager.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/taskprocessor.h"

static struct ast_taskprocessor *processor;

int event_thread_start(void)
{
	processor = ast_taskprocessor_get("earwig", TPS_REF_DEFAULT);
	return processor ? 0 : -1;
}

void event_thread_stop(void)
{
	/* The last reference would drop queued tasks. */
	while (ast_taskprocessor_size(processor) > 0) {
		usleep(1000);
	}
	processor = ast_taskprocessor_unreference(processor);
}

void event_thread_push(int (*task)(void *data), void *data)
{
	if (ast_taskprocessor_push(processor, task, data)) {
		task(data);
	}
}
