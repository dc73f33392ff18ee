/*
 * The commands of Asterisk's command line.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/cli.h"

static char *show_status(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	earwig_engine_stats stats = { .struct_size = sizeof(stats) };

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig show status";
		entry->usage = "Usage: earwig show status\n       Shows the earwig library's version and counters.\n";
		return NULL;
	case CLI_GENERATE:
		return NULL;
	}
	if (a->argc != entry->args) {
		return CLI_SHOWUSAGE;
	}
	earwig_engine_get_stats(module_engine, &stats);
	ast_cli(a->fd, "Version:       %s (ABI %u)\n", earwig_version(), earwig_abi_version());
	ast_cli(a->fd, "Workers:       %d\n", stats.workers);
	ast_cli(a->fd, "Channels:      %d\n", stats.channels);
	ast_cli(a->fd, "Live handles:  %llu\n", (unsigned long long) earwig_live_handles());
	ast_cli(a->fd, "Samples processed: %llu\n", (unsigned long long) stats.samples);
	ast_cli(a->fd, "Overruns:      %llu\n", (unsigned long long) stats.overruns);
	ast_cli(a->fd, "Posts:         %llu sent, %llu failed, %llu dropped\n", (unsigned long long) stats.posts_sent,
		(unsigned long long) stats.posts_failed, (unsigned long long) stats.posts_dropped);
	return CLI_SUCCESS;
}

/* Completes the channel, which is the word at `place`. */
static char *complete(const struct ast_cli_args *a, int place)
{
	return a->pos == place ? ast_complete_channels(a->line, a->word, a->pos, a->n, place) : NULL;
}

static char *done(const struct ast_cli_args *a, int wrong, const char *error)
{
	if (wrong) {
		ast_cli(a->fd, "%s\n", error);
	}
	return wrong ? CLI_FAILURE : CLI_SUCCESS;
}

static char *show_channel(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	struct channel_status status;
	char error[256] = "";

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig show channel";
		entry->usage = "Usage: earwig show channel <channel>\n       Shows what earwig does on a channel, as JSON.\n";
		return NULL;
	case CLI_GENERATE:
		return complete(a, entry->args);
	}
	if (a->argc != entry->args + 1) {
		return CLI_SHOWUSAGE;
	}
	if (control_status(a->argv[entry->args], &status, error, sizeof(error))) {
		return done(a, -1, error);
	}
	ast_cli(a->fd, "%s\n", status.json);
	return CLI_SUCCESS;
}

/* Reads the words after the channel. -1 if there is one too many. */
static int read_words(struct start_request *request, const char *const *words, int count)
{
	const int digits = !strcasecmp(request->job, "get_digits"), record = !strcasecmp(request->job, "record");

	if (count > 0 && record && !args_begin_with_option(*words)) {
		request->file = *words;
		words++, count--;
	} else if (count > 0 && digits && !args_begin_with_option(*words)) {
		request->variable = *words;
		words++, count--;
	}
	if (count > 0) {
		request->options = *words;
		count--;
	}
	return count > 0 ? -1 : 0;
}

static char *start(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	struct start_request request = { NULL };
	char error[256] = "";
	int wrong;

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig start {listen|get_digits|record|detect_machine}";
		entry->usage =
			"Usage: earwig start listen <channel> [<options>]\n"
			"       earwig start get_digits <channel> [<variable>] [<options>]\n"
			"       earwig start record <channel> <file> [<options>]\n"
			"       earwig start detect_machine <channel> [<options>]\n"
			"       Starts a job in the background of whatever the channel does.\n";
		return NULL;
	case CLI_GENERATE:
		return complete(a, entry->args);
	}
	if (a->argc < entry->args + 1) {
		return CLI_SHOWUSAGE;
	}
	request.job = a->argv[entry->args - 1];
	request.channel = a->argv[entry->args];
	if (read_words(&request, a->argv + entry->args + 1, a->argc - entry->args - 1)) {
		return CLI_SHOWUSAGE;
	}
	wrong = control_start(&request, error, sizeof(error));
	return done(a, wrong, error);
}

static char *stop(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	char error[256] = "";
	int wrong;

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig stop {get_digits|record|detect_machine}";
		entry->usage = "Usage: earwig stop {get_digits|record|detect_machine} <channel>\n       Stops a job. The file of a recording is "
			"complete when the command returns.\n";
		return NULL;
	case CLI_GENERATE:
		return complete(a, entry->args);
	}
	if (a->argc != entry->args + 1) {
		return CLI_SHOWUSAGE;
	}
	wrong = control_stop(a->argv[entry->args], a->argv[entry->args - 1], error, sizeof(error));
	return done(a, wrong, error);
}

static char *apply(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	char error[256] = "";
	int wrong;

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig {pause|resume|mask|unmask|clear}";
		entry->usage =
			"Usage: earwig {pause|resume|mask|unmask} <channel>\n"
			"       Pauses or masks the channel's recording, or ends the pause or mask.\n"
			"       earwig clear <channel>\n"
			"       Empties the channel's digit buffer.\n";
		return NULL;
	case CLI_GENERATE:
		return complete(a, entry->args);
	}
	if (a->argc != entry->args + 1) {
		return CLI_SHOWUSAGE;
	}
	wrong = control_apply(a->argv[entry->args], channel_action_by_name(a->argv[entry->args - 1]), error, sizeof(error));
	return done(a, wrong, error);
}

static struct ast_cli_entry entries[] = {
	AST_CLI_DEFINE(show_status, "Show the earwig library's version and counters"),
	AST_CLI_DEFINE(show_channel, "Show what earwig does on a channel"),
	AST_CLI_DEFINE(start, "Start to listen to a channel, or a job on it"),
	AST_CLI_DEFINE(stop, "Stop a job on a channel"),
	AST_CLI_DEFINE(apply, "Pause or mask a channel's recording, or clear its digit buffer"),
};

int cli_open(void)
{
	return ast_cli_register_multiple(entries, ARRAY_LEN(entries));
}

void cli_close(void)
{
	ast_cli_unregister_multiple(entries, ARRAY_LEN(entries));
}
