/*
 * Commands from outside the dialplan: what the manager and the command line ask of a channel.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/strings.h"

/* Copies the library's error. 0 if there is none. */
static int failed(const struct app_session *session, earwig_status status, char *error, size_t size)
{
	char text[256] = "";

	if (status) {
		ast_copy_string(error, app_session_error(session, status, text, sizeof(text)), size);
	}
	return status ? -1 : 0;
}

static int start_dtmf(const struct app_session *session, const struct start_request *request, char *error, size_t size)
{
	struct dtmf_args args;

	if (dtmf_args_set(&args, request->variable, "", request->options, error, size)) {
		return -1;
	}
	/* FUNCTION(...) would do more than set a variable. */
	if (strpbrk(args.variable, "()")) {
		snprintf(error, size, "'%s' is not the name of a variable", args.variable);
		return -1;
	}
	return failed(session, job_start(session, JOB_DTMF, &args.options, args.variable, 0), error, size);
}

static int start_recorder(const struct app_session *session, const struct start_request *request, char *error, size_t size)
{
	struct record_args args;
	int wrong = record_args_set(&args, session->chan, request->file, request->options, error, size)
		|| failed(session, job_start(session, JOB_RECORDER, &args.options, args.file, 0), error, size);

	explicit_bzero(&args, sizeof(args));
	return wrong ? -1 : 0;
}

static int start_machine(const struct app_session *session, const struct start_request *request, char *error, size_t size)
{
	earwig_machine_options options;
	int wrong = machine_args_parse(&options, session->chan, request->options, error, size)
		|| set_call_ids(session, error, size);

	options.wait = 0;
	wrong = wrong || failed(session, job_start(session, JOB_MACHINE, &options, NULL, 0), error, size);
	explicit_bzero(&options, sizeof(options));
	return wrong ? -1 : 0;
}

static int start(struct ast_channel *chan, enum job job, const struct start_request *request, char *error, size_t size)
{
	struct app_session session;
	const char *why;
	int wrong;

	if (app_session_open_for_command(&session, chan, &why)) {
		ast_copy_string(error, why, size);
		return -1;
	}
	switch (job) {
	case JOB_DTMF:
		wrong = start_dtmf(&session, request, error, size);
		break;
	case JOB_RECORDER:
		wrong = start_recorder(&session, request, error, size);
		break;
	default:
		wrong = start_machine(&session, request, error, size);
	}
	app_session_close(&session);
	return wrong;
}

/* A reference; NULL and an error text. */
static struct ast_channel *find_channel(const char *name, char *error, size_t size)
{
	struct ast_channel *chan = ast_strlen_zero(name) ? NULL : ast_channel_get_by_name(name);

	if (!chan) {
		snprintf(error, size, ast_strlen_zero(name) ? "a channel is required" : "there is no such channel");
	}
	return chan;
}

static char *copy_printable(const char *text)
{
	char *copy = ast_strdup(S_OR(text, ""));

	if (copy) {
		replace_control_characters(copy);
	}
	return copy;
}

/* The text may hold a key. */
static void wipe_and_free(char *text)
{
	if (text) {
		explicit_bzero(text, strlen(text));
	}
	ast_free(text);
}

int control_start(const struct start_request *raw, char *error, size_t size)
{
	const char *const name = S_OR(raw->job, "");
	struct start_request request = { raw->channel, raw->job, copy_printable(raw->file), copy_printable(raw->variable),
		copy_printable(raw->options) };
	const int job = job_by_name(name), listen = !strcasecmp(name, "listen");
	struct ast_channel *chan = NULL;
	int wrong = -1;

	if (!request.file || !request.variable || !request.options) {
		snprintf(error, size, "out of memory");
	} else if (job < 0 && !listen) {
		snprintf(error, size, "'%s' cannot be started: use listen, get_digits, record or detect_machine", name);
	} else if ((chan = find_channel(request.channel, error, size))) {
		/* Listening may begin before the answer; the jobs wait for it. */
		wrong = listen ? channel_state_listen(chan, request.options, error, size) : start(chan, job, &request, error, size);
		ast_channel_unref(chan);
	}
	wipe_and_free((char *) request.file);
	wipe_and_free((char *) request.variable);
	wipe_and_free((char *) request.options);
	return wrong;
}

/* Opens a session on a channel that has a state. -1 and an error text. */
static int open_session(struct app_session *session, const char *name, char *error, size_t size)
{
	struct ast_channel *chan = find_channel(name, error, size);

	if (!chan) {
		return -1;
	}
	if (app_session_open_existing(session, chan)) {
		snprintf(error, size, "earwig does not listen to this channel");
		ast_channel_unref(chan);
		return -1;
	}
	return 0;
}

static void close_session(struct app_session *session)
{
	app_session_close(session);
	ast_channel_unref(session->chan);
}

int control_stop(const char *channel, const char *name, char *error, size_t size)
{
	const int job = job_by_name(S_OR(name, ""));
	struct app_session session;
	int wrong;

	if (job < 0) {
		snprintf(error, size, "'%s' cannot be stopped: use get_digits, record or detect_machine", S_OR(name, ""));
		return -1;
	}
	if (open_session(&session, channel, error, size)) {
		return -1;
	}
	wrong = failed(&session, channel_job_stop(session.call, job, FILE_TIMEOUT_MS), error, size);
	close_session(&session);
	return wrong;
}

int control_apply(const char *channel, channel_action action, char *error, size_t size)
{
	struct app_session session;
	int wrong;

	if (open_session(&session, channel, error, size)) {
		return -1;
	}
	wrong = failed(&session, action(session.call), error, size);
	close_session(&session);
	return wrong;
}

int control_status(const char *channel, struct channel_status *status, char *error, size_t size)
{
	struct app_session session;
	int wrong;

	if (open_session(&session, channel, error, size)) {
		return -1;
	}
	wrong = failed(&session, earwig_channel_to_json(session.call, status->json, sizeof(status->json)), error, size);
	ao2_lock(session.context);
	ast_copy_string(status->file, S_OR(session.context->last_file, ""), sizeof(status->file));
	ao2_unlock(session.context);
	close_session(&session);
	return wrong;
}
