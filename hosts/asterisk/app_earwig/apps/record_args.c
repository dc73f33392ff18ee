/*
 * What an application is asked to record, and where.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "../app_earwig.h"

#include "asterisk/app.h"
#include "asterisk/paths.h"
#include "asterisk/pbx.h"

/* Relative names as MixMonitor has them. -1 and what is wrong. */
static int find_place(struct record_args *args, const char *name, char *error, size_t size)
{
	const int relative = *name != '/';
	int length = snprintf(args->file, sizeof(args->file), "%s%s%s", relative ? ast_config_AST_MONITOR_DIR : "",
		relative ? "/" : "", name);
	char *folder;
	int failure;

	if (length >= (int) sizeof(args->file)) {
		*args->file = '\0';
		snprintf(error, size, "the file's name is too long");
		return -1;
	}
	if (!relative) {
		return 0;
	}
	folder = ast_strdupa(args->file);
	*strrchr(folder, '/') = '\0';
	failure = ast_mkdir(folder, 0777);
	if (failure) {
		snprintf(error, size, "%s: %s", folder, strerror(failure));
		return -1;
	}
	return 0;
}

/* A key in the dialplan would be logged, and on_event to whoever watches the manager. -1 and what is wrong, without the key. */
static int take_key(struct record_args *args, struct ast_channel *chan, char *error, size_t size)
{
	/* The longest that is right has 104 characters: what is cut here is wrong all the same. */
	char text[128] = "";
	const char *cipher;
	earwig_status status = EARWIG_OK;

	if (args->options.key_bytes) {
		return 0;
	}
	ast_channel_lock(chan);
	cipher = pbx_builtin_getvar_helper(chan, "EARWIG_RECORD_CIPHER");
	if (!ast_strlen_zero(cipher)) {
		snprintf(text, sizeof(text), "cipher=%s", cipher);
	}
	ast_channel_unlock(chan);
	if (*text) {
		status = earwig_recorder_options_parse(text, &args->options, NULL, 0);
		explicit_bzero(text, sizeof(text));
	}
	if (status) {
		snprintf(error, size, "EARWIG_RECORD_CIPHER is not KEYHEX:IVHEX");
	}
	return status ? -1 : 0;
}

int record_args_set(struct record_args *args, struct ast_channel *chan, const char *file, const char *options, char *error, size_t size)
{
	*args->file = '\0';
	if (config_options(JOB_RECORDER, &args->options, error, size)) {
		return -1;
	}
	if (ast_strlen_zero(file)) {
		snprintf(error, size, "a file is required");
		return -1;
	}
	if (!ast_strlen_zero(options) && earwig_recorder_options_parse(options, &args->options, error, size)) {
		return -1;
	}
	return take_key(args, chan, error, size) || find_place(args, file, error, size) ? -1 : 0;
}

int record_args_parse(struct record_args *args, struct ast_channel *chan, const char *data, char *error, size_t size)
{
	char *text = ast_strdupa(S_OR(data, ""));
	const size_t length = strlen(text);
	int wrong;
	AST_DECLARE_APP_ARGS(argv,
		AST_APP_ARG(file);
		AST_APP_ARG(options);
	);

	replace_control_characters(text);
	AST_STANDARD_RAW_ARGS(argv, text);
	wrong = record_args_set(args, chan, argv.file, argv.options, error, size);
	explicit_bzero(text, length);
	return wrong;
}
