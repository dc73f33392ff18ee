/*
 * What is asked of a channel from outside its dialplan: by the manager, or on the command line.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/strings.h"

const char *const job_names[JOBS] = { "get_digits", "record", "detect_machine" };

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

/* What the library refused; 0 if it did not. */
static int refused(const struct app_session *session, earwig_status status, char *error, size_t size)
{
	char text[256] = "";

	if (status) {
		ast_copy_string(error, call_error(session, status, text, sizeof(text)), size);
	}
	return status ? -1 : 0;
}

static int start_digits(const struct app_session *session, const struct request *request, char *error, size_t size)
{
	earwig_dtmf_options options;

	/* FUNCTION(...) would be more than a variable to be set. */
	if (strpbrk(request->variable, "()")) {
		snprintf(error, size, "'%s' is no name of a variable", request->variable);
		return -1;
	}
	if (dtmf_args_parse(&options, "", request->options, error, size)) {
		return -1;
	}
	return refused(session, collection_start_background(session, request->variable, &options), error, size);
}

static int start_record(const struct app_session *session, const struct request *request, char *error, size_t size)
{
	struct record_args args;
	int wrong = record_args_set(&args, session->chan, request->file, request->options, error, size)
		|| refused(session, recording_start(session, args.file, &args.options, 0), error, size);

	explicit_bzero(&args, sizeof(args));
	return wrong ? -1 : 0;
}

static int start_machine(const struct app_session *session, const struct request *request, char *error, size_t size)
{
	earwig_machine_options options;
	int wrong = machine_args_parse(&options, session->chan, request->options, error, size) || call_ids_set(session, error, size);

	options.wait = 0;
	wrong = wrong || refused(session, detection_start(session, &options), error, size);
	explicit_bzero(&options, sizeof(options));
	return wrong ? -1 : 0;
}

static int start_job(struct ast_channel *chan, enum job job, const struct request *request, char *error, size_t size)
{
	struct app_session session;
	const char *why;
	int wrong;

	if (app_session_open_unanswered(&session, chan, &why)) {
		ast_copy_string(error, why, size);
		return -1;
	}
	switch (job) {
	case JOB_DTMF:
		wrong = start_digits(&session, request, error, size);
		break;
	case JOB_RECORDER:
		wrong = start_record(&session, request, error, size);
		break;
	default:
		wrong = start_machine(&session, request, error, size);
	}
	app_session_close(&session);
	return wrong;
}

static struct ast_channel *channel_named(const char *name, char *error, size_t size)
{
	struct ast_channel *chan = ast_strlen_zero(name) ? NULL : ast_channel_get_by_name(name);

	if (!chan) {
		snprintf(error, size, ast_strlen_zero(name) ? "a channel is required" : "there is no such channel");
	}
	return chan;
}

static char *printable(const char *text)
{
	char *copy = ast_strdup(S_OR(text, ""));

	if (copy) {
		replace_control_characters(copy);
	}
	return copy;
}

static void forget(char *text)
{
	if (text) {
		explicit_bzero(text, strlen(text));
	}
	ast_free(text);
}

int control_start(const struct request *asked, char *error, size_t size)
{
	struct request request = { asked->channel, asked->job, printable(asked->file), printable(asked->variable),
		printable(asked->options) };
	const int job = job_by_name(S_OR(asked->job, "")), listen = !strcasecmp(S_OR(asked->job, ""), "listen");
	struct ast_channel *chan = NULL;
	int wrong = -1;

	if (!request.file || !request.variable || !request.options) {
		snprintf(error, size, "there is no memory");
	} else if (job < 0 && !listen) {
		snprintf(error, size, "start what? listen, get_digits, record or detect_machine");
	} else if ((chan = channel_named(request.channel, error, size))) {
		/* To listen is no job: it may begin before the answer. */
		wrong = listen ? listen_with_options(chan, request.options, error, size) : start_job(chan, job, &request, error, size);
		ast_channel_unref(chan);
	}
	forget((char *) request.file);
	forget((char *) request.variable);
	forget((char *) request.options);
	return wrong;
}

/* -1 and what is wrong if nothing listens to it. */
static int open_by_name(struct app_session *session, const char *name, char *error, size_t size)
{
	struct ast_channel *chan = channel_named(name, error, size);
	int none;

	if (!chan) {
		return -1;
	}
	none = app_session_open_existing(session, chan);
	if (none) {
		snprintf(error, size, "earwig does not listen to this channel");
		ast_channel_unref(chan);
	}
	return none;
}

static void leave(struct app_session *session)
{
	app_session_close(session);
	ast_channel_unref(session->chan);
}

int control_stop(const char *channel, const char *job, char *error, size_t size)
{
	struct app_session session;
	earwig_status status = EARWIG_OK;
	const int which = job_by_name(S_OR(job, ""));

	if (which < 0) {
		snprintf(error, size, "stop what? get_digits, record or detect_machine");
		return -1;
	}
	if (open_by_name(&session, channel, error, size)) {
		return -1;
	}
	switch (which) {
	case JOB_DTMF:
		status = earwig_dtmf_stop(session.call);
		break;
	case JOB_RECORDER:
		status = earwig_recorder_stop(session.call, FILE_TIMEOUT_MS);
		break;
	case JOB_MACHINE:
		status = earwig_machine_stop(session.call, FILE_TIMEOUT_MS);
	}
	refused(&session, status, error, size);
	leave(&session);
	return status ? -1 : 0;
}

int control_apply(const char *channel, earwig_status (*how)(earwig_channel *call), char *error, size_t size)
{
	struct app_session session;
	int wrong;

	if (open_by_name(&session, channel, error, size)) {
		return -1;
	}
	wrong = refused(&session, how(session.call), error, size);
	leave(&session);
	return wrong;
}

int control_status(const char *channel, struct control_status *status, char *error, size_t size)
{
	struct app_session session;
	int wrong;

	if (open_by_name(&session, channel, error, size)) {
		return -1;
	}
	wrong = refused(&session, earwig_channel_get_status(session.call, status->json, sizeof(status->json)), error, size);
	ao2_lock(session.context);
	ast_copy_string(status->file, S_OR(session.context->file, ""), sizeof(status->file));
	ao2_unlock(session.context);
	leave(&session);
	return wrong;
}
