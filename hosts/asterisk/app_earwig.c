/*
 * app_earwig: DTMF digits of a call, recordings of it, and who answered it, by the earwig library.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE beside this one.
 */

/*** MODULEINFO
	<support_level>extended</support_level>
 ***/

#include "app_earwig/app_earwig.h"

#include "asterisk/module.h"

earwig_engine *module_engine;

/* Documented in app_earwig-en_US.xml. */
static const struct application *const applications[] = { dtmf_applications, recorder_applications, machine_applications };

static void log_line(void *user, int32_t level, const char *target, const char *message)
{
	switch (level) {
	case 1:
		ast_log(LOG_ERROR, "%s\n", message);
		break;
	case 2:
		ast_log(LOG_WARNING, "%s\n", message);
		break;
	default:
		ast_debug(1, "%s: %s\n", target, message);
	}
}

static int unload_module(void)
{
	const struct application *one;
	size_t i;

	/* Channels hold references to the module, so there are none any more; their last traces are waited for. */
	if (earwig_engine_shutdown(module_engine, 5000)) {
		return -1;
	}
	for (i = 0; i < ARRAY_LEN(applications); i++) {
		for (one = applications[i]; one->name; one++) {
			ast_unregister_application(one->name);
		}
	}
	manager_close();
	cli_close();
	earwig_log_set(NULL, NULL, 0);
	earwig_engine_unref(module_engine);
	module_engine = NULL;
	recordings_close();
	event_thread_stop();
	config_free();
	return 0;
}

/* The engine, as the configuration has it. */
static int open_engine(void)
{
	RAII_VAR(struct config *, config, config_get(), ao2_cleanup);
	earwig_engine_options options;
	earwig_status status;

	earwig_engine_options_init(&options);
	options.workers = config->workers;
	status = earwig_engine_create(&options, &module_engine);
	if (status) {
		ast_log(LOG_ERROR, "earwig: %s\n", earwig_status_str(status));
	}
	return status ? -1 : 0;
}

/* A wrong file changes nothing; of a right one, `workers` waits for the next loading. */
static int reload_module(void)
{
	return config_read();
}

static int load_module(void)
{
	const struct application *one;
	int failed;
	size_t i;

	if (earwig_abi_version() != EARWIG_ABI_VERSION) {
		ast_log(LOG_ERROR, "libearwig %s has ABI %u; this module was built for %d\n", earwig_version(),
			earwig_abi_version(), EARWIG_ABI_VERSION);
		return AST_MODULE_LOAD_DECLINE;
	}
	earwig_log_set(log_line, NULL, 3);
	if (config_read() || open_engine()) {
		earwig_log_set(NULL, NULL, 0);
		config_free();
		return AST_MODULE_LOAD_DECLINE;
	}
	failed = event_thread_start();
	failed |= recordings_open();
	for (i = 0; i < ARRAY_LEN(applications); i++) {
		for (one = applications[i]; one->name; one++) {
			failed |= ast_register_application2(one->name, one->exec, NULL, NULL, AST_MODULE_SELF);
		}
	}
	failed |= cli_open();
	failed |= manager_open();
	if (failed) {
		unload_module();
		return AST_MODULE_LOAD_DECLINE;
	}
	return AST_MODULE_LOAD_SUCCESS;
}

AST_MODULE_INFO(ASTERISK_GPL_KEY, AST_MODFLAG_DEFAULT, "earwig: call intelligence",
	.support_level = AST_MODULE_SUPPORT_EXTENDED,
	.load = load_module,
	.unload = unload_module,
	.reload = reload_module,
);
