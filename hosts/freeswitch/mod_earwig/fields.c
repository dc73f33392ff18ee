/*
 * The library's names as users of FreeSWITCH know them: variables have them as they are; the field detect_ms of an event is its
 * header Earwig-Detect-Ms.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

void set_variable(void *channel, const char *name, const char *value)
{
	switch_channel_set_variable_var_check(channel, name, value, SWITCH_FALSE);
}

void set_variable_background(void *channel, const char *name, const char *value)
{
	if (strcmp(name, "earwig_cause") && strcmp(name, "earwig_error")) {
		set_variable(channel, name, value);
	}
}

void add_header(void *event, const char *name, const char *value)
{
	char header[64], *at;
	int capital = 1;

	switch_snprintf(header, sizeof(header), "Earwig-%s", name);
	for (at = header; *at; at++) {
		if (*at == '_') {
			*at = '-';
		} else if (capital) {
			*at = (char) switch_toupper(*at);
		}
		capital = *at == '-';
	}
	switch_event_add_header_string(event, SWITCH_STACK_BOTTOM, header, value);
}
