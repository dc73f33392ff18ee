/*
 * The command `earwig`.
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

/* What a command has to say. */
struct answer {
	char error[256];	/* empty if it went well */
	cJSON *json;	/* more than that it went well; NULL */
};

static const char *const job_names[] = { "get_digits", "record", "detect_machine" };

/* -1 if it is none. */
static int job_by_name(const char *name)
{
	int job;

	for (job = 0; job < JOBS; job++) {
		if (!strcasecmp(name, job_names[job])) {
			return job;
		}
	}
	return -1;
}

static void say(struct answer *answer, const char *error)
{
	switch_copy_string(answer->error, error, sizeof(answer->error));
}

static void start_digits(struct channel_state *state, const char *data, struct answer *answer)
{
	struct start start = { JOB_DTMF };
	earwig_dtmf_options options;

	if (!dtmf_args_parse(&options, &start.text, state->session, data, answer->error, sizeof(answer->error))) {
		earwig_status status;

		start.options = &options;
		if ((status = job_start(state, &start))) {
			char error[256] = "";

			say(answer, call_error(state, status, error, sizeof(error)));
		}
	}
}

static void start_record(struct channel_state *state, const char *data, struct answer *answer)
{
	struct start start = { JOB_RECORDER };
	struct record_args args;

	if (!record_args_parse(&args, state->session, data, answer->error, sizeof(answer->error))) {
		earwig_status status;

		start.options = &args.options;
		start.text = args.file;
		if ((status = job_start(state, &start))) {
			char error[256] = "";

			say(answer, call_error(state, status, error, sizeof(error)));
		}
	}
	explicit_bzero(&args, sizeof(args));
}

static void start_machine(struct channel_state *state, const char *data, struct answer *answer)
{
	struct start start = { JOB_MACHINE };
	earwig_machine_options options;

	if (!machine_args_parse(&options, state->session, data, answer->error, sizeof(answer->error))
			&& !call_ids_set(state, answer->error, sizeof(answer->error))) {
		earwig_status status;

		start.options = &options;
		if ((status = job_start(state, &start))) {
			char error[256] = "";

			say(answer, call_error(state, status, error, sizeof(error)));
		}
	}
	explicit_bzero(&options, sizeof(options));
}

static void start(switch_core_session_t *session, const char *what, const char *data, struct answer *answer)
{
	const int job = job_by_name(what), listen = !strcasecmp(what, "listen");
	struct channel_state *state;
	const char *wrong;

	if (job < 0 && !listen) {
		say(answer, "start what? listen, get_digits, record or detect_machine");
		return;
	}
	/* To listen is no job: it may begin before the answer. */
	state = listen ? channel_state_attach(session, &wrong) : app_session_open_unanswered(session, &wrong);
	if (!state || (listen && listen_options_apply(state, data, &wrong))) {
		say(answer, wrong);
	} else if (job == JOB_DTMF) {
		start_digits(state, data, answer);
	} else if (job == JOB_RECORDER) {
		start_record(state, data, answer);
	} else if (job == JOB_MACHINE) {
		start_machine(state, data, answer);
	}
}

static void stop(struct channel_state *state, const char *what, struct answer *answer)
{
	earwig_status status = EARWIG_OK;

	switch (job_by_name(what)) {
	case JOB_DTMF:
		status = earwig_dtmf_stop(state->call);
		break;
	case JOB_RECORDER:
		status = earwig_recorder_stop(state->call, FILE_TIMEOUT_MS);
		break;
	case JOB_MACHINE:
		status = earwig_machine_stop(state->call, FILE_TIMEOUT_MS);
		break;
	default:
		say(answer, "stop what? get_digits, record or detect_machine");
	}
	if (status) {
		char error[256] = "";

		say(answer, call_error(state, status, error, sizeof(error)));
	}
}

/* More than the library takes for a channel whose name is as long as FreeSWITCH's are. */
#define STATUS_SIZE 4096

