/*
 * The API command `earwig`: parses it, and answers as text or JSON.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

#include <switch_json.h>

const char earwig_api_syntax[] =
	"<uuid> start listen [squelch_dtmf=<switch>] | get_digits [<variable>] [<options>] | record <file> [<options>] | detect_machine [<options>]\n"
	"earwig <uuid> stop get_digits | record | detect_machine\n"
	"earwig <uuid> status | clear | pause | resume | mask | unmask\n"
	"earwig status | reload\n"
	"earwig json ...: any of these, answered as JSON";

struct answer {
	char error[256];	/* empty after success */
	cJSON *json;	/* the requested data; NULL if there is none */
};

static void set_answer_error(struct answer *answer, const char *error)
{
	switch_copy_string(answer->error, error, sizeof(answer->error));
}

/* Holds the status of a channel with the longest name that FreeSWITCH allows. */
#define STATUS_SIZE 4096

static cJSON *channel_status(struct channel_state *state, struct answer *answer)
{
	char text[STATUS_SIZE], error[256] = "";
	const earwig_status status = earwig_channel_to_json(state->call, text, sizeof(text));
	cJSON *json = status ? NULL : cJSON_Parse(text);

	if (!json) {
		set_answer_error(answer, app_session_error(state, status, error, sizeof(error)));
		return NULL;
	}
	cJSON_AddStringToObject(json, "uuid", state->context->uuid);
	switch_mutex_lock(state->context->mutex);
	cJSON_AddStringToObject(json, "file", switch_str_nil(state->context->last_file));
	switch_mutex_unlock(state->context->mutex);
	return json;
}

static void add_counter(void *json, const char *name, const char *value)
{
	if (!strcmp(name, "version")) {
		cJSON_AddStringToObject(json, name, value);
	} else {
		cJSON_AddNumberToObject(json, name, strtod(value, NULL));
	}
}

static cJSON *engine_status(void)
{
	cJSON *json = cJSON_CreateObject();

	engine_counters_foreach(module_engine, add_counter, json);
	return json;
}

static void run_channel_command(switch_core_session_t *session, char *rest, struct answer *answer)
{
	struct channel_state *state = channel_state_find(session);
	const char *verb = next_word(&rest);

	if (!strcasecmp(verb, "start")) {
		const char *const name = next_word(&rest);

		control_start(session, name, rest, answer->error, sizeof(answer->error));
	} else if (!state) {
		set_answer_error(answer, "earwig does not listen to this channel");
	} else if (!strcasecmp(verb, "stop")) {
		control_stop(state, next_word(&rest), answer->error, sizeof(answer->error));
	} else if (!strcasecmp(verb, "status")) {
		answer->json = channel_status(state, answer);
	} else {
		control_apply(state, verb, answer->error, sizeof(answer->error));
	}
}

static void reload(struct answer *answer)
{
	switch_xml_t root;
	const char *error;

	if ((root = switch_xml_open_root(1, &error))) {
		switch_xml_free(root);
	}
	if (config_read()) {
		set_answer_error(answer, "earwig.conf is invalid and was not applied; see the log");
		return;
	}
	listen_close();
	listen_open();
}

static void run_command(char *rest, struct answer *answer)
{
	char *const first = next_word(&rest);
	switch_core_session_t *session;

	if (!strcasecmp(first, "status")) {
		answer->json = engine_status();
	} else if (!strcasecmp(first, "reload")) {
		reload(answer);
	} else if (zstr(first)) {
		set_answer_error(answer, "USAGE: earwig <uuid> start|stop|status|clear|pause|resume|mask|unmask ...");
	} else if ((session = switch_core_session_locate(first))) {
		run_channel_command(session, rest, answer);
		switch_core_session_rwunlock(session);
	} else {
		set_answer_error(answer, "there is no such channel");
	}
}

/* Writes lines of "name: value". `before` is the name of the object that holds them. */
static void print_plain(switch_stream_handle_t *stream, const cJSON *json, const char *before)
{
	const cJSON *item;

	for (item = json->child; item; item = item->next) {
		if (cJSON_IsObject(item)) {
			print_plain(stream, item, item->string);
		} else if (cJSON_IsString(item)) {
			stream->write_function(stream, "%s%s%s: %s\n", before, *before ? "." : "", item->string, item->valuestring);
		} else if (cJSON_IsBool(item)) {
			stream->write_function(stream, "%s%s%s: %s\n", before, *before ? "." : "", item->string,
				cJSON_IsTrue(item) ? "true" : "false");
		} else if (cJSON_IsNumber(item)) {
			stream->write_function(stream, "%s%s%s: %.15g\n", before, *before ? "." : "", item->string, item->valuedouble);
		}
	}
}

static void print_json(switch_stream_handle_t *stream, struct answer *answer)
{
	cJSON *json = cJSON_CreateObject();
	char *text;

	cJSON_AddStringToObject(json, "status", *answer->error ? "error" : "success");
	if (*answer->error) {
		cJSON_AddStringToObject(json, "message", answer->error);
	}
	if (answer->json) {
		cJSON_AddItemToObject(json, "response", answer->json);
	}
	text = cJSON_PrintUnformatted(json);
	stream->write_function(stream, "%s\n", text);
	switch_safe_free(text);
	cJSON_Delete(json);
}

switch_status_t earwig_api(const char *cmd, switch_core_session_t *session, switch_stream_handle_t *stream)
{
	struct answer answer = { "" };
	char *text = strdup(switch_str_nil(cmd)), *rest = text;
	const size_t length = strlen(text);
	const int json = !strncasecmp(rest, "json ", 5);

	if (json) {
		rest += 5;
	}
	run_command(rest, &answer);
	if (json) {
		print_json(stream, &answer);
	} else if (*answer.error) {
		stream->write_function(stream, "-ERR %s\n", answer.error);
	} else if (answer.json) {
		print_plain(stream, answer.json, "");
		cJSON_Delete(answer.json);
	} else {
		stream->write_function(stream, "+OK\n");
	}
	/* It may hold a key. */
	explicit_bzero(text, length);
	free(text);
	return SWITCH_STATUS_SUCCESS;
}

void api_set_completion(int on)
{
	const char *const verbs[] = {
		"status", "reload", "json", "::console::list_uuid start listen", "::console::list_uuid start get_digits",
		"::console::list_uuid start record", "::console::list_uuid start detect_machine",
		"::console::list_uuid stop get_digits", "::console::list_uuid stop record",
		"::console::list_uuid stop detect_machine", "::console::list_uuid status", "::console::list_uuid clear",
		"::console::list_uuid pause", "::console::list_uuid resume", "::console::list_uuid mask",
		"::console::list_uuid unmask",
	};
	char line[128];
	size_t i;

	if (!on) {
		switch_console_set_complete("del earwig");
		return;
	}
	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		switch_snprintf(line, sizeof(line), "add earwig %s", verbs[i]);
		switch_console_set_complete(line);
	}
}
