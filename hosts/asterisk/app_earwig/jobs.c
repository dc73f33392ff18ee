/*
 * A job from its start until its last event is sent. It holds the call, so that it still ends after the hang-up.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE in the folder above.
 */

#include "app_earwig.h"

#include "asterisk/alertpipe.h"
#include "asterisk/linkedlists.h"
#include "asterisk/module.h"
#include "asterisk/pbx.h"

struct channel_job {
	struct job_run run;	/* the first member */
	AST_LIST_ENTRY(channel_job) entry;
};

/* Recordings of all calls, for the exit of Asterisk. */
static AST_LIST_HEAD_STATIC(recordings, channel_job);

static void channel_job_free(struct channel_job *job)
{
	if (job->run.job == JOB_RECORDER) {
		AST_LIST_LOCK(&recordings);
		AST_LIST_REMOVE(&recordings, job, entry);
		AST_LIST_UNLOCK(&recordings);
	}
	job_run_clear(&job->run);
	ao2_ref(job->run.context, -1);
	ast_free(job);
	ast_module_unref(AST_MODULE_SELF);
}

static struct channel_job *channel_job_create(const struct app_session *session, enum job which, const char *text, int foreground)
{
	struct channel_job *job = ast_calloc(1, sizeof(*job));

	if (!job) {
		return NULL;
	}
	if (job_run_init(&job->run, which, session->call, text, foreground)) {
		ast_free(job);
		return NULL;
	}
	ast_module_ref(AST_MODULE_SELF);
	job->run.context = ao2_bump(session->context);
	if (which == JOB_RECORDER) {
		AST_LIST_LOCK(&recordings);
		AST_LIST_INSERT_TAIL(&recordings, job, entry);
		AST_LIST_UNLOCK(&recordings);
	}
	return job;
}

static void set_variables(const struct job_run *run, struct ast_channel *chan)
{
	if (run->job == JOB_DTMF) {
		set_digits_variables(chan, run->text, run->result.dtmf.digits);
	}
	job_result_foreach_field(run->job, &run->result, EARWIG_FIELD_SET_VARIABLES, set_variable_background, chan);
	if (run->job == JOB_RECORDER) {
		pbx_builtin_setvar_helper(chan, "EARWIG_RECORD_FILE", run->text);
	}
}

static int is_latest(const struct job_run *run)
{
	int latest;

	ao2_lock(run->context);
	latest = job_list_is_latest(&run->context->jobs, run);
	ao2_unlock(run->context);
	return latest;
}

/* Not if a later run has started, whose variables they are then; but each collection of digits may have a variable of its own. */
static void set_variables_at_end(const struct job_run *run)
{
	struct ast_channel *chan = call_context_channel(run->context);

	if (chan) {
		ast_channel_lock(chan);
		if (run->job == JOB_DTMF || is_latest(run)) {
			set_variables(run, chan);
		}
		ast_channel_unlock(chan);
		ast_channel_unref(chan);
	}
}

static void send_end_event(const struct job_run *run)
{
	switch (run->job) {
	case JOB_DTMF:
		/* An application that waits sends it itself, while the channel is still there. */
		if (!run->foreground) {
			event_dtmf_end_background(run->context, run->text, &run->result.dtmf);
		}
		break;
	case JOB_RECORDER:
		event_record_end(run->context, run->text, &run->result.recorder);
		break;
	default:
		event_machine_finished(run->context, &run->result.machine, run->error);
	}
}

static int send_start_event(void *data)
{
	struct channel_job *job = data;

	event_record_start(job->run.context, job->run.text);
	return 0;
}

static int finish_job(void *data)
{
	struct channel_job *job = data;
	struct call_context *context = job->run.context;

	if (!job->run.foreground) {
		set_variables_at_end(&job->run);
	}
	send_end_event(&job->run);
	ao2_lock(context);
	context->jobs.unfinished--;
	ao2_unlock(context);
	channel_job_free(job);
	return 0;
}

static void expect_tx(const struct app_session *session)
{
	SCOPED_CHANNELLOCK(lock, session->chan);
	struct channel_state *state = channel_state_find(session->chan);

	if (state) {
		media_expect_tx(state);
	}
}

/* Together with the variables: those of an earlier detection must not be set after them. */
static void add_job(const struct app_session *session, struct job_run *run)
{
	SCOPED_CHANNELLOCK(lock, session->chan);

	ao2_lock(session->context);
	job_list_add(&session->context->jobs, run);
	ao2_unlock(session->context);
	if (run->job == JOB_MACHINE) {
		machine_result_set(&run->result.machine, EARWIG_MACHINE_VERDICT_DETECTING, "");
		set_variables(run, session->chan);
	}
}

/* The context is locked. */
static void job_started(struct channel_job *job)
{
	struct call_context *context = job->run.context;

	job->run.started = 1;
	if (job->run.job == JOB_RECORDER) {
		ast_free(context->last_file);
		context->last_file = ast_strdup(job->run.text);
		event_thread_push(send_start_event, job);
	}
	if (job->run.ended) {
		event_thread_push(finish_job, job);
	}
}

earwig_status job_start(const struct app_session *session, enum job which, const void *options, const char *text, int foreground)
{
	struct call_context *context = session->context;
	struct channel_job *job = channel_job_create(session, which, text, foreground);
	earwig_status status;

	if (!job) {
		return EARWIG_ERR_SYSTEM;
	}
	add_job(session, &job->run);
	if (which == JOB_RECORDER) {
		expect_tx(session);
	}
	/* Without the context's lock: a slow disk must not block the library's thread. */
	status = channel_job_start(session->call, which, options, text);
	ao2_lock(context);
	if (status) {
		job_list_cancel(&context->jobs, &job->run);
	} else {
		job_started(job);
	}
	ao2_unlock(context);
	if (status) {
		channel_job_free(job);
	}
	return status;
}

void job_ended(struct call_context *context, earwig_channel *call, const earwig_event *event)
{
	union job_result result;
	struct job_run *run;

	job_result_from_event(&result, call, event);
	ao2_lock(context);
	run = job_list_end(&context->jobs, call, event, &result);
	if (run && run->started) {
		event_thread_push(finish_job, run);
	}
	ao2_unlock(context);
	ast_alertpipe_write(context->alert_pipe);
}

int jobs_started(struct call_context *context, enum job job)
{
	int started;

	ao2_lock(context);
	started = context->jobs.started[job];
	ao2_unlock(context);
	return started;
}

static int has_recordings(void)
{
	int has;

	AST_LIST_LOCK(&recordings);
	has = !AST_LIST_EMPTY(&recordings);
	AST_LIST_UNLOCK(&recordings);
	return has;
}

/* Asterisk may exit in the middle of calls. */
static void finish_recordings(void)
{
	struct timeval began = ast_tvnow();
	struct channel_job *job;

	AST_LIST_LOCK(&recordings);
	AST_LIST_TRAVERSE(&recordings, job, entry) {
		earwig_recorder_stop(job->run.call, 0);
	}
	AST_LIST_UNLOCK(&recordings);
	while (has_recordings() && ast_tvdiff_ms(ast_tvnow(), began) < FILE_TIMEOUT_MS) {
		usleep(10000);
	}
}

int jobs_open(void)
{
	return ast_register_atexit(finish_recordings);
}

void jobs_close(void)
{
	ast_unregister_atexit(finish_recordings);
}
