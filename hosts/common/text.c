/*
 * Names and values as text: times, fields of results, counters of the engine.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int64_t seconds_to_ms(const char *text)
{
	char *end;
	double seconds;

	if (!strcasecmp(text, "none") || !strcasecmp(text, "null") || !strcasecmp(text, "forever")) {
		return -1;
	}
	seconds = strtod(text, &end);
	if (end == text || end[strspn(end, " \t\r\n")] || !(seconds >= 0 && seconds <= 1e9)) {
		return -2;
	}
	return (int64_t) (seconds * 1000);
}

int is_application_variable(const char *name)
{
	return !strcmp(name, "earwig_cause") || !strcmp(name, "earwig_error");
}

void field_to_header(char *header, size_t size, const char *name, const char *between)
{
	char *const end = header + size - 1;
	int first = 1;

	for (; *name && header < end; name++) {
		if (*name != '_') {
			*header++ = (char) (first ? toupper((unsigned char) *name) : *name);
			first = 0;
			continue;
		}
		if (*between) {
			*header++ = *between;
		}
		first = 1;
	}
	*header = '\0';
}

void engine_counters_foreach(earwig_engine *engine, earwig_field_fn function, void *user)
{
	earwig_engine_stats stats = { .struct_size = sizeof(stats) };
	size_t i;

	earwig_engine_get_stats(engine, &stats);
	function(user, "version", earwig_version());

	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "abi", earwig_abi_version() },
		{ "workers", (uint64_t) stats.workers },
		{ "channels", (uint64_t) stats.channels },
		{ "live_handles", earwig_live_handles() },
		{ "samples", stats.samples },
		{ "overruns", stats.overruns },
		{ "posts_sent", stats.posts_sent },
		{ "posts_failed", stats.posts_failed },
		{ "posts_dropped", stats.posts_dropped },
	};

	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		char value[24];

		snprintf(value, sizeof(value), "%llu", (unsigned long long) counters[i].value);
		function(user, counters[i].name, value);
	}
}
