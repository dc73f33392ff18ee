/*
 * earwig.conf.xml: the settings for all calls.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#define CONFIG_FILE "earwig.conf"

static switch_thread_rwlock_t *lock;
static struct settings settings;

/* -1 and an error text. */
static int read_setting(struct settings *new, const char *name, const char *value, char *error, size_t size)
{
	int *const place = settings_find_switch(new, name);

	if (place) {
		*place = switch_true(value);
		return 0;
	}
	return settings_set(new, name, value, error, size);
}

int config_read(void)
{
	struct settings new;
	switch_xml_t file, tree, list, param = NULL;
	char error[256] = "";
	int wrong = 0;

	settings_init(&new, '-');
	if ((tree = switch_xml_open_cfg(CONFIG_FILE, &file, NULL))) {
		if ((list = switch_xml_child(file, "settings"))) {
			param = switch_xml_child(list, "param");
		}
		for (; param && !wrong; param = param->next) {
			const char *const name = switch_xml_attr_soft(param, "name");

			wrong = read_setting(&new, name, switch_xml_attr_soft(param, "value"), error, sizeof(error));
			if (wrong) {
				switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, CONFIG_FILE ": %s: %s\n", name, error);
			}
		}
		switch_xml_free(tree);
	}
	if (!wrong && settings_check(&new, error, sizeof(error))) {
		switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, CONFIG_FILE ": %s\n", error);
		wrong = 1;
	}
	if (wrong) {
		settings_free(&new);
		return -1;
	}
	switch_thread_rwlock_wrlock(lock);
	settings_free(&settings);
	settings = new;
	switch_thread_rwlock_unlock(lock);
	return 0;
}

void config_open(switch_memory_pool_t *pool)
{
	switch_thread_rwlock_create(&lock, pool);
	memset(&settings, 0, sizeof(settings));
}

void config_free(void)
{
	settings_free(&settings);
}

struct settings config_get(void)
{
	struct settings copy;

	switch_thread_rwlock_rdlock(lock);
	copy = settings;
	switch_thread_rwlock_unlock(lock);
	/* The next config_read() frees them. */
	memset(copy.options, 0, sizeof(copy.options));
	copy.listen = copy.webhook_allow = NULL;
	return copy;
}

earwig_status config_create_engine(earwig_engine **engine)
{
	earwig_status status;

	switch_thread_rwlock_rdlock(lock);
	status = settings_create_engine(&settings, engine);
	switch_thread_rwlock_unlock(lock);
	return status;
}

int config_has_listen(void)
{
	int has;

	switch_thread_rwlock_rdlock(lock);
	has = settings.listen != NULL;
	switch_thread_rwlock_unlock(lock);
	return has;
}

int config_listen_to(const char *channel)
{
	int listen;

	switch_thread_rwlock_rdlock(lock);
	listen = settings_listen_to(&settings, channel);
	switch_thread_rwlock_unlock(lock);
	return listen;
}

int config_options(enum job job, void *options, char *error, size_t size)
{
	int wrong;

	switch_thread_rwlock_rdlock(lock);
	wrong = settings_apply_options(&settings, job, options, error, size);
	switch_thread_rwlock_unlock(lock);
	return wrong;
}
