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
static int job_named(const char *name)
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
static int refused(const struct visit *visit, earwig_status status, char *error, size_t size)
{
	char text[256] = "";

	if (status) {
		ast_copy_string(error, visit_error(visit, status, text, sizeof(text)), size);
	}
	return status ? -1 : 0;
}

static int start_digits(const struct visit *visit, const struct request *request, char *error, size_t size)
{
	earwig_dtmf_options options;

	/* FUNCTION(...) would be more than a variable to be set. */
	if (strpbrk(request->variable, "()")) {
		snprintf(error, size, "'%s' is no name of a variable", request->variable);
		return -1;
	}
	if (digits_order(&options, "", request->options, error, size)) {
		return -1;
	}
	return refused(visit, collection_start_behind(visit, request->variable, &options), error, size);
}

static int start_record(const struct visit *visit, const struct request *request, char *error, size_t size)
{
	struct order order;
	int wrong = order_take(&order, visit->chan, request->file, request->options, error, size)
		|| refused(visit, recording_start(visit, order.file, &order.options, 0), error, size);

	explicit_bzero(&order, sizeof(order));
	return wrong ? -1 : 0;
}

static int start_machine(const struct visit *visit, const struct request *request, char *error, size_t size)
{
	earwig_machine_options options;
	int wrong = machine_order(&options, visit->chan, request->options, error, size) || ids_set(visit, error, size);

	options.wait = 0;
	wrong = wrong || refused(visit, detection_start(visit, &options), error, size);
	explicit_bzero(&options, sizeof(options));
	return wrong ? -1 : 0;
}

static int start_job(struct ast_channel *chan, enum job job, const struct request *request, char *error, size_t size)
{
	struct visit visit;
	const char *why;
	int wrong;

	if (visit_from_outside(&visit, chan, &why)) {
		ast_copy_string(error, why, size);
		return -1;
	}
	switch (job) {
	case JOB_DIGITS:
		wrong = start_digits(&visit, request, error, size);
		break;
	case JOB_RECORD:
		wrong = start_record(&visit, request, error, size);
		break;
	default:
		wrong = start_machine(&visit, request, error, size);
	}
	visit_end(&visit);
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
		make_printable(copy);
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

int outside_start(const struct request *asked, char *error, size_t size)
{
	struct request request = { asked->channel, asked->job, printable(asked->file), printable(asked->variable),
		printable(asked->options) };
	const int job = job_named(S_OR(asked->job, "")), listen = !strcasecmp(S_OR(asked->job, ""), "listen");
	struct ast_channel *chan = NULL;
	int wrong = -1;

	if (!request.file || !request.variable || !request.options) {
		snprintf(error, size, "there is no memory");
	} else if (job < 0 && !listen) {
		snprintf(error, size, "start what? listen, get_digits, record or detect_machine");
	} else if ((chan = channel_named(request.channel, error, size))) {
		/* To listen is no job: it may begin before the answer. */
		wrong = listen ? listen_with(chan, request.options, error, size) : start_job(chan, job, &request, error, size);
		ast_channel_unref(chan);
	}
	forget((char *) request.file);
	forget((char *) request.variable);
	forget((char *) request.options);
	return wrong;
}

/* -1 and what is wrong if nothing listens to it. */
static int visit_named(struct visit *visit, const char *name, char *error, size_t size)
{
	struct ast_channel *chan = channel_named(name, error, size);
	int none;

	if (!chan) {
		return -1;
	}
	none = visit_if_listened_to(visit, chan);
	if (none) {
		snprintf(error, size, "earwig does not listen to this channel");
		ast_channel_unref(chan);
	}
	return none;
}

static void leave(struct visit *visit)
{
	visit_end(visit);
	ast_channel_unref(visit->chan);
}

int outside_stop(const char *channel, const char *job, char *error, size_t size)
{
	struct visit visit;
	earwig_status status = EARWIG_OK;
	const int which = job_named(S_OR(job, ""));

	if (which < 0) {
		snprintf(error, size, "stop what? get_digits, record or detect_machine");
		return -1;
	}
	if (visit_named(&visit, channel, error, size)) {
		return -1;
	}
	switch (which) {
	case JOB_DIGITS:
		status = earwig_dtmf_stop(visit.call);
		break;
	case JOB_RECORD:
		status = earwig_recorder_stop(visit.call, FILE_TIMEOUT_MS);
		break;
	case JOB_MACHINE:
		status = earwig_machine_stop(visit.call, FILE_TIMEOUT_MS);
	}
	refused(&visit, status, error, size);
	leave(&visit);
	return status ? -1 : 0;
}

int outside_change(const char *channel, earwig_status (*how)(earwig_channel *call), char *error, size_t size)
{
	struct visit visit;
	int wrong;

	if (visit_named(&visit, channel, error, size)) {
		return -1;
	}
	wrong = refused(&visit, how(visit.call), error, size);
	leave(&visit);
	return wrong;
}

int outside_status(const char *channel, struct outside_status *status, char *error, size_t size)
{
	struct visit visit;
	int wrong;

	if (visit_named(&visit, channel, error, size)) {
		return -1;
	}
	wrong = refused(&visit, earwig_channel_get_status(visit.call, status->json, sizeof(status->json)), error, size);
	ao2_lock(visit.desk);
	ast_copy_string(status->file, S_OR(visit.desk->file, ""), sizeof(status->file));
	ao2_unlock(visit.desk);
	leave(&visit);
	return wrong;
}
