/*
 * Tests of the settings.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include <string.h>

#include "common/settings.h"

#include "check.h"

void settings_are_named_with_the_hosts_separator(void)
{
	struct settings settings;
	char error[128] = "";

	settings_init(&settings, '-');
	CHECK(settings.digit_events && !settings.early_media);
	CHECK(settings_find_switch(&settings, "early-media") == &settings.early_media);
	CHECK(settings_find_switch(&settings, "Squelch-DTMF") == &settings.squelch_dtmf);
	CHECK(!settings_find_switch(&settings, "early_media") && !settings_find_switch(&settings, "early-medi"));
	CHECK(!settings_set(&settings, "dtmf-min-level", "-30.5", error, sizeof(error)) && settings.limits.min_level_dbm0 == -30.5f);
	CHECK(!settings_set(&settings, "workers", "2 ", error, sizeof(error)) && settings.workers == 2);
	CHECK(settings_set(&settings, "workers", "2.5", error, sizeof(error)) && strstr(error, "whole number"));
	CHECK(settings_set(&settings, "dtmf-min-tone", "long", error, sizeof(error)) && strstr(error, "'long'"));
	CHECK(settings_set(&settings, "dtmf_min_tone", "40", error, sizeof(error)) && strstr(error, "no such setting"));
	CHECK(settings.workers == 2);
	settings_free(&settings);
}

void a_setting_has_the_mode_of_recordings(void)
{
	struct settings settings;
	earwig_recorder_options options;
	char error[256] = "";

	settings_init(&settings, '-');
	CHECK(!settings_apply_options(&settings, JOB_RECORDER, &options, error, sizeof(error)) && !options.file_mode);
	CHECK(!settings_set(&settings, "file-mode", "0600", error, sizeof(error)));
	CHECK(!settings_apply_options(&settings, JOB_RECORDER, &options, error, sizeof(error)) && options.file_mode == 0600);
	CHECK(settings_set(&settings, "file-mode", "0999", error, sizeof(error)) && strstr(error, "octal"));
	CHECK(settings_set(&settings, "file-mode", "0400", error, sizeof(error)) && strstr(error, "file_mode"));
	CHECK(settings_set(&settings, "file-mode", "0600,rate=8000", error, sizeof(error)) && settings.file_mode == 0600);
	CHECK(!settings_set(&settings, "record", "file_mode=0660", error, sizeof(error)));
	CHECK(!settings_apply_options(&settings, JOB_RECORDER, &options, error, sizeof(error)) && options.file_mode == 0660);
	settings_free(&settings);
}

void the_library_checks_the_settings(void)
{
	static const struct {
		const char *name, *value, *error;	/* no error: it is valid */
	} cases[] = {
		{ "workers", "1", NULL }, { "workers", "1000", "workers: " }, { "webhook_allow", "public,10.1.0.0/16", NULL },
		{ "webhook_allow", "", "webhook_allow: ''" }, { "webhook_allow", "everything", "webhook_allow: 'everything'" },
		{ "dtmf_min_tone", "4", "30 to 500" },
	};
	char error[256];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct settings settings;

		*error = '\0';
		settings_init(&settings, '_');
		CHECK(!settings_set(&settings, cases[i].name, cases[i].value, error, sizeof(error)));
		CHECK(settings_check(&settings, error, sizeof(error)) == (cases[i].error ? -1 : 0));
		CHECK(cases[i].error ? strstr(error, cases[i].error) != NULL : !*error);
		settings_free(&settings);
	}
}

void options_of_the_settings_come_first(void)
{
	struct settings settings;
	earwig_dtmf_options options;
	char error[256] = "";

	settings_init(&settings, '_');
	CHECK(!settings_set(&settings, "get_digits", "count=3,end=#", error, sizeof(error)));
	CHECK(settings_set(&settings, "get_digits", "cuont=3", error, sizeof(error)) && strstr(error, "cuont"));
	CHECK(!settings_apply_options(&settings, JOB_DTMF, &options, error, sizeof(error)) && options.count == 3);
	CHECK(!dtmf_options_parse(&options, "5", "end=*", error, sizeof(error)));
	CHECK(options.count == 5 && !strcmp(options.end, "*"));
	CHECK(dtmf_options_parse(&options, "33", "", error, sizeof(error)));
	settings_free(&settings);
}

void patterns_of_listen_are_globs_of_a_channels_name(void)
{
	static const struct {
		const char *listen, *channel;
		int listens;
	} cases[] = {
		{ "none", "SIP/a-1", 0 },
		{ "All", "Local/x@y-1;2", 1 },
		{ "SIP/trunk*", "SIP/trunk-00000001", 1 },
		{ "SIP/trunk*", "PJSIP/trunk-00000001", 0 },
		{ "sofia/external/*", "sofia/external/7@host:5060", 1 },
		{ "sofia/external/*", "sofia/internal/7@host:5060", 0 },
		{ " SIP/a? , *@y-* ", "SIP/ab", 1 },
		{ " SIP/a? , *@y-* ", "Local/x@y-1;2", 1 },
		{ "SIP/a", "SIP/ab", 0 },
	};
	static const char *const wrong[] = { "", ",", "SIP/*,", "all,SIP/*", "SIP/*,none" };
	struct settings settings;
	char error[128] = "", longest[200];
	size_t i;

	settings_init(&settings, '_');
	CHECK(!settings_listen_to(&settings, "SIP/a-1"));
	for (i = 0; i < COUNT(cases); i++) {
		CHECK(!settings_set(&settings, "listen", cases[i].listen, error, sizeof(error)));
		CHECK(settings_listen_to(&settings, cases[i].channel) == cases[i].listens);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CHECK(settings_set(&settings, "listen", longest, error, sizeof(error)));
	for (i = 0; i < COUNT(wrong); i++) {
		CHECK(settings_set(&settings, "listen", wrong[i], error, sizeof(error)) && *error);
	}
	CHECK(settings_listen_to(&settings, "SIP/a") && !settings_listen_to(&settings, "SIP/ab"));
	settings_free(&settings);
}
