/*
 * What the API command asks of a channel.
 *
 * Copyright (C) 2026 The earwig authors
 * SPDX-License-Identifier: MIT
 */

#include "mod_earwig.h"

/* Copies the library's error. 0 if there is none. */
static int failed(struct channel_state *state, earwig_status status, char *error, size_t size)
{
	char text[256] = "";

	if (status) {
		switch_copy_string(error, app_session_error(state, status, text, sizeof(text)), size);
	}
	return status ? -1 : 0;
}

static int start_dtmf(struct channel_state *state, const char *data, char *error, size_t size)
{
	struct dtmf_args args;

	if (dtmf_args_parse(&args, state->session, data, error, size)) {
		return -1;
	}
	return failed(state, job_start(state, JOB_DTMF, &args.options, args.variable, 0), error, size);
}

static int start_recorder(struct channel_state *state, const char *data, char *error, size_t size)
{
	struct record_args args;
	const int wrong = record_args_parse(&args, state->session, data, error, size)
		|| failed(state, job_start(state, JOB_RECORDER, &args.options, args.file, 0), error, size);

	explicit_bzero(&args, sizeof(args));
	return wrong ? -1 : 0;
}

static int start_machine(struct channel_state *state, const char *data, char *error, size_t size)
{
	earwig_machine_options options;
	const int wrong = machine_args_parse(&options, state->session, data, error, size) || set_call_ids(state, error, size)
		|| failed(state, job_start(state, JOB_MACHINE, &options, NULL, 0), error, size);

	explicit_bzero(&options, sizeof(options));
	return wrong ? -1 : 0;
}

int control_start(switch_core_session_t *session, const char *name, const char *data, char *error, size_t size)
{
	const int job = job_by_name(name), listen = !strcasecmp(name, "listen");
	struct channel_state *state;
	const char *why;

	if (job < 0 && !listen) {
		switch_snprintf(error, size, "'%s' cannot be started: use listen, get_digits, record or detect_machine", name);
		return -1;
	}
	/* Listening may begin before the answer; the jobs wait for it. */
	state = listen ? channel_state_listen(session, data, &why) : app_session_open_for_command(session, &why);
	if (!state) {
		switch_copy_string(error, why, size);
		return -1;
	}
	switch (job) {
	case JOB_DTMF:
		return start_dtmf(state, data, error, size);
	case JOB_RECORDER:
		return start_recorder(state, data, error, size);
	case JOB_MACHINE:
		return start_machine(state, data, error, size);
	default:
		return 0;
	}
}

int control_stop(struct channel_state *state, const char *name, char *error, size_t size)
{
	const int job = job_by_name(name);

	if (job < 0) {
		switch_snprintf(error, size, "'%s' cannot be stopped: use get_digits, record or detect_machine", name);
		return -1;
	}
	return failed(state, channel_job_stop(state->call, job, FILE_TIMEOUT_MS), error, size);
}

int control_apply(struct channel_state *state, const char *name, char *error, size_t size)
{
	const channel_action action = channel_action_by_name(name);

	if (!action) {
		switch_snprintf(error, size, "there is no such command");
		return -1;
	}
	return failed(state, action(state->call), error, size);
}
