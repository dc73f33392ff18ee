/*
 * The library's names in FreeSWITCH's spelling: the variable detect_ms, and the header Earwig-Detect-Ms.
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
	if (!is_application_variable(name)) {
		set_variable(channel, name, value);
	}
}

void add_header(void *event, const char *name, const char *value)
{
	char header[64] = "Earwig-";
	const size_t prefix = strlen(header);

	field_to_header(header + prefix, sizeof(header) - prefix, name, "-");
	switch_event_add_header_string(event, SWITCH_STACK_BOTTOM, header, value);
}

void log_error(switch_core_session_t *session, const char *app, const char *error)
{
	switch_log_printf(SWITCH_CHANNEL_SESSION_LOG(session), SWITCH_LOG_ERROR, "%s: %s\n", app, error);
}
