/*
 * The library's names as users of Asterisk know them: detect_ms is the variable DETECT_MS and the header DetectMs.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include <ctype.h>

#include "asterisk/pbx.h"
#include "asterisk/strings.h"

static void spell(char *to, size_t size, const char *name, int header)
{
	char *const end = to + size - 1;
	int capital = 1;

	for (; *name && to < end; name++) {
		if (header && *name == '_') {
			capital = 1;
			continue;
		}
		*to++ = capital ? toupper((unsigned char) *name) : *name;
		capital = !header;
	}
	*to = '\0';
}

void set_variable(void *chan, const char *name, const char *value)
{
	char upper[64];

	if (ast_begins_with(name, "detect_")) {
		/* Also as the seed spells it. */
		pbx_builtin_setvar_helper(chan, name, value);
	}
	spell(upper, sizeof(upper), name, 0);
	pbx_builtin_setvar_helper(chan, upper, value);
}

void set_variable_background(void *chan, const char *name, const char *value)
{
	if (strcmp(name, "earwig_cause") && strcmp(name, "earwig_error")) {
		set_variable(chan, name, value);
	}
}

void add_header(void *text, const char *name, const char *value)
{
	char header[64];

	spell(header, sizeof(header), name, 1);
	ast_str_append((struct ast_str **) text, 0, "%s: %s\r\n", header, value);
}
