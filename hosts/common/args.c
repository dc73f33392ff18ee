/*
 * Arguments of applications that may stand first, or anywhere among the options by their names.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/args.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

#define BLANKS " \t"

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, BLANKS);
}

/* The value, if the text is `name=value`; NULL if not. */
static const char *value_of(const char *text, const char *name)
{
	const size_t length = strlen(name);
	const char *after = text + length;

	if (strncasecmp(text, name, length)) {
		return NULL;
	}
	after = skip_blanks(after);
	return *after == '=' ? skip_blanks(after + 1) : NULL;
}

int args_begin_with_option(const char *text)
{
	const char *end;

	text = skip_blanks(text);
	if (*text == '{') {
		return 1;
	}
	for (end = text; isalnum((unsigned char) *end) || *end == '_'; end++) {
	}
	return end > text && !isdigit((unsigned char) *text) && *skip_blanks(end) == '=';
}

/* The comma after the first option, or the end of the text. */
static char *option_end(char *text)
{
	int quoted = 0;

	for (; *text && (quoted || *text != ','); text++) {
		quoted ^= *text == '"';
	}
	return text;
}

/* Leaves out the blanks and the double quotes around the value that ends at `end`. */
static void trim(const char **from, const char **end)
{
	while (*end > *from && strchr(BLANKS, (*end)[-1])) {
		--*end;
	}
	if (*end - *from >= 2 && **from == '"' && (*end)[-1] == '"') {
		++*from, --*end;
	}
}

/* Cuts the option out of the options, with one of the commas beside it. */
static void cut(char *options, char *option, char *end)
{
	if (*end) {
		memmove(option, end + 1, strlen(end));
	} else {
		*(option > options ? option - 1 : option) = '\0';
	}
}

int args_choose(const char *first, char *options, const char *name, char *value, size_t value_size, char *error, size_t size)
{
	const char *from = NULL, *to;
	char *option, *end = options;
	int length;

	for (option = options; *option && *skip_blanks(options) != '{'; option = end + (*end == ',')) {
		end = option_end(option);
		if ((from = value_of(skip_blanks(option), name))) {
			break;
		}
	}
	if (from && *first) {
		snprintf(error, size, "%s: it is given twice", name);
		return -1;
	}
	to = from ? end : first + strlen(first);
	if (from) {
		trim(&from, &to);
	} else {
		from = first;
	}
	length = snprintf(value, value_size, "%.*s", (int) (to - from), from);
	if (option < end) {
		cut(options, option, end);
	}
	if (length >= (int) value_size) {
		*value = '\0';
		snprintf(error, size, "%s: it is longer than %zu bytes", name, value_size - 1);
		return -1;
	}
	return 0;
}

int64_t args_wait_ms(const char *text, int64_t missing, char *error, size_t size)
{
	const char *const named = value_of(skip_blanks(text), "seconds_timeout");
	int64_t ms;

	if (!*text) {
		return missing;
	}
	ms = seconds_to_ms(named ? named : text);
	if (ms < -1) {
		snprintf(error, size, "the time is not a number of seconds, nor None");
	}
	return ms;
}
