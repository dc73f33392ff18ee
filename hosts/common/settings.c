/*
 * The settings of a module, which both hosts read from a file of their own format.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

void settings_init(struct settings *settings, char separator)
{
	memset(settings, 0, sizeof(*settings));
	settings->separator = separator;
	settings->digit_events = 1;
	earwig_dtmf_limits_init(&settings->limits);
}

void settings_free(struct settings *settings)
{
	int job;

	for (job = 0; job < JOBS; job++) {
		free(settings->options[job]);
		settings->options[job] = NULL;
	}
}

/* `key` has '_' where `name` has the separator. */
static int is_named(const struct settings *settings, const char *name, const char *key)
{
	for (; *key; key++, name++) {
		if (tolower((unsigned char) *name) != (*key == '_' ? settings->separator : *key)) {
			return 0;
		}
	}
	return !*name;
}

int *settings_find_switch(struct settings *settings, const char *name)
{
	const struct {
		const char *name;
		int *place;
	} switches[] = {
		{ "early_media", &settings->early_media },
		{ "digit_events", &settings->digit_events },
		{ "squelch_dtmf", &settings->squelch_dtmf },
	};
	size_t i;

	for (i = 0; i < COUNT(switches); i++) {
		if (is_named(settings, name, switches[i].name)) {
			return switches[i].place;
		}
	}
	return NULL;
}

/* -1 if it is not a number of a sensible size. */
static int read_number(double *number, const char *value)
{
	char *end;

	*number = strtod(value, &end);
	return end == value || end[strspn(end, " \t")] || !(*number >= -1e6 && *number <= 1e6) ? -1 : 0;
}

static int set_number(struct settings *settings, const char *name, const char *value, char *error, size_t size)
{
	const struct {
		const char *name;
		float *real;
		int32_t *whole;
	} numbers[] = {
		{ "workers", NULL, &settings->workers },
		{ "dtmf_normal_twist", &settings->limits.normal_twist_db, NULL },
		{ "dtmf_reverse_twist", &settings->limits.reverse_twist_db, NULL },
		{ "dtmf_min_level", &settings->limits.min_level_dbm0, NULL },
		{ "dtmf_min_tone", NULL, &settings->limits.min_tone_ms },
		{ "dtmf_min_pause", NULL, &settings->limits.min_pause_ms },
	};
	double number;
	size_t i;

	for (i = 0; i < COUNT(numbers); i++) {
		if (!is_named(settings, name, numbers[i].name)) {
			continue;
		}
		if (read_number(&number, value) || (numbers[i].whole && number != (int32_t) number)) {
			snprintf(error, size, "'%s' is not a %snumber", value, numbers[i].whole ? "whole " : "");
			return -1;
		}
		if (numbers[i].whole) {
			*numbers[i].whole = (int32_t) number;
		} else {
			*numbers[i].real = (float) number;
		}
		return 0;
	}
	snprintf(error, size, "there is no such setting");
	return -1;
}

int settings_set(struct settings *settings, const char *name, const char *value, char *error, size_t size)
{
	int job;

	for (job = 0; job < JOBS; job++) {
		if (is_named(settings, name, job_names[job])) {
			/* Parsed here once, so that a mistake is logged when the file is read and not by each call. */
			if (job_options_check(job, value, error, size)) {
				return -1;
			}
			free(settings->options[job]);
			settings->options[job] = strdup(value);
			return 0;
		}
	}
	return set_number(settings, name, value, error, size);
}

int settings_apply_options(const struct settings *settings, enum job job, void *options, char *error, size_t size)
{
	job_options_init(job, options);
	return settings->options[job] && job_options_parse(job, settings->options[job], options, error, size) ? -1 : 0;
}
