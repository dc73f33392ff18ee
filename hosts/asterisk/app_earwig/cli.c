/*
 * What an operator may ask.
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
	ast_cli(a->fd, "Samples heard: %llu\n", (unsigned long long) stats.samples);
	ast_cli(a->fd, "Overruns:      %llu\n", (unsigned long long) stats.overruns);
	return CLI_SUCCESS;
}

/* More than the library takes for a channel whose name is as long as Asterisk's are. */
#define STATUS_SIZE 4096

/* A reference to what listens to the channel of that name; NULL if nothing does. */
static earwig_channel *call_of(const char *name)
{
	struct ast_channel *chan = ast_channel_get_by_name(name);
	struct listener *listener;
	earwig_channel *call = NULL;

	if (chan) {
		ast_channel_lock(chan);
		listener = listener_of(chan);
		if (listener) {
			call = earwig_channel_ref(listener->call);
		}
		ast_channel_unlock(chan);
		ast_channel_unref(chan);
	}
	return call;
}

static char *show_channel(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	char json[STATUS_SIZE];
	earwig_channel *call;
	earwig_status status;

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig show channel";
		entry->usage = "Usage: earwig show channel <channel>\n       Shows what earwig does on a channel, as JSON.\n";
		return NULL;
	case CLI_GENERATE:
		return a->pos == entry->args ? ast_complete_channels(a->line, a->word, a->pos, a->n, entry->args) : NULL;
	}
	if (a->argc != entry->args + 1) {
		return CLI_SHOWUSAGE;
	}
	call = call_of(a->argv[entry->args]);
	if (!call) {
		ast_cli(a->fd, "%s: earwig does not listen to such a channel\n", a->argv[entry->args]);
		return CLI_FAILURE;
	}
	status = earwig_channel_get_status(call, json, sizeof(json));
	ast_cli(a->fd, "%s\n", status ? earwig_status_str(status) : json);
	earwig_channel_unref(call);
	return status ? CLI_FAILURE : CLI_SUCCESS;
}

static struct ast_cli_entry entries[] = {
	AST_CLI_DEFINE(show_status, "Show the earwig library's version and counters"),
	AST_CLI_DEFINE(show_channel, "Show what earwig does on a channel"),
};

int cli_open(void)
{
	return ast_cli_register_multiple(entries, ARRAY_LEN(entries));
}

void cli_close(void)
{
	ast_cli_unregister_multiple(entries, ARRAY_LEN(entries));
}
