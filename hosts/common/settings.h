/*
 * The settings of a module, which both hosts read from a file of their own format.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_SETTINGS_H
#define EARWIG_HOSTS_SETTINGS_H

#include "common/job.h"

struct settings {
	char separator;	/* between the words of a setting's name: '_' or '-' */
	int workers;
	int early_media;
	int digit_events;
	int squelch_dtmf;
	earwig_dtmf_limits limits;
	char *options[JOBS];	/* options text that precedes each job's own; NULL for none */
	uint32_t file_mode;	/* of recordings; 0: the library's default */
	char *webhook_allow;	/* NULL: the library's default */
	char *listen;	/* patterns of channels that are listened to from their start; NULL: none */
};

void settings_init(struct settings *settings, char separator);
void settings_free(struct settings *settings);

/* early_media, digit_events or squelch_dtmf; NULL for any other name. The host knows how it spells yes and no. */
int *settings_find_switch(struct settings *settings, const char *name);

/* Sets any other setting. -1 and an error text. What the engine checks is left to settings_check(). */
int settings_set(struct settings *settings, const char *name, const char *value, char *error, size_t size);

/* Has the library check the settings, with an engine and a channel of no call. -1 and an error text. */
int settings_check(const struct settings *settings, char *error, size_t size);

earwig_status settings_create_engine(const struct settings *settings, earwig_engine **engine);

/* Whether channels of that name are listened to from their start. */
int settings_listen_to(const struct settings *settings, const char *channel);

/* Fills in the library's defaults, then the settings' options. -1 and an error text. */
int settings_apply_options(const struct settings *settings, enum job job, void *options, char *error, size_t size);

#endif
