/*
 * The library's names in Asterisk's spelling: detect_ms is the variable DETECT_MS and the header DetectMs.
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

void set_variable(void *chan, const char *name, const char *value)
{
	char upper[64], *end = upper;

	if (ast_begins_with(name, "detect_")) {
		/* In lower case as well, as the library spells them. */
		pbx_builtin_setvar_helper(chan, name, value);
	}
	for (; *name && end < upper + sizeof(upper) - 1; name++) {
		*end++ = toupper((unsigned char) *name);
	}
	*end = '\0';
	pbx_builtin_setvar_helper(chan, upper, value);
}

void set_variable_background(void *chan, const char *name, const char *value)
{
	if (!is_application_variable(name)) {
		set_variable(chan, name, value);
	}
}

void add_header(void *text, const char *name, const char *value)
{
	char header[64];

	field_to_header(header, sizeof(header), name, "");
	ast_str_append((struct ast_str **) text, 0, "%s: %s\r\n", header, value);
}

void log_error(struct ast_channel *chan, const char *app, const char *error)
{
	ast_log(LOG_ERROR, "%s: %s: %s\n", ast_channel_name(chan), app, error);
}

void set_error(struct ast_channel *chan, const char *app, const char *error)
{
	log_error(chan, app, error);
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", "ERROR");
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
}

void replace_control_characters(char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char) *text)) {
			*text = '?';
		}
	}
}
