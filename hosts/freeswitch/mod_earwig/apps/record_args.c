/*
 * What an application is asked to record, and where.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

/* Relative names are put into FreeSWITCH's recordings folder, and their folders are made. -1 and what is wrong. */
static int find_place(struct record_args *args, switch_core_session_t *session, const char *name, char *error, size_t size)
{
	const int absolute = switch_is_file_path(name);
	const char *const file = absolute ? name : switch_core_session_sprintf(session, "%s%s%s",
		SWITCH_GLOBAL_dirs.recordings_dir, SWITCH_PATH_SEPARATOR, name);
	char *folder;

	if (strlen(file) >= sizeof(args->file)) {
		switch_snprintf(error, size, "the file's name is too long");
		return -1;
	}
	switch_copy_string(args->file, file, sizeof(args->file));
	if (absolute) {
		return 0;
	}
	folder = switch_core_session_strdup(session, file);
	*strrchr(folder, '/') = '\0';
	if (switch_dir_make_recursive(folder, SWITCH_DEFAULT_DIR_PERMS, switch_core_session_get_pool(session))
			!= SWITCH_STATUS_SUCCESS) {
		switch_snprintf(error, size, "%s cannot be made", folder);
		return -1;
	}
	return 0;
}

/* A key in the dialplan would be logged. -1 and what is wrong, without the key. */
static int take_key(struct record_args *args, switch_channel_t *channel, char *error, size_t size)
{
	/* The longest that is right has 104 characters: what is cut here is wrong all the same. */
	char text[128];
	const char *const cipher = switch_channel_get_variable(channel, "earwig_record_cipher");
	earwig_status status;

	if (args->options.key_bytes || zstr(cipher)) {
		return 0;
	}
	switch_snprintf(text, sizeof(text), "cipher=%s", cipher);
	status = earwig_recorder_options_parse(text, &args->options, NULL, 0);
	explicit_bzero(text, sizeof(text));
	if (status) {
		switch_snprintf(error, size, "earwig_record_cipher is not KEYHEX:IVHEX");
	}
	return status ? -1 : 0;
}

int record_args_parse(struct record_args *args, switch_core_session_t *session, const char *data, char *error, size_t size)
{
	char *rest = switch_core_session_strdup(session, switch_str_nil(data));
	const size_t length = strlen(rest);
	char *const text = rest, *name = next_word(&rest);
	const char *const before = config_options(JOB_RECORDER, switch_core_session_get_pool(session));
	int wrong = zstr(name);

	*args->file = '\0';
	earwig_recorder_options_init(&args->options);
	if (wrong) {
		switch_snprintf(error, size, "a file is required");
	}
	wrong = wrong || earwig_recorder_options_parse(before, &args->options, error, size);
	wrong = wrong || earwig_recorder_options_parse(rest, &args->options, error, size);
	wrong = wrong || take_key(args, switch_core_session_get_channel(session), error, size)
		|| find_place(args, session, name, error, size);
	explicit_bzero(text, length);
	return wrong ? -1 : 0;
}
