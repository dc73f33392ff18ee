/*
 * The settings of a module, which both hosts read from a file of their own format.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "common/settings.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
	free(settings->listen);
	free(settings->webhook_allow);
	settings->listen = settings->webhook_allow = NULL;
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

#define PATTERN_SIZE 128

/*
 * Copies the next of the patterns, which commas separate, without blanks around it. Returns what follows; NULL after the last.
 * A pattern that is too long comes out empty.
 */
static const char *next_pattern(char *pattern, const char *patterns)
{
	const size_t length = strcspn(patterns, ",");
	const char *from = patterns + strspn(patterns, " \t"), *to = patterns + length;

	while (to > from && strchr(" \t", to[-1])) {
		to--;
	}
	*pattern = '\0';
	if (to > from && to - from < PATTERN_SIZE) {
		memcpy(pattern, from, to - from);
		pattern[to - from] = '\0';
	}
	return patterns[length] ? patterns + length + 1 : NULL;
}

static int set_listen(struct settings *settings, const char *value, char *error, size_t size)
{
	char pattern[PATTERN_SIZE];
	const char *rest;
	int count = 0, all = 0, none = 0;

	for (rest = value; rest; count++) {
		rest = next_pattern(pattern, rest);
		all |= !strcasecmp(pattern, "all");
		none |= !strcasecmp(pattern, "none");
		if (!*pattern) {
			snprintf(error, size, "'%s': each pattern has 1 to %d characters", value, PATTERN_SIZE - 1);
			return -1;
		}
	}
	if ((all || none) && count > 1) {
		snprintf(error, size, "'%s': all and none stand alone", value);
		return -1;
	}
	free(settings->listen);
	settings->listen = none ? NULL : strdup(all ? "*" : value);
	return 0;
}

/* Parsed as the option of the same name. */
static int set_file_mode(struct settings *settings, const char *value, char *error, size_t size)
{
	earwig_recorder_options options;
	char text[64];

	if (value[strspn(value, "01234567")]) {
		snprintf(error, size, "'%s' is not an octal number", value);
		return -1;
	}
	earwig_recorder_options_init(&options);
	snprintf(text, sizeof(text), "file_mode=%s", value);
	if (earwig_recorder_options_parse(text, &options, error, size)) {
		return -1;
	}
	settings->file_mode = options.file_mode;
	return 0;
}

int settings_listen_to(const struct settings *settings, const char *channel)
{
	char pattern[PATTERN_SIZE];
	const char *rest = settings->listen;

	while (rest) {
		rest = next_pattern(pattern, rest);
		if (!fnmatch(pattern, channel, 0)) {
			return 1;
		}
	}
	return 0;
}

int settings_set(struct settings *settings, const char *name, const char *value, char *error, size_t size)
{
	int job;

	if (is_named(settings, name, "listen")) {
		return set_listen(settings, value, error, size);
	}
	if (is_named(settings, name, "file_mode")) {
		return set_file_mode(settings, value, error, size);
	}
	if (is_named(settings, name, "webhook_allow")) {
		free(settings->webhook_allow);
		settings->webhook_allow = strdup(value);
		return 0;
	}

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

earwig_status settings_create_engine(const struct settings *settings, earwig_engine **engine)
{
	earwig_engine_options options;

	earwig_engine_options_init(&options);
	options.workers = settings->workers;
	options.webhook_allow = settings->webhook_allow;
	return earwig_engine_create(&options, engine);
}

/* The library logs why it refuses a policy; here is what it accepts. */
static int check_engine(const struct settings *settings, earwig_engine **engine, char *error, size_t size)
{
	struct settings others = *settings;
	earwig_status status = settings_create_engine(settings, engine);

	if (status == EARWIG_ERR_INVALID && settings->webhook_allow) {
		others.webhook_allow = NULL;
		status = settings_create_engine(&others, engine);
		if (!status) {
			snprintf(error, size, "webhook%callow: '%s': it takes public, private, loopback, link-local, all and networks such "
				"as 10.1.0.0/16, separated by commas", settings->separator, settings->webhook_allow);
			return -1;
		}
	}
	if (status) {
		snprintf(error, size, "workers: %s", earwig_status_str(status));
	}
	return status ? -1 : 0;
}

int settings_check(const struct settings *settings, char *error, size_t size)
{
	earwig_engine *engine = NULL;
	earwig_channel *channel = NULL;
	int wrong = check_engine(settings, &engine, error, size);
	char text[256];
	earwig_status status;

	if (!wrong) {
		status = earwig_channel_create(engine, NULL, &channel);
		if (!status) {
			status = earwig_dtmf_set_limits(channel, &settings->limits);
		}
		if (status) {
			snprintf(error, size, "%s", channel_error(channel, status, text, sizeof(text)));
			wrong = -1;
		}
	}
	earwig_channel_unref(channel);
	earwig_engine_unref(engine);
	return wrong;
}

int settings_apply_options(const struct settings *settings, enum job job, void *options, char *error, size_t size)
{
	job_options_init(job, options);
	if (job == JOB_RECORDER) {
		((earwig_recorder_options *) options)->file_mode = settings->file_mode;
	}
	return settings->options[job] && job_options_parse(job, settings->options[job], options, error, size) ? -1 : 0;
}
