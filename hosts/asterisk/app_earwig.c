/*
 * app_earwig: collects DTMF digits, records calls and detects who has answered, with the earwig library.
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
	const struct application *application;
	size_t i;

	listen_close();
	/* Channels hold references to the module, so none is left, unless one has just begun. This waits for their last events. */
	if (earwig_engine_shutdown(module_engine, 5000)) {
		listen_open();
		return -1;
	}
	for (i = 0; i < ARRAY_LEN(applications); i++) {
		for (application = applications[i]; application->name; application++) {
			ast_unregister_application(application->name);
		}
	}
	manager_close();
	cli_close();
	earwig_log_set(NULL, NULL, 0);
	earwig_engine_unref(module_engine);
	module_engine = NULL;
	jobs_close();
	event_thread_stop();
	config_free();
	return 0;
}

/* Creates the engine by the settings. */
static int open_engine(void)
{
	RAII_VAR(struct settings *, settings, config_get(), ao2_cleanup);
	const earwig_status status = settings_create_engine(settings, &module_engine);

	if (status) {
		ast_log(LOG_ERROR, "earwig: %s\n", earwig_status_str(status));
	}
	return status ? -1 : 0;
}

/* An invalid file changes nothing. A change of `workers` or `webhook_allow` takes effect when the module is loaded again. */
static int reload_module(void)
{
	if (config_read()) {
		return -1;
	}
	listen_close();
	return listen_open();
}

static int load_module(void)
{
	const struct application *application;
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
	failed |= jobs_open();
	for (i = 0; i < ARRAY_LEN(applications); i++) {
		for (application = applications[i]; application->name; application++) {
			failed |= ast_register_application2(application->name, application->exec, NULL, NULL, AST_MODULE_SELF);
		}
	}
	failed |= cli_open();
	failed |= manager_open();
	failed |= listen_open();
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
