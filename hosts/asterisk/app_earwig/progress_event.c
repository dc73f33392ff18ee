/*
 * What the library tells on the way, for the manager.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/module.h"

struct progress_event {
	struct call_context *context;
	earwig_event event;
};

static int run_tasks(void *data)
{
	struct progress_event *progress = data;

	if (progress->event.type == EARWIG_EVENT_TYPE_DIGIT) {
		event_digit(progress->context, &progress->event);
	} else {
		event_machine(progress->context, &progress->event);
	}
	ao2_ref(progress->context, -1);
	ast_free(progress);
	ast_module_unref(AST_MODULE_SELF);
	return 0;
}

void event_progress(struct call_context *context, const earwig_event *event)
{
	struct progress_event *progress = ast_malloc(sizeof(*progress));

	if (progress) {
		ast_module_ref(AST_MODULE_SELF);
		progress->context = ao2_bump(context);
		progress->event = *event;
		event_thread_push(run_tasks, progress);
	}
}
