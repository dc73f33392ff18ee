/*
 * earwig.conf: what holds for all calls.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/astobj2.h"
#include "asterisk/config.h"

#define CONFIG_FILE "earwig.conf"

static AO2_GLOBAL_OBJ_STATIC(current);

static void config_destroy(void *object)
{
	struct config *config = object;
	int job;

	for (job = 0; job < JOBS; job++) {
		ast_free(config->options[job]);
	}
}

static struct config *config_alloc(void)
{
	struct config *config = ao2_alloc(sizeof(*config), config_destroy);

	if (config) {
		config->digit_events = 1;
		earwig_dtmf_limits_init(&config->limits);
	}
	return config;
}

static earwig_status parse(enum job job, const char *text, void *options, char *error, size_t size)
{
	switch (job) {
	case JOB_DTMF:
		return earwig_dtmf_options_parse(text, options, error, size);
	case JOB_RECORDER:
		return earwig_recorder_options_parse(text, options, error, size);
	default:
		return earwig_machine_options_parse(text, options, error, size);
	}
}

static void init(enum job job, void *options)
{
	switch (job) {
	case JOB_DTMF:
		earwig_dtmf_options_init(options);
		break;
	case JOB_RECORDER:
		earwig_recorder_options_init(options);
		break;
	default:
		earwig_machine_options_init(options);
	}
}

int config_options(enum job job, void *options, char *error, size_t size)
{
	RAII_VAR(struct config *, config, config_get(), ao2_cleanup);

	init(job, options);
	return config && config->options[job] && parse(job, config->options[job], options, error, size) ? -1 : 0;
}

/* Options are read once here, so that what is wrong in them is said at once and not call by call. -1 and what is wrong. */
static int take_options(struct config *config, enum job job, const char *value, char *error, size_t size)
{
	union {
		earwig_dtmf_options digits;
		earwig_recorder_options record;
		earwig_machine_options machine;
	} options;
	int wrong;

	init(job, &options);
	wrong = parse(job, value, &options, error, size) != EARWIG_OK;
	explicit_bzero(&options, sizeof(options));
	ast_free(config->options[job]);
	config->options[job] = ast_strdup(value);
	return wrong ? -1 : 0;
}

/* -1 if it is none. */
static int read_switch(int *to, const char *value)
{
	*to = ast_true(value);
	return *to || ast_false(value) ? 0 : -1;
}

/* -1 if it is none. */
static int read_number(double *to, const char *value)
{
	char *end;

	*to = strtod(value, &end);
	return end == value || *ast_skip_blanks(end) || !(*to >= -1e6 && *to <= 1e6) ? -1 : 0;
}

static int take_number(struct config *config, const char *name, const char *value, char *error, size_t size)
{
	const struct {
		const char *name;
		float *real;
		int32_t *whole;
	} numbers[] = {
		{ "workers", NULL, &config->workers },
		{ "dtmf_normal_twist", &config->limits.normal_twist_db, NULL },
		{ "dtmf_reverse_twist", &config->limits.reverse_twist_db, NULL },
		{ "dtmf_min_level", &config->limits.min_level_dbm0, NULL },
		{ "dtmf_min_tone", NULL, &config->limits.min_tone_ms },
		{ "dtmf_min_pause", NULL, &config->limits.min_pause_ms },
	};
	double number;
	size_t i;

	for (i = 0; i < ARRAY_LEN(numbers); i++) {
		if (strcasecmp(name, numbers[i].name)) {
			continue;
		}
		if (read_number(&number, value) || (numbers[i].whole && number != (int32_t) number)) {
			snprintf(error, size, "'%s' is not such a number", value);
			return -1;
		}
		if (numbers[i].whole) {
			*numbers[i].whole = number;
		} else {
			*numbers[i].real = number;
		}
		return 0;
	}
	snprintf(error, size, "there is no such setting");
	return -1;
}

static int take_setting(struct config *config, const char *name, const char *value, char *error, size_t size)
{
	const struct {
		const char *name;
		int *to;
	} switches[] = {
		{ "early_media", &config->early_media },
		{ "digit_events", &config->digit_events },
		{ "squelch_dtmf", &config->squelch_dtmf },
	};
	size_t i;
	int job;

	for (i = 0; i < ARRAY_LEN(switches); i++) {
		if (!strcasecmp(name, switches[i].name)) {
			snprintf(error, size, "'%s' is neither yes nor no", value);
			return read_switch(switches[i].to, value);
		}
	}
	for (job = 0; job < JOBS; job++) {
		if (!strcasecmp(name, job_names[job])) {
			return take_options(config, job, value, error, size);
		}
	}
	return take_number(config, name, value, error, size);
}

/* The library knows the ranges; a channel that nobody calls is asked. -1 and what is wrong. */
static int try_out(const struct config *config, char *error, size_t size)
{
	earwig_engine_options options;
	earwig_engine *engine = NULL;
	earwig_channel *channel = NULL;
	earwig_status status;

	earwig_engine_options_init(&options);
	options.workers = config->workers;
	status = earwig_engine_create(&options, &engine);
	if (status) {
		snprintf(error, size, "workers: %s", earwig_status_str(status));
		return -1;
	}
	status = earwig_channel_create(engine, NULL, &channel);
	if (!status) {
		status = earwig_dtmf_set_limits(channel, &config->limits);
	}
	if (status) {
		earwig_channel_get_error(channel, error, size);
	}
	earwig_channel_unref(channel);
	earwig_engine_unref(engine);
	return status ? -1 : 0;
}

static int take_file(struct config *config, struct ast_config *file)
{
	const struct ast_variable *one;
	const char *section = NULL;
	char error[256] = "";

	while ((section = ast_category_browse(file, section))) {
		if (strcasecmp(section, "general")) {
			ast_log(LOG_ERROR, CONFIG_FILE ": [%s]: the only section is [general]\n", section);
			return -1;
		}
	}
	for (one = ast_variable_browse(file, "general"); one; one = one->next) {
		if (take_setting(config, one->name, one->value, error, sizeof(error))) {
			ast_log(LOG_ERROR, CONFIG_FILE ", line %d: %s: %s\n", one->lineno, one->name, error);
			return -1;
		}
	}
	if (try_out(config, error, sizeof(error))) {
		ast_log(LOG_ERROR, CONFIG_FILE ": %s\n", error);
		return -1;
	}
	return 0;
}

int config_read(void)
{
	const struct ast_flags flags = { 0 };
	struct ast_config *file = ast_config_load(CONFIG_FILE, flags);
	RAII_VAR(struct config *, config, config_alloc(), ao2_cleanup);

	if (!config || file == CONFIG_STATUS_FILEINVALID) {
		ast_log(LOG_ERROR, CONFIG_FILE " cannot be read\n");
		return -1;
	}
	if (file != CONFIG_STATUS_FILEMISSING) {
		const int wrong = take_file(config, file);

		ast_config_destroy(file);
		if (wrong) {
			return -1;
		}
	}
	ao2_global_obj_replace_unref(current, config);
	return 0;
}

struct config *config_get(void)
{
	return ao2_global_obj_ref(current);
}

void config_free(void)
{
	ao2_global_obj_release(current);
}
