/*
 * The arguments of a recording: file, options, cipher.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "../mod_earwig.h"

/* Puts relative names under the recordings folder, and creates their folders. -1 and an error text. */
static int resolve_file(struct record_args *args, switch_core_session_t *session, const char *name, char *error, size_t size)
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
		switch_snprintf(error, size, "the folder %s cannot be created", folder);
		return -1;
	}
	return 0;
}

int record_args_parse(struct record_args *args, switch_core_session_t *session, const char *data, char *error, size_t size)
{
	switch_channel_t *channel = switch_core_session_get_channel(session);
	char *const text = switch_core_session_strdup(session, switch_str_nil(data));
	const size_t length = strlen(text);
	char *rest = text, name[sizeof(args->file)];
	const char *const first = args_begin_with_option(text) ? "" : next_word(&rest);
	int wrong;

	*args->file = '\0';
	wrong = args_choose(first, rest, "filename", name, sizeof(name), error, size)
		|| config_options(JOB_RECORDER, &args->options, error, size)
		|| earwig_recorder_options_parse(rest, &args->options, error, size);
	if (!wrong && zstr(name)) {
		switch_snprintf(error, size, "a file is required");
		wrong = 1;
	}
	wrong = wrong || recorder_options_set_cipher(&args->options, switch_channel_get_variable(channel, "earwig_record_cipher"),
			"earwig_record_cipher", error, size)
		|| resolve_file(args, session, name, error, size);
	explicit_bzero(text, length);
	return wrong ? -1 : 0;
}
