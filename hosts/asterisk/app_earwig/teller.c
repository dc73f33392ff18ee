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

static struct ast_taskprocessor *teller;

int teller_open(void)
{
	teller = ast_taskprocessor_get("earwig", TPS_REF_DEFAULT);
	return teller ? 0 : -1;
}

void teller_close(void)
{
	/* What waits would be dropped. */
	while (ast_taskprocessor_size(teller) > 0) {
		usleep(1000);
	}
	teller = ast_taskprocessor_unreference(teller);
}

void teller_let(int (*task)(void *data), void *data)
{
	if (ast_taskprocessor_push(teller, task, data)) {
		task(data);
	}
}
