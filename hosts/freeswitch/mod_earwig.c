/*
 * mod_earwig: collects DTMF digits, records calls and detects who has answered, with the earwig library.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig/mod_earwig.h"

SWITCH_MODULE_LOAD_FUNCTION(mod_earwig_load);
SWITCH_MODULE_SHUTDOWN_FUNCTION(mod_earwig_shutdown);
SWITCH_MODULE_DEFINITION(mod_earwig, mod_earwig_load, mod_earwig_shutdown, NULL);

#define SHUTDOWN_TIMEOUT_MS 5000

earwig_engine *module_engine;

/* The core's: while it is read-locked the core unloads the module only by force. */
static switch_thread_rwlock_t *lock;

static int references;

/* Stays set if a forced unloading was refused: then the core has forgotten the module's names, and all else goes on. */
static int is_open;

static const char *const events[] = { "earwig::digit", "earwig::dtmf", "earwig::record", "earwig::machine", "earwig::beep" };

static const struct application *const applications[] = { dtmf_applications, recorder_applications, machine_applications };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

void module_ref(void)
{
	switch_thread_rwlock_rdlock(lock);
	__atomic_add_fetch(&references, 1, __ATOMIC_RELAXED);
}

int module_try_ref(void)
{
	if (switch_thread_rwlock_tryrdlock(lock) != SWITCH_STATUS_SUCCESS) {
		return -1;
	}
	__atomic_add_fetch(&references, 1, __ATOMIC_RELAXED);
	return 0;
}

void module_unref(void)
{
	__atomic_sub_fetch(&references, 1, __ATOMIC_RELEASE);
	switch_thread_rwlock_unlock(lock);
}

static void log_line(void *user, int32_t level, const char *target, const char *message)
{
	const switch_log_level_t levels[] = { SWITCH_LOG_ERROR, SWITCH_LOG_WARNING, SWITCH_LOG_DEBUG };

	switch_log_printf(SWITCH_CHANNEL_LOG, levels[level < 1 ? 0 : level > 3 ? 2 : level - 1], "%s: %s\n", target, message);
}

static void close_all(void)
{
	size_t i;

	earwig_log_set(NULL, NULL, 0);
	earwig_engine_unref(module_engine);
	module_engine = NULL;
	event_thread_stop();
	config_free();
	for (i = 0; i < COUNT(events); i++) {
		switch_event_free_subclass(events[i]);
	}
	api_set_completion(0);
}

/* Creates the engine by the settings. */
static int open_engine(void)
{
	const earwig_status status = config_create_engine(&module_engine);

	if (status) {
		switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, "earwig: %s\n", earwig_status_str(status));
	}
	return status ? -1 : 0;
}

/* Opens everything but registers no names. */
static int open_all(switch_memory_pool_t *pool)
{
	size_t i;

	earwig_log_set(log_line, NULL, 3);
	config_open(pool);
	channel_state_init(pool);
	if (config_read() || open_engine() || event_thread_start(pool)) {
		close_all();
		return -1;
	}
	for (i = 0; i < COUNT(events); i++) {
		switch_event_reserve_subclass(events[i]);
	}
	is_open = 1;
	return 0;
}

SWITCH_MODULE_LOAD_FUNCTION(mod_earwig_load)
{
	switch_application_interface_t *application;
	switch_api_interface_t *api;
	const struct application *app;
	size_t i;

	if (earwig_abi_version() != EARWIG_ABI_VERSION) {
		switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, "libearwig %s has ABI %u; this module was built for %d\n",
			earwig_version(), earwig_abi_version(), EARWIG_ABI_VERSION);
		return SWITCH_STATUS_FALSE;
	}
	if (!is_open && open_all(pool)) {
		return SWITCH_STATUS_FALSE;
	}
	*module_interface = switch_loadable_module_create_module_interface(pool, modname);
	if (!lock) {
		lock = (*module_interface)->rwlock;
	}
	for (i = 0; i < COUNT(applications); i++) {
		for (app = applications[i]; app->name; app++) {
			SWITCH_ADD_APP(application, app->name, app->description, app->description, app->function, app->syntax,
				SAF_MEDIA_TAP | SAF_ZOMBIE_EXEC);
		}
	}
	SWITCH_ADD_API(api, "earwig", "Digits, recordings and who answered, of any channel", earwig_api, earwig_api_syntax);
	api_set_completion(1);
	listen_open();
	return SWITCH_STATUS_SUCCESS;
}

SWITCH_MODULE_SHUTDOWN_FUNCTION(mod_earwig_shutdown)
{
	int pending;

	listen_close();
	pending = __atomic_load_n(&references, __ATOMIC_ACQUIRE);
	if (pending || earwig_engine_shutdown(module_engine, SHUTDOWN_TIMEOUT_MS)) {
		switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, "mod_earwig is in use: it is not unloaded\n");
		listen_open();
		return SWITCH_STATUS_NOUNLOAD;
	}
	close_all();
	is_open = 0;
	lock = NULL;
	return SWITCH_STATUS_SUCCESS;
}
