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

struct news {
	struct desk *desk;
	earwig_event event;
};

static int tell(void *data)
{
	struct news *news = data;

	if (news->event.type == EARWIG_EVENT_TYPE_DIGIT) {
		event_digit(news->desk, &news->event);
	} else {
		event_machine(news->desk, &news->event);
	}
	ao2_ref(news->desk, -1);
	ast_free(news);
	ast_module_unref(AST_MODULE_SELF);
	return 0;
}

void news_heard(struct desk *desk, const earwig_event *event)
{
	struct news *news = ast_malloc(sizeof(*news));

	if (news) {
		ast_module_ref(AST_MODULE_SELF);
		news->desk = ao2_bump(desk);
		news->event = *event;
		teller_let(tell, news);
	}
}
