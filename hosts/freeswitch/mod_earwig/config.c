/*
 * earwig.conf.xml.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#define CONFIG_FILE "earwig.conf"

static switch_thread_rwlock_t *lock;
static struct config config;

/* A setting that is a number, and where it goes. */
struct number {
	const char *name;
	float *real;
	int32_t *whole;
};

static void defaults(struct config *new)
{
	memset(new, 0, sizeof(*new));
	new->digit_events = 1;
	earwig_dtmf_limits_init(&new->limits);
}

static void free_options(struct config *old)
{
	int job;

	for (job = 0; job < JOBS; job++) {
		switch_safe_free(old->options[job]);
	}
}

/* -1 if it is none of these, or no number. */
static int read_number(struct config *new, const char *name, const char *value)
{
	const struct number numbers[] = {
		{ "workers", NULL, &new->workers },
		{ "dtmf-normal-twist", &new->limits.normal_twist_db, NULL },
		{ "dtmf-reverse-twist", &new->limits.reverse_twist_db, NULL },
		{ "dtmf-min-level", &new->limits.min_level_dbm0, NULL },
		{ "dtmf-min-tone", NULL, &new->limits.min_tone_ms },
		{ "dtmf-min-pause", NULL, &new->limits.min_pause_ms },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		char *end;
		const double number = strtod(value, &end);

		if (!strcasecmp(name, numbers[i].name)) {
			if (end == value || *end) {
				return -1;
			}
			if (numbers[i].real) {
				*numbers[i].real = (float) number;
			} else {
				*numbers[i].whole = (int32_t) number;
			}
			return 0;
		}
	}
	return -1;
}

/* Options are read once here, so that what is wrong in them is said at once and not call by call. -1 and what is wrong. */
static int read_options(struct config *new, enum job job, const char *value, char *error, size_t size)
{
	earwig_dtmf_options digits;
	earwig_recorder_options record;
	earwig_machine_options machine;
	earwig_status status;

	switch (job) {
	case JOB_DTMF:
		earwig_dtmf_options_init(&digits);
		status = earwig_dtmf_options_parse(value, &digits, error, size);
		break;
	case JOB_RECORDER:
		earwig_recorder_options_init(&record);
		status = earwig_recorder_options_parse(value, &record, error, size);
		break;
	default:
		earwig_machine_options_init(&machine);
		status = earwig_machine_options_parse(value, &machine, error, size);
	}
	switch_safe_free(new->options[job]);
	new->options[job] = strdup(value);
	return status ? -1 : 0;
}

/* -1 and what is wrong. */
static int read_param(struct config *new, const char *name, const char *value, char *error, size_t size)
{
	if (!strcasecmp(name, "early-media")) {
		new->early_media = switch_true(value);
	} else if (!strcasecmp(name, "digit-events")) {
		new->digit_events = switch_true(value);
	} else if (!strcasecmp(name, "squelch-dtmf")) {
		new->squelch_dtmf = switch_true(value);
	} else if (!strcasecmp(name, "get-digits")) {
		return read_options(new, JOB_DTMF, value, error, size);
	} else if (!strcasecmp(name, "record")) {
		return read_options(new, JOB_RECORDER, value, error, size);
	} else if (!strcasecmp(name, "detect-machine")) {
		return read_options(new, JOB_MACHINE, value, error, size);
	} else if (read_number(new, name, value)) {
		switch_snprintf(error, size, "no such setting, or no number");
		return -1;
	}
	return 0;
}

int config_read(void)
{
	struct config new;
	switch_xml_t file, tree, settings, param = NULL;
	char error[256] = "";
	int wrong = 0;

	defaults(&new);
	if ((tree = switch_xml_open_cfg(CONFIG_FILE, &file, NULL))) {
		if ((settings = switch_xml_child(file, "settings"))) {
			param = switch_xml_child(settings, "param");
		}
		for (; param && !wrong; param = param->next) {
			const char *const name = switch_xml_attr_soft(param, "name");

			wrong = read_param(&new, name, switch_xml_attr_soft(param, "value"), error, sizeof(error));
			if (wrong) {
				switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, CONFIG_FILE ": %s: %s\n", name, error);
			}
		}
		switch_xml_free(tree);
	}
	if (wrong) {
		free_options(&new);
		return -1;
	}
	switch_thread_rwlock_wrlock(lock);
	free_options(&config);
	config = new;
	switch_thread_rwlock_unlock(lock);
	return 0;
}

void config_open(switch_memory_pool_t *pool)
{
	switch_thread_rwlock_create(&lock, pool);
	memset(&config, 0, sizeof(config));
}

void config_free(void)
{
	free_options(&config);
}

struct config config_now(void)
{
	struct config now;

	switch_thread_rwlock_rdlock(lock);
	now = config;
	switch_thread_rwlock_unlock(lock);
	return now;
}

const char *config_options(enum job job, switch_memory_pool_t *pool)
{
	const char *text;

	switch_thread_rwlock_rdlock(lock);
	text = switch_core_strdup(pool, switch_str_nil(config.options[job]));
	switch_thread_rwlock_unlock(lock);
	return text;
}
