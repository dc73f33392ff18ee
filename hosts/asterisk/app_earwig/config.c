/*
 * earwig.conf: the settings for all calls.
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

static void settings_destroy(void *object)
{
	settings_free(object);
}

static struct settings *settings_alloc(void)
{
	struct settings *settings = ao2_alloc(sizeof(*settings), settings_destroy);

	if (settings) {
		settings_init(settings, '_');
	}
	return settings;
}

int config_options(enum job job, void *options, char *error, size_t size)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);

	if (!settings) {
		job_options_init(job, options);
		return 0;
	}
	return settings_apply_options(settings, job, options, error, size);
}

/* -1 and an error text. */
static int read_setting(struct settings *settings, const char *name, const char *value, char *error, size_t size)
{
	int *const place = settings_find_switch(settings, name);

	if (!place) {
		return settings_set(settings, name, value, error, size);
	}
	*place = ast_true(value);
	if (!*place && !ast_false(value)) {
		snprintf(error, size, "'%s' is neither yes nor no", value);
		return -1;
	}
	return 0;
}

static int read_file(struct settings *settings, struct ast_config *file)
{
	const struct ast_variable *variable;
	const char *section = NULL;
	char error[256] = "";

	while ((section = ast_category_browse(file, section))) {
		if (strcasecmp(section, "general")) {
			ast_log(LOG_ERROR, CONFIG_FILE ": [%s]: the only section is [general]\n", section);
			return -1;
		}
	}
	for (variable = ast_variable_browse(file, "general"); variable; variable = variable->next) {
		if (read_setting(settings, variable->name, variable->value, error, sizeof(error))) {
			ast_log(LOG_ERROR, CONFIG_FILE ", line %d: %s: %s\n", variable->lineno, variable->name, error);
			return -1;
		}
	}
	if (settings_check(settings, error, sizeof(error))) {
		ast_log(LOG_ERROR, CONFIG_FILE ": %s\n", error);
		return -1;
	}
	return 0;
}

int config_read(void)
{
	const struct ast_flags flags = { 0 };
	struct ast_config *file = ast_config_load(CONFIG_FILE, flags);
	RAII_VAR(struct settings *, settings, settings_alloc(), ao2_cleanup);

	if (!settings || file == CONFIG_STATUS_FILEINVALID) {
		ast_log(LOG_ERROR, CONFIG_FILE " cannot be read\n");
		return -1;
	}
	if (file != CONFIG_STATUS_FILEMISSING) {
		const int wrong = read_file(settings, file);

		ast_config_destroy(file);
		if (wrong) {
			return -1;
		}
	}
	ao2_global_obj_replace_unref(current, settings);
	return 0;
}

struct settings *config_get(void)
{
	return ao2_global_obj_ref(current);
}

void config_free(void)
{
	ao2_global_obj_release(current);
}