static cJSON *status_of(struct channel_state *state, struct answer *answer)
{
	char text[STATUS_SIZE], error[256] = "";
	const earwig_status status = earwig_channel_get_status(state->call, text, sizeof(text));
	cJSON *json = status ? NULL : cJSON_Parse(text);

	if (!json) {
		say(answer, call_error(state, status, error, sizeof(error)));
		return NULL;
	}
	cJSON_AddStringToObject(json, "uuid", state->context->uuid);
	switch_mutex_lock(state->context->mutex);
	cJSON_AddStringToObject(json, "file", switch_str_nil(state->context->file));
	switch_mutex_unlock(state->context->mutex);
	return json;
}

static cJSON *status_of_all(void)
{
	cJSON *json = cJSON_CreateObject();
	earwig_engine_stats stats;

	memset(&stats, 0, sizeof(stats));
	stats.struct_size = sizeof(stats);
	earwig_engine_get_stats(module_engine, &stats);
	cJSON_AddStringToObject(json, "version", earwig_version());
	cJSON_AddNumberToObject(json, "abi", earwig_abi_version());
	cJSON_AddNumberToObject(json, "workers", stats.workers);
	cJSON_AddNumberToObject(json, "channels", stats.channels);
	cJSON_AddNumberToObject(json, "live_handles", (double) earwig_live_handles());
	cJSON_AddNumberToObject(json, "samples", (double) stats.samples);
	cJSON_AddNumberToObject(json, "overruns", (double) stats.overruns);
	cJSON_AddNumberToObject(json, "posts_sent", (double) stats.posts_sent);
	cJSON_AddNumberToObject(json, "posts_failed", (double) stats.posts_failed);
	cJSON_AddNumberToObject(json, "posts_dropped", (double) stats.posts_dropped);
	return json;
}

static void change(struct channel_state *state, const char *verb, struct answer *answer)
{
	const struct {
		const char *name;
		earwig_status (*how)(earwig_channel *call);
	} changes[] = {
		{ "pause", earwig_recorder_pause },
		{ "resume", earwig_recorder_resume },
		{ "mask", earwig_recorder_mask },
		{ "unmask", earwig_recorder_unmask },
		{ "clear", earwig_dtmf_clear },
	};
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		if (!strcasecmp(verb, changes[i].name)) {
			const earwig_status status = changes[i].how(state->call);
			char error[256] = "";

			if (status) {
				say(answer, call_error(state, status, error, sizeof(error)));
			}
			return;
		}
	}
	say(answer, "no such command");
}

static void do_for(switch_core_session_t *session, char *rest, struct answer *answer)
{
	struct channel_state *state = channel_state_find(session);
	const char *verb = next_word(&rest);

	if (!strcasecmp(verb, "start")) {
		const char *const what = next_word(&rest);

		start(session, what, rest, answer);
	} else if (!state) {
		say(answer, "nothing of earwig runs on this channel");
	} else if (!strcasecmp(verb, "stop")) {
		stop(state, next_word(&rest), answer);
	} else if (!strcasecmp(verb, "status")) {
		answer->json = status_of(state, answer);
	} else {
		change(state, verb, answer);
	}
}

static void do_command(char *rest, struct answer *answer)
{
	char *const first = next_word(&rest);
	switch_core_session_t *session;

	if (!strcasecmp(first, "status")) {
		answer->json = status_of_all();
	} else if (!strcasecmp(first, "reload")) {
		switch_xml_t root;
		const char *error;

		if ((root = switch_xml_open_root(1, &error))) {
			switch_xml_free(root);
		}
		if (config_read()) {
			say(answer, "the configuration is wrong, and stays as it was; the log says why");
		}
	} else if (zstr(first)) {
		say(answer, "USAGE: earwig <uuid> start|stop|status|clear|pause|resume|mask|unmask ...");
	} else if ((session = switch_core_session_locate(first))) {
		do_for(session, rest, answer);
		switch_core_session_rwunlock(session);
	} else {
		say(answer, "no such channel");
	}
}

/* As lines of "name: value". */
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
	do_command(rest, &answer);
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
	/* There may have been a key in it. */
	explicit_bzero(text, length);
	free(text);
	return SWITCH_STATUS_SUCCESS;
}

void api_complete(int add)
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

	if (!add) {
		switch_console_set_complete("del earwig");
		return;
	}
	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		switch_snprintf(line, sizeof(line), "add earwig %s", verbs[i]);
		switch_console_set_complete(line);
	}
}
