/*
 * What the tests of hosts/common share.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#ifndef EARWIG_HOSTS_CHECK_H
#define EARWIG_HOSTS_CHECK_H

#include <stdio.h>

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			failures++; \
		} \
	} while (0)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Of the current test. */
extern int failures;

/* ---- settings.c ---- */

void settings_are_named_with_the_hosts_separator(void);
void a_setting_has_the_mode_of_recordings(void);
void the_library_checks_the_settings(void);
void options_of_the_settings_come_first(void);
void patterns_of_listen_are_globs_of_a_channels_name(void);

#endif
