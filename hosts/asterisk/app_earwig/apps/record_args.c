/*
 * The arguments of a recording: file, options, cipher.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in hosts/asterisk.
 */

#include "../app_earwig.h"

#include "asterisk/app.h"
#include "asterisk/paths.h"
#include "asterisk/pbx.h"

/* Puts relative names under the monitor directory, as MixMonitor does, and creates their folders. -1 and an error text. */
static int resolve_file(struct record_args *args, const char *name, char *error, size_t size)
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

static int set_cipher(struct record_args *args, struct ast_channel *chan, char *error, size_t size)
{
	SCOPED_CHANNELLOCK(lock, chan);

	return recorder_options_set_cipher(&args->options, pbx_builtin_getvar_helper(chan, "EARWIG_RECORD_CIPHER"),
		"EARWIG_RECORD_CIPHER", error, size);
}

int record_args_set(struct record_args *args, struct ast_channel *chan, const char *file, const char *options, char *error,
	size_t size)
{
	char name[PATH_MAX], *rest = ast_strdupa(options);
	const size_t length = strlen(rest);
	int wrong;

	*args->file = '\0';
	wrong = args_choose(file, rest, "filename", name, sizeof(name), error, size)
		|| config_options(JOB_RECORDER, &args->options, error, size);
	wrong = wrong || earwig_recorder_options_parse(rest, &args->options, error, size);
	if (!wrong && ast_strlen_zero(name)) {
		snprintf(error, size, "a file is required");
		wrong = 1;
	}
	wrong = wrong || set_cipher(args, chan, error, size) || resolve_file(args, name, error, size);
	explicit_bzero(rest, length);
	return wrong ? -1 : 0;
}

int record_args_parse(struct record_args *args, struct ast_channel *chan, const char *data, char *error, size_t size)
{
	char *text = ast_strdupa(S_OR(data, ""));
	const size_t length = strlen(text);
	int wrong;
	AST_DECLARE_APP_ARGS(words,
		AST_APP_ARG(file);
		AST_APP_ARG(options);
	);

	replace_control_characters(text);
	if (args_begin_with_option(text)) {
		words.file = "";
		words.options = text;
	} else {
		AST_STANDARD_RAW_ARGS(words, text);
	}
	wrong = record_args_set(args, chan, S_OR(words.file, ""), S_OR(words.options, ""), error, size);
	explicit_bzero(text, length);
	return wrong;
}
